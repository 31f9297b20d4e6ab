//! The decisions behind plans as feedback events: what was known, admitted, expected and shown when a repair was chosen.

use kubemedic_model::{feedback::FeedbackEvent, id::FeedbackId, learning::Decided, plan::Plan};
use kubemedic_ports::journal::Write;

use crate::consult::Experience;

/// The model that planned, and what it was told of earlier cases.
#[derive(Debug, Clone, Copy)]
pub(super) struct Planner<'a> {
    /// Its name, as `provider:name`.
    pub(super) model: &'a str,
    pub(super) shown: &'a Experience,
}

/// A write for each plan that was ordered by what was learnt and can be judged. Where a model planned, nobody knows how likely
/// its choice was.
pub(super) fn writes(id: &FeedbackId, plans: &[Plan], planner: Option<Planner<'_>>) -> Vec<Write> {
    let positions = 0_u32..;
    let judged = positions
        .zip(plans)
        .enumerate()
        .filter(|(_, (_, plan))| plan.commands().next().is_some());
    judged
        .filter_map(|(place, (position, plan))| {
            let decision = plan.decision.as_deref()?.clone();
            let told = planner.map(|it| it.shown.shown(place));
            let arms = &decision.arms;
            let arm = arms.iter().find(|it| it.candidate.arm == plan.strategy);
            let chosen_propensity = arm.filter(|_| told.is_none()).map(|it| it.propensity);
            let llm = planner.map(|it| it.model.to_owned());
            let told = told.unwrap_or_default();
            let decided = Decided {
                feedback_id: id.clone(),
                position,
                chosen: plan.strategy,
                chosen_propensity,
                decision,
                examples_shown: told.examples,
                lessons_shown: told.lessons,
                llm,
            };
            Some(Write::AppendFeedback {
                key: format!("decided:{id}/{position}"),
                event: FeedbackEvent::Decided(Box::new(decided)),
            })
        })
        .collect()
}
