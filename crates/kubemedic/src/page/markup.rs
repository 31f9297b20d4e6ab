//! HTML that is safe by its type: markup is written in this program, and everything else is escaped.
//! It knows no page and no style.

use std::fmt::Write;

/// A piece of HTML or SVG. Only literals of this program enter it as markup.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Markup(String);

impl Markup {
    /// Nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Markup of this program.
    pub fn raw(&mut self, markup: &'static str) -> &mut Self {
        self.0.push_str(markup);
        self
    }

    /// Text from outside. Control characters and those that turn the direction of writing are shown as a mark.
    pub fn text(&mut self, text: &str) -> &mut Self {
        for character in text.chars() {
            match character {
                '&' => self.0.push_str("&amp;"),
                '<' => self.0.push_str("&lt;"),
                '>' => self.0.push_str("&gt;"),
                '"' => self.0.push_str("&quot;"),
                '\'' => self.0.push_str("&#39;"),
                '\n' | '\t' => self.0.push(character),
                '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => self.0.push('\u{fffd}'),
                _ if character.is_control() => self.0.push('\u{fffd}'),
                _ => self.0.push(character),
            }
        }
        self
    }

    /// Text between two tags.
    pub fn within(&mut self, open: &'static str, text: &str, close: &'static str) -> &mut Self {
        self.raw(open).text(text).raw(close)
    }

    /// A number with so many decimals.
    pub fn number(&mut self, number: f64, decimals: usize) -> &mut Self {
        let _ = write!(self.0, "{number:.decimals$}");
        self
    }

    /// A whole number.
    pub fn count(&mut self, number: usize) -> &mut Self {
        let _ = write!(self.0, "{number}");
        self
    }

    /// A numeric attribute within an open tag.
    pub fn attribute(&mut self, name: &'static str, value: f64) -> &mut Self {
        let _ = write!(self.0, " {name}=\"{value:.1}\"");
        self
    }

    /// Another piece.
    pub fn append(&mut self, other: &Self) -> &mut Self {
        self.0.push_str(&other.0);
        self
    }

    /// The whole text.
    pub fn into_string(self) -> String {
        self.0
    }
}

/// The first `limit` characters, with an ellipsis where something is cut.
pub fn shortened(text: &str, limit: usize) -> String {
    if text.chars().nth(limit).is_none() {
        return text.to_owned();
    }
    let kept: String = text.chars().take(limit.saturating_sub(1)).collect();
    format!("{}…", kept.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_from_outside_becomes_markup() {
        let mut page = Markup::new();
        page.within("<p>", "<script>\"a\" & 'b'</script>\u{202e}\u{1b}[31m", "</p>");
        assert_eq!(
            page.into_string(),
            "<p>&lt;script&gt;&quot;a&quot; &amp; &#39;b&#39;&lt;/script&gt;\u{fffd}\u{fffd}[31m</p>"
        );
    }

    #[test]
    fn a_long_text_ends_in_an_ellipsis() {
        assert_eq!(shortened("seven", 5), "seven");
        assert_eq!(shortened("eightfold", 5), "eigh…");
    }
}
