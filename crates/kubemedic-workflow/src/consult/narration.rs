//! What a person sees of an answer on its way: the words of its `reasoning`, taken out of half-written JSON and cut into
//! sentences. Redaction is the caller's.

use kubemedic_ports::chat_model::Delta;

#[cfg(test)]
mod tests;

/// The property of an answer that is shown while it is written.
const SHOWN: &str = "reasoning";
/// A piece ends at the first end of a sentence from here on, in bytes.
const PIECE_BYTES: usize = 120;
/// A piece without an end of a sentence is cut here, at a word's end.
const LONGEST_PIECE_BYTES: usize = 400;
/// The most bytes that are shown of one answer.
const MAX_SHOWN_BYTES: usize = 8 * 1024;

/// Turns pieces of an answer into pieces of its reasoning.
#[derive(Debug, Default)]
pub(crate) struct Narration {
    reader: Reader,
    thoughts: Sentences,
    reasoning: Sentences,
    shown: usize,
}

impl Narration {
    /// Takes one piece; returns whole sentences, if any are whole now.
    pub(crate) fn take(&mut self, delta: &Delta) -> Vec<String> {
        let pieces = match delta {
            Delta::Restart => {
                *self = Self {
                    shown: self.shown,
                    ..Self::default()
                };
                Vec::new()
            }
            Delta::Reasoning(text) => self.thoughts.take(text),
            Delta::Text(text) => {
                let read = self.reader.take(text);
                self.reasoning.take(&read)
            }
        };
        self.within_limit(pieces)
    }

    /// What is left when the answer is whole.
    pub(crate) fn finish(&mut self) -> Vec<String> {
        let mut pieces = self.thoughts.finish();
        pieces.extend(self.reasoning.finish());
        self.reader = Reader::default();
        self.within_limit(pieces)
    }

    fn within_limit(&mut self, mut pieces: Vec<String>) -> Vec<String> {
        pieces.retain(|piece| {
            self.shown = self.shown.saturating_add(piece.len());
            self.shown <= MAX_SHOWN_BYTES
        });
        pieces
    }
}

/// Text that waits for the end of its sentence.
#[derive(Debug, Default)]
struct Sentences {
    waiting: String,
}

impl Sentences {
    fn take(&mut self, text: &str) -> Vec<String> {
        self.waiting.push_str(text);
        let mut pieces = Vec::new();
        while let Some(end) = piece_end(&self.waiting) {
            let rest = self.waiting.split_off(end);
            pieces.push(std::mem::replace(&mut self.waiting, rest));
        }
        told(&pieces)
    }

    fn finish(&mut self) -> Vec<String> {
        told(&[std::mem::take(&mut self.waiting)])
    }
}

fn told(pieces: &[String]) -> Vec<String> {
    let pieces = pieces.iter().map(|piece| piece.trim());
    pieces
        .filter(|piece| !piece.is_empty())
        .map(str::to_owned)
        .collect()
}

/// Where the first piece of a text ends, if it is whole.
fn piece_end(text: &str) -> Option<usize> {
    let sentence = text
        .char_indices()
        .zip(text.chars().skip(1))
        .find(|((at, c), next)| {
            *at >= PIECE_BYTES && (*c == '\n' || (matches!(c, '.' | '!' | '?' | ':') && next.is_whitespace()))
        });
    if let Some(((at, c), _)) = sentence {
        return Some(at + c.len_utf8());
    }
    if text.len() < LONGEST_PIECE_BYTES {
        return None;
    }
    let word = text.char_indices().rfind(|(_, c)| c.is_whitespace());
    Some(word.map_or(text.len(), |(at, c)| at + c.len_utf8()))
}

/// Where the reader stands in the JSON text.
#[derive(Debug, Default, PartialEq)]
enum Place {
    /// Before the object.
    #[default]
    Before,
    /// In the object, before its first property.
    Object,
    /// In a string that may be the property's name.
    Name(String),
    /// After the name, before its value.
    Colon,
    /// In the value.
    Value,
    /// In the value, after a backslash.
    Escape,
    /// In the value, within the digits of a `\u` escape.
    Unicode(String),
    /// After the value: nothing more is shown.
    After,
}

/// Reads the string value of one property out of JSON text that comes in pieces. Text that is no JSON object is not shown.
#[derive(Debug, Default)]
struct Reader {
    place: Place,
    /// The first half of a pair of UTF-16 units.
    high: Option<u32>,
}

impl Reader {
    fn take(&mut self, text: &str) -> String {
        let mut shown = String::new();
        for c in text.chars() {
            let place = std::mem::take(&mut self.place);
            self.place = self.next(place, c, &mut shown);
        }
        shown
    }

    fn next(&mut self, place: Place, c: char, shown: &mut String) -> Place {
        match place {
            Place::Before if c == '{' => Place::Object,
            Place::Object if c == '"' => Place::Name(String::new()),
            Place::Before | Place::Object if c.is_whitespace() => place,
            Place::Name(name) if c == '"' && name == SHOWN => Place::Colon,
            Place::Name(mut name) if c != '"' && name.len() < SHOWN.len() => {
                name.push(c);
                Place::Name(name)
            }
            Place::Colon if c == '"' => Place::Value,
            Place::Colon if c == ':' || c.is_whitespace() => Place::Colon,
            Place::Value if c == '\\' => Place::Escape,
            Place::Value if c != '"' => {
                shown.push(c);
                Place::Value
            }
            Place::Escape if c == 'u' => Place::Unicode(String::new()),
            Place::Escape => {
                shown.extend(unescaped(c));
                Place::Value
            }
            Place::Unicode(mut digits) => {
                digits.push(c);
                if digits.len() < 4 {
                    return Place::Unicode(digits);
                }
                self.unit(u32::from_str_radix(&digits, 16).unwrap_or(0xFFFD), shown);
                Place::Value
            }
            // The shown property is the first one: whatever else stands here is not what was asked for.
            Place::Before | Place::Object | Place::Name(_) | Place::Colon | Place::Value | Place::After => {
                Place::After
            }
        }
    }

    fn unit(&mut self, unit: u32, shown: &mut String) {
        let code = match (self.high.take(), unit) {
            (_, 0xD800..=0xDBFF) => {
                self.high = Some(unit);
                return;
            }
            (Some(high), 0xDC00..=0xDFFF) => 0x10000 + ((high - 0xD800) << 10) + (unit - 0xDC00),
            (_, unit) => unit,
        };
        shown.push(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
    }
}

/// What a letter after a backslash stands for; nothing where it cannot be shown.
fn unescaped(c: char) -> Option<char> {
    match c {
        'n' | 'r' => Some('\n'),
        't' => Some(' '),
        'b' | 'f' => None,
        other => Some(other),
    }
}
