//! The newest lines of the files below a folder: plain files from their ends, gzip files through, within bounds of time and bytes.

use std::{
    collections::VecDeque,
    fs::File,
    io::{self, BufRead, BufReader, Read, Seek},
    sync::Arc,
};

use flate2::read::MultiGzDecoder;
use jiff::{SignedDuration, Timestamp};
use kubemedic_ports::{
    clock::Clock,
    log_source::{Fetched, FetchedEntry},
};

use super::{
    backwards::{Backwards, MAX_LINE},
    filter::{Filter, Line},
    line_time::line_time,
    tree::LogFile,
};

/// The most bytes that are read from the end of one file.
const MAX_FILE_BYTES: u64 = 64 * 1024 * 1024;
/// The most bytes of one gzip file, after inflation.
const MAX_INFLATED_BYTES: u64 = 256 * 1024 * 1024;
/// The most bytes that one answer reads of all files.
const MAX_BYTES: u64 = 512 * 1024 * 1024;
/// How long the reading may take.
const MAX_TIME: SignedDuration = SignedDuration::from_secs(30);
/// After how many lines the clock is looked at.
const LINES_PER_LOOK: i64 = 4096;
/// How many bytes tell whether a file is text.
const PROBE: u64 = 1024;

/// What is asked of the files.
#[derive(Debug)]
pub(super) struct Wanted {
    pub(super) filter: Filter,
    pub(super) namespace: Option<String>,
    pub(super) since: Timestamp,
    pub(super) now: Timestamp,
    pub(super) limit: usize,
    /// Tells when reading has taken too long.
    pub(super) clock: Arc<dyn Clock>,
}

/// A line with its time and its place in the order of its file.
struct Found {
    at: Timestamp,
    file: usize,
    number: i64,
    own_time: Option<Timestamp>,
    text: String,
}

/// Reads files, the ones that were written last first.
pub(super) fn newest(mut files: Vec<LogFile>, wanted: &Wanted) -> Fetched {
    files.retain(|file| file.modified >= wanted.since && wanted.is_of_namespace(file));
    files.sort_by_key(|file| std::cmp::Reverse(file.modified));
    let mut reading = Reading {
        wanted,
        found: Vec::new(),
        partial: Vec::new(),
        bytes: 0,
    };
    for (index, file) in files.iter().enumerate() {
        if reading.is_enough(file) {
            break;
        }
        if let Err(error) = reading.file(index, file) {
            reading.partial.push(format!("{}: {error}", file.shown));
        }
        reading.keep_newest();
    }
    reading.keep_newest();
    let entries = reading.found.into_iter().filter_map(|found| {
        let file = files.get(found.file)?;
        Some(FetchedEntry {
            timestamp: found.own_time,
            message: found.text,
            fields: file.place.fields(&file.shown),
        })
    });
    Fetched {
        entries: entries.collect(),
        partial: reading.partial,
        whole_lines: true,
    }
}

impl Wanted {
    fn is_of_namespace(&self, file: &LogFile) -> bool {
        let wanted = self.namespace.as_deref();
        wanted.is_none_or(|wanted| file.place.namespace.as_deref() == Some(wanted))
    }

    fn takes(&self, text: &str, file: &LogFile) -> bool {
        self.filter.is_everything() || self.filter.matches(&Line::new(text, &file.shown, &file.place))
    }
}

struct Reading<'a> {
    wanted: &'a Wanted,
    found: Vec<Found>,
    partial: Vec<String>,
    bytes: u64,
}

impl Reading<'_> {
    /// Whether no line of a file can be among the newest: it was last written before the oldest of them.
    fn is_enough(&mut self, file: &LogFile) -> bool {
        if self.bytes > MAX_BYTES {
            self.partial
                .push(format!("only {MAX_BYTES} bytes of the files were read"));
            return true;
        }
        if self.is_late(0) {
            return true;
        }
        let oldest = self.found.first();
        self.found.len() >= self.wanted.limit && oldest.is_some_and(|oldest| oldest.at > file.modified)
    }

    /// Whether reading has taken too long, looked at now and then.
    fn is_late(&mut self, lines: i64) -> bool {
        if lines % LINES_PER_LOOK != 0 {
            return false;
        }
        let taken = self.wanted.clock.now().duration_since(self.wanted.now);
        let told = format!("reading ended after {} seconds", MAX_TIME.as_secs());
        let is_late = taken > MAX_TIME;
        if is_late && !self.partial.contains(&told) {
            self.partial.push(told);
        }
        is_late
    }

    /// Sorts by time and drops what is too old to be among the newest.
    fn keep_newest(&mut self) {
        self.found
            .sort_by_key(|found| (found.at, found.file, found.number));
        let surplus = self.found.len().saturating_sub(self.wanted.limit);
        self.found.drain(..surplus);
    }

    fn file(&mut self, index: usize, file: &LogFile) -> io::Result<()> {
        let mut opened = File::open(&file.path)?;
        if file.is_gzip() {
            return self.forwards(index, file, MultiGzDecoder::new(opened));
        }
        let mut probe = Vec::new();
        (&mut opened).take(PROBE).read_to_end(&mut probe)?;
        if probe.contains(&0) {
            return Ok(());
        }
        opened.rewind()?;
        self.backwards(index, file, opened)
    }

    /// From the end until there is enough, or a line is too old. A line without a time has that of the line before it.
    fn backwards(&mut self, index: usize, file: &LogFile, opened: File) -> io::Result<()> {
        let mut lines = Backwards::new(opened)?;
        let mut waiting: Vec<(i64, String)> = Vec::new();
        let mut taken = 0;
        let mut number = 0;
        while taken + waiting.len() < self.wanted.limit {
            let Some(line) = lines.line()? else {
                break;
            };
            number -= 1;
            if self.is_late(number) {
                break;
            }
            let text = String::from_utf8_lossy(&line);
            let own_time = line_time(&text, self.wanted.now);
            if own_time.is_some_and(|at| at < self.wanted.since) {
                waiting.clear();
                break;
            }
            let is_taken = !text.trim().is_empty() && self.wanted.takes(&text, file);
            if let Some(at) = own_time {
                taken += waiting.len();
                for (number, text) in waiting.drain(..) {
                    self.found.push(found(at, (index, number), None, text));
                }
            }
            match own_time {
                _ if !is_taken => {}
                Some(at) => {
                    taken += 1;
                    self.found
                        .push(found(at, (index, number), own_time, text.into_owned()));
                }
                None => waiting.push((number, text.into_owned())),
            }
            if lines.bytes_read() > MAX_FILE_BYTES {
                self.partial.push(format!(
                    "{}: only its last {MAX_FILE_BYTES} bytes were read",
                    file.shown
                ));
                break;
            }
        }
        self.bytes += lines.bytes_read();
        // No line told a time: the file's own is the best there is.
        for (number, text) in waiting {
            self.found.push(found(file.modified, (index, number), None, text));
        }
        Ok(())
    }

    /// From the start to the end, with the newest lines kept: gzip cannot be read otherwise.
    fn forwards(&mut self, index: usize, file: &LogFile, opened: impl Read) -> io::Result<()> {
        let mut reader = BufReader::new(opened.take(MAX_INFLATED_BYTES));
        let mut kept: VecDeque<Found> = VecDeque::new();
        let mut at = None;
        let (mut number, mut bytes) = (0, 0);
        let mut line = Vec::new();
        while let read @ 1.. = bounded_line(&mut reader, &mut line)? {
            number += 1;
            bytes += read;
            if self.is_late(number) {
                break;
            }
            let text = String::from_utf8_lossy(&line);
            let own_time = line_time(&text, self.wanted.now);
            at = own_time.or(at);
            let is_new = at.is_none_or(|at| at >= self.wanted.since);
            if !is_new || text.trim().is_empty() || !self.wanted.takes(&text, file) {
                continue;
            }
            if kept.len() >= self.wanted.limit {
                kept.pop_front();
            }
            let time = at.unwrap_or(file.modified);
            kept.push_back(found(time, (index, number), own_time, text.into_owned()));
        }
        if bytes >= MAX_INFLATED_BYTES {
            self.partial.push(format!(
                "{}: only its first {MAX_INFLATED_BYTES} bytes were read",
                file.shown
            ));
        }
        self.bytes += bytes;
        self.found.extend(kept);
        Ok(())
    }
}

fn found(at: Timestamp, (file, number): (usize, i64), own_time: Option<Timestamp>, text: String) -> Found {
    Found {
        at,
        file,
        number,
        own_time,
        text,
    }
}

/// Reads a line without its end; of a line that is too long the beginning. Returns how many bytes it took, 0 at the end.
fn bounded_line(reader: &mut impl BufRead, line: &mut Vec<u8>) -> io::Result<u64> {
    line.clear();
    let mut taken = 0;
    loop {
        let available = reader.fill_buf()?;
        if available.is_empty() {
            break;
        }
        let end = available.iter().position(|byte| *byte == b'\n');
        let used = end.map_or(available.len(), |end| end + 1);
        let room = MAX_LINE.saturating_sub(line.len());
        line.extend(available.iter().take(end.unwrap_or(used).min(room)));
        reader.consume(used);
        taken += u64::try_from(used).unwrap_or(u64::MAX);
        if end.is_some() {
            break;
        }
    }
    if line.last() == Some(&b'\r') {
        line.pop();
    }
    Ok(taken)
}
