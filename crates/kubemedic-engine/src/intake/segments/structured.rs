//! YAML and JSON inside a text: Kubernetes objects, and JSON entries that were printed over several lines.

use serde_json::Value;

use super::{MAX_JSON_ATTEMPTS, Reader};
use crate::intake::{lines, multiline, objects};

/// The longest YAML document that is read, in bytes.
const MAX_YAML_BYTES: usize = 16 * 1024 * 1024;

impl Reader<'_, '_> {
    /// Objects on one line, and anything that opens a JSON value over several lines.
    pub(super) fn json(&mut self, line: &str) -> bool {
        let trimmed = line.trim();
        if trimmed.starts_with('{') && trimmed.ends_with('}') {
            return self.json_object_line(trimmed);
        }
        let opens = trimmed == "{"
            || trimmed == "["
            || trimmed == "[{"
            || (trimmed.starts_with('{') && !trimmed.contains('}'));
        if !opens || self.json_attempts >= MAX_JSON_ATTEMPTS {
            return false;
        }
        let Some((offset, _)) = self.lines.get(self.at) else {
            return false;
        };
        let Some(rest) = self.text.get(*offset..) else {
            return false;
        };
        let mut stream = serde_json::Deserializer::from_str(rest).into_iter::<Value>();
        let Some(Ok(value)) = stream.next() else {
            self.json_attempts += 1;
            return false;
        };
        let consumed = rest.get(..stream.byte_offset()).unwrap_or(rest);
        let lines = 1 + memchr::memchr_iter(b'\n', consumed.as_bytes()).count();
        self.take_value(&value, lines);
        true
    }

    /// A whole object on one line; other JSON lines are log entries.
    fn json_object_line(&mut self, line: &str) -> bool {
        let candidate =
            line.contains("\"kind\"") && (line.contains("\"apiVersion\"") || line.contains("\"metadata\""));
        if !candidate {
            return false;
        }
        let Ok(value) = serde_json::from_str::<Value>(line) else {
            return false;
        };
        if !objects::is_object(&value) {
            return false;
        }
        self.take_value(&value, 1);
        true
    }

    /// Adds a JSON value that covers some lines.
    fn take_value(&mut self, value: &Value, lines: usize) {
        let origin = self.origin(self.at);
        let items = match value {
            Value::Array(items) => items.as_slice(),
            single => std::slice::from_ref(single),
        };
        for item in items {
            if !objects::add(self.collector, item, &origin) {
                self.push_entry(item, lines);
            }
        }
        self.assembler.cut();
        self.at += lines;
    }

    /// Adds a value that is no Kubernetes object as a log entry.
    fn push_entry(&mut self, value: &Value, lines: usize) {
        let count = u32::try_from(lines).unwrap_or(u32::MAX);
        let number = self.number(self.at);
        let record = multiline::record(number, count, lines::parse_value(value), &self.source);
        self.assembler.push(record);
    }

    /// YAML documents of Kubernetes objects.
    pub(super) fn yaml(&mut self, line: &str) -> bool {
        if self.at < self.no_yaml_before || !self.opens_yaml(line) {
            return false;
        }
        let end = self.yaml_end();
        self.no_yaml_before = end;
        let mut start = self.at;
        let mut any = false;
        let mut failed = Vec::new();
        for at in self.at..=end {
            let boundary = at == end || self.line(at).is_some_and(|line| line.trim_end() == "---");
            if !boundary {
                continue;
            }
            if start < at {
                if self.yaml_document(start, at) {
                    any = true;
                } else {
                    failed.push((start, at));
                }
            }
            start = at + 1;
        }
        if !any {
            return false;
        }
        self.assembler.cut();
        for (from, to) in failed {
            for at in from..to {
                if let Some(line) = self.line(at).filter(|line| !line.trim().is_empty()) {
                    self.note(at, line);
                }
            }
        }
        self.at = end;
        true
    }

    /// Whether an object's YAML starts here.
    fn opens_yaml(&self, line: &str) -> bool {
        let names = |line: &str| {
            line.starts_with("apiVersion: ")
                || line.starts_with("kind: ")
                || line.starts_with("- apiVersion: ")
        };
        let next = |at: usize| self.line(at).is_some_and(names);
        names(line)
            && (line.starts_with("apiVersion: ")
                || line.starts_with('-')
                || next(self.at + 1)
                || self.opens_metadata())
            || (line.trim_end() == "---" && (next(self.at + 1) || next(self.at + 2)))
    }

    /// Whether `metadata:` follows on the next line.
    fn opens_metadata(&self) -> bool {
        self.line(self.at + 1)
            .is_some_and(|line| line.starts_with("metadata:"))
    }

    /// The line after the last one that can belong to the documents.
    fn yaml_end(&self) -> usize {
        let mut at = self.at + 1;
        let mut end = at;
        while let Some(line) = self.line(at) {
            if !line.trim().is_empty() {
                if !is_yaml_line(line) {
                    break;
                }
                end = at + 1;
            }
            at += 1;
        }
        end
    }

    /// Adds the object of the lines between two places.
    fn yaml_document(&mut self, start: usize, end: usize) -> bool {
        let offset = |at: usize| self.lines.get(at).map_or(self.text.len(), |(offset, _)| *offset);
        let Some(text) = self.text.get(offset(start)..offset(end)) else {
            return false;
        };
        if text.trim().is_empty() || text.len() > MAX_YAML_BYTES {
            return false;
        }
        let Ok(value) = serde_saphyr::from_str_with_options::<Value>(text, yaml_options()) else {
            return false;
        };
        let origin = self.origin(start);
        match &value {
            Value::Array(items) => {
                let added = items
                    .iter()
                    .filter(|item| objects::add(self.collector, item, &origin));
                added.count() > 0
            }
            single => objects::add(self.collector, single, &origin),
        }
    }
}

/// Limits against documents that grow by aliases; Kubernetes' own output has none.
fn yaml_options() -> serde_saphyr::Options {
    serde_saphyr::options! {
        alias_limits: serde_saphyr::alias_limits! {
            max_total_replayed_events: 10_000,
            max_alias_expansions_per_anchor: 100,
        },
    }
}

/// Whether an unbroken document can hold the line: indented, a list item, a comment, or an outermost key.
fn is_yaml_line(line: &str) -> bool {
    if line.starts_with([' ', '#'])
        || line.starts_with("- ")
        || matches!(line.trim_end(), "-" | "---" | "..." | "}" | "]")
    {
        return true;
    }
    let Some((key, rest)) = line.split_once(':') else {
        return false;
    };
    let named =
        key.starts_with(|c: char| c.is_ascii_lowercase()) && key.bytes().all(|b| b.is_ascii_alphanumeric());
    named && (rest.is_empty() || rest.starts_with(' ')) && crate::intake::severity::of_word(key).is_none()
}
