//! One model as the process sees it: its breaker, its provider's places, its price and what it has cost. What is asked of it is
//! `chain`'s.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use kubemedic_model::usage::ModelSpending;
use kubemedic_ports::chat_model::{ChatError, ModelName};
use serde::Serialize;
use tokio::{sync::Semaphore, time::Instant};

use super::{
    breaker::{Admission, Breaker, BreakerState},
    budget::lock,
    prices::Price,
    telemetry,
};

/// How a model is, for reports.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ModelStatus {
    /// Its name.
    pub model: ModelName,
    /// Whether requests pass.
    pub breaker: BreakerState,
    /// How long it still rests, where it rests.
    pub rests_for: Option<Duration>,
    /// The kind of its last failure, unless it has answered since.
    pub last_error: Option<&'static str>,
    /// What this process has spent on it.
    pub spent: ModelSpending,
    /// What is worth knowing, such as that no price is known.
    pub note: Option<String>,
}

/// One model.
#[derive(Debug)]
pub(super) struct Slot {
    pub(super) name: ModelName,
    pub(super) price: Option<Price>,
    /// The places of its provider.
    pub(super) gate: Arc<Semaphore>,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    breaker: Breaker,
    last_error: Option<ChatError>,
    spent: ModelSpending,
}

impl Slot {
    pub(super) fn new(name: ModelName, price: Option<Price>, gate: Arc<Semaphore>) -> Self {
        Self {
            name,
            price,
            gate,
            state: Mutex::default(),
        }
    }

    /// Whether a request could go now; nothing changes.
    pub(super) fn look(&self) -> Admission {
        lock(&self.state).breaker.look(Instant::now())
    }

    /// Lets a request go, if it may.
    pub(super) fn admit(&self) -> Result<Turn<'_>, Admission> {
        match lock(&self.state).breaker.admit(Instant::now()) {
            Admission::Go { probe } => Ok(Turn {
                slot: self,
                probe,
                is_settled: false,
            }),
            other => Err(other),
        }
    }

    /// The failure for which it rests or is left alone.
    pub(super) fn last_error(&self) -> Option<ChatError> {
        lock(&self.state).last_error.clone()
    }

    pub(super) fn add_spent(&self, spent: ModelSpending) {
        let mut state = lock(&self.state);
        state.spent = state.spent.plus(spent);
    }

    pub(super) fn status(&self) -> ModelStatus {
        let now = Instant::now();
        let state = lock(&self.state);
        let unknown = || {
            format!(
                "no price of {} is known and it counts as 0: MODEL_PRICES sets it",
                self.name
            )
        };
        ModelStatus {
            model: self.name.clone(),
            breaker: state.breaker.state(now),
            rests_for: state.breaker.rests_for(now),
            last_error: state.last_error.as_ref().map(ChatError::kind),
            spent: state.spent,
            note: self.price.is_none().then(unknown),
        }
    }
}

/// The right to make one request. Dropped without a result, it is given back.
#[derive(Debug)]
pub(super) struct Turn<'a> {
    slot: &'a Slot,
    probe: bool,
    is_settled: bool,
}

impl Turn<'_> {
    /// Tells the breaker what came of it: the presentable failure, or none.
    pub(super) fn settle(mut self, error: Option<&ChatError>) {
        self.is_settled = true;
        let now = Instant::now();
        let mut state = lock(&self.slot.state);
        let before = state.breaker.state(now);
        state.breaker.learn(error, self.probe, now);
        let after = state.breaker.state(now);
        state.last_error = error.cloned();
        drop(state);
        telemetry::breaker(&self.slot.name, before, after);
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        if self.probe && !self.is_settled {
            lock(&self.slot.state).breaker.give_back();
        }
    }
}
