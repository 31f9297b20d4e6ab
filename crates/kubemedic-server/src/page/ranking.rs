//! What earlier answers say of the proposed repair and of the others: how likely people approve each, and how likely it helps.

use kubemedic_model::learning::{Contribution, Head};
use maud::{Markup, html};

use super::{
    facts::{Expected, Facts},
    words::counted,
};

/// The proposed repair and at most two others.
const MAX_SHOWN: usize = 3;
/// What was learnt counts as a reason from here, in units of the normal distribution.
const LEAST_LEARNT: f64 = 0.05;

pub(super) fn render(facts: Facts<'_>) -> Markup {
    let mut shown = facts.ranking();
    shown.truncate(MAX_SHOWN);
    let answers: u32 = shown.iter().map(|it| it.n_approve + it.n_outcome).sum();
    html! {
        @if shown.len() > 1 {
            section.card aria-labelledby="earlier" {
                h2 #earlier { "What earlier answers say" }
                @if answers == 0 {
                    p.hint { "Nobody has answered to such a plan yet: this is the knowledge base's order." }
                }
                table.ranking {
                    thead { tr { th scope="col" { "Repair" } th scope="col" { "Is approved" } th scope="col" { "Then helps" } } }
                    tbody {
                        @for (place, it) in shown.iter().enumerate() {
                            tr {
                                th scope="row" {
                                    (it.strategy.title()) @if place == 0 { " " span.hint { "(proposed)" } }
                                    p.hint { (sources(it)) }
                                }
                                td { (percent(it.p_approve)) }
                                td { (percent(it.p_resolve)) }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn percent(probability: f64) -> String {
    format!("{:.0} %", probability.clamp(0.0, 1.0) * 100.0)
}

/// How many answers there are, and which of their groups said most.
fn sources(it: &Expected) -> String {
    let mut reasons: Vec<String> = Vec::new();
    for it in &it.contributions {
        if it.n > 0 && it.learnt.abs() >= LEAST_LEARNT && !reasons.contains(&reason(it)) {
            reasons.push(reason(it));
        }
    }
    if it.n_approve + it.n_outcome == 0 && reasons.is_empty() {
        return "from the knowledge base alone".to_owned();
    }
    let decisions = counted(as_count(it.n_approve), "decision", "decisions");
    let outcomes = counted(as_count(it.n_outcome), "outcome", "outcomes");
    [&[format!("{decisions}, {outcomes}")], reasons.as_slice()]
        .concat()
        .join("; ")
}

/// Such as `team payments speaks against approval`.
fn reason(it: &Contribution) -> String {
    let group = match it.feature.split_once(" x ") {
        Some((group, _)) if group.starts_with("signature ") => "what incidents like this one taught",
        Some((group, _)) => group,
        None if it.feature.starts_with("knowledge base") => "trust in the knowledge base",
        None => "what this repair did elsewhere",
    };
    let side = if it.learnt > 0.0 { "for" } else { "against" };
    let what = match it.head {
        Head::Approve => "approval",
        Head::Resolve => "help",
    };
    format!("{group} speaks {side} {what}")
}

fn as_count(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}
