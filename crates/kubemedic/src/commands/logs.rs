//! `kubemedic logs parse` and `kubemedic logs redact`.

use std::{borrow::Cow, process::ExitCode};

use kubemedic_engine::{intake, monitoring::Templates, redaction::Redactor};
use kubemedic_model::log::LogRecord;
use serde_json::{Value, json};

use super::print;
use crate::{
    cli::{Logs, LogsInput},
    input, redaction_rules,
};

/// Runs the command.
///
/// # Errors
/// When the input cannot be read.
pub fn run(command: &Logs) -> anyhow::Result<ExitCode> {
    match command {
        Logs::Parse(arguments) => print(&parsed(&redacted(arguments)?))?,
        Logs::Redact(arguments) => print(&redacted(arguments)?)?,
    }
    Ok(ExitCode::SUCCESS)
}

/// The log without its secrets.
fn redacted(arguments: &LogsInput) -> anyhow::Result<String> {
    let rules = redaction_rules::of_command(arguments.rules.as_deref())?;
    let text = input::text(input::bytes(&arguments.input.file)?);
    Ok(match Redactor::with_rules(rules).redact(&text) {
        Cow::Owned(redacted) => redacted,
        Cow::Borrowed(_) => text,
    })
}

/// One JSON line for each record of a redacted log.
fn parsed(redacted: &str) -> String {
    let mut templates = Templates::new();
    intake::log_records(redacted)
        .iter()
        .fold(String::new(), |mut lines, record| {
            lines.push_str(&wire(record, &mut templates).to_string());
            lines.push('\n');
            lines
        })
}

/// The contract's form of a record.
fn wire(record: &LogRecord, templates: &mut Templates) -> Value {
    let (template_id, template) = templates.add(&record.message);
    json!({
        "line": record.line,
        "timestamp": record.timestamp.map(|time| time.to_string()),
        "severity": record.severity,
        "source": record.source.name(),
        "template_id": template_id.to_string(),
        "template": template,
        "message": record.message,
    })
}
