//! `kubemedic logs parse` and `kubemedic logs redact`.

use std::process::ExitCode;

use kubemedic_engine::{intake, monitoring::Templates, redaction::Redactor};
use kubemedic_model::log::LogRecord;
use serde_json::{Value, json};

use super::print;
use crate::{
    cli::{Input, Logs},
    input,
};

/// Runs the command.
///
/// # Errors
/// When the input cannot be read.
pub fn run(command: &Logs) -> anyhow::Result<ExitCode> {
    match command {
        Logs::Parse(arguments) => print(&parsed(&read(arguments)?))?,
        Logs::Redact(arguments) => print(&Redactor::new().redact(&read(arguments)?))?,
    }
    Ok(ExitCode::SUCCESS)
}

fn read(arguments: &Input) -> anyhow::Result<String> {
    Ok(input::text(input::bytes(&arguments.file)?))
}

/// One JSON line for each record. What is shown is redacted, as everywhere.
fn parsed(text: &str) -> String {
    let redacted = Redactor::new().redact(text).into_owned();
    let mut templates = Templates::new();
    intake::log_records(&redacted)
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
