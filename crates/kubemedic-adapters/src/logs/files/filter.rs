//! The part of Lucene's query language that can be answered on a line of text: words, phrases, wildcards, AND, OR, NOT, `+`, `-`,
//! parentheses, and the fields that a file's path tells. Everything else is refused by name, never misread.

mod parse;

use std::cell::OnceCell;

use super::place::Place;

pub(super) use parse::parse;

/// A field that can be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Field {
    Text,
    Namespace,
    Pod,
    Container,
    File,
}

/// The names of the fields, as search clusters call them.
const FIELDS: [(&str, Field); 13] = [
    ("message", Field::Text),
    ("log", Field::Text),
    ("msg", Field::Text),
    ("namespace", Field::Namespace),
    ("kubernetes.namespace", Field::Namespace),
    ("kubernetes.namespace_name", Field::Namespace),
    ("pod", Field::Pod),
    ("kubernetes.pod_name", Field::Pod),
    ("kubernetes.pod.name", Field::Pod),
    ("container", Field::Container),
    ("kubernetes.container_name", Field::Container),
    ("kubernetes.container.name", Field::Container),
    ("file", Field::File),
];

/// Whether a clause must, may or must not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Occur {
    Must,
    Should,
    MustNot,
}

/// What is looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Needle {
    /// Anything.
    Any,
    /// Words one after another, in lower case.
    Words(Vec<String>),
    /// A pattern with `*` and `?` over one word, in lower case.
    Pattern(Vec<char>),
}

/// A query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Filter(Node);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Node {
    Leaf(Field, Needle),
    Clauses(Vec<(Occur, Node)>),
}

/// A line with where it is from. Its lower case and its words are made when they are asked for.
pub(super) struct Line<'a> {
    text: &'a str,
    file: &'a str,
    place: &'a Place,
    lower: OnceCell<String>,
}

impl<'a> Line<'a> {
    pub(super) fn new(text: &'a str, file: &'a str, place: &'a Place) -> Self {
        Self {
            text,
            file,
            place,
            lower: OnceCell::new(),
        }
    }

    fn lower(&self) -> &str {
        self.lower.get_or_init(|| self.text.to_lowercase())
    }

    fn name(&self, field: Field) -> Option<&str> {
        match field {
            Field::Text => Some(self.text),
            Field::Namespace => self.place.namespace.as_deref(),
            Field::Pod => self.place.pod.as_deref(),
            Field::Container => self.place.container.as_deref(),
            Field::File => Some(self.file),
        }
    }
}

impl Filter {
    /// Whether every line matches.
    pub(super) fn is_everything(&self) -> bool {
        self.0 == Node::Leaf(Field::Text, Needle::Any)
    }

    pub(super) fn matches(&self, line: &Line<'_>) -> bool {
        matches(&self.0, line)
    }
}

fn matches(node: &Node, line: &Line<'_>) -> bool {
    match node {
        Node::Leaf(Field::Text, needle) => in_text(needle, line.lower()),
        Node::Leaf(field, needle) => line.name(*field).is_some_and(|name| is_name(needle, name)),
        Node::Clauses(clauses) => {
            let of = |occur| clauses.iter().filter(move |(it, _)| *it == occur);
            let holds = |(_, node): &(Occur, Node)| matches(node, line);
            let mut musts = of(Occur::Must).peekable();
            // As Lucene does it: beside something that must hold, what may hold only ranks.
            let has_must = musts.peek().is_some();
            let mut shoulds = of(Occur::Should).peekable();
            let has_should = shoulds.peek().is_some();
            !of(Occur::MustNot).any(holds)
                && musts.all(holds)
                && (has_must || !has_should || shoulds.any(holds))
        }
    }
}

/// Whether a text holds what is looked for.
fn in_text(needle: &Needle, text: &str) -> bool {
    match needle {
        Needle::Any => true,
        Needle::Words(wanted) => has_phrase(wanted, text),
        Needle::Pattern(pattern) => match pattern.as_slice() {
            ['*', middle @ .., '*'] if !middle.contains(&'*') && !middle.contains(&'?') => {
                text.contains(&middle.iter().collect::<String>())
            }
            pattern => {
                let mut all = text.split_whitespace().chain(words(text));
                all.any(|word| glob(pattern, word))
            }
        },
    }
}

/// Whether a name is what is looked for, as a whole.
fn is_name(needle: &Needle, name: &str) -> bool {
    let name = name.to_lowercase();
    match needle {
        Needle::Any => true,
        Needle::Words(wanted) => words(&name).eq(wanted.iter().map(String::as_str)),
        Needle::Pattern(pattern) => glob(pattern, &name),
    }
}

/// The words of a text: letters, digits and underscores.
fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric() && c != '_')
        .filter(|word| !word.is_empty())
}

/// Whether words stand one after another.
fn has_phrase(wanted: &[String], text: &str) -> bool {
    match wanted {
        [] => false,
        [only] => words(text).any(|word| word == only),
        wanted => {
            let all: Vec<&str> = words(text).collect();
            all.windows(wanted.len()).any(|window| window == wanted)
        }
    }
}

/// Whether a pattern with `*` and `?` is a whole word. Takes no more than the product of both lengths.
pub(super) fn glob(pattern: &[char], word: &str) -> bool {
    let word: Vec<char> = word.chars().collect();
    let (mut at, mut next) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while at < word.len() {
        match pattern.get(next) {
            Some('*') => {
                star = Some((next, at));
                next += 1;
            }
            Some(c) if *c == '?' || Some(c) == word.get(at) => {
                at += 1;
                next += 1;
            }
            _ => {
                let Some((star_at, from)) = star else {
                    return false;
                };
                star = Some((star_at, from + 1));
                (next, at) = (star_at + 1, from + 1);
            }
        }
    }
    pattern.iter().skip(next).all(|c| *c == '*')
}

#[cfg(test)]
mod tests;
