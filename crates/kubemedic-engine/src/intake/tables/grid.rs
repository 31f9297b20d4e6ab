//! Header and rows of a table as text by column name.

use crate::intake::cells::{Cell, cells};

/// Column names of two words, for headers that were pasted with single spaces.
const TWO_WORD_COLUMNS: [&str; 14] = [
    "LAST SEEN",
    "FIRST SEEN",
    "ACCESS MODES",
    "NOMINATED NODE",
    "READINESS GATES",
    "NODE SELECTOR",
    "MIN AVAILABLE",
    "MAX UNAVAILABLE",
    "ALLOWED DISRUPTIONS",
    "RECLAIM POLICY",
    "CREATED AT",
    "LAST SCHEDULE",
    "FIRST TIMESTAMP",
    "LAST TIMESTAMP",
];

/// The columns of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::intake) struct Grid<'a> {
    columns: Vec<Cell<'a>>,
    /// Whether cells are apart by single spaces.
    tight: bool,
}

/// One row: its cells by column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::intake) struct Row<'a> {
    cells: Vec<(&'a str, &'a str)>,
}

impl<'a> Row<'a> {
    /// The text of a column, if the row has it.
    pub(in crate::intake) fn get(&self, column: &str) -> Option<&'a str> {
        self.cells
            .iter()
            .find(|(name, _)| *name == column)
            .map(|(_, text)| *text)
    }

    /// How many cells the row fills.
    pub(in crate::intake) fn len(&self) -> usize {
        self.cells.len()
    }

    /// A row of given cells.
    pub(in crate::intake) fn of(cells: Vec<(&'a str, &'a str)>) -> Self {
        Self { cells }
    }
}

impl<'a> Grid<'a> {
    /// Reads a header line.
    pub(in crate::intake) fn header(line: &'a str) -> Option<Self> {
        let start = line.trim_start();
        let opens = [
            "NAME",
            "NAMESPACE",
            "LAST SEEN",
            "LAST  ",
            "FIRST SEEN",
            "POD ",
            "CLUSTER ",
            "CURRENT ",
        ]
        .iter()
        .any(|word| start.starts_with(word));
        if !opens || line.len() > 2000 {
            return None;
        }
        let mut columns = cells(line);
        let tight = columns.len() < 2;
        if tight {
            columns = tight_columns(line);
        }
        let plausible = columns.len() >= 2 && columns.iter().all(|cell| is_column_name(cell.text));
        plausible.then_some(Self { columns, tight })
    }

    /// Whether there is a column of that name.
    pub(in crate::intake) fn has(&self, name: &str) -> bool {
        self.columns.iter().any(|cell| cell.text == name)
    }

    /// How many columns there are.
    pub(in crate::intake) fn columns(&self) -> usize {
        self.columns.len()
    }

    /// Reads a row: by order where the numbers agree, else by position. What is too much joins the last column.
    pub(in crate::intake) fn row<'b>(&self, line: &'b str) -> Option<Row<'b>>
    where
        'a: 'b,
    {
        let found = if self.tight { words(line) } else { cells(line) };
        if found.is_empty() {
            return None;
        }
        let by_order = found.len() == self.columns.len() || (self.tight && found.len() >= self.columns.len());
        let mut row: Vec<(&'b str, &'b str)> = Vec::with_capacity(self.columns.len());
        let mut from = 0;
        for (index, cell) in found.iter().enumerate() {
            let place = if by_order {
                index
            } else {
                self.nearest(cell.start, from)
            };
            if place >= self.columns.len() || (place < from && !row.is_empty()) {
                extend_last(&mut row, line, cell.start);
                break;
            }
            if place + 1 == self.columns.len() {
                let text = line.get(cell.start..).unwrap_or(cell.text).trim_end();
                row.push((self.columns.get(place)?.text, text));
                break;
            }
            row.push((self.columns.get(place)?.text, cell.text));
            from = place + 1;
        }
        Some(Row::of(row))
    }

    /// The column that starts nearest to an offset, from a given column on.
    fn nearest(&self, start: usize, from: usize) -> usize {
        let candidates = self.columns.iter().enumerate().skip(from);
        candidates
            .min_by_key(|(_, column)| column.start.abs_diff(start))
            .map_or(self.columns.len(), |(index, _)| index)
    }
}

/// Lets the last cell reach to the end of the line.
fn extend_last<'b>(row: &mut [(&'b str, &'b str)], line: &'b str, until: usize) {
    let Some((_, last)) = row.last_mut() else { return };
    let Some(head) = line.get(..until) else { return };
    if let Some(begin) = head.rfind(*last)
        && let Some(whole) = line.get(begin..)
    {
        *last = whole.trim_end();
    }
}

/// Whether a text is written as kubectl writes the name of a column: capitals, with a unit in small letters (`CPU(cores)`).
fn is_column_name(text: &str) -> bool {
    let head = text.split('(').next().unwrap_or(text);
    let capitals = |c: char| {
        c.is_ascii_uppercase() || c.is_ascii_digit() || matches!(c, ' ' | '-' | '_' | '/' | '%' | '.')
    };
    !head.is_empty()
        && head.len() <= 32
        && head.chars().all(capitals)
        && head.starts_with(|c: char| c.is_ascii_uppercase())
}

/// The words of a line as cells.
fn words(line: &str) -> Vec<Cell<'_>> {
    let mut at = 0;
    let mut found = Vec::new();
    for word in line.split([' ', '\t']) {
        if !word.is_empty() {
            found.push(Cell {
                start: at,
                text: word,
            });
        }
        at += word.len() + 1;
    }
    found
}

/// The columns of a header with single spaces.
fn tight_columns(line: &str) -> Vec<Cell<'_>> {
    let mut columns: Vec<Cell<'_>> = Vec::new();
    for word in words(line) {
        let joined = columns.last().and_then(|last| {
            let text = line.get(last.start..word.start + word.text.len())?;
            TWO_WORD_COLUMNS.contains(&text).then_some(text)
        });
        match (joined, columns.last_mut()) {
            (Some(text), Some(last)) => last.text = text,
            _ => columns.push(word),
        }
    }
    columns
}
