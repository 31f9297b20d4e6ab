#!/usr/bin/env python3
"""Plays the worlds of `kubemedic learn bench` with the real Vowpal Wabbit, and with ours in the same run.

    python3 -m venv vw && vw/bin/pip install vowpalwabbit
    vw/bin/python bench/learn_vw.py target/release/kubemedic [--seeds 0-9] [--rounds 1000] [--json FILE]

Vowpal Wabbit hears what the other learners of one number hear: whether a proposal was approved and then resolved the
incident. It sees every field of the incident, the same crosses, and the knowledge base's score as a feature, and is warmed
up on incidents that are labelled by the knowledge base. Ratios are geometric means over seeds. Nothing leaves this machine.
"""
import argparse
import concurrent.futures
import json
import math
import random
import statistics
import subprocess

import vowpalwabbit

# The three best of six that were tried when the benchmark was designed (LEARNING.md, section 4).
CONFIGURATIONS = {
    "vw_epsilon_0.02": {"explore": "--epsilon 0.02", "warm": 1000, "rate": 0.2},
    "vw_greedy": {"explore": "--epsilon 0.0", "warm": 1000, "rate": 0.2},
    "vw_squarecb": {"explore": "--squarecb --gamma_scale 30", "warm": 500, "rate": 0.1},
}


class VowpalWabbit:
    """Answers the questions of `kubemedic learn bench --peer`."""

    def __init__(self, explore, warm, rate):
        self.arguments = f"--cb_explore_adf {explore} -q ca -q kb -l {rate} --quiet"
        self.warm = warm
        self.model = None

    def begin(self, question):
        if self.model:
            self.model.finish()
        seed = question["seed"]
        self.model = vowpalwabbit.Workspace(f"{self.arguments} --random_seed {seed + 1}")
        draw = random.Random(seed + 77)
        for task in question["tasks"][: self.warm]:
            candidate = draw.choice(task["candidates"])
            self.learn(task, candidate["arm"], candidate["resolves"] * candidate["approved"], 1 / len(task["candidates"]))
        return {}

    def choose(self, question):
        task = question["task"]
        chances = self.model.predict(example(task))
        place = drawn(chances, question["draw"])
        chance = min(max(chances[place], 1e-3), 1.0)
        return {"arm": task["candidates"][place]["arm"], "probability": chance}

    def score(self, question):
        return {"scores": [self.model.predict(example(task)) for task in question["tasks"]]}

    def hear(self, question):
        success = question["heard"].get("success")
        if success is not None:
            self.learn(question["task"], question["arm"], float(success), question["probability"])

    def learn(self, task, arm, reward, probability):
        self.model.learn(example(task, arm, -reward, probability))


def drawn(chances, draw):
    point, passed = draw * sum(chances), 0.0
    for place, chance in enumerate(chances):
        passed += chance
        if point <= passed:
            return place
    return len(chances) - 1


def example(task, labelled=None, cost=0.0, probability=1.0):
    """A multi-line example: what is shared, then a line for each candidate."""
    family, kind, tier = task["family"], task["class"], task["tier"]
    team, recent = task["team"], int(task["recent_change"])
    lines = [
        f"shared |c f{family} c{kind} k{task['kind']} t{tier} m{team} u{task['cluster']} r{recent}"
        f" b{int(task['business_hours'])} s{int(task['single_replica'])}"
        f" |k c{kind}t{tier} c{kind}r{recent} m{team}t{tier} f{family}r{recent}"
    ]
    for candidate in task["candidates"]:
        arm = candidate["arm"]
        label = f"0:{cost:.4f}:{probability:.4f} " if arm == labelled else ""
        score = candidate["resolves"] * candidate["approved"]
        lines.append(f"{label}|a A{arm} |b kb:{score:.4f} A{arm}")
    return lines


def play(binary, seed, rounds, configuration):
    """The games of one configuration in the world of one seed: rows of the report."""
    learner = VowpalWabbit(**configuration)
    command = [binary, "learn", "bench", "--peer", "--seeds", str(seed), "--rounds", str(rounds)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as game:
        for line in game.stdout:
            question = json.loads(line)
            if "result" in question:
                return question["result"]["policies"]
            answer = getattr(learner, question["ask"])(question)
            if answer is not None:
                game.stdin.write(json.dumps(answer) + "\n")
                game.stdin.flush()
    raise SystemExit(f"the benchmark ended with {game.returncode}")


def joined(rows):
    """One row of the rows of single seeds."""
    regrets = [regret for row in rows for regret in row["regret_by_seed"]]
    mean = lambda of: statistics.fmean(of(row) for row in rows)
    deviation = statistics.stdev(regrets) if len(regrets) > 1 else 0.0
    return {
        "regret": statistics.fmean(regrets),
        "regret_standard_error": deviation / math.sqrt(len(regrets)),
        "regret_by_seed": regrets,
        "value": {at: mean(lambda row, at=at: row["value"][at]) for at in rows[0]["value"]},
        "approve_rate": mean(lambda row: row["approve_rate"]),
        "fix_rate": mean(lambda row: row["fix_rate"]),
    }


def ours(binary, seeds, rounds):
    command = [binary, "learn", "bench", "--seeds", seeds, "--rounds", str(rounds), "--format", "json"]
    return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)["policies"]


def ratio(left, right):
    """The geometric mean over seeds, and on how many the left one has less regret."""
    pairs = list(zip(left["regret_by_seed"], right["regret_by_seed"]))
    mean = math.exp(sum(math.log(a / b) for a, b in pairs) / len(pairs))
    return mean, sum(a < b for a, b in pairs), len(pairs)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("binary")
    parser.add_argument("--seeds", default="0-9", help="a number or a range")
    parser.add_argument("--rounds", type=int, default=1000)
    parser.add_argument("--jobs", type=int, default=4, help="games at a time")
    parser.add_argument("--json", help="also write everything to this file")
    options = parser.parse_args()
    first, _, last = options.seeds.partition("-")
    seeds = range(int(first), int(last or first) + 1)
    rows = ours(options.binary, options.seeds, options.rounds)
    with concurrent.futures.ProcessPoolExecutor(options.jobs) as pool:
        games = {
            name: [pool.submit(play, options.binary, seed, options.rounds, configuration) for seed in seeds]
            for name, configuration in CONFIGURATIONS.items()
        }
        for name, played in games.items():
            played = [game.result() for game in played]
            rows[name] = joined([row["peer"] for row in played])
            rows[f"{name}_shift"] = joined([row["peer_shift"] for row in played])

    print("| policy | regret | +- | value at 50 | 500 | 1000 | approve / fix of the first pick |\n|---|---|---|---|---|---|---|")
    for name, row in rows.items():
        values = " | ".join(f"{row['value'][at]:.3f}" if at in row["value"] else "-" for at in ("50", "500", "1000"))
        rates = f"{row['approve_rate']:.2f} / {row['fix_rate']:.2f}"
        print(f"| {name} | {row['regret']:.1f} | {row['regret_standard_error']:.1f} | {values} | {rates} |")
    print("\n| ratio of regret | aim | measured | seeds with less |\n|---|---|---|---|")
    ratios = [
        ("learned", "vw_epsilon_0.02", "0.87"),
        ("greedy", "vw_greedy", "0.95"),
        ("learned", "vw_greedy", ""),
        ("learned", "vw_squarecb", ""),
        ("learned_shift", "vw_epsilon_0.02_shift", "0.92"),
        ("learned_shift", "vw_greedy_shift", ""),
        ("learned_shift", "vw_squarecb_shift", ""),
    ]
    measured = {}
    for left, right, aim in ratios:
        mean, wins, of = ratio(rows[left], rows[right])
        measured[f"{left}/{right}"] = {"regret": mean, "wins": wins, "at_most": float(aim) if aim else None}
        print(f"| {left} over {right} | {aim} | {mean:.3f} | {wins} of {of} |")
    if options.json:
        with open(options.json, "w", encoding="utf-8") as file:
            json.dump({"vowpalwabbit": vowpalwabbit.__version__, "policies": rows, "ratios": measured}, file, indent=1)


if __name__ == "__main__":
    main()
