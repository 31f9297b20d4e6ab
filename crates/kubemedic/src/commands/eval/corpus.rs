//! Labelled cases: a .jsonl of pasted inputs, or a folder of evidence objects with `expected`.

use std::{fs, path::Path};

use anyhow::{Context, bail};
use kubemedic_engine::intake;
use kubemedic_model::evidence_object::WorkflowInput;
use serde_json::Value;

use super::score::Label;
use crate::input;

/// One labelled case.
pub(super) struct Case {
    pub(super) id: String,
    pub(super) input: WorkflowInput,
    pub(super) label: Label,
    /// The label as it was written.
    pub(super) expected: Value,
}

/// The cases of a file or folder, in order of lines or names.
pub(super) fn read(path: &Path) -> anyhow::Result<Vec<Case>> {
    if !path.is_dir() {
        return read_lines(path);
    }
    let entries = fs::read_dir(path).with_context(|| format!("{} cannot be listed", path.display()))?;
    let mut files: Vec<_> = entries.filter_map(Result::ok).map(|entry| entry.path()).collect();
    files.retain(|file| {
        let name = file
            .file_name()
            .and_then(|name| name.to_str())
            .unwrap_or_default();
        [".json.gz", ".json"].iter().any(|ending| name.ends_with(ending))
    });
    files.sort();
    if files.is_empty() {
        bail!("{} holds no .json.gz and no .json file", path.display());
    }
    files
        .iter()
        .map(|file| read_file(file).with_context(|| file.display().to_string()))
        .collect()
}

fn read_lines(path: &Path) -> anyhow::Result<Vec<Case>> {
    let text = input::text(path)?;
    let lines = text
        .lines()
        .enumerate()
        .filter(|(_, line)| !line.trim().is_empty());
    lines
        .map(|(number, line)| {
            pasted(line).with_context(|| format!("{}, line {}", path.display(), number + 1))
        })
        .collect()
}

/// A case of a .jsonl: the input is text or an evidence object, the label stands beside it.
fn pasted(line: &str) -> anyhow::Result<Case> {
    let case: Value = serde_json::from_str(line)?;
    let input = match (
        case.get("input_text").and_then(Value::as_str),
        case.get("evidence"),
    ) {
        (Some(text), _) => input::evidence(text.to_owned())?,
        (None, Some(evidence)) => evidence_input(&evidence.to_string())?,
        (None, None) => bail!("the case has neither input_text nor evidence"),
    };
    Ok(Case {
        id: id_of(&case),
        input,
        label: Label::of_paste(&case)?,
        expected: label_only(&case),
    })
}

/// A case of a folder: an evidence object with `expected` in it.
fn read_file(path: &Path) -> anyhow::Result<Case> {
    let text = input::text(path)?;
    let case: Value = serde_json::from_str(&text)?;
    let expected = case
        .get("expected")
        .cloned()
        .context("the evidence object has no 'expected'")?;
    Ok(Case {
        id: id_of(&case),
        input: evidence_input(&text)?,
        label: Label::of_evidence(&expected)?,
        expected,
    })
}

fn evidence_input(text: &str) -> anyhow::Result<WorkflowInput> {
    Ok(WorkflowInput::Evidence(Box::new(intake::parse_evidence_object(
        text,
    )?)))
}

fn id_of(case: &Value) -> String {
    case.get("id")
        .and_then(Value::as_str)
        .unwrap_or("(no id)")
        .to_owned()
}

/// The label of a pasted case, without its input.
fn label_only(case: &Value) -> Value {
    let mut label = case.clone();
    if let Some(fields) = label.as_object_mut() {
        fields.retain(|key, _| !matches!(key.as_str(), "input_text" | "evidence"));
    }
    label
}
