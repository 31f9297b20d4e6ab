//! Secrets that tell by their form alone: JSON web tokens, URLs with passwords, webhook addresses, payment cards
//! and tokens that carry their mark inside.

use super::cursor::{DECISION_BYTES, Span, before, byte, is_quote, run, run_back};
use super::provider::distinct;

fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')
}

/// `eyJ....eyJ....signature`.
pub(super) fn jwt(bytes: &[u8], at: usize) -> Option<Span> {
    if is_token(before(bytes, at)) {
        return None;
    }
    let header = run(bytes, at, usize::MAX, is_token);
    if header - at < 17
        || byte(bytes, header) != b'.'
        || !matches!(bytes.get(header + 1..header + 3), Some(b"ey" | b"ew"))
    {
        return None;
    }
    let payload = run(bytes, header + 1, usize::MAX, |byte| {
        is_token(byte) || matches!(byte, b'/' | b'\\')
    });
    if payload - header < 14 || byte(bytes, payload) != b'.' {
        return None;
    }
    let end = run(bytes, payload + 1, usize::MAX, |byte| {
        is_token(byte) || matches!(byte, b'/' | b'=' | b'\\' | b'+')
    });
    let end = end - usize::from(before(bytes, end) == b'\\');
    Some(Span {
        start: at,
        end,
        kind: "jwt",
    })
}

/// The longest authority of an address that is looked at.
pub(super) const AUTHORITY_BYTES: usize = 256;

/// The password of `scheme://user:password@host`, and how many bytes were read; `at` is where `://` stands.
pub(super) fn url_password(text: &str, at: usize, limit: usize) -> (Option<Span>, usize) {
    let bytes = text.as_bytes();
    let user = at + 3;
    let ends = |byte: u8| {
        byte.is_ascii_whitespace()
            || is_quote(byte)
            || matches!(byte, b'<' | b'>' | b'?' | b'#' | b'\\' | b',' | b'/')
    };
    let end = run(bytes, user, limit, |byte| !ends(byte));
    let authority = bytes.get(user..end).unwrap_or(&[]);
    let password = || {
        let host = memchr::memrchr(b'@', authority)?;
        let colon = memchr::memchr2(b':', b'@', authority)?;
        let password = text.get(user + colon + 1..user + host)?;
        (authority.get(colon) == Some(&b':')
            && !password.is_empty()
            && !super::value::is_placeholder(password))
        .then_some(Span {
            start: user + colon + 1,
            end: user + host,
            kind: "url-password",
        })
    };
    (password(), end - user)
}

/// The secret path of a webhook's address.
pub(super) fn webhook(bytes: &[u8], at: usize, prefix: &str) -> Option<Span> {
    let start = at + prefix.len();
    let end = run(bytes, start, DECISION_BYTES, |byte| {
        byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'_' | b'-' | b'@')
    });
    let varied = bytes.get(start..end).is_some_and(|path| distinct(path) >= 7);
    (end - start >= 30 && varied).then_some(Span {
        start,
        end,
        kind: "webhook-url",
    })
}

/// `abcdefghijklmn.atlasv1.xxxxx` and `abc8Q~xxxxx`: the mark stands inside the token.
pub(super) fn marked(bytes: &[u8], at: usize, mark: &str) -> Option<Span> {
    match mark {
        ".atlasv1." => {
            let start = run_back(bytes, at, 15, |byte| byte.is_ascii_alphanumeric());
            let end = run(bytes, at + mark.len(), 80, |byte| is_token(byte) || byte == b'=');
            let varied = bytes
                .get(at + mark.len()..end)
                .is_some_and(|body| distinct(body) >= 7);
            (at - start == 14 && end - at >= 60 && varied).then_some(Span {
                start,
                end,
                kind: "terraform-token",
            })
        }
        "-us" => {
            let start = run_back(bytes, at, 33, |byte| byte.is_ascii_hexdigit());
            let end = run(bytes, at + mark.len(), 3, |byte| byte.is_ascii_digit());
            (at - start == 32 && end > at + mark.len()).then_some(Span {
                start,
                end,
                kind: "mailchimp-key",
            })
        }
        _ => azure_client_secret(bytes, at),
    }
}

/// Three characters, a digit, `Q~`, and 31 to 34 more.
fn azure_client_secret(bytes: &[u8], at: usize) -> Option<Span> {
    let accept = |byte: u8| is_token(byte) || matches!(byte, b'.' | b'~');
    if !before(bytes, at).is_ascii_digit() {
        return None;
    }
    let start = at.checked_sub(4)?;
    let end = run(bytes, at + 2, 36, accept);
    let body = bytes.get(at + 2..end)?;
    let framed = bytes.get(start..at)?.iter().copied().all(accept) && !accept(before(bytes, start));
    let size = (31..=34).contains(&body.len()) && distinct(body) >= 10;
    (framed && size).then_some(Span {
        start,
        end,
        kind: "azure-client-secret",
    })
}

/// `123456789:AAxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx`; `at` is where `:A` stands.
pub(super) fn telegram(bytes: &[u8], at: usize) -> Option<Span> {
    let start = run_back(bytes, at, 17, |byte| byte.is_ascii_digit());
    let end = run(bytes, at + 1, 36, is_token);
    let framed = (8..=16).contains(&(at - start))
        && !is_token(before(bytes, start))
        && end - at - 1 == 35
        && !is_token(byte(bytes, end));
    framed.then_some(Span {
        start,
        end,
        kind: "telegram-token",
    })
}

/// A user's name and password after `-u` or `--user` of curl; `at` is where the flag ends.
pub(super) fn curl_user(text: &str, at: usize) -> Option<Span> {
    let bytes = text.as_bytes();
    let blank = run(bytes, at, 8, |byte| byte == b' ' || byte == b'=');
    let quote = byte(bytes, blank);
    let start = blank + usize::from(is_quote(quote));
    let end = run(bytes, start, 256, |byte| {
        if is_quote(quote) {
            byte != quote && byte != b'\n'
        } else {
            !byte.is_ascii_whitespace()
        }
    });
    let end = if text.is_char_boundary(end) {
        end
    } else {
        return None;
    };
    let (user, password) = text.get(start..end)?.split_once(':')?;
    let bare = password.trim_matches(['"', '\'']);
    let sample =
        user.starts_with('<') || ["pass", "password", "test", "token", "yyy", "secret"].contains(&bare);
    if blank == at
        || sample
        || super::value::is_placeholder(user)
            && user.starts_with(['<', '$', '{', '['])
            && super::value::is_placeholder(password)
    {
        return None;
    }
    match (bare.is_empty(), super::value::is_placeholder(bare)) {
        (true, _) if user.len() >= 8 => Some(Span {
            start,
            end: start + user.len(),
            kind: "password",
        }),
        (false, false) => {
            let from = start + user.len() + 1 + password.find(bare).unwrap_or(0);
            Some(Span {
                start: from,
                end: from + bare.len(),
                kind: "password",
            })
        }
        _ => None,
    }
}
