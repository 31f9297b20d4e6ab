//! Commands: a kubectl argv, its risk and the decision about it. The parser and the rules are in `engine::policy`.

use std::fmt;

use serde::{Deserialize, Serialize};

/// How dangerous a command is. The order is the order of strictness.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Risk {
    /// Changes nothing.
    ReadOnly,
    /// Has a known inverse.
    Reversible,
    /// Has a known inverse, and interrupts service.
    Disruptive,
    /// Loses something that no command brings back, or reaches far.
    Destructive,
    /// Never proposed and never run.
    Forbidden,
}

impl Risk {
    /// The verdict of `policy check`: `read_only`, `reversible_change`, `destructive_high_risk`, `forbidden`.
    pub fn verdict(self) -> &'static str {
        match self {
            Self::ReadOnly => "read_only",
            Self::Reversible | Self::Disruptive => "reversible_change",
            Self::Destructive => "destructive_high_risk",
            Self::Forbidden => "forbidden",
        }
    }

    /// The safety level on the wire: `SAFE`, `CAUTION`, `DESTRUCTIVE`. A forbidden command has none.
    pub fn safety_level(self) -> Option<&'static str> {
        match self {
            Self::ReadOnly => Some("SAFE"),
            Self::Reversible | Self::Disruptive => Some("CAUTION"),
            Self::Destructive => Some("DESTRUCTIVE"),
            Self::Forbidden => None,
        }
    }
}

/// The argv of a kubectl command, `kubectl` first. It has been parsed by `engine::policy`; nothing here runs it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Command {
    argv: Vec<String>,
}

impl Command {
    /// Wraps an argv whose first word is `kubectl`. Risk and form are decided by `engine::policy`.
    pub fn from_argv(argv: Vec<String>) -> Self {
        Self { argv }
    }

    /// The words.
    pub fn argv(&self) -> &[String] {
        &self.argv
    }
}

/// Whether a word needs no quotes on a POSIX shell's command line.
fn is_plain(word: &str) -> bool {
    !word.is_empty()
        && word
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"-_./:=,@+%".contains(&b))
}

impl fmt::Display for Command {
    /// The command line for people to read and paste: words are quoted where a POSIX shell would need it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, word) in self.argv.iter().enumerate() {
            if position > 0 {
                f.write_str(" ")?;
            }
            if is_plain(word) {
                f.write_str(word)?;
            } else {
                write!(f, "'{}'", word.replace('\'', r"'\''"))?;
            }
        }
        Ok(())
    }
}

/// What the policy says of a command.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assessment {
    /// How dangerous it is.
    pub risk: Risk,
    /// Why, in one sentence.
    pub reason: String,
    /// The rule that decided, by name.
    pub rule: String,
}
