//! Vectors for texts, where there is an embedder and it answers in time; without them likeness is lexical, and nobody waits long.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use jiff::{SignedDuration, Timestamp};
use kubemedic_engine::similarity::{PROBES, baseline};

use crate::core::Ports;

/// The longest wait for vectors.
const PATIENCE: Duration = Duration::from_secs(3);
/// How long an embedder that failed is left alone.
const REST: SignedDuration = SignedDuration::from_secs(60);

/// What is known of the embedder.
#[derive(Debug, Default)]
pub(crate) struct Senses {
    state: Mutex<State>,
}

#[derive(Debug, Default, Clone, Copy)]
struct State {
    /// What it gives to lines that have nothing in common, once it was asked.
    baseline: Option<f64>,
    /// Until when it is left alone.
    rests_until: Option<Timestamp>,
}

/// Vectors of length 1, one for each text.
#[derive(Debug)]
pub(crate) struct Sensed {
    pub(crate) vectors: Vec<Vec<f32>>,
    pub(crate) baseline: f64,
    /// Who made them.
    pub(crate) embedder: String,
}

impl Senses {
    /// The vectors of texts; `None` without an embedder, or when it does not answer now.
    pub(crate) async fn vectors(&self, ports: &Ports, texts: &[String]) -> Option<Sensed> {
        let embedder = ports.embedder.as_ref()?;
        let state = *self.lock();
        if texts.is_empty() || state.rests_until.is_some_and(|until| ports.clock.now() < until) {
            return None;
        }
        let probes = if state.baseline.is_none() {
            PROBES.as_slice()
        } else {
            &[]
        };
        let mut asked: Vec<String> = probes.iter().map(|it| (*it).to_owned()).collect();
        asked.extend_from_slice(texts);
        let answered = tokio::time::timeout(PATIENCE, embedder.embed(&asked)).await;
        let reason = match answered {
            Ok(Ok(mut vectors)) if vectors.len() == asked.len() => {
                let told = vectors.split_off(probes.len());
                let baseline = state.baseline.unwrap_or_else(|| baseline(&vectors));
                *self.lock() = State {
                    baseline: Some(baseline),
                    rests_until: None,
                };
                let embedder = embedder.name().to_owned();
                return Some(Sensed {
                    vectors: told,
                    baseline,
                    embedder,
                });
            }
            Ok(Ok(_)) => "it gave another number of vectors".to_owned(),
            Ok(Err(error)) => error.reason,
            Err(_) => format!("no answer within {PATIENCE:?}"),
        };
        tracing::warn!(
            embedder = embedder.name(),
            reason,
            "likeness is lexical for a minute: the embedder does not answer"
        );
        self.lock().rests_until = ports.clock.now().checked_add(REST).ok();
        None
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
