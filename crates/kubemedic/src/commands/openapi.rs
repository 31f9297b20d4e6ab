//! `kubemedic openapi`: the OpenAPI document.

use std::process::ExitCode;

use super::print;

/// Runs the command.
///
/// # Errors
/// When the document cannot be written.
pub fn run() -> anyhow::Result<ExitCode> {
    let mut document = kubemedic_server::openapi().to_pretty_json()?;
    document.push('\n');
    print(&document)?;
    Ok(ExitCode::SUCCESS)
}
