//! The kubectl command line as data: commands, their flags and the shape of their arguments, from `policy/grammar.toml`.
//! A grammar that does not load knows no command, so everything is refused.

use std::{collections::BTreeMap, sync::LazyLock};

use serde::Deserialize;

use super::values::ValueType;

/// What stands after the verb.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Arguments {
    /// Nothing.
    None,
    /// `TYPE[,TYPE] [NAME...]` or `TYPE/NAME...`, then pairs where the command has them.
    Targets,
    /// The same, and the name of another object at the end.
    TargetsThenName,
    /// Names of nodes.
    Nodes,
    /// Names of pods.
    Pods,
    /// `POD [CONTAINER]` or `TYPE/NAME [CONTAINER]`.
    Logs,
    /// One name for a new object.
    Name,
    /// Words that name no object.
    Words,
    /// Not looked at, because no form of the command is allowed.
    Opaque,
}

/// A flag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Flag {
    /// Its long name.
    pub(super) name: String,
    /// Its one-letter name.
    pub(super) short: Option<char>,
    /// The type of its value; `None` is boolean.
    pub(super) value: Option<ValueType>,
    /// Whether the value may only follow an equals sign.
    pub(super) value_optional: bool,
    /// Whether it may be given several times.
    pub(super) repeatable: bool,
    /// Whether it chooses another cluster, identity or place on this machine.
    pub(super) smuggles: bool,
}

/// A command: a verb with its subcommands.
#[derive(Debug, Clone)]
pub(super) struct Syntax {
    /// The words from the verb on, canonical.
    pub(super) path: String,
    /// The shape of its arguments.
    pub(super) arguments: Arguments,
    /// The type of its `key=value` arguments.
    pub(super) pairs: Option<ValueType>,
    /// Whether words may follow `--`.
    pub(super) trailing: bool,
    /// Flags that must be given.
    pub(super) required: Vec<String>,
    /// Its own flags.
    pub(super) flags: Vec<Flag>,
}

/// The whole grammar.
#[derive(Debug, Default)]
pub(super) struct Grammar {
    everywhere: Vec<Flag>,
    commands: Vec<Syntax>,
    paths: BTreeMap<String, usize>,
}

/// The grammar of this program.
pub(super) static GRAMMAR: LazyLock<Grammar> =
    LazyLock::new(|| Grammar::load(include_str!("../../policy/grammar.toml")).unwrap_or_default());

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    everywhere: String,
    smuggling: String,
    group: BTreeMap<String, String>,
    command: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    path: String,
    #[serde(default)]
    aliases: Vec<String>,
    arguments: Arguments,
    pairs: Option<String>,
    #[serde(default)]
    trailing: bool,
    #[serde(default)]
    required: Vec<String>,
    #[serde(default)]
    flags: String,
}

impl Grammar {
    /// Reads a grammar; the error names what is wrong.
    pub(super) fn load(text: &str) -> Result<Self, String> {
        let document: Document = toml::from_str(text).map_err(|error| error.to_string())?;
        let mut grammar = Self {
            everywhere: flags(&document.everywhere, &document.group, 0)?,
            ..Self::default()
        };
        for mut flag in flags(&document.smuggling, &document.group, 0)? {
            flag.smuggles = true;
            grammar.everywhere.push(flag);
        }
        for entry in document.command {
            let position = grammar.commands.len();
            for path in entry.aliases.iter().chain([&entry.path]) {
                if grammar.paths.insert(path.clone(), position).is_some() {
                    return Err(format!("`{path}` is there twice"));
                }
            }
            grammar.commands.push(Syntax {
                pairs: entry.pairs.as_deref().map(ValueType::read).transpose()?,
                flags: flags(&entry.flags, &document.group, 0)?,
                path: entry.path,
                arguments: entry.arguments,
                trailing: entry.trailing,
                required: entry.required,
            });
        }
        Ok(grammar)
    }

    /// The command that the words name.
    pub(super) fn command(&self, path: &str) -> Option<&Syntax> {
        self.paths
            .get(path)
            .and_then(|position| self.commands.get(*position))
    }

    /// Whether some command's words begin with these.
    pub(super) fn is_prefix(&self, path: &str) -> bool {
        self.paths
            .range(path.to_owned()..)
            .take_while(|(known, _)| known.starts_with(path))
            .any(|(known, _)| known.strip_prefix(path).is_some_and(|rest| rest.starts_with(' ')))
    }

    /// The flag of that long name, of the command or of every command.
    pub(super) fn long<'a>(&'a self, syntax: Option<&'a Syntax>, name: &str) -> Option<&'a Flag> {
        self.known(syntax).find(|flag| flag.name == name)
    }

    /// The flag of that letter, of the command or of every command.
    pub(super) fn short<'a>(&'a self, syntax: Option<&'a Syntax>, letter: char) -> Option<&'a Flag> {
        self.known(syntax).find(|flag| flag.short == Some(letter))
    }

    /// All commands.
    #[cfg(test)]
    pub(super) fn commands(&self) -> &[Syntax] {
        &self.commands
    }

    /// The flags of every command.
    #[cfg(test)]
    pub(super) fn everywhere(&self) -> &[Flag] {
        &self.everywhere
    }

    fn known<'a>(&'a self, syntax: Option<&'a Syntax>) -> impl Iterator<Item = &'a Flag> {
        syntax
            .into_iter()
            .flat_map(|syntax| &syntax.flags)
            .chain(&self.everywhere)
    }
}

/// Reads a list of flags; groups may name groups, three deep.
fn flags(text: &str, groups: &BTreeMap<String, String>, depth: u8) -> Result<Vec<Flag>, String> {
    let mut found = Vec::new();
    for word in text.split_whitespace() {
        if let Some(name) = word.strip_prefix('@') {
            let group = groups.get(name).ok_or_else(|| format!("no group `{name}`"))?;
            if depth > 3 {
                return Err(format!("group `{name}` is too deep"));
            }
            found.extend(flags(group, groups, depth + 1)?);
        } else {
            found.push(flag(word)?);
        }
    }
    Ok(found)
}

fn flag(word: &str) -> Result<Flag, String> {
    let (word, repeatable) = word.strip_suffix('*').map_or((word, false), |word| (word, true));
    let value_optional = word.contains('?');
    let (names, value) = match word.split_once(['=', '?']) {
        Some((names, value)) => (names, Some(ValueType::read(value)?)),
        None => (word, None),
    };
    let (name, short) = match names.split_once('/') {
        Some((name, short)) => (name, short.chars().next()),
        None => (names, None),
    };
    Ok(Flag {
        name: name.to_owned(),
        short,
        value,
        value_optional,
        repeatable,
        smuggles: false,
    })
}
