//! Mutations of a text as failing disks, cut pastes, broken shippers and attackers make them. Positions count in thousandths
//! of the text, so that a smaller number is a smaller mutation for the shrinking too.

use std::fmt;

use proptest::prelude::*;

use super::seeds::TEXTS;

/// No input is longer.
pub(super) const MAX_BYTES: usize = 64 * 1024;

/// Fragments that readers give a meaning to, and some that have none anywhere.
const FRAGMENTS: &[&str] = &[
    "\0",
    "\r",
    "\n",
    "\r\n",
    "\t",
    " ",
    "  ",
    "\u{feff}",
    "\u{200b}",
    "\u{202e}",
    "\u{a0}",
    "\u{2028}",
    "\u{1b}[31m",
    "\u{1b}]0;x\u{7}",
    "é",
    "日本語",
    "𝕊",
    "🦀",
    "ﬀ",
    "İ",
    "ẞ",
    "\u{301}",
    "'",
    "\"",
    "\\\"",
    "\\",
    "\\u0000",
    "\\ud800",
    "{",
    "}",
    "[",
    "]",
    "{{",
    "[[",
    "(",
    ")",
    "<",
    ">",
    "<none>",
    "<unknown>",
    "<invalid>",
    ":",
    ": ",
    "=",
    "|",
    "|\n",
    "---\n",
    "...\n",
    "- ",
    "-",
    "--",
    "#",
    "&a ",
    "*a",
    "<<: *a",
    "!!binary ",
    "? ",
    "%",
    "@",
    "$",
    "`",
    ",",
    ";",
    "/",
    "//",
    "://",
    "0",
    "-1",
    "9223372036854775808",
    "1e999",
    "NaN",
    "-0",
    "0x7f",
    "99999999999999999999Gi",
    "1.5.5",
    "4d3h",
    "-5m",
    "2026-02-30T25:61:61Z",
    "9999-12-31T23:59:59.999999999999Z",
    "0000-00-00",
    "1970-01-01T00:00:00+99:99",
    "$ kubectl get pods",
    "$ kubectl describe pod x\n",
    "NAME   READY   STATUS   RESTARTS   AGE\n",
    "NAMESPACE NAME",
    "Events:\n",
    "Events:  <none>",
    "Containers:\n",
    "Conditions:\n",
    "  Type  Status\n  ----  ------\n",
    "Name: x\n",
    "Labels:",
    "apiVersion: v1\n",
    "kind: List\nitems:\n",
    "kind: Pod",
    "metadata:\n  name: x\n",
    "{\"kind\":\"List\",\"items\":[",
    "{\"log\":\"",
    "\\n\",\"stream\":\"stderr\",\"time\":\"",
    "stdout P ",
    "stderr F ",
    "E0314 09:26:42.000123       1 x.go:1] ",
    "level=error msg=\"",
    "<134>1 ",
    "<999999999>",
    "Traceback (most recent call last):\n",
    "Caused by: ",
    "\tat a.b(C.java:1)\n",
    "panic: ",
    "goroutine 1 [running]:\n",
    "Error: ",
    "ERROR",
    "fatal",
    "password=",
    "-----BEGIN PRIVATE KEY-----",
    "token: ",
    "Authorization: Bearer ",
    "eyJ",
    "kind: Secret\ndata:\n  a: ",
    "CrashLoopBackOff",
    "OOMKilled",
    "(x12 over 13m)",
    "exit code 137",
];

/// One mutation.
#[derive(Debug, Clone)]
enum Mutation {
    Cut(u16),
    Behead(u16),
    DropLine(u16),
    RepeatLine(u16, u16),
    SwapLines(u16, u16),
    Insert(u16, &'static str),
    RepeatInsert(u16, &'static str, u16),
    Byte(u16, u8),
    Stretch(u16, u16),
    Squeeze(u16),
    Widen(u16, u8),
    Unindent(u16),
    Splice(u16, usize, u16),
    JoinLines(u16),
    Crlf,
    Digits(u16, u8),
}

fn mutation() -> impl Strategy<Value = Mutation> {
    use Mutation::{
        Behead, Byte, Crlf, Cut, Digits, DropLine, Insert, JoinLines, RepeatInsert, RepeatLine, Splice,
        Squeeze, Stretch, SwapLines, Unindent, Widen,
    };
    let place = || 0_u16..1000;
    prop_oneof![
        1 => place().prop_map(Cut),
        1 => place().prop_map(Behead),
        2 => place().prop_map(DropLine),
        1 => (place(), 1_u16..400).prop_map(|(at, times)| RepeatLine(at, times)),
        2 => (place(), place()).prop_map(|(a, b)| SwapLines(a, b)),
        6 => (place(), prop::sample::select(FRAGMENTS)).prop_map(|(at, text)| Insert(at, text)),
        1 => (place(), prop::sample::select(FRAGMENTS), 1_u16..4000).prop_map(|(at, text, times)| RepeatInsert(at, text, times)),
        3 => (place(), any::<u8>()).prop_map(|(at, byte)| Byte(at, byte)),
        1 => (place(), 1_u16..20_000).prop_map(|(at, times)| Stretch(at, times)),
        2 => place().prop_map(Squeeze),
        1 => (place(), 1_u8..40).prop_map(|(at, by)| Widen(at, by)),
        2 => place().prop_map(Unindent),
        3 => (place(), 0..TEXTS.len(), place()).prop_map(|(at, seed, from)| Splice(at, seed, from)),
        1 => place().prop_map(JoinLines),
        1 => Just(Crlf),
        2 => (place(), any::<u8>()).prop_map(|(at, by)| Digits(at, by)),
    ]
}

/// Bytes that show themselves as text where a test fails.
#[derive(Clone)]
pub(super) struct Input(pub(super) Vec<u8>);

impl fmt::Debug for Input {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "b\"{}\"", self.0.escape_ascii())
    }
}

/// A seed with some mutations.
pub(super) fn mutated() -> impl Strategy<Value = Input> {
    (0..TEXTS.len(), prop::collection::vec(mutation(), 0..12)).prop_map(|(seed, mutations)| {
        let mut bytes = TEXTS[seed].clone().into_bytes();
        for mutation in &mutations {
            apply(&mut bytes, mutation);
            bytes.truncate(MAX_BYTES);
        }
        Input(bytes)
    })
}

/// Fragments alone, without a seed.
pub(super) fn fragments() -> impl Strategy<Value = Input> {
    prop::collection::vec(
        prop_oneof![
            prop::sample::select(FRAGMENTS).prop_map(str::to_owned),
            "[a-z0-9.-]{1,9}",
            "[ -~]{0,20}"
        ],
        0..60,
    )
    .prop_map(|parts| Input(parts.concat().into_bytes()))
}

fn place(len: usize, thousandths: u16) -> usize {
    len * usize::from(thousandths) / 1000
}

/// The line around a place: its range without the line break.
fn line_at(bytes: &[u8], thousandths: u16) -> std::ops::Range<usize> {
    let at = place(bytes.len(), thousandths);
    let start = bytes[..at]
        .iter()
        .rposition(|byte| *byte == b'\n')
        .map_or(0, |it| it + 1);
    let end = bytes[at..]
        .iter()
        .position(|byte| *byte == b'\n')
        .map_or(bytes.len(), |it| at + it);
    start..end.max(start)
}

fn insert(bytes: &mut Vec<u8>, at: usize, new: impl IntoIterator<Item = u8>) {
    bytes.splice(at..at, new);
}

fn replace_line(bytes: &mut Vec<u8>, at: u16, change: impl FnOnce(&[u8]) -> Vec<u8>) {
    let range = line_at(bytes, at);
    let new = change(&bytes[range.clone()]);
    bytes.splice(range, new);
}

fn apply(bytes: &mut Vec<u8>, mutation: &Mutation) {
    let len = bytes.len();
    match *mutation {
        Mutation::Cut(at) => bytes.truncate(place(len, at)),
        Mutation::Behead(at) => drop(bytes.drain(..place(len, at))),
        Mutation::DropLine(at) => {
            let range = line_at(bytes, at);
            bytes.drain(range.start..(range.end + 1).min(len));
        }
        Mutation::RepeatLine(at, times) => {
            replace_line(bytes, at, |line| [line, b"\n"].concat().repeat(times.into()));
        }
        Mutation::SwapLines(a, b) => swap_lines(bytes, a, b),
        Mutation::Insert(at, text) => insert(bytes, place(len, at), text.bytes()),
        Mutation::RepeatInsert(at, text, times) => {
            insert(bytes, place(len, at), text.repeat(times.into()).into_bytes());
        }
        Mutation::Byte(at, byte) => {
            if let Some(old) = bytes.get_mut(place(len, at)) {
                *old = byte;
            }
        }
        Mutation::Stretch(at, times) => {
            let at = place(len, at);
            let byte = bytes.get(at).copied().unwrap_or(b'a');
            insert(bytes, at, std::iter::repeat_n(byte, times.into()));
        }
        Mutation::Squeeze(at) => replace_line(bytes, at, |line| {
            let mut line = line.to_vec();
            line.dedup_by(|a, b| *a == b' ' && *b == b' ');
            line
        }),
        Mutation::Widen(at, by) => replace_line(bytes, at, |line| {
            String::from_utf8_lossy(line)
                .replace(' ', &" ".repeat(by.into()))
                .into_bytes()
        }),
        Mutation::Unindent(at) => replace_line(bytes, at, |line| line.trim_ascii_start().to_vec()),
        Mutation::Splice(at, seed, from) => {
            let other = TEXTS[seed].as_bytes();
            let line = line_at(other, from);
            let end = (line.start + 2000).min(other.len());
            insert(bytes, place(len, at), other[line.start..end].iter().copied());
        }
        Mutation::JoinLines(at) => {
            let range = line_at(bytes, at);
            if range.end < len {
                bytes.remove(range.end);
            }
        }
        Mutation::Crlf => {
            *bytes = bytes
                .split(|byte| *byte == b'\n')
                .collect::<Vec<_>>()
                .join(&b"\r\n"[..]);
        }
        Mutation::Digits(at, by) => replace_line(bytes, at, |line| {
            let turn = |byte: &u8| {
                if byte.is_ascii_digit() {
                    b'0' + (byte - b'0' + by % 10) % 10
                } else {
                    *byte
                }
            };
            line.iter().map(turn).collect()
        }),
    }
}

fn swap_lines(bytes: &mut Vec<u8>, a: u16, b: u16) {
    let (one, other) = (line_at(bytes, a.min(b)), line_at(bytes, a.max(b)));
    if one.end <= other.start {
        let (first, second) = (bytes[one.clone()].to_vec(), bytes[other.clone()].to_vec());
        bytes.splice(other, first);
        bytes.splice(one, second);
    }
}
