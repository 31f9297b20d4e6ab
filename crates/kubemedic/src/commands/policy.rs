//! `kubemedic policy check`: one command a line in, one verdict a line out.

use std::process::ExitCode;

use kubemedic_engine::policy;
use serde_json::json;

use super::print;
use crate::{cli::Input, input};

/// Runs the command.
///
/// # Errors
/// When the input cannot be read.
pub fn run(arguments: &Input) -> anyhow::Result<ExitCode> {
    let text = input::text(&arguments.file)?;
    let mut answer = String::new();
    for line in text.split('\n').filter(|line| !line.trim().is_empty()) {
        answer.push_str(&verdict(&command_of(line)).to_string());
        answer.push('\n');
    }
    print(&answer)?;
    Ok(ExitCode::SUCCESS)
}

/// The command of a line: the string where the line is a JSON string (it may hold newlines), else the line.
fn command_of(line: &str) -> String {
    let quoted = line.trim();
    let decoded = if quoted.starts_with('"') {
        serde_json::from_str(quoted).ok()
    } else {
        None
    };
    decoded.unwrap_or_else(|| line.strip_suffix('\r').unwrap_or(line).to_owned())
}

fn verdict(command: &str) -> serde_json::Value {
    let assessment = policy::check(command);
    json!({"command": command, "verdict": assessment.risk.verdict(), "reason": assessment.reason})
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_json_string_may_hold_a_newline_and_a_plain_line_may_not_smuggle_one() {
        assert_eq!(
            command_of(r#""kubectl get pods\nkubectl delete ns prod""#)
                .lines()
                .count(),
            2
        );
        assert_eq!(command_of("kubectl get pods\r"), "kubectl get pods");
        assert_eq!(command_of(r#""unclosed"#), r#""unclosed"#);
    }

    #[test]
    fn a_verdict_repeats_the_command_and_tells_why() {
        let verdict = verdict("kubectl get pods -n shop");
        assert_eq!(verdict["command"], "kubectl get pods -n shop");
        assert_eq!(verdict["verdict"], "read_only");
        assert!(
            verdict["reason"]
                .as_str()
                .is_some_and(|reason| !reason.is_empty())
        );
    }
}
