//! Sentence templates: `{fact}`, `{fact|words if missing}`, `{fact|@other}` and `[parts that need their facts]`.

use std::collections::BTreeSet;

/// A parsed template.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Template {
    pieces: Vec<Piece>,
}

#[derive(Debug, Clone, PartialEq)]
enum Piece {
    Text(String),
    Slot { name: String, fallback: Option<String> },
    Optional(Vec<Piece>),
}

/// Why a text is no template.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum TemplateError {
    /// A bracket has no partner.
    #[error("the template has an unbalanced '{0}'")]
    Unbalanced(char),
    /// A slot outside of an optional part may stay empty.
    #[error("the slot '{0}' needs a fallback, as in {{{0}|words}}, or brackets around its part")]
    NoFallback(String),
}

impl Template {
    /// Parses a template. `{object}` and `{underlying}` need no fallback: they always have words.
    pub(super) fn parse(text: &str) -> Result<Self, TemplateError> {
        let mut chars = text.chars();
        let mut pieces = Vec::new();
        let mut optional: Option<Vec<Piece>> = None;
        let mut plain = String::new();
        while let Some(c) = chars.next() {
            let current = optional.as_mut().unwrap_or(&mut pieces);
            if matches!(c, '{' | '[' | ']') && !plain.is_empty() {
                current.push(Piece::Text(std::mem::take(&mut plain)));
            }
            match c {
                '{' => {
                    let slot: String = chars.by_ref().take_while(|c| *c != '}').collect();
                    current.push(slot_of(&slot));
                }
                '[' if optional.is_none() => optional = Some(Vec::new()),
                ']' => match optional.take() {
                    Some(part) => pieces.push(Piece::Optional(part)),
                    None => return Err(TemplateError::Unbalanced(']')),
                },
                '[' | '}' => return Err(TemplateError::Unbalanced(c)),
                other => plain.push(other),
            }
        }
        if optional.is_some() {
            return Err(TemplateError::Unbalanced('['));
        }
        if !plain.is_empty() {
            pieces.push(Piece::Text(plain));
        }
        let bare = pieces.iter().find_map(|piece| match piece {
            Piece::Slot { name, fallback: None } if name != "object" => Some(name.clone()),
            _ => None,
        });
        bare.map_or(Ok(Self { pieces }), |name| Err(TemplateError::NoFallback(name)))
    }

    /// The names of all slots.
    pub(super) fn slots(&self) -> BTreeSet<&str> {
        let mut names = BTreeSet::new();
        for piece in &self.pieces {
            match piece {
                Piece::Text(_) => {}
                Piece::Slot { name, .. } => {
                    names.insert(name.as_str());
                }
                Piece::Optional(part) => names.extend(part.iter().filter_map(slot_name)),
            }
        }
        names
    }

    /// Fills the slots.
    pub(super) fn render(&self, value: &dyn Fn(&str) -> Option<String>) -> String {
        let mut sentence = String::new();
        for piece in &self.pieces {
            match piece {
                Piece::Optional(part) => {
                    let filled: Option<Vec<String>> = part.iter().map(|it| fill(it, value)).collect();
                    sentence.push_str(&filled.unwrap_or_default().concat());
                }
                plain => sentence.push_str(&fill(plain, value).unwrap_or_default()),
            }
        }
        sentence
    }
}

/// `name` or `name|fallback`.
fn slot_of(text: &str) -> Piece {
    match text.split_once('|') {
        Some((name, fallback)) => Piece::Slot {
            name: name.to_owned(),
            fallback: Some(fallback.to_owned()),
        },
        None => Piece::Slot {
            name: text.to_owned(),
            fallback: None,
        },
    }
}

fn slot_name(piece: &Piece) -> Option<&str> {
    match piece {
        Piece::Slot { name, .. } => Some(name),
        Piece::Text(_) | Piece::Optional(_) => None,
    }
}

/// The words of a piece that is not optional, or `None` when its slot is empty.
fn fill(piece: &Piece, value: &dyn Fn(&str) -> Option<String>) -> Option<String> {
    match piece {
        Piece::Text(text) => Some(text.clone()),
        Piece::Slot { name, fallback } => value(name).or_else(|| {
            let fallback = fallback.as_deref()?;
            fallback
                .strip_prefix('@')
                .map_or_else(|| Some(fallback.to_owned()), value)
        }),
        Piece::Optional(_) => None,
    }
}
