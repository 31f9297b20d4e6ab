//! Access logs of HTTP servers: `10.1.0.3 - - [01/Feb/2025:12:00:00 +0000] "GET / HTTP/1.1" 502 150 ...`.

use std::sync::LazyLock;

use kubemedic_model::log::Severity;
use memchr::memmem::Finder;

use super::severity;

/// What a request line tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Request<'a> {
    /// The severity of the status.
    pub(super) severity: Severity,
    /// The status.
    pub(super) status: &'a str,
    /// Method, path and protocol.
    pub(super) head: &'a str,
}

/// Finds `"METHOD path HTTP/1.1" STATUS` in a line.
pub(super) fn find(line: &str) -> Option<Request<'_>> {
    static PROTOCOL: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(" HTTP/"));
    memchr::memchr(b'"', line.as_bytes())?;
    let protocol = PROTOCOL.find(line.as_bytes())?;
    let before = line.get(..protocol)?;
    let open = before.rfind('"')?;
    let tail = line.get(protocol + 1..)?;
    let (version, after) = tail.split_once('"')?;
    let status = after.trim_start().split([' ', ',', '\t']).next()?;
    let number = status.parse::<u64>().ok().filter(|_| status.len() == 3)?;
    let end = protocol + 1 + version.len();
    Some(Request {
        severity: severity::of_http_status(number)?,
        status,
        head: line.get(open + 1..end)?,
    })
}

/// The time in brackets of the common log format.
pub(super) fn time(line: &str) -> Option<jiff::Timestamp> {
    let open = line.find(" [")?;
    let bracketed = line.get(open + 1..).filter(|_| open < 120)?;
    super::timestamp::leading(bracketed)?.time
}
