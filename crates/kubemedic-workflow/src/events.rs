//! Builds workflow events: kinds, agents and short texts.

use kubemedic_model::event::{Agent, AgentStatus, WorkflowEvent, WorkflowFact};

/// The kind of the last event of every workflow.
pub(crate) const CLOSED_KIND: &str = "workflow.closed";

/// An event without input, output and fact.
pub(crate) fn event(kind: &str, agent: Agent, status: AgentStatus, data: impl Into<String>) -> WorkflowEvent {
    WorkflowEvent {
        kind: kind.to_owned(),
        agent,
        status,
        input: String::new(),
        output: String::new(),
        data: data.into(),
        fact: None,
    }
}

/// An agent has started on something.
pub(crate) fn working(agent: Agent, input: impl Into<String>, data: impl Into<String>) -> WorkflowEvent {
    WorkflowEvent {
        input: input.into(),
        ..event("agent.working", agent, AgentStatus::Working, data)
    }
}

/// An agent reasons.
pub(crate) fn thinking(agent: Agent, data: impl Into<String>) -> WorkflowEvent {
    event("agent.thinking", agent, AgentStatus::Thinking, data)
}

/// An agent tells something.
pub(crate) fn info(agent: Agent, data: impl Into<String>) -> WorkflowEvent {
    event("agent.info", agent, AgentStatus::Info, data)
}

/// An agent is done; `data` is its result as JSON text, `output` the same in a few words.
pub(crate) fn completed(
    agent: Agent,
    output: impl Into<String>,
    data: String,
    fact: WorkflowFact,
) -> WorkflowEvent {
    WorkflowEvent {
        output: output.into(),
        fact: Some(fact),
        ..event("agent.completed", agent, AgentStatus::Completed, data)
    }
}

/// Something happened to an approval.
pub(crate) fn approval(kind: &str, data: impl Into<String>, fact: WorkflowFact) -> WorkflowEvent {
    WorkflowEvent {
        fact: Some(fact),
        ..event(kind, Agent::KubectlCommandAgent, AgentStatus::Info, data)
    }
}

/// The text, cut to at most `limit` bytes at a character's border, with a mark where something is missing.
pub(crate) fn cut(text: &str, limit: usize) -> String {
    if text.len() <= limit {
        return text.to_owned();
    }
    let mut end = limit.saturating_sub('…'.len_utf8());
    while !text.is_char_boundary(end) {
        end = end.saturating_sub(1);
    }
    let kept = text.get(..end).unwrap_or_default();
    format!("{kept}…")
}
