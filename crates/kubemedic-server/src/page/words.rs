//! Times, risks and states in words for people.

use jiff::Timestamp;
use kubemedic_model::{
    approval::{Approval, ApprovalStatus},
    command::Risk,
    outcome::ExecutionState,
};
use maud::{Markup, html};

/// A risk as the contract calls it. What should never be shown looks as grave as it is.
pub(super) fn risk_word(risk: Risk) -> &'static str {
    risk.safety_level().unwrap_or("DESTRUCTIVE")
}

/// A risk in a few words.
fn risk_meaning(risk: Risk) -> &'static str {
    match risk {
        Risk::ReadOnly => "only looks",
        Risk::Reversible => "can be undone",
        Risk::Disruptive => "interrupts, can be undone",
        Risk::Destructive => "cannot be undone",
        Risk::Forbidden => "forbidden",
    }
}

/// A risk as a badge: word and colour.
pub(super) fn risk_badge(risk: Risk) -> Markup {
    let word = risk_word(risk);
    html! { span.badge data-risk=(word) { (word) } " " span.meaning { (risk_meaning(risk)) } }
}

/// An approval's state as a badge.
pub(super) fn status_badge(status: ApprovalStatus) -> Markup {
    let word = match status {
        ApprovalStatus::Pending => "waits for you",
        ApprovalStatus::Approved => "approved",
        ApprovalStatus::Rejected => "rejected",
        ApprovalStatus::PartiallyApproved => "partly approved",
        ApprovalStatus::Expired => "expired",
    };
    html! { span.badge data-status=(status.as_str()) { (word) } }
}

/// An execution's state in words.
pub(super) fn execution_words(state: ExecutionState) -> &'static str {
    match state {
        ExecutionState::NotConfigured => "not executed: no EXECUTE_CONTEXT. Run it yourself",
        ExecutionState::Waiting => "waits for its turn",
        ExecutionState::Running => "runs now",
        ExecutionState::Succeeded => "succeeded",
        ExecutionState::Failed => "failed",
        ExecutionState::Skipped => "skipped: an earlier change failed",
        ExecutionState::Unknown => {
            "unknown: the process ended while it ran. Check the cluster; it is never run again"
        }
    }
}

/// A span of seconds in its two largest units.
pub(super) fn span(seconds: i64) -> String {
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3_600 % 24, seconds / 60 % 60);
    match (days, hours, minutes) {
        (0, 0, 0) => "less than a minute".to_owned(),
        (0, 0, minutes) => format!("{minutes} min"),
        (0, hours, minutes) => format!("{hours} h {minutes} min"),
        (days, hours, _) => format!("{days} d {hours} h"),
    }
}

/// How long ago something was.
pub(super) fn ago(at: Timestamp, now: Timestamp) -> Markup {
    let words = match now.as_second().saturating_sub(at.as_second()) {
        ..60 => "just now".to_owned(),
        seconds => format!("{} ago", span(seconds)),
    };
    html! { time datetime=(at) title=(at) { (words) } }
}

/// When an approval can no longer be decided.
pub(super) fn expiry(approval: &Approval, now: Timestamp) -> Markup {
    let left = approval.expires_at.as_second().saturating_sub(now.as_second());
    html! {
        time datetime=(approval.expires_at) title=(approval.expires_at) {
            @if left > 0 { "expires in " (span(left)) } @else { "expired" }
        }
    }
}

/// A count with its noun.
pub(super) fn counted(count: usize, one: &str, many: &str) -> String {
    if count == 1 {
        format!("1 {one}")
    } else {
        format!("{count} {many}")
    }
}
