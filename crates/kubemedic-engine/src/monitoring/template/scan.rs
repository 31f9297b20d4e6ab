//! One pass over the first line of a message: its words, marks and masks. Which stretch is a mask because of its look is
//! decided in `shape`; here stands what follows from its place (behind `=`, in quotes, in braces, beside another mask).

use memchr::memchr;

use super::{
    hash::{self, mix},
    shape::{self, DIGIT, LETTERS, Look, SPACE, STOP, class},
    vocabulary,
};

/// The longest stretch of a message that makes its template, in bytes.
pub(super) const MAX_BYTES: usize = 1_000;
/// The most pieces of one template.
pub(super) const MAX_PIECES: usize = 160;

/// What a piece is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A variable part by its look or place.
    Mask,
    /// A variable part because different names were seen there.
    Open,
    /// Punctuation.
    Mark,
    /// A word of log English.
    Word,
    /// A word in capitals: a state, a level, an abbreviation.
    Capitals,
    /// An identifier, or a word that is not log English.
    Name,
}

/// A piece of a message: its hash and where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Piece {
    pub(super) hash: u64,
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) kind: Kind,
    /// Whether white space stands before it.
    pub(super) spaced: bool,
}

/// The hash of every mask.
pub(super) const MASK_HASH: u64 = 0x6d61_736b;

/// The hash of a mark.
pub(super) fn mark_hash(byte: u8) -> u64 {
    0x6d61_726b_0000_0000 | u64::from(byte)
}

/// The hash of a message's pieces.
pub(super) fn signature(message: &str) -> u64 {
    let mut signature = 0;
    run(message, |piece| signature = mix(signature, piece.hash));
    signature
}

/// A message's pieces, words and names told apart.
pub(super) fn pieces(message: &str, pieces: &mut Vec<Piece>) {
    pieces.clear();
    run(message, |piece| pieces.push(piece));
    let line = first_line(message);
    for piece in pieces.iter_mut().filter(|piece| piece.kind == Kind::Word) {
        let text = line.get(piece.start..piece.end).unwrap_or_default();
        piece.kind = vocabulary::kind(text);
    }
}

/// What of a message makes its template.
pub(super) fn first_line(message: &str) -> &str {
    let message = message.trim_ascii_start();
    let end = memchr(b'\n', message.as_bytes()).unwrap_or(message.len());
    let end = end.min(message.floor_char_boundary(MAX_BYTES));
    message.get(..end).unwrap_or(message)
}

fn run(message: &str, put: impl FnMut(Piece)) {
    let mut scanner = Scanner {
        line: first_line(message).as_bytes(),
        at: 0,
        put,
        count: 0,
        spaced: false,
        after_mask: false,
        number: false,
        pending: None,
        mark: 0,
        user: false,
        command: false,
        closing: None,
        unclosed: 0,
    };
    while scanner.count < MAX_PIECES && scanner.step() {}
    scanner.flush();
}

/// Where the pass stands and what stood before.
struct Scanner<'a, F> {
    line: &'a [u8],
    at: usize,
    put: F,
    count: usize,
    spaced: bool,
    /// The last piece is a mask, perhaps with `pending` behind it.
    after_mask: bool,
    /// That mask ends with a number, so that a unit may follow.
    number: bool,
    /// A mark behind a mask: it is dropped where another mask follows.
    pending: Option<Piece>,
    /// The last mark, if nothing stands behind it.
    mark: u8,
    /// The last word was `user`.
    user: bool,
    /// The last word was cron's `CMD`.
    command: bool,
    /// Where the quote closes that was read as text.
    closing: Option<usize>,
    /// An opening byte that is known to have no closing one.
    unclosed: u8,
}

impl<F: FnMut(Piece)> Scanner<'_, F> {
    #[inline]
    fn peek(&self, at: usize) -> u8 {
        self.line.get(at).copied().unwrap_or(0)
    }

    #[inline]
    fn slice(&self, start: usize, end: usize) -> &[u8] {
        self.line.get(start..end).unwrap_or_default()
    }

    #[inline]
    fn step(&mut self) -> bool {
        let Some(byte) = self.line.get(self.at) else {
            return false;
        };
        let class = class(*byte);
        if class == SPACE {
            self.spaced = true;
            self.at += 1;
        } else if class & STOP == 0 && *byte != b'\'' {
            self.chunk();
        } else {
            self.delimiter(*byte);
        }
        true
    }

    #[inline]
    fn flush(&mut self) {
        if let Some(piece) = self.pending.take() {
            self.count += 1;
            (self.put)(piece);
        }
    }

    #[inline]
    fn emit(&mut self, hash: u64, kind: Kind, start: usize, end: usize) {
        self.flush();
        self.count += 1;
        (self.put)(Piece {
            hash,
            start,
            end,
            kind,
            spaced: self.spaced,
        });
        self.spaced = false;
        self.mark = 0;
        self.user = false;
        self.command = false;
    }

    #[inline]
    fn word(&mut self, start: usize, end: usize) {
        let hash = hash::of(self.slice(start, end));
        self.emit(hash, Kind::Word, start, end);
        self.after_mask = false;
    }

    #[inline]
    fn mask(&mut self, start: usize, end: usize, number: bool) {
        self.number = number;
        if self.after_mask {
            self.pending = None;
            self.spaced = false;
            self.mark = 0;
        } else {
            self.emit(MASK_HASH, Kind::Mask, start, end);
            self.after_mask = true;
        }
    }

    #[inline]
    fn mark(&mut self, byte: u8, start: usize, end: usize) {
        let joins = matches!(
            byte,
            b',' | b':' | b'-' | b'/' | b'.' | b'@' | b'#' | b'+' | b'*' | b'|'
        );
        if self.after_mask && self.pending.is_none() && joins {
            self.pending = Some(Piece {
                hash: mark_hash(byte),
                start,
                end,
                kind: Kind::Mark,
                spaced: self.spaced,
            });
            self.spaced = false;
        } else {
            self.emit(mark_hash(byte), Kind::Mark, start, end);
            self.after_mask = false;
        }
        self.mark = byte;
    }

    /// A stretch without white space and delimiters.
    #[inline]
    fn chunk(&mut self) {
        let start = self.at;
        let rest = self.line.get(start..).unwrap_or_default();
        let (length, seen) = shape::measure(rest);
        let end = start + length;
        self.at = end;
        if seen & !LETTERS == 0 {
            return self.letters(start, end);
        }
        let core = start + shape::core_length(self.slice(start, end));
        if core > start {
            self.core(start, core, seen);
        }
        if core < end {
            self.mark(self.peek(core), core, end);
        }
    }

    /// A stretch of letters only.
    #[inline]
    fn letters(&mut self, start: usize, end: usize) {
        let word = self.slice(start, end);
        let next = self.peek(end);
        if next == b'=' {
            return self.word(start, end);
        }
        let value = shape::is_value(word)
            || (self.user && !shape::stays_behind_user(word))
            || self.is_colon_value(next);
        if value {
            return self.mask(start, end, false);
        }
        if self.after_mask && self.number && self.pending.is_none() && shape::is_unit(word) {
            self.spaced = false;
            return;
        }
        let (user, command) = (shape::is_user(word), word == b"CMD");
        self.word(start, end);
        self.user = user;
        self.command = command;
    }

    /// A single word between `key: ` and a mark that ends it.
    #[inline]
    fn is_colon_value(&self, next: u8) -> bool {
        self.mark == b':' && self.count > 2 && matches!(next, b',' | b';' | b')' | b']' | b'}')
    }

    /// A stretch with digits or signs in it.
    fn core(&mut self, start: usize, end: usize, seen: u8) {
        let core = self.slice(start, end);
        let next = self.peek(end);
        match shape::look(core, seen) {
            _ if next == b'=' && seen & DIGIT == 0 => self.word(start, end),
            Look::Mask => self.mask(start, end, false),
            Look::Number => self.mask(start, end, true),
            Look::Letters => self.letters(start, end),
            Look::Word if self.user || self.is_colon_value(next) => self.mask(start, end, false),
            Look::Word => self.word(start, end),
            Look::Mark => self.mark(self.peek(start), start, end),
            Look::Key { key, value } => self.keyed(start, start + key, start + value, end),
        }
    }

    /// `key:value`, or `words....0`.
    fn keyed(&mut self, start: usize, key: usize, value: usize, end: usize) {
        self.word(start, key);
        self.mark(self.peek(key), key, value);
        let text = self.slice(value, end);
        let digit = text.first().is_some_and(u8::is_ascii_digit);
        if !digit && vocabulary::has(text) {
            self.word(value, end);
        } else {
            self.mask(value, end, digit);
        }
    }

    fn delimiter(&mut self, byte: u8) {
        let at = self.at;
        match byte {
            b'"' | b'\'' | b'`' => self.quote(byte),
            b'=' => self.equals(),
            b'{' if self.count > 0 => self.group(byte),
            b'(' if self.command => self.group(byte),
            b'(' | b'[' | b'{' => {
                self.at += 1;
                self.mark(byte, at, at + 1);
                if Some(self.peek(at + 1)) == shape::closing(byte) {
                    self.mask(at + 1, at + 1, false);
                }
            }
            b'<' if self.line.get(at..at + 3) == Some(b"<*>") => {
                self.at += 3;
                self.mask(at, at + 3, false);
            }
            b'<' | b'>' if self.peek(at + 1).is_ascii_digit() => self.at += 1,
            _ => {
                self.at += 1;
                self.mark(byte, at, at + 1);
            }
        }
    }

    /// A quoted stretch is a value, but at the very beginning, before `:` or `=`, and where it is a sentence or a request.
    fn quote(&mut self, byte: u8) {
        let open = self.at;
        self.at += 1;
        let close = (self.closing != Some(open) && self.unclosed != byte)
            .then(|| self.line.get(open + 1..).and_then(|rest| memchr(byte, rest)))
            .flatten();
        let Some(length) = close else {
            if self.closing != Some(open) {
                self.unclosed = byte;
            }
            self.closing = None;
            return self.mark(byte, open, open + 1);
        };
        let close = open + 1 + length;
        let text = self.slice(open + 1, close);
        let key = matches!(self.peek(close + 1), b':' | b'=');
        if self.count == 0 || key || (self.mark != b':' && shape::is_sentence(text)) {
            self.closing = Some(close);
            return self.mark(byte, open, open + 1);
        }
        self.at = close + 1;
        self.mask(open, close + 1, false);
    }

    /// `{...}` is one mask, however much it holds.
    fn group(&mut self, byte: u8) {
        let open = self.at;
        let close = (self.unclosed != byte)
            .then(|| shape::group_length(self.line.get(open..).unwrap_or_default()))
            .flatten();
        self.mark(byte, open, open + 1);
        let Some(length) = close else {
            self.unclosed = byte;
            self.at = open + 1;
            return;
        };
        let close = open + length - 1;
        self.mask(open + 1, close, false);
        self.mark(self.peek(close), close, close + 1);
        self.at = close + 1;
    }

    /// What stands behind `=` is a value, be it empty.
    fn equals(&mut self) {
        let at = self.at;
        let operator = matches!(self.peek(at + 1), b'=' | b'>')
            || at
                .checked_sub(1)
                .is_some_and(|before| matches!(self.peek(before), b'!' | b'<' | b'>' | b'='));
        let part_of_value = self.after_mask && self.pending.is_none() && !self.spaced;
        let apart = self.spaced;
        self.at += 1;
        if operator || !part_of_value {
            self.mark(b'=', at, at + 1);
        }
        if operator {
            self.at += usize::from(matches!(self.peek(self.at), b'=' | b'>'));
            return;
        }
        if apart {
            while class(self.peek(self.at)) == SPACE && self.at < self.line.len() {
                self.spaced = true;
                self.at += 1;
            }
        }
        let rest = self.line.get(self.at..).unwrap_or_default();
        let length = shape::value_length(rest);
        let number = rest.first().is_some_and(u8::is_ascii_digit);
        self.mask(self.at, self.at + length, number);
        self.at += length;
    }
}
