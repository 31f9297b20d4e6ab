//! Access logs of HTTP servers: `10.1.0.3 - - [01/Feb/2025:12:00:00 +0000] "GET / HTTP/1.1" 502 150 ...`, those of
//! balancers and proxies that write the status before the request, and W3C's columns.

use std::sync::LazyLock;

use kubemedic_model::log::Severity;
use memchr::memmem::Finder;

use super::severity;

/// Methods of requests.
const METHODS: [&str; 9] = [
    "GET", "POST", "PUT", "HEAD", "DELETE", "PATCH", "OPTIONS", "CONNECT", "PROPFIND",
];

/// What a request line tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::intake) struct Request<'a> {
    /// The severity of the status.
    pub(super) severity: Severity,
    /// The status.
    pub(super) status: &'a str,
    /// Method, path and protocol.
    pub(super) head: &'a str,
}

impl<'a> Request<'a> {
    fn of(status: &'a str, head: &'a str) -> Option<Self> {
        if status.len() != 3 {
            return None;
        }
        let number = status.parse::<u64>().ok()?;
        Some(Self {
            severity: severity::of_http_status(number)?,
            status,
            head,
        })
    }
}

/// Finds `"METHOD path HTTP/1.1" STATUS` in a line; where no status follows, the one that a balancer writes before it.
pub(super) fn find(line: &str) -> Option<Request<'_>> {
    static PROTOCOL: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(" HTTP/"));
    if memchr::memchr(b'"', line.as_bytes()).is_none() {
        return of_uwsgi(line);
    }
    let Some(protocol) = PROTOCOL.find(line.as_bytes()) else {
        return without_protocol(line);
    };
    let before = line.get(..protocol)?;
    let open = memchr::memrchr(b'"', before.as_bytes())?;
    let tail = line.get(protocol + 1..)?;
    let version = tail.bytes().position(|byte| byte == b'"')?;
    let head = line.get(open + 1..protocol + 1 + version)?;
    let after = tail.get(version + 1..)?.trim_start();
    let end = after.bytes().position(|byte| matches!(byte, b' ' | b',' | b'\t'));
    let status = after.get(..end.unwrap_or(after.len()))?;
    Request::of(status, head).or_else(|| before_request(line.get(..open)?, head))
}

/// The status before a request: after the timers of `HAProxy` (`0/0/1/48/49 503 213`) or the three of a cloud's balancer
/// (`0.000073 0.001048 0.000057 502 502 0 29`).
fn before_request<'a>(before: &'a str, head: &'a str) -> Option<Request<'a>> {
    let mut timed = false;
    for word in before.split(' ') {
        if timed && word.len() == 3 {
            return Request::of(word, head);
        }
        let slashes = word.bytes().filter(|b| *b == b'/').count();
        let numeric =
            |extra: &[u8]| !word.is_empty() && word.bytes().all(|b| b.is_ascii_digit() || extra.contains(&b));
        timed =
            (slashes == 4 && numeric(b"/-+")) || (word.contains('.') && word.len() >= 5 && numeric(b".-"));
    }
    None
}

/// A line of the common form whose request is broken or of HTTP 0.9: `... [time] "-" 408 - ...`, `[time] "GET /x" 200 271`.
fn without_protocol(line: &str) -> Option<Request<'_>> {
    let open = memchr::memmem::find(line.as_bytes().get(..160).unwrap_or(line.as_bytes()), b"] \"")?;
    let dated = line.get(..open)?;
    let bracket = dated.rfind('[')?;
    if !dated
        .get(bracket + 1..)?
        .starts_with(|c: char| c.is_ascii_digit())
    {
        return None;
    }
    let (head, after) = line.get(open + 3..)?.split_once("\" ")?;
    Request::of(after.split(' ').next()?, head)
}

/// `[pid: 24386|app: 0|req: 1/2] 10.9.8.7 () {44 vars in 1322 bytes} [time] GET /x => generated 192 bytes in 21 msecs (HTTP/1.1 200)`.
fn of_uwsgi(line: &str) -> Option<Request<'_>> {
    let rest = line.strip_prefix("[pid: ")?;
    let (head, rest) = rest.split_once(" => generated ")?;
    let (_, status) = rest.split_once("(HTTP/")?;
    let status = status.split([' ', ')']).nth(1)?;
    Request::of(status, head.rsplit("] ").next()?)
}

/// Finds a request that is not quoted: W3C's columns after a time, `GIN`'s, squid's, and `GET /path 404 12 ms`.
pub(super) fn find_unquoted(line: &str, stamped: bool) -> Option<Request<'_>> {
    if stamped {
        return gin(line).or_else(|| squid(line)).or_else(|| w3c(line));
    }
    let (method, rest) = line.split_once(' ')?;
    if !METHODS.contains(&method) || !rest.starts_with('/') {
        return None;
    }
    let (path, rest) = rest.split_once(' ')?;
    let head = line.get(..method.len() + 1 + path.len())?;
    Request::of(rest.split(' ').next()?, head).filter(|_| rest.contains(" ms"))
}

/// `500 |     1.234ms |      10.9.8.7 | GET      "/api/cart"`.
fn gin(line: &str) -> Option<Request<'_>> {
    let (status, rest) = line.split_once(" |")?;
    let head = rest.rsplit('|').next()?.trim();
    METHODS
        .iter()
        .any(|method| head.starts_with(method))
        .then(|| Request::of(status.trim_start_matches(['|', ' ']), head))?
}

/// `231 10.9.8.7 TCP_MISS/503 4012 GET http://...`.
fn squid(line: &str) -> Option<Request<'_>> {
    let mut words = line.split_whitespace().skip(2);
    let (result, _, method) = (words.next()?, words.next()?, words.next()?);
    let (kind, status) = result.rsplit_once('/')?;
    (kind.contains('_') && METHODS.contains(&method)).then(|| Request::of(status, method))?
}

/// W3C's columns: address, method, path, query, port, user, client, agent, ..., status, substatus, win32 status.
fn w3c(line: &str) -> Option<Request<'_>> {
    let mut words = line.split(' ');
    words.by_ref().take(4).find(|word| METHODS.contains(word))?;
    let path = words.next().filter(|path| path.starts_with(['/', '"']))?;
    let (query, port) = (words.next()?, words.next()?);
    if query.parse::<i32>().is_ok() {
        return Request::of(port, path);
    }
    port.parse::<u16>().ok()?;
    let mut run = ["", "", ""];
    for word in words {
        let [_, second, third] = run;
        run = [second, third, word];
        let [status, sub, win32] = run;
        let number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        if status.len() == 3
            && sub.len() <= 2
            && number(sub)
            && number(win32)
            && let Some(request) = Request::of(status, path)
        {
            return Some(request);
        }
    }
    None
}

/// The time in brackets of the common log format.
pub(super) fn time(line: &str) -> Option<jiff::Timestamp> {
    let near = line.as_bytes().get(..160).unwrap_or(line.as_bytes());
    memchr::memchr_iter(b'[', near).find_map(|open| {
        let bracketed = line
            .get(open..)
            .filter(|_| open == 0 || near.get(open - 1) == Some(&b' '))?;
        bracketed
            .as_bytes()
            .get(1)
            .filter(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase())?;
        super::timestamp::leading(bracketed)?.time
    })
}

/// The time after the scheme that an application balancer writes first: `https 2024-05-07T10:55:40.486Z app/...`.
pub(super) fn balancer_time(line: &str) -> Option<jiff::Timestamp> {
    let (scheme, rest) = line.split_once(' ')?;
    matches!(scheme, "http" | "https" | "h2" | "ws" | "wss" | "grpc" | "grpcs")
        .then(|| super::timestamp::leading(rest)?.time)?
}
