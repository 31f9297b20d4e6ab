//! The forms of the benchmark of learning: the contract's JSON with further figures beside it, and text for people.

use std::fmt::Write;

use serde_json::{Map, Value, json};

use crate::learn_bench::{
    figures::{Figures, Row, Target, Wanted},
    off_policy::Estimate,
};

/// The rounds whose values the report quotes.
const QUOTED: [u32; 6] = [0, 50, 100, 200, 500, 1000];

/// The contract's JSON: `policies` by name, each with regret, values by round, and what its first picks are worth.
pub(super) fn to_json(figures: &Figures) -> Value {
    let policies: Map<String, Value> = figures
        .rows
        .iter()
        .map(|row| (row.name.to_owned(), policy(row)))
        .collect();
    json!({
        "seeds": figures.seeds,
        "rounds": figures.rounds,
        "policies": policies,
        "ratios": ratios(figures),
        "targets": figures.targets().iter().map(target).collect::<Vec<_>>(),
        "off_policy": off_policy(figures),
    })
}

/// What a row of the report says.
pub(super) fn policy(row: &Row) -> Value {
    let value: Map<String, Value> = row
        .value
        .iter()
        .map(|(round, spread)| (round.to_string(), json!(spread.mean)))
        .collect();
    let end = row.end();
    json!({
        "regret": row.regret.mean,
        "regret_standard_error": row.regret.error,
        "regret_by_seed": row.regrets,
        "value": value,
        "approved_while_learning": row.approved,
        "approve_rate": end.approve_rate,
        "fix_rate": end.fix_rate,
        "best_in_first_three": end.best_in_three,
        "idle_share": end.idle,
    })
}

/// The row of `learned` in the same world.
pub(super) fn learned_beside(row: &Row) -> &'static str {
    if row.name.ends_with("_shift") {
        "learned_shift"
    } else {
        "learned"
    }
}

/// The regret of `learned` over that of each other row of the same world.
fn ratios(figures: &Figures) -> Value {
    let mut ratios = Map::new();
    for row in &figures.rows {
        let learned = learned_beside(row);
        if let Some(ratio) = figures.ratio(learned, row.name).filter(|_| row.name != learned) {
            let wins = figures.wins(learned, row.name);
            ratios.insert(
                format!("{learned}/{}", row.name),
                json!({"regret": ratio, "wins": wins}),
            );
        }
    }
    Value::Object(ratios)
}

fn target(target: &Target) -> Value {
    let (bound, limit) = bound(target);
    json!({"name": target.name, bound: limit, "measured": target.measured, "met": target.is_met()})
}

/// How a target is bounded, and by what.
pub(super) fn bound(target: &Target) -> (&'static str, f64) {
    match target.wanted {
        Wanted::AtMost(limit) => ("at_most", limit),
        Wanted::AtLeast(limit) => ("at_least", limit),
    }
}

/// What the log of `learned` says of `untaught`, means over seeds.
fn off_policy(figures: &Figures) -> Value {
    let each = &figures.estimates;
    if each.is_empty() {
        return Value::Null;
    }
    #[expect(clippy::cast_precision_loss, reason = "a few seeds")]
    let mean = |of: fn(&Estimate) -> f64| each.iter().map(of).sum::<f64>() / each.len() as f64;
    json!({
        "truth": mean(|it| it.truth),
        "doubly_robust": mean(|it| it.told.value),
        "doubly_robust_error": figures.estimate_error(),
        "weighted_error": mean(|it| (it.told.by_weights - it.truth).abs()),
        "model_error": mean(|it| (it.told.by_expectation - it.truth).abs()),
        "standard_error": mean(|it| it.told.standard_error),
        "within_two_standard_errors": mean(|it| {
            if it.error() < 2.0 * it.told.standard_error { 1.0 } else { 0.0 }
        }),
        "effective_decisions": mean(|it| it.told.effective_sample_size),
    })
}

/// The figures as text.
pub(super) fn for_people(figures: &Figures) -> String {
    let mut page = format!(
        "{} rounds, {} seeds. Regret with its standard error; its ratio to that of learned, and on how many seeds it is\n\
         lower; the value fraction after so many rounds; the first pick at the end.\n\n",
        figures.rounds,
        figures.seeds.len()
    );
    let _ = write!(
        page,
        "{:<26} {:>7} {:>5} {:>6} {:>5}",
        "policy", "regret", "+-", "ratio", "lower"
    );
    for round in quoted(figures) {
        let _ = write!(page, " {round:>6}");
    }
    let _ = writeln!(page, "  approve   fix  best in 3");
    for row in &figures.rows {
        line(&mut page, figures, row);
    }
    page.push('\n');
    for target in figures.targets() {
        let (bound, limit) = bound(&target);
        let met = if target.is_met() { "met" } else { "MISSED" };
        let bound = bound.replace('_', " ");
        let (measured, name) = (target.measured, target.name);
        let _ = writeln!(page, "{met:<6}  {measured:>6.3}  {bound:<8} {limit:<5} {name}");
    }
    page
}

fn quoted(figures: &Figures) -> impl Iterator<Item = u32> + '_ {
    QUOTED.into_iter().filter(|round| *round <= figures.rounds)
}

fn line(page: &mut String, figures: &Figures, row: &Row) {
    let learned = learned_beside(row);
    let _ = write!(
        page,
        "{:<26} {:>7.1} {:>5.1} {:>6.2} {:>5}",
        row.name,
        row.regret.mean,
        row.regret.error,
        figures.ratio(row.name, learned).unwrap_or(f64::NAN),
        figures.wins(row.name, learned)
    );
    for round in quoted(figures) {
        let _ = match row.value_at(round) {
            Some(value) => write!(page, " {value:>6.3}"),
            None => write!(page, " {:>6}", "-"),
        };
    }
    let end = row.end();
    let _ = writeln!(
        page,
        "  {:>7.2} {:>5.2} {:>10.2}",
        end.approve_rate, end.fix_rate, end.best_in_three
    );
}
