//! What people and outcomes said of earlier plans for the same failures: quoted data for the Remediation Agent's model.
//! It never decides: the order of the engine's ways to repair already follows from feedback.

use std::collections::BTreeSet;

use kubemedic_engine::{learning::Ledger, redaction::Redactor};
use kubemedic_model::{
    class::FailureClass,
    diagnosis::Diagnosis,
    feedback::FeedbackRecord,
    plan::{Strategy, StrategyOrder},
};
use serde_json::{Value, json};

/// The most cases that went well.
const MAX_GOOD: usize = 3;
/// The most cases that went badly.
const MAX_BAD: usize = 2;
/// The most suggestions.
const MAX_LESSONS: usize = 5;
/// The most characters of anybody's words.
const MAX_WORDS: usize = 200;
/// The newest records that are looked at.
const NEWEST: usize = 2000;
/// A case with at least this reward went well, one below the other badly.
const WELL: f64 = 0.7;
const BADLY: f64 = 0.4;

/// Earlier cases of the same classes.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Experience {
    entries: Vec<Value>,
}

impl Experience {
    /// What the ledger knows of the classes of a diagnosis.
    pub fn of(ledger: &Ledger, diagnosis: &Diagnosis) -> Self {
        let classes: BTreeSet<FailureClass> = diagnosis.root_causes.iter().map(|it| it.class).collect();
        let mut entries: Vec<Value> = classes
            .iter()
            .filter_map(|class| ranking(ledger, *class))
            .collect();
        let records: Vec<&FeedbackRecord> = ledger.records().collect();
        let alike = || {
            let newest = records.iter().rev().take(NEWEST);
            newest.filter(|it| {
                it.proposals
                    .iter()
                    .any(|proposal| classes.contains(&proposal.class))
            })
        };
        let good = alike().filter(|it| it.reward_score.is_some_and(|reward| reward >= WELL));
        entries.extend(good.take(MAX_GOOD).map(|it| case(it, "went well")));
        let bad = alike().filter(|it| it.reward_score.is_some_and(|reward| reward < BADLY));
        entries.extend(
            bad.take(MAX_BAD)
                .map(|it| case(it, "was rejected or did not help")),
        );
        let lessons = ledger.improvements();
        entries.extend(
            lessons
                .iter()
                .take(MAX_LESSONS)
                .map(|it| json!({"people_say": words(it)})),
        );
        Self { entries }
    }

    /// As the prompt's block quotes it.
    pub(super) fn entries(&self) -> Value {
        Value::Array(self.entries.clone())
    }
}

/// The ways to repair a class that people have judged, the best first.
fn ranking(ledger: &Ledger, class: FailureClass) -> Option<Value> {
    let mut judged: Vec<(i64, Strategy)> = Strategy::ALL
        .into_iter()
        .map(|strategy| (ledger.rank(class, strategy), strategy))
        .filter(|(rank, _)| *rank != 0)
        .collect();
    judged.sort_by_key(|(rank, _)| *rank);
    let told = judged
        .iter()
        .map(|(rank, it)| json!({"strategy": it.as_str(), "approvals_less_rejections": -rank}));
    let told: Vec<Value> = told.collect();
    (!told.is_empty()).then(|| json!({"failure_class": class.id(), "judged": told}))
}

fn case(record: &FeedbackRecord, how: &str) -> Value {
    let strategies = record
        .proposals
        .iter()
        .map(|it| format!("{} for {}", it.strategy.as_str(), it.class.id()));
    json!({
        "case": how,
        "plan": strategies.collect::<Vec<_>>(),
        "approved_commands": record.approved_commands_count,
        "rejected_commands": record.rejected_commands_count,
        "reason": record.rejection_reason.as_deref().map(words),
        "comment": record.feedback_comments.as_deref().map(words),
        "rating": record.rating,
        "outcome": record.outcome,
    })
}

/// Somebody's words, redacted, on one line and not long.
fn words(text: &str) -> String {
    let redacted = Redactor::default().redact(text).into_owned();
    let plain = redacted
        .chars()
        .map(|c| if c.is_control() || c == '`' { ' ' } else { c });
    plain.take(MAX_WORDS).collect()
}
