//! The verdict: incident, recovered, healthy or insufficient evidence. Which cause it is was decided in `ranking`.

use kubemedic_model::{class::FailureClass, diagnosis::Verdict, resource::Kind};

use super::{
    hypothesis::{Hypothesis, Standing},
    ranking::{Cause, FLOOR, Ranking, strength},
    view::View,
};

/// What speaks for and against an incident besides the ranked claims.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Signs {
    /// Some error is neither explained nor over.
    pub(crate) unexplained_errors: bool,
    /// Some trouble is over.
    pub(crate) healed: bool,
}

/// Decides.
pub(crate) fn judge(ranking: &Ranking, signs: Signs) -> Verdict {
    if ranking
        .causes
        .first()
        .is_some_and(|cause| strength(&cause.claim) >= FLOOR)
    {
        return Verdict::Incident;
    }
    let failing = ranking
        .alternatives
        .iter()
        .any(|cause| cause.claim.standing == Standing::Symptom);
    if failing || signs.unexplained_errors {
        Verdict::InsufficientEvidence
    } else if signs.healed {
        Verdict::Recovered
    } else {
        Verdict::Healthy
    }
}

/// What would have to be known for a firmer answer: of every symptom, else of the first cause if it rests on words alone.
pub(crate) fn missing(view: &View<'_>, verdict: Verdict, ranking: &Ranking) -> Vec<String> {
    let mut asked: Vec<String> = match verdict {
        Verdict::InsufficientEvidence => ranking.alternatives.iter().filter_map(ask).collect(),
        Verdict::Incident => {
            let first = ranking.causes.first();
            first
                .filter(|cause| cause.claim.standing != Standing::Verified)
                .and_then(|cause| confirm(view, cause))
                .into_iter()
                .collect()
        }
        Verdict::Healthy | Verdict::Recovered => Vec::new(),
    };
    if verdict == Verdict::InsufficientEvidence && asked.is_empty() {
        asked.push("the state and the events of the pods that write these errors (kubectl get pods, kubectl get events)".to_owned());
    }
    asked.dedup();
    asked.truncate(5);
    asked
}

/// What tells the cause of a symptom.
fn ask(cause: &Cause) -> Option<String> {
    let object = cause.claim.object.as_ref()?;
    let name = &object.name;
    Some(match cause.claim.class {
        FailureClass::CrashloopAppException | FailureClass::OomKilled => {
            format!(
                "the exit code and the last log lines of the previous container of {name} (kubectl describe pod, kubectl logs --previous)"
            )
        }
        FailureClass::ImagePullNotFound => {
            format!("what the registry answered to the pull of {name}'s image (events of the pod)")
        }
        FailureClass::ReadinessProbeFailing => {
            format!("why {name} is not ready (its events and its readiness probe)")
        }
        _ => format!("the events and the state of {object}"),
    })
}

/// What would turn words into state.
fn confirm(view: &View<'_>, cause: &Cause) -> Option<String> {
    let Hypothesis { object, .. } = &cause.claim;
    let object = object.as_ref()?;
    if object.kind == Kind::Pod && view.pod(object.namespace.as_deref(), &object.name).is_some() {
        return Some(format!(
            "what else shows this cause: the state of {object} is known, but the cause itself from words only"
        ));
    }
    let kind = if object.kind == Kind::Pod {
        "pod's status and events"
    } else {
        "object's current state"
    };
    Some(format!("the {kind}: {object} is known from words only"))
}

#[cfg(test)]
mod tests;
