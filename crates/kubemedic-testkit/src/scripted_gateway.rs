//! Another approval server by script: up or down, knowing our extra fields or only the original's.

use std::{collections::BTreeMap, sync::Mutex};

use async_trait::async_trait;
use kubemedic_model::id::ApprovalId;
use kubemedic_ports::approval_gateway::{ApprovalGateway, ApprovalGatewayError, ForeignApproval};
use serde_json::Value;

use crate::lock;

/// How the server behaves.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a way to behave that a test turns on or off by itself"
)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Behaviour {
    /// Whether it answers at all.
    pub up: bool,
    /// Whether it takes the next proposals but its answers get lost.
    pub loses_answers: bool,
    /// Whether it knows idempotency keys.
    pub knows_keys: bool,
    /// Whether it serves single approvals.
    pub serves_single: bool,
    /// Whether it keeps metadata that the original did not know.
    pub keeps_extra_metadata: bool,
}

impl Behaviour {
    /// A server that knows everything of ours.
    pub const OURS: Self = Self {
        up: true,
        loses_answers: false,
        knows_keys: true,
        serves_single: true,
        keeps_extra_metadata: true,
    };
    /// A server that knows only what the original knew.
    pub const ORIGINAL: Self = Self {
        knows_keys: false,
        serves_single: false,
        keeps_extra_metadata: false,
        ..Self::OURS
    };
}

#[derive(Debug, Default)]
struct Kept {
    approvals: Vec<ForeignApproval>,
    bodies: Vec<Value>,
    keys: BTreeMap<String, ApprovalId>,
}

/// An approval server by script.
#[derive(Debug)]
pub struct ScriptedGateway {
    behaviour: Mutex<Behaviour>,
    kept: Mutex<Kept>,
}

/// The metadata that the original knew.
const ORIGINAL_METADATA: [&str; 8] = [
    "severity",
    "priority",
    "service",
    "namespace",
    "issue",
    "root_cause",
    "phase",
    "workflow_id",
];

impl ScriptedGateway {
    /// A server that behaves so.
    pub fn new(behaviour: Behaviour) -> Self {
        Self {
            behaviour: Mutex::new(behaviour),
            kept: Mutex::default(),
        }
    }

    /// Changes how it behaves.
    pub fn set(&self, behaviour: Behaviour) {
        *lock(&self.behaviour) = behaviour;
    }

    /// The bodies of the proposals that it took, in order.
    pub fn proposals(&self) -> Vec<Value> {
        lock(&self.kept).bodies.clone()
    }

    /// The ids of its approvals, in order.
    pub fn ids(&self) -> Vec<ApprovalId> {
        lock(&self.kept)
            .approvals
            .iter()
            .map(|it| it.id.clone())
            .collect()
    }

    /// A person decides there.
    pub fn decide(&self, id: &ApprovalId, status: &str, counts: Option<(u32, u32)>) {
        let mut kept = lock(&self.kept);
        for approval in kept.approvals.iter_mut().filter(|it| it.id == *id) {
            status.clone_into(&mut approval.status);
            approval.counts = counts;
            approval.approver = Some("someone there".into());
        }
    }

    fn answering(&self) -> Result<Behaviour, ApprovalGatewayError> {
        let behaviour = *lock(&self.behaviour);
        if behaviour.up {
            Ok(behaviour)
        } else {
            Err(self.down("connection refused"))
        }
    }

    fn down(&self, reason: &str) -> ApprovalGatewayError {
        ApprovalGatewayError::Unavailable {
            url: self.url().to_owned(),
            reason: reason.to_owned(),
        }
    }
}

#[async_trait]
impl ApprovalGateway for ScriptedGateway {
    fn url(&self) -> &'static str {
        "http://approvals.example:3100"
    }

    async fn propose(
        &self,
        idempotency_key: &str,
        proposal: &Value,
    ) -> Result<ApprovalId, ApprovalGatewayError> {
        let behaviour = self.answering()?;
        let mut kept = lock(&self.kept);
        if behaviour.knows_keys
            && let Some(id) = kept.keys.get(idempotency_key)
        {
            return Ok(id.clone());
        }
        let name = format!("there-{}", kept.approvals.len() + 1);
        let id = ApprovalId::new(name).map_err(|_| self.down("no id"))?;
        let mut metadata = proposal.get("metadata").cloned().unwrap_or(Value::Null);
        if !behaviour.keeps_extra_metadata
            && let Some(map) = metadata.as_object_mut()
        {
            map.retain(|key, _| ORIGINAL_METADATA.contains(&key.as_str()));
        }
        kept.approvals.push(ForeignApproval {
            id: id.clone(),
            status: "pending".into(),
            counts: None,
            reason: None,
            approver: None,
            metadata,
        });
        kept.bodies.push(proposal.clone());
        kept.keys.insert(idempotency_key.to_owned(), id.clone());
        if behaviour.loses_answers {
            return Err(self.down("the answer was lost"));
        }
        Ok(id)
    }

    async fn pending(&self) -> Result<Vec<ForeignApproval>, ApprovalGatewayError> {
        self.answering()?;
        let kept = lock(&self.kept);
        let pending = kept.approvals.iter().filter(|it| it.status == "pending");
        Ok(pending.cloned().collect())
    }

    async fn approval(&self, id: &ApprovalId) -> Result<Option<ForeignApproval>, ApprovalGatewayError> {
        let behaviour = self.answering()?;
        if !behaviour.serves_single {
            return Ok(None);
        }
        Ok(lock(&self.kept).approvals.iter().find(|it| it.id == *id).cloned())
    }
}
