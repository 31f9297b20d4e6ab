//! A query string becomes a filter, by the rules of Lucene's classic parser: without an operator words are joined by OR, and AND
//! makes the clauses on both sides obligatory.

use super::{FIELDS, Field, Filter, Needle, Node, Occur, words};

/// The longest query, in bytes.
const MAX_QUERY: usize = 4096;
/// The most parts of a query.
const MAX_PARTS: usize = 256;
/// How deep parentheses may be nested.
const MAX_DEPTH: usize = 16;

/// A part of a query string.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Open,
    Close,
    And,
    Or,
    Not,
    Plus,
    Term { field: Field, needle: Needle },
}

/// Reads a query string; blank is everything.
pub(in super::super) fn parse(text: &str) -> Result<Filter, String> {
    if text.len() > MAX_QUERY {
        return Err(format!("it is longer than {MAX_QUERY} bytes"));
    }
    let parts = Lexer {
        rest: text.trim(),
        parts: Vec::new(),
    }
    .run()?;
    if parts.is_empty() {
        return Ok(Filter(Node::Leaf(Field::Text, Needle::Any)));
    }
    let mut parser = Parser {
        parts: parts.into_iter().peekable(),
    };
    let node = parser.clauses(0)?;
    match parser.parts.next() {
        None => Ok(Filter(node)),
        Some(_) => Err("a parenthesis is closed that was not opened".to_owned()),
    }
}

struct Lexer<'a> {
    rest: &'a str,
    parts: Vec<Part>,
}

impl Lexer<'_> {
    fn run(mut self) -> Result<Vec<Part>, String> {
        loop {
            self.rest = self.rest.trim_start();
            let Some(first) = self.rest.chars().next() else {
                return Ok(self.parts);
            };
            if self.parts.len() >= MAX_PARTS {
                return Err(format!("it has more than {MAX_PARTS} parts"));
            }
            let (part, used) = self.part(first)?;
            self.parts.push(part);
            self.rest = self.rest.get(used..).unwrap_or("");
        }
    }

    /// The next part and its length in bytes.
    fn part(&self, first: char) -> Result<(Part, usize), String> {
        match first {
            '(' => Ok((Part::Open, 1)),
            ')' => Ok((Part::Close, 1)),
            '+' => Ok((Part::Plus, 1)),
            '-' | '!' => Ok((Part::Not, 1)),
            '"' => {
                let (phrase, used) = quoted(self.rest)?;
                Ok((
                    Part::Term {
                        field: Field::Text,
                        needle: phrase_of(phrase)?,
                    },
                    used,
                ))
            }
            '&' if self.rest.starts_with("&&") => Ok((Part::And, 2)),
            '|' if self.rest.starts_with("||") => Ok((Part::Or, 2)),
            _ => self.word(),
        }
    }

    fn word(&self) -> Result<(Part, usize), String> {
        let word = bare(self.rest);
        match word {
            "AND" => return Ok((Part::And, word.len())),
            "OR" => return Ok((Part::Or, word.len())),
            "NOT" => return Ok((Part::Not, word.len())),
            "*:*" => {
                let (field, needle) = (Field::Text, Needle::Any);
                return Ok((Part::Term { field, needle }, word.len()));
            }
            _ => {}
        }
        let Some((name, value)) = split_field(word) else {
            let needle = needle(word)?;
            let field = Field::Text;
            return Ok((Part::Term { field, needle }, word.len()));
        };
        let field = field(name)?;
        if !value.is_empty() {
            let needle = needle(value)?;
            return Ok((Part::Term { field, needle }, word.len()));
        }
        let after = self.rest.get(word.len()..).unwrap_or("");
        if !after.starts_with('"') {
            return Err(format!("'{name}:' needs a word or a phrase after it"));
        }
        let (phrase, used) = quoted(after)?;
        let needle = phrase_of(phrase)?;
        Ok((Part::Term { field, needle }, word.len() + used))
    }
}

/// Text up to a blank, a quote or a parenthesis that is not escaped.
fn bare(text: &str) -> &str {
    let mut is_escaped = false;
    let end = text.find(|c: char| {
        let ends = !is_escaped && (c.is_whitespace() || matches!(c, '"' | '(' | ')'));
        is_escaped = !is_escaped && c == '\\';
        ends
    });
    text.get(..end.unwrap_or(text.len())).unwrap_or(text)
}

/// A phrase after its opening quote, and its length with both quotes.
fn quoted(text: &str) -> Result<(&str, usize), String> {
    let mut is_escaped = false;
    let inner = text.get(1..).unwrap_or("");
    let end = inner.find(|c: char| {
        let ends = !is_escaped && c == '"';
        is_escaped = !is_escaped && c == '\\';
        ends
    });
    let end = end.ok_or("a quote is not closed")?;
    Ok((inner.get(..end).unwrap_or(""), end + 2))
}

/// `name:value` at a colon that is not escaped.
fn split_field(word: &str) -> Option<(&str, &str)> {
    let mut is_escaped = false;
    let colon = word.find(|c: char| {
        let is_colon = !is_escaped && c == ':';
        is_escaped = !is_escaped && c == '\\';
        is_colon
    })?;
    Some((word.get(..colon)?, word.get(colon + 1..)?))
}

fn field(name: &str) -> Result<Field, String> {
    let found = FIELDS.iter().find(|(known, _)| *known == name);
    found.map(|(_, field)| *field).ok_or_else(|| {
        format!(
            "'{name}:' is no field of a file: known are message, namespace, pod, container and file; quote a text that has a colon"
        )
    })
}

fn phrase_of(phrase: &str) -> Result<Needle, String> {
    let phrase = phrase.replace('\\', "").to_lowercase();
    let wanted: Vec<String> = words(&phrase).map(str::to_owned).collect();
    if wanted.is_empty() {
        return Err("a phrase has no word".to_owned());
    }
    Ok(Needle::Words(wanted))
}

/// A word with its escapes and wildcards.
fn needle(word: &str) -> Result<Needle, String> {
    let refused = |what: &str| Err(format!("'{word}': {what} cannot be looked for in files"));
    if word.starts_with('/') {
        return refused("a regular expression");
    }
    if word.starts_with(['[', '{', '<', '>']) {
        return refused("a range");
    }
    let mut pattern = Vec::new();
    let mut has_wildcard = false;
    let mut chars = word.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => pattern.extend(chars.next()),
            '~' => return refused("a fuzzy word"),
            '^' => return refused("a boosted word"),
            '*' | '?' => {
                has_wildcard = true;
                pattern.push(c);
            }
            _ => pattern.push(c),
        }
    }
    if has_wildcard && pattern.iter().all(|c| *c == '*') {
        return Ok(Needle::Any);
    }
    let lower: String = pattern.iter().collect::<String>().to_lowercase();
    if has_wildcard {
        return Ok(Needle::Pattern(lower.chars().collect()));
    }
    let wanted: Vec<String> = words(&lower).map(str::to_owned).collect();
    if wanted.is_empty() {
        return Err(format!("'{word}' has no word"));
    }
    Ok(Needle::Words(wanted))
}

struct Parser {
    parts: std::iter::Peekable<std::vec::IntoIter<Part>>,
}

impl Parser {
    /// Clauses up to the end or to the parenthesis that closes them.
    fn clauses(&mut self, depth: usize) -> Result<Node, String> {
        if depth > MAX_DEPTH {
            return Err(format!("parentheses are nested deeper than {MAX_DEPTH}"));
        }
        let mut clauses: Vec<(Occur, Node)> = Vec::new();
        while self.parts.peek().is_some_and(|part| *part != Part::Close) {
            let is_and = self.operator(clauses.is_empty())?;
            if is_and && let Some((occur @ Occur::Should, _)) = clauses.last_mut() {
                *occur = Occur::Must;
            }
            let sign = self.sign();
            let node = self.term(depth)?;
            let occur = sign.unwrap_or(if is_and { Occur::Must } else { Occur::Should });
            clauses.push((occur, node));
        }
        match clauses.as_slice() {
            [] => Err("a parenthesis holds nothing".to_owned()),
            [(Occur::Must | Occur::Should, _)] => Ok(clauses.remove(0).1),
            _ => Ok(Node::Clauses(clauses)),
        }
    }

    /// Takes an operator between clauses. Returns whether it is AND.
    fn operator(&mut self, is_first: bool) -> Result<bool, String> {
        let is_and = match self.parts.peek() {
            Some(Part::And) => true,
            Some(Part::Or) => false,
            _ => return Ok(false),
        };
        self.parts.next();
        if is_first {
            return Err("an operator has nothing before it".to_owned());
        }
        Ok(is_and)
    }

    fn sign(&mut self) -> Option<Occur> {
        let occur = match self.parts.peek()? {
            Part::Plus => Occur::Must,
            Part::Not => Occur::MustNot,
            _ => return None,
        };
        self.parts.next();
        Some(occur)
    }

    fn term(&mut self, depth: usize) -> Result<Node, String> {
        match self.parts.next() {
            Some(Part::Term { field, needle }) => Ok(Node::Leaf(field, needle)),
            Some(Part::Open) => {
                let inner = self.clauses(depth + 1)?;
                match self.parts.next() {
                    Some(Part::Close) => Ok(inner),
                    _ => Err("a parenthesis is not closed".to_owned()),
                }
            }
            Some(Part::Close) => Err("a parenthesis is closed where a word is due".to_owned()),
            Some(_) => Err("two operators follow each other".to_owned()),
            None => Err("an operator has nothing after it".to_owned()),
        }
    }
}
