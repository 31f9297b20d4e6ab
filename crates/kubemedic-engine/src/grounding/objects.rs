//! The objects that a case knows: of the state, of the engine's claims and evidence, and those that the quotes name.
//! A model's object must be one of them; it gets the kind and the namespace that the case knows.

use std::collections::BTreeMap;

use kubemedic_model::{
    diagnosis::Diagnosis,
    naming::{is_object_name, owner_of_pod},
    resource::{Kind, ResourceRef},
};

use super::{
    Briefing,
    briefing::{inventory, named},
    citation::Cited,
    reply::ObjectReply,
};
use crate::{analysis, intake::Intake};

/// The most findings whose quotes are searched for names.
const MAX_SEARCHED: usize = 60;

/// The objects of a case by name.
#[derive(Debug, Default)]
pub(super) struct Objects {
    by_name: BTreeMap<String, Vec<ResourceRef>>,
    /// The namespace where the case knows exactly one.
    namespace: Option<String>,
}

impl Objects {
    /// Collects them.
    pub(super) fn of(briefing: &Briefing, intake: &Intake, diagnosis: &Diagnosis) -> Self {
        let mut objects = Self::default();
        for item in inventory(&intake.snapshot) {
            objects.add(item.reference);
        }
        for object in named(diagnosis) {
            objects.add(object.clone());
        }
        let mut namespaces: Vec<String> = intake.snapshot.namespace.iter().cloned().collect();
        let findings = briefing.citable.iter().take(MAX_SEARCHED);
        let quotes = findings.map(|it| &it.evidence).chain(&diagnosis.evidence);
        for evidence in quotes {
            objects.quote(&evidence.quote, &mut namespaces);
            evidence.object.iter().for_each(|it| objects.add(it.clone()));
        }
        for note in intake.notes.iter().take(MAX_SEARCHED) {
            objects.quote(&note.text, &mut namespaces);
        }
        namespaces.sort_unstable();
        namespaces.dedup();
        objects.namespace = match namespaces.as_slice() {
            [one] => Some(one.clone()),
            _ => None,
        };
        objects
    }

    /// Adds what the quotes of citations name.
    pub(super) fn add_cited(&mut self, cited: &[Cited]) {
        let mut namespaces = Vec::new();
        for it in cited {
            self.quote(&it.evidence.quote, &mut namespaces);
            it.evidence.object.iter().for_each(|it| self.add(it.clone()));
        }
    }

    /// The object that a reply names, as the case knows it; none where it does not.
    pub(super) fn known(&self, asked: &ObjectReply) -> Option<ResourceRef> {
        let name = asked.name.trim();
        let all = self.by_name.get(name).filter(|_| is_object_name(name))?;
        let kind = Kind::parse(asked.kind.trim());
        let namespace = asked.namespace.as_deref().map(str::trim);
        let fits = |it: &&ResourceRef| {
            let places = it.namespace.as_deref().zip(namespace);
            places.is_none_or(|(have, asked)| have == asked)
        };
        let same_kind = all.iter().filter(fits).find(|it| it.kind == kind);
        let mut object = same_kind
            .or_else(|| all.iter().find(fits))
            .or_else(|| all.first())?
            .clone();
        if object.namespace.is_none() && !object.kind.is_cluster_scoped() {
            object.namespace.clone_from(&self.namespace);
        }
        Some(object)
    }

    /// Adds the objects that a text names.
    fn quote(&mut self, text: &str, namespaces: &mut Vec<String>) {
        for line in text.lines().take(8) {
            let (objects, places) = analysis::named_in(line);
            let only = match places.as_slice() {
                [one] => Some(one.clone()),
                _ => None,
            };
            namespaces.extend(places);
            for mut object in objects {
                if object.namespace.is_none() && !object.kind.is_cluster_scoped() {
                    object.namespace.clone_from(&only);
                }
                self.add(object);
            }
        }
    }

    /// Adds an object, and the workload that a pod's name tells.
    fn add(&mut self, object: ResourceRef) {
        if object.kind == Kind::Pod
            && let Some(owner) = owner_of_pod(&object.name)
        {
            self.insert(ResourceRef::new(
                owner.kind,
                object.namespace.as_deref(),
                owner.name,
            ));
        }
        self.insert(object);
    }

    fn insert(&mut self, object: ResourceRef) {
        let same_name = self.by_name.entry(object.name.clone()).or_default();
        if !same_name.contains(&object) {
            same_name.push(object);
            // An object whose namespace is known stands before its namesake without one.
            same_name.sort_by_key(|it| it.namespace.is_none());
        }
    }
}
