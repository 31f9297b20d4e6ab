//! The Remediation Agent's consultation: better plans. A command that the parser, the policy or the evidence refuses goes back once
//! with the reasons; what is refused then is left out, and the engine's plan stays. A way that is expected to do far worse than another
//! is questioned once.

use std::sync::Arc;

use kubemedic_engine::{
    grounding::{
        Grounded, doubts, ground_remediation, repaired,
        reply::{CommandReply, RemediationReply},
    },
    intake::Intake,
};
use kubemedic_model::{diagnosis::Diagnosis, event::Agent, plan::Plan};
use kubemedic_ports::chat_model::OnDelta;
use serde_json::json;

use super::{Case, Consultant, Consulted, Experience, Question, blocks, not_used};
use crate::{models::Meter, prompts::Given};

/// What the engine proposes, and what people said of such drafts.
#[derive(Debug, Clone, Copy)]
pub struct Draft<'a> {
    /// What is wrong.
    pub diagnosis: &'a Diagnosis,
    /// The engine's plans.
    pub plans: &'a [Plan],
    /// Earlier cases.
    pub experience: &'a Experience,
}

impl Consultant {
    /// Asks for better plans. The value is the engine's plans with what of the model's improvements holds.
    pub async fn improve(
        &self,
        case: &Case,
        meter: &Meter,
        draft: Draft<'_>,
        on_delta: OnDelta<'_>,
    ) -> Consulted<Vec<Plan>> {
        let agent = Agent::RemediationAgent;
        let (given, _) = match self.brief(case, draft.diagnosis).await {
            Ok(brief) => brief,
            Err(unfinished) => return not_used(agent, unfinished.to_string()),
        };
        let boundary = &case.boundary;
        let given = Given {
            causes: blocks::causes(boundary, &draft.diagnosis.root_causes),
            plans: blocks::plans(boundary, draft.plans),
            experience: blocks::block(
                boundary,
                "what people said of earlier plans",
                draft.experience.entries(),
            ),
            ..given
        };
        let question = Question {
            agent,
            system: "remediation.system.md",
            user: "remediation.user.md",
            schema: "remediation",
            given: given.clone(),
            functions: None,
        };
        let workbench = Workbench {
            diagnosis: Arc::new(draft.diagnosis.clone()),
            plans: draft.plans.to_vec().into(),
            intake: case.intake.clone(),
        };
        let first = workbench.clone();
        let ground = move |reply: RemediationReply| first.improvement(reply);
        let asked = self.ask(meter, question, ground, on_delta).await;
        match asked.value {
            Some(improvement)
                if !improvement.refused.is_empty() && self.has_model(Agent::KubectlCommandAgent) =>
            {
                let mended = self.mend(meter, given, (workbench, &improvement), on_delta).await;
                let mut records = asked.records;
                records.extend(mended.records);
                Consulted {
                    value: Some(mended.value.unwrap_or(improvement.plans)),
                    records,
                }
            }
            value => Consulted {
                value: value.map(|it| it.plans),
                records: asked.records,
            },
        }
    }

    /// Gives refused commands back once.
    async fn mend(
        &self,
        meter: &Meter,
        given: Given,
        (workbench, improvement): (Workbench, &Improvement),
        on_delta: OnDelta<'_>,
    ) -> Consulted<Vec<Plan>> {
        let refused = improvement.refused.iter().map(|it| json!(it)).collect();
        let question = Question {
            agent: Agent::KubectlCommandAgent,
            system: "commands.system.md",
            user: "commands.user.md",
            schema: "commands",
            given: Given {
                refused: blocks::block(&given.boundary, "refused commands and the reasons", refused),
                ..given
            },
            functions: None,
        };
        let reply = improvement.reply.clone();
        let ground = move |commands: CommandReply| {
            let second = workbench.improvement(repaired(reply.clone(), &commands));
            Grounded {
                value: second.value.plans,
                dropped: second.dropped,
                disagreement: second.disagreement,
                // A command is given back once.
                repair: Vec::new(),
            }
        };
        self.ask(meter, question, ground, on_delta).await
    }
}

/// What a reply is checked against.
#[derive(Debug, Clone)]
struct Workbench {
    diagnosis: Arc<Diagnosis>,
    plans: Arc<[Plan]>,
    intake: Arc<Intake>,
}

/// The plans with what of a reply holds.
#[derive(Debug)]
struct Improvement {
    plans: Vec<Plan>,
    /// What was refused, with the reasons, for the Kubectl Command Agent's model.
    refused: Vec<String>,
    reply: RemediationReply,
}

impl Workbench {
    /// Checks a reply. Its refusals are the next agent's: they do not go back to the one that wrote it. What was learnt against a
    /// way that it chose does: its second answer stands, whatever it chooses then.
    fn improvement(&self, reply: RemediationReply) -> Grounded<Improvement> {
        let held = ground_remediation(reply.clone(), &self.diagnosis, &self.intake.snapshot, &self.plans);
        let doubts = doubts(&self.plans, &held.value);
        Grounded {
            value: Improvement {
                plans: held.value,
                refused: held.repair,
                reply,
            },
            dropped: held.dropped,
            disagreement: held.disagreement,
            repair: doubts,
        }
    }
}
