//! Gateways, gateway classes and routes of the Gateway API by the conditions that their controllers write.
//! Which backends a route leads to is checked in `network`.

use kubemedic_model::{
    class::FailureClass,
    resource::Kind,
    snapshot::{Condition, OtherObject},
};

use super::{
    super::{
        hypothesis::{Exhibit, Hypothesis, Standing},
        view::{View, reference},
    },
    Claims,
};

/// Claims what refused gateways and routes show.
pub(super) fn claim(view: &View<'_>, claims: &mut Claims) {
    claims
        .live
        .extend(view.snapshot.others.iter().filter_map(refused));
}

/// The conditions that matter for a kind, with the finer cause.
fn expected(kind: &Kind) -> Option<(&'static [&'static str], &'static str)> {
    match kind {
        Kind::Gateway => Some((&["Accepted", "Programmed"], "gateway_not_programmed")),
        Kind::HTTPRoute => Some((&["Accepted", "ResolvedRefs"], "route_not_accepted")),
        Kind::Other(name) if name == "GatewayClass" => Some((&["Accepted"], "gateway_class_not_accepted")),
        _ => None,
    }
}

/// An object that its controller refuses. `Pending` is what a class carries before any controller has looked at it.
fn refused(object: &OtherObject) -> Option<Hypothesis> {
    let (kinds, cause) = expected(&object.kind)?;
    let condition = object
        .conditions
        .iter()
        .find(|it| it.status == "False" && kinds.contains(&it.kind.as_str()))?;
    let name = &object.meta.name;
    let place = reference(object.kind.clone(), &object.meta);
    Some(
        Hypothesis::new(FailureClass::IngressMisconfigured, Standing::Verified, 0.9)
            .about(place.clone())
            .refined(Some(cause))
            .because(
                format!("{} {name} is misconfigured: {}", object.kind, why(condition)),
                "A gateway or route that its controller does not accept carries no traffic.",
            )
            .shown_by([Exhibit::state(
                place,
                &object.meta.origin,
                format!("status.conditions[{}]", condition.kind),
                format!(
                    "{}={} {}: {}",
                    condition.kind,
                    condition.status,
                    condition.reason.as_deref().unwrap_or(""),
                    condition.message.as_deref().unwrap_or("")
                ),
            )]),
    )
}

/// What a condition tells, for a sentence.
fn why(condition: &Condition) -> String {
    let message: String = condition
        .message
        .as_deref()
        .unwrap_or("")
        .chars()
        .take(120)
        .collect();
    let reason = condition.reason.as_deref().unwrap_or("no reason given");
    if message.is_empty() {
        format!("it is not {} ({reason})", condition.kind)
    } else {
        format!("it is not {} ({reason}): {message}", condition.kind)
    }
}
