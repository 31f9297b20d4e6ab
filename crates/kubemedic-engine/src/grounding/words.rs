//! A model's sentences as they may stand beside ours: plain, bounded, and without what reads like a command, an address, markup
//! or a claim that somebody approved something. They inform a person; nothing is ever done because of them.

use super::{DropKind, Dropped, plain};

/// The longest paragraph, in characters.
pub(super) const MAX_PARAGRAPH_CHARS: usize = 1200;
/// The most bytes of a text that are looked at.
const MAX_BYTES: usize = 16 * 1024;
/// Words of commands, addresses and markup.
const ACTS: [&str; 30] = [
    "kubectl",
    "helm ",
    "rm -",
    "sudo",
    "curl ",
    "wget ",
    "bash",
    "sh -c",
    "exec ",
    "://",
    "www.",
    "base64",
    "```",
    "$(",
    "&&",
    "| sh",
    "--context",
    "--kubeconfig",
    "--token",
    "<script",
    "<img",
    "<a ",
    "](",
    "javascript:",
    "powershell",
    "eval(",
    "oc delete",
    "apply -f",
    "delete ns",
    "delete namespace",
];
/// Words of authority: only a person's decision is one.
const AUTHORITY: [&str; 18] = [
    "approved",
    "approval",
    "authorized",
    "authorised",
    "pre-approve",
    "permission granted",
    "no review",
    "skip the review",
    "without review",
    "auto-approve",
    "already confirmed",
    "ignore previous",
    "ignore all",
    "system prompt",
    "as an ai",
    "instructions",
    "administrator has",
    "operator has",
];

/// The sentences of a text that may stand, in at most so many characters; what may not is counted.
pub(super) fn harmless(text: &str, limit: usize, dropped: &mut Vec<Dropped>) -> String {
    let text = text.get(..text.floor_char_boundary(MAX_BYTES)).unwrap_or("");
    let text = plain(text, limit.saturating_mul(4));
    let mut kept = String::new();
    let mut refused = 0_usize;
    for sentence in sentences(&text) {
        if is_harmful(sentence) {
            refused += 1;
        } else if kept.chars().count() + sentence.chars().count() < limit {
            if !kept.is_empty() {
                kept.push(' ');
            }
            kept.push_str(sentence);
        }
    }
    if refused > 0 {
        let what =
            format!("{refused} sentences that read like a command, an address or a claim of authority");
        dropped.push(Dropped::new(DropKind::Command, what));
    }
    kept
}

/// The harmless ones of short texts, at most so many, each in at most so many characters.
pub(super) fn harmless_list(
    texts: &[String],
    most: usize,
    limit: usize,
    dropped: &mut Vec<Dropped>,
) -> Vec<String> {
    if texts.len() > most {
        let what = format!("{} entries of a list beyond the first {most}", texts.len() - most);
        dropped.push(Dropped::new(DropKind::TooMuch, what));
    }
    let mut kept: Vec<String> = Vec::new();
    for text in texts.iter().take(most) {
        let text = harmless(text, limit, dropped);
        if !text.is_empty() && !kept.contains(&text) {
            kept.push(text);
        }
    }
    kept
}

/// Whether a sentence must not stand beside ours.
fn is_harmful(sentence: &str) -> bool {
    let lower = sentence.to_lowercase();
    let encoded = |word: &str| {
        word.len() > 48
            && word
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"+/=".contains(&b))
    };
    ACTS.iter().chain(&AUTHORITY).any(|word| lower.contains(word)) || sentence.split_whitespace().any(encoded)
}

/// Sentences: cut behind a full stop, question or exclamation mark that a space follows.
fn sentences(text: &str) -> impl Iterator<Item = &str> {
    text.split_inclusive(". ")
        .flat_map(|it| it.split_inclusive("! "))
        .flat_map(|it| it.split_inclusive("? "))
        .map(str::trim)
        .filter(|it| !it.is_empty())
}

#[cfg(test)]
mod tests;
