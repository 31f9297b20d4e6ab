//! The rule table of `policy/rules.toml`: which commands with which facts carry which risk. The strictest match decides.

use std::{collections::BTreeSet, sync::LazyLock};

use kubemedic_model::command::{Assessment, Risk};
use serde::Deserialize;

use super::{facts::Fact, invocation::Invocation};

/// One rule.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Rule {
    /// Its name.
    pub(super) name: String,
    /// What it says.
    pub(super) risk: Risk,
    /// Why, in one sentence for people.
    pub(super) reason: String,
    /// The commands that it is about, such as `get` or `rollout undo`; none means every command. A verb alone stands for
    /// the verb without subcommand, `verb *` for all its subcommands.
    #[serde(default)]
    pub(super) commands: Vec<Named>,
    /// Facts that must all hold.
    #[serde(default)]
    pub(super) all: Vec<Fact>,
    /// Facts of which one must hold, unless there are none.
    #[serde(default)]
    pub(super) any: Vec<Fact>,
    /// Facts of which none may hold.
    #[serde(default)]
    pub(super) none: Vec<Fact>,
    /// Whether it speaks of dry runs too although it is about a change.
    #[serde(default)]
    pub(super) dry_run_too: bool,
    /// Commands that it must match.
    #[serde(default, rename = "match")]
    #[cfg_attr(not(test), expect(dead_code, reason = "the examples are checked by a test"))]
    pub(super) matches: Vec<String>,
    /// Commands that it must not match.
    #[serde(default)]
    #[cfg_attr(not(test), expect(dead_code, reason = "the examples are checked by a test"))]
    pub(super) not_match: Vec<String>,
}

/// The commands that one word of a rule's `commands` stands for.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(from = "String")]
pub(super) struct Named {
    /// The verb.
    pub(super) verb: String,
    /// The subcommand; `*` for all of them, `None` for none.
    pub(super) subcommand: Option<String>,
}

impl From<String> for Named {
    fn from(text: String) -> Self {
        match text.split_once(' ') {
            Some((verb, subcommand)) => Self {
                verb: verb.to_owned(),
                subcommand: Some(subcommand.to_owned()),
            },
            None => Self {
                verb: text,
                subcommand: None,
            },
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    rule: Vec<Rule>,
}

/// The rules of this program. A table that does not load holds no rule, so everything is forbidden.
pub(super) static RULES: LazyLock<Vec<Rule>> =
    LazyLock::new(|| load(include_str!("../../policy/rules.toml")).unwrap_or_default());

/// Reads a table; the error names what is wrong.
pub(super) fn load(text: &str) -> Result<Vec<Rule>, String> {
    let document: Document = toml::from_str(text).map_err(|error| error.to_string())?;
    Ok(document.rule)
}

impl Rule {
    /// Whether the rule speaks of a command with these facts.
    pub(super) fn speaks_of(&self, invocation: &Invocation, facts: &BTreeSet<Fact>) -> bool {
        self.all.iter().all(|fact| facts.contains(fact))
            && self.names(invocation)
            && (self.any.is_empty() || self.any.iter().any(|fact| facts.contains(fact)))
            && !self.none.iter().any(|fact| facts.contains(fact))
            && (!facts.contains(&Fact::DryRun) || self.holds_for_dry_runs())
    }

    fn names(&self, invocation: &Invocation) -> bool {
        self.commands.is_empty()
            || self.commands.iter().any(|named| {
                named.verb == invocation.verb
                    && match (named.subcommand.as_deref(), invocation.subcommand.as_deref()) {
                        (Some("*"), subcommand) => subcommand.is_some(),
                        (named, subcommand) => named == subcommand,
                    }
            })
    }

    fn holds_for_dry_runs(&self) -> bool {
        self.dry_run_too || matches!(self.risk, Risk::ReadOnly | Risk::Forbidden)
    }
}

/// What the strictest rule says; the first of the table among equals. Forbidden where no rule speaks.
pub(super) fn judge(invocation: &Invocation, facts: &BTreeSet<Fact>) -> Assessment {
    let mut decided: Option<&Rule> = None;
    for rule in RULES.iter() {
        if decided.is_none_or(|other| rule.risk > other.risk) && rule.speaks_of(invocation, facts) {
            decided = Some(rule);
        }
    }
    match decided {
        Some(rule) => Assessment {
            risk: rule.risk,
            reason: explain(rule, invocation),
            rule: rule.name.clone(),
        },
        None => Assessment {
            risk: Risk::Forbidden,
            reason: format!("no rule allows `kubectl {}` in this form", invocation.path()),
            rule: "no-rule".to_owned(),
        },
    }
}

/// The rule's reason with what it is about: `{flag}` stands for the smuggling flag, `{command}` for the command's words.
fn explain(rule: &Rule, invocation: &Invocation) -> String {
    let flag = invocation
        .smuggled
        .first()
        .map_or("insecure-skip-tls-verify-backend", String::as_str);
    rule.reason
        .replace("{flag}", &format!("--{flag}"))
        .replace("{command}", &invocation.path())
        .replace("{namespace}", invocation.namespace.as_deref().unwrap_or("system"))
}
