//! Transcripts: every question of a run with what it came to, one JSON line each, and the replay that answers from them bit for
//! bit. Texts are recorded as they are sent, which is after redaction. Opening files is the wiring's.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    io::{BufRead, Read, Write},
    sync::{Arc, Mutex},
};

use kubemedic_model::{event::Agent, usage::ModelSpending};
use kubemedic_ports::chat_model::{ChatReply, ChatRequest, Delta, ModelName};
use serde::{Deserialize, Serialize};

use super::{Answered, NotUsed, budget::lock};

/// The longest line that is read: larger than any request and answer together.
const MAX_LINE_BYTES: u64 = 32 * 1024 * 1024;

/// One question of a run and what it came to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TranscriptEntry {
    /// The digest of the agent and the request, without the random word around quoted data.
    pub digest: String,
    /// Who asked.
    pub agent: Agent,
    /// What was asked, as it was sent.
    pub request: ChatRequest,
    /// What it came to.
    pub outcome: TranscriptOutcome,
    /// The pieces that were told, of failed tries too.
    pub deltas: Vec<Delta>,
    /// What it cost, failed tries included.
    pub spent: ModelSpending,
}

/// What a question came to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TranscriptOutcome {
    /// An answer.
    Reply {
        /// The answer.
        reply: ChatReply,
        /// Who gave it.
        by: ModelName,
        /// Whether it came from the cache.
        from_cache: bool,
        /// What happened on the way.
        notes: Vec<String>,
    },
    /// None, and why.
    NotUsed(NotUsed),
}

impl TranscriptOutcome {
    pub(super) fn of(result: &Result<Answered, NotUsed>) -> Self {
        match result {
            Ok(it) => Self::Reply {
                reply: it.reply.clone(),
                by: it.by.clone(),
                from_cache: it.from_cache,
                notes: it.notes.clone(),
            },
            Err(it) => Self::NotUsed(it.clone()),
        }
    }

    fn result(self, spent: ModelSpending) -> Result<Answered, NotUsed> {
        match self {
            Self::NotUsed(it) => Err(it),
            Self::Reply {
                reply,
                by,
                from_cache,
                notes,
            } => Ok(Answered {
                reply,
                by,
                spent,
                from_cache,
                notes,
            }),
        }
    }
}

/// A transcript that is written, or one that answers.
#[derive(Debug)]
pub struct Transcript(Kind);

enum Kind {
    Record(Mutex<Sink>),
    Replay {
        agents: BTreeSet<Agent>,
        recorded: Mutex<BTreeMap<String, Recorded>>,
    },
}

impl fmt::Debug for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Record(_) => f.write_str("Record"),
            Self::Replay { recorded, .. } => write!(f, "Replay({} questions)", lock(recorded).len()),
        }
    }
}

struct Sink {
    out: Box<dyn Write + Send>,
    has_failed: bool,
}

/// The answers to one question, in order, and the next one.
#[derive(Debug, Default)]
struct Recorded {
    entries: Vec<TranscriptEntry>,
    next: usize,
}

/// A line is no entry of a transcript.
#[derive(Debug, thiserror::Error)]
#[error("line {line} of the transcript is unreadable ({reason}): record it again")]
pub struct BadTranscript {
    /// Its number, from 1.
    pub line: usize,
    /// What is wrong.
    pub reason: String,
}

impl Transcript {
    /// Writes every question to a sink, one line each. A sink that fails is warned about once and then left alone.
    pub fn record(sink: Box<dyn Write + Send>) -> Self {
        Self(Kind::Record(Mutex::new(Sink {
            out: sink,
            has_failed: false,
        })))
    }

    /// Answers from what was recorded: the n-th equal question gets its n-th answer, further ones the last.
    pub fn replay(entries: Vec<TranscriptEntry>) -> Self {
        let agents = entries.iter().map(|it| it.agent).collect();
        let mut recorded: BTreeMap<String, Recorded> = BTreeMap::new();
        for entry in entries {
            let of_digest = recorded.entry(entry.digest.clone()).or_default();
            of_digest.entries.push(entry);
        }
        Self(Kind::Replay {
            agents,
            recorded: Mutex::new(recorded),
        })
    }

    /// Reads entries, one JSON line each; empty lines are passed over.
    ///
    /// # Errors
    /// [`BadTranscript`] with the first line that is none or cannot be read.
    pub fn from_lines(mut reader: impl BufRead) -> Result<Vec<TranscriptEntry>, BadTranscript> {
        let mut entries = Vec::new();
        for line in 1.. {
            let bad = |reason: String| BadTranscript { line, reason };
            let mut bytes = Vec::new();
            let mut bounded = Read::take(&mut reader, MAX_LINE_BYTES);
            let read = bounded.read_until(b'\n', &mut bytes);
            if read.map_err(|error| bad(error.to_string()))? == 0 {
                break;
            }
            if bytes.len() as u64 >= MAX_LINE_BYTES {
                return Err(bad("it is too long".to_owned()));
            }
            if !bytes.trim_ascii().is_empty() {
                let entry = serde_json::from_slice(&bytes);
                entries.push(entry.map_err(|error| bad(error.to_string()))?);
            }
        }
        Ok(entries)
    }

    pub(super) fn is_replaying(&self) -> bool {
        matches!(self.0, Kind::Replay { .. })
    }

    pub(super) fn is_recording(&self) -> bool {
        matches!(self.0, Kind::Record(_))
    }

    /// Whether it answers for an agent; a transcript that is only written answers for nobody.
    pub(super) fn answers_for(&self, agent: Agent) -> bool {
        match &self.0 {
            Kind::Record(_) => false,
            Kind::Replay { agents, .. } => agents.contains(&agent),
        }
    }

    /// Writes an entry. A failure of the sink never becomes one of the workflow.
    pub(super) fn write(&self, entry: &TranscriptEntry) {
        let Kind::Record(sink) = &self.0 else { return };
        let Ok(mut line) = serde_json::to_vec(entry) else {
            return;
        };
        line.push(b'\n');
        let mut sink = lock(sink);
        if sink.has_failed {
            return;
        }
        let written = sink.out.write_all(&line).and_then(|()| sink.out.flush());
        if let Err(error) = written {
            sink.has_failed = true;
            tracing::warn!(%error, "the transcript cannot be written any more");
        }
    }

    /// The recorded result of a question with its pieces and its cost; nothing where the transcript is one that is written.
    pub(super) fn answer(&self, digest: &str) -> Option<Replayed> {
        let Kind::Replay { recorded, .. } = &self.0 else {
            return None;
        };
        let mut recorded = lock(recorded);
        let entry = recorded.get_mut(digest).and_then(|it| {
            let entry = it.entries.get(it.next).or_else(|| it.entries.last()).cloned();
            it.next = it.next.saturating_add(1);
            entry
        });
        Some(match entry {
            Some(entry) => Replayed {
                deltas: entry.deltas,
                spent: entry.spent,
                result: entry.outcome.result(entry.spent),
            },
            None => Replayed {
                deltas: Vec::new(),
                spent: ModelSpending::default(),
                result: Err(NotUsed::NotRecorded {
                    digest: digest.to_owned(),
                }),
            },
        })
    }
}

/// What a transcript has to say to a question.
#[derive(Debug)]
pub(super) struct Replayed {
    pub(super) deltas: Vec<Delta>,
    pub(super) spent: ModelSpending,
    pub(super) result: Result<Answered, NotUsed>,
}

/// A sink in memory: what was written to it can be read while it is in use.
#[derive(Debug, Clone, Default)]
pub struct TranscriptBuffer(Arc<Mutex<Vec<u8>>>);

impl TranscriptBuffer {
    /// Everything that was written so far.
    pub fn bytes(&self) -> Vec<u8> {
        lock(&self.0).clone()
    }
}

impl Write for TranscriptBuffer {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        lock(&self.0).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests;
