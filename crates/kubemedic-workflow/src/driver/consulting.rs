//! Consultations on the way of a workflow: the reasoning of a model becomes THINKING events while it is written, and what became of
//! the consultation becomes a fact. The agents' answers are the engine's wherever a consultation gives nothing.

use std::{fmt::Write, sync::Arc, time::Duration};

use kubemedic_engine::redaction::Redactor;
use kubemedic_model::{
    consultation::{Consultation, ConsultationOutcome},
    event::{Agent, AgentStatus, WorkflowEvent, WorkflowFact},
};
use kubemedic_ports::chat_model::Delta;
use tokio::sync::mpsc;

use super::{Run, StepError};
use crate::{
    consult::{Consulted, narration::Narration},
    core::{Core, Standing},
    events::{event, thinking},
    models::Meter,
};

/// How long an agent's notes wait for the first words of a model.
const PATIENCE: Duration = Duration::from_millis(200);
/// The most pieces that are taken at a time.
const MAX_DELTAS: usize = 256;
/// Pieces that wait to be told; a model is slower than the journal.
type Heard = mpsc::UnboundedReceiver<Delta>;

/// The account of a workflow, which survives a restart because its facts do.
pub(super) fn meter(core: &Core, run: &mut Run, standing: &Standing) -> Arc<Meter> {
    let meter = run
        .meter
        .get_or_insert_with(|| Arc::new(Meter::new(standing.state.spent, core.ports.clock.clone())));
    meter.clone()
}

/// Where the pieces of an answer go.
pub(super) struct Told(mpsc::UnboundedSender<Delta>);

impl Told {
    /// What hears the pieces.
    pub(super) fn on_delta(self) -> impl FnMut(Delta) + Send + Sync {
        // Nobody hears when the workflow cannot go on: then nothing of the answer is used either.
        move |delta| drop(self.0.send(delta))
    }
}

/// Runs a consultation and tells its reasoning meanwhile, after what an agent had to say before. Returns how the workflow stands then,
/// and what is still to be told: it belongs into the transaction of the agent's result.
pub(super) async fn narrated<T, F: Future<Output = Consulted<T>>>(
    core: &Core,
    (standing, before): (Standing, Vec<WorkflowEvent>),
    agent: Agent,
    consult: impl FnOnce(Told) -> F,
) -> Result<(Option<T>, Standing, Vec<WorkflowEvent>), StepError> {
    let (tell, heard) = mpsc::unbounded_channel();
    // A conversation is large; the run of a workflow without one is not to carry it.
    let asking = Box::pin(consult(Told(tell)));
    let narrator = Narrator {
        core,
        agent,
        narration: Narration::default(),
        redactor: core.redactor(),
        untold: before,
    };
    let both = async { tokio::join!(asking, narrator.narrate(standing, heard)) };
    let (consulted, narrated) = tokio::select! {
        () = core.scope.stopping() => return Err(StepError::Stopping),
        both = both => both,
    };
    let (standing, mut untold) = narrated?;
    if core.scope.is_stopping() {
        // The next start asks again, instead of an answer that only says that this process had to stop.
        return Err(StepError::Stopping);
    }
    untold.extend(consulted.records.into_iter().map(concluded));
    Ok((consulted.value, standing, untold))
}

/// Tells what is heard, sentence by sentence, redacted. What comes while the journal writes shares the next write.
struct Narrator<'a> {
    core: &'a Core,
    agent: Agent,
    narration: Narration,
    redactor: Redactor,
    untold: Vec<WorkflowEvent>,
}

impl Narrator<'_> {
    async fn narrate(
        mut self,
        mut standing: Standing,
        mut heard: Heard,
    ) -> Result<(Standing, Vec<WorkflowEvent>), StepError> {
        let mut deltas = Vec::new();
        loop {
            let received = tokio::time::timeout(PATIENCE, heard.recv_many(&mut deltas, MAX_DELTAS)).await;
            if received == Ok(0) {
                let rest = self.narration.finish();
                self.add(&rest);
                return Ok((standing, self.untold));
            }
            for delta in deltas.drain(..) {
                let pieces = self.narration.take(&delta);
                self.add(&pieces);
            }
            if !self.untold.is_empty() && !heard.is_closed() {
                let events = std::mem::take(&mut self.untold);
                standing = self.core.append(standing, events, Vec::new()).await?;
            }
        }
    }

    fn add(&mut self, pieces: &[String]) {
        let redacted = pieces
            .iter()
            .map(|piece| self.redactor.redact(piece).into_owned());
        self.untold
            .extend(redacted.map(|piece| thinking(self.agent, piece)));
    }
}

/// The model whose answer an agent used, as `provider:name`, among what is to be told.
pub(super) fn answered_by(events: &[WorkflowEvent], agent: Agent) -> Option<String> {
    events.iter().find_map(|event| match &event.fact {
        Some(WorkflowFact::Consulted { consultation }) if consultation.agent == agent => {
            match &consultation.outcome {
                ConsultationOutcome::Used { model, .. } => Some(model.clone()),
                ConsultationOutcome::NotUsed { .. } => None,
            }
        }
        _ => None,
    })
}

/// What became of a consultation, as an event.
pub(super) fn concluded(consultation: Consultation) -> WorkflowEvent {
    let agent = consultation.agent;
    let (kind, words) = match &consultation.outcome {
        ConsultationOutcome::Used { model, from_cache } => {
            ("model.consulted", used(&consultation, model, *from_cache))
        }
        ConsultationOutcome::NotUsed { reason } => (
            "model.not_used",
            format!("The engine answers alone: {reason}{}", cost(&consultation)),
        ),
    };
    WorkflowEvent {
        fact: Some(WorkflowFact::Consulted {
            consultation: Box::new(consultation),
        }),
        ..event(kind, agent, AgentStatus::Info, words)
    }
}

fn used(consultation: &Consultation, model: &str, from_cache: bool) -> String {
    let mut words = format!("{model} was asked{}", cost(consultation));
    if from_cache {
        words.push_str("; its answer to the same question was kept");
    }
    for note in &consultation.notes {
        words.push_str("; ");
        words.push_str(note);
    }
    if !consultation.dropped.is_empty() {
        let dropped = consultation.dropped.join("; ");
        let _ = write!(words, ". Not accepted: {dropped}");
    }
    if let Some(disagreement) = &consultation.disagreement {
        let _ = write!(words, ". Engine and model disagree: {disagreement}");
    }
    words
}

/// Tokens and money, where something was spent.
fn cost(consultation: &Consultation) -> String {
    let spending = consultation.spending;
    if spending.calls == 0 {
        return String::new();
    }
    let usage = spending.usage;
    let mut words = format!(
        " ({} {}, {} tokens in, {} out",
        spending.calls,
        if spending.calls == 1 { "call" } else { "calls" },
        usage.input_tokens,
        usage.output_tokens
    );
    if spending.micro_dollars > 0 {
        let cents = spending.micro_dollars / 10_000;
        let rest = spending.micro_dollars % 10_000 / 100;
        let _ = write!(words, ", ${}.{:02}{rest:02}", cents / 100, cents % 100);
    }
    words.push(')');
    words
}
