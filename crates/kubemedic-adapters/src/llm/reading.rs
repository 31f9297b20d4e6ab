//! Reads a streamed answer as its bytes come: frames, then what they say. It waits for nothing.

use kubemedic_ports::chat_model::{ChatError, ChatReply, OnDelta};

use super::{
    draft::{CUT, is_cut, malformed},
    frames::{Frames, Framing},
    remote::{Answer, Progress},
};

/// An answer under way.
pub(super) struct Reading<A> {
    frames: Frames,
    answer: A,
}

impl<A: Answer> Reading<A> {
    /// Nothing read yet.
    pub(super) fn new(framing: Framing) -> Self {
        Self {
            frames: Frames::new(framing),
            answer: A::default(),
        }
    }

    /// Takes the next bytes.
    pub(super) fn push(&mut self, bytes: &[u8], on_delta: &mut OnDelta<'_>) -> Result<Progress, ChatError> {
        // Frames before a bad one count: an error in them says more.
        let (frames, bad) = self.frames.push(bytes);
        for frame in frames {
            if self.answer.piece(&frame, on_delta)? == Progress::Done {
                return Ok(Progress::Done);
            }
        }
        match bad {
            None => Ok(Progress::More),
            Some(error) => Err(malformed(error.to_string())),
        }
    }

    /// The protocol's end was seen.
    pub(super) fn done(self) -> Result<ChatReply, ChatError> {
        self.answer.end()
    }

    /// The connection was closed in order, without the protocol's mark.
    pub(super) fn closed(mut self, on_delta: &mut OnDelta<'_>) -> Result<ChatReply, ChatError> {
        let rest = self.frames.end().map_err(|_| CUT)?;
        if let Some(unfinished) = rest.unfinished {
            match self.answer.piece(&unfinished, on_delta) {
                Ok(_) => (),
                Err(ChatError::Malformed { .. }) if is_cut(&unfinished) => return Err(CUT),
                Err(error) => return Err(error),
            }
        }
        if let Some(stray) = rest.stray {
            self.answer.piece(stray.trim(), on_delta)?;
        }
        self.answer.end()
    }
}
