//! One command on the page: what it does, how dangerous it is, how it is undone, and what a person says of it.

use kubemedic_model::{
    approval::{ApprovalCommand, ApprovalStatus, CommandDecision},
    command::Risk,
    outcome::{Execution, ExecutionState},
    plan::Phase,
};
use maud::{Markup, html};

use crate::page::{
    facts::Facts,
    words::{execution_words, risk_badge, risk_word},
};

/// A command in its place.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shown<'a> {
    pub(super) index: usize,
    pub(super) phase: Phase,
    pub(super) command: &'a ApprovalCommand,
    pub(super) status: ApprovalStatus,
}

/// The phase of each command: the proposer's word, else what its place tells. Reads before the last change look, reads after it verify.
pub(super) fn phases(commands: &[ApprovalCommand], facts: Facts<'_>) -> Vec<Phase> {
    let last_change = commands
        .iter()
        .rposition(|command| command.risk != Risk::ReadOnly);
    let guess = |(index, command): (usize, &ApprovalCommand)| {
        let told = facts.of_command(index, "phases");
        let told = [Phase::Investigate, Phase::Remediate, Phase::Verify]
            .into_iter()
            .find(|phase| told.as_deref() == Some(phase.as_str()));
        told.unwrap_or(match (command.risk, last_change) {
            (Risk::ReadOnly, Some(last)) if index > last => Phase::Verify,
            (Risk::ReadOnly, _) => Phase::Investigate,
            _ => Phase::Remediate,
        })
    };
    commands.iter().enumerate().map(guess).collect()
}

/// The whole block of a command.
pub(super) fn render(shown: Shown<'_>, facts: Facts<'_>) -> Markup {
    let Shown {
        index,
        phase,
        command,
        status,
    } = shown;
    let risk = risk_word(command.risk);
    let pending = status == ApprovalStatus::Pending;
    html! {
        li.command data-index=(index) data-risk=(risk) id={ "command-" (index) } {
            fieldset disabled[!pending] {
                legend { span.phase { (index + 1) ". " (phase.as_str()) } " " (risk_badge(command.risk)) }
                pre.line { code { (command.command) } }
                @if !command.explanation.trim().is_empty() { p.prose { (command.explanation) } }
                dl {
                    @if let Some(expected) = facts.of_command(index, "expected_outputs") {
                        dt { "Expect" } dd { (expected) }
                    }
                    @if command.risk != Risk::ReadOnly {
                        dt { "Undo" }
                        dd { (undo(command)) }
                    }
                }
                @if pending { (choices(index, command)) } @else { (outcome(command)) }
            }
        }
    }
}

fn undo(command: &ApprovalCommand) -> Markup {
    html! {
        @match &command.rollback {
            Some(rollback) => code.line { (rollback) },
            None => strong.none { "no command undoes this" },
        }
    }
}

fn choices(index: usize, command: &ApprovalCommand) -> Markup {
    let name = format!("decision-{index}");
    let options = [("approve", "Approve"), ("edit", "Edit"), ("reject", "Reject")];
    html! {
        div.choices role="radiogroup" aria-label={ "Decision on command " (index + 1) } {
            @for (value, label) in options {
                label.choice data-choice=(value) { input type="radio" name=(name) value=(value); span { (label) } }
            }
        }
        @if command.risk == Risk::Destructive {
            label.confirm.when-approve {
                input type="checkbox" name={ "confirm-" (index) };
                span { "I know that this cannot be undone." }
            }
        }
        div.when-edit {
            label for={ "edit-" (index) } { "Run this instead" }
            textarea.mono id={ "edit-" (index) } rows="2" spellcheck="false" autocapitalize="off" { (command.command) }
            p.hint { "It is checked again and may not be riskier than the original." }
        }
        div.when-reason {
            label for={ "reason-" (index) } { "Reason" span.when-reject-inline { " (needed: the agent learns from it)" } }
            input id={ "reason-" (index) } type="text" maxlength="1000" autocomplete="off";
        }
        p.error hidden role="alert" {}
    }
}

fn outcome(command: &ApprovalCommand) -> Markup {
    html! {
        @match &command.decision {
            Some(CommandDecision::Approve) => p.verdict data-decision="approve" { "Approved" },
            Some(CommandDecision::Reject { reason }) => p.verdict data-decision="reject" { "Rejected: " (reason) },
            Some(CommandDecision::Edit { command, reason }) => {
                p.verdict data-decision="edit" {
                    "Rejected in this form"
                    @if let Some(reason) = reason { ": " (reason) }
                    ". Approved instead:"
                }
                pre.line { code { (command) } }
            }
            None => p.verdict data-decision="none" { "Not decided" },
        }
        @if let Some(execution) = &command.execution { (execution_block(execution)) }
    }
}

fn execution_block(execution: &Execution) -> Markup {
    let live = !execution.state.is_final();
    html! {
        p.execution data-state=(state_word(execution.state)) data-live[live] aria-live="polite" {
            (execution_words(execution.state))
            @if let Some(code) = execution.exit_code { " (exit code " (code) ")" }
        }
        @if let Some(output) = &execution.output {
            @if !output.trim().is_empty() {
                details open[execution.state == ExecutionState::Failed] { summary { "Output" } pre.output { (output) } }
            }
        }
    }
}

fn state_word(state: ExecutionState) -> &'static str {
    match state {
        ExecutionState::Succeeded => "good",
        ExecutionState::Failed | ExecutionState::Unknown => "bad",
        ExecutionState::Running | ExecutionState::Waiting => "live",
        ExecutionState::NotConfigured | ExecutionState::Skipped => "idle",
    }
}
