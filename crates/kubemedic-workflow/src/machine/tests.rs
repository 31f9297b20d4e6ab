//! Legal runs, made by performing what `next` asks for with outcomes chosen at random.

use jiff::Timestamp;
use kubemedic_model::{
    class::FailureClass,
    command::{Command, Risk},
    diagnosis::{Confidence, RootCause, Verdict, explanation::Explanation},
    event::{Agent, AgentStatus, WorkflowEvent},
    finding::Priority,
    outcome::{Execution, ExecutionState},
    plan::{BlastRadius, Phase, PlannedCommand, Step, Strategy as Way},
};
use proptest::prelude::*;

use super::*;

fn recorded(sequence: u64, fact: Option<WorkflowFact>) -> RecordedEvent {
    RecordedEvent {
        sequence,
        recorded_at: Timestamp::UNIX_EPOCH,
        event: WorkflowEvent {
            kind: "test".into(),
            agent: Agent::OrchestratorAgent,
            status: AgentStatus::Info,
            input: String::new(),
            output: String::new(),
            data: String::new(),
            fact,
        },
    }
}

fn cause() -> RootCause {
    RootCause {
        class: FailureClass::OomKilled,
        cause: None,
        object: None,
        workload: None,
        related: Vec::new(),
        sentence: String::new(),
        explanation: String::new(),
        contributing_factors: Vec::new(),
        confidence: Confidence::new(1.0),
        priority: Priority::P1,
        evidence: Vec::new(),
        facts: BTreeMap::new(),
        effects: Vec::new(),
        author: kubemedic_model::diagnosis::Author::Engine,
    }
}

fn diagnosis() -> Diagnosis {
    Diagnosis {
        verdict: Verdict::Incident,
        summary: String::new(),
        root_causes: vec![cause()],
        alternatives: Vec::new(),
        objects: Vec::new(),
        confidence: Confidence::new(1.0),
        evidence: Vec::new(),
        missing: Vec::new(),
        explanation: Explanation::default(),
    }
}

/// A plan with one command, or with manual steps only.
fn plan(has_commands: bool) -> Plan {
    let command = PlannedCommand {
        command: Command::from_argv(vec!["kubectl".into()]),
        explanation: String::new(),
        risk: Risk::ReadOnly,
        expected_output: String::new(),
        estimated_time_seconds: 1,
        rollback: None,
        derived_names: false,
    };
    let step = Step {
        phase: Phase::Remediate,
        number: 1,
        description: String::new(),
        commands: vec![command],
        success_criteria: String::new(),
    };
    Plan {
        root_cause: cause(),
        strategy: Way::Restart,
        steps: if has_commands { vec![step] } else { Vec::new() },
        alternatives: Vec::new(),
        preventive_measures: Vec::new(),
        dependencies: Vec::new(),
        blast_radius: BlastRadius {
            changes: Vec::new(),
            description: String::new(),
        },
        manual_steps: Vec::new(),
        estimated_time_minutes: 1,
        decision: None,
    }
}

fn approval_id(position: u32) -> ApprovalId {
    ApprovalId::from_uuid(uuid::Uuid::from_u128(u128::from(position) + 1))
}

/// What performing an action writes; `choice` picks among the outcomes that are possible.
fn perform(action: &Action, plans: &[bool], choice: u8) -> Vec<WorkflowFact> {
    let error = String::from("down");
    match action {
        Action::Monitor => vec![WorkflowFact::Monitored],
        Action::Analyse => vec![WorkflowFact::Analysed {
            diagnosis: Box::new(diagnosis()),
        }],
        Action::Plan => vec![WorkflowFact::Planned {
            plans: plans.iter().map(|has_commands| plan(*has_commands)).collect(),
            feedback_id: None,
        }],
        Action::Submit { position } => vec![match choice % 3 {
            0 => WorkflowFact::Submitted {
                position: *position,
                approval_id: approval_id(*position),
            },
            1 => WorkflowFact::Refused {
                position: *position,
                error,
            },
            _ => WorkflowFact::Queued {
                position: *position,
                error: String::new(),
            },
        }],
        Action::Deliver { position } => vec![if choice.is_multiple_of(2) {
            WorkflowFact::Queued {
                position: *position,
                error,
            }
        } else {
            WorkflowFact::Submitted {
                position: *position,
                approval_id: approval_id(*position),
            }
        }],
        Action::Conclude => vec![WorkflowFact::Proposed, WorkflowFact::PlanReady],
        Action::Execute { approval_id } => vec![
            WorkflowFact::ExecutionStarted {
                approval_id: approval_id.clone(),
                index: 0,
            },
            WorkflowFact::ExecutionEnded {
                approval_id: approval_id.clone(),
                index: 0,
                execution: Execution::in_state(ExecutionState::Succeeded),
            },
            WorkflowFact::ApprovalFinished {
                approval_id: approval_id.clone(),
            },
        ],
        Action::Close => vec![WorkflowFact::Closed { verdict: None }],
    }
}

/// What people and servers do while nothing is to be done here.
fn outside(state: &State) -> Option<WorkflowFact> {
    let queued = state
        .proposals
        .iter()
        .find(|(_, it)| matches!(it, ProposalState::Queued { .. }));
    if let Some((position, _)) = queued {
        return Some(WorkflowFact::Submitted {
            position: *position,
            approval_id: approval_id(*position),
        });
    }
    state.undecided().next().map(|id| WorkflowFact::Decided {
        approval_id: id.clone(),
    })
}

/// A run from start to end: its events, and after which of them each decision of `next` was taken.
fn legal_run(plans: &[bool], choices: &[u8]) -> (Vec<RecordedEvent>, Vec<(usize, Vec<Action>)>) {
    let mut events = vec![recorded(1, Some(WorkflowFact::Started))];
    let mut decisions = Vec::new();
    let mut choices = choices.iter().copied().cycle();
    for _ in 0..200 {
        let state = State::fold(&events);
        let actions = next(&state);
        decisions.push((events.len(), actions.clone()));
        let facts = match actions.first() {
            Some(action) => perform(action, plans, choices.next().unwrap_or(0)),
            None => match outside(&state) {
                Some(fact) => vec![fact],
                None => break,
            },
        };
        for fact in facts {
            // Words between facts change nothing.
            for fact in [None, Some(fact)] {
                let sequence = events.len() as u64 + 1;
                events.push(recorded(sequence, fact));
            }
        }
    }
    (events, decisions)
}

proptest! {
    #[test]
    fn every_legal_run_comes_to_its_end_and_nothing_follows_it(
        plans in proptest::collection::vec(any::<bool>(), 0..4),
        choices in proptest::collection::vec(any::<u8>(), 1..12),
    ) {
        let (events, decisions) = legal_run(&plans, &choices);
        let state = State::fold(&events);
        prop_assert!(state.closed);
        prop_assert_eq!(state.stage(), Stage::Closed);
        prop_assert_eq!(next(&state), vec![]);
        prop_assert!(decisions.len() < 200);
        let closes = events.iter().filter(|it| matches!(it.event.fact, Some(WorkflowFact::Closed { .. })));
        prop_assert_eq!(closes.count(), 1);
    }

    #[test]
    fn any_prefix_folds_in_one_go_or_in_pieces_and_asks_for_exactly_the_continuation(
        plans in proptest::collection::vec(any::<bool>(), 0..4),
        choices in proptest::collection::vec(any::<u8>(), 1..12),
        cut in any::<prop::sample::Index>(),
    ) {
        let (events, decisions) = legal_run(&plans, &choices);
        for (length, actions) in decisions {
            let prefix = events.get(..length).unwrap_or_default();
            let at = cut.index(length);
            let pieces = prefix.split_at(at);
            let resumed = pieces.1.iter().fold(State::fold(pieces.0), apply);
            prop_assert_eq!(&resumed, &State::fold(prefix));
            prop_assert_eq!(next(&resumed), actions);
            prop_assert_eq!(resumed.last_sequence, length as u64);
        }
    }

    #[test]
    fn stages_never_go_back_before_the_plan_is_told(
        plans in proptest::collection::vec(any::<bool>(), 0..4),
        choices in proptest::collection::vec(any::<u8>(), 1..12),
    ) {
        let (events, _) = legal_run(&plans, &choices);
        let mut state = State::default();
        let mut before = state.stage();
        for event in &events {
            state = apply(state, event);
            if state.plan_ready {
                break;
            }
            prop_assert!(state.stage() >= before);
            before = state.stage();
        }
    }
}

#[test]
fn nothing_is_to_be_done_before_the_start_and_a_failure_only_closes() {
    assert_eq!(next(&State::default()), vec![]);
    let failed = [
        recorded(1, Some(WorkflowFact::Started)),
        recorded(2, Some(WorkflowFact::Failed { error: "x".into() })),
    ];
    assert_eq!(next(&State::fold(&failed)), vec![Action::Close]);
}

#[test]
fn a_plan_of_manual_steps_has_nothing_to_submit() {
    let planned = Planned {
        plans: vec![plan(false), plan(true)],
        feedback_id: None,
    };
    assert_eq!(planned.positions().collect::<Vec<_>>(), [1]);
}
