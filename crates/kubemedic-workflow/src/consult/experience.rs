//! What people and outcomes said of earlier plans for incidents like this one: quoted data for the Remediation Agent's model.
//! It never decides: the order of the engine's ways to repair already follows from feedback.

use jiff::Timestamp;
use kubemedic_engine::{
    learning::{Ledger, experience},
    redaction::Redactor,
};
use kubemedic_model::plan::Plan;
use serde_json::{Value, json};

/// The most root causes whose experience is told.
const MAX_CAUSES: usize = 3;
/// The most suggestions.
const MAX_SUGGESTIONS: usize = 5;
/// The most characters of a suggestion.
const MAX_WORDS: usize = 200;

/// What is told for one root cause, by the ids under which the journal remembers it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Shown {
    /// Earlier cases.
    pub examples: Vec<String>,
    /// Remarks.
    pub lessons: Vec<String>,
}

/// Earlier cases and remarks next to plans.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Experience {
    entries: Vec<Value>,
    shown: Vec<Shown>,
}

impl Experience {
    /// What the ledger knows next to the engine's plans.
    pub fn of(ledger: &Ledger, plans: &[Plan], now: Timestamp) -> Self {
        let mut told = Self::default();
        for (place, plan) in plans.iter().enumerate() {
            let mut shown = Shown::default();
            if let Some(decision) = plan.decision.as_ref().filter(|_| place < MAX_CAUSES) {
                let known = ledger.cases().experience(decision, ledger.ranker(), now);
                let text = experience::render(&known);
                if !text.is_empty() {
                    let lines: Vec<String> = text.lines().map(redacted).collect();
                    told.entries
                        .push(json!({"root_cause": place + 1, "experience": lines}));
                    shown.examples = known.examples_shown();
                    shown.lessons = known.lessons_shown();
                }
            }
            told.shown.push(shown);
        }
        let suggestions = ledger.improvements();
        let suggestions = suggestions.iter().take(MAX_SUGGESTIONS);
        told.entries
            .extend(suggestions.map(|it| json!({"people_say": words(it)})));
        told
    }

    /// What was told for a root cause.
    pub(crate) fn shown(&self, position: usize) -> Shown {
        self.shown.get(position).cloned().unwrap_or_default()
    }

    /// As the prompt's block quotes it.
    pub(super) fn entries(&self) -> Value {
        Value::Array(self.entries.clone())
    }
}

fn redacted(text: &str) -> String {
    Redactor::default().redact(text).into_owned()
}

/// Somebody's words, redacted, on one line and not long.
fn words(text: &str) -> String {
    let redacted = redacted(text);
    let plain = redacted
        .chars()
        .map(|c| if c.is_control() || c == '`' { ' ' } else { c });
    plain.take(MAX_WORDS).collect()
}
