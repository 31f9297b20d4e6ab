//! Secrets out, identifiers kept. Tokens are stable within one [`Redactor`] and irreversible.
//! It does not decide where redaction happens: whoever stores, streams, logs or shows calls it first.

mod assignment;
mod card;
mod cursor;
mod form;
mod json;
mod marks;
mod name;
mod pem;
mod provider;
pub mod rules;
mod sample;
mod scan;
mod secret_object;
mod segment;
pub mod stream;
mod token;
mod value;

#[cfg(test)]
mod tests;

use std::{borrow::Cow, sync::Arc};

use kubemedic_model::evidence_object::{EvidenceObject, Logs, WorkflowInput};

use rules::Rules;
use segment::Cut;
use stream::Tail;

/// Replaces secrets by tokens such as `<redacted:github-token:1>`: the same secret gets the same token.
/// It keeps salted digests, never the secrets themselves.
#[derive(Debug, Default)]
pub struct Redactor {
    tokens: token::Tokens,
    replaced: u64,
    /// The user's rules.
    rules: Arc<Rules>,
}

/// What one rule leaves may be seen by another; more rounds than this find nothing new.
const MAX_ROUNDS: usize = 6;

impl Redactor {
    /// A redactor that has seen nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// A redactor that has seen nothing and also follows the user's rules.
    pub fn with_rules(rules: Arc<Rules>) -> Self {
        Self {
            rules,
            ..Self::default()
        }
    }

    /// The text with its secrets replaced. Redacting the result again changes nothing.
    pub fn redact<'a>(&mut self, text: &'a str) -> Cow<'a, str> {
        let mut cutter = segment::Cutter::default();
        let mut tail = Tail::default();
        let mut result: Option<String> = None;
        let mut at = 0;
        while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
            let (size, forced) = match cutter.cut(rest, true) {
                Cut::Safe(size) => (size, false),
                Cut::Forced(size) => (size, true),
                Cut::Undecided => (rest.len(), false),
            };
            let redacted = self.redact_segment(rest.get(..size).unwrap_or(rest), forced, &mut tail);
            match (&mut result, redacted) {
                (None, Cow::Borrowed(_)) => {}
                (None, Cow::Owned(changed)) => {
                    let mut whole = String::with_capacity(text.len());
                    whole.push_str(text.get(..at).unwrap_or(""));
                    whole.push_str(&changed);
                    result = Some(whole);
                }
                (Some(whole), redacted) => whole.push_str(&redacted),
            }
            at += size;
        }
        result.map_or(Cow::Borrowed(text), Cow::Owned)
    }

    /// One segment of a text with its secrets replaced, and what goes on behind it where its end was forced.
    fn redact_segment<'a>(&mut self, segment: &'a str, forced: bool, tail: &mut Tail) -> Cow<'a, str> {
        let continued = continued(segment, *tail);
        let (gone, text) = segment.split_at_checked(continued).unwrap_or(("", segment));
        if !gone.is_empty() && text.trim().is_empty() {
            return Cow::Owned(line_breaks(segment));
        }
        *tail = Tail::Nothing;
        let mut result = self.follow_rules(text);
        for _ in 0..MAX_ROUNDS {
            let mut spans = scan::scan(&result);
            spans.retain(|span| !self.allows(result.get(span.start..span.end)));
            if spans.is_empty() {
                break;
            }
            if forced && *tail == Tail::Nothing {
                *tail = tail_of(&result, spans.last());
            }
            let places = spans.iter().map(|span| (span.start, span.end, span.kind));
            result = Cow::Owned(self.replace_spans(&result, places));
        }
        if gone.is_empty() {
            return result;
        }
        Cow::Owned(line_breaks(gone) + &result)
    }

    /// Replaces the secrets in every string of a JSON value, with the knowledge of Kubernetes' shapes
    /// (Secret data, env name/value pairs, annotations that hold whole objects).
    pub fn redact_json(&mut self, value: &mut serde_json::Value) {
        json::redact(self, value, 0);
    }

    /// Replaces the secrets in every part of an evidence object.
    pub fn redact_evidence(&mut self, evidence: &mut EvidenceObject) {
        match &mut evidence.logs {
            Some(Logs::Text(text)) => self.redact_in_place(text),
            Some(Logs::ByService(services)) => {
                let redacted = std::mem::take(services).into_iter().map(|(service, mut lines)| {
                    self.redact_lines(&mut lines);
                    (self.redact(&service).into_owned(), lines)
                });
                *services = redacted.collect();
            }
            None => {}
        }
        if let Some(outputs) = evidence.kubectl.take() {
            let redacted = outputs.into_iter().map(|(command, output)| {
                (
                    self.redact(&command).into_owned(),
                    self.redact(&output).into_owned(),
                )
            });
            evidence.kubectl = Some(redacted.collect());
        }
        for object in evidence.objects.iter_mut().flatten() {
            self.redact_json(object);
        }
        if let Some(alerts) = &mut evidence.alerts {
            self.redact_json(alerts);
        }
        let texts = [
            &mut evidence.metrics_csv,
            &mut evidence.query,
            &mut evidence.cluster,
            &mut evidence.namespace,
        ];
        for text in texts.into_iter().flatten() {
            self.redact_in_place(text);
        }
        if let Some(pattern) = evidence
            .source
            .as_mut()
            .and_then(|source| source.filter_pattern.as_mut())
        {
            self.redact_in_place(pattern);
        }
    }

    /// The input without its secrets.
    pub fn redact_input(&mut self, input: WorkflowInput) -> WorkflowInput {
        match input {
            WorkflowInput::Text(mut text) => {
                self.redact_in_place(&mut text);
                WorkflowInput::Text(text)
            }
            WorkflowInput::Evidence(mut evidence) => {
                self.redact_evidence(&mut evidence);
                WorkflowInput::Evidence(evidence)
            }
        }
    }

    /// How many occurrences were replaced so far.
    pub fn replaced(&self) -> u64 {
        self.replaced
    }

    fn redact_in_place(&mut self, text: &mut String) {
        if let Cow::Owned(redacted) = self.redact(text) {
            *text = redacted;
        }
    }

    /// Lines are redacted together, because a key may span several.
    fn redact_lines(&mut self, lines: &mut Vec<String>) {
        if lines.iter().any(|line| line.contains('\n')) {
            for line in lines.iter_mut() {
                self.redact_in_place(line);
            }
            return;
        }
        let whole = lines.join("\n");
        if let Cow::Owned(redacted) = self.redact(&whole) {
            *lines = redacted.split('\n').map(str::to_owned).collect();
        }
    }

    /// The text without what the user's rules find.
    fn follow_rules<'a>(&mut self, text: &'a str) -> Cow<'a, str> {
        if self.rules.is_empty() {
            return Cow::Borrowed(text);
        }
        let rules = Arc::clone(&self.rules);
        let places = rules.find(text);
        if places.is_empty() {
            return Cow::Borrowed(text);
        }
        Cow::Owned(self.replace_spans(text, places))
    }

    /// Whether the user's rules say that a value is no secret.
    fn allows(&self, secret: Option<&str>) -> bool {
        secret.is_some_and(|secret| self.rules.allow(secret))
    }

    /// The token of a secret, counted as one replacement.
    fn replace(&mut self, kind: &str, secret: &str) -> String {
        self.replaced += 1;
        self.tokens.token(kind, secret)
    }

    fn replace_spans<'k>(
        &mut self,
        text: &str,
        places: impl IntoIterator<Item = (usize, usize, &'k str)>,
    ) -> String {
        let mut result = String::with_capacity(text.len());
        let (mut at, mut last, mut token) = (0, "", String::new());
        for (start, end, kind) in places {
            let (Some(kept), Some(secret)) = (text.get(at..start), text.get(start..end)) else {
                continue;
            };
            result.push_str(kept);
            if secret == last {
                self.replaced += 1;
            } else {
                (last, token) = (secret, self.replace(kind, secret));
            }
            result.push_str(&token);
            result.push_str(&line_breaks(secret));
            at = end;
        }
        result.push_str(text.get(at..).unwrap_or(""));
        result
    }
}

/// How much of a segment belongs to a secret of the segment before it.
fn continued(segment: &str, tail: Tail) -> usize {
    match tail {
        Tail::Nothing => 0,
        Tail::Value => segment
            .find(|char: char| char.is_whitespace() || matches!(char, '"' | '\'' | ',' | '}' | ']'))
            .unwrap_or(segment.len()),
        Tail::Key => pem::key_material(segment.as_bytes(), 0),
    }
}

/// What goes on behind a forced cut, by the last secret before it.
fn tail_of(text: &str, last: Option<&cursor::Span>) -> Tail {
    match last {
        Some(span) if text.get(span.end..).is_some_and(|rest| rest.trim().is_empty()) => {
            let open = span.kind == "private-key"
                && text
                    .get(span.start..span.end)
                    .is_some_and(|key| !key.contains("-----END"));
            match (open, span.end == text.len()) {
                (true, _) => Tail::Key,
                (false, true) => Tail::Value,
                (false, false) => Tail::Nothing,
            }
        }
        _ => Tail::Nothing,
    }
}

/// Line numbers are evidence: a block that goes leaves its line breaks.
fn line_breaks(text: &str) -> String {
    text.chars().filter(|char| *char == '\n').collect()
}
