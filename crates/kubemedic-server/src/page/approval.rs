//! The page of one approval: what is wrong, what will be changed, how it is undone, and the decision.

use jiff::Timestamp;
use kubemedic_model::{
    approval::{Approval, ApprovalStatus},
    command::Risk,
    learning::RejectReason,
    plan::Strategy,
};
use maud::{Markup, html};

use crate::{
    config::EdgeConfig,
    page::{
        command::{self, Shown},
        diagnosis, execution_banner,
        facts::Facts,
        layout, ranking, rating,
        words::{ago, counted, expiry, risk_badge, status_badge},
    },
};

/// The page; `feedback_id` names the record that can be rated.
pub(crate) fn render(config: &EdgeConfig, approval: &Approval, feedback_id: Option<&str>) -> Markup {
    let now = config.clock.now();
    let facts = Facts::of(approval);
    let content = html! {
        p.crumbs { a href="/" { "All approvals" } }
        p.state { (status_badge(approval.status)) " " (when(approval, now)) }
        @if let Some(warning) = context_warning(config, approval) { p.warning role="alert" { (warning) } }
        (diagnosis::render(approval))
        (change(approval, facts))
        (ranking::render(facts))
        (commands(approval, facts))
        @if let Some(feedback_id) = feedback_id { (rating::render(feedback_id)) }
        (rest(approval, facts))
    };
    let title = diagnosis::headline(approval);
    layout(&title, &execution_banner(config), &content)
}

fn when(approval: &Approval, now: Timestamp) -> Markup {
    html! {
        span.when {
            "proposed " (ago(approval.created_at, now))
            @if approval.status == ApprovalStatus::Pending { " · " (expiry(approval, now)) }
            @if let Some(at) = approval.decided_at { " · decided " (ago(at, now)) }
            @if let Some(approver) = &approval.approver { " by " strong { (approver) } }
        }
    }
}

/// An approval is bound to the context that it was proposed for.
fn context_warning(config: &EdgeConfig, approval: &Approval) -> Option<String> {
    let asked = approval.target.context.as_deref();
    let now = config.execution.as_ref().map(|context| context.context.as_str());
    if approval.status != ApprovalStatus::Pending || asked == now {
        return None;
    }
    let name = |context: Option<&str>| context.map_or("none".to_owned(), |context| format!("'{context}'"));
    Some(format!(
        "This was proposed for context {}, but the server now runs commands in {}: nothing of it will be executed.",
        name(asked),
        name(now)
    ))
}

/// What will be changed, and how it is undone, in one glance.
fn change(approval: &Approval, facts: Facts<'_>) -> Markup {
    let changes: Vec<_> = approval
        .commands
        .iter()
        .filter(|it| it.risk != Risk::ReadOnly)
        .collect();
    let undoable = changes.iter().filter(|it| it.rollback.is_some()).count();
    let worst = approval
        .commands
        .iter()
        .map(|it| it.risk)
        .max()
        .unwrap_or(Risk::ReadOnly);
    let reads = approval.commands.len() - changes.len();
    html! {
        section.card.glance aria-labelledby="change" {
            p.eyebrow #change { "What will be changed" }
            p.lead { (aim(approval)) }
            (changes_at_a_glance(approval))
            ul.glances {
                li { strong { (counted(changes.len(), "change", "changes")) } " and " (counted(reads, "read", "reads")) }
                li { "gravest: " (risk_badge(worst)) }
                li { (undo_words(changes.len(), undoable)) }
            }
            @if let Some(radius) = facts.first(&["blast_radius", "impact"]) { p.prose { strong { "Reach: " } (radius) } }
            (items("Do this by hand", &facts.list("manual_steps")))
        }
    }
}

/// What it is for, without the cause that stands above it already.
fn aim(approval: &Approval) -> &str {
    let headline = diagnosis::headline(approval);
    let rest = approval.action.strip_suffix(headline.as_str());
    rest.and_then(|rest| rest.strip_suffix(": "))
        .unwrap_or(&approval.action)
}

/// The commands that change something, with what undoes them: the rest of the page is detail.
fn changes_at_a_glance(approval: &Approval) -> Markup {
    let changes = approval
        .commands
        .iter()
        .enumerate()
        .filter(|(_, it)| it.risk != Risk::ReadOnly);
    html! {
        ul.changes {
            @for (index, change) in changes {
                li {
                    a href={ "#command-" (index) } title="Decide this command" { code { (change.command) } }
                    p.undo {
                        @match &change.rollback {
                            Some(rollback) => { "undone by " code { (rollback) } },
                            None => strong.none { "no command undoes this" },
                        }
                    }
                }
            }
        }
    }
}

fn undo_words(changes: usize, undoable: usize) -> Markup {
    html! {
        @match (changes, undoable) {
            (0, _) => "nothing to undo",
            (changes, undoable) if changes == undoable => "every change has a command that undoes it",
            (changes, undoable) => strong.none { (changes - undoable) " of " (changes) " cannot be undone by a command" },
        }
    }
}

fn items(title: &str, items: &[String]) -> Markup {
    html! {
        @if !items.is_empty() {
            h2 { (title) }
            ul { @for item in items { li { (item) } } }
        }
    }
}

fn commands(approval: &Approval, facts: Facts<'_>) -> Markup {
    let pending = approval.status == ApprovalStatus::Pending;
    let phases = command::phases(&approval.commands, facts);
    let shown = approval.commands.iter().zip(phases).enumerate();
    html! {
        section aria-labelledby="commands" {
            h2 #commands { "Commands, in the order in which they run" }
            form #decide data-approval=(approval.id) data-digest=(approval.plan_digest.as_str()) {
                ol.commands {
                    @for (index, (command, phase)) in shown {
                        (command::render(Shown { index, phase, command, status: approval.status }, facts))
                    }
                }
                @if pending { (hint(facts)) (decide_bar()) }
            }
        }
    }
}

/// Why something is rejected and what would be better, as choices: the next plan follows from them. Shown with a rejection.
fn hint(facts: Facts<'_>) -> Markup {
    let others: Vec<Strategy> = facts
        .list("alternative_strategies")
        .iter()
        .filter_map(|word| Strategy::ALL.into_iter().find(|it| it.as_str() == word))
        .collect();
    html! {
        fieldset.card.when-rejected {
            legend { "About what you reject" }
            p.hint { "The agent learns from these choices what to propose next time. They run nothing." }
            div.hint-row {
                label { "Why"
                    select #reason-kind {
                        option value="" { "No reason chosen" }
                        @for reason in RejectReason::ALL { option value=(reason.as_str()) { (reason.title()) } }
                    }
                }
                @if !others.is_empty() {
                    label { "I prefer this instead"
                        select #prefer {
                            option value="" { "Nothing else" }
                            @for strategy in others { option value=(strategy.as_str()) { (strategy.title()) } }
                        }
                    }
                }
            }
        }
    }
}

fn decide_bar() -> Markup {
    html! {
        noscript { p.warning { "Deciding here needs JavaScript. Without it, POST to /api/approvals/ID/decide as the API documentation says." } }
        div.bar {
            p.error #decide-error hidden role="alert" tabindex="-1" {}
            div.bar-row {
                label.approver { "Your name " input #approver type="text" maxlength="200" autocomplete="name"; }
                button #approve-reads type="button" { "Approve all safe reads" }
                button.primary type="submit" { "Submit decision" }
            }
            p.hint #progress aria-live="polite" { "Decide every command, then submit." }
        }
    }
}

fn rest(approval: &Approval, facts: Facts<'_>) -> Markup {
    html! {
        details.more {
            summary { "Details" }
            dl {
                dt { "Approval" } dd { code { (approval.id) } }
                @if let Some(workflow) = approval.workflow_id { dt { "Workflow" } dd { code { (workflow) } } }
                dt { "Plan digest" } dd { code { (approval.plan_digest.as_str()) } }
                @if let Some(reason) = &approval.rejection_reason { dt { "Rejected because" } dd { (reason) } }
            }
            (items("Keep it from happening again", &facts.list("preventive_measures")))
            @if !facts.is_empty() {
                h2 { "What the proposer sent" }
                pre.output { (facts.everything()) }
            }
        }
    }
}
