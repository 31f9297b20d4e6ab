//! What a model makes of findings: it may explain them and raise their priority by one step, no more.

use std::collections::BTreeSet;

use kubemedic_model::finding::{Finding, Priority};

use super::{
    Briefing, DropKind, Dropped, Grounded, Insight, MAX_MODEL_SENTENCE_CHARS,
    briefing::FindingId,
    plain,
    reply::{InsightReply, MonitoringReply},
};
use crate::monitoring::Monitoring;

/// The most insights that are kept.
const MAX_INSIGHTS: usize = 50;

/// The insights of a reply that hold: about findings that there are, one for each.
pub fn ground_monitoring(
    reply: MonitoringReply,
    briefing: &Briefing,
    monitoring: &Monitoring,
) -> Grounded<Vec<Insight>> {
    let mut grounded = Grounded::unchanged(Vec::new());
    let mut seen: BTreeSet<FindingId> = BTreeSet::new();
    for insight in reply.insights {
        if grounded.value.len() >= MAX_INSIGHTS {
            grounded.dropped.push(Dropped::new(
                DropKind::TooMuch,
                "more insights than there is room for".to_owned(),
            ));
            break;
        }
        match ground(&insight, briefing, monitoring, &seen) {
            Ok((id, kept, remark)) => {
                seen.insert(id);
                grounded.value.push(kept);
                grounded.dropped.extend(remark);
            }
            Err(dropped) => grounded.dropped.push(dropped),
        }
    }
    grounded.value.sort_by_key(|it| it.finding);
    grounded
}

/// One insight, with what of it was dropped.
fn ground(
    insight: &InsightReply,
    briefing: &Briefing,
    monitoring: &Monitoring,
    seen: &BTreeSet<FindingId>,
) -> Result<(FindingId, Insight, Option<Dropped>), Dropped> {
    let findings = monitoring.errors.iter().chain(&monitoring.warnings);
    let known = FindingId::parse(&insight.finding)
        .filter(|id| id.0 < briefing.citable.len())
        .and_then(|id| Some((id, findings.clone().nth(id.0)?)));
    let Some((id, finding)) = known else {
        let what = format!("'{}' is no finding", plain(&insight.finding, 40));
        return Err(Dropped::new(DropKind::UnknownId, what));
    };
    if seen.contains(&id) {
        return Err(Dropped::new(
            DropKind::Duplicate,
            format!("a second insight about {id}"),
        ));
    }
    let meaning = plain(&insight.meaning, MAX_MODEL_SENTENCE_CHARS);
    if meaning.is_empty() {
        return Err(Dropped::new(
            DropKind::NoEvidence,
            format!("an insight about {id} without words"),
        ));
    }
    let (priority, remark) = match insight.priority.as_deref().map(|word| raised(word, finding)) {
        None => (None, None),
        Some(Ok(priority)) => (priority, None),
        Some(Err(dropped)) => (None, Some(dropped)),
    };
    let kept = Insight {
        finding: id.0,
        meaning,
        kind: insight.kind,
        priority,
    };
    Ok((id, kept, remark))
}

/// The priority that a word asks for: at most one step more urgent than the finding's; none where it is not more urgent.
fn raised(word: &str, finding: &Finding) -> Result<Option<Priority>, Dropped> {
    let asked = match word.trim() {
        "P0" => Priority::P0,
        "P1" => Priority::P1,
        "P2" => Priority::P2,
        "P3" => Priority::P3,
        other => {
            let what = format!("'{}' is no priority", plain(other, 20));
            return Err(Dropped::new(DropKind::UnknownWord, what));
        }
    };
    let step = match finding.priority {
        Priority::P0 | Priority::P1 => Priority::P0,
        Priority::P2 => Priority::P1,
        Priority::P3 => Priority::P2,
    };
    Ok((asked < finding.priority).then_some(step))
}

#[cfg(test)]
mod tests;
