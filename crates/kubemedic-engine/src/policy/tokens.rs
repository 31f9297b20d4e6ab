//! Words of a command line: POSIX quotes, no expansion. What a shell would act on is an error, not a word.

use super::ParseError;

/// The longest command line, in bytes: patches are long, commands are not.
pub(super) const MAX_BYTES: usize = 64 * 1024;
/// Characters on which a shell acts wherever they stand unquoted.
const METACHARACTERS: &str = ";&|<>$`()#~^";
/// Characters that a shell expands unquoted; output expressions carry them by custom.
const GLOBS: &str = "*?[]{}";
/// The beginnings of words that are output expressions.
const EXPRESSIONS: [&str; 6] = [
    "jsonpath=",
    "jsonpath-as-json=",
    "custom-columns=",
    "go-template=",
    "{.",
    "--sort-by=",
];

/// Refuses characters that no kubectl command needs: controls, and letters that look like others.
pub(super) fn gate(text: &str) -> Result<(), ParseError> {
    if text.len() > MAX_BYTES {
        return Err(ParseError::new(format!(
            "the command is longer than {MAX_BYTES} bytes"
        )));
    }
    match text.chars().find(|c| !(' '..='~').contains(c)) {
        None => Ok(()),
        Some(c) if c.is_control() => Err(ParseError::new(format!(
            "control character U+{:04X} in the command",
            u32::from(c)
        ))),
        Some(c) => Err(ParseError::new(format!(
            "character U+{:04X} in the command is not ASCII; write it as \\u escape in JSON or leave it out",
            u32::from(c)
        ))),
    }
}

/// Splits a line into words.
pub(super) fn words(line: &str) -> Result<Vec<String>, ParseError> {
    gate(line)?;
    let mut reader = Reader {
        rest: line.chars().peekable(),
        words: Vec::new(),
        word: None,
        bare_glob: false,
    };
    while let Some(c) = reader.rest.next() {
        reader.unquoted(c)?;
    }
    reader.end_word()?;
    Ok(reader.words)
}

/// The state between two characters outside of quotes.
struct Reader<'a> {
    rest: std::iter::Peekable<std::str::Chars<'a>>,
    words: Vec<String>,
    word: Option<String>,
    bare_glob: bool,
}

impl Reader<'_> {
    fn push(&mut self, c: char) {
        self.word.get_or_insert_default().push(c);
    }

    fn unquoted(&mut self, c: char) -> Result<(), ParseError> {
        match c {
            ' ' => return self.end_word(),
            '\'' => return self.single_quoted(),
            '"' => return self.double_quoted(),
            '\\' if self.rest.next_if_eq(&'\'').is_some() => self.push('\''),
            '\\' => return Err(metacharacter(c)),
            '!' if self.rest.peek() != Some(&'=') => return Err(metacharacter(c)),
            c if METACHARACTERS.contains(c) => return Err(metacharacter(c)),
            c => {
                self.bare_glob |= GLOBS.contains(c);
                self.push(c);
            }
        }
        Ok(())
    }

    fn single_quoted(&mut self) -> Result<(), ParseError> {
        self.word.get_or_insert_default();
        loop {
            match self.rest.next() {
                Some('\'') => return Ok(()),
                Some(c) => self.push(c),
                None => return Err(ParseError::new("a single quote is not closed")),
            }
        }
    }

    fn double_quoted(&mut self) -> Result<(), ParseError> {
        self.word.get_or_insert_default();
        loop {
            match self.rest.next() {
                Some('"') => return Ok(()),
                Some(c @ ('$' | '`')) => return Err(metacharacter(c)),
                Some('!') if !matches!(self.rest.peek(), Some('=' | ' ' | '(' | '"')) => {
                    return Err(metacharacter('!'));
                }
                Some('\\') => match self.rest.next() {
                    Some(c @ ('"' | '\\')) => self.push(c),
                    Some(c @ ('$' | '`')) => return Err(metacharacter(c)),
                    Some(c) => {
                        self.push('\\');
                        self.push(c);
                    }
                    None => return Err(ParseError::new("a double quote is not closed")),
                },
                Some(c) => self.push(c),
                None => return Err(ParseError::new("a double quote is not closed")),
            }
        }
    }

    fn end_word(&mut self) -> Result<(), ParseError> {
        let Some(word) = self.word.take() else {
            return Ok(());
        };
        if std::mem::take(&mut self.bare_glob) && !is_expression(&word) {
            return Err(ParseError::new(format!(
                "`{word}` holds an unquoted pattern that a shell would expand; quote it"
            )));
        }
        self.words.push(word);
        Ok(())
    }
}

/// Whether a word is an output expression in which brackets are custom. Braces with a comma expand in a shell.
fn is_expression(word: &str) -> bool {
    let value = word
        .strip_prefix("--output=")
        .or_else(|| word.strip_prefix("-o="))
        .or_else(|| word.strip_prefix("-o"))
        .unwrap_or(word);
    let is_path = value
        .strip_prefix('.')
        .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_alphabetic()));
    (is_path || EXPRESSIONS.iter().any(|start| value.starts_with(start)))
        && !(word.contains('{') && word.contains(','))
}

fn metacharacter(c: char) -> ParseError {
    ParseError::new(format!(
        "shell metacharacter `{c}`: one plain kubectl command is allowed, without pipes, lists or substitutions"
    ))
}
