//! A language model at the other end of a wire: sends one request, reads the answer whole or piece by piece within the time limits,
//! and never takes a part of an answer for the answer. What the bytes say is each wire's own.

use std::{fmt, future::Future, time::Duration};

use async_trait::async_trait;
use kubemedic_ports::chat_model::{ChatError, ChatModel, ChatReply, ChatRequest, ModelName, OnDelta};
use tokio::time::timeout;

use super::{
    connection::{Body, Call, Connection, Unanswered},
    draft::{CUT, is_cut, malformed},
    failure::Refusal,
    frames::{Framing, Unreadable},
    reading::Reading,
};
use crate::http;

/// Whether more of an answer may come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// It may.
    More,
    /// The protocol's mark of the end was seen.
    Done,
}

/// A provider's protocol.
pub(crate) trait Wire: Send + Sync + fmt::Debug {
    /// How it frames a stream.
    const FRAMING: Framing;
    /// What puts an answer together.
    type Answer: Answer + Send;

    /// The request on the wire.
    fn call(&self, request: &ChatRequest, streamed: bool) -> Call;
    /// What a refusal means.
    fn failure(&self, refusal: &Refusal) -> ChatError;
    /// The question that costs nothing.
    fn question(&self) -> Call;
    /// What the answer to that question says.
    ///
    /// # Errors
    /// [`ChatError`] where the model is not among those named.
    fn knows_model(&self, body: &[u8]) -> Result<(), ChatError>;

    /// Learns from a refusal what the server does not know; true when the request is another one now and may be sent again, once.
    fn learns(&self, _refusal: &Refusal, _call: &Call) -> bool {
        false
    }
}

/// Puts an answer together.
pub(crate) trait Answer: Default {
    /// Takes the next piece: a frame of a stream, or a whole answer.
    ///
    /// # Errors
    /// [`ChatError`]: what is wrong with the answer.
    fn piece(&mut self, piece: &str, on_delta: &mut OnDelta<'_>) -> Result<Progress, ChatError>;
    /// The answer, when nothing more comes.
    ///
    /// # Errors
    /// [`ChatError`], also where the end was not seen.
    fn end(self) -> Result<ChatReply, ChatError>;
}

/// A language model behind a provider's protocol.
#[derive(Debug)]
pub struct Remote<W> {
    name: ModelName,
    connection: Connection,
    wire: W,
}

#[expect(
    private_bounds,
    reason = "the protocols are those of this module, and no others"
)]
impl<W: Wire> Remote<W> {
    pub(crate) fn over(name: ModelName, connection: Connection, wire: W) -> Self {
        Self {
            name,
            connection,
            wire,
        }
    }

    /// Sends the request; a second time only where the server did not know a part of it.
    async fn open(&self, request: &ChatRequest, streamed: bool) -> Result<Body, ChatError> {
        let timeouts = self.connection.timeouts();
        let begins_within = if streamed {
            timeouts.first_byte
        } else {
            timeouts.whole
        };
        let call = self.wire.call(request, streamed);
        let refused = match self.connection.open(&call, begins_within).await {
            Ok(body) => return Ok(body),
            Err(Unanswered::Failed(error)) => return Err(error),
            Err(Unanswered::Refused(refusal)) => refusal,
        };
        if !self.wire.learns(&refused, &call) {
            return Err(self.wire.failure(&refused));
        }
        let call = self.wire.call(request, streamed);
        let opened = self.connection.open(&call, begins_within).await;
        opened.map_err(|error| self.error(error))
    }

    fn error(&self, unanswered: Unanswered) -> ChatError {
        match unanswered {
            Unanswered::Failed(error) => error,
            Unanswered::Refused(refusal) => self.wire.failure(&refusal),
        }
    }

    async fn answered_at_once(&self, request: &ChatRequest) -> Result<ChatReply, ChatError> {
        let body = self.open(request, false).await?;
        self.read_at_once(body, &mut |_| ()).await
    }

    async fn read_at_once(&self, body: Body, mut on_delta: OnDelta<'_>) -> Result<ChatReply, ChatError> {
        let bytes = body.whole().await?;
        let text = std::str::from_utf8(&bytes).map_err(|_| malformed(Unreadable::NotUtf8.to_string()))?;
        let mut answer = W::Answer::default();
        match answer.piece(text.trim(), &mut on_delta) {
            Ok(_) => self.whole(answer.end()?),
            Err(ChatError::Malformed { .. }) if is_cut(text) => Err(CUT),
            Err(error) => Err(error),
        }
    }

    async fn answered_in_pieces(
        &self,
        request: &ChatRequest,
        mut on_delta: OnDelta<'_>,
    ) -> Result<ChatReply, ChatError> {
        let mut body = self.open(request, true).await?;
        if W::FRAMING == Framing::Events && body.is_json() {
            return self.read_at_once(body, on_delta).await;
        }
        let mut reading = Reading::<W::Answer>::new(W::FRAMING);
        while let Some(bytes) = body.chunk().await? {
            if reading.push(&bytes, &mut on_delta)? == Progress::Done {
                return self.whole(reading.done()?);
            }
        }
        self.whole(reading.closed(&mut on_delta)?)
    }

    /// The answer, which must say something.
    fn whole(&self, mut reply: ChatReply) -> Result<ChatReply, ChatError> {
        if reply.text.trim().is_empty() && reply.calls.is_empty() {
            return Err(malformed("it is empty"));
        }
        if reply.model.is_empty() {
            reply.model.clone_from(&self.name.model);
        }
        Ok(reply)
    }

    /// Ends a call at its time limit, and takes keys out of what a server said.
    async fn limited<T>(
        &self,
        work: impl Future<Output = Result<T, ChatError>> + Send,
    ) -> Result<T, ChatError> {
        let waited: Duration = self.connection.timeouts().whole;
        let done = timeout(waited, work)
            .await
            .unwrap_or(Err(ChatError::Timeout { waited }));
        done.map_err(|error| self.quotable(error))
    }

    fn quotable(&self, mut error: ChatError) -> ChatError {
        if let Some(reason) = error.reason_mut() {
            let said = self.connection.without_secrets(std::mem::take(reason));
            *reason = http::quoted(said.as_bytes());
        }
        error
    }
}

#[async_trait]
impl<W: Wire> ChatModel for Remote<W> {
    fn name(&self) -> &ModelName {
        &self.name
    }

    fn server(&self) -> String {
        self.connection.server()
    }

    async fn stream(&self, request: &ChatRequest, on_delta: OnDelta<'_>) -> Result<ChatReply, ChatError> {
        self.limited(self.answered_in_pieces(request, on_delta)).await
    }

    async fn complete(&self, request: &ChatRequest) -> Result<ChatReply, ChatError> {
        self.limited(self.answered_at_once(request)).await
    }

    async fn check(&self) -> Result<(), ChatError> {
        self.limited(async {
            let body = self.connection.whole(&self.wire.question()).await;
            self.wire.knows_model(&body.map_err(|error| self.error(error))?)
        })
        .await
    }
}
