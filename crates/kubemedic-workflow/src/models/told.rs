//! The pieces of an answer on their way to whoever listens: what was told is remembered for the cache and the transcript, and taken
//! back when a try begins anew.

use std::time::Duration;

use kubemedic_ports::chat_model::{Delta, OnDelta};
use tokio::time::Instant;

/// The most bytes of one answer that are told on its way; pieces beyond are only part of the answer.
const MAX_BYTES: usize = 4 * 1024 * 1024;

/// A listener and what it was told.
pub(super) struct Told<'a> {
    on_delta: OnDelta<'a>,
    /// Everything, piece by piece; only where a transcript wants it.
    all: Option<Vec<Delta>>,
    /// What the try under way told, pieces of one kind joined.
    of_try: Vec<Delta>,
    /// The bytes of it.
    bytes: usize,
    try_began: Instant,
    first_piece: Option<Duration>,
}

impl<'a> Told<'a> {
    pub(super) fn new(on_delta: OnDelta<'a>, is_recording: bool) -> Self {
        Self {
            on_delta,
            all: is_recording.then(Vec::new),
            of_try: Vec::new(),
            bytes: 0,
            try_began: Instant::now(),
            first_piece: None,
        }
    }

    /// A try begins: what an earlier one told is worthless.
    pub(super) fn begin(&mut self) {
        if !self.of_try.is_empty() {
            self.pass_on(Delta::Restart);
        }
        self.of_try.clear();
        self.bytes = 0;
        self.try_began = Instant::now();
        self.first_piece = None;
    }

    pub(super) fn hear(&mut self, delta: Delta) {
        self.first_piece.get_or_insert_with(|| self.try_began.elapsed());
        self.bytes = self.bytes.saturating_add(size(&delta));
        if self.bytes <= MAX_BYTES {
            join(&mut self.of_try, &delta);
            self.pass_on(delta);
        }
    }

    fn pass_on(&mut self, delta: Delta) {
        if let Some(all) = self.all.as_mut() {
            all.push(delta.clone());
        }
        (self.on_delta)(delta);
    }

    /// When the try's first piece came.
    pub(super) fn first_piece(&self) -> Option<Duration> {
        self.first_piece
    }

    /// What the last try told.
    pub(super) fn last_try(&mut self) -> Vec<Delta> {
        std::mem::take(&mut self.of_try)
    }

    /// Everything that was told.
    pub(super) fn everything(self) -> Vec<Delta> {
        self.all.unwrap_or_default()
    }
}

fn size(delta: &Delta) -> usize {
    match delta {
        Delta::Text(text) | Delta::Reasoning(text) => text.len(),
        Delta::Restart => 0,
    }
}

/// Adds a piece to the end, to the last one where it is of the same kind.
fn join(pieces: &mut Vec<Delta>, delta: &Delta) {
    match (pieces.last_mut(), delta) {
        (Some(Delta::Text(last)), Delta::Text(more))
        | (Some(Delta::Reasoning(last)), Delta::Reasoning(more)) => last.push_str(more),
        _ => pieces.push(delta.clone()),
    }
}
