//! The ledger's figures in the contract's shapes.

use kubemedic_engine::learning::{Ledger, learning_report};
use serde_json::{Value, json};

use crate::models::Models;

/// The statistics of the Remediation Agent.
pub(super) fn agent(ledger: &Ledger) -> Value {
    json!(ledger.statistics())
}

/// The statistics over everything.
pub(super) fn overall(ledger: &Ledger, models: &Models) -> Value {
    let figures = ledger.statistics();
    json!({
        "agent_statistics": {"RemediationAgent": figures},
        "total_feedbacks": figures.approved_count + figures.rejected_count,
        "average_reward": figures.average_reward,
        "total_records": figures.total_outputs,
        "events": ledger.sequence(),
        "learning": learning_report(ledger),
        "models": {"spent_today": models.spending_today(), "models": models.status()},
    })
}
