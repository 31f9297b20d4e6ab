//! Secrets out, identifiers kept. Tokens are stable within one [`Redactor`] and irreversible.
//! It does not decide where redaction happens: whoever stores, streams, logs or shows calls it first.

mod assignment;
mod card;
mod cursor;
mod form;
mod json;
mod name;
mod provider;
mod scan;
mod secret_object;
mod token;
mod value;

#[cfg(test)]
mod tests;

use std::borrow::Cow;

use kubemedic_model::evidence_object::{EvidenceObject, Logs, WorkflowInput};

/// Replaces secrets by tokens such as `<redacted:github-token:1>`: the same secret gets the same token.
/// It keeps salted digests, never the secrets themselves.
#[derive(Debug, Default)]
pub struct Redactor {
    tokens: token::Tokens,
    replaced: u64,
}

/// What one rule leaves may be seen by another; more rounds than this find nothing new.
const MAX_ROUNDS: usize = 6;

impl Redactor {
    /// A redactor that has seen nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// The text with its secrets replaced. Redacting the result again changes nothing.
    pub fn redact<'a>(&mut self, text: &'a str) -> Cow<'a, str> {
        let mut result = Cow::Borrowed(text);
        for _ in 0..MAX_ROUNDS {
            let spans = scan::scan(&result);
            if spans.is_empty() {
                break;
            }
            result = Cow::Owned(self.replace_spans(&result, &spans));
        }
        result
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

    /// The token of a secret, counted as one replacement.
    fn replace(&mut self, kind: &'static str, secret: &str) -> String {
        self.replaced += 1;
        self.tokens.token(kind, secret)
    }

    fn replace_spans(&mut self, text: &str, spans: &[cursor::Span]) -> String {
        let mut result = String::with_capacity(text.len());
        let mut at = 0;
        for span in spans {
            let (Some(kept), Some(secret)) = (text.get(at..span.start), text.get(span.start..span.end))
            else {
                continue;
            };
            result.push_str(kept);
            let token = self.replace(span.kind, secret);
            result.push_str(&token);
            // Line numbers are evidence: a block that goes leaves its line breaks.
            result.extend(secret.chars().filter(|char| *char == '\n'));
            at = span.end;
        }
        result.push_str(text.get(at..).unwrap_or(""));
        result
    }
}
