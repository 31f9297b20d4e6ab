//! What is wrong, in five seconds: the cause, how sure it is, and the quotes that show it.

use kubemedic_model::approval::Approval;
use maud::{Markup, html};

use crate::page::facts::{Facts, Quote};

/// The quotes that stand open; the rest unfolds.
const OPEN_QUOTES: usize = 3;

/// The cause in one sentence.
pub(super) fn headline(approval: &Approval) -> String {
    let facts = Facts::of(approval);
    facts
        .first(&["root_cause", "issue"])
        .unwrap_or_else(|| approval.action.clone())
}

/// Priority or severity as a badge.
pub(super) fn urgency(facts: Facts<'_>) -> Markup {
    let priority = facts.text("priority");
    let severity = facts.text("severity");
    html! {
        @if let Some(priority) = priority { span.badge data-priority=(priority) { (priority) } }
        @if let Some(severity) = severity { span.badge.plain { (severity) } }
    }
}

/// Service, namespace and cluster.
pub(super) fn place(approval: &Approval) -> Markup {
    let facts = Facts::of(approval);
    let cluster = approval.target.cluster.clone().or_else(|| facts.text("cluster"));
    let places = [
        ("service", facts.text("service")),
        ("namespace", facts.text("namespace")),
        ("cluster", cluster),
    ];
    html! {
        @for (name, value) in places {
            @if let Some(value) = value { span.place { (name) " " code { (value) } } }
        }
    }
}

/// The whole section.
pub(super) fn render(approval: &Approval) -> Markup {
    let facts = Facts::of(approval);
    let quotes = facts.quotes();
    let (open, rest) = quotes.split_at(quotes.len().min(OPEN_QUOTES));
    html! {
        section.card aria-labelledby="wrong" {
            p.eyebrow #wrong { "What is wrong" }
            h1 { (headline(approval)) }
            p.facts {
                (urgency(facts))
                (place(approval))
                @if let Some(percent) = facts.confidence_percent() { span.place { "confidence " strong { (percent) } } }
            }
            @if let Some(explanation) = facts.text("explanation") { p.prose { (explanation) } }
            @if !quotes.is_empty() {
                h2 { "Evidence" }
                (list(open))
                @if !rest.is_empty() {
                    details { summary { (rest.len()) " more" } (list(rest)) }
                }
            }
        }
    }
}

fn list(quotes: &[Quote]) -> Markup {
    html! {
        ul.quotes {
            @for quote in quotes {
                li {
                    q { (quote.text) }
                    @if let Some(origin) = &quote.origin { " " cite { (origin) } }
                }
            }
        }
    }
}
