//! `kubemedic settings`: every setting with its default; docs/CONFIG.md is its Markdown form.

use std::{fmt::Write, process::ExitCode};

use super::print;
use crate::{
    cli::SettingsFormat,
    config::{SETTINGS, Stage},
};

/// Runs the command.
///
/// # Errors
/// When standard output cannot be written.
pub fn run(format: SettingsFormat) -> anyhow::Result<ExitCode> {
    print(&match format {
        SettingsFormat::Text => text(),
        SettingsFormat::Markdown => markdown(),
    })?;
    Ok(ExitCode::SUCCESS)
}

fn text() -> String {
    SETTINGS.iter().fold(String::new(), |mut page, setting| {
        let default = if setting.default.is_empty() { "(unset)" } else { setting.default };
        let later = if setting.stage == Stage::Later { " Not used yet." } else { "" };
        let _ = writeln!(page, "{:<24}{default:<12}{}{later}", setting.name, setting.purpose);
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
        let _ = write!(page, "\n## {heading}\n\n| variable | default | purpose |\n|---|---|---|\n");
        for setting in SETTINGS.iter().filter(|setting| setting.stage == stage) {
            let default =
                if setting.default.is_empty() { "unset".to_owned() } else { format!("`{}`", setting.default) };
            let _ = writeln!(page, "| `{}` | {default} | {} |", setting.name, setting.purpose);
        }
    }
    page
}
