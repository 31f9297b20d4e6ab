//! One pass over a text for everything that can begin a secret; a rule reads on only where its mark stands.

use std::sync::LazyLock;

use super::{
    assignment, card,
    cursor::{DECISION_BYTES, Span, before, byte, is_blank, run, run_back},
    form,
    marks::{Marks, Trigger},
    name::{Class, KnownName},
    pem,
    provider::{self, FORMS},
    secret_object,
    value::{self, Shape},
};

static MARKS: LazyLock<Marks> = LazyLock::new(Marks::new);

/// The secrets of a text in order, not overlapping.
pub(super) fn scan(text: &str) -> Vec<Span> {
    let mut scan = Scan {
        text,
        ..Scan::default()
    };
    MARKS.find(text.as_bytes(), |trigger, at, end| scan.follow(trigger, at, end));
    card::find(text.as_bytes(), &mut scan.spans);
    secret_object::find(text, (scan.yaml_secret, scan.json_secret), &mut scan.spans);
    scan.finish()
}

#[derive(Default)]
struct Scan<'a> {
    text: &'a str,
    spans: Vec<Span>,
    /// Tokens of an earlier redaction.
    tokens: Vec<(usize, usize)>,
    credit: Credit,
    known_name: KnownName<'a>,
    name_until: usize,
    webhook_until: usize,
    jwt_until: usize,
    pem_until: usize,
    no_pem_end_before: usize,
    /// The command of curl that was named last.
    curl: Command,
    /// The command that was named last of a program whose `-p` or `-a` takes a password.
    program: Command,
    /// Whether that program's password follows its flag without a blank: what stands behind one is a database.
    attached: bool,
    /// Whether the kind Secret is named as in YAML.
    yaml_secret: bool,
    /// Whether the kind Secret is named as in JSON.
    json_secret: bool,
}

impl Scan<'_> {
    fn follow(&mut self, trigger: Trigger, at: usize, end: usize) {
        let bytes = self.text.as_bytes();
        let span = match trigger {
            Trigger::Form(place) => FORMS.get(place).and_then(|form| provider::find(bytes, at, form)),
            Trigger::Keyword => self.keyword(at, end),
            Trigger::Jwt => self.jwt(at),
            Trigger::PrivateKey => self.private_key(at),
            Trigger::Url => {
                let limit = self.credit.grant(at).min(form::AUTHORITY_BYTES);
                let (span, read) = form::url_password(self.text, at, limit);
                self.credit.spend(read);
                span
            }
            Trigger::Webhook(prefix) if at >= self.webhook_until => {
                let span = form::webhook(bytes, at, prefix);
                self.webhook_until = span.map_or(at, |span| span.end);
                span
            }
            Trigger::Webhook(_) => None,
            Trigger::Marked(mark) => form::marked(bytes, at, mark),
            Trigger::Telegram => form::telegram(bytes, at),
            Trigger::Scheme => scheme(self.text, at, end),
            Trigger::CurlUser => self
                .curl
                .covers(at)
                .then(|| form::curl_user(self.text, end))
                .flatten(),
            Trigger::ShortPassword => self
                .program
                .covers(at)
                .then(|| short_password(self.text, end, self.attached))
                .flatten(),
            Trigger::Curl => {
                self.curl.named(bytes, end);
                None
            }
            Trigger::Program { attached } => {
                self.program.named(bytes, end);
                self.attached = attached;
                None
            }
            Trigger::Token => {
                self.tokens
                    .push((at, run(bytes, end, 64, |byte| byte != b'>') + 1));
                None
            }
        };
        self.spans.extend(span);
    }

    fn keyword(&mut self, at: usize, end: usize) -> Option<Span> {
        if at < self.name_until {
            return None;
        }
        // Some keywords bring the operator along that makes them one.
        let last = before(self.text.as_bytes(), end);
        let end = end - usize::from(matches!(last, b'=' | b':' | b'"'));
        self.note_secret(at, end);
        let limit = self.credit.grant(at);
        let outcome = assignment::read(self.text, (at, end), limit, &mut self.known_name);
        self.credit.spend(outcome.read);
        self.name_until = outcome.span.map_or(outcome.name_end, |span| span.end);
        outcome.span
    }

    /// Remembers where the kind of a Kubernetes Secret is named.
    fn note_secret(&mut self, at: usize, end: usize) {
        let bytes = self.text.as_bytes();
        if bytes.get(at..end) == Some(b"Secret") {
            self.yaml_secret |= bytes.get(..at).is_some_and(|before| before.ends_with(b"kind: "));
            let behind = bytes.get(end..).unwrap_or(&[]);
            self.json_secret |= behind.starts_with(b"\"") || behind.starts_with(b"\\\"");
        }
    }

    fn jwt(&mut self, at: usize) -> Option<Span> {
        if at < self.jwt_until {
            return None;
        }
        let span = form::jwt(self.text.as_bytes(), at);
        self.jwt_until = span.map_or(at, |span| span.end);
        span
    }

    fn private_key(&mut self, at: usize) -> Option<Span> {
        if at < self.pem_until {
            return None;
        }
        let span = pem::private_key(self.text.as_bytes(), at, &mut self.no_pem_end_before);
        self.pem_until = span.map_or(at, |span| span.end);
        span
    }

    /// Sorts, drops what touches an earlier token, and joins what overlaps; the longer span names the kind.
    fn finish(mut self) -> Vec<Span> {
        self.spans
            .sort_by_key(|span| (span.start, std::cmp::Reverse(span.end)));
        let mut tokens = self.tokens.iter().copied().peekable();
        let mut joined: Vec<Span> = Vec::with_capacity(self.spans.len());
        for span in self.spans {
            while tokens.next_if(|(_, end)| *end <= span.start).is_some() {}
            if tokens.peek().is_some_and(|(start, _)| *start < span.end) || span.start >= span.end {
                continue;
            }
            match joined.last_mut() {
                Some(last) if span.start < last.end => join(last, span),
                _ => joined.push(span),
            }
        }
        joined
    }
}

fn join(last: &mut Span, span: Span) {
    let longer = span.end - span.start > last.end - last.start;
    let same = span.start == last.start && span.end == last.end;
    if longer || (same && is_general(last.kind)) {
        last.kind = span.kind;
    }
    last.end = last.end.max(span.end);
}

fn is_general(kind: &str) -> bool {
    matches!(
        kind,
        "password" | "token" | "secret" | "key" | "authorization" | "cookie" | "credential"
    )
}

/// The token after `Bearer ` or `Basic `, wherever it stands.
fn scheme(text: &str, at: usize, end: usize) -> Option<Span> {
    let bytes = text.as_bytes();
    if before(bytes, at).is_ascii_alphanumeric() {
        return None;
    }
    let stop = run(bytes, end, usize::MAX, |byte| {
        byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b'=' | b'+' | b'/' | b'~' | b':')
    });
    let stop = run_back(bytes, stop, stop - end, |byte| matches!(byte, b'.' | b':'));
    let shape = Shape {
        quoted: false,
        bound: true,
        last: false,
    };
    let found = value::is_secret(Class::Header, text.get(end..stop)?, shape) && stop - end >= 12;
    found.then_some(Span {
        start: end,
        end: stop,
        kind: "authorization",
    })
}

fn short_password(text: &str, end: usize, attached: bool) -> Option<Span> {
    let bytes = text.as_bytes();
    if before(bytes, end).is_ascii_uppercase() || (attached && is_blank(byte(bytes, end))) {
        return None;
    }
    let quoted = run(bytes, end, 4, |byte| {
        is_blank(byte) || byte == b'"' || byte == b'\''
    });
    let stop = run(bytes, quoted, 128, |byte| {
        !byte.is_ascii_whitespace() && byte != b'"' && byte != b'\''
    });
    let value = text.get(quoted..stop)?;
    let option = value.starts_with('-') || (byte(bytes, quoted) == 0);
    (!option && value.len() >= 3 && !value::is_placeholder(value)).then_some(Span {
        start: quoted,
        end: stop,
        kind: "password",
    })
}

/// Keeps the work on marks that stand close together linear: what is read ahead must be earned by bytes that were passed.
#[derive(Debug)]
struct Credit {
    at: usize,
    left: usize,
}

impl Credit {
    /// What may be saved up: enough for every mark of an honest line.
    const MOST: usize = 8 * DECISION_BYTES;
    /// What a passed byte earns.
    const RATE: usize = 3;
    /// What every mark may read.
    const LEAST: usize = 24;

    fn grant(&mut self, at: usize) -> usize {
        let earned = at.saturating_sub(self.at).saturating_mul(Self::RATE);
        self.left = self.left.saturating_add(earned).min(Self::MOST);
        self.at = at;
        self.left.max(Self::LEAST)
    }

    fn spend(&mut self, read: usize) {
        self.left = self.left.saturating_sub(read);
    }
}

impl Default for Credit {
    fn default() -> Self {
        Self {
            at: 0,
            left: Self::MOST,
        }
    }
}

/// How far behind a program's name its options may stand, in bytes.
const COMMAND_BYTES: usize = 600;

/// A command: from the name of its program to the end of its line, or of the lines that go on behind a backslash.
#[derive(Debug, Default)]
struct Command {
    name_end: usize,
    end: usize,
}

impl Command {
    fn named(&mut self, bytes: &[u8], name_end: usize) {
        self.name_end = name_end;
        while self.end < name_end {
            let line = bytes.get(name_end.max(self.end + 1)..).unwrap_or(&[]);
            let Some(offset) = memchr::memchr(b'\n', line) else {
                self.end = bytes.len();
                return;
            };
            self.end = name_end.max(self.end + 1) + offset;
        }
        while before(bytes, self.end) == b'\\'
            && self.end < name_end + COMMAND_BYTES
            && self.end < bytes.len()
        {
            let line = bytes.get(self.end + 1..).unwrap_or(&[]);
            self.end = memchr::memchr(b'\n', line).map_or(bytes.len(), |offset| self.end + 1 + offset);
        }
    }

    fn covers(&self, at: usize) -> bool {
        self.name_end <= at && at <= self.end && at - self.name_end <= COMMAND_BYTES
    }
}
