//! Cuts a streamed answer into frames: the data of server-sent events (the HTML standard's rules) or lines of JSON. Bounded, and the
//! same however the bytes are chopped. It reads no JSON.

/// The most bytes of a line, and of the data of one event.
pub(crate) const MAX_FRAME_BYTES: usize = 2 * 1024 * 1024;
/// The most bytes that are kept of what belongs to no event.
const MAX_STRAY_BYTES: usize = 64 * 1024;
/// What a text may begin with.
const BYTE_ORDER_MARK: &str = "\u{feff}";

/// How a stream is framed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Framing {
    /// Server-sent events.
    Events,
    /// A JSON document in each line.
    Lines,
}

/// A stream cannot be cut into frames.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unreadable {
    /// A frame is too long.
    #[error("a piece is longer than {MAX_FRAME_BYTES} bytes")]
    TooLong,
    /// A line is no text.
    #[error("a piece is no UTF-8")]
    NotUtf8,
}

/// What is left when a stream ends.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Rest {
    /// A frame whose end was not seen.
    pub(crate) unfinished: Option<String>,
    /// Text between events that is JSON or a page by its looks: some servers put an error there.
    pub(crate) stray: Option<String>,
}

/// The reader.
#[derive(Debug)]
pub(crate) struct Frames {
    framing: Framing,
    line: Vec<u8>,
    after_cr: bool,
    first_line: bool,
    data: Option<String>,
    stray: String,
}

impl Frames {
    /// A reader at the start of a stream.
    pub(crate) fn new(framing: Framing) -> Self {
        Self {
            framing,
            line: Vec::new(),
            after_cr: false,
            first_line: true,
            data: None,
            stray: String::new(),
        }
    }

    /// Takes the next bytes, and gives the frames that they complete; after an error there are none any more.
    pub(crate) fn push(&mut self, bytes: &[u8]) -> (Vec<String>, Option<Unreadable>) {
        let mut frames = Vec::new();
        for part in bytes.split_inclusive(|byte| matches!(byte, b'\n' | b'\r')) {
            match self.part(part) {
                Ok(frame) => frames.extend(frame),
                Err(error) => return (frames, Some(error)),
            }
        }
        (frames, None)
    }

    /// A line, or a part of one, with its end where it has one.
    fn part(&mut self, part: &[u8]) -> Result<Option<String>, Unreadable> {
        let (text, end) = match part.split_last() {
            Some((end @ (b'\n' | b'\r'), text)) => (text, Some(*end)),
            _ => (part, None),
        };
        let goes_on_crlf = self.after_cr && text.is_empty() && end == Some(b'\n');
        self.after_cr = end == Some(b'\r');
        if goes_on_crlf {
            return Ok(None);
        }
        if self.line.len() + text.len() > MAX_FRAME_BYTES {
            return Err(Unreadable::TooLong);
        }
        self.line.extend_from_slice(text);
        if end.is_none() {
            return Ok(None);
        }
        self.end_of_line()
    }

    /// The stream has ended.
    pub(crate) fn end(mut self) -> Result<Rest, Unreadable> {
        let ended = if self.line.is_empty() {
            None
        } else {
            self.end_of_line()?
        };
        Ok(Rest {
            unfinished: ended.or(self.data),
            stray: Some(self.stray).filter(|it| !it.trim().is_empty()),
        })
    }

    fn end_of_line(&mut self) -> Result<Option<String>, Unreadable> {
        let line = std::mem::take(&mut self.line);
        let line = String::from_utf8(line).map_err(|_| Unreadable::NotUtf8)?;
        let first = std::mem::replace(&mut self.first_line, false);
        let line = match line.strip_prefix(BYTE_ORDER_MARK) {
            Some(rest) if first => rest.to_owned(),
            _ => line,
        };
        match self.framing {
            Framing::Lines => Ok(Some(line).filter(|it| !it.trim().is_empty())),
            Framing::Events => self.event_line(&line),
        }
    }

    /// A line of an event stream; an empty one ends an event.
    fn event_line(&mut self, line: &str) -> Result<Option<String>, Unreadable> {
        if line.is_empty() {
            return Ok(self.data.take().filter(|it| !it.is_empty()));
        }
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        if field == "data" {
            self.add_data(value.strip_prefix(' ').unwrap_or(value))?;
        } else if line.starts_with(|c: char| c.is_whitespace() || "{}[]\",<".contains(c))
            && self.stray.len() + line.len() < MAX_STRAY_BYTES
        {
            self.stray.push_str(line);
            self.stray.push('\n');
        }
        Ok(None)
    }

    fn add_data(&mut self, value: &str) -> Result<(), Unreadable> {
        let Some(data) = &mut self.data else {
            self.data = Some(value.to_owned());
            return Ok(());
        };
        if data.len() + value.len() >= MAX_FRAME_BYTES {
            return Err(Unreadable::TooLong);
        }
        data.push('\n');
        data.push_str(value);
        Ok(())
    }
}

#[cfg(test)]
mod tests;
