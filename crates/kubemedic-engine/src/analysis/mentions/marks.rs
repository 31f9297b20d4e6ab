//! Which forms of naming a line can hold at all, told by one pass over its bytes. It only rules out: the expressions decide.

use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};

/// Something without which a form cannot match.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mark {
    /// `namespace`, `ns` or `-n` as a word.
    Namespace,
    /// The beginning of a kind's word, at the beginning of a word.
    Kind,
    /// A service account's user name.
    Account,
    /// The host name of a service.
    Host,
    /// `kubectl`.
    Kubectl,
    /// `pods on `.
    PodsOn,
    /// A node's state.
    NodeState,
    /// A claim's state.
    ClaimState,
    /// `Name:`.
    Described,
    /// A slash between a word and a word with a hyphen, as in `shop/cart-0`.
    Slash,
    /// A slash between digits, as in a table's `1/2`.
    Ratio,
    /// Underscore and bracket, as in the kubelet's references to pods.
    Reference,
    /// Two hyphens with a hash's length between them.
    Hash,
    /// A letter, a hyphen and a digit.
    Ordinal,
}

/// Literals, in any case, and what they mark.
const LITERALS: [(&str, Mark); 12] = [
    ("namespace", Mark::Namespace),
    ("ns", Mark::Namespace),
    ("-n", Mark::Namespace),
    ("system:serviceaccount:", Mark::Account),
    (".svc", Mark::Host),
    ("kubectl", Mark::Kubectl),
    ("pods on ", Mark::PodsOn),
    ("ready", Mark::NodeState),
    ("pending", Mark::ClaimState),
    ("bound", Mark::ClaimState),
    ("lost", Mark::ClaimState),
    ("name:", Mark::Described),
];

/// How the words for kinds begin; every word of [`super::patterns::KINDS`] begins with one of them.
pub(super) const KIND_STEMS: [&str; 33] = [
    "pod",
    "deploy",
    "statefulset",
    "sts",
    "daemonset",
    "ds",
    "replicaset",
    "rs",
    "job",
    "cronjob",
    "node",
    "service",
    "svc",
    "ingress",
    "networkpolic",
    "netpol",
    "configmap",
    "cm",
    "secret",
    "persistentvolume",
    "pv",
    "claim",
    "storageclass",
    "resourcequota",
    "limitrange",
    "hpa",
    "horizontalpodautoscaler",
    "pdb",
    "certificate",
    "gateway",
    "virtualservice",
    "httproute",
    "replicationcontroller",
];

/// Makes what every input needs.
pub(super) fn warm_up() {
    LazyLock::force(&AUTOMATON);
}

static AUTOMATON: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
    let literals = LITERALS.iter().map(|(literal, _)| *literal);
    AhoCorasick::builder()
        .ascii_case_insensitive(true)
        .match_kind(MatchKind::Standard)
        .kind(Some(AhoCorasickKind::DFA))
        .build(literals.chain(KIND_STEMS))
        .ok()
});

/// The marks of one line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Marks {
    found: u16,
    /// Where the first and the last word begin that may be a kind's.
    kinds: (usize, usize),
}

impl Marks {
    /// Reads a line.
    pub(super) fn of(text: &str) -> Self {
        let mut marks = Self::default();
        let Some(automaton) = AUTOMATON.as_ref() else {
            return Self {
                found: u16::MAX,
                kinds: (0, text.len()),
            };
        };
        let bytes = text.as_bytes();
        for hit in automaton.find_overlapping_iter(text) {
            let literal = LITERALS.get(hit.pattern().as_usize());
            match literal.map_or(Mark::Kind, |(_, mark)| *mark) {
                Mark::Kind if is_kind(bytes, hit.start(), hit.end()) => marks.add_kind(hit.start()),
                Mark::Namespace if is_namespace(bytes, hit.start(), hit.end()) => marks.add(Mark::Namespace),
                Mark::Kind | Mark::Namespace => {}
                mark => marks.add(mark),
            }
        }
        marks.add_bytes(bytes);
        marks
    }

    /// Whether the line has none: no form can match.
    pub(super) fn is_empty(self) -> bool {
        self.found == 0
    }

    /// Whether the line has a mark.
    pub(super) fn has(self, mark: Mark) -> bool {
        self.found & (1 << mark as u16) != 0
    }

    /// Where words begin that may be a kind's: the first and the last such place.
    pub(super) fn kinds(self) -> Option<(usize, usize)> {
        self.has(Mark::Kind).then_some(self.kinds)
    }

    fn add(&mut self, mark: Mark) {
        self.found |= 1 << mark as u16;
    }

    fn add_kind(&mut self, at: usize) {
        self.kinds = if self.has(Mark::Kind) {
            (self.kinds.0.min(at), self.kinds.1.max(at))
        } else {
            (at, at)
        };
        self.add(Mark::Kind);
    }

    /// What a slash with its neighbours may be part of.
    fn add_slash(&mut self, before: Option<u8>, after: &[u8]) {
        let (Some(before), Some(next)) = (before, after.first()) else {
            return;
        };
        if before.is_ascii_digit() && next.is_ascii_digit() {
            self.add(Mark::Ratio);
        }
        if (before.is_ascii_lowercase() || before.is_ascii_digit()) && next.is_ascii_lowercase() {
            let name = after
                .iter()
                .take_while(|it| it.is_ascii_lowercase() || it.is_ascii_digit() || **it == b'-');
            if name.into_iter().any(|it| *it == b'-') {
                self.add(Mark::Slash);
            }
        }
    }

    /// Marks that are single bytes.
    fn add_bytes(&mut self, bytes: &[u8]) {
        for at in memchr::memchr_iter(b'/', bytes) {
            self.add_slash(before(bytes, at), bytes.get(at + 1..).unwrap_or_default());
        }
        if memchr::memchr(b'_', bytes).is_some() && memchr::memchr(b'(', bytes).is_some() {
            self.add(Mark::Reference);
        }
        let mut previous: Option<usize> = None;
        for at in memchr::memchr_iter(b'-', bytes) {
            if previous.is_some_and(|previous| (6..=11).contains(&(at - previous))) {
                self.add(Mark::Hash);
            }
            if before(bytes, at).is_some_and(|it| it.is_ascii_lowercase())
                && bytes.get(at + 1).is_some_and(u8::is_ascii_digit)
            {
                self.add(Mark::Ordinal);
            }
            previous = Some(at);
        }
    }
}

fn before(bytes: &[u8], at: usize) -> Option<u8> {
    at.checked_sub(1).and_then(|at| bytes.get(at)).copied()
}

/// Whether a kind's word may begin here: no name goes on, and a separator follows the word.
fn is_kind(bytes: &[u8], start: usize, end: usize) -> bool {
    let fresh = before(bytes, start)
        .is_none_or(|it| !it.is_ascii_alphanumeric() && !matches!(it, b'_' | b'.' | b'/' | b'-'));
    let rest = bytes.get(end..).unwrap_or_default();
    let next = rest.iter().find(|it| !it.is_ascii_alphabetic() && **it != b'.');
    fresh
        && next.is_some_and(|it| {
            it.is_ascii_whitespace() || matches!(it, b'\x0b' | b'"' | b'\'' | b'/' | b':' | b'=' | 0x80..)
        })
}

/// Whether the word for a namespace stands here by itself.
fn is_namespace(bytes: &[u8], start: usize, end: usize) -> bool {
    let part_of_word = |it: u8| it.is_ascii_alphanumeric() || it == b'_';
    !before(bytes, start).is_some_and(part_of_word) && !bytes.get(end).copied().is_some_and(part_of_word)
}
