//! One pass over the first line of a message: its words, marks and masks. Which stretch is a mask because of its look is
//! decided in `shape`; here stands what follows from its place (behind `=`, in quotes, in braces, beside another mask).

use memchr::memchr;

use super::{
    hash::{self, mix},
    lexicon::{Lexicon, Special, lexicon},
    shape::{self, DIGIT, LETTERS, Look, SPACE, STOP, class},
};

/// The longest stretch of a message that makes its template, in bytes.
pub(super) const MAX_BYTES: usize = 1_000;
/// The pieces after which a message is read no further; the last step may add a few.
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
    /// A word that is not log English.
    Name,
    /// An identifier: `camelCase`, `snake_case`, `a.b.c`.
    Code,
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

/// The hash of a line's pieces.
pub(super) fn signature(line: &str) -> u64 {
    let mut signature = 0;
    run(line, |piece| {
        signature = mix(signature, piece.hash);
    });
    signature
}

/// A line's pieces, words and names told apart.
pub(super) fn pieces(line: &str, pieces: &mut Vec<Piece>) {
    pieces.clear();
    run(line, |piece| pieces.push(piece));
    for piece in pieces.iter_mut().filter(|piece| piece.kind == Kind::Word) {
        let text = line.get(piece.start..piece.end).unwrap_or_default();
        piece.kind = lexicon().kind(text);
    }
}

/// What of a message makes its template.
pub(super) fn first_line(message: &str) -> &str {
    let message = message.trim_ascii_start();
    let end = memchr(b'\n', message.as_bytes()).unwrap_or(message.len());
    let end = end.min(message.floor_char_boundary(MAX_BYTES));
    message.get(..end).unwrap_or(message)
}

fn run(line: &str, put: impl FnMut(Piece)) {
    let mut scanner = Scanner {
        line: line.as_bytes(),
        at: 0,
        put,
        count: 0,
        spaced: false,
        after_mask: false,
        number: false,
        pending: None,
        last: 0,
        lexicon: lexicon(),
        closing: None,
        unclosed: 0,
    };
    while scanner.count < MAX_PIECES && scanner.step() {
        scanner.plain_words();
    }
    scanner.flush();
}

/// A word behind which a user's name stands.
const USER: u8 = 1;
/// A word behind which a command line stands.
const COMMAND: u8 = 2;
/// A word behind which, and a colon, a reason stands.
const REASON: u8 = 3;
/// That word and its colon.
const REASON_COLON: u8 = 4;

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
    /// The last mark, or what the last word asks for: [`USER`], [`COMMAND`], [`REASON`]; 0 behind another.
    last: u8,
    lexicon: &'static Lexicon,
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
        // One space is skipped without a branch: it stands before nearly every word, and a wrong guess costs more than this.
        let space = class(self.peek(self.at)) == SPACE;
        self.at += usize::from(space);
        self.spaced |= space;
        let Some(byte) = self.line.get(self.at) else {
            return false;
        };
        let class = class(*byte);
        if class & STOP == 0 && *byte != b'\'' {
            self.chunk();
        } else if class != SPACE {
            self.delimiter(*byte);
        }
        true
    }

    /// The short way for words of two to sixteen letters between single spaces that mean nothing special.
    #[inline]
    fn plain_words(&mut self) {
        if matches!(self.last, USER | REASON_COLON) {
            return;
        }
        while let Some(bytes) = self.line.get(self.at..).and_then(<[u8]>::first_chunk::<9>) {
            let [b' ', word @ ..] = bytes else { return };
            let word = u64::from_le_bytes(*word);
            let length = shape::leading_letters(word);
            let end = self.at + 1 + length;
            if length == 8 || self.peek(end) != b' ' || self.lexicon.may_be_special(word, length) {
                return;
            }
            self.spaced = true;
            let hash = hash::of_packed(word & !(u64::MAX << (8 * length)), length);
            self.emit(hash, Kind::Word, self.at + 1, end);
            self.after_mask = false;
            self.at = end;
        }
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
        self.last = 0;
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
            self.last = 0;
        } else {
            self.emit(MASK_HASH, Kind::Mask, start, end);
            self.after_mask = true;
        }
    }

    #[inline]
    fn mark(&mut self, byte: u8, start: usize, end: usize) {
        let before = self.last;
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
        self.last = if byte == b':' && before == REASON {
            REASON_COLON
        } else {
            byte
        };
    }

    /// A stretch without white space and delimiters.
    #[inline]
    fn chunk(&mut self) {
        let start = self.at;
        if self.last == REASON_COLON {
            self.at += shape::clause_length(self.line.get(start..).unwrap_or_default());
            return self.mask(start, self.at, false);
        }
        let (length, seen) = shape::measure(self.line.get(start..).unwrap_or_default());
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
            self.mark(self.peek(end - 1), core, end);
        }
    }

    /// A stretch of letters only.
    #[inline]
    fn letters(&mut self, start: usize, end: usize) {
        let word = self.slice(start, end);
        let hash = hash::of(word);
        let next = self.peek(end);
        let mut last = 0;
        if next != b'=' {
            match self.lexicon.special(word, hash) {
                Some(Special::Value) => return self.mask(start, end, false),
                Some(Special::Unit) if self.after_mask && self.number && self.pending.is_none() => {
                    self.spaced = false;
                    return;
                }
                Some(Special::User) => last = USER,
                Some(Special::Command) => last = COMMAND,
                Some(Special::Reason) => last = REASON,
                Some(Special::Unit) | None => {}
            }
            let by_place = self.last != 0
                && (self.is_value_by_place(start, next)
                    || (self.last == USER && !self.lexicon.stays_behind_user(word)));
            let value = by_place || shape::is_no_word(word);
            if value {
                return self.mask(start, end, false);
            }
        }
        self.emit(hash, Kind::Word, start, end);
        self.after_mask = false;
        self.last = last;
    }

    /// Whether a word has a capital inside: it is an identifier.
    fn is_code(&self, start: usize) -> bool {
        let inside = self.line.get(start + 1..).unwrap_or_default();
        let letters = inside.iter().take_while(|byte| class(**byte) & STOP == 0);
        letters.clone().any(u8::is_ascii_uppercase) && letters.clone().any(u8::is_ascii_lowercase)
    }

    /// A single word between `key: ` and a mark that ends it, or in brackets at a word as in `state[enabled]`.
    #[inline]
    fn is_value_by_place(&self, start: usize, next: u8) -> bool {
        match self.last {
            b':' => {
                self.count > 2 && matches!(next, b',' | b';' | b')' | b']' | b'}') && !self.is_code(start)
            }
            b'[' => next == b']' && start > 1 && shape::is_text(self.peek(start - 2)),
            _ => false,
        }
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
            Look::Word if self.last == USER || self.is_value_by_place(start, next) => {
                self.mask(start, end, false);
            }
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
        if !digit && self.lexicon.has(text) {
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
            b'(' if self.last == COMMAND => self.group(byte),
            b'(' if at == 0 && shape::is_single(self.line) => self.group(byte),
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
        if self.count == 0 || key || (byte == b'"' && self.last != b':' && shape::is_sentence(text)) {
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
        if operator {
            self.at += usize::from(matches!(self.peek(self.at), b'=' | b'>'));
            return self.mark(b'=', at, self.at);
        }
        if !part_of_value {
            self.mark(b'=', at, at + 1);
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
