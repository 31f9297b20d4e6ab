//! What a model is told of experience: the ranking, earlier cases and remarks as one bounded block of quoted data. Words of
//! people are cut, cleaned and quoted; they are never instructions.

use std::fmt::Write;

use kubemedic_model::learning::Decision;
use serde::Serialize;

use super::{Example, Remark, Selection};

/// The longest block, in characters: about 1,200 tokens.
const MAX_CHARS: usize = 4_800;
/// The longest quotation of a person's words, in characters.
const MAX_WORDS: usize = 200;
/// The longest name.
const MAX_NAME: usize = 80;

/// What is known from earlier cases next to a decision.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Experience {
    /// The ranking.
    pub decision: Decision,
    /// Earlier cases.
    pub selection: Selection,
    /// What was learnt plainly.
    pub remarks: Vec<Remark>,
}

impl Experience {
    /// The ids of the cases in it.
    pub fn examples_shown(&self) -> Vec<String> {
        let all = self.selection.good.iter().chain(&self.selection.bad);
        all.map(|it| it.feedback_id.clone()).collect()
    }

    /// The ids of the remarks in it.
    pub fn lessons_shown(&self) -> Vec<String> {
        self.remarks.iter().map(|it| it.id.clone()).collect()
    }
}

/// The block; empty where nothing was learnt. The caller fences it.
pub fn render(experience: &Experience) -> String {
    let learnt = experience
        .decision
        .arms
        .iter()
        .any(|it| it.n_approve + it.n_outcome > 0);
    let selection = &experience.selection;
    if !learnt && selection.good.is_empty() && selection.bad.is_empty() {
        return String::new();
    }
    let mut lines = vec!["Strategies for this incident by expected value (approve x resolve):".to_owned()];
    lines.extend(experience.decision.arms.iter().map(|arm| {
        format!(
            "- {} {:.2} (approve {:.2} n={}, resolve {:.2} n={})",
            arm.candidate.arm.as_str(),
            arm.score,
            arm.p_approve,
            arm.n_approve,
            arm.p_resolve,
            arm.n_outcome
        )
    }));
    for (title, examples) in [
        ("Worked before:", &selection.good),
        ("Did not work before:", &selection.bad),
    ] {
        if !examples.is_empty() {
            lines.push(title.to_owned());
            lines.extend(examples.iter().map(example));
        }
    }
    if !experience.remarks.is_empty() {
        lines.push("Learnt:".to_owned());
        lines.extend(
            experience
                .remarks
                .iter()
                .map(|it| format!("- {}", clean(&it.text, MAX_WORDS))),
        );
    }
    bounded(&lines)
}

fn example(example: &Example) -> String {
    let mut line = format!(
        "- {} for {} (team {}, cluster {}): {} proposed, {:.0} approved, {:.0} rejected, {:.0} resolved, {:.0} failed",
        example.arm.as_str(),
        clean(&example.class, MAX_NAME),
        clean(&example.team, MAX_NAME),
        clean(&example.cluster, MAX_NAME),
        example.n,
        example.approved,
        example.rejected,
        example.resolved,
        example.failed
    );
    if let Some(reason) = example.reason {
        let _ = write!(line, "; reason: {reason}");
    }
    if let Some(words) = &example.words {
        let _ = write!(
            line,
            "; a person's words, quoted: \"{}\"",
            clean(words, MAX_WORDS)
        );
    }
    line
}

/// A text without control characters, backticks and quotes, on one line and cut.
fn clean(text: &str, most: usize) -> String {
    let plain: String = text
        .chars()
        .map(|c| match c {
            '`' | '"' | '<' | '>' | '{' | '}' => '\'',
            c if c.is_control() => ' ',
            c => c,
        })
        .collect();
    let words: Vec<&str> = plain.split_whitespace().collect();
    words.join(" ").chars().take(most).collect()
}

/// Whole lines, as many as fit.
fn bounded(lines: &[String]) -> String {
    let mut text = String::new();
    let mut used = 0;
    for line in lines {
        used += line.chars().count() + 1;
        if used > MAX_CHARS {
            break;
        }
        text.push_str(line);
        text.push('\n');
    }
    text
}
