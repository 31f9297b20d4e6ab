//! A request body as it comes: it has to keep coming, fits into the room that bodies share, and what is too large is read away.

use std::{sync::Arc, time::Duration};

use axum::{
    body::{Body, BodyDataStream},
    http::{StatusCode, header},
};
use bytes::{Bytes, BytesMut};
use futures_util::StreamExt;
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::Instant,
};

use super::{BodyLimits, ReadBody, UNIT_BYTES};
use crate::error::ApiError;

/// How long a body may take whatever its size; each [`SLOWEST_BYTES_A_SECOND`] of it give another second.
const BASE_TIME: Duration = Duration::from_mins(1);

/// The slowest line that a large body is taken from: 128 kbit/s.
const SLOWEST_BYTES_A_SECOND: usize = 16 * 1024;

/// The most bytes beyond the limit that are read and dropped, so that a client that sends all before it reads gets the answer and not a
/// broken connection.
const MAX_DROPPED_BYTES: usize = 64 * 1024 * 1024;

/// A body of which a part has come.
#[derive(Debug)]
pub(super) struct Incoming {
    stream: BodyDataStream,
    patience: Duration,
    begun: Instant,
    received: usize,
    all_room: Arc<Semaphore>,
    /// The room that it takes; a body below one unit takes none, so that small requests are never turned away.
    room: Option<OwnedSemaphorePermit>,
}

impl Incoming {
    pub(super) fn new(body: Body, limits: &BodyLimits) -> Self {
        Self {
            stream: body.into_data_stream(),
            patience: limits.patience,
            begun: Instant::now(),
            received: 0,
            all_room: limits.room.clone(),
            room: None,
        }
    }

    /// All of it. 413 when it has more bytes, 503 when others take the room, 408 when it comes too slowly.
    pub(super) async fn collect(mut self, most: usize) -> Result<ReadBody, ApiError> {
        let mut collected = BytesMut::new();
        while let Some(chunk) = self.next().await? {
            let refusal = if collected.len() + chunk.len() > most {
                Some(ApiError::too_large(most))
            } else {
                self.take_room().err()
            };
            if let Some(refusal) = refusal {
                drop(collected);
                self.room = None;
                self.drop_rest().await;
                return Err(refusal);
            }
            collected.extend_from_slice(&chunk);
        }
        Ok(ReadBody {
            bytes: collected.freeze(),
            _room: self.room,
        })
    }

    /// Takes the room for what has been received so far.
    fn take_room(&mut self) -> Result<(), ApiError> {
        let held = self.room.as_ref().map_or(0, OwnedSemaphorePermit::num_permits);
        let missing = (self.received / UNIT_BYTES).saturating_sub(held);
        if missing == 0 {
            return Ok(());
        }
        let missing = u32::try_from(missing).unwrap_or(u32::MAX);
        let Ok(more) = self.all_room.clone().try_acquire_many_owned(missing) else {
            let detail = "too many large request bodies are being received at once: try again";
            let error = ApiError::new(StatusCode::SERVICE_UNAVAILABLE, detail);
            return Err(error.with_header(header::RETRY_AFTER, "5"));
        };
        match &mut self.room {
            Some(room) => room.merge(more),
            room @ None => *room = Some(more),
        }
        Ok(())
    }

    /// The next part; `None` at the end.
    async fn next(&mut self) -> Result<Option<Bytes>, ApiError> {
        let earned = Duration::from_secs((self.received / SLOWEST_BYTES_A_SECOND) as u64);
        let latest = self.begun + BASE_TIME + earned;
        let until = latest.min(Instant::now() + self.patience);
        let Ok(next) = tokio::time::timeout_at(until, self.stream.next()).await else {
            let detail = "the request body came too slowly: send it in one go, as fast as the line allows";
            let error = ApiError::new(StatusCode::REQUEST_TIMEOUT, detail);
            return Err(error.with_header(header::CONNECTION, "close"));
        };
        let chunk = next
            .transpose()
            .map_err(|_| ApiError::new(StatusCode::BAD_REQUEST, "the request body could not be read"))?;
        self.received += chunk.as_ref().map_or(0, Bytes::len);
        Ok(chunk)
    }

    /// Reads what is left of a refused body, within bounds.
    pub(super) async fn drop_rest(&mut self) {
        let before = self.received;
        while let Ok(Some(_)) = self.next().await {
            if self.received - before > MAX_DROPPED_BYTES {
                return;
            }
        }
    }
}
