//! The numbers in the words of an alert: `Normal=12.3ms -> Current=340ms`, `rose from 0.2 to 1.4`, `Val: 0.8s`.

use kubemedic_model::snapshot::metrics::{Change, Metric};

use crate::intake::metrics::names;

/// The longest text that is read, in bytes.
const MAX_TEXT_BYTES: usize = 4000;
/// What stands between the value before and the value now.
const ARROWS: [&str; 4] = ["->", "→", "=>", " to "];
/// What a value now is called where no value before is told.
const NOW: [&str; 5] = ["val:", "value:", "value=", "current=", "cur="];

/// Reads the changes that a text tells. Its parts are divided by bars; the first may be a headline that says what the
/// numbers of the others measure.
pub(super) fn read(text: &str) -> Vec<Change> {
    if text.len() > MAX_TEXT_BYTES || !text.bytes().any(|byte| byte.is_ascii_digit()) {
        return Vec::new();
    }
    let headline = text.split('|').next().unwrap_or("");
    text.split('|')
        .filter_map(|part| change(headline, part))
        .collect()
}

/// The change that a part tells.
fn change(headline: &str, part: &str) -> Option<Change> {
    let arrow = ARROWS.iter().find_map(|arrow| part.split_once(arrow));
    let pair = arrow.and_then(|(left, right)| {
        let (start, normal, _) = numbers(left).last()?;
        let (_, current, unit) = numbers(right).next()?;
        Some((left.get(..start)?, Some(normal), current, unit))
    });
    let (label, normal, current, unit) = pair.or_else(|| single(part))?;
    let (metric, scale) = metric(headline, label)?;
    let scale = match (metric, unit) {
        (Metric::Latency(_), "s") => 1000.0,
        (Metric::Latency(_), "us" | "µs") => 0.001,
        (Metric::Latency(_), "ms") => 1.0,
        _ => scale,
    };
    Some(Change {
        metric,
        normal: normal.map(|value| value * scale),
        current: current * scale,
        quote: quote(headline, part),
    })
}

/// A value now without a value before.
fn single(part: &str) -> Option<(&str, Option<f64>, f64, &str)> {
    let lower = part.to_ascii_lowercase();
    let at = NOW.iter().find_map(|word| lower.find(word))?;
    let (_, current, unit) = numbers(part.get(at..)?).next()?;
    Some((part.get(..at)?, None, current, unit))
}

/// What is measured: the label says it, else what stands in brackets in the headline, else the headline.
fn metric(headline: &str, label: &str) -> Option<(Metric, f64)> {
    let bracket = headline
        .split_once('[')
        .and_then(|(_, rest)| rest.split(']').next());
    names::metric(label)
        .or_else(|| bracket.and_then(names::metric))
        .or_else(|| names::metric(headline))
}

/// The words that are quoted for a change.
fn quote(headline: &str, part: &str) -> String {
    let (headline, part) = (headline.trim(), part.trim());
    if headline == part {
        part.to_owned()
    } else {
        format!("{headline} | {part}")
    }
}

/// The numbers of a text: where each begins, its value, and the letters behind it.
fn numbers(text: &str) -> impl Iterator<Item = (usize, f64, &str)> {
    let mut at = 0;
    std::iter::from_fn(move || {
        loop {
            let rest = text.get(at..)?;
            let start = at + rest.find(|c: char| c.is_ascii_digit())?;
            let tail = text.get(start..)?;
            let length = tail
                .bytes()
                .take_while(|byte| byte.is_ascii_digit() || *byte == b'.')
                .count();
            let number = tail.get(..length)?.trim_end_matches('.');
            at = start + length;
            let in_word = text
                .get(..start)
                .and_then(|before| before.chars().next_back())
                .is_some_and(|c| c.is_alphanumeric() || c == '_');
            let unit = tail.get(length..).unwrap_or("");
            let unit_end = unit.find(|c: char| !c.is_alphabetic()).unwrap_or(unit.len());
            if let (false, Ok(value)) = (in_word, number.parse::<f64>()) {
                return Some((start, value, unit.get(..unit_end).unwrap_or("")));
            }
        }
    })
}
