//! Records in the contract's form, written straight into a buffer (CONTRACT.md, section 4, `logs parse`).
//! It is faster than building JSON values, which would cost more than reading the log.

use std::fmt::Write as _;

use jiff::Timestamp;
use kubemedic_engine::{
    intake::{json_text::write_string, stream::Record},
    monitoring::TemplateId,
};
use kubemedic_model::log::Severity;

/// Seconds of a day.
const DAY_SECONDS: u64 = 86_400;
/// The end of the year 9999: later times have another width.
const LAST_SECOND: u64 = 253_402_300_799;

/// Writes records, one JSON object a line.
#[derive(Debug, Default)]
pub struct Writer {
    /// What was written and not taken yet.
    pub out: Vec<u8>,
    /// The last day that was written: its number since 1970, and its text behind a quote.
    day: (u64, String),
    /// The members of each template that was written, by its number.
    templates: Vec<Written>,
}

/// A template and the members that tell it.
#[derive(Debug, Default)]
struct Written {
    text: String,
    members: Vec<u8>,
}

impl Writer {
    /// Writes one record.
    pub fn record(&mut self, record: &Record<'_>, id: TemplateId, template: &str) {
        write_head(&mut self.out, record.line);
        match record.timestamp {
            Some(time) => self.time(time),
            None => self.out.extend_from_slice(b"null"),
        }
        self.out
            .extend_from_slice(severity_member(record.severity).as_bytes());
        match record.source_name() {
            Some(name) => write_string(&mut self.out, name),
            None => self.out.extend_from_slice(b"null"),
        }
        self.template(id, template);
        write_string(&mut self.out, &record.message);
        self.out.extend_from_slice(b"}\n");
    }

    /// A time as `jiff` prints it, with the day's text kept from the record before.
    fn time(&mut self, time: Timestamp) {
        let second = u64::try_from(time.as_second()).ok();
        let nanosecond = u32::try_from(time.subsec_nanosecond()).ok();
        let (Some(second @ ..=LAST_SECOND), Some(nanosecond)) = (second, nanosecond) else {
            write_string(&mut self.out, &time.to_string());
            return;
        };
        let number = second / DAY_SECONDS;
        if self.day.0 != number || self.day.1.is_empty() {
            let text = time.to_string();
            self.day = (number, format!("\"{}", text.get(..10).unwrap_or_default()));
        }
        self.out.extend_from_slice(self.day.1.as_bytes());
        write_clock(&mut self.out, second % DAY_SECONDS, nanosecond);
    }

    /// The members of a template; most records have one that was written before.
    fn template(&mut self, id: TemplateId, template: &str) {
        let index = id.0 as usize;
        if index >= self.templates.len() {
            self.templates.resize_with(index + 1, Written::default);
        }
        let Some(written) = self.templates.get_mut(index) else {
            return;
        };
        if written.members.is_empty() || written.text != template {
            let mut head = String::new();
            let _ = write!(head, ",\"template_id\":\"{id}\",\"template\":");
            written.members = head.into_bytes();
            write_string(&mut written.members, template);
            written.members.extend_from_slice(b",\"message\":");
            template.clone_into(&mut written.text);
        }
        self.out.extend_from_slice(&written.members);
    }
}

/// The digit that a number below ten has.
fn digit(number: u64) -> u8 {
    b'0' + (number % 10) as u8
}

/// `T07:00:30.227Z"` of the second of a day, without zeros at the end of the fraction.
fn write_clock(out: &mut Vec<u8>, second: u64, nanosecond: u32) {
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    let clock = [
        b'T',
        digit(hour / 10),
        digit(hour),
        b':',
        digit(minute / 10),
        digit(minute),
        b':',
        digit(second / 10),
        digit(second),
    ];
    out.extend_from_slice(&clock);
    if nanosecond == 0 {
        out.extend_from_slice(b"Z\"");
        return;
    }
    let (rest, length) = if nanosecond.is_multiple_of(1_000_000) {
        (nanosecond / 1_000_000, 3)
    } else {
        (nanosecond, 9)
    };
    let (mut rest, mut length) = (u64::from(rest), length);
    while rest % 10 == 0 {
        rest /= 10;
        length -= 1;
    }
    let mut text = *b".000000000";
    for place in text.iter_mut().skip(1).take(length).rev() {
        *place = digit(rest);
        rest /= 10;
    }
    out.extend_from_slice(text.get(..=length).unwrap_or_default());
    out.extend_from_slice(b"Z\"");
}

/// `{"line":17,"timestamp":`
fn write_head(out: &mut Vec<u8>, line: u64) {
    out.extend_from_slice(b"{\"line\":");
    write_number(out, line);
    out.extend_from_slice(b",\"timestamp\":");
}

/// The member of a severity, and the name of the next one.
fn severity_member(severity: Severity) -> &'static str {
    match severity {
        Severity::Unknown => ",\"severity\":\"unknown\",\"source\":",
        Severity::Trace => ",\"severity\":\"trace\",\"source\":",
        Severity::Debug => ",\"severity\":\"debug\",\"source\":",
        Severity::Info => ",\"severity\":\"info\",\"source\":",
        Severity::Warn => ",\"severity\":\"warn\",\"source\":",
        Severity::Error => ",\"severity\":\"error\",\"source\":",
        Severity::Fatal => ",\"severity\":\"fatal\",\"source\":",
    }
}

/// A whole number in decimal.
fn write_number(out: &mut Vec<u8>, number: u64) {
    let mut digits = [b'0'; 20];
    let mut rest = number;
    let mut length = 0;
    for place in digits.iter_mut().rev() {
        *place = digit(rest);
        rest /= 10;
        length += 1;
        if rest == 0 {
            break;
        }
    }
    out.extend_from_slice(digits.get(20 - length..).unwrap_or_default());
}

#[cfg(test)]
mod tests;
