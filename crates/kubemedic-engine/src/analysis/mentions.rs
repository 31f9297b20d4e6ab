//! Which Kubernetes objects the text and the snapshot name, how often and where. It does not judge which is at fault:
//! that is decided where hypotheses are ranked.

mod marks;
mod patterns;
mod words;

use std::collections::{BTreeMap, HashMap};

use kubemedic_model::{
    diagnosis::WorkloadRef,
    evidence::Origin,
    naming,
    resource::{Kind, ResourceRef},
    snapshot::{Meta, pod::Pod},
};

use super::speakers::Speakers;
use crate::intake::Intake;
pub(crate) use patterns::named_in;

/// The most places that one mention keeps.
const MAX_PLACES: usize = 64;
/// The most objects that are kept: more are a listing, not an incident.
const MAX_OBJECTS: usize = 4096;
/// The most namespaces in which objects of one kind and name are told apart.
const MAX_NAMESAKES: usize = 32;
/// What an event's object weighs: the control plane itself names it.
const EVENT_WEIGHT: u32 = 3;
/// What a pod weighs that the snapshot shows in trouble.
const TROUBLED_WEIGHT: u32 = 3;

/// One object with the places where it is named.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Mention {
    /// The object.
    pub(crate) resource: ResourceRef,
    /// How strongly the text points at it: clear forms (`pod/x`) weigh more than bare names.
    pub(crate) weight: u32,
    /// Where it is named, in the order of reading, at most [`MAX_PLACES`].
    pub(crate) places: Vec<Origin>,
}

impl Mention {
    /// Whether the object is named at a place; lines are compared first, because most parts are equal.
    fn is_named_at(&self, origin: &Origin) -> bool {
        let mut places = self.places.iter();
        places.any(|it| it.line == origin.line && it.part == origin.part)
    }
}

/// One naming of an object within one line.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Naming {
    /// The kind.
    pub(crate) kind: Kind,
    /// The namespace, where the same words tell it.
    pub(crate) namespace: Option<String>,
    /// The name.
    pub(crate) name: String,
    /// How strongly the words point at an object.
    pub(crate) weight: u32,
}

/// Every object that the input names.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Mentions {
    /// The heaviest first, equal ones in the order of first naming.
    all: Vec<Mention>,
    /// The places in `all` of the objects that each line names, of whichever part.
    by_line: HashMap<Option<u64>, Vec<usize>>,
    /// The namespace that the input is about.
    namespace: Option<String>,
    /// Whose logs the parts are.
    pub(crate) speakers: Speakers,
}

/// Collects namings before namespaces are settled.
#[derive(Default)]
struct Collector {
    /// By kind and name: when it was named first, and once for each namespace.
    found: BTreeMap<(Kind, String), (usize, Vec<Mention>)>,
    namespaces: BTreeMap<String, u32>,
}

/// Makes what every input needs, so that the first one does not wait for it.
pub(crate) fn warm_up() {
    marks::warm_up();
    patterns::warm_up();
}

impl Mentions {
    /// Reads all text and all objects of an input.
    pub(crate) fn read(intake: &Intake) -> Self {
        let mut collector = Collector::default();
        collector.add_records(intake);
        collector.add_snapshot(intake);
        let mut mentions = collector.settle(intake.snapshot.namespace.clone());
        mentions.speakers = Speakers::new(&intake.snapshot);
        mentions
    }

    /// The pod that the text points at most strongly.
    pub(crate) fn guilty_pod(&self) -> Option<&Mention> {
        self.first(&Kind::Pod)
    }

    /// The objects of a kind, the heaviest first.
    pub(crate) fn by_kind(&self, kind: &Kind) -> Vec<&Mention> {
        self.all.iter().filter(|it| it.resource.kind == *kind).collect()
    }

    /// The namespace that the input is about.
    pub(crate) fn namespace(&self) -> Option<&str> {
        self.namespace.as_deref()
    }

    /// The object of a kind that is named on the line, else the heaviest of its kind.
    pub(crate) fn nearest(&self, origin: &Origin, kind: &Kind) -> Option<&Mention> {
        self.on_line(origin, kind).or_else(|| self.first(kind))
    }

    /// The object of a kind that is named on the line itself.
    pub(crate) fn on_line(&self, origin: &Origin, kind: &Kind) -> Option<&Mention> {
        self.by_line
            .get(&origin.line)?
            .iter()
            .filter_map(|place| self.all.get(*place))
            .find(|it| it.resource.kind == *kind && it.is_named_at(origin))
    }

    /// The workload that owns a pod: a named one that fits the pod's name, else one derived from the name alone.
    pub(crate) fn owner_of(&self, pod: &ResourceRef) -> Option<WorkloadRef> {
        let fits = |it: &&Mention| {
            it.resource.kind.is_workload()
                && pod
                    .name
                    .strip_prefix(&it.resource.name)
                    .is_some_and(|rest| rest.starts_with('-'))
        };
        let named = self
            .all
            .iter()
            .filter(fits)
            .max_by_key(|it| it.resource.name.len());
        if let Some(named) = named.filter(|it| it.resource.kind != Kind::ReplicaSet) {
            let namespace = named.resource.namespace.as_deref().or(pod.namespace.as_deref());
            let resource = ResourceRef::new(
                named.resource.kind.clone(),
                namespace,
                named.resource.name.clone(),
            );
            return Some(WorkloadRef {
                resource,
                derived: false,
            });
        }
        let owner = naming::owner_of_pod(&pod.name)?;
        let resource = ResourceRef::new(owner.kind, pod.namespace.as_deref(), owner.name);
        Some(WorkloadRef {
            resource,
            derived: true,
        })
    }

    /// What a log that is called by a service's name comes from: the heaviest of the workload's pods, else the workload, else the Service.
    pub(crate) fn behind_service(&self, service: &str) -> Option<&Mention> {
        let is_its_pod = |it: &&Mention| {
            it.resource.kind == Kind::Pod
                && naming::owner_of_pod(&it.resource.name).is_some_and(|owner| owner.name == service)
        };
        let named = |it: &&Mention| it.resource.name == service;
        let workload = |it: &&Mention| it.resource.kind.is_workload() && named(it);
        let plain = |it: &&Mention| it.resource.kind == Kind::Service && named(it);
        let all = || self.all.iter();
        let pod = all().find(is_its_pod);
        pod.or_else(|| all().find(workload)).or_else(|| all().find(plain))
    }

    fn first(&self, kind: &Kind) -> Option<&Mention> {
        self.all.iter().find(|it| it.resource.kind == *kind)
    }
}

impl Collector {
    fn add_records(&mut self, intake: &Intake) {
        let mut text = String::new();
        for sourced in &intake.records {
            let record = &sourced.record;
            let mut origin = Origin {
                part: sourced.part.clone(),
                line: Some(record.line),
            };
            for (offset, line) in (0_u64..).zip(record.message.lines()) {
                origin.line = Some(record.line + offset);
                self.add_text(line, &origin);
            }
            origin.line = Some(record.line);
            for (field, value) in &record.fields {
                text.clear();
                text.extend([field.as_str(), "=", value.as_str()]);
                self.add_text(&text, &origin);
                // A logged object: `Widget.name` beside `Widget.namespace`.
                let owner = field.strip_suffix(".name");
                if let Some(namespace) = owner.and_then(|it| record.fields.get(&format!("{it}.namespace"))) {
                    let naming = Naming {
                        kind: Kind::Deployment,
                        namespace: Some(namespace.clone()),
                        name: value.clone(),
                        weight: 2,
                    };
                    self.add(naming, &origin);
                }
            }
            if let Some(pod) = &record.source.pod {
                let naming = Naming {
                    kind: Kind::Pod,
                    namespace: record.source.namespace.clone(),
                    name: pod.clone(),
                    weight: 1,
                };
                self.add(naming, &origin);
            }
        }
        for note in &intake.notes {
            let origin = Origin {
                part: note.part.clone(),
                line: Some(note.line),
            };
            self.add_text(&note.text, &origin);
        }
        if let Some(query) = &intake.query {
            let origin = Origin {
                part: "query".to_owned(),
                line: None,
            };
            self.add_text(query, &origin);
        }
    }

    fn add_text(&mut self, text: &str, origin: &Origin) {
        let line = named_in(text);
        for namespace in line.namespaces {
            *self.namespaces.entry(namespace).or_default() += 2;
        }
        for naming in line.namings {
            self.add(naming, origin);
        }
    }

    fn add_snapshot(&mut self, intake: &Intake) {
        let snapshot = &intake.snapshot;
        for event in &snapshot.events {
            if let Some(object) = &event.object {
                let naming = Naming {
                    kind: object.kind.clone(),
                    namespace: object.namespace.clone(),
                    name: object.name.clone(),
                    weight: if event.warning { EVENT_WEIGHT } else { 1 },
                };
                self.add(naming, &event.origin);
            }
            self.add_text(&event.message, &event.origin);
        }
        for pod in &snapshot.pods {
            let weight = if in_trouble(pod) { TROUBLED_WEIGHT } else { 1 };
            self.add_meta(Kind::Pod, &pod.meta, weight);
        }
        for workload in &snapshot.workloads {
            self.add_meta(workload.kind.clone(), &workload.meta, 1);
        }
        let plain = [
            (Kind::Job, metas(&snapshot.jobs, |it| &it.meta)),
            (Kind::CronJob, metas(&snapshot.scheduled_jobs, |it| &it.meta)),
            (Kind::Service, metas(&snapshot.services, |it| &it.meta)),
            (Kind::Ingress, metas(&snapshot.ingresses, |it| &it.meta)),
            (
                Kind::NetworkPolicy,
                metas(&snapshot.network_policies, |it| &it.meta),
            ),
            (
                Kind::PersistentVolumeClaim,
                metas(&snapshot.claims, |it| &it.meta),
            ),
            (Kind::Node, metas(&snapshot.nodes, |it| &it.meta)),
            (
                Kind::HorizontalPodAutoscaler,
                metas(&snapshot.autoscalers, |it| &it.meta),
            ),
            (
                Kind::PodDisruptionBudget,
                metas(&snapshot.disruption_budgets, |it| &it.meta),
            ),
        ];
        for (kind, metas) in plain {
            for meta in metas {
                self.add_meta(kind.clone(), meta, 1);
            }
        }
        for other in &snapshot.others {
            self.add_meta(other.kind.clone(), &other.meta, 1);
        }
    }

    fn add_meta(&mut self, kind: Kind, meta: &Meta, weight: u32) {
        let naming = Naming {
            kind,
            namespace: meta.namespace.clone(),
            name: meta.name.clone(),
            weight,
        };
        self.add(naming, &meta.origin);
    }

    fn add(&mut self, naming: Naming, origin: &Origin) {
        let Naming {
            kind,
            namespace,
            name,
            weight,
        } = naming;
        if !naming::is_object_name(&name) || self.found.len() >= MAX_OBJECTS {
            return;
        }
        let namespace = namespace.filter(|it| naming::is_object_name(it));
        if let Some(namespace) = &namespace {
            *self.namespaces.entry(namespace.clone()).or_default() += 1;
        }
        if kind == Kind::Namespace {
            *self.namespaces.entry(name.clone()).or_default() += 2;
        }
        let next = self.found.len();
        let first = self.found.entry((kind.clone(), name.clone()));
        let (_, same_name) = first.or_insert((next, Vec::new()));
        let slot = same_name.iter_mut().find(|it| {
            it.resource.namespace == namespace || it.resource.namespace.is_none() || namespace.is_none()
        });
        if let Some(mention) = slot {
            mention.weight = mention.weight.saturating_add(weight);
            if mention.resource.namespace.is_none() {
                mention.resource = ResourceRef::new(kind, namespace.as_deref(), name);
            }
            if mention.places.len() < MAX_PLACES && !mention.is_named_at(origin) {
                mention.places.push(origin.clone());
            }
        } else if same_name.len() < MAX_NAMESAKES {
            same_name.push(Mention {
                resource: ResourceRef::new(kind, namespace.as_deref(), name),
                weight,
                places: vec![origin.clone()],
            });
        }
    }

    /// Gives objects without a namespace the one that the input is about, and sorts.
    fn settle(self, stated: Option<String>) -> Mentions {
        let most_named = self
            .namespaces
            .iter()
            .max_by_key(|(name, count)| (**count, std::cmp::Reverse((*name).clone())))
            .map(|(name, _)| name.clone());
        let namespace = stated.or(most_named);
        let mut all: Vec<(usize, Mention)> = self
            .found
            .into_values()
            .flat_map(|(place, mentions)| mentions.into_iter().map(move |mention| (place, mention)))
            .collect();
        all.sort_by_key(|(place, mention)| (std::cmp::Reverse(mention.weight), *place));
        let fill = |(_, mut mention): (usize, Mention)| {
            if mention.resource.namespace.is_none() {
                let ResourceRef { kind, name, .. } = mention.resource;
                mention.resource = ResourceRef::new(kind, namespace.as_deref(), name);
            }
            mention
        };
        let all: Vec<Mention> = all.into_iter().map(fill).collect();
        Mentions {
            by_line: by_line(&all),
            all,
            namespace,
            speakers: Speakers::default(),
        }
    }
}

/// Which mentions each line holds, in their order.
fn by_line(all: &[Mention]) -> HashMap<Option<u64>, Vec<usize>> {
    let mut lines: HashMap<Option<u64>, Vec<usize>> = HashMap::new();
    for (place, mention) in all.iter().enumerate() {
        for origin in &mention.places {
            let here = lines.entry(origin.line).or_default();
            if here.last() != Some(&place) {
                here.push(place);
            }
        }
    }
    lines
}

/// Whether a pod's status word or restarts show trouble.
fn in_trouble(pod: &Pod) -> bool {
    let calm = ["Running", "Completed", "Succeeded"];
    pod.status
        .as_deref()
        .is_some_and(|status| !calm.contains(&status))
        || pod.restarts.unwrap_or(0) > 0
}

/// What every object of a list has.
fn metas<T>(items: &[T], meta: impl Fn(&T) -> &Meta) -> Vec<&Meta> {
    items.iter().map(meta).collect()
}

#[cfg(test)]
mod tests;
