//! `kubemedic settings`: every setting with its default; docs/CONFIG.md is its Markdown form.

use std::{fmt::Write, path::Path, process::ExitCode};

use anyhow::Context;

use super::print;
use crate::{
    cli::SettingsFormat,
    config::{Sources, Stage, setting, settings},
};

/// Runs the command.
///
/// # Errors
/// When standard output cannot be written.
pub fn run(format: SettingsFormat, value: Option<&str>) -> anyhow::Result<ExitCode> {
    print(&match (value, format) {
        (Some(name), _) => format!("{}\n", current(name)?),
        (None, SettingsFormat::Text) => text(),
        (None, SettingsFormat::Markdown) => markdown(),
    })?;
    Ok(ExitCode::SUCCESS)
}

/// The value of a setting from the environment, `.env` or its default.
fn current(name: &str) -> anyhow::Result<String> {
    let setting =
        setting(name).with_context(|| format!("'{name}' is no setting: see 'kubemedic settings'"))?;
    let sources = Sources::read(Path::new("."))?;
    if setting.secret {
        let told = if sources.is_set(name) {
            "(set, not shown)"
        } else {
            ""
        };
        return Ok(told.to_owned());
    }
    Ok(sources.value(setting.name).unwrap_or_default())
}

fn text() -> String {
    settings().fold(String::new(), |mut page, setting| {
        let default = if setting.default.is_empty() {
            "(unset)"
        } else {
            setting.default
        };
        let later = if setting.stage == Stage::Later {
            " Not used yet."
        } else {
            ""
        };
        let _ = writeln!(
            page,
            "{:<32} {default:<12} {}{later}",
            setting.name, setting.purpose
        );
        page
    })
}

/// The text of docs/CONFIG.md.
pub fn markdown() -> String {
    let mut page = String::from(
        "# Configuration\n\nEvery setting is an environment variable or a line of `.env` in the working directory; \
         flags of `kubemedic serve` override the environment, which overrides `.env`. Relative paths are relative to the \
         working directory. Wrong values are told all at once and end the process with exit code 64. This page is \
         `kubemedic settings --format markdown`; a test compares the two.\n",
    );
    for (stage, heading) in [(Stage::Now, "Used"), (Stage::Later, "Known, not used yet")] {
        let _ = write!(
            page,
            "\n## {heading}\n\n| variable | default | purpose |\n|---|---|---|\n"
        );
        for setting in settings().filter(|setting| setting.stage == stage) {
            let default = if setting.default.is_empty() {
                "unset".to_owned()
            } else {
                format!("`{}`", setting.default)
            };
            let _ = writeln!(page, "| `{}` | {default} | {} |", setting.name, setting.purpose);
        }
    }
    page
}
