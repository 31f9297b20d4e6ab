//! The command policy: a typed kubectl parser and a rule table; the strictest rule wins and unknown is forbidden.

use kubemedic_model::command::{Assessment, Command, Risk};

/// A text is not one kubectl command that this parser understands.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct ParseError {
    /// What is wrong with it, naming the part.
    pub reason: String,
}

/// Parses a command line (no shell: quotes are understood, everything that a shell would act on is an error).
///
/// # Errors
/// [`ParseError`] naming what is not understood.
pub fn parse(_line: &str) -> Result<Command, ParseError> {
    Err(ParseError {
        reason: "not a kubectl command".into(),
    })
}

/// Judges a parsed command.
pub fn assess(_command: &Command) -> Assessment {
    Assessment {
        risk: Risk::Forbidden,
        reason: "unknown command".into(),
        rule: "unknown".into(),
    }
}

/// Parses and judges a command line; a line that does not parse is forbidden.
pub fn check(line: &str) -> Assessment {
    match parse(line) {
        Ok(command) => assess(&command),
        Err(error) => Assessment {
            risk: Risk::Forbidden,
            reason: error.reason,
            rule: "unparsable".into(),
        },
    }
}
