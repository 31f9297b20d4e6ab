//! The breaker of one model: closed while it answers, open while it rests after failures, half open while one request looks whether
//! it is well again. Times are `tokio`'s, so that tests can move them.

use std::time::Duration;

use kubemedic_ports::chat_model::{ChatError, CutBy};
use serde::Serialize;
use tokio::time::Instant;

/// So many failures in a row open it.
const MAX_FAILURES: u32 = 5;
/// The first rest after failures that pass.
const REST: Duration = Duration::from_secs(30);
/// The longest rest after failures that pass: it doubles with each probe that fails.
const LONGEST_REST: Duration = Duration::from_mins(10);
/// The rest after a key was refused: a person has to act.
const AUTH_REST: Duration = Duration::from_mins(10);
/// The rest after a quota of the day or the account was used up.
const QUOTA_REST: Duration = Duration::from_mins(15);
/// The rest after a model was not there.
const GONE_REST: Duration = Duration::from_hours(1);
/// The longest time for which a provider's wish to be left alone is kept.
const LONGEST_HOLD: Duration = Duration::from_hours(1);

/// The state of a breaker, for reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum BreakerState {
    /// Requests pass.
    Closed,
    /// The rest is over: one request at a time looks whether the model answers again.
    HalfOpen,
    /// The model rests: no request passes.
    Open,
}

impl BreakerState {
    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Closed => "closed",
            Self::HalfOpen => "half_open",
            Self::Open => "open",
        }
    }

    /// The value of the gauge: 0 closed, 1 half open, 2 open.
    pub(super) fn gauge(self) -> f64 {
        match self {
            Self::Closed => 0.0,
            Self::HalfOpen => 1.0,
            Self::Open => 2.0,
        }
    }
}

/// What a failure tells about the model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sign {
    /// It answered, though not as wished.
    Alive,
    /// It may pass.
    Transient,
    /// It will not pass soon.
    Lasting(Duration),
}

/// Whether a request may go now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Admission {
    /// It may; as the probe, everybody else waits for its result.
    Go { probe: bool },
    /// The provider asked not to be asked before then.
    Hold(Instant),
    /// The model rests.
    Rest,
}

/// The breaker.
#[derive(Debug, Default)]
pub(super) struct Breaker {
    failures: u32,
    rest: Option<Rest>,
    hold: Option<Instant>,
}

#[derive(Debug, Clone, Copy)]
struct Rest {
    until: Instant,
    length: Duration,
    probing: bool,
}

impl Breaker {
    pub(super) fn state(&self, now: Instant) -> BreakerState {
        match self.rest {
            None => BreakerState::Closed,
            Some(rest) if now >= rest.until => BreakerState::HalfOpen,
            Some(_) => BreakerState::Open,
        }
    }

    /// How long it still rests.
    pub(super) fn rests_for(&self, now: Instant) -> Option<Duration> {
        let rest = self.rest.filter(|it| it.until > now)?;
        Some(rest.until.duration_since(now))
    }

    /// Whether a request could go now; nothing changes.
    pub(super) fn look(&self, now: Instant) -> Admission {
        match self.rest {
            Some(rest) if now < rest.until || rest.probing => Admission::Rest,
            Some(_) => Admission::Go { probe: true },
            None => match self.hold.filter(|until| now < *until) {
                Some(until) => Admission::Hold(until),
                None => Admission::Go { probe: false },
            },
        }
    }

    /// Lets a request go, if it may.
    pub(super) fn admit(&mut self, now: Instant) -> Admission {
        let admission = self.look(now);
        if let (Admission::Go { probe: true }, Some(rest)) = (admission, self.rest.as_mut()) {
            rest.probing = true;
        }
        admission
    }

    /// A probe was given up without a result: the next one may look.
    pub(super) fn give_back(&mut self) {
        if let Some(rest) = self.rest.as_mut() {
            rest.probing = false;
        }
    }

    /// Learns from a result. Results of requests that began before a rest do not end it: only its probe does.
    pub(super) fn learn(&mut self, error: Option<&ChatError>, probe: bool, now: Instant) {
        match error.map_or(Sign::Alive, sign) {
            Sign::Alive if probe => *self = Self::default(),
            Sign::Alive => self.failures = 0,
            Sign::Lasting(length) => self.open(length, now),
            Sign::Transient => self.count(error.and_then(after), probe, now),
        }
    }

    fn count(&mut self, after: Option<Duration>, probe: bool, now: Instant) {
        let after = after.unwrap_or_default().min(LONGEST_HOLD);
        let hold = now + after;
        self.hold = self.hold.max(Some(hold));
        self.failures = self.failures.saturating_add(1);
        if probe {
            let doubled = self.rest.map_or(REST, |it| it.length.saturating_mul(2));
            self.open(doubled.min(LONGEST_REST).max(after), now);
        } else if self.rest.is_none() && self.failures >= MAX_FAILURES {
            self.open(REST.max(after), now);
        }
    }

    fn open(&mut self, length: Duration, now: Instant) {
        self.rest = Some(Rest {
            until: now + length,
            length,
            probing: false,
        });
    }
}

fn sign(error: &ChatError) -> Sign {
    match error {
        ChatError::Auth { .. } => Sign::Lasting(AUTH_REST),
        ChatError::QuotaExhausted { .. } => Sign::Lasting(QUOTA_REST),
        ChatError::ModelGone { .. } => Sign::Lasting(GONE_REST),
        ChatError::RateLimited { .. }
        | ChatError::Overloaded { .. }
        | ChatError::Timeout { .. }
        | ChatError::Transport { .. }
        | ChatError::Malformed { .. }
        | ChatError::Truncated {
            by: CutBy::Connection,
        } => Sign::Transient,
        ChatError::BadRequest { .. }
        | ChatError::Blocked { .. }
        | ChatError::Truncated { by: CutBy::Tokens } => Sign::Alive,
    }
}

/// How long the provider asks to be left alone.
pub(super) fn after(error: &ChatError) -> Option<Duration> {
    match error {
        ChatError::RateLimited { after, .. } | ChatError::Overloaded { after, .. } => {
            after.filter(|it| !it.is_zero())
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests;
