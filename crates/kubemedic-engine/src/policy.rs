//! The command policy: a typed kubectl parser and a rule table; the strictest rule wins and unknown is forbidden.
//! It runs nothing, and it never judges a command by its text: only by what the parser understood.

mod arguments;
mod facts;
mod grammar;
mod invocation;
mod patch;
mod rules;
mod tokens;
mod values;

#[cfg(test)]
mod tests;

use kubemedic_model::command::{Assessment, Command, Risk};

pub use invocation::{Invocation, Target};

/// A text is not one kubectl command that this parser understands.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct ParseError {
    /// What is wrong with it, naming the part.
    pub reason: String,
}

impl ParseError {
    fn new(reason: impl Into<String>) -> Self {
        Self {
            reason: reason.into(),
        }
    }
}

/// Reads the tables, so that the first command does not wait for it.
pub(crate) fn warm_up() {
    std::sync::LazyLock::force(&rules::RULES);
    std::sync::LazyLock::force(&grammar::GRAMMAR);
}

/// Parses a command line (no shell: quotes are understood, everything that a shell would act on is an error).
///
/// # Errors
/// [`ParseError`] naming what is not understood.
pub fn parse(line: &str) -> Result<Command, ParseError> {
    read(line).map(|(command, _)| command)
}

/// What the words of a command mean.
///
/// # Errors
/// [`ParseError`] naming the word that is not understood.
pub fn invocation(command: &Command) -> Result<Invocation, ParseError> {
    invocation::read(command.argv())
}

/// Judges a parsed command.
pub fn assess(command: &Command) -> Assessment {
    match invocation(command) {
        Ok(invocation) => judge(&invocation),
        Err(error) => unparsable(error),
    }
}

/// Parses and judges a command line; a line that does not parse is forbidden.
pub fn check(line: &str) -> Assessment {
    match read(line) {
        Ok((_, invocation)) => judge(&invocation),
        Err(error) => unparsable(error),
    }
}

/// Whether a person's edit carries more risk than the command that it replaces.
pub fn is_riskier(edited: &Command, original: &Command) -> bool {
    assess(edited).risk > assess(original).risk
}

fn read(line: &str) -> Result<(Command, Invocation), ParseError> {
    let words = tokens::words(line)?;
    let invocation = invocation::read(&words)?;
    Ok((Command::from_argv(words), invocation))
}

fn judge(invocation: &Invocation) -> Assessment {
    rules::judge(invocation, &facts::of(invocation))
}

fn unparsable(error: ParseError) -> Assessment {
    Assessment {
        risk: Risk::Forbidden,
        reason: error.reason,
        rule: "unparsable".into(),
    }
}
