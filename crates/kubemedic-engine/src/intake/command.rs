//! kubectl command lines: which object or kind their output tells of. It reads commands, it never judges or runs them.

use kubemedic_model::resource::Kind;

/// A kubectl command, as far as its output depends on it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct KubectlCommand {
    /// `get`, `describe`, `logs`, `top`, ...
    pub(super) verb: String,
    /// The kinds that it asks for.
    pub(super) kinds: Vec<Kind>,
    /// The names that it asks for; empty: all.
    pub(super) names: Vec<String>,
    /// `-n`.
    pub(super) namespace: Option<String>,
    /// `-A`.
    pub(super) all_namespaces: bool,
    /// Whether something leaves part of the output away: a selector, a filter, a pipe.
    pub(super) filtered: bool,
    /// `-c`.
    pub(super) container: Option<String>,
}

impl KubectlCommand {
    /// The single kind, if there is one.
    pub(super) fn kind(&self) -> Option<&Kind> {
        match self.kinds.as_slice() {
            [kind] => Some(kind),
            _ => None,
        }
    }

    /// The single name, if there is one.
    pub(super) fn name(&self) -> Option<&str> {
        match self.names.as_slice() {
            [name] => Some(name),
            _ => None,
        }
    }

    /// The object that everything in the output is about.
    pub(super) fn object(&self) -> Option<(&Kind, &str)> {
        Some((self.kind()?, self.name()?))
    }
}

/// Reads a command line that calls kubectl (or oc, or `k`), after an optional prompt.
pub(super) fn parse(line: &str) -> Option<KubectlCommand> {
    let line = line.trim();
    let words = match line.strip_prefix(['$', '#', '>', '%']) {
        Some(rest) => rest.trim_start(),
        None => match line.split_once("$ kubectl ") {
            Some((prompt, _)) if prompt.len() < 60 => line.get(prompt.len() + 2..)?,
            _ => line,
        },
    };
    let rest = ["kubectl ", "oc ", "k ", "microk8s kubectl ", "k3s kubectl "]
        .iter()
        .find_map(|name| words.strip_prefix(name))?;
    let command = of_words(rest);
    is_reading_verb(&command.verb).then_some(command)
}

/// The verbs whose output is read.
fn is_reading_verb(verb: &str) -> bool {
    matches!(
        verb,
        "get"
            | "describe"
            | "logs"
            | "log"
            | "top"
            | "events"
            | "rollout"
            | "apply"
            | "create"
            | "delete"
            | "exec"
            | "run"
            | "scale"
            | "drain"
            | "auth"
            | "explain"
            | "cluster-info"
            | "version"
            | "config"
            | "patch"
            | "edit"
            | "set"
            | "debug"
            | "wait"
            | "cordon"
            | "uncordon"
            | "taint"
            | "label"
            | "annotate"
            | "expose"
            | "port-forward"
    )
}

/// Reads the words after `kubectl`.
fn of_words(rest: &str) -> KubectlCommand {
    let mut command = KubectlCommand::default();
    let piped = rest.find(['|', '>', ';']).unwrap_or(rest.len());
    command.filtered = piped < rest.len();
    let words: Vec<&str> = rest
        .get(..piped)
        .unwrap_or("")
        .split_whitespace()
        .take(64)
        .collect();
    let mut words = words.into_iter();
    let mut positional = Vec::new();
    while let Some(word) = words.next() {
        if word == "--" {
            break;
        }
        if word.starts_with('-') {
            flag(&mut command, word, &mut words);
        } else {
            if positional.is_empty() {
                word.clone_into(&mut command.verb);
            }
            positional.push(word);
        }
    }
    place(&mut command, &positional);
    command
}

/// Reads a flag and its value.
fn flag<'a>(command: &mut KubectlCommand, word: &'a str, words: &mut impl Iterator<Item = &'a str>) {
    let (name, value) = match word.split_once('=') {
        Some((name, value)) => (name, Some(value)),
        None => (word, None),
    };
    let mut value = || {
        value
            .or_else(|| words.next())
            .map(|value| value.trim_matches(['\'', '"']).to_owned())
    };
    match name {
        "-n" | "--namespace" => command.namespace = value(),
        "-A" | "--all-namespaces" => command.all_namespaces = true,
        "-l" | "--selector" | "--field-selector" | "--limit" => {
            command.filtered = true;
            value();
        }
        "-c" | "--container" => command.container = value(),
        "-o" | "--output" | "--sort-by" | "--tail" | "--since" | "--context" | "--kubeconfig" | "-f"
        | "--for" | "-L" => {
            if !(name == "-f" && matches!(command.verb.as_str(), "logs" | "log")) {
                value();
            }
        }
        _ => {
            if let Some(namespace) = name
                .strip_prefix("-n")
                .filter(|rest| !rest.is_empty() && !name.starts_with("--"))
            {
                command.namespace = Some(namespace.to_owned());
            }
        }
    }
}

/// Gives the words without a dash their meaning.
fn place(command: &mut KubectlCommand, positional: &[&str]) {
    let Some((verb, objects)) = positional.split_first() else {
        return;
    };
    match *verb {
        "logs" | "log" => {
            command.kinds = vec![Kind::Pod];
            if let Some(target) = objects.first() {
                command.place_slashed(target, true);
            }
            if let Some(container) = objects.get(1) {
                command.container = Some((*container).to_owned());
            }
        }
        "events" => command.kinds = vec![Kind::Event],
        _ => command.place_kind_and_names(objects),
    }
}

impl KubectlCommand {
    /// `pods web-1 web-2`, `pod/web-1`, `pods,services`.
    fn place_kind_and_names(&mut self, objects: &[&str]) {
        let Some((first, names)) = objects.split_first() else {
            return;
        };
        if first.contains('/') {
            for object in objects {
                self.place_slashed(object, false);
            }
            self.kinds.dedup();
            return;
        }
        self.kinds = first
            .split(',')
            .filter(|kind| !kind.is_empty())
            .map(Kind::parse)
            .collect();
        self.names = names.iter().map(|name| (*name).to_owned()).collect();
    }

    /// `deployment/web`, or a bare pod name where `logs` allows it.
    fn place_slashed(&mut self, object: &str, bare_is_pod: bool) {
        match object.split_once('/') {
            Some((kind, name)) => {
                if bare_is_pod {
                    self.kinds.clear();
                }
                self.kinds.push(Kind::parse(kind));
                self.names.push(name.to_owned());
            }
            None => self.names.push(object.to_owned()),
        }
    }
}

#[cfg(test)]
mod tests;
