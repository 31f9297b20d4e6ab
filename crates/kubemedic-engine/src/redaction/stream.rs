//! Redaction of text that arrives in pieces: what comes out does not depend on how the text was cut, and is what
//! [`Redactor::redact`] makes of the whole. It reads and writes strings only; where they come from is the caller's matter.

use super::{
    Redactor,
    segment::{Cut, Cutter},
};

/// What goes on from one segment of a text into the next.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tail {
    /// Nothing.
    #[default]
    Nothing,
    /// A secret that reached up to a forced cut.
    Value,
    /// A private key that reached up to a forced cut.
    Key,
}

/// Redacts a text piece by piece. It holds back at most one segment of about a mebibyte: a log flows through in steps of
/// 32 KiB, a private key or a Secret's manifest waits for its end.
///
/// ```
/// use kubemedic_engine::redaction::stream::StreamRedactor;
///
/// let (mut stream, mut out) = (StreamRedactor::new(), String::new());
/// stream.push("DB_PASS", &mut out);
/// stream.push("WORD=hunter2\nready\n", &mut out);
/// stream.finish(&mut out);
/// assert_eq!(out, "DB_PASSWORD=<redacted:password:1>\nready\n");
/// ```
#[derive(Debug, Default)]
pub struct StreamRedactor {
    redactor: Redactor,
    cutter: Cutter,
    tail: Tail,
    /// What was pushed and not redacted yet.
    held: String,
}

impl StreamRedactor {
    /// A stream at its beginning, with a redactor that has seen nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// A stream at its beginning whose tokens go on from those of a redactor.
    pub fn with(redactor: Redactor) -> Self {
        Self {
            redactor,
            ..Self::default()
        }
    }

    /// Takes the next piece of the text and appends what is redacted to `out`, whole segments at a time.
    pub fn push(&mut self, chunk: &str, out: &mut String) {
        if self.held.is_empty() {
            let rest = self.drain(chunk, false, out);
            self.held.push_str(rest);
            return;
        }
        self.held.push_str(chunk);
        let held = std::mem::take(&mut self.held);
        let rest = self.drain(&held, false, out);
        let used = held.len() - rest.len();
        self.held = held;
        self.held.drain(..used);
    }

    /// Appends the rest of the text to `out`. The stream is then at the beginning of another text, with the same tokens.
    pub fn finish(&mut self, out: &mut String) {
        let held = std::mem::take(&mut self.held);
        self.drain(&held, true, out);
        self.tail = Tail::Nothing;
    }

    /// How many occurrences were replaced so far.
    pub fn replaced(&self) -> u64 {
        self.redactor.replaced()
    }

    /// The redactor with the tokens given so far.
    pub fn into_redactor(self) -> Redactor {
        self.redactor
    }

    /// Redacts whole segments and returns the text behind them.
    fn drain<'a>(&mut self, mut text: &'a str, complete: bool, out: &mut String) -> &'a str {
        while !text.is_empty() {
            let (size, forced) = match self.cutter.cut(text, complete) {
                Cut::Undecided => break,
                Cut::Safe(size) => (size, false),
                Cut::Forced(size) => (size, true),
            };
            let Some((segment, rest)) = text.split_at_checked(size) else {
                break;
            };
            out.push_str(&self.redactor.redact_segment(segment, forced, &mut self.tail));
            text = rest;
        }
        text
    }
}
