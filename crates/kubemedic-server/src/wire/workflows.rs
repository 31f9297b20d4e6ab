//! Workflows on the wire.

use kubemedic_workflow::workflows::WorkflowDetails;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// A started workflow.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Started {
    /// Its id: the stream's address has it.
    pub(crate) workflow_id: Uuid,
}

/// One frame of an event stream, as its lines tell it.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "the schema of an answer that is written line by line")]
pub(crate) struct StreamFrame {
    /// The event's number, from 1.
    id: String,
    /// The event as one JSON object: `agent_name`, `status`, `input`, `output`, `data`, all text, and more.
    #[schema(content_media_type = "application/json")]
    data: String,
}

/// A workflow.
#[derive(Debug, Serialize, ToSchema)]
#[expect(clippy::struct_field_names, reason = "the contract's word")]
pub(crate) struct Workflow {
    /// Its id.
    pub(crate) workflow_id: Uuid,
    /// How far it is.
    #[schema(examples("running", "awaiting_approval", "executing", "closed", "failed"))]
    pub(crate) status: &'static str,
    /// When its input was durable, RFC 3339.
    pub(crate) created_at: String,
    /// When nothing more was to happen.
    pub(crate) closed_at: Option<String>,
    /// The cluster that the evidence names.
    pub(crate) cluster: Option<String>,
    /// The namespace that the evidence names.
    pub(crate) namespace: Option<String>,
    /// `incident`, `recovered`, `healthy`, `insufficient_evidence`; null while the agents work.
    pub(crate) verdict: Option<&'static str>,
    /// The class of the first cause.
    pub(crate) failure_class: Option<&'static str>,
    /// The first cause in one sentence.
    pub(crate) root_cause: Option<String>,
    /// The ids of its approvals.
    pub(crate) approvals: Vec<String>,
}

impl From<WorkflowDetails> for Workflow {
    fn from(details: WorkflowDetails) -> Self {
        let summary = details.summary;
        Self {
            workflow_id: summary.id.uuid(),
            status: summary.status.as_str(),
            created_at: summary.created_at.to_string(),
            closed_at: summary.closed_at.map(|at| at.to_string()),
            cluster: summary.cluster,
            namespace: summary.namespace,
            verdict: summary.verdict.map(kubemedic_model::diagnosis::Verdict::as_str),
            failure_class: summary
                .failure_class
                .map(kubemedic_model::class::FailureClass::id),
            root_cause: summary.root_cause,
            approvals: details.approvals,
        }
    }
}
