//! Lines whose severity is a mark or a letter of one program: Ruby, CUPS, Redis, logrus on a terminal, sssd, PHP, image builds.

use std::borrow::Cow;

use kubemedic_model::log::Severity;

use super::{Entry, severity, timestamp};

/// Reads a line of one of the programs; `stamped`: its time has been taken off.
pub(super) fn parse(line: &str, stamped: bool) -> Option<Entry<'_>> {
    match line.as_bytes().first()? {
        b'[' => debug_level(line).or_else(|| redis(line, stamped)),
        b'0'..=b'9' => redis(line, stamped),
        b'P' if line.starts_with("PHP ") => php(line),
        b'#' if !stamped => slow_query(line).or_else(|| build_step(line)),
        b'n' if !stamped => npm(line),
        b'/' | b'<' if !stamped => python_warning(line),
        b'A'..=b'Z' => lettered(line).or_else(|| terminal(line)),
        _ => None,
    }
}

/// `I, [2024-06-26T17:00:04 #126554]  INFO -- : ...`, `E [08/Jun/2013:11:28:58 -0700] ...`.
fn lettered(line: &str) -> Option<Entry<'_>> {
    let letter = *line.as_bytes().first()?;
    let rest = line.get(1..)?;
    let bracket = rest.strip_prefix(", ").or_else(|| rest.strip_prefix(' '))?;
    let severity = severity::of_letter(letter)?;
    let stamped = bracket.starts_with('[').then(|| timestamp::leading(bracket))??;
    let message = match stamped.rest.split_once(" -- ") {
        Some((_, named)) => named.split_once(": ").map_or(named, |(_, message)| message),
        None => stamped.rest,
    };
    Some(Entry {
        timestamp: stamped.time,
        severity,
        message: Cow::Borrowed(message.trim_start_matches([' ', ']'])),
        headed: true,
        ..Entry::default()
    })
}

/// `1:M 29 Aug 2023 13:47:38.984 * monotonic clock`, `[4018] 14 Nov 07:01:22.119 # ...`, `1:M * Ready`.
fn redis(line: &str, stamped: bool) -> Option<Entry<'_>> {
    if stamped {
        return None;
    }
    let (role, rest) = line.split_once(' ')?;
    let bracketed = role
        .strip_prefix('[')
        .and_then(|role| role.strip_suffix(']'))
        .is_some_and(|pid| pid.bytes().all(|b| b.is_ascii_digit()));
    let roled = role.split_once(':').is_some_and(|(pid, role)| {
        !pid.is_empty() && pid.bytes().all(|b| b.is_ascii_digit()) && matches!(role, "M" | "S" | "C" | "X")
    });
    if !bracketed && !roled {
        return None;
    }
    let stamp = timestamp::leading(rest);
    let after = stamp.map_or(rest, |stamp| stamp.rest).trim_start();
    let (mark, message) = after.split_once(' ')?;
    let severity = match mark {
        "." => Severity::Debug,
        // Before roles were written, readers of these logs took the star for a warning.
        "*" if bracketed => Severity::Warn,
        "-" | "*" => Severity::Info,
        "#" => Severity::Warn,
        _ => return None,
    };
    Some(Entry {
        timestamp: stamp.and_then(|stamp| stamp.time),
        yearless: stamp.and_then(|stamp| stamp.yearless),
        severity,
        message: Cow::Borrowed(message),
        headed: true,
        ..Entry::default()
    })
}

/// logrus on a terminal: `ERRO[0012] message`, `INFO[2024-05-07T10:55:40Z] message`.
fn terminal(line: &str) -> Option<Entry<'_>> {
    let severity = match line.get(..5)? {
        "TRAC[" => Severity::Trace,
        "DEBU[" => Severity::Debug,
        "INFO[" => Severity::Info,
        "WARN[" => Severity::Warn,
        "ERRO[" => Severity::Error,
        "FATA[" | "PANI[" => Severity::Fatal,
        _ => return None,
    };
    let (time, message) = line.get(5..)?.split_once(']')?;
    time.starts_with(|c: char| c.is_ascii_digit()).then(|| Entry {
        timestamp: timestamp::whole(time),
        severity,
        message: Cow::Borrowed(message.trim_start()),
        headed: true,
        ..Entry::default()
    })
}

/// sssd's bit of the debug level: `[sssd[be[x]]] [function] (0x0040): message`.
fn debug_level(line: &str) -> Option<Entry<'_>> {
    let at = memchr::memmem::find(line.as_bytes().get(..160).unwrap_or(line.as_bytes()), b"] (0x")?;
    let (bits, _) = line.get(at + 5..)?.split_once("):")?;
    let severity = match u32::from_str_radix(bits, 16).ok().filter(|_| bits.len() == 4)? {
        0x0010 | 0x0020 => Severity::Fatal,
        0x0040 => Severity::Error,
        0x0080 => Severity::Warn,
        0x0100 => Severity::Info,
        0x4000.. => Severity::Trace,
        _ => Severity::Debug,
    };
    Some(Entry {
        severity,
        message: Cow::Borrowed(line),
        headed: true,
        ..Entry::default()
    })
}

/// `PHP Fatal error:  ...`, `PHP Warning:  ...`; the message keeps its kind.
fn php(line: &str) -> Option<Entry<'_>> {
    let (kind, _) = line.strip_prefix("PHP ")?.split_once(": ")?;
    let severity = match kind {
        "Fatal error" | "Parse error" | "Recoverable fatal error" | "Catchable fatal error" => {
            Severity::Error
        }
        "Warning" | "Core Warning" | "Compile Warning" | "User Warning" => Severity::Warn,
        "Notice" | "Deprecated" | "User Notice" | "User Deprecated" | "Strict Standards" => Severity::Info,
        _ => return None,
    };
    Some(Entry {
        severity,
        message: Cow::Borrowed(line),
        headed: true,
        ..Entry::default()
    })
}

/// The head of an entry of MySQL's log of slow queries: `# Time: 2021-01-26T23:45:57.678222Z`.
fn slow_query(line: &str) -> Option<Entry<'_>> {
    let stamped = timestamp::leading(line.strip_prefix("# Time: ")?)?;
    Some(Entry {
        timestamp: stamped.time,
        message: Cow::Borrowed(line),
        headed: true,
        ..Entry::default()
    })
}

/// A step of an image build: `#9 3.120 message`, `#9 ERROR: message`.
fn build_step(line: &str) -> Option<Entry<'_>> {
    let (step, rest) = line.strip_prefix('#')?.split_once(' ')?;
    if step.is_empty() || !step.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let message = match rest.split_once(' ') {
        Some((seconds, message)) if seconds.contains('.') && seconds.parse::<f64>().is_ok() => message,
        _ if rest.starts_with("ERROR") => rest,
        _ => return None,
    };
    let severity = if message.starts_with("ERROR") || message.starts_with("E: ") {
        Severity::Error
    } else if message.starts_with("W: ") {
        Severity::Warn
    } else {
        severity::implied(message)
    };
    Some(Entry {
        severity,
        message: Cow::Borrowed(message),
        headed: true,
        ..Entry::default()
    })
}

/// `/app/cart.py:12: DeprecationWarning: message`.
fn python_warning(line: &str) -> Option<Entry<'_>> {
    let (place, rest) = line.split_once(": ")?;
    let (class, _) = rest.split_once(": ")?;
    let (_, number) = place.rsplit_once(':')?;
    let warns = class.ends_with("Warning") && class.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'.');
    let numbered = !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit());
    (warns && numbered).then(|| Entry {
        severity: Severity::Warn,
        message: Cow::Borrowed(line),
        headed: true,
        ..Entry::default()
    })
}

/// `npm error ...` and `npm warn ...` of npm 10.
fn npm(line: &str) -> Option<Entry<'_>> {
    let (word, rest) = line.strip_prefix("npm ")?.split_once(' ')?;
    let (severity, message) = match word {
        "error" => (Severity::Error, line),
        "warn" => (Severity::Warn, rest),
        _ => return None,
    };
    Some(Entry {
        severity,
        message: Cow::Borrowed(message),
        headed: true,
        ..Entry::default()
    })
}
