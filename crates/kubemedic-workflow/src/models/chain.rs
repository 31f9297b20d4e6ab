//! One question on its way through the models of its agent: the tries with each model, and the next model when one is given up.
//! What is asked, and what an answer is good for, is the agent's.

use std::sync::Arc;

use kubemedic_model::{
    event::Agent,
    usage::{ModelSpending, ModelUsage},
};
use kubemedic_ports::chat_model::{ChatError, ChatModel, ChatReply, ChatRequest, CutBy, Delta, ModelName};
use tokio::{
    sync::SemaphorePermit,
    time::{Instant, sleep_until, timeout_at},
};
use tracing::Instrument;

use super::{
    Models, NotUsed,
    breaker::Admission,
    budget::{Estimate, OverBudget, Reservation},
    meter::{Deadline, Meter},
    not_used::{failure, presentable},
    question::Question,
    retry::{self, Next, Tried},
    slot::{Slot, Turn},
    telemetry::{self, Finished},
    told::Told,
};

/// A request that the workflow's deadline cuts short tells of the model only where it had this long.
const FAIR_WAIT: std::time::Duration = std::time::Duration::from_secs(10);

/// A model in the chain of an agent.
#[derive(Debug)]
pub(super) struct Link {
    pub(super) model: Arc<dyn ChatModel>,
    pub(super) slot: Arc<Slot>,
}

/// One question.
pub(super) struct Ask<'a, 'l> {
    pub(super) models: &'a Models,
    pub(super) agent: Agent,
    pub(super) question: &'a Question,
    pub(super) request: &'a ChatRequest,
    pub(super) meter: &'a Meter,
    pub(super) deadline: Deadline,
    /// What spreads the waits.
    pub(super) seed: String,
    pub(super) told: Told<'l>,
    pub(super) spent: ModelSpending,
    pub(super) notes: Vec<String>,
}

/// Why a model was given up.
enum GaveUp {
    /// It was asked so often and failed, or rests after a failure (0 tries).
    Failed(ChatError, u32),
    /// The question does not fit into a budget.
    Budget(OverBudget),
    /// There was no place or no time to ask it; what it did before, if anything.
    OutOfTime(Option<(ChatError, u32)>),
}

impl GaveUp {
    /// What the model did, after its name.
    fn words(&self) -> String {
        match self {
            Self::Failed(error, tries) | Self::OutOfTime(Some((error, tries))) => failure(error, *tries),
            Self::Budget(over) => format!("was not asked: {over}"),
            Self::OutOfTime(None) => "was too busy".to_owned(),
        }
    }
}

impl<'a> Ask<'a, '_> {
    /// Asks the models in turn.
    pub(super) async fn through(&mut self, links: &[Link]) -> Result<(ChatReply, ModelName), NotUsed> {
        let mut end = NotUsed::NotConfigured;
        for (at, link) in links.iter().enumerate() {
            if Instant::now() >= self.deadline.at {
                return Err(self.out_of_time(self.notes.last().cloned()));
            }
            let gave_up = match self.ask(link, self.share(links.len() - at)).await {
                Ok(reply) => return Ok((reply, link.slot.name.clone())),
                Err(gave_up) => gave_up,
            };
            let done = format!("{} {}", link.slot.name, gave_up.words());
            end = self.ended(&link.slot.name, gave_up, &done);
            if let Some(next) = links.get(at + 1) {
                self.notes.push(format!("{done}; turned to {}", next.slot.name));
            }
        }
        Err(end)
    }

    /// Until when this model may be asked, so that each model after it has as much time.
    fn share(&self, models_left: usize) -> Instant {
        let now = Instant::now();
        let left = self.deadline.at.saturating_duration_since(now);
        now + left / u32::try_from(models_left).unwrap_or(u32::MAX).max(1)
    }

    fn ended(&self, model: &ModelName, gave_up: GaveUp, done: &str) -> NotUsed {
        match gave_up {
            GaveUp::Failed(error, tries) => NotUsed::Failed {
                model: model.clone(),
                error,
                tries,
                notes: self.notes.clone(),
            },
            GaveUp::Budget(over) => NotUsed::Budget(over),
            GaveUp::OutOfTime(_) => self.out_of_time(Some(done.to_owned())),
        }
    }

    fn out_of_time(&self, last: Option<String>) -> NotUsed {
        NotUsed::Deadline {
            limit: self.deadline.timeout,
            since: self.deadline.since,
            last,
        }
    }

    /// Asks one model until it answers or is given up.
    async fn ask(&mut self, link: &Link, deadline: Instant) -> Result<ChatReply, GaveUp> {
        let mut request = std::borrow::Cow::Borrowed(self.request);
        let mut tried = Tried {
            tries: 0,
            longer: false,
        };
        let mut last = None;
        loop {
            let (place, turn) = self.admitted(&link.slot, deadline, last.as_ref()).await?;
            let error = match self.once(link, &request, (turn, deadline)).await? {
                Ok(reply) => return Ok(reply),
                Err(error) => error,
            };
            drop(place);
            tried.tries += 1;
            let seed = format!("{}\n{}", self.seed, link.slot.name);
            let next = retry::next(&error, tried, (&request, &seed), self.models.config.max_retries);
            let now = Instant::now();
            let again_at = match next {
                Next::GiveUp => None,
                Next::Longer => Some(now),
                Next::Again(wait) => now.checked_add(wait),
            };
            let in_time = again_at.filter(|at| *at < deadline);
            let Some(again_at) = in_time.filter(|_| self.models.retries.take()) else {
                return Err(GaveUp::Failed(error, tried.tries));
            };
            if next == Next::Longer {
                tried.longer = true;
                request = std::borrow::Cow::Owned(retry::longer(&request));
            }
            telemetry::retry(&link.slot.name);
            last = Some((error, tried.tries));
            sleep_until(again_at).await;
        }
    }

    /// Waits for a place at the provider and for the breaker, no longer than the deadline.
    async fn admitted<'s>(
        &self,
        slot: &'s Slot,
        deadline: Instant,
        last: Option<&(ChatError, u32)>,
    ) -> Result<(SemaphorePermit<'s>, Turn<'s>), GaveUp> {
        let out_of_time = || GaveUp::OutOfTime(last.cloned());
        loop {
            match slot.look() {
                Admission::Go { .. } => {}
                Admission::Rest => return Err(resting(slot, last)),
                Admission::Hold(until) if until >= deadline => return Err(resting(slot, last)),
                Admission::Hold(until) => {
                    sleep_until(until).await;
                    continue;
                }
            }
            let place = timeout_at(deadline, slot.gate.acquire()).await;
            let in_time = || Instant::now() < deadline;
            let place = place.ok().and_then(Result::ok).filter(|_| in_time());
            let place = place.ok_or_else(out_of_time)?;
            if let Ok(turn) = slot.admit() {
                return Ok((place, turn));
            }
        }
    }

    /// Makes one request.
    async fn once(
        &mut self,
        link: &Link,
        request: &ChatRequest,
        (turn, deadline): (Turn<'_>, Instant),
    ) -> Result<Result<ChatReply, ChatError>, GaveUp> {
        let reserved = self.reserve(&link.slot).map_err(GaveUp::Budget)?;
        let began = Instant::now();
        let limit = began.checked_add(self.models.config.call_timeout);
        let limit = limit.map_or(deadline, |limit| limit.min(deadline));
        let span = telemetry::span(link.model.as_ref(), self.agent, request);
        self.told.begin();
        let mut hear = |delta: Delta| self.told.hear(delta);
        let call = link.model.stream(request, &mut hear).instrument(span.clone());
        let result = match timeout_at(limit, call).await {
            Ok(result) => result.and_then(whole),
            Err(_) => Err(ChatError::Timeout {
                waited: began.elapsed(),
            }),
        };
        let result = result.map_err(|error| presentable(error, &self.models.rules));
        let spent = self.cost(&link.slot, request, &result);
        reserved.settle(self.models.clock.now(), spent);
        link.slot.add_spent(spent);
        self.spent = self.spent.plus(spent);
        telemetry::finished(
            &span,
            &Finished {
                agent: self.agent,
                model: &link.slot.name,
                result: result.as_ref(),
                spent,
                took: began.elapsed(),
                first_piece: self.told.first_piece(),
            },
        );
        let is_cut_by_us = Instant::now() >= deadline && began.elapsed() < FAIR_WAIT;
        if result.is_ok() || !is_cut_by_us {
            turn.settle(result.as_ref().err());
        }
        Ok(result)
    }

    fn reserve(&self, slot: &Slot) -> Result<Reservation<'a>, OverBudget> {
        let usage = ModelUsage {
            input_tokens: self.question.tokens,
            ..ModelUsage::default()
        };
        let estimate = Estimate {
            tokens: self.question.tokens,
            micro_dollars: slot.price.unwrap_or_default().of(usage),
        };
        let models = self.models;
        let whose = (self.meter, models.clock.now());
        Reservation::take(&models.config.budget, &models.day, whose, estimate)
    }

    /// What a request cost: by the reply's figures, or by estimate where the model has worked without giving any.
    fn cost(
        &self,
        slot: &Slot,
        request: &ChatRequest,
        result: &Result<ChatReply, ChatError>,
    ) -> ModelSpending {
        let by_estimate = |output_tokens| ModelUsage {
            input_tokens: self.question.tokens,
            output_tokens,
            ..ModelUsage::default()
        };
        let usage = match result {
            Ok(reply) => reply.usage,
            Err(ChatError::Truncated { by: CutBy::Tokens }) => by_estimate(u64::from(request.max_tokens)),
            Err(
                ChatError::Truncated { .. }
                | ChatError::Timeout { .. }
                | ChatError::Blocked { .. }
                | ChatError::Malformed { .. },
            ) => by_estimate(0),
            Err(_) => ModelUsage::default(),
        };
        ModelSpending {
            calls: 1,
            usage,
            micro_dollars: slot.price.unwrap_or_default().of(usage),
        }
    }
}

/// Why a model is not asked now: what it did to this question, or else the failure for which it rests.
fn resting(slot: &Slot, last: Option<&(ChatError, u32)>) -> GaveUp {
    let unknown = || ChatError::Overloaded {
        after: None,
        reason: "it is being tried".to_owned(),
    };
    match last {
        Some((error, tries)) => GaveUp::Failed(error.clone(), *tries),
        None => GaveUp::Failed(slot.last_error().unwrap_or_else(unknown), 0),
    }
}

/// An answer that says nothing and asks for nothing is none.
fn whole(reply: ChatReply) -> Result<ChatReply, ChatError> {
    if reply.text.trim().is_empty() && reply.calls.is_empty() {
        return Err(ChatError::Malformed {
            reason: "the answer is empty".to_owned(),
        });
    }
    Ok(reply)
}
