//! Tells the parts of a text apart: command lines, kubectl tables, descriptions, YAML and JSON objects, log lines.
//! Every line that is none of the first five is a log line; it is a note too where it has neither time nor severity.

mod structured;

use kubemedic_model::{
    evidence::Origin,
    log::LogSource,
    naming,
    resource::{Kind, ResourceRef},
};

use super::{
    Note, SourcedRecord,
    collector::Collector,
    command::{self, KubectlCommand},
    describe::{self, DescribedLine},
    multiline::Assembler,
    namespaces,
    tables::{self, Grid, Table, TableContext},
};

/// The most notes of one part: a text with more of them is a log without times, which the records already hold.
const MAX_NOTES: usize = 5000;
/// How often the beginning of a JSON object over several lines may turn out to be none.
const MAX_JSON_ATTEMPTS: u32 = 16;

/// What was read from one part.
#[derive(Debug, Default)]
pub(super) struct PartContent {
    /// Log entries.
    pub(super) records: Vec<SourcedRecord>,
    /// Free text.
    pub(super) notes: Vec<Note>,
    /// Lines read.
    pub(super) lines: u64,
    /// Namespaces that commands name.
    pub(super) namespaces: Vec<String>,
}

/// Reads a part that may hold anything.
pub(super) fn read(
    collector: &mut Collector,
    part: &str,
    text: &str,
    command: Option<&KubectlCommand>,
) -> PartContent {
    let mut reader = Reader::new(collector, part, text);
    if let Some(command) = command {
        reader.enter(command);
        reader.only_descriptions = command.verb == "describe";
    }
    reader.read()
}

/// Reads a text whose lines have the numbers of a longer one that it was taken from.
pub(super) fn read_excerpt(collector: &mut Collector, text: &str, numbers: &[u64]) -> PartContent {
    let mut reader = Reader::new(collector, "", text);
    reader.numbers = Some(numbers);
    reader.read()
}

/// Reads a part that holds log lines only; each with its number.
pub(super) fn read_log<'a>(
    part: &str,
    lines: impl Iterator<Item = (u64, &'a str)>,
    source: &LogSource,
) -> Vec<SourcedRecord> {
    let mut assembler = Assembler::default();
    for (number, line) in lines {
        assembler.line(number, line, source);
    }
    assembler
        .finish()
        .into_iter()
        .map(|it| SourcedRecord {
            part: part.to_owned(),
            record: it.record,
        })
        .collect()
}

/// The position in a part, and what has been read of it.
struct Reader<'c, 'a> {
    collector: &'c mut Collector,
    part: &'a str,
    text: &'a str,
    /// Lines with their offsets.
    lines: Vec<(usize, &'a str)>,
    /// The lines' own numbers, where they do not count from 1.
    numbers: Option<&'a [u64]>,
    at: usize,
    assembler: Assembler<'a>,
    notes: Vec<Note>,
    context: TableContext,
    source: LogSource,
    namespaces: Vec<String>,
    json_attempts: u32,
    /// Up to here the lines were tried as YAML already.
    no_yaml_before: usize,
    /// The whole part is the output of `kubectl describe`.
    only_descriptions: bool,
}

impl<'c, 'a> Reader<'c, 'a> {
    fn new(collector: &'c mut Collector, part: &'a str, text: &'a str) -> Self {
        let mut offset = 0;
        let lines = text
            .split_inclusive('\n')
            .map(|line| {
                let start = offset;
                offset += line.len();
                (start, line.trim_end_matches(['\n', '\r']))
            })
            .collect();
        Self {
            collector,
            part,
            text,
            lines,
            numbers: None,
            at: 0,
            assembler: Assembler::default(),
            notes: Vec::new(),
            context: TableContext::default(),
            source: LogSource::default(),
            namespaces: Vec::new(),
            json_attempts: 0,
            no_yaml_before: 0,
            only_descriptions: false,
        }
    }

    fn line(&self, at: usize) -> Option<&'a str> {
        self.lines.get(at).map(|(_, line)| *line)
    }

    fn number(&self, at: usize) -> u64 {
        let counted = || u64::try_from(at).unwrap_or(u64::MAX).saturating_add(1);
        self.numbers
            .and_then(|numbers| numbers.get(at))
            .copied()
            .unwrap_or_else(counted)
    }

    /// Reads everything.
    fn read(mut self) -> PartContent {
        while self.at < self.lines.len() {
            self.step();
        }
        self.finish()
    }

    fn origin(&self, at: usize) -> Origin {
        Origin {
            part: self.part.to_owned(),
            line: Some(self.number(at)),
        }
    }

    /// Reads what starts at the current line.
    fn step(&mut self) {
        let Some(line) = self.line(self.at) else { return };
        let opening = line.trim_start().as_bytes().first().copied();
        let read = match opening {
            None => false,
            Some(b'{' | b'[' | b'a' | b'k' | b'-' | b'$' | b'#' | b'>' | b'%') => {
                self.command_line(line) || self.json(line) || self.yaml(line) || self.headerless(line)
            }
            Some(b'A'..=b'Z') => self.table(line) || self.described(line) || self.headerless(line),
            Some(_) => self.command_line(line) || self.headerless(line),
        };
        if !read {
            let number = self.number(self.at);
            self.assembler.line(number, line, &self.source);
            self.at += 1;
        }
    }

    /// A command line sets what its output is about.
    fn command_line(&mut self, line: &str) -> bool {
        let Some(command) = command::parse(line) else {
            return false;
        };
        self.assembler.cut();
        self.note(self.at, line);
        self.enter(&command);
        self.at += 1;
        true
    }

    /// Sets the context of a command's output.
    fn enter(&mut self, command: &KubectlCommand) {
        let namespace = command.namespace.clone();
        self.namespaces.extend(namespace.clone());
        let object = command
            .object()
            .map(|(kind, name)| ResourceRef::new(kind.clone(), namespace.as_deref(), name));
        self.source = source_of(object.as_ref(), command);
        let kind = command.kind().cloned();
        self.context = TableContext {
            kind: kind.filter(|_| matches!(command.verb.as_str(), "get" | "describe" | "events")),
            namespace,
            object: object.filter(|_| command.verb == "describe"),
        };
    }

    /// A table with its header.
    fn table(&mut self, line: &str) -> bool {
        if line.starts_with("No resources found") {
            self.note(self.at, line);
            self.at += 1;
            return true;
        }
        let Some(grid) = Grid::header(line) else {
            return false;
        };
        let table = Table::new(grid);
        let start = self.at + 1;
        let mut at = start;
        let mut origin = self.origin(at);
        while let Some(line) = self.line(at) {
            if line.trim().is_empty() || command::parse(line).is_some() {
                break;
            }
            let Some(row) = table.row(line) else { break };
            origin.line = Some(self.number(at));
            if !table.add(self.collector, &row, &self.context, &origin) {
                self.note(at, line);
            }
            at += 1;
        }
        if at == start {
            self.note(self.at, line);
        }
        self.assembler.cut();
        self.at = at;
        true
    }

    /// A description, or a piece of one.
    fn described(&mut self, line: &str) -> bool {
        let whole = describe::opens_object(line) && self.line(self.at + 1).is_some_and(describe::is_inside);
        if !whole && !describe::opens_piece(line) {
            return false;
        }
        let end = self.described_end();
        let described: Vec<DescribedLine<'a>> = self
            .lines
            .iter()
            .enumerate()
            .take(end)
            .skip(self.at)
            .filter(|(_, (_, line))| !line.trim().is_empty())
            .map(|(at, (_, line))| DescribedLine::new(self.number(at), line))
            .collect();
        self.assembler.cut();
        let taken = describe::add(self.collector, &described, &self.context, self.part);
        if !taken {
            for line in &described {
                self.push_note(line.number, line.text);
            }
        }
        self.at = end;
        true
    }

    /// The line after the last one of the description that starts at the current line.
    fn described_end(&self) -> usize {
        let mut after_events = self
            .line(self.at)
            .is_some_and(|line| line.trim_start().starts_with("Events:"));
        let mut in_data = false;
        let mut at = self.at + 1;
        let mut end = at;
        while let Some(line) = self.line(at) {
            if line.trim().is_empty() {
                at += 1;
                continue;
            }
            let indented = line.starts_with([' ', '\t']);
            let next_object =
                describe::opens_object(line) && self.line(at + 1).is_some_and(describe::is_inside);
            if next_object {
                (after_events, in_data) = (false, false);
            } else if (!indented && after_events)
                || command::parse(line).is_some()
                || Grid::header(line).is_some()
                || !(in_data || self.only_descriptions || describe::is_inside(line))
            {
                break;
            }
            after_events |= line.starts_with("Events:");
            in_data = (in_data || line == "Data") && !after_events && line != "BinaryData";
            at += 1;
            end = at;
        }
        end
    }

    /// An event or a pod's row without a header.
    fn headerless(&mut self, line: &str) -> bool {
        if let Some(event) = tables::loose_event(line, &self.context, || self.origin(self.at)) {
            self.assembler.cut();
            self.collector.event(event);
            self.at += 1;
            return true;
        }
        let Some(row) = tables::pod_row(line) else {
            return false;
        };
        self.assembler.cut();
        let context = TableContext {
            namespace: namespaces::in_text(line)
                .next()
                .map(str::to_owned)
                .or_else(|| self.context.namespace.clone()),
            ..TableContext::default()
        };
        let origin = self.origin(self.at);
        tables::add_pod(self.collector, &row, &context, &origin);
        self.note(self.at, line);
        self.at += 1;
        true
    }

    fn note(&mut self, at: usize, text: &str) {
        let number = self.number(at);
        self.push_note(number, text);
    }

    fn push_note(&mut self, line: u64, text: &str) {
        if self.notes.len() < MAX_NOTES {
            self.notes.push(Note {
                part: self.part.to_owned(),
                line,
                text: text.trim().to_owned(),
            });
        }
    }

    /// Everything that was read.
    fn finish(mut self) -> PartContent {
        let assembled = std::mem::take(&mut self.assembler).finish();
        for it in assembled.iter().filter(|it| it.plain) {
            for (line, text) in (it.record.line..).zip(it.record.message.lines()) {
                self.push_note(line, text);
            }
        }
        self.notes.sort_by_key(|note| note.line);
        let part = self.part;
        PartContent {
            records: assembled
                .into_iter()
                .map(|it| SourcedRecord {
                    part: part.to_owned(),
                    record: it.record,
                })
                .collect(),
            notes: self.notes,
            lines: u64::try_from(self.lines.len()).unwrap_or(u64::MAX),
            namespaces: self.namespaces,
        }
    }
}

/// Where the lines after a command come from.
fn source_of(object: Option<&ResourceRef>, command: &KubectlCommand) -> LogSource {
    let Some(object) = object.filter(|_| matches!(command.verb.as_str(), "logs" | "log" | "describe")) else {
        return LogSource::default();
    };
    let is_pod = object.kind == Kind::Pod;
    LogSource {
        namespace: object.namespace.clone(),
        pod: is_pod.then(|| object.name.clone()),
        container: command.container.clone(),
        service: (!is_pod && object.kind.is_workload()).then(|| object.name.clone()),
    }
}

/// Where the lines under a key of `logs` come from: `pod/container (previous)`, `pod`, `service`.
pub(super) fn source_of_key(key: &str, namespace: Option<&str>) -> LogSource {
    let bare = key.split(" (").next().unwrap_or(key).trim();
    let mut parts: Vec<&str> = bare.split('/').filter(|part| !part.is_empty()).collect();
    if parts.len() > 1 && matches!(parts.first(), Some(&("pod" | "pods"))) {
        parts.remove(0);
    }
    let mut source = LogSource {
        namespace: namespace.map(str::to_owned),
        ..LogSource::default()
    };
    match parts.as_slice() {
        [namespace, pod, container] => {
            source.namespace = Some((*namespace).to_owned());
            source.pod = Some((*pod).to_owned());
            source.container = Some((*container).to_owned());
        }
        [pod, container] => {
            source.pod = Some((*pod).to_owned());
            source.container = Some((*container).to_owned());
        }
        [name] if naming::owner_of_pod(name).is_some() => source.pod = Some((*name).to_owned()),
        _ => source.service = Some(bare.to_owned()),
    }
    source
}

#[cfg(test)]
mod tests;
