//! Everything that can begin a secret, found in one pass: each mark is known by threes of its bytes, and a table
//! tells for three bytes of the text whether they belong to a mark at all. What a mark means is the scan's matter.

use super::provider::FORMS;

/// What a mark in the text sets off.
#[derive(Debug, Clone, Copy)]
pub(super) enum Trigger {
    /// A token of the form at this place of the table.
    Form(usize),
    /// A part of a name that may announce a secret.
    Keyword,
    /// The beginning of a JSON web token.
    Jwt,
    /// The beginning of a PEM block.
    PrivateKey,
    /// A program whose `-p` or `-a` takes a password; some take it only `attached`, without a blank.
    Program {
        /// Whether it must be attached.
        attached: bool,
    },
    /// The program curl.
    Curl,
    /// The middle of an address.
    Url,
    /// The address of a webhook.
    Webhook(&'static str),
    /// A mark inside a token.
    Marked(&'static str),
    /// The middle of a bot's token.
    Telegram,
    /// A scheme of the Authorization header.
    Scheme,
    /// curl's flag for a user.
    CurlUser,
    /// A flag that may take a password.
    ShortPassword,
    /// A token of an earlier redaction.
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
    "requirepass",
    "masterauth",
];

const WEBHOOKS: &[&str] = &[
    "hooks.slack.com/services/",
    "hooks.slack.com/workflows/",
    "hooks.slack.com/triggers/",
    "/api/webhooks/",
    ".webhook.office.com/webhookb2/",
];

/// Programs whose `-p` or `-a` takes a password.
const PROGRAMS: &[&str] = &[
    "sshpass",
    "redis-cli",
    "docker login",
    "podman login",
    "registry login",
    "mongosh",
    "mongodump",
];

/// Programs whose `-p` takes a password only without a blank.
const ATTACHED: &[&str] = &["mysql", "mariadb"];

/// All marks, each with what it sets off.
fn all() -> Vec<(&'static str, Trigger)> {
    let mut marks: Vec<(&'static str, Trigger)> = FORMS
        .iter()
        .enumerate()
        .map(|(place, form)| (form.prefix, Trigger::Form(place)))
        .collect();
    marks.extend(KEYWORDS.iter().map(|keyword| (*keyword, Trigger::Keyword)));
    marks.extend(WEBHOOKS.iter().map(|prefix| (*prefix, Trigger::Webhook(prefix))));
    for (programs, attached) in [(PROGRAMS, false), (ATTACHED, true)] {
        marks.extend(programs.iter().map(|name| (*name, Trigger::Program { attached })));
    }
    marks.extend([
        ("curl", Trigger::Curl),
        ("etcdctl", Trigger::Curl),
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

/// A mark and the three bytes by which it is known.
#[derive(Debug, Clone, Copy)]
struct Entry {
    hash: usize,
    gram: u64,
    /// How far behind the beginning of the mark the three bytes stand; before it where this is negative.
    offset: isize,
    mark: &'static str,
    trigger: Trigger,
}

/// How many bits a hash has: with fewer, strange bytes share a hash with marks; with more, the table leaves the second cache.
const HASH_BITS: u32 = 17;
const SLOTS: usize = 1 << HASH_BITS;

/// Every how many bytes the text is looked at.
const STRIDE: usize = 2;

/// The marks, ready to be searched for.
#[derive(Debug)]
pub(super) struct Marks {
    /// Whether a hash is that of an entry.
    known: Box<[u8; SLOTS]>,
    /// Where the entries of a hash begin.
    first: Box<[u16]>,
    /// By hash.
    entries: Vec<Entry>,
}

impl Marks {
    /// Prepares the tables.
    #[expect(
        clippy::large_stack_arrays,
        reason = "made once; of known size, its bounds need no check at each byte"
    )]
    pub(super) fn new() -> Self {
        let mut entries: Vec<Entry> = all().into_iter().flat_map(entries).collect();
        entries.sort_by_key(|entry| entry.hash);
        let mut marks = Self {
            known: Box::new([0; SLOTS]),
            first: vec![u16::MAX; SLOTS].into_boxed_slice(),
            entries,
        };
        for (place, entry) in marks.entries.iter().enumerate().rev() {
            if let (Some(known), Some(first)) =
                (marks.known.get_mut(entry.hash), marks.first.get_mut(entry.hash))
            {
                *known = 1;
                *first = u16::try_from(place).unwrap_or(u16::MAX);
            }
        }
        marks
    }

    /// Reports every mark in a text, with its beginning and its end, about in order.
    pub(super) fn find(&self, bytes: &[u8], mut report: impl FnMut(Trigger, usize, usize)) {
        let mut next = 0;
        for (place, window) in bytes.array_windows::<9>().step_by(8).enumerate() {
            let at = place * 8;
            next = at + 8;
            let [word @ .., last] = window;
            let word = u64::from_le_bytes(*word);
            let grams = [word, word >> 16, word >> 32, word >> 48 | u64::from(*last) << 16];
            let hashes = grams.map(hash);
            let [a, b, c, d] = hashes.map(|hash| self.known(hash));
            if a | b | c | d != 0 {
                for (pair, hash) in hashes.into_iter().enumerate() {
                    if self.known(hash) != 0 {
                        self.candidates(bytes, at + pair * STRIDE, hash, &mut report);
                    }
                }
            }
        }
        while let Some(gram) = gram_at(bytes, next) {
            self.candidates(bytes, next, hash(gram), &mut report);
            next += STRIDE;
        }
    }

    /// Not 0 where a hash is that of an entry.
    fn known(&self, hash: usize) -> u8 {
        self.known.get(hash).copied().unwrap_or(0)
    }

    /// Reports the marks whose three bytes may stand at a place.
    #[inline(never)]
    fn candidates(
        &self,
        bytes: &[u8],
        at: usize,
        hash: usize,
        report: &mut impl FnMut(Trigger, usize, usize),
    ) {
        let first = self
            .first
            .get(hash)
            .map_or(usize::MAX, |first| usize::from(*first));
        let entries = self.entries.get(first..).unwrap_or(&[]);
        let here = gram_at(bytes, at).map_or(0, |gram| gram | FOLD);
        let possible = entries.iter().take_while(|entry| entry.hash == hash);
        for entry in possible.filter(|entry| entry.gram == here) {
            let Some(start) = at.checked_add_signed(-entry.offset) else {
                continue;
            };
            let end = start + entry.mark.len();
            let found = bytes
                .get(start..end)
                .is_some_and(|text| text.eq_ignore_ascii_case(entry.mark.as_bytes()));
            if found {
                report(entry.trigger, start, end);
            }
        }
    }
}

/// Letters of both cases are one; of other bytes some are taken for each other, which the comparison then settles.
const FOLD: u64 = 0x0020_2020;

/// The place of three bytes, the lowest of a word, in the tables (multiplicative hashing).
fn hash(gram: u64) -> usize {
    let [a, b, c, ..] = (gram | FOLD).to_le_bytes();
    (u32::from_le_bytes([a, b, c, 0]).wrapping_mul(0x9e37_79b1) >> (32 - HASH_BITS)) as usize
}

fn gram_at(bytes: &[u8], at: usize) -> Option<u64> {
    let [a, b, c] = bytes.get(at..)?.first_chunk::<3>()?;
    Some(gram([*a, *b, *c]))
}

fn gram([a, b, c]: [u8; 3]) -> u64 {
    u64::from(a) | u64::from(b) << 8 | u64::from(c) << 16
}

/// The entries of a mark, enough that one is met wherever it begins, though only every second place is looked at: two
/// neighbouring threes of its bytes; of a short mark also threes with the byte before or behind it.
fn entries((mark, trigger): (&'static str, Trigger)) -> Vec<Entry> {
    let entry = |bytes: [u8; 3], offset: isize| Entry {
        hash: hash(gram(bytes)),
        gram: gram(bytes) | FOLD,
        offset,
        mark,
        trigger,
    };
    let beside = |accept: &dyn Fn(u8) -> bool| -> Vec<u8> {
        let mut beside: Vec<u8> = (0..128)
            .filter(|byte| accept(*byte))
            .map(|byte| byte | 0x20)
            .collect();
        beside.sort_unstable();
        beside.dedup();
        beside
    };
    let follows = |byte: u8| match trigger {
        Trigger::Form(place) => FORMS.get(place).is_some_and(|form| form.accepts(byte)),
        _ => true,
    };
    let precedes = |byte: u8| match trigger {
        Trigger::Form(_) => !byte.is_ascii_alphanumeric(),
        // A digit stands before `:A` and `Q~` in the tokens that they mark.
        _ => byte.is_ascii_digit(),
    };
    match mark.as_bytes() {
        [a, b] => {
            let behind = beside(&follows).into_iter().map(|byte| entry([*a, *b, byte], 0));
            let ahead = beside(&precedes)
                .into_iter()
                .map(|byte| entry([byte, *a, *b], -1));
            behind.chain(ahead).collect()
        }
        [a, b, c] => {
            let behind = beside(&follows).into_iter().map(|byte| entry([*b, *c, byte], 1));
            std::iter::once(entry([*a, *b, *c], 0)).chain(behind).collect()
        }
        bytes => {
            let rarest = bytes
                .array_windows::<4>()
                .enumerate()
                .min_by_key(|(_, four)| four.iter().map(|byte| frequency(*byte)).sum::<u32>());
            rarest.map_or_else(Vec::new, |(offset, [a, b, c, d])| {
                let offset = offset.cast_signed();
                vec![entry([*a, *b, *c], offset), entry([*b, *c, *d], offset + 1)]
            })
        }
    }
}

/// How often a byte stands in logs, roughly: the rarer the three bytes, the fewer candidates.
fn frequency(byte: u8) -> u32 {
    match byte.to_ascii_lowercase() {
        b'e' | b't' | b'a' | b'o' | b'i' | b'n' | b's' | b'r' => 5,
        b'd' | b'l' | b'c' | b'u' | b'm' | b'p' | b'0'..=b'9' | b' ' => 4,
        b'h' | b'f' | b'g' | b'b' | b'-' | b'.' | b'/' | b':' | b'"' | b'=' => 3,
        b'y' | b'w' | b'v' | b'k' | b',' => 2,
        _ => 1,
    }
}
