//! Read-only evidence tools that a model may call: each reads the case, nothing else, and gives bounded text.
//! The text is data from outside; fencing is the caller's.

mod arguments;
mod logs;
mod objects;

use kubemedic_model::diagnosis::Diagnosis;
use serde_json::{Value, json};

use crate::{intake::Intake, monitoring::Monitoring};
use arguments::Arguments;

/// The longest result, in characters.
const MAX_RESULT_CHARS: usize = 6_000;

/// A tool as a model is told it.
#[derive(Debug, Clone, PartialEq)]
pub struct EvidenceTool {
    /// Its name.
    pub name: &'static str,
    /// What it gives, for the model.
    pub description: &'static str,
    /// JSON Schema of its arguments, strict.
    pub parameters: Value,
}

/// What a tool reads.
pub(super) struct Case<'a> {
    intake: &'a Intake,
    monitoring: &'a Monitoring,
    diagnosis: &'a Diagnosis,
}

/// What a tool gives, or in words why it gives nothing.
type Result = std::result::Result<String, String>;

/// How a tool works.
type Work = fn(&Case<'_>, &Arguments<'_>) -> Result;

/// A tool: its name, what it gives, its arguments, its work.
struct Tool {
    name: &'static str,
    description: &'static str,
    arguments: &'static [Argument],
    work: Work,
}

/// An argument: name, JSON type, whether it may be null, what it means.
struct Argument(&'static str, &'static str, bool, &'static str);

const KIND: Argument = Argument("kind", "string", false, "The kind, such as Pod or Service");
const NAMESPACE: Argument = Argument("namespace", "string", true, "The namespace; null for any");
const NAME: Argument = Argument("name", "string", false, "The exact name");

/// Every tool.
const TOOLS: [Tool; 7] = [
    Tool {
        name: "list_objects",
        description: "Lists the Kubernetes objects of the case with ids (O1, ...) and their state in one line each.",
        arguments: &[
            Argument(
                "kind",
                "string",
                true,
                "Only objects of this kind, such as Pod; null for all",
            ),
            NAMESPACE,
        ],
        work: objects::list,
    },
    Tool {
        name: "describe_object",
        description: "Gives everything that is known of one object: spec, status, conditions, probes, environment.",
        arguments: &[KIND, NAMESPACE, NAME],
        work: objects::describe,
    },
    Tool {
        name: "events_of",
        description: "Gives the Kubernetes events about one object, the last ones first.",
        arguments: &[KIND, NAMESPACE, NAME],
        work: objects::events,
    },
    Tool {
        name: "related",
        description: "Gives the objects that name one object or that it names: owners, pods, services, configuration, nodes.",
        arguments: &[KIND, NAMESPACE, NAME],
        work: objects::related,
    },
    Tool {
        name: "metrics",
        description: "Gives the metric series and alerts about one object or service: first, lowest, highest and last value.",
        arguments: &[NAME],
        work: objects::metrics,
    },
    Tool {
        name: "search_logs",
        description: "Gives log entries (ids R1, ...) that hold all the given words in any case, the rarest kinds first.",
        arguments: &[
            Argument(
                "words",
                "string",
                false,
                "Words, separated by spaces; all must occur",
            ),
            Argument(
                "service",
                "string",
                true,
                "Only entries of this pod, service or container; null for all",
            ),
            Argument(
                "limit",
                "integer",
                true,
                "At most so many entries, 1 to 50; null for 20",
            ),
        ],
        work: logs::search,
    },
    Tool {
        name: "log_lines",
        description: "Gives log entries (ids R1, ...) by their line numbers, to read what stands around a line.",
        arguments: &[
            Argument(
                "part",
                "string",
                true,
                "The part of the input as a place tells it; null for pasted text",
            ),
            Argument("from", "integer", false, "The first line, counted from 1"),
            Argument(
                "to",
                "integer",
                false,
                "The last line, at most 200 after the first",
            ),
        ],
        work: logs::lines,
    },
];

/// The tools.
pub fn specs() -> Vec<EvidenceTool> {
    let spec = |tool: &Tool| EvidenceTool {
        name: tool.name,
        description: tool.description,
        parameters: parameters(tool.arguments),
    };
    TOOLS.iter().map(spec).collect()
}

/// The strict schema of arguments.
fn parameters(arguments: &[Argument]) -> Value {
    let properties: serde_json::Map<String, Value> = arguments
        .iter()
        .map(|Argument(name, kind, nullable, meaning)| {
            let kind = if *nullable {
                json!([kind, "null"])
            } else {
                json!(kind)
            };
            ((*name).to_owned(), json!({"type": kind, "description": meaning}))
        })
        .collect();
    let names: Vec<&str> = arguments.iter().map(|it| it.0).collect();
    json!({"type": "object", "properties": properties, "required": names, "additionalProperties": false})
}

/// What a tool gives, or in words why it gives nothing. The same case and arguments give the same text, of at most
/// about six thousand characters.
pub fn call(
    name: &str,
    arguments: &Value,
    intake: &Intake,
    monitoring: &Monitoring,
    diagnosis: &Diagnosis,
) -> String {
    let Some(tool) = TOOLS.iter().find(|it| it.name == name) else {
        let names: Vec<&str> = TOOLS.iter().map(|it| it.name).collect();
        return format!(
            "there is no tool '{}': use one of {}",
            super::plain(name, 60),
            names.join(", ")
        );
    };
    let case = Case {
        intake,
        monitoring,
        diagnosis,
    };
    let result = Arguments::read(arguments).and_then(|arguments| (tool.work)(&case, &arguments));
    bounded(&result.unwrap_or_else(|reason| reason))
}

/// The beginning of a result, at a line's end where one is near.
fn bounded(text: &str) -> String {
    let text = super::fence::visible(text);
    if text.chars().count() <= MAX_RESULT_CHARS {
        return text;
    }
    let end = text
        .char_indices()
        .nth(MAX_RESULT_CHARS)
        .map_or(text.len(), |(at, _)| at);
    let kept = text.get(..end).unwrap_or("");
    let kept = kept.rsplit_once('\n').map_or(kept, |(lines, _)| lines);
    format!("{kept}\n(cut: ask for less at a time)")
}

#[cfg(test)]
mod tests;
