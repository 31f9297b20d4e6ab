//! One pass over a text for everything that can begin a secret; a rule reads on only where its mark stands.

use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};

use super::{
    assignment, card,
    cursor::{Span, before, byte, is_blank, run, run_back},
    form,
    name::Class,
    provider::{self, FORMS},
    secret_object,
    value::{self, Shape},
};

/// What a mark in the text sets off.
#[derive(Debug, Clone, Copy)]
enum Trigger {
    Form(usize),
    Keyword,
    Jwt,
    PrivateKey,
    Url,
    Webhook(&'static str),
    Marked(&'static str),
    Telegram,
    Scheme,
    CurlUser,
    ShortPassword,
    Token,
}

const KEYWORDS: &[&str] = &[
    "passw",
    "passphrase",
    "passcode",
    "_pass",
    "pass:",
    "pass=",
    "pass\"",
    "pwd",
    "secret",
    "token",
    "key",
    "cred",
    "auth",
    "cookie",
    "sessid",
    "sessionid",
    "dockercfg",
    "dockerconfig",
    "_pat",
    "jwt",
    "sig=",
    "signature",
    "bundle_",
];
const WEBHOOKS: &[&str] = &[
    "hooks.slack.com/services/",
    "hooks.slack.com/workflows/",
    "hooks.slack.com/triggers/",
    "/api/webhooks/",
    ".webhook.office.com/webhookb2/",
];

struct Marks {
    automaton: Option<AhoCorasick>,
    triggers: Vec<Trigger>,
}

static MARKS: LazyLock<Marks> = LazyLock::new(|| {
    let (patterns, triggers): (Vec<&str>, Vec<Trigger>) = marks().into_iter().unzip();
    let automaton = AhoCorasick::builder()
        .ascii_case_insensitive(true)
        .match_kind(MatchKind::Standard)
        .kind(Some(AhoCorasickKind::DFA))
        .build(patterns)
        .ok();
    Marks { automaton, triggers }
});

fn marks() -> Vec<(&'static str, Trigger)> {
    let mut marks: Vec<(&'static str, Trigger)> = FORMS
        .iter()
        .enumerate()
        .map(|(place, form)| (form.prefix, Trigger::Form(place)))
        .collect();
    marks.extend(KEYWORDS.iter().map(|keyword| (*keyword, Trigger::Keyword)));
    marks.extend(WEBHOOKS.iter().map(|prefix| (*prefix, Trigger::Webhook(prefix))));
    marks.extend([
        ("eyJ", Trigger::Jwt),
        ("eyA", Trigger::Jwt),
        ("ewo", Trigger::Jwt),
        ("-----BEGIN", Trigger::PrivateKey),
        ("://", Trigger::Url),
        (".atlasv1.", Trigger::Marked(".atlasv1.")),
        ("-us", Trigger::Marked("-us")),
        ("Q~", Trigger::Marked("Q~")),
        (":A", Trigger::Telegram),
        ("bearer ", Trigger::Scheme),
        ("basic ", Trigger::Scheme),
        (" -u", Trigger::CurlUser),
        (" --user", Trigger::CurlUser),
        (" -p", Trigger::ShortPassword),
        (" -a ", Trigger::ShortPassword),
        (super::token::OPENING, Trigger::Token),
    ]);
    marks
}

/// The secrets of a text in order, not overlapping.
pub(super) fn scan(text: &str) -> Vec<Span> {
    let mut scan = Scan {
        text,
        spans: Vec::new(),
        tokens: Vec::new(),
        name_until: 0,
        jwt_until: 0,
    };
    if let Some(automaton) = &MARKS.automaton {
        for hit in automaton.find_overlapping_iter(text) {
            if let Some(trigger) = MARKS.triggers.get(hit.pattern().as_usize()) {
                scan.follow(*trigger, hit.start(), hit.end());
            }
        }
    }
    card::find(text.as_bytes(), &mut scan.spans);
    secret_object::find(text, &mut scan.spans);
    scan.finish()
}

struct Scan<'a> {
    text: &'a str,
    spans: Vec<Span>,
    /// Tokens of an earlier redaction.
    tokens: Vec<(usize, usize)>,
    name_until: usize,
    jwt_until: usize,
}

impl Scan<'_> {
    fn follow(&mut self, trigger: Trigger, at: usize, end: usize) {
        let bytes = self.text.as_bytes();
        let span = match trigger {
            Trigger::Form(place) => FORMS.get(place).and_then(|form| provider::find(bytes, at, form)),
            Trigger::Keyword => self.keyword(at, end),
            Trigger::Jwt => self.jwt(at),
            Trigger::PrivateKey => form::private_key(bytes, at),
            Trigger::Url => form::url_password(self.text, at),
            Trigger::Webhook(prefix) => form::webhook(bytes, at, prefix),
            Trigger::Marked(mark) => form::marked(bytes, at, mark),
            Trigger::Telegram => form::telegram(bytes, at),
            Trigger::Scheme => scheme(self.text, at, end),
            Trigger::CurlUser => is_after(bytes, at, &[b"curl"])
                .then(|| form::curl_user(self.text, end))
                .flatten(),
            Trigger::ShortPassword => short_password(self.text, at, end),
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
        let outcome = assignment::read(self.text, at, end);
        self.name_until = outcome.span.map_or(outcome.name_end, |span| span.end);
        outcome.span
    }

    fn jwt(&mut self, at: usize) -> Option<Span> {
        if at < self.jwt_until {
            return None;
        }
        let span = form::jwt(self.text.as_bytes(), at);
        self.jwt_until = span.map_or(at, |span| span.end);
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

/// Programs whose `-p` or `-a` takes a password.
const PASSWORD_PROGRAMS: &[&[u8]] = &[
    b"mysql",
    b"mariadb",
    b"sshpass",
    b"redis-cli",
    b"docker login",
    b"podman login",
    b"helm registry login",
    b"mongosh",
    b"mongodump",
];

fn short_password(text: &str, at: usize, end: usize) -> Option<Span> {
    let bytes = text.as_bytes();
    if !is_after(bytes, at, PASSWORD_PROGRAMS) || before(bytes, end).is_ascii_uppercase() {
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

/// Whether one of the words stands shortly before a place, on its line or on lines continued with a backslash.
fn is_after(bytes: &[u8], at: usize, words: &[&[u8]]) -> bool {
    let start = at.saturating_sub(600);
    let mut line = bytes.get(start..at).unwrap_or(&[]);
    while let Some(end) = memchr::memchr(b'\n', line) {
        let continued = end.checked_sub(1).and_then(|last| line.get(last)) == Some(&b'\\');
        if continued {
            break;
        }
        line = line.get(end + 1..).unwrap_or(&[]);
    }
    words
        .iter()
        .any(|word| memchr::memmem::find(line, word).is_some())
}
