//! What is left of a claim about DNS when the objects are asked: a name that exists now, a name that never was.
//! A resolver that answers "no such name" works; only silence speaks against the cluster's DNS.

use kubemedic_model::{class::FailureClass, diagnosis::Fact, resource::Kind};

use super::{
    hypothesis::Hypothesis,
    view::{Presence, View},
};

/// The likelihood of a claim that the current objects contradict: below the floor of the verdict.
const CONTRADICTED: f64 = 0.2;
/// Words by which a resolver says that it knows no such name.
const ANSWERED: [&str; 4] = ["no such host", "enotfound", "nxdomain", "name does not resolve"];

/// Weighs a claim of the text catalogue about a name that does not resolve by the Services that exist.
pub(super) fn weigh(view: &View<'_>, claim: &mut Hypothesis) {
    if claim.class != FailureClass::DnsFailure || !claim.evidence.iter().any(|it| is_answer(&it.quote)) {
        return;
    }
    let Some(host) = claim.facts.get(&Fact::Host).cloned() else {
        return;
    };
    let namespace = claim.object.as_ref().and_then(|it| it.namespace.as_deref());
    let namespace = namespace.or(view.snapshot.namespace.as_deref());
    if view.service_of_host(namespace, &host).is_some() {
        claim.likelihood = claim.likelihood.min(CONTRADICTED);
        return;
    }
    let inside = !host.contains('.') || host.contains(".svc");
    let name = host.split('.').next().unwrap_or(&host);
    if inside && view.presence(&Kind::Service, namespace, name) == Presence::Missing {
        let subject = claim.object.as_ref().map_or("a pod", |object| &object.name);
        claim.sentence =
            format!("{subject} calls {host}, which does not resolve (DNS): no Service of that name exists");
        "The cluster's DNS answered that it knows no such name; it knows a name exactly as long as the Service exists."
            .clone_into(&mut claim.explanation);
    }
}

/// Whether a resolver answered that the name does not exist.
fn is_answer(quote: &str) -> bool {
    let lower = quote.to_ascii_lowercase();
    ANSWERED.iter().any(|word| lower.contains(word))
}

#[cfg(test)]
mod tests;
