//! Which connections are open, and which of them wait for a request: those give way when there are too many. It reads and writes nothing.

use std::{
    collections::BTreeMap,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll},
};

use axum::body::{Body, HttpBody};
use bytes::Bytes;
use hyper::body::{Frame, SizeHint};
use tokio_util::sync::CancellationToken;

/// The connections of one port.
#[derive(Debug)]
pub(super) struct Connections {
    limit: usize,
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    open: usize,
    next_turn: u64,
    /// Connections without a request, by the turn at which they began to wait: the first has waited longest.
    waiting: BTreeMap<u64, CancellationToken>,
}

/// Whether a new connection may come in.
#[derive(Debug)]
pub(super) enum Admission {
    /// It may.
    Granted(Arc<Ticket>),
    /// Every connection is at work.
    Full,
}

/// A connection's place among the others.
#[derive(Debug)]
pub(super) struct Ticket {
    connections: Arc<Connections>,
    eviction: CancellationToken,
    /// The turn at which it began to wait; `None` while it is at work.
    turn: Mutex<Option<u64>>,
}

impl Connections {
    pub(super) fn new(limit: usize) -> Self {
        Self {
            limit: limit.max(1),
            inner: Mutex::default(),
        }
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a new connection in. The one that has waited longest for a request makes room, if that is needed.
    pub(super) fn admit(self: &Arc<Self>) -> Admission {
        let mut inner = self.inner();
        if inner.open >= self.limit {
            let Some((_, eviction)) = inner.waiting.pop_first() else {
                return Admission::Full;
            };
            eviction.cancel();
            inner.open -= 1;
        }
        inner.open += 1;
        let eviction = CancellationToken::new();
        let turn = inner.wait(eviction.clone());
        drop(inner);
        Admission::Granted(Arc::new(Ticket {
            connections: self.clone(),
            eviction,
            turn: Mutex::new(Some(turn)),
        }))
    }
}

impl Inner {
    fn wait(&mut self, eviction: CancellationToken) -> u64 {
        let turn = self.next_turn;
        self.next_turn += 1;
        self.waiting.insert(turn, eviction);
        turn
    }
}

impl Ticket {
    /// Resolves when the connection has to make room.
    pub(super) async fn evicted(&self) {
        self.eviction.cancelled().await;
    }

    /// The connection has a request until the guard is dropped.
    pub(super) fn work(self: &Arc<Self>) -> AtWork {
        let turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(turn) = turn {
            self.connections.inner().waiting.remove(&turn);
        }
        AtWork(self.clone())
    }

    fn rest(&self) {
        let mut turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        if turn.is_none() && !self.eviction.is_cancelled() {
            *turn = Some(self.connections.inner().wait(self.eviction.clone()));
        }
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        let turn = self.turn.get_mut().unwrap_or_else(PoisonError::into_inner).take();
        let mut inner = self.connections.inner();
        if let Some(turn) = turn {
            inner.waiting.remove(&turn);
        }
        // Who was evicted has been counted out already.
        if !self.eviction.is_cancelled() {
            inner.open -= 1;
        }
    }
}

/// A connection that has a request.
#[derive(Debug)]
pub(super) struct AtWork(Arc<Ticket>);

impl AtWork {
    /// The body of its answer, which keeps the connection at work until it was sent or given up.
    pub(super) fn until_sent(self, body: Body) -> Body {
        Body::new(Sending { body, _at_work: self })
    }
}

impl Drop for AtWork {
    fn drop(&mut self) {
        self.0.rest();
    }
}

/// A body with its connection's guard.
struct Sending {
    body: Body,
    _at_work: AtWork,
}

impl HttpBody for Sending {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests;
