//! Records of a whole text in the form of the model, completed by what their surroundings tell. The joining is `multiline`'s.

use kubemedic_model::log::{LogRecord, LogSource};

use super::{Joiner, assemble};
use crate::intake::{lines::Entry, record::Record};

/// Collects lines into records.
#[derive(Debug, Default)]
pub(in crate::intake) struct Assembler<'a> {
    joiner: Joiner<'a>,
    finished: Vec<Assembled>,
    /// What the surroundings of the open lines tell.
    source: LogSource,
}

/// A record with what the segmenter needs to know of it.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::intake) struct Assembled {
    /// The record.
    pub(in crate::intake) record: LogRecord,
    /// Neither time nor severity nor structure: it may be a person's sentence.
    pub(in crate::intake) plain: bool,
}

impl<'a> Assembler<'a> {
    /// Takes one line. `source` is what the surroundings tell.
    pub(in crate::intake) fn line(&mut self, number: u64, line: &'a str, source: &LogSource) {
        if self.source != *source {
            self.cut();
            self.source.clone_from(source);
        }
        let (finished, source) = (&mut self.finished, &self.source);
        self.joiner.line(number, line, &mut |record| {
            finished.push(assembled(record, source));
        });
    }

    /// Ends the open entry: what follows is something else.
    pub(in crate::intake) fn cut(&mut self) {
        let (finished, source) = (&mut self.finished, &self.source);
        self.joiner
            .cut(&mut |record| finished.push(assembled(record, source)));
    }

    /// Adds a record that needs no joining.
    pub(in crate::intake) fn push(&mut self, record: LogRecord) {
        self.cut();
        self.finished.push(Assembled { record, plain: false });
    }

    /// The records, in the order of their first lines.
    pub(in crate::intake) fn finish(mut self) -> Vec<Assembled> {
        self.cut();
        self.finished.sort_by_key(|it| it.record.line);
        self.finished
    }
}

/// The record of an entry that covers some lines.
pub(in crate::intake) fn record(
    number: u64,
    line_count: u32,
    entry: Entry<'_>,
    source: &LogSource,
) -> LogRecord {
    let mut record = assemble(number, entry);
    record.line_count = line_count;
    record.into_log_record(source)
}

fn assembled(record: Record<'_>, source: &LogSource) -> Assembled {
    Assembled {
        plain: !record.headed,
        record: record.into_log_record(source),
    }
}
