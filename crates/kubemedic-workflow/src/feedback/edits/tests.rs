//! Edits by what they make of the repair: the same one with other values, another one, or none.

use kubemedic_engine::policy::{self, parse};
use kubemedic_model::{
    approval::{ApprovalStatus, CommandDecision},
    class::FailureClass,
    diagnosis::{Author, Confidence, RootCause},
    finding::Priority,
    id::ApprovalId,
    plan::{BlastRadius, Phase, Step},
};

use super::*;

const LOOK: &str = "kubectl get pods -n shop";
const LIMIT: &str = "kubectl set resources deployment/api -n shop --limits=memory=512Mi";
const MORE: &str = "kubectl set resources deployment/api -n shop --limits=memory=1Gi";
const RESTART: &str = "kubectl rollout restart deployment/api -n shop";
const UNDO: &str = "kubectl rollout undo deployment/api -n shop";

fn command(line: &str) -> Command {
    parse(line).unwrap()
}

fn report() -> ApprovalReport {
    ApprovalReport {
        approval_id: ApprovalId::new("approval-1").unwrap(),
        status: ApprovalStatus::PartiallyApproved,
        approved_count: Some(1),
        rejected_count: Some(1),
        approved_changes: None,
        rejected_changes: None,
        rejection_reason: None,
        command_reasons: Vec::new(),
        approver: None,
        occurred_at: None,
        reason_kind: None,
        prefer: None,
        edited: None,
    }
}

/// A command here, with what a person made of it; an empty line rejects it.
fn here(line: &str, made: &str) -> ApprovalCommand {
    let decision = match made {
        "" => CommandDecision::Reject {
            reason: "no".to_owned(),
        },
        same if same == line => CommandDecision::Approve,
        other => CommandDecision::Edit {
            command: command(other),
            reason: None,
        },
    };
    ApprovalCommand {
        command: command(line),
        explanation: String::new(),
        risk: policy::assess(&command(line)).risk,
        rollback: None,
        decision: Some(decision),
        execution: None,
    }
}

/// Approved changes, rejected changes, and what edits made of them.
type Told = (Option<u32>, Option<u32>, Option<Edited>);

fn told(report: &ApprovalReport) -> Told {
    (report.approved_changes, report.rejected_changes, report.edited)
}

fn decided(commands: &[(&str, &str)]) -> Told {
    let commands: Vec<ApprovalCommand> = commands.iter().map(|(line, made)| here(line, made)).collect();
    let judged: Vec<Judged> = commands.iter().filter_map(Judged::here).collect();
    told(&with_changes(report(), &judged))
}

fn edited(changes: u32, into: Option<Strategy>) -> Edited {
    Edited { changes, into }
}

#[test]
fn other_values_are_the_same_repair_and_other_verbs_another_one() {
    for (commands, expected) in [
        (vec![(LOOK, LOOK), (LIMIT, LIMIT)], (1, 0, None)),
        (vec![(LOOK, LOOK), (LIMIT, MORE)], (0, 1, Some(edited(1, None)))),
        (
            vec![(LOOK, LOOK), (RESTART, UNDO)],
            (0, 1, Some(edited(1, Some(Strategy::Rollback)))),
        ),
        // The limit is what the plan is about, and it stays.
        (
            vec![(LIMIT, LIMIT), (RESTART, UNDO)],
            (1, 1, Some(edited(1, None))),
        ),
        // Who leaves nothing but reading has rejected the repair.
        (vec![(LIMIT, LOOK)], (0, 1, None)),
        (
            vec![(LOOK, "kubectl get events -n shop"), (LIMIT, "")],
            (0, 1, None),
        ),
    ] {
        let (approved, rejected, edited) = expected;
        assert_eq!(
            decided(&commands),
            (Some(approved), Some(rejected), edited),
            "{commands:?}"
        );
    }
}

fn plan(lines: &[&str]) -> Plan {
    let commands = lines.iter().map(|line| PlannedCommand {
        command: command(line),
        explanation: String::new(),
        risk: policy::assess(&command(line)).risk,
        expected_output: String::new(),
        estimated_time_seconds: 5,
        rollback: None,
        derived_names: false,
    });
    Plan {
        root_cause: RootCause {
            class: FailureClass::OomKilled,
            cause: None,
            object: None,
            workload: None,
            related: Vec::new(),
            sentence: String::new(),
            explanation: String::new(),
            contributing_factors: Vec::new(),
            confidence: Confidence::new(0.9),
            priority: Priority::P1,
            evidence: Vec::new(),
            facts: BTreeMap::new(),
            effects: Vec::new(),
            author: Author::Engine,
        },
        strategy: Strategy::PatchMemory,
        steps: vec![Step {
            phase: Phase::Remediate,
            number: 1,
            description: String::new(),
            commands: commands.collect(),
            success_criteria: String::new(),
        }],
        alternatives: Vec::new(),
        preventive_measures: Vec::new(),
        dependencies: Vec::new(),
        blast_radius: BlastRadius {
            changes: Vec::new(),
            description: String::new(),
        },
        manual_steps: Vec::new(),
        estimated_time_minutes: 5,
        decision: None,
    }
}

#[test]
fn another_servers_edits_are_compared_with_the_plan_where_it_tells_of_every_change() {
    let plan = plan(&[LOOK, LIMIT]);
    let there = |decisions: &[(usize, ReportedDecision)]| {
        told(&compared(
            parse,
            report(),
            &decisions.iter().cloned().collect(),
            &plan,
        ))
    };
    let edit = |line: &str| ReportedDecision::Edit {
        command: line.to_owned(),
    };
    let more = there(&[(0, ReportedDecision::Approve), (1, edit(MORE))]);
    assert_eq!(more, (Some(0), Some(1), Some(edited(1, None))));
    let undone = there(&[(1, edit(UNDO))]);
    assert_eq!(
        undone,
        (Some(0), Some(1), Some(edited(1, Some(Strategy::Rollback))))
    );
    assert_eq!(there(&[(1, ReportedDecision::Approve)]), (Some(1), Some(0), None));
    for unread in ["", "rm -rf /", &"x".repeat(MAX_COMMAND_BYTES + 1)] {
        assert_eq!(
            there(&[(1, edit(unread))]),
            (Some(0), Some(1), None),
            "{unread:.20}"
        );
    }
    assert_eq!(there(&[]), (None, None, None));
    assert_eq!(
        there(&[(0, ReportedDecision::Approve), (7, edit(UNDO))]),
        (None, None, None)
    );
}
