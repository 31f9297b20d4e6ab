//! Builds kubectl argvs word by word: a name or a value enters as one checked word, and a line with a refused word is
//! no command. It knows kubectl's grammar, not what is worth doing.

use kubemedic_model::{command::Command, naming::is_object_name, resource::Kind};
use serde_json::Value;

use super::site::Target;

/// The longest value that may stand in a command, in bytes: longer ones are never names, quantities or references.
const MAX_VALUE_BYTES: usize = 256;
/// Words that stand for something that nobody filled in.
const UNFILLED: [&str; 5] = ["...", "YOUR_", "your-", "CHANGEME", "REPLACE_"];

/// A kubectl command line in the making.
#[derive(Debug, Clone)]
pub(crate) struct Line {
    words: Vec<String>,
    refused: bool,
}

impl Line {
    /// A line that starts with `kubectl` and these fixed words.
    pub(crate) fn kubectl(words: &[&'static str]) -> Self {
        Self {
            words: std::iter::once(&"kubectl")
                .chain(words)
                .map(|&word| word.to_owned())
                .collect(),
            refused: false,
        }
    }

    /// A fixed word.
    pub(crate) fn word(mut self, word: &'static str) -> Self {
        self.words.push(word.to_owned());
        self
    }

    /// A name as a word of its own; refused unless it is a valid object name.
    pub(crate) fn name(self, name: &str) -> Self {
        let sound = is_object_name(name);
        self.push(name.to_owned(), sound)
    }

    /// A value as a word of its own, such as `container=image`.
    pub(crate) fn value(self, value: &str) -> Self {
        let sound = is_value(value);
        self.push(value.to_owned(), sound)
    }

    /// An option with a value, such as `--replicas=` and `3`.
    pub(crate) fn option(self, flag: &'static str, value: &str) -> Self {
        let sound = is_value(value);
        self.push(format!("{flag}={value}"), sound)
    }

    /// `-p` and a patch; every string in it is checked like a value.
    pub(crate) fn patch(self, body: &Value) -> Self {
        let sound = strings_are_values(body);
        self.word("-p").push(body.to_string(), sound)
    }

    /// An object as kind and name in two words, then its namespace: `describe` `pod` `x` `-n` `shop`.
    pub(crate) fn object(self, target: &Target) -> Self {
        self.name(&target.kind.kubectl_name())
            .name(&target.name)
            .inside(target)
    }

    /// An object as `kind/name`, then its namespace: `rollout` `undo` `deployment/x` `-n` `shop`.
    pub(crate) fn slashed(self, target: &Target) -> Self {
        let kind = target.kind.kubectl_name();
        let sound = is_object_name(&kind) && is_object_name(&target.name);
        self.push(format!("{kind}/{}", target.name), sound).inside(target)
    }

    /// The namespace of an object; a namespaced object without a known one refuses the line.
    fn inside(self, target: &Target) -> Self {
        if target.kind.is_cluster_scoped() {
            self
        } else {
            self.namespace(target.namespace.as_deref())
        }
    }

    /// `-n` and a namespace; without one the line is refused, because it would hit whatever namespace is the default.
    pub(crate) fn namespace(self, namespace: Option<&str>) -> Self {
        let name = namespace.unwrap_or_default();
        self.word("-n").name(name)
    }

    /// The command, unless a word was refused.
    pub(crate) fn finish(self) -> Option<Command> {
        (!self.refused).then(|| Command::from_argv(self.words))
    }

    /// A word with its verdict.
    fn push(mut self, word: String, sound: bool) -> Self {
        self.refused |= !sound;
        self.words.push(word);
        self
    }
}

/// `kubectl get KIND` of one object.
pub(crate) fn get(target: &Target) -> Option<Command> {
    Line::kubectl(&["get"]).object(target).finish()
}

/// `kubectl describe KIND` of one object.
pub(crate) fn describe(target: &Target) -> Option<Command> {
    Line::kubectl(&["describe"]).object(target).finish()
}

/// `kubectl get KINDS` of a namespace.
pub(crate) fn list(kinds: &'static str, namespace: Option<&str>) -> Option<Command> {
    Line::kubectl(&["get", kinds]).namespace(namespace).finish()
}

/// Finds objects of a name in every namespace, where the evidence does not tell which.
pub(crate) fn locate(kind: &Kind, name: &str) -> Option<Command> {
    is_object_name(name)
        .then(|| {
            Line::kubectl(&["get"])
                .name(&kind.kubectl_name())
                .word("-A")
                .option("--field-selector", &format!("metadata.name={name}"))
        })?
        .finish()
}

/// Whether a text may stand in a command as a value: printable, short, nothing that a shell acts on, nothing unfilled.
pub(crate) fn is_value(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= MAX_VALUE_BYTES
        && !text.starts_with('-')
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"-_./:=,@+%".contains(&b))
        && !UNFILLED.iter().any(|word| text.contains(word))
}

/// Whether every string in a patch, keys included, is a value. Patches are built here, a few levels deep.
fn strings_are_values(body: &Value) -> bool {
    match body {
        Value::String(text) => is_value(text),
        Value::Array(items) => items.iter().all(strings_are_values),
        Value::Object(fields) => fields
            .iter()
            .all(|(key, value)| is_value(key) && strings_are_values(value)),
        Value::Null | Value::Bool(_) | Value::Number(_) => true,
    }
}

#[cfg(test)]
mod tests;
