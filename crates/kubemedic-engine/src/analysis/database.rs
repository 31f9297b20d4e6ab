//! Whose connections are used up: where a database says in its own log that it refuses clients, it is the guilty one and
//! the clients that quote the refusal are its victims.

use std::collections::{BTreeMap, BTreeSet};

use kubemedic_model::{class::FailureClass, resource::ResourceRef, snapshot::pod::Container};

use super::{hypothesis::Hypothesis, mentions::Mentions, view::View};
use crate::intake::Intake;

/// What servers answer when their own limit is reached; a client's pool has other words.
const REFUSALS: [&str; 4] = [
    "too many connections",
    "too many clients",
    "remaining connection slots",
    "max number of clients reached",
];
/// Images of databases.
const IMAGES: [&str; 6] = ["mysql", "mariadb", "percona", "postgres", "mongo", "redis"];
/// The ports on which they listen by default.
const PORTS: [u16; 5] = [3306, 5432, 27017, 6379, 1521];

/// Gives claims of used-up connections to the database that says so itself.
pub(super) fn blame(intake: &Intake, view: &View<'_>, mentions: &Mentions, live: &mut [Hypothesis]) {
    let told = |claim: &Hypothesis| {
        claim.class == FailureClass::DbConnectionExhausted
            && claim.evidence.iter().any(|exhibit| is_refusal(&exhibit.quote))
    };
    if !live.iter().any(told) {
        return;
    }
    let Some((server, count)) = speaker(intake, view, mentions) else {
        return;
    };
    let clients: BTreeSet<String> = live
        .iter()
        .filter(|claim| told(claim))
        .filter_map(|claim| view.workload_of(claim.object.as_ref()?))
        .filter(|workload| workload.resource.name != server.name)
        .map(|workload| workload.resource.name)
        .collect();
    let clients: Vec<String> = clients.into_iter().collect();
    let shown = clients.iter().take(3).cloned().collect::<Vec<_>>().join(", ");
    let effect = if shown.is_empty() {
        String::new()
    } else {
        format!("; it hits {shown}")
    };
    for claim in live.iter_mut().filter(|claim| told(claim)) {
        if let Some(client) = claim.object.replace(server.clone()) {
            *claim = claim.clone().with(client);
        }
        claim.cause = Some("db_connection_exhaustion".to_owned());
        claim.sentence = format!(
            "Database {} has no connection left: it refuses clients ({count} entries with too many connections in its own log){effect}",
            server.name
        )
        .chars()
        .take(240)
        .collect();
    }
}

/// Whether a text is a server's refusal.
fn is_refusal(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    REFUSALS.iter().any(|words| lower.contains(words))
}

/// The database workload in whose own log the refusal stands most often, with how often.
fn speaker(intake: &Intake, view: &View<'_>, mentions: &Mentions) -> Option<(ResourceRef, usize)> {
    let mut refusals: BTreeMap<&str, usize> = BTreeMap::new();
    for it in intake.records.iter().filter(|it| is_refusal(&it.record.message)) {
        *refusals.entry(&it.part).or_default() += 1;
    }
    refusals
        .into_iter()
        .filter_map(|(part, count)| {
            let workload = view.workload_of(mentions.speakers.of_part(part)?)?.resource;
            is_database(view, &workload).then_some((workload, count))
        })
        .max_by_key(|(workload, count)| (*count, std::cmp::Reverse(workload.name.clone())))
}

/// Whether a workload's pods run a database server.
fn is_database(view: &View<'_>, workload: &ResourceRef) -> bool {
    let serves = |container: &Container| {
        let image = container.image.as_deref().unwrap_or("");
        let name = image.rsplit('/').next().unwrap_or(image);
        IMAGES.iter().any(|word| name.contains(word))
            || container.ports.iter().any(|port| PORTS.contains(&port.number))
    };
    view.pods_of(workload)
        .any(|pod| pod.spec.containers.iter().any(serves))
}
