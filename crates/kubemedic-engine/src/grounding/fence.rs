//! Quoted data in a prompt: text from outside between two marks that hold a random word, so that it cannot end its own quotation.
//! It bounds and escapes; redaction came before.

/// How a fence line begins.
const OPEN: &str = "<<<";
/// How a fence line ends.
const CLOSE: &str = ">>>";
/// The longest title, in characters.
const MAX_TITLE_CHARS: usize = 80;
/// The longest data block, in bytes: a last resort, whoever fills it keeps to a budget of its own.
const MAX_BYTES: usize = 512 * 1024;

/// A data block: `<<<DATA word title`, the text, `DATA word>>>`. Inside, the boundary cannot occur, nothing looks like a
/// mark of a fence, and what is invisible is dropped or shown: the end mark occurs exactly once, whatever the text.
pub fn fence(boundary: &str, title: &str, text: &str) -> String {
    let word = word_of(boundary);
    let title: String = visible(title)
        .replace('\n', " ")
        .chars()
        .take(MAX_TITLE_CHARS)
        .collect();
    let title = without(&title, &word);
    let body = without(&visible(bounded(text)), &word);
    let body = body.trim_end_matches('\n');
    format!("{OPEN}DATA {word} {}\n{body}\nDATA {word}{CLOSE}", title.trim())
}

/// The letters and digits of a boundary; a fixed word where there is none, so that there is always an end.
fn word_of(boundary: &str) -> String {
    let word: String = boundary
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .take(64)
        .collect();
    if word.is_empty() {
        "untrusted".to_owned()
    } else {
        word
    }
}

/// The first bytes, cut at a character.
fn bounded(text: &str) -> &str {
    let mut end = text.len().min(MAX_BYTES);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or("")
}

/// The text without anything that looks like a mark of a fence or holds the boundary, in any case.
fn without(text: &str, word: &str) -> String {
    let text = text.replace(OPEN, "‹‹‹").replace(CLOSE, "›››");
    let (lower, needle) = (text.to_ascii_lowercase(), word.to_ascii_lowercase());
    let mut result = String::with_capacity(text.len());
    let mut from = 0;
    for (at, _) in lower.match_indices(&needle) {
        result.push_str(text.get(from..at).unwrap_or(""));
        result.push_str("[boundary]");
        from = at + needle.len();
    }
    result.push_str(text.get(from..).unwrap_or(""));
    result
}

/// The text with what a person would not see made visible or dropped: line breaks of every kind become `\n`, ANSI sequences
/// go, other control characters become `\xNN`, characters that have no width or turn the direction of writing go.
pub(super) fn visible(text: &str) -> String {
    let mut result = String::with_capacity(text.len());
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '\r' => {
                if rest.peek() != Some(&'\n') {
                    result.push('\n');
                }
            }
            '\n' | '\t' => result.push(c),
            '\u{85}' | '\u{2028}' | '\u{2029}' => result.push('\n'),
            '\u{1b}' => skip_escape(&mut rest),
            _ if is_invisible(c) => {}
            _ if c.is_control() => result.extend(format!("\\x{:02x}", u32::from(c)).chars()),
            _ => result.push(c),
        }
    }
    result
}

/// Reads over an ANSI escape sequence whose first character was read: a CSI sequence to its final byte, else one character.
fn skip_escape(rest: &mut std::iter::Peekable<std::str::Chars<'_>>) {
    if rest.next_if_eq(&'[').is_none() {
        rest.next_if(|c| !c.is_whitespace());
        return;
    }
    while rest.next_if(|c| ('\u{20}'..='\u{3f}').contains(c)).is_some() {}
    rest.next_if(|c| ('\u{40}'..='\u{7e}').contains(c));
}

/// Characters without width, marks of direction, variation selectors, tags, and other characters that only software sees.
fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e0fff}' | '\u{1d173}'..='\u{1d17a}'
    )
}

#[cfg(test)]
mod tests;
