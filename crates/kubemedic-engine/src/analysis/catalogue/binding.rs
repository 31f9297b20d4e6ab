//! Fits to hypotheses: the details, the object and the sentence of each.

use std::collections::BTreeMap;

use kubemedic_model::{
    class::FailureClass,
    diagnosis::{Fact, Facts, MAX_SENTENCE_CHARS},
    naming,
    resource::{Kind, ResourceRef},
};
use serde::{Deserialize, de::value::StrDeserializer};

use super::{
    entry::{Entry, ObjectChoice},
    load::Catalogue,
    matching::Fit,
    nearby::Nearby,
    pattern::Pattern,
    utterance::Utterance,
};
use crate::analysis::{
    hypothesis::{Exhibit, Hypothesis, Standing},
    mentions::Mentions,
};

/// The most objects that one entry blames.
const MAX_OBJECTS: usize = 8;
/// The most quotes that one hypothesis cites.
const MAX_EXHIBITS: usize = 4;
/// The longest value of a detail, in characters.
const MAX_VALUE_CHARS: usize = 120;

/// The details of one fit, by the name of their capture.
type Details = BTreeMap<String, String>;

/// A hypothesis whose sentence waits for the others.
struct Draft<'a> {
    entry: &'a Entry,
    details: Details,
    object: Option<ResourceRef>,
    related: Vec<ResourceRef>,
    places: Vec<usize>,
}

/// What binding looks at.
struct Scene<'a> {
    utterances: &'a [Utterance<'a>],
    nearby: Nearby<'a>,
    mentions: &'a Mentions,
}

/// Makes the hypotheses of all fits, each with the id of its entry.
pub(super) fn bind<'a>(
    catalogue: &'a Catalogue,
    utterances: &'a [Utterance<'a>],
    mentions: &'a Mentions,
    fits: BTreeMap<usize, Fit>,
) -> Vec<(String, Hypothesis)> {
    let scene = Scene {
        utterances,
        nearby: Nearby::new(utterances, catalogue.context()),
        mentions,
    };
    let drafts: Vec<Draft<'_>> = fits
        .into_iter()
        .filter_map(|(place, fit)| Some((catalogue.entry(place)?, fit)))
        .flat_map(|(entry, fit)| scene.drafts(entry, &fit))
        .collect();
    let (plain, waiting): (Vec<_>, Vec<_>) = drafts
        .into_iter()
        .partition(|draft| !draft.entry.sentence.slots().contains("underlying"));
    let mut claims: Vec<(String, Hypothesis)> =
        plain.iter().map(|draft| scene.hypothesis(draft, None)).collect();
    let explained: Vec<_> = waiting
        .iter()
        .map(|draft| {
            let cause = underlying(&claims, draft.entry.raw.class);
            scene.hypothesis(draft, cause.as_deref())
        })
        .collect();
    claims.extend(explained);
    claims
}

/// The sentence of the likeliest cause of another class.
fn underlying(claims: &[(String, Hypothesis)], class: FailureClass) -> Option<String> {
    claims
        .iter()
        .map(|(_, claim)| claim)
        .filter(|claim| claim.class != class && claim.standing > Standing::Symptom)
        .max_by(|a, b| a.likelihood.total_cmp(&b.likelihood))
        .map(|claim| claim.sentence.clone())
}

impl<'a> Scene<'a> {
    /// One draft for each object that the entry's utterances concern.
    fn drafts(&self, entry: &'a Entry, fit: &Fit) -> Vec<Draft<'a>> {
        let mut drafts: Vec<Draft<'a>> = Vec::new();
        for place in &fit.places {
            let Some(utterance) = self.utterances.get(*place) else {
                continue;
            };
            let details = self.details(entry, *place);
            let object = self.choose(&entry.object, utterance, &details);
            let same = drafts.iter_mut().find(|draft| draft.object == object);
            if let Some(draft) = same {
                draft.places.push(*place);
                for (name, value) in details {
                    draft.details.entry(name).or_insert(value);
                }
            } else if drafts.len() < MAX_OBJECTS {
                let related = entry
                    .related
                    .iter()
                    .filter_map(|choice| self.choose(std::slice::from_ref(choice), utterance, &details))
                    .filter(|it| object.as_ref() != Some(it))
                    .collect();
                drafts.push(Draft {
                    entry,
                    details,
                    object,
                    related,
                    places: vec![*place],
                });
            }
        }
        drafts
    }

    /// The details that the utterance and its neighbours tell.
    fn details(&self, entry: &'a Entry, place: usize) -> Details {
        let mut details = Details::new();
        if let Some(utterance) = self.utterances.get(place) {
            for pattern in entry.capture.iter().chain(&entry.any).chain(&entry.all) {
                take(pattern, &utterance.text, &mut details);
            }
        }
        for pattern in &entry.context {
            if !is_known(pattern, &details)
                && let Some(told) = self.nearby.matching(pattern, place)
            {
                take(pattern, &told.text, &mut details);
            }
        }
        let mut slots = entry.sentence.slots();
        slots.extend(entry.explanation.slots());
        let choices = entry.object.iter().chain(&entry.related);
        slots.extend(choices.filter_map(|choice| match choice {
            ObjectChoice::Captured(_, name) => Some(name.as_str()),
            _ => None,
        }));
        for slot in slots {
            if !details.contains_key(slot)
                && let Some(value) = self.nearby.value(slot, place)
            {
                details.insert(slot.to_owned(), value);
            }
        }
        details
    }

    /// The first choice that names an object.
    fn choose(
        &self,
        choices: &[ObjectChoice],
        utterance: &Utterance<'_>,
        details: &Details,
    ) -> Option<ResourceRef> {
        choices.iter().find_map(|choice| match choice {
            ObjectChoice::Subject => self.subject(utterance),
            ObjectChoice::Nearest(kind) => {
                let told = utterance.object.as_ref().filter(|it| it.kind == *kind);
                told.cloned()
                    .or_else(|| Some(self.mentions.nearest(&utterance.origin, kind)?.resource.clone()))
            }
            ObjectChoice::Captured(kind, name) => {
                let name = details.get(name)?;
                let (namespace, name) = name.split_once('/').map_or(
                    (details.get("namespace").map(String::as_str), name.as_str()),
                    |(ns, name)| (Some(ns), name),
                );
                let namespace = namespace
                    .or_else(|| utterance.object.as_ref()?.namespace.as_deref())
                    .or(self.mentions.namespace());
                naming::is_object_name(name).then(|| ResourceRef::new(kind.clone(), namespace, name))
            }
        })
    }

    /// The pod or workload that the utterance is about: its own object, one named on its line, its source, the guiltiest.
    fn subject(&self, utterance: &Utterance<'_>) -> Option<ResourceRef> {
        if let Some(object) = &utterance.object {
            return Some(object.clone());
        }
        let kinds = [
            Kind::Pod,
            Kind::Deployment,
            Kind::StatefulSet,
            Kind::DaemonSet,
            Kind::Job,
            Kind::CronJob,
            Kind::ReplicaSet,
        ];
        let here = kinds
            .iter()
            .find_map(|kind| self.mentions.on_line(&utterance.origin, kind));
        let speakers = &self.mentions.speakers;
        let speaker = speakers.of_part(&utterance.origin.part);
        // In the log of a known workload, what only looks like an object (a thread, a file) names none.
        if let Some(mention) = here
            .filter(|it| it.weight > 1)
            .filter(|it| speaker.is_none() || speakers.holds(&it.resource))
        {
            return Some(mention.resource.clone());
        }
        if let Some(speaker) = speaker {
            return Some(speaker.clone());
        }
        if let Some(source) = utterance.source
            && let Some(pod) = &source.pod
        {
            let namespace = source.namespace.as_deref().or(self.mentions.namespace());
            return Some(ResourceRef::new(Kind::Pod, namespace, pod.clone()));
        }
        let service = utterance.source.and_then(|source| source.service.as_deref());
        if let Some(behind) = service.and_then(|service| self.mentions.behind_service(service)) {
            return Some(behind.resource.clone());
        }
        let anywhere = kinds
            .iter()
            .filter_map(|kind| self.mentions.by_kind(kind).first().copied())
            .max_by_key(|mention| {
                (
                    mention.resource.kind == Kind::Pod && mention.weight > 1,
                    mention.weight,
                )
            });
        if let Some(mention) = anywhere {
            return Some(mention.resource.clone());
        }
        let service = service?;
        naming::is_object_name(service)
            .then(|| ResourceRef::new(Kind::Service, self.mentions.namespace(), service))
    }

    /// The hypothesis of a draft.
    fn hypothesis(&self, draft: &Draft<'_>, underlying: Option<&str>) -> (String, Hypothesis) {
        let raw = &draft.entry.raw;
        let value = |slot: &str| match slot {
            "object" => Some(display(draft.object.as_ref())),
            "underlying" => underlying.map(str::to_owned),
            "namespace" => draft
                .details
                .get(slot)
                .cloned()
                .or_else(|| draft.object.as_ref()?.namespace.clone()),
            _ => draft.details.get(slot).cloned(),
        };
        let hypothesis = Hypothesis {
            class: raw.class,
            cause: raw.cause.clone(),
            object: draft.object.clone(),
            related: draft.related.clone(),
            likelihood: raw.likelihood,
            standing: draft.entry.standing,
            sentence: cut(&draft.entry.sentence.render(&value), MAX_SENTENCE_CHARS),
            explanation: draft.entry.explanation.render(&value),
            facts: facts(&draft.details),
            evidence: self.exhibits(draft),
            rules: vec![format!("catalogue/{}", raw.id).into()],
        };
        (raw.id.clone(), hypothesis)
    }

    fn exhibits(&self, draft: &Draft<'_>) -> Vec<Exhibit> {
        let said = draft
            .places
            .iter()
            .filter_map(|place| self.utterances.get(*place));
        let mut exhibits: Vec<Exhibit> = Vec::new();
        for utterance in said {
            let quote = utterance.quote.unwrap_or(&utterance.text);
            let same = exhibits.iter_mut().find(|it| it.quote == quote);
            if let Some(exhibit) = same {
                exhibit.count += utterance.count;
            } else if exhibits.len() < MAX_EXHIBITS {
                exhibits.push(Exhibit {
                    kind: utterance.kind,
                    quote: quote.to_owned(),
                    origin: utterance.origin.clone(),
                    object: utterance.object.clone(),
                    field: utterance.field.map(str::to_owned),
                    timestamp: utterance.timestamp,
                    count: utterance.count,
                });
            }
        }
        exhibits
    }
}

/// Takes the named groups of a match; what is known already stays. Finding groups costs many times what a match costs.
fn take(pattern: &Pattern, text: &str, details: &mut Details) {
    if is_known(pattern, details) {
        return;
    }
    let Some(found) = pattern.captures(text) else {
        return;
    };
    for name in pattern.names() {
        if let Some(value) = found.name(name) {
            let value = cut(
                whole_words(text, value.as_str(), value.end()).trim(),
                MAX_VALUE_CHARS,
            );
            if !value.is_empty() {
                details.entry(name.to_owned()).or_insert(value);
            }
        }
    }
}

/// Whether a pattern can tell nothing new.
fn is_known(pattern: &Pattern, details: &Details) -> bool {
    pattern.names().all(|name| details.contains_key(name))
}

/// A captured phrase without a last word of which the pattern's length limit left only the beginning.
fn whole_words<'t>(text: &str, value: &'t str, end: usize) -> &'t str {
    let is_inner = |c: char| c.is_alphanumeric();
    let goes_on = text.get(end..).is_some_and(|rest| rest.starts_with(is_inner));
    if !goes_on || !value.ends_with(is_inner) {
        return value;
    }
    match value.trim_start().rfind(char::is_whitespace) {
        Some(_) => value
            .rsplit_once(char::is_whitespace)
            .map_or(value, |(kept, _)| kept.trim_end_matches([',', ';', ':'])),
        None => value,
    }
}

/// The details that plans know by name.
fn facts(details: &Details) -> Facts {
    let known = |(name, value): (&String, &String)| {
        let name: StrDeserializer<'_, serde::de::value::Error> = StrDeserializer::new(name);
        Fact::deserialize(name).ok().map(|fact| (fact, value.clone()))
    };
    details.iter().filter_map(known).collect()
}

/// How a sentence calls an object.
fn display(object: Option<&ResourceRef>) -> String {
    match object {
        None => "the workload".to_owned(),
        Some(object) if object.kind == Kind::Pod => object.name.clone(),
        Some(object) => format!("{} {}", object.kind, object.name),
    }
}

/// The first characters of a text.
fn cut(text: &str, max_chars: usize) -> String {
    if text.chars().count() <= max_chars {
        return text.to_owned();
    }
    text.chars()
        .take(max_chars.saturating_sub(1))
        .chain(['\u{2026}'])
        .collect()
}
