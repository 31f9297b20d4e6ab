//! Reading what the command line names: a file, plain or gzip, or standard input. Nothing is held without a bound.

mod pieces;
pub mod texts;

use std::{path::Path, sync::Arc};

use anyhow::bail;
use kubemedic_engine::{
    condense::{Condensed, Condenser},
    intake,
    redaction::{Redactor, rules::Rules, stream::StreamRedactor},
};
use kubemedic_model::evidence_object::WorkflowInput;

use texts::Texts;

/// The most bytes that a document may have after inflation.
const MAX_INPUT_BYTES: u64 = 2 << 30;
/// Up to here an input is read whole: as much as one that is posted.
const WHOLE_BYTES: usize = 32 << 20;

/// What is to be diagnosed.
pub enum Subject {
    /// An input that was read whole and not redacted yet.
    Whole(WorkflowInput),
    /// What is left of a log that was too long for that, redacted.
    Condensed(Condensed),
}

/// Reads what is to be diagnosed. How much of a long log has been read is shown on a terminal.
///
/// # Errors
/// When the input cannot be read, is a document beyond the bound, or looks like an evidence object and is not one.
pub fn subject(path: &Path, rules: &Arc<Rules>) -> anyhow::Result<Subject> {
    let mut texts = Texts::open(path)?;
    let mut head = String::new();
    while head.len() <= WHOLE_BYTES {
        let Some(text) = texts.next()? else {
            return Ok(Subject::Whole(evidence(head)?));
        };
        head.push_str(&text);
    }
    texts.show_progress();
    if is_document(&head) {
        read_rest(&mut texts, &mut head, path)?;
        return Ok(Subject::Whole(evidence(head)?));
    }
    let mut redactor = StreamRedactor::with(Redactor::with_rules(Arc::clone(rules)));
    let mut condenser = Condenser::new();
    let mut redacted = String::new();
    redactor.push(&head, &mut redacted);
    drop(head);
    while let Some(text) = texts.next()? {
        redactor.push(&text, &mut redacted);
        condenser.push(&redacted);
        redacted.clear();
    }
    redactor.finish(&mut redacted);
    condenser.push(&redacted);
    Ok(Subject::Condensed(condenser.finish()))
}

/// The whole text of an input.
///
/// # Errors
/// When it cannot be read or is larger than the bound.
pub fn text(path: &Path) -> anyhow::Result<String> {
    let mut whole = String::new();
    read_rest(&mut Texts::open(path)?, &mut whole, path)?;
    Ok(whole)
}

fn read_rest(texts: &mut Texts, whole: &mut String, path: &Path) -> anyhow::Result<()> {
    while let Some(text) = texts.next()? {
        whole.push_str(&text);
        if whole.len() as u64 > MAX_INPUT_BYTES {
            let name = path.display();
            bail!("{name} has more than {MAX_INPUT_BYTES} bytes: split it, or filter it first");
        }
    }
    Ok(())
}

/// Whether a text begins like one JSON or YAML document rather than like the lines of a log.
fn is_document(head: &str) -> bool {
    let start = head.trim_start();
    let first_line = start.lines().next().unwrap_or("");
    let is_entry = || serde_json::from_str::<serde_json::Value>(first_line).is_ok();
    (start.starts_with('{') && !is_entry())
        || first_line.trim_end() == "["
        || start.starts_with("apiVersion:")
        || start.starts_with("kind:")
}

/// What to diagnose: an evidence object where the text is one, else the text.
///
/// # Errors
/// When it looks like an evidence object and is not one.
pub fn evidence(text: String) -> anyhow::Result<WorkflowInput> {
    if intake::looks_like_evidence_object(&text) {
        return Ok(WorkflowInput::Evidence(Box::new(intake::parse_evidence_object(
            &text,
        )?)));
    }
    Ok(WorkflowInput::Text(text))
}
