//! Every approval: those that wait for a person first.

use jiff::Timestamp;
use kubemedic_model::{
    approval::{Approval, ApprovalStatus},
    command::Risk,
};
use maud::{Markup, html};

use crate::{
    config::EdgeConfig,
    page::{
        diagnosis, execution_banner,
        facts::Facts,
        layout,
        words::{ago, counted, expiry, risk_badge, status_badge},
    },
};

/// The most decided approvals that the page shows.
const MAX_DECIDED: usize = 50;

/// The page.
pub(crate) fn render(config: &EdgeConfig, approvals: &[Approval]) -> Markup {
    let now = config.clock.now();
    let (pending, decided): (Vec<&Approval>, Vec<&Approval>) = approvals
        .iter()
        .partition(|approval| approval.status == ApprovalStatus::Pending);
    let content = html! {
        div #live data-pending=(pending.len()) {
            h1 {
                @match pending.len() {
                    0 => "Nothing waits for you",
                    count => (counted(count, "plan waits for you", "plans wait for you")),
                }
            }
            @if pending.is_empty() {
                p.prose { "When an agent has planned a repair, it appears here. Start one by posting a log to the backend at " code { (config.backend_url) } "." }
            }
            ul.cards { @for approval in &pending { (card(approval, now)) } }
            @if !decided.is_empty() {
                h2 { "Decided" }
                ul.rows { @for approval in decided.iter().rev().take(MAX_DECIDED) { (row(approval, now)) } }
            }
        }
    };
    layout("Approvals", &execution_banner(config), &content)
}

fn card(approval: &Approval, now: Timestamp) -> Markup {
    let worst = approval
        .commands
        .iter()
        .map(|it| it.risk)
        .max()
        .unwrap_or(Risk::ReadOnly);
    let changes = approval
        .commands
        .iter()
        .filter(|it| it.risk != Risk::ReadOnly)
        .count();
    html! {
        li.card {
            p.facts { (diagnosis::urgency(Facts::of(approval))) (diagnosis::place(approval)) }
            h2 { a.stretched href={ "/approvals/" (approval.id) } { (diagnosis::headline(approval)) } }
            p.prose { (approval.action) }
            p.facts {
                (risk_badge(worst))
                span.place { (counted(changes, "change", "changes")) " in " (counted(approval.commands.len(), "command", "commands")) }
                span.place { "proposed " (ago(approval.created_at, now)) }
                span.place { (expiry(approval, now)) }
            }
        }
    }
}

fn row(approval: &Approval, now: Timestamp) -> Markup {
    let at = approval.decided_at.unwrap_or(approval.created_at);
    html! {
        li {
            (status_badge(approval.status))
            a href={ "/approvals/" (approval.id) } { (diagnosis::headline(approval)) }
            span.when { (ago(at, now)) @if let Some(approver) = &approval.approver { " by " (approver) } }
        }
    }
}
