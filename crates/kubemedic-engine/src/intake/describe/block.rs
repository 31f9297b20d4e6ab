//! Lines of a description as keys, values and what is indented below them.

use crate::intake::{
    cells::{Cell, cells},
    tables::Row,
};

/// One line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::intake) struct DescribedLine<'a> {
    /// Its number in the input.
    pub(in crate::intake) number: u64,
    /// Its leading spaces.
    pub(in crate::intake) indent: usize,
    /// Its text without surrounding spaces.
    pub(in crate::intake) text: &'a str,
}

impl<'a> DescribedLine<'a> {
    /// A line of an input.
    pub(in crate::intake) fn new(number: u64, line: &'a str) -> Self {
        let start = line.trim_start_matches([' ', '\t']);
        let indent: usize = line
            .bytes()
            .take(line.len() - start.len())
            .map(|byte| if byte == b'\t' { 8 } else { 1 })
            .sum();
        Self {
            number,
            indent,
            text: start.trim_end(),
        }
    }
}

/// Some lines of a description.
#[derive(Debug, Clone, Copy)]
pub(in crate::intake) struct Block<'a> {
    lines: &'a [DescribedLine<'a>],
}

/// A line with what is indented below it.
#[derive(Debug, Clone, Copy)]
pub(super) struct DescribedEntry<'a> {
    /// The key; the whole line where there is none.
    pub(super) key: &'a str,
    /// The value on the same line.
    pub(super) value: &'a str,
    /// The line.
    pub(super) text: &'a str,
    /// The lines below.
    pub(super) children: Block<'a>,
}

/// Splits `Key:   value` at the first colon that a space or the line's end follows.
pub(super) fn key_value(text: &str) -> Option<(&str, &str)> {
    let bytes = text.as_bytes();
    let followed_by =
        |blank: u8| memchr::memchr_iter(b':', bytes).find(|at| bytes.get(at + 1) == Some(&blank));
    match followed_by(b' ').or_else(|| followed_by(b'\t')) {
        Some(at) => Some((text.get(..at)?, text.get(at + 2..)?.trim())),
        None => text.strip_suffix(':').map(|key| (key, "")),
    }
}

impl<'a> Block<'a> {
    /// Lines as a block.
    pub(in crate::intake) fn new(lines: &'a [DescribedLine<'a>]) -> Self {
        Self { lines }
    }

    /// Every line.
    pub(super) fn lines(&self) -> &'a [DescribedLine<'a>] {
        self.lines
    }

    /// The lines at the outermost level with what is below them.
    pub(super) fn entries(&self) -> impl Iterator<Item = DescribedEntry<'a>> + use<'a> {
        let lines = self.lines;
        let base = lines.first().map_or(0, |line| line.indent);
        let mut at = 0;
        std::iter::from_fn(move || {
            let entry = entry_at(lines, at, base)?;
            at += 1 + entry.children.lines.len();
            Some(entry)
        })
    }

    /// The entry of a key. Lines are taken apart only where they begin with it: descriptions are asked for many keys.
    pub(super) fn entry(&self, key: &str) -> Option<DescribedEntry<'a>> {
        let lines = self.lines;
        let base = lines.first()?.indent;
        lines
            .iter()
            .enumerate()
            .filter(|(at, line)| (*at == 0 || line.indent <= base) && line.text.starts_with(key))
            .find_map(|(at, _)| entry_at(lines, at, base).filter(|entry| entry.key == key))
    }

    /// The value of a key, if it is not empty.
    pub(super) fn value(&self, key: &str) -> Option<&'a str> {
        self.entry(key)
            .map(|entry| entry.value)
            .filter(|value| !value.is_empty())
    }

    /// Whether the block has the key.
    pub(super) fn has(&self, key: &str) -> bool {
        self.entry(key).is_some()
    }

    /// Whether the block consists of that key.
    pub(super) fn is_only(&self, key: &str) -> bool {
        self.entries().all(|entry| entry.key == key)
    }

    /// The value of a key and the lines below it.
    pub(super) fn values(&self, key: &str) -> Vec<&'a str> {
        let Some(entry) = self.entry(key) else {
            return Vec::new();
        };
        std::iter::once(entry.value)
            .chain(entry.children.lines.iter().map(|line| line.text))
            .filter(|text| !text.is_empty() && *text != "<none>")
            .collect()
    }

    /// Rows of a table with a header line and a line of dashes.
    pub(super) fn rows(&self) -> Vec<Row<'a>> {
        let mut lines = self.lines.iter().filter(|line| !line.text.starts_with('('));
        let Some(header) = lines.next() else {
            return Vec::new();
        };
        let names: Vec<Cell<'a>> = cells(header.text);
        lines
            .filter(|line| !line.text.starts_with("--"))
            .map(|line| row(&names, line.text))
            .collect()
    }
}

/// The entry that begins at a line, with the lines below it that are indented further than the block.
fn entry_at<'a>(lines: &'a [DescribedLine<'a>], at: usize, base: usize) -> Option<DescribedEntry<'a>> {
    let line = lines.get(at)?;
    let below = lines.get(at + 1..)?;
    let length = below.iter().take_while(|line| line.indent > base).count();
    let (key, value) = key_value(line.text).unwrap_or((line.text, ""));
    Some(DescribedEntry {
        key,
        value,
        text: line.text,
        children: Block {
            lines: below.get(..length).unwrap_or(&[]),
        },
    })
}

/// One row: cells by order, the surplus joined to the last column; by position where cells are missing.
fn row<'a>(names: &[Cell<'a>], text: &'a str) -> Row<'a> {
    let found = cells(text);
    let by_order = found.len() >= names.len();
    let mut row = Vec::with_capacity(names.len());
    for (index, cell) in found.iter().enumerate() {
        let place = if by_order {
            index
        } else {
            let nearest = names
                .iter()
                .enumerate()
                .min_by_key(|(_, name)| name.start.abs_diff(cell.start));
            nearest.map_or(index, |(place, _)| place)
        };
        let Some(name) = names.get(place) else { break };
        let last = place + 1 == names.len();
        let text = if last {
            text.get(cell.start..).unwrap_or(cell.text)
        } else {
            cell.text
        };
        row.push((name.text, text));
        if last {
            break;
        }
    }
    Row::of(row)
}
