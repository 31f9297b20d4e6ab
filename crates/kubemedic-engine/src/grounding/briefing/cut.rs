//! Shortening: the head and the tail of a text stay, because a message begins with who speaks and ends with the root exception.

use kubemedic_model::evidence::Origin;

/// What stands where something was cut.
const GAP: &str = " […] ";

/// The text in at most so many characters, cut in the middle: two thirds of the room for the head, one for the tail.
pub(in crate::grounding) fn shorten(text: &str, limit: usize) -> String {
    if text.len() <= limit || text.chars().count() <= limit {
        return text.to_owned();
    }
    let room = limit.saturating_sub(GAP.chars().count());
    let tail = room / 3;
    let head = room - tail;
    let end = text.char_indices().nth(head).map_or(text.len(), |(at, _)| at);
    let start = match tail {
        0 => text.len(),
        tail => text.char_indices().rev().nth(tail - 1).map_or(0, |(at, _)| at),
    };
    format!(
        "{}{GAP}{}",
        text.get(..end).unwrap_or(""),
        text.get(start..).unwrap_or("")
    )
}

/// The part of the input and the line.
pub(in crate::grounding) fn place(origin: &Origin) -> Option<String> {
    match (origin.part.as_str(), origin.line) {
        ("", None) => None,
        ("", Some(line)) => Some(format!("line {line}")),
        (part, None) => Some(shorten(part, 120)),
        (part, Some(line)) => Some(format!("{}, line {line}", shorten(part, 120))),
    }
}
