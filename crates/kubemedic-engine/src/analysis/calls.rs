//! Calls that failed, as logs tell them: who called which address, and how it ended. Read once for all rules.
//! It counts; whether an address is right and who is at fault is decided in `rules`.

use std::{collections::BTreeMap, sync::LazyLock};

use aho_corasick::AhoCorasick;

use kubemedic_model::evidence::{EvidenceKind, Origin};

use super::hypothesis::Exhibit;
use crate::intake::Intake;

/// The most different failed calls that are kept.
const MAX_CALLS: usize = 2000;
/// The most addresses that one entry is searched for.
const MAX_ADDRESSES: usize = 6;
/// The port of name servers: an address with it is the resolver, not what was called.
const DNS_PORT: u16 = 53;

/// How a call ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Ending {
    /// The name does not exist: the resolver answered so.
    NoSuchName,
    /// Nothing listens there.
    Refused,
    /// Nobody answered.
    TimedOut,
}

/// Words by how a call ended. An entry with several tells the first of these.
const WORDS: &[(&str, Ending)] = &[
    ("no such host", Ending::NoSuchName),
    ("enotfound", Ending::NoSuchName),
    ("unknownhostexception", Ending::NoSuchName),
    ("name or service not known", Ending::NoSuchName),
    ("nxdomain", Ending::NoSuchName),
    ("name does not resolve", Ending::NoSuchName),
    ("connection refused", Ending::Refused),
    ("econnrefused", Ending::Refused),
    ("i/o timeout", Ending::TimedOut),
    ("timed out", Ending::TimedOut),
    ("etimedout", Ending::TimedOut),
    ("unabletoconnect", Ending::Refused),
    ("unable to connect", Ending::Refused),
    ("could not connect", Ending::Refused),
    ("cannot connect", Ending::Refused),
    ("failed to connect", Ending::Refused),
];
/// Words that a host name follows.
const BEFORE_HOST: [&str; 4] = ["lookup ", "ENOTFOUND ", "UnknownHostException: ", "dns:///"];

static FINDER: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
    AhoCorasick::builder()
        .ascii_case_insensitive(true)
        .build(WORDS.iter().map(|(word, _)| *word))
        .ok()
});

/// Calls of one source to one address that ended alike.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FailedCall {
    /// The pod or service whose log tells it.
    pub(crate) source: String,
    /// How it ended.
    pub(crate) ending: Ending,
    /// The host or IP that was called.
    pub(crate) host: String,
    /// The port.
    pub(crate) port: Option<u16>,
    /// Whether the entry only passes on what a called service told (an RPC error within an RPC error).
    pub(crate) relayed: bool,
    /// How often.
    pub(crate) count: u64,
    /// The part of the input with the last such entry.
    pub(crate) part: String,
    /// The line of the last such entry.
    pub(crate) line: u64,
    /// The first line of the last such entry.
    pub(crate) quote: String,
}

impl FailedCall {
    /// The last entry that tells of it, as evidence.
    pub(crate) fn exhibit(&self) -> Exhibit {
        Exhibit {
            kind: EvidenceKind::Log,
            quote: self.quote.clone(),
            origin: Origin {
                part: self.part.clone(),
                line: Some(self.line),
            },
            object: None,
            field: None,
            timestamp: None,
            count: self.count,
        }
    }
}

/// Source, ending, host, port, relayed.
type Key<'a> = (&'a str, Ending, &'a str, Option<u16>, bool);

/// Every failed call that the logs tell.
pub(crate) fn read(intake: &Intake) -> Vec<FailedCall> {
    let Some(finder) = FINDER.as_ref() else {
        return Vec::new();
    };
    let mut found: BTreeMap<Key<'_>, (u64, &crate::intake::SourcedRecord)> = BTreeMap::new();
    for it in &intake.records {
        let message = it.record.message.as_str();
        let Some(ending) = ending(finder, message) else {
            continue;
        };
        let names = &it.record.source;
        let Some(source) = names.pod.as_deref().or(names.service.as_deref()) else {
            continue;
        };
        let relayed = message.matches("rpc error").nth(1).is_some();
        for (host, port) in addresses(message) {
            let key = (source, ending, host, port, relayed);
            if found.len() < MAX_CALLS || found.contains_key(&key) {
                let entry = found.entry(key).or_insert((0, it));
                *entry = (entry.0.saturating_add(1), it);
            }
        }
    }
    let calls = found.into_iter().map(|(key, (count, last))| FailedCall {
        source: key.0.to_owned(),
        ending: key.1,
        host: key.2.to_owned(),
        port: key.3,
        relayed: key.4,
        count,
        part: last.part.clone(),
        line: last.record.line,
        quote: last.record.headline().to_owned(),
    });
    calls.collect()
}

/// How the call of an entry ended, if it tells of one.
fn ending(finder: &AhoCorasick, message: &str) -> Option<Ending> {
    let found = finder.find_iter(message);
    found
        .filter_map(|it| WORDS.get(it.pattern().as_usize()).map(|(_, ending)| *ending))
        .min()
}

/// The addresses of an entry: what follows words for a host, and `host:port` pairs.
fn addresses(message: &str) -> Vec<(&str, Option<u16>)> {
    let mut found: Vec<(&str, Option<u16>)> = Vec::new();
    for word in BEFORE_HOST {
        let hosts = message.split(word).skip(1).take(MAX_ADDRESSES);
        found.extend(hosts.filter_map(leading_host).map(|host| (host, None)));
    }
    let tokens = message.split(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | ':' | '_')));
    for token in tokens {
        if let Some((host, port)) = host_and_port(token)
            && port != DNS_PORT
        {
            found.push((host, Some(port)));
        }
        if found.len() >= MAX_ADDRESSES {
            break;
        }
    }
    found.sort_unstable();
    found.dedup();
    found
}

/// The host that a text starts with.
fn leading_host(text: &str) -> Option<&str> {
    let end = text.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '.' | '-')));
    let host = text.get(..end.unwrap_or(text.len()))?.trim_end_matches('.');
    is_host(host).then_some(host)
}

/// `host:port` with whatever follows after another colon.
fn host_and_port(token: &str) -> Option<(&str, u16)> {
    let (host, rest) = token.split_once(':')?;
    let port = rest.split(':').next()?.parse().ok()?;
    // `2026-01-02T15:41:43` is a time.
    let named =
        host.starts_with(|c: char| c.is_ascii_alphabetic()) || host.parse::<std::net::Ipv4Addr>().is_ok();
    (named && is_host(host)).then_some((host, port))
}

/// Whether a word can be a host name or an IPv4 address.
pub(super) fn is_host(word: &str) -> bool {
    let lettered = word.bytes().any(|byte| byte.is_ascii_alphabetic());
    let address = word.parse::<std::net::Ipv4Addr>().is_ok();
    let plain = word
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.'));
    let edges = word.starts_with(|c: char| c.is_ascii_alphanumeric())
        && word.ends_with(|c: char| c.is_ascii_alphanumeric());
    (lettered || address) && plain && edges && word.len() <= 253
}

#[cfg(test)]
mod tests;
