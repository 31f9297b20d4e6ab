//! The words that mean something to the miner: log English (`vocabulary/words.txt`) with the rules for its forms, values,
//! units, endings of file and host names. A word that is not known is a name.

use std::{
    collections::{HashMap, HashSet},
    sync::LazyLock,
};

use super::{
    hash::{self, Hashed},
    scan::Kind,
};

/// What a word of letters means beyond its text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Special {
    /// Truth, nothing, a name of a day or month.
    Value,
    /// It belongs to a number before it.
    Unit,
    /// A user's name stands behind it.
    User,
    /// Cron's `CMD`: a command line stands behind it.
    Command,
    /// What stands behind it and a colon is a value of several words.
    Reason,
}

const VALUES: &str =
    "Mon Tue Wed Thu Fri Sat Sun Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec nil NaN true True TRUE
    null NULL false False FALSE undefined";
const UNITS: &str = "ms us ns s sec secs second seconds millis milliseconds msec microseconds min mins minute minutes h hr
    hrs hour hours day days B KB MB GB TB KiB MiB GiB TiB kB bytes byte Bytes AM PM UTC GMT PST PDT CST CET EST EDT Hz MHz GHz";
const USERS: &str = "user User username USER";
/// Words that stand behind `user` and are no user's name.
const BEHIND_USER: &str = "a account activity agent agents already and are as at authenticated authentication by can canceled
    cancelled cannot data defined disconnected does exists failed for found from group groups had has id ids in info
    information input interface interrupt is level limit list logged logging logs may mode must name names namespace not of on
    or preference preferences present pressed process profile request requested requests session sessions settings signed space
    switch switched switching that the time to unknown was were when who will with without";
/// Endings of file names and of systemd's units.
const FILES: &str = "log conf cfg cnf ini json xml yaml yml toml properties jar war so ko c cc cpp h hpp py java scala go rs
    rb dll exe sys txt md csv gz zip tar tgz db sqlite sh bat html htm php jsp asp cgi js ts css png jpg jpeg gif ico svg pdf
    plist app apk pem crt cer key pid sock tmp bak lock dat bin img iso rpm deb mum cat service mount socket slice target timer
    scope kext framework bundle cab msi vmdk qcow";
/// Endings of host names. Those that are English words as well are left out.
const HOSTS: &str =
    "com net org edu gov mil io local localdomain internal lan svc arpa cn hk tw jp kr de fr uk ca au nl ru
    br es ch se pl cz eu mx ro hu gr fi dk vn sg nz ar cl tr ua biz";
/// Endings that make a word of [`MIN_FORM_BYTES`] or longer English.
const FORMS: &str = "ed ing tion sion ment able ible ly ness ity ful less ive ous ence ance ency ancy ture";
const MIN_FORM_BYTES: usize = 5;
/// The longest word that is looked up, in bytes.
const MAX_WORD_BYTES: usize = 24;

type Words = HashSet<u64, Hashed>;

/// The lists, each word as its hash.
pub(super) struct Lexicon {
    /// The lengths, one bit each, that special words with this first byte have: most words need no search.
    gate: [u16; 256],
    special: HashMap<u64, Special, Hashed>,
    english: Words,
    behind_user: Words,
    files: Words,
    hosts: Words,
}

static LEXICON: LazyLock<Lexicon> = LazyLock::new(Lexicon::read);

/// The one lexicon.
#[inline]
pub(super) fn lexicon() -> &'static Lexicon {
    &LEXICON
}

fn words(text: &str) -> Words {
    text.split_whitespace()
        .map(|word| hash::of(word.as_bytes()))
        .collect()
}

impl Lexicon {
    fn read() -> Self {
        let english = include_str!("../../../vocabulary/words.txt")
            .lines()
            .filter(|line| !line.starts_with('#'))
            .flat_map(str::split_whitespace)
            .map(|word| hash::of(word.as_bytes()))
            .collect();
        let mut lexicon = Self {
            gate: [0; 256],
            special: HashMap::default(),
            english,
            behind_user: words(BEHIND_USER),
            files: words(FILES),
            hosts: words(HOSTS),
        };
        let lists = [
            (VALUES, Special::Value),
            (UNITS, Special::Unit),
            (USERS, Special::User),
            ("CMD", Special::Command),
            ("reason Reason", Special::Reason),
        ];
        for (list, special) in lists {
            for word in list.split_whitespace() {
                lexicon.special.insert(hash::of(word.as_bytes()), special);
                let first = word.bytes().next().map(usize::from);
                if let Some(lengths) = first.and_then(|first| lexicon.gate.get_mut(first)) {
                    *lengths |= length_bit(word.len());
                }
            }
        }
        lexicon
    }

    /// Whether a word with this first byte, the lowest, and of this length may be special.
    #[inline]
    pub(super) fn may_be_special(&self, word: u64, length: usize) -> bool {
        let first = usize::try_from(word & 0xff).unwrap_or(0);
        length == 0 || self.gate.get(first).copied().unwrap_or(0) & length_bit(length) != 0
    }

    /// What a word of letters means beyond its text.
    #[inline]
    pub(super) fn special(&self, word: &[u8], hash: u64) -> Option<Special> {
        let first = usize::from(word.first().copied().unwrap_or(0));
        let lengths = self.gate.get(first).copied().unwrap_or(0);
        if lengths & length_bit(word.len()) == 0 {
            return None;
        }
        self.special.get(&hash).copied()
    }

    /// Whether the word stands behind `user` and is no user's name.
    pub(super) fn stays_behind_user(&self, word: &[u8]) -> bool {
        let (lower, length) = lowered(word);
        lower
            .get(..length)
            .is_some_and(|word| self.behind_user.contains(&hash::of(word)))
    }

    /// Whether names with this ending are names of files.
    pub(super) fn is_file(&self, ending: &[u8]) -> bool {
        let (lower, length) = lowered(ending);
        lower
            .get(..length)
            .is_some_and(|ending| self.files.contains(&hash::of(ending)))
    }

    /// Whether names with this ending are names of hosts.
    pub(super) fn is_host(&self, ending: &[u8]) -> bool {
        self.hosts.contains(&hash::of(ending))
    }

    /// Whether a word is log English, in lower case or with a capital, or all in capitals.
    pub(super) fn has(&self, word: &[u8]) -> bool {
        let letters = |byte: &u8| byte.is_ascii_alphabetic() || *byte == b'\'';
        let tail = word.get(1..).unwrap_or_default();
        let one_case = tail.iter().all(|byte| !byte.is_ascii_uppercase())
            || word.iter().all(|byte| !byte.is_ascii_lowercase());
        if word.is_empty() || word.len() > MAX_WORD_BYTES || !one_case || !word.iter().all(letters) {
            return false;
        }
        let (lower, length) = lowered(word);
        let lower = lower.get(..length).unwrap_or_default();
        let known = |word: &[u8]| self.english.contains(&hash::of(word));
        known(lower)
            || (length >= MIN_FORM_BYTES && FORMS.split(' ').any(|form| lower.ends_with(form.as_bytes())))
            || lower
                .strip_suffix(b"s")
                .is_some_and(|word| word.len() > 1 && known(word))
            || lower.strip_suffix(b"es").is_some_and(known)
            || lower
                .strip_suffix(b"ies")
                .is_some_and(|word| known(&[word, b"y"].concat()))
            || lower.strip_suffix(b"er").is_some_and(known)
    }

    /// What a word is.
    pub(super) fn kind(&self, text: &str) -> Kind {
        let bytes = text.as_bytes();
        let inner_capital = bytes
            .windows(2)
            .any(|pair| matches!(pair, [b'a'..=b'z', b'A'..=b'Z']));
        let joined = bytes
            .iter()
            .any(|byte| matches!(byte, b'_' | b'.' | b':' | b'$' | b'0'..=b'9'));
        if bytes.len() > 1
            && bytes
                .iter()
                .all(|byte| byte.is_ascii_uppercase() || *byte == b'_')
        {
            Kind::Capitals
        } else if inner_capital || joined {
            Kind::Code
        } else if self.has(bytes) {
            Kind::Word
        } else {
            Kind::Name
        }
    }
}

#[inline]
fn length_bit(length: usize) -> u16 {
    1 << length.min(15)
}

/// A word in lower case, as far as it is looked up.
fn lowered(word: &[u8]) -> ([u8; MAX_WORD_BYTES], usize) {
    let mut lower = [0; MAX_WORD_BYTES];
    for (to, from) in lower.iter_mut().zip(word) {
        *to = from.to_ascii_lowercase();
    }
    // A longer word is none of the list: its length is out of the array.
    (lower, word.len())
}
