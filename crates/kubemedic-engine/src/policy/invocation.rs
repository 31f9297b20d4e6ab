//! The typed form of a kubectl argv: verb, targets, flags. Reading it decides what every word means, as kubectl would.

use std::collections::BTreeMap;

use kubemedic_model::resource::Kind;
use serde_json::Value;

use super::{
    ParseError, arguments,
    grammar::{Arguments, Flag, GRAMMAR, Grammar, Syntax},
    patch, tokens,
};

/// The most words of a command.
const MAX_WORDS: usize = 256;

/// An object, or all objects of a kind, that a command names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// The kind. A kind of a group that is not Kubernetes' own is `Kind::Other` with its group.
    pub kind: Kind,
    /// The name; `None` for all objects of the kind.
    pub name: Option<String>,
}

/// A kubectl command, understood.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Invocation {
    /// The verb, such as `get` or `rollout`.
    pub verb: String,
    /// The words of the subcommand, such as `restart` or `service clusterip`.
    pub subcommand: Option<String>,
    /// What it names.
    pub targets: Vec<Target>,
    /// The namespace, where one is given.
    pub namespace: Option<String>,
    /// The label selector, where one is given.
    pub selector: Option<String>,
    /// Whether all objects of the kind are meant.
    pub all: bool,
    /// Whether all namespaces are meant.
    pub all_namespaces: bool,
    /// The output format with its expression, as written.
    pub output: Option<String>,
    /// The flags by their long names; a boolean's value is `true` or `false`.
    pub flags: BTreeMap<String, Vec<String>>,
    /// The `key=value` and `key-` arguments.
    pub pairs: Vec<String>,
    /// Arguments that name no object.
    pub words: Vec<String>,
    /// The words after `--`.
    pub trailing: Vec<String>,
    /// Files that are read: `--filename`, `--kustomize`.
    pub files: Vec<String>,
    /// The body of a patch.
    pub patch: Option<Value>,
    /// Flags that choose another cluster, identity or place on this machine.
    pub smuggled: Vec<String>,
}

impl Invocation {
    /// The verb and its subcommand, such as `rollout restart`.
    pub fn path(&self) -> String {
        match &self.subcommand {
            Some(subcommand) => format!("{} {subcommand}", self.verb),
            None => self.verb.clone(),
        }
    }

    /// Whether a boolean flag is set.
    pub fn is_set(&self, flag: &str) -> bool {
        self.value(flag) == Some("true")
    }

    /// Whether a flag is given at all.
    pub fn has(&self, flag: &str) -> bool {
        self.flags.contains_key(flag)
    }

    /// The value of a flag that is given once.
    pub fn value(&self, flag: &str) -> Option<&str> {
        self.flags.get(flag)?.first().map(String::as_str)
    }

    /// Whether the command only shows what it would do.
    pub fn is_dry_run(&self) -> bool {
        matches!(self.value("dry-run"), Some("server" | "client"))
    }
}

/// Reads an argv.
pub(super) fn read(argv: &[String]) -> Result<Invocation, ParseError> {
    if argv.len() > MAX_WORDS {
        return Err(ParseError::new(format!(
            "the command has more than {MAX_WORDS} words"
        )));
    }
    argv.iter().try_for_each(|word| tokens::gate(word))?;
    if argv.iter().map(String::len).sum::<usize>() > tokens::MAX_BYTES {
        return Err(ParseError::new(format!(
            "the command is longer than {} bytes",
            tokens::MAX_BYTES
        )));
    }
    match argv.split_first() {
        Some((first, words)) if first == "kubectl" => Reader::new(&GRAMMAR, words).read(),
        Some((first, _)) => Err(ParseError::new(format!(
            "`{first}` is not kubectl: only a plain kubectl command is allowed"
        ))),
        None => Err(ParseError::new("the command is empty")),
    }
}

/// The state of reading.
struct Reader<'a> {
    grammar: &'a Grammar,
    words: std::slice::Iter<'a, String>,
    path: String,
    syntax: Option<&'a Syntax>,
    flags: BTreeMap<String, Vec<String>>,
    smuggled: Vec<String>,
    positionals: Vec<&'a str>,
    trailing: Vec<String>,
}

impl<'a> Reader<'a> {
    fn new(grammar: &'a Grammar, words: &'a [String]) -> Self {
        Self {
            grammar,
            words: words.iter(),
            path: String::new(),
            syntax: None,
            flags: BTreeMap::new(),
            smuggled: Vec::new(),
            positionals: Vec::new(),
            trailing: Vec::new(),
        }
    }

    fn read(mut self) -> Result<Invocation, ParseError> {
        while let Some(word) = self.words.next() {
            if self.is_opaque() {
                break;
            }
            if word == "--" {
                self.trailing = self.words.by_ref().cloned().collect();
            } else if let Some(long) = word.strip_prefix("--") {
                self.long(long)?;
            } else if let Some(letters) = word.strip_prefix('-').filter(|letters| !letters.is_empty()) {
                self.shorts(letters)?;
            } else if !self.descend(word) {
                self.positional(word)?;
            }
        }
        self.finish()
    }

    fn is_opaque(&self) -> bool {
        self.syntax
            .is_some_and(|syntax| syntax.arguments == Arguments::Opaque)
            && !self.grammar.is_prefix(&self.path)
    }

    /// Takes the word as the next word of the command's path, if it is one.
    fn descend(&mut self, word: &str) -> bool {
        if !self.positionals.is_empty() {
            return false;
        }
        let path = if self.path.is_empty() {
            word.to_owned()
        } else {
            format!("{} {word}", self.path)
        };
        let command = self.grammar.command(&path);
        if command.is_none() && !self.grammar.is_prefix(&path) {
            return false;
        }
        self.syntax = command.or(self.syntax.filter(|_| false));
        self.path = command.map_or(path, |command| command.path.clone());
        true
    }

    fn positional(&mut self, word: &'a str) -> Result<(), ParseError> {
        if self.syntax.is_none() {
            let known = if self.path.is_empty() {
                "kubectl"
            } else {
                &self.path
            };
            return Err(ParseError::new(format!(
                "`{}` is no command of {known}: plugins and abbreviations are refused",
                word.chars().take(60).collect::<String>()
            )));
        }
        self.positionals.push(word);
        Ok(())
    }

    fn long(&mut self, text: &str) -> Result<(), ParseError> {
        let (name, value) = match text.split_once('=') {
            Some((name, value)) => (name, Some(value)),
            None => (text, None),
        };
        let flag = self.grammar.long(self.syntax, name).ok_or_else(|| {
            ParseError::new(format!(
                "unknown flag `--{}`",
                name.chars().take(60).collect::<String>()
            ))
        })?;
        self.take(flag, value)
    }

    /// Reads `-it`, `-nshop`, `-n=shop`, `-n shop`: letters until one takes a value.
    fn shorts(&mut self, letters: &str) -> Result<(), ParseError> {
        let mut rest = letters;
        while let Some(letter) = rest.chars().next() {
            rest = rest.get(letter.len_utf8()..).unwrap_or_default();
            let flag = self
                .grammar
                .short(self.syntax, letter)
                .ok_or_else(|| ParseError::new(format!("unknown flag `-{letter}`")))?;
            if let Some(value) = rest.strip_prefix('=') {
                return self.take(flag, Some(value));
            }
            if flag.value.is_some() && !rest.is_empty() {
                return self.take(flag, Some(rest));
            }
            self.take(flag, None)?;
        }
        Ok(())
    }

    /// Records a flag; a value that is not attached is the next word.
    fn take(&mut self, flag: &Flag, attached: Option<&str>) -> Result<(), ParseError> {
        let value = match (flag.value, attached) {
            (None, value) => boolean(flag, value)?.to_owned(),
            (Some(_), Some(value)) => value.to_owned(),
            (Some(_), None) if flag.value_optional => String::new(),
            (Some(_), None) => self.next_word(flag)?,
        };
        if flag.smuggles {
            self.smuggled.push(flag.name.clone());
            return Ok(());
        }
        if let Some(kind) = flag.value
            && !(flag.value_optional && attached.is_none())
        {
            kind.check(&format!("--{}", flag.name), &value)?;
        }
        let values = self.flags.entry(flag.name.clone()).or_default();
        if !values.is_empty() && !flag.repeatable {
            return Err(ParseError::new(format!(
                "--{} is given twice, so its value is ambiguous",
                flag.name
            )));
        }
        values.push(value);
        Ok(())
    }

    fn next_word(&mut self, flag: &Flag) -> Result<String, ParseError> {
        let missing = || ParseError::new(format!("--{} has no value", flag.name));
        let word = self.words.next().ok_or_else(missing)?;
        let is_flag = word
            .strip_prefix('-')
            .is_some_and(|rest| rest.starts_with(|c: char| !c.is_ascii_digit()) && !flag.smuggles);
        if is_flag { Err(missing()) } else { Ok(word.clone()) }
    }

    fn finish(self) -> Result<Invocation, ParseError> {
        let Some(syntax) = self.syntax else {
            let what = if self.path.is_empty() {
                "no kubectl command is given".to_owned()
            } else {
                format!("`{}` needs a subcommand", self.path)
            };
            return Err(ParseError::new(what));
        };
        let (verb, subcommand) = match syntax.path.split_once(' ') {
            Some((verb, subcommand)) => (verb.to_owned(), Some(subcommand.to_owned())),
            None => (syntax.path.clone(), None),
        };
        let mut invocation = Invocation {
            verb,
            subcommand,
            flags: self.flags,
            smuggled: self.smuggled,
            trailing: self.trailing,
            ..Invocation::default()
        };
        if syntax.arguments == Arguments::Opaque {
            return Ok(invocation);
        }
        if let Some(flag) = syntax.required.iter().find(|flag| !invocation.has(flag)) {
            return Err(ParseError::new(format!("`{}` needs --{flag}", syntax.path)));
        }
        if !invocation.trailing.is_empty() && !syntax.trailing {
            return Err(ParseError::new(format!(
                "`{}` takes no words after `--`",
                syntax.path
            )));
        }
        fill(&mut invocation)?;
        arguments::read(&mut invocation, syntax, &self.positionals)?;
        Ok(invocation)
    }
}

/// A boolean flag's value as Go's `strconv.ParseBool` reads it.
fn boolean(flag: &Flag, value: Option<&str>) -> Result<&'static str, ParseError> {
    match value {
        None | Some("1" | "t" | "T" | "TRUE" | "true" | "True") => Ok("true"),
        Some("0" | "f" | "F" | "FALSE" | "false" | "False") => Ok("false"),
        Some(_) => Err(ParseError::new(format!(
            "--{} is either true or false",
            flag.name
        ))),
    }
}

/// Copies the flags that have a place of their own.
fn fill(invocation: &mut Invocation) -> Result<(), ParseError> {
    let owned = |flag: &str| invocation.value(flag).map(str::to_owned);
    let namespace = owned("namespace");
    let selector = owned("selector");
    let output = owned("output");
    let patch = invocation.value("patch").map(patch::read).transpose()?;
    let files = ["filename", "kustomize"]
        .iter()
        .filter_map(|flag| invocation.flags.get(*flag))
        .flatten()
        .cloned()
        .collect();
    invocation.all = invocation.is_set("all");
    invocation.all_namespaces = invocation.is_set("all-namespaces");
    invocation.namespace = namespace;
    invocation.selector = selector;
    invocation.output = output;
    invocation.patch = patch;
    invocation.files = files;
    if invocation.verb == "patch" && invocation.patch.is_none() && !invocation.has("patch-file") {
        return Err(ParseError::new("`patch` needs --patch"));
    }
    Ok(())
}
