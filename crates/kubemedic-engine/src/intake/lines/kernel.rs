//! Lines of the Linux kernel: its audit events, and messages with the time since start.

use kubemedic_model::log::Severity;

use jiff::Timestamp;

use super::{severity, timestamp};

/// What a line of the kernel tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct KernelLine<'a> {
    /// When.
    pub(super) time: Option<Timestamp>,
    /// How grave.
    pub(super) severity: Severity,
    /// The message.
    pub(super) message: &'a str,
}

/// Reads a line that has the form of one of the kernel's.
pub(super) fn parse(line: &str) -> Option<KernelLine<'_>> {
    match line.as_bytes().first()? {
        b'<' => prioritised(line),
        b'[' => since_start(line).map(|message| KernelLine {
            message,
            ..KernelLine::default()
        }),
        b'a' | b't' => audit(line),
        b'A' if line.starts_with("AVC ") => Some(KernelLine {
            severity: of_audit(line),
            message: line,
            ..KernelLine::default()
        }),
        _ => None,
    }
}

/// `<3>[12345.678901] message`.
fn prioritised(line: &str) -> Option<KernelLine<'_>> {
    let (priority, rest) = line.get(1..)?.split_once('>')?;
    let priority = priority.parse::<u64>().ok().filter(|it| *it <= 191)?;
    Some(KernelLine {
        severity: severity::of_syslog(priority & 7),
        message: since_start(rest)?,
        time: None,
    })
}

/// The message after `[12345.678901] `, seconds since the machine started.
fn since_start(line: &str) -> Option<&str> {
    let (seconds, message) = line.strip_prefix('[')?.split_once("] ")?;
    let (whole, fraction) = seconds.trim_start().split_once('.')?;
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    (digits(whole) && digits(fraction) && whole.len() < 10 && fraction.len() == 6)
        .then(|| message.trim_start())
}

/// `audit: type=1400 audit(1718180043.120:88): ...`, `type=AVC msg=audit(1718180043.120:90): ...`.
fn audit(line: &str) -> Option<KernelLine<'_>> {
    let rest = line.strip_prefix("audit: ").unwrap_or(line);
    let (kind, rest) = rest.strip_prefix("type=")?.split_once(' ')?;
    let rest = rest.strip_prefix("msg=").unwrap_or(rest);
    let (stamp, message) = rest.strip_prefix("audit(")?.split_once("):")?;
    let message = message.trim_start();
    let is_kind = kind
        .bytes()
        .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_');
    is_kind.then(|| KernelLine {
        time: stamp.split(':').next().and_then(timestamp::from_digits),
        severity: of_audit(message),
        message,
    })
}

/// What was denied is a warning; audit events name no severity.
fn of_audit(message: &str) -> Severity {
    let denied = ["\"DENIED\"", " denied ", "success=no", "res=failed", "res=0"]
        .iter()
        .any(|word| message.contains(word));
    if denied { Severity::Warn } else { Severity::Info }
}

#[cfg(test)]
mod tests;
