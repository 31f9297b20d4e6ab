//! The Analysis Agent's decisions: findings and cluster state to a ranked diagnosis.
//! Rules and catalogue claim, ranking and verdict decide, render writes; nothing here reads bytes or plans repairs.

mod addresses;
mod asked;
mod calibration;
mod calls;
mod catalogue;
mod causality;
mod database;
mod dependencies;
mod explanation;
mod expression;
#[cfg(test)]
mod fixtures;
mod history;
mod hypothesis;
mod lookups;
mod mentions;
mod patterns;
mod progress;
mod quantity;
mod ranking;
mod recovery;
mod render;
mod rules;
mod side_by_side;
mod speakers;
mod telemetry;
mod verdict;
mod view;
mod volumes;

use std::borrow::Cow;

use kubemedic_model::{
    class::FailureClass,
    diagnosis::{Diagnosis, RootCause, Verdict, WorkloadRef},
    evidence::{EvidenceKind, Origin},
    resource::{Kind, ResourceRef},
    snapshot::{ClusterSnapshot, event::ClusterEvent},
};

use crate::{intake::Intake, monitoring::Monitoring};
use hypothesis::{Exhibit, Hypothesis};
use mentions::Mentions;
use recovery::Recovery;
use side_by_side::both;
use verdict::Signs;
use view::{Currency, View};

pub use catalogue::{Extension, ExtensionError, extend};
pub(crate) use view::is_healthy;

/// Makes what every diagnosis needs, so that the first one does not wait for it.
pub(crate) fn warm_up() {
    catalogue::warm_up();
    mentions::warm_up();
}

/// Finds the causes.
pub fn diagnose(intake: &Intake, monitoring: &Monitoring) -> Diagnosis {
    let (mentions, matches) = both(
        intake.records.len(),
        || Mentions::read(intake),
        || catalogue::search(intake),
    );
    let snapshot = with_event_objects(&intake.snapshot, &mentions);
    let view = View::new(&snapshot).with_calls(calls::read(intake));
    let recovery = Recovery::new(intake);
    let rules::Claims { mut live, mut healed } = rules::claims(&view);
    asked::confirm(intake.query.as_deref(), &mut live);
    for mut claim in catalogue::hypotheses(matches, &mentions) {
        if asked::repeats(&live, &claim) {
            continue;
        }
        lookups::weigh(&view, &mut claim);
        match currency(&view, &recovery, &claim) {
            Past::No => live.push(claim),
            Past::Noise => {}
            Past::Healed => healed.push(claim),
        }
    }
    for claim in live.iter_mut().chain(&mut healed) {
        settle(claim, &mentions);
        volumes::refine(&view, claim);
    }
    database::blame(intake, &view, &mentions, &mut live);
    let ranking = ranking::rank(&view, live);
    let signs = Signs {
        unexplained_errors: has_unexplained_errors(&recovery, monitoring),
        healed: !healed.is_empty(),
    };
    let verdict = verdict::judge(&ranking, signs);
    let mut diagnosis = render::diagnosis(&view, verdict, &ranking, &healed);
    for cause in diagnosis
        .root_causes
        .iter_mut()
        .chain(&mut diagnosis.alternatives)
    {
        prefer_named_owner(cause, &mentions);
    }
    diagnosis
}

/// A workload that the text names stands before one that only the pod's name tells.
fn prefer_named_owner(cause: &mut RootCause, mentions: &Mentions) {
    let pod = cause.object.as_ref().filter(|object| object.kind == Kind::Pod);
    let derived = cause.workload.as_ref().is_none_or(|workload| workload.derived);
    if let Some(owner) = pod.filter(|_| derived).and_then(|pod| mentions.owner_of(pod)) {
        cause.workload = Some(owner);
    }
}

/// Proves every entry of the text catalogue on its own examples; returns how many entries there are.
///
/// # Errors
/// A text that names the entry and what is wrong with it.
pub fn check_catalogue() -> Result<usize, String> {
    catalogue::check_built_in().map_err(|error| error.to_string())
}

/// Who reports events about pods.
const POD_REPORTERS: &[&str] = &["kubelet", "default-scheduler", "attachdetach-controller"];

/// The snapshot, whose events about some pod that a paste does not name are given the pod that the text points at.
fn with_event_objects<'a>(snapshot: &'a ClusterSnapshot, mentions: &Mentions) -> Cow<'a, ClusterSnapshot> {
    let nameless = |event: &ClusterEvent| {
        let reporter = event.component.as_deref().unwrap_or("");
        event.object.is_none() && POD_REPORTERS.contains(&reporter) && !event.reason.starts_with("Node")
    };
    let Some(pod) = mentions
        .guilty_pod()
        .filter(|_| snapshot.events.iter().any(nameless))
    else {
        return Cow::Borrowed(snapshot);
    };
    let mut named = snapshot.clone();
    for event in named.events.iter_mut().filter(|event| nameless(event)) {
        event.object = Some(pod.resource.clone());
    }
    Cow::Owned(named)
}

/// Gives a claim without an object the pod that the text points at, and an object without a namespace the input's.
fn settle(claim: &mut Hypothesis, mentions: &Mentions) {
    if claim.object.is_none() {
        claim.object = mentions.guilty_pod().map(|mention| mention.resource.clone());
    }
    let objects = claim.object.iter_mut().chain(&mut claim.related);
    for object in objects.filter(|it| it.namespace.is_none() && !it.kind.is_cluster_scoped()) {
        object.namespace = mentions.namespace().map(str::to_owned);
    }
}

/// Whether a claim of the catalogue is past.
enum Past {
    No,
    Noise,
    Healed,
}

/// Whether what a claim rests on is over: events of objects that are healthy or gone, log entries that the source got over.
fn currency(view: &View<'_>, recovery: &Recovery<'_>, claim: &Hypothesis) -> Past {
    if recovery.is_over(claim) {
        let state = !view.snapshot.pods.is_empty();
        return if state { Past::Noise } else { Past::Healed };
    }
    let ended = matches!(
        claim.class,
        FailureClass::OomKilled | FailureClass::CrashloopAppException | FailureClass::BadCommand
    );
    if ended && runs_undisturbed(view, claim) {
        return Past::Healed;
    }
    let is_seen = |kind| matches!(kind, EvidenceKind::Event | EvidenceKind::State);
    let all_seen = !claim.evidence.is_empty() && claim.evidence.iter().all(|it| is_seen(it.kind));
    if all_seen && is_judged(view, claim) {
        return Past::Noise;
    }
    if all_seen && claim.evidence.iter().all(|it| is_past(view, claim, it)) {
        Past::Noise
    } else {
        Past::No
    }
}

/// Whether the state shows a service whole, its selector and the pods: then the rules have judged it, and what is printed
/// of it says no more.
fn is_judged(view: &View<'_>, claim: &Hypothesis) -> bool {
    let service = claim.object.as_ref().filter(|it| it.kind == Kind::Service);
    claim.class == FailureClass::ServiceSelectorMismatch
        && service
            .and_then(|it| view.service(it.namespace.as_deref(), &it.name))
            .is_some_and(|it| {
                it.selector.as_ref().is_some_and(|selector| !selector.is_empty())
                    && view.snapshot.lists(&Kind::Pod, it.meta.namespace.as_deref())
            })
}

/// Whether the state shows the pod of a claim to run well and not to have restarted for a while.
fn runs_undisturbed(view: &View<'_>, claim: &Hypothesis) -> bool {
    let pod = claim.object.as_ref().filter(|object| object.kind == Kind::Pod);
    let pod = pod.and_then(|object| view.pod(object.namespace.as_deref(), &object.name));
    pod.is_some_and(|pod| is_healthy(pod) && view.restarted_recently(pod) == Some(false))
}

/// Whether the object of an exhibit is gone or does what it should, or has got over the step that the event tells of.
fn is_past(view: &View<'_>, claim: &Hypothesis, exhibit: &Exhibit) -> bool {
    let of_pod = exhibit.object.as_ref().is_none_or(|it| it.kind == Kind::Pod);
    if exhibit.kind == EvidenceKind::State && !of_pod {
        return false;
    }
    let object = exhibit.object.as_ref().or(claim.object.as_ref());
    if exhibit.kind == EvidenceKind::Event
        && let Some(event) = object.and_then(|object| view.event_at(&exhibit.origin, object))
    {
        return view.currency(event) == Currency::Healed;
    }
    let reason = exhibit.quote.split([' ', ':']).next().unwrap_or("");
    let event = ClusterEvent {
        warning: true,
        reason: reason.to_owned(),
        message: String::new(),
        object: object.cloned(),
        component: None,
        count: exhibit.count,
        age_seconds: None,
        first_seen: None,
        last_seen: exhibit.timestamp,
        origin: Origin::default(),
    };
    view.currency(&event) == Currency::Healed
}

/// The objects that a text names, and the namespaces that it states.
pub(crate) fn named_in(text: &str) -> (Vec<ResourceRef>, Vec<String>) {
    let names = mentions::named_in(text);
    let object =
        |it: &mentions::Naming| ResourceRef::new(it.kind.clone(), it.namespace.as_deref(), it.name.clone());
    (names.namings.iter().map(object).collect(), names.namespaces)
}

/// The workload that a repair of an object changes.
pub(crate) fn workload_of(snapshot: &ClusterSnapshot, object: &ResourceRef) -> Option<WorkloadRef> {
    View::new(snapshot).workload_of(object)
}

/// Whether one failure may bring about another.
pub(crate) fn brings_about(cause: FailureClass, effect: FailureClass) -> bool {
    causality::reach(cause, effect).is_some()
}

/// Whether a log error is there that the source did not get over. Events are judged by the rules.
fn has_unexplained_errors(recovery: &Recovery<'_>, monitoring: &Monitoring) -> bool {
    monitoring
        .errors
        .iter()
        .filter(|finding| finding.event_reason.is_none())
        .any(|finding| !recovery.has_passed(&finding.origin.part, finding.origin.line, &finding.message))
}

/// The object of the contract's evaluation form: `app/NAME` for a workload or service, `node/NAME`, `namespace/NAME`.
pub fn wire_object(diagnosis: &Diagnosis) -> Option<String> {
    let guilty = match diagnosis.verdict {
        Verdict::Incident => diagnosis.root_causes.first(),
        _ => None,
    };
    let Some(cause) = guilty else {
        let workload = diagnosis.objects.iter().find(|object| object.kind.is_workload());
        return workload.or(diagnosis.objects.first()).map(wire_name);
    };
    let object = cause.object.as_ref();
    if cause
        .cause
        .as_deref()
        .is_some_and(|it| it.starts_with("namespace_"))
        && let Some(namespace) = object.and_then(|it| it.namespace.as_ref())
    {
        return Some(format!("namespace/{namespace}"));
    }
    match (object, &cause.workload) {
        (Some(object), _) if matches!(object.kind, Kind::Node | Kind::Namespace | Kind::Service) => {
            Some(wire_name(object))
        }
        (_, Some(workload)) => Some(wire_name(&workload.resource)),
        (Some(object), None) => Some(wire_name(object)),
        (None, None) => None,
    }
}

/// An object in the contract's form.
fn wire_name(object: &ResourceRef) -> String {
    let group = match object.kind {
        Kind::Node => "node",
        Kind::Namespace => "namespace",
        _ => "app",
    };
    format!("{group}/{}", object.name)
}

#[cfg(test)]
mod tests;
