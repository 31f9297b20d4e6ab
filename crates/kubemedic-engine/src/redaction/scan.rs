//! One pass over a text for everything that can begin a secret; a rule reads on only where its mark stands.

use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};

use super::{
    assignment, card,
    cursor::{Span, before, byte, is_blank, run, run_back},
    form,
    name::Class,
    pem,
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
    Program,
    Curl,
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
    marks.extend(PROGRAMS.iter().map(|program| (*program, Trigger::Program)));
    marks.extend([
        ("curl", Trigger::Curl),
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
        ..Scan::default()
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

#[derive(Default)]
struct Scan<'a> {
    text: &'a str,
    spans: Vec<Span>,
    /// Tokens of an earlier redaction.
    tokens: Vec<(usize, usize)>,
    name_until: usize,
    jwt_until: usize,
    pem_until: usize,
    no_pem_end_before: usize,
    /// Where curl was named last.
    curl: Option<usize>,
    /// Where a program was named last whose `-p` or `-a` takes a password.
    program: Option<usize>,
}

impl Scan<'_> {
    fn follow(&mut self, trigger: Trigger, at: usize, end: usize) {
        let bytes = self.text.as_bytes();
        let span = match trigger {
            Trigger::Form(place) => FORMS.get(place).and_then(|form| provider::find(bytes, at, form)),
            Trigger::Keyword => self.keyword(at, end),
            Trigger::Jwt => self.jwt(at),
            Trigger::PrivateKey => self.private_key(at),
            Trigger::Url => form::url_password(self.text, at),
            Trigger::Webhook(prefix) => form::webhook(bytes, at, prefix),
            Trigger::Marked(mark) => form::marked(bytes, at, mark),
            Trigger::Telegram => form::telegram(bytes, at),
            Trigger::Scheme => scheme(self.text, at, end),
            Trigger::CurlUser => follows(bytes, self.curl, at)
                .then(|| form::curl_user(self.text, end))
                .flatten(),
            Trigger::ShortPassword => follows(bytes, self.program, at)
                .then(|| short_password(self.text, end))
                .flatten(),
            Trigger::Curl => {
                self.curl = Some(end);
                None
            }
            Trigger::Program => {
                self.program = Some(end);
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

/// Programs whose `-p` or `-a` takes a password.
const PROGRAMS: &[&str] = &[
    "mysql",
    "mariadb",
    "sshpass",
    "redis-cli",
    "docker login",
    "podman login",
    "registry login",
    "mongosh",
    "mongodump",
];

fn short_password(text: &str, end: usize) -> Option<Span> {
    let bytes = text.as_bytes();
    if before(bytes, end).is_ascii_uppercase() {
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

/// How far behind a program's name its options may stand, in bytes.
const COMMAND_BYTES: usize = 600;

/// Whether a place belongs to the command of a program: on its line, or on lines continued with a backslash.
fn follows(bytes: &[u8], program: Option<usize>, at: usize) -> bool {
    let Some(between) = program.and_then(|program| bytes.get(program..at)) else {
        return false;
    };
    between.len() <= COMMAND_BYTES
        && between
            .split_inclusive(|byte| *byte == b'\n')
            .all(|line| !line.ends_with(b"\n") || line.ends_with(b"\\\n"))
}
