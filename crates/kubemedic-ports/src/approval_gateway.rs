//! Another approval server, reached over HTTP. It may know only the fields of the original.

use async_trait::async_trait;
use kubemedic_model::id::ApprovalId;
use serde_json::Value;

/// What an approval server says of one of its approvals.
#[derive(Debug, Clone, PartialEq)]
pub struct ForeignApproval {
    /// Its id.
    pub id: ApprovalId,
    /// `pending`, `approved`, `rejected`, `partially_approved`, `expired`, as it was written.
    pub status: String,
    /// Approved and rejected commands, where the server tells per command.
    pub counts: Option<(u32, u32)>,
    /// Why it was rejected.
    pub reason: Option<String>,
    /// Who decided.
    pub approver: Option<String>,
    /// Its metadata.
    pub metadata: Value,
}

/// Why a call to the approval server failed.
#[derive(Debug, thiserror::Error)]
pub enum ApprovalGatewayError {
    /// It cannot be reached, or is overloaded: worth another try.
    #[error("approval server {url} is not reachable: {reason}")]
    Unavailable {
        /// Its address, without credentials.
        url: String,
        /// Why.
        reason: String,
    },
    /// It refuses: another try will not help.
    #[error("approval server {url} refused the proposal with {status}: {reason}")]
    Refused {
        /// Its address, without credentials.
        url: String,
        /// The HTTP status.
        status: u16,
        /// Its words, capped.
        reason: String,
    },
    /// Its answer is not what the contract says.
    #[error("approval server {url} answered in an unknown form: {reason}")]
    Unreadable {
        /// Its address, without credentials.
        url: String,
        /// What is wrong.
        reason: String,
    },
}

/// Proposes to another approval server.
#[async_trait]
pub trait ApprovalGateway: Send + Sync + std::fmt::Debug {
    /// Its address, for people, without credentials.
    fn url(&self) -> &str;

    /// Proposes; the same key again gives the same approval where the server knows keys.
    ///
    /// # Errors
    /// [`ApprovalGatewayError`].
    async fn propose(
        &self,
        idempotency_key: &str,
        proposal: &Value,
    ) -> Result<ApprovalId, ApprovalGatewayError>;

    /// The approvals that wait there.
    ///
    /// # Errors
    /// [`ApprovalGatewayError`].
    async fn pending(&self) -> Result<Vec<ForeignApproval>, ApprovalGatewayError>;

    /// One approval; `None` when the server does not serve single approvals or does not know it.
    ///
    /// # Errors
    /// [`ApprovalGatewayError`].
    async fn approval(&self, id: &ApprovalId) -> Result<Option<ForeignApproval>, ApprovalGatewayError>;
}
