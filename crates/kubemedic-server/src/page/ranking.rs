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
                    thead { tr { th scope="col" { "Repair" } th scope="col" { "Is approved" } th scope="col" { "Then helps" } th scope="col" { "Learnt from" } } }
                    tbody {
                        @for (place, it) in shown.iter().enumerate() {
                            tr {
                                th scope="row" { (it.strategy.title()) @if place == 0 { " " span.hint { "proposed" } } }
                                td { (percent(it.p_approve)) }
                                td { (percent(it.p_resolve)) }
                                td { (sources(it)) }
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
fn sources(it: &Expected) -> Markup {
    let reasons: Vec<String> = it
        .contributions
        .iter()
        .filter(|it| it.n > 0 && it.learnt.abs() >= LEAST_LEARNT)
        .map(reason)
        .collect();
    html! {
        @if it.n_approve + it.n_outcome == 0 && reasons.is_empty() {
            span.hint { "the knowledge base alone" }
        } @else {
            (counted(as_count(it.n_approve), "decision", "decisions")) ", " (counted(as_count(it.n_outcome), "outcome", "outcomes"))
            @if !reasons.is_empty() { span.hint { ": " (reasons.join("; ")) } }
        }
    }
}

/// Such as `team payments speaks against approval`.
fn reason(it: &Contribution) -> String {
    let group = it.feature.split(" x ").next().unwrap_or_default();
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
