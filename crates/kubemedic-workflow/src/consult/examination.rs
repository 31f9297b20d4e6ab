//! One case without a workflow: what the engine says alone, and what agents that may ask models say. `diagnose` and `eval` use it.

use kubemedic_model::{
    consultation::Consultation,
    diagnosis::Diagnosis,
    event::Agent,
    plan::{KnowledgeBaseOrder, Plan},
};
use kubemedic_ports::chat_model::OnDelta;

use super::{Case, Consultant, Draft, Experience};
use crate::{engine::Engine, models::Meter, tasks::Unfinished};

/// An answer: what is wrong and what to do about it.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// What is wrong.
    pub diagnosis: Diagnosis,
    /// A plan for each root cause.
    pub plans: Vec<Plan>,
}

/// One case, without models and with them.
#[derive(Debug, Clone)]
pub struct Examined {
    /// The engine's answer.
    pub alone: Answer,
    /// The answer with what of the models' replies holds; the engine's where nothing does.
    pub consulted: Answer,
    /// What became of each consultation, in order.
    pub consultations: Vec<Consultation>,
}

impl Consultant {
    /// Examines a case as a workflow does, from findings to plans, without experience from feedback.
    ///
    /// # Errors
    /// [`Unfinished`] when the engine's own work panicked or was given up.
    pub async fn examine(
        &self,
        case: &Case,
        meter: &Meter,
        engine: Engine,
        on_delta: OnDelta<'_>,
    ) -> Result<Examined, Unfinished> {
        let (intake, monitoring) = (case.intake.clone(), case.monitoring.clone());
        let diagnose = move || (engine.diagnose)(&intake, &monitoring);
        let diagnosis = self.scope.compute(diagnose).await?;
        let alone = self.planned(case, engine, diagnosis.clone()).await?;
        let mut consultations = Vec::new();
        if self.has_model(Agent::MonitoringAgent) && !case.monitoring.is_empty() {
            let read = self.read_findings(case, meter, on_delta).await;
            consultations.extend(read.records);
        }
        let mut consulted = alone.clone();
        if self.has_model(Agent::AnalysisAgent) && is_worth_asking(&diagnosis, case) {
            let merged = self.analyse(case, meter, &diagnosis, on_delta).await;
            consultations.extend(merged.records);
            if let Some(diagnosis) = merged.value {
                consulted = self.planned(case, engine, diagnosis).await?;
            }
        }
        if self.has_model(Agent::RemediationAgent) && !consulted.plans.is_empty() {
            let draft = Draft {
                diagnosis: &consulted.diagnosis,
                plans: &consulted.plans,
                experience: &Experience::default(),
            };
            let improved = self.improve(case, meter, draft, on_delta).await;
            consultations.extend(improved.records);
            consulted.plans = improved.value.unwrap_or(consulted.plans);
        }
        Ok(Examined {
            alone,
            consulted,
            consultations,
        })
    }

    async fn planned(&self, case: &Case, engine: Engine, diagnosis: Diagnosis) -> Result<Answer, Unfinished> {
        let intake = case.intake.clone();
        let plan = move || {
            let plans = (engine.plan)(&diagnosis, &intake.snapshot, &KnowledgeBaseOrder);
            Answer { diagnosis, plans }
        };
        self.scope.compute(plan).await
    }
}

/// Whether a model could add something: not to a healthy case in which nothing was found.
pub(crate) fn is_worth_asking(diagnosis: &Diagnosis, case: &Case) -> bool {
    diagnosis.verdict != kubemedic_model::diagnosis::Verdict::Healthy || !case.monitoring.is_empty()
}
