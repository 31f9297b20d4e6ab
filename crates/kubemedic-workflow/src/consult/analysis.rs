//! The Analysis Agent's consultation: which cause explains the evidence, with functions that look at more of it.

use kubemedic_engine::grounding::{ground_analysis, reply::AnalysisReply, tools};
use kubemedic_model::{diagnosis::Diagnosis, event::Agent};
use kubemedic_ports::chat_model::{OnDelta, ToolCall, ToolSpec};

use super::{Case, Consultant, Consulted, Question, conversation::MAX_ROUNDS, not_used};
use crate::{models::Meter, prompts::Given};

impl Consultant {
    /// Asks for the root cause. The value is the engine's diagnosis and what of the model's answer holds, merged.
    pub async fn analyse(
        &self,
        case: &Case,
        meter: &Meter,
        diagnosis: &Diagnosis,
        on_delta: OnDelta<'_>,
    ) -> Consulted<Diagnosis> {
        let agent = Agent::AnalysisAgent;
        let (given, briefing) = match self.brief(case, diagnosis).await {
            Ok(brief) => brief,
            Err(unfinished) => return not_used(agent, unfinished.to_string()),
        };
        let functions = |call: ToolCall| {
            let (case, diagnosis, scope) = (case.clone(), diagnosis.clone(), self.scope.clone());
            let look = move || {
                tools::call(
                    &call.name,
                    &call.arguments,
                    &case.intake,
                    &case.monitoring,
                    &diagnosis,
                )
            };
            let done = async move {
                scope
                    .compute(look)
                    .await
                    .unwrap_or_else(|unfinished| unfinished.to_string())
            };
            Box::pin(done) as _
        };
        let question = Question {
            agent,
            system: "analysis.system.md",
            user: "analysis.user.md",
            schema: "analysis",
            given: Given {
                tools: true,
                rounds: MAX_ROUNDS,
                ..given
            },
            functions: Some((specs(), &functions)),
        };
        let (intake, diagnosis) = (case.intake.clone(), diagnosis.clone());
        let ground = move |reply: AnalysisReply| ground_analysis(reply, &briefing, &intake, &diagnosis);
        self.ask(meter, question, ground, on_delta).await
    }
}

fn specs() -> Vec<ToolSpec> {
    let tools = tools::specs().into_iter();
    tools
        .map(|tool| ToolSpec {
            name: tool.name.to_owned(),
            description: tool.description.to_owned(),
            parameters: tool.parameters,
        })
        .collect()
}
