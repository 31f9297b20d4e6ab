//! One pass over a JSON object that checks it and shows its members without copying. What a member means is the caller's.
//! It accepts exactly what `serde_json` accepts, so that a line that is not JSON is read as words.

use std::borrow::Cow;

use crate::intake::json_text::unescaped_run;

/// The deepest nesting, as in `serde_json`.
const MAX_DEPTH: u32 = 127;
/// From this length on a number may be larger than any 64-bit float.
const LONG_NUMBER_BYTES: usize = 300;

/// A string between its quotes, escapes unresolved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Raw<'a> {
    inner: &'a str,
    escaped: bool,
}

impl<'a> Raw<'a> {
    /// The text as it stands in the line.
    pub(super) fn raw(self) -> &'a str {
        self.inner
    }

    /// Whether nothing stands between the quotes.
    pub(super) fn is_empty(self) -> bool {
        self.inner.is_empty()
    }

    /// The text with its escapes resolved; without escapes it is not copied.
    pub(super) fn text(self) -> Cow<'a, str> {
        if !self.escaped {
            return Cow::Borrowed(self.inner);
        }
        let quoted = format!("\"{}\"", self.inner);
        serde_json::from_str::<String>(&quoted).map_or(Cow::Borrowed(self.inner), Cow::Owned)
    }

    /// The text before one escaped line end, where that is the only escape: docker's form needs no copy.
    pub(super) fn before_line_end(self) -> Option<&'a str> {
        let body = self.inner.strip_suffix("\\n")?;
        memchr::memchr(b'\\', body.as_bytes()).is_none().then_some(body)
    }
}

/// A value of JSON; lists, objects and numbers as they stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Node<'a> {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A number.
    Number(&'a str),
    /// A string.
    Text(Raw<'a>),
    /// A list.
    List(&'a str),
    /// An object.
    Object(&'a str),
}

impl<'a> Node<'a> {
    /// The string that is not empty.
    pub(super) fn told(self) -> Option<Raw<'a>> {
        match self {
            Self::Text(raw) if !raw.is_empty() => Some(raw),
            _ => None,
        }
    }

    /// The whole number that fits.
    pub(super) fn as_u64(self) -> Option<u64> {
        match self {
            Self::Number(number) => number.parse().ok(),
            _ => None,
        }
    }

    /// The value at a path of `a/b` below this one; a later member of the same name wins.
    pub(super) fn at(self, path: &str) -> Option<Node<'a>> {
        if path.is_empty() {
            return Some(self);
        }
        path.split('/').try_fold(self, |node, key| {
            let Node::Object(text) = node else { return None };
            let mut found = None;
            members(text, &mut |name, value| {
                if name.text() == key {
                    found = Some(value);
                }
            })?;
            found
        })
    }
}

/// Shows every member of an object, in order; nothing if the text is not one JSON object. It may have shown some members by then.
pub(super) fn members<'a>(text: &'a str, show: &mut impl FnMut(Raw<'a>, Node<'a>)) -> Option<()> {
    let mut cursor = Cursor { text, at: 0 };
    cursor.take(b'{')?;
    cursor.space();
    if cursor.peek()? == b'}' {
        cursor.at += 1;
        return cursor.end();
    }
    loop {
        let key = cursor.key()?;
        let value = cursor.value()?;
        show(key, value);
        cursor.space();
        match cursor.next()? {
            b',' => cursor.space(),
            b'}' => return cursor.end(),
            _ => return None,
        }
    }
}

/// A place in a text.
struct Cursor<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Cursor<'a> {
    #[inline]
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn next(&mut self) -> Option<u8> {
        let byte = self.peek()?;
        self.at += 1;
        Some(byte)
    }

    fn take(&mut self, byte: u8) -> Option<()> {
        (self.next()? == byte).then_some(())
    }

    fn space(&mut self) {
        while let Some(b' ' | b'\t' | b'\n' | b'\r') = self.peek() {
            self.at += 1;
        }
    }

    /// Nothing but space follows.
    fn end(&mut self) -> Option<()> {
        self.space();
        (self.at == self.text.len()).then_some(())
    }

    fn since(&self, start: usize) -> Option<&'a str> {
        self.text.get(start..self.at)
    }

    /// A key and its colon.
    fn key(&mut self) -> Option<Raw<'a>> {
        let key = self.string()?;
        self.space();
        self.take(b':')?;
        self.space();
        Some(key)
    }

    /// The string that starts here.
    #[inline]
    fn string(&mut self) -> Option<Raw<'a>> {
        self.take(b'"')?;
        let start = self.at;
        let mut escaped = false;
        loop {
            self.at += unescaped_run(self.text.as_bytes().get(self.at..)?);
            match self.next()? {
                b'"' => break,
                b'\\' => {
                    escaped = true;
                    self.escape()?;
                }
                _ => return None,
            }
        }
        Some(Raw {
            inner: self.text.get(start..self.at - 1)?,
            escaped,
        })
    }

    /// What follows a backslash.
    fn escape(&mut self) -> Option<()> {
        match self.next()? {
            b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => Some(()),
            b'u' => match self.hexadecimal()? {
                0xdc00..=0xdfff => None,
                0xd800..=0xdbff => {
                    self.take(b'\\')?;
                    self.take(b'u')?;
                    matches!(self.hexadecimal()?, 0xdc00..=0xdfff).then_some(())
                }
                _ => Some(()),
            },
            _ => None,
        }
    }

    fn hexadecimal(&mut self) -> Option<u32> {
        (0..4).try_fold(0, |value, _| {
            Some(value * 16 + char::from(self.next()?).to_digit(16)?)
        })
    }

    /// The value that starts here.
    fn value(&mut self) -> Option<Node<'a>> {
        let start = self.at;
        match self.peek()? {
            b'{' => {
                self.nested()?;
                self.since(start).map(Node::Object)
            }
            b'[' => {
                self.nested()?;
                self.since(start).map(Node::List)
            }
            _ => self.scalar(),
        }
    }

    fn scalar(&mut self) -> Option<Node<'a>> {
        let start = self.at;
        match self.peek()? {
            b'"' => self.string().map(Node::Text),
            b't' => self.word("true", Node::Bool(true)),
            b'f' => self.word("false", Node::Bool(false)),
            b'n' => self.word("null", Node::Null),
            _ => {
                self.number()?;
                let number = self.since(start)?;
                let finite = number.len() < LONG_NUMBER_BYTES && !number.contains(['e', 'E'])
                    || number.parse::<f64>().is_ok_and(f64::is_finite);
                finite.then_some(Node::Number(number))
            }
        }
    }

    fn word(&mut self, word: &str, node: Node<'a>) -> Option<Node<'a>> {
        self.text.get(self.at..)?.starts_with(word).then(|| {
            self.at += word.len();
            node
        })
    }

    fn number(&mut self) -> Option<()> {
        if self.peek()? == b'-' {
            self.at += 1;
        }
        if self.peek()? == b'0' {
            self.at += 1;
        } else {
            self.digits()?;
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.digits()?;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            self.digits()?;
        }
        Some(())
    }

    fn digits(&mut self) -> Option<()> {
        let start = self.at;
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
        (self.at > start).then_some(())
    }

    /// Steps over a list or an object. What is open stands in the bits of a number, so that depth costs no stack.
    fn nested(&mut self) -> Option<()> {
        let mut open = Open { objects: 0, depth: 1 };
        loop {
            match self.peek()? {
                opening @ (b'{' | b'[') => {
                    self.at += 1;
                    open.push(opening == b'{')?;
                    self.space();
                    let closing = if opening == b'{' { b'}' } else { b']' };
                    if self.peek()? != closing {
                        if opening == b'{' {
                            self.key()?;
                        }
                        continue;
                    }
                    self.at += 1;
                    open.pop();
                }
                _ => {
                    self.scalar()?;
                }
            }
            if self.close(&mut open)? {
                return Some(());
            }
        }
    }

    /// After a value: closes what ends here, up to the next value; whether everything is closed.
    fn close(&mut self, open: &mut Open) -> Option<bool> {
        while open.depth > 1 {
            self.space();
            match (self.next()?, open.in_object()) {
                (b',', in_object) => {
                    self.space();
                    if in_object {
                        self.key()?;
                    }
                    return Some(false);
                }
                (b'}', true) | (b']', false) => open.pop(),
                _ => return None,
            }
        }
        Some(true)
    }
}

/// The lists and objects that are open; the outermost object of the line is the first.
struct Open {
    /// The lowest bit is the innermost: 1 for an object.
    objects: u128,
    depth: u32,
}

impl Open {
    fn push(&mut self, object: bool) -> Option<()> {
        self.objects = (self.objects << 1) | u128::from(object);
        self.depth += 1;
        (self.depth <= MAX_DEPTH).then_some(())
    }

    fn pop(&mut self) {
        self.objects >>= 1;
        self.depth -= 1;
    }

    fn in_object(&self) -> bool {
        self.objects & 1 == 1
    }
}

#[cfg(test)]
mod tests;
