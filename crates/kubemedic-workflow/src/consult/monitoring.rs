//! The Monitoring Agent's consultation: what unusual findings mean.

use kubemedic_engine::grounding::{Insight, ground_monitoring, reply::MonitoringReply};
use kubemedic_model::{diagnosis::Diagnosis, event::Agent};
use kubemedic_ports::chat_model::OnDelta;

use super::{Case, Consultant, Consulted, Question, not_used};
use crate::models::Meter;

impl Consultant {
    /// Asks what the findings mean. The value annotates findings and changes nothing else.
    pub async fn read_findings(
        &self,
        case: &Case,
        meter: &Meter,
        on_delta: OnDelta<'_>,
    ) -> Consulted<Vec<Insight>> {
        let agent = Agent::MonitoringAgent;
        let nothing_yet = Diagnosis::undecided();
        let (given, briefing) = match self.brief(case, &nothing_yet).await {
            Ok(brief) => brief,
            Err(unfinished) => return not_used(agent, unfinished.to_string()),
        };
        let question = Question {
            agent,
            system: "monitoring.system.md",
            user: "monitoring.user.md",
            schema: "monitoring",
            given,
            functions: None,
        };
        let monitoring = case.monitoring.clone();
        let ground = move |reply: MonitoringReply| ground_monitoring(reply, &briefing, &monitoring);
        self.ask(meter, question, ground, on_delta).await
    }
}
