#!/usr/bin/env python3
"""Fits the map from the engine's raw score to a probability, and tells how good it is. Standard library only.

    bench/calibration.py --binary target/release/kubemedic crates/kubemedic-engine/fixtures/incidents CORPUS... [--write]

Each CORPUS is what `kubemedic eval diagnosis` reads. Cases whose verdict is an incident are fitted: right or wrong
against the first cause's weighing. The map is logistic with few parameters:

    logit(confidence) = intercept of the ground: verified; reported, though the state of pods is there; unchecked without it
                      + slope * logit(raw) + refined (a finer cause is named, and the state is there) + margin * margin
                      - unexplained * min(unexplained, 3)

All weights but the intercepts are held at or above 0, so that the map is monotone in what speaks for the cause. A penalty
draws it towards the plain prior (slope 1, all else 0), which matters where a ground has few cases. The Brier scores that
are printed are cross-validated: ten folds, each judged by what the other nine taught.
"""
import argparse
import json
import math
import pathlib
import subprocess
import sys

FOLDS = 10
PENALTY = 1.0
NAMES = ["verified", "reported", "unchecked", "slope", "refined", "margin", "unexplained"]
PRIOR = [0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0]
TARGET = "crates/kubemedic-engine/src/analysis/calibration/coefficients.rs"


def sigmoid(value):
    return 1 / (1 + math.exp(-value)) if value > -700 else 0.0


def features(weighing):
    raw = min(max(weighing["raw"], 0.02), 0.98)
    seen, verified = weighing["state_seen"], weighing["ground"] == "verified"
    grounds = [float(verified), float(seen and not verified), float(not seen and not verified)]
    margin = min(max(weighing["margin"], 0.0), 1.0)
    return grounds + [
        math.log(raw / (1 - raw)),
        float(weighing["refined"] and seen),
        margin,
        -float(min(weighing["unexplained"], 3)),
    ]


def dot(left, right):
    return sum(a * b for a, b in zip(left, right))


def solve(matrix, vector):
    size = len(vector)
    rows = [matrix[i][:] + [vector[i]] for i in range(size)]
    for i in range(size):
        pivot = max(range(i, size), key=lambda k: abs(rows[k][i]))
        rows[i], rows[pivot] = rows[pivot], rows[i]
        for k in range(i + 1, size):
            factor = rows[k][i] / rows[i][i]
            rows[k] = [a - factor * b for a, b in zip(rows[k], rows[i])]
    found = [0.0] * size
    for i in reversed(range(size)):
        found[i] = (rows[i][size] - dot(rows[i][i + 1 : size], found[i + 1 :])) / rows[i][i]
    return found


def fit(cases, used):
    """Penalised logistic regression by Newton's method; a weight that would be negative is fixed at 0."""
    weights, free = PRIOR[:], list(used)
    while True:
        for _ in range(50):
            gradient = [PENALTY * (weights[i] - PRIOR[i]) for i in free]
            curvature = [[PENALTY if i == k else 0.0 for k in free] for i in free]
            for x, right in cases:
                p = sigmoid(dot(weights, x))
                for a, i in enumerate(free):
                    gradient[a] += (p - right) * x[i]
                    for b, k in enumerate(free):
                        curvature[a][b] += p * (1 - p) * x[i] * x[k]
            step = solve(curvature, gradient)
            for i, change in zip(free, step):
                weights[i] -= change
            if max(map(abs, step)) < 1e-9:
                break
        negative = [i for i in free if i >= 3 and weights[i] < 0]
        if not negative:
            return weights
        for i in negative:
            weights[i] = 0.0
            free.remove(i)


def brier(pairs):
    return sum((p - right) ** 2 for p, right in pairs) / max(len(pairs), 1)


def crossed(cases, used):
    """What each case is told by the folds that it is not in. Folds are by position: corpora are sorted by name."""
    pairs = []
    for fold in range(FOLDS):
        taught = fit([case for at, case in enumerate(cases) if at % FOLDS != fold], used)
        pairs += [
            (sigmoid(dot(taught, x)), right) for at, (x, right) in enumerate(cases) if at % FOLDS == fold
        ]
    return pairs


def table(pairs):
    print("confidence     n   mean  right")
    for number in range(10):
        low, high = number / 10, (number + 1) / 10
        within = [(p, r) for p, r in pairs if low <= p < high or (number == 9 and p == 1)]
        if within:
            mean = sum(p for p, _ in within) / len(within)
            share = sum(r for _, r in within) / len(within)
            print(f"{low:.1f} to {high:.1f} {len(within):5}  {mean:.3f}  {share:.3f}")


def measure(binary, corpora):
    measured = {}
    for corpus in corpora:
        command = [binary, "eval", "diagnosis", corpus, "--format", "json"]
        run = subprocess.run(command, stdout=subprocess.PIPE, check=True)
        measured[pathlib.Path(corpus).name] = json.loads(run.stdout)
    return measured


def incident_cases(report):
    return [
        (features(it["weighing"]), 1.0 if it["correct"] else 0.0)
        for it in report["results"]
        if it["got"]["verdict"] == "incident" and it.get("weighing")
    ]


def source(weights, cases, score):
    kept = "".join(
        f"    {name}: {weight:.3f},\n" for name, weight in zip(NAMES, weights)
    )
    return f"""//! The fitted numbers of the calibration, written by `bench/calibration.py`; nothing else belongs here.

use super::Coefficients;

/// Fitted on {cases} incidents of labelled corpora; Brier score, cross-validated: {score:.4f}.
pub(super) const FITTED: Coefficients = Coefficients {{
{kept}}};
"""


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--binary", required=True)
    arguments.add_argument("--write", action="store_true")
    arguments.add_argument("corpora", nargs="+")
    asked = arguments.parse_args()
    measured = measure(asked.binary, asked.corpora)
    cases = []
    print("corpus                       cases  right  Brier now")
    for name, report in measured.items():
        fitted = incident_cases(report)
        cases += fitted
        now = report["calibration"]["brier"]
        print(f"{name:<28} {report['cases']:5}  {report['accuracy']:.3f}  {now:.4f}")
    raw = [(1 / (1 + math.exp(-x[3])), right) for x, right in cases]
    base = sum(right for _, right in cases) / len(cases)
    print(f"\n{len(cases)} incidents, {base:.3f} right; Brier of the raw score {brier(raw):.4f}, of that share alone {base * (1 - base):.4f}")
    print("\ncross-validated Brier by what the map uses")
    for label, used in [
        ("intercepts", [0, 1, 2]),
        ("+ slope", [0, 1, 2, 3]),
        ("+ refined", [0, 1, 2, 3, 4]),
        ("+ margin", [0, 1, 2, 3, 4, 5]),
        ("+ unexplained", [0, 1, 2, 3, 4, 5, 6]),
    ]:
        print(f"  {label:<14} {brier(crossed(cases, used)):.4f}")
    used = range(len(NAMES))
    pairs, weights = crossed(cases, used), fit(cases, used)
    print("\nall of it, cross-validated")
    table(pairs)
    print("\n" + ", ".join(f"{name} {weight:.3f}" for name, weight in zip(NAMES, weights)))
    if asked.write:
        root = pathlib.Path(__file__).resolve().parent.parent
        (root / TARGET).write_text(source(weights, len(cases), brier(pairs)))
        print(f"written to {TARGET}", file=sys.stderr)


if __name__ == "__main__":
    main()
