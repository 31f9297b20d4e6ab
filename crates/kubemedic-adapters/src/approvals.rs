//! Another approval server over HTTP: the first four rows of CONTRACT.md section 2 are all that it must know.

use async_trait::async_trait;
use kubemedic_model::id::ApprovalId;
use kubemedic_ports::approval_gateway::{ApprovalGateway, ApprovalGatewayError, ForeignApproval};
use reqwest::{Client, Method, RequestBuilder, StatusCode, Url};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;

use crate::http::{self, BadServerUrl, client_for};

/// Another approval server.
#[derive(Debug)]
pub struct HttpApprovalGateway {
    client: Client,
    base: Url,
    shown: String,
    token: Option<SecretString>,
}

impl HttpApprovalGateway {
    /// A server at an address, with a bearer token where it wants one.
    ///
    /// # Errors
    /// [`BadServerUrl`].
    pub fn new(url: &str, token: Option<SecretString>) -> Result<Self, BadServerUrl> {
        let (client, base) = client_for(url)?;
        Ok(Self {
            client,
            shown: http::shown(&base),
            base,
            token,
        })
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let base = self.base.as_str().trim_end_matches('/');
        let request = self.client.request(method, format!("{base}{path}"));
        match &self.token {
            Some(token) => request.bearer_auth(token.expose_secret()),
            None => request,
        }
    }

    /// Sends and reads the answer's JSON; `None` where the server knows no such path or id.
    async fn call(&self, request: RequestBuilder) -> Result<Option<Value>, ApprovalGatewayError> {
        let answer = http::answer(request).await;
        let (status, body) = answer.map_err(|reason| self.unavailable(reason))?;
        if status == StatusCode::NOT_FOUND || status == StatusCode::METHOD_NOT_ALLOWED {
            return Ok(None);
        }
        // A wrong token is a setting to mend, not an answer to the proposal: it waits, as for a server that is down.
        let unauthorized = matches!(status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN);
        if unauthorized || status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS {
            return Err(self.unavailable(format!("it answers {status}: {}", http::quoted(&body))));
        }
        if !status.is_success() {
            let reason = http::quoted(&body);
            return Err(ApprovalGatewayError::Refused {
                url: self.shown.clone(),
                status: status.as_u16(),
                reason,
            });
        }
        serde_json::from_slice(&body)
            .map(Some)
            .map_err(|error| self.unreadable(error.to_string()))
    }

    fn unavailable(&self, reason: String) -> ApprovalGatewayError {
        ApprovalGatewayError::Unavailable {
            url: self.shown.clone(),
            reason,
        }
    }

    fn unreadable(&self, reason: String) -> ApprovalGatewayError {
        ApprovalGatewayError::Unreadable {
            url: self.shown.clone(),
            reason,
        }
    }
}

/// An approval from its JSON, by the original's fields and ours.
fn foreign(value: &Value) -> Option<ForeignApproval> {
    let text = |key: &str| value.get(key).and_then(Value::as_str).map(str::to_owned);
    let id = text("id").or_else(|| text("approval_id"))?;
    Some(ForeignApproval {
        id: ApprovalId::new(id).ok()?,
        status: text("status").unwrap_or_else(|| "pending".to_owned()),
        counts: counts(value),
        reason: text("rejection_reason").or_else(|| text("reason")),
        approver: text("approver"),
        metadata: value.get("metadata").cloned().unwrap_or(Value::Null),
    })
}

/// Approved and rejected commands where the server tells a decision per command.
fn counts(value: &Value) -> Option<(u32, u32)> {
    let commands = value.get("commands")?.as_array()?;
    let decisions: Vec<&str> = commands
        .iter()
        .filter_map(|command| command.get("decision").and_then(Value::as_str))
        .collect();
    if decisions.is_empty() {
        return None;
    }
    let approved = decisions
        .iter()
        .filter(|decision| matches!(**decision, "approve" | "approved"))
        .count();
    let rejected = decisions.len() - approved;
    Some((u32::try_from(approved).ok()?, u32::try_from(rejected).ok()?))
}

#[async_trait]
impl ApprovalGateway for HttpApprovalGateway {
    fn url(&self) -> &str {
        &self.shown
    }

    async fn propose(&self, key: &str, proposal: &Value) -> Result<ApprovalId, ApprovalGatewayError> {
        let request = self
            .request(Method::POST, "/api/approvals/propose")
            .header("Idempotency-Key", key)
            .json(proposal);
        let Some(answer) = self.call(request).await? else {
            return Err(self.unavailable("it has no /api/approvals/propose".to_owned()));
        };
        let id = answer
            .get("approval_id")
            .or_else(|| answer.get("id"))
            .and_then(Value::as_str);
        let id = id.ok_or_else(|| self.unreadable("the answer has no approval_id".to_owned()))?;
        ApprovalId::new(id).map_err(|error| self.unreadable(error.to_string()))
    }

    async fn pending(&self) -> Result<Vec<ForeignApproval>, ApprovalGatewayError> {
        let answer = self
            .call(self.request(Method::GET, "/api/approvals/pending"))
            .await?;
        let list = answer
            .as_ref()
            .and_then(|answer| answer.get("approvals").unwrap_or(answer).as_array());
        Ok(list.into_iter().flatten().filter_map(foreign).collect())
    }

    async fn approval(&self, id: &ApprovalId) -> Result<Option<ForeignApproval>, ApprovalGatewayError> {
        let path = format!("/api/approvals/{}", percent_encoded(id.as_str()));
        match self.call(self.request(Method::GET, &path)).await {
            Ok(answer) => Ok(answer.as_ref().and_then(foreign)),
            // A server that serves a page for unknown paths knows no single approvals.
            Err(ApprovalGatewayError::Unreadable { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

/// An id as one path segment.
fn percent_encoded(id: &str) -> String {
    use std::fmt::Write;
    id.bytes().fold(String::new(), |mut path, byte| {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            path.push(char::from(byte));
        } else {
            let _ = write!(path, "%{byte:02X}");
        }
        path
    })
}

#[cfg(test)]
mod tests;
