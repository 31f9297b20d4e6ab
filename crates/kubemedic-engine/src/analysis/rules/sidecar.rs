//! Two containers of one pod that want the same port: they share the pod's network, so that only the first to bind gets it.
//! Host ports are the scheduler's matter; what a program says about a port in use is the catalogue's.

use kubemedic_model::{
    class::FailureClass,
    diagnosis::Fact,
    snapshot::pod::{Container, Pod},
};

use super::{
    super::{
        hypothesis::{Exhibit, Hypothesis, Standing},
        view::{View, pod_ref},
    },
    Claims, Subject, has_failed,
};

/// Claims pods in which a container fails whose port another container of the pod takes.
pub(super) fn claim(view: &View<'_>, claims: &mut Claims) {
    for pod in super::unhealthy(view) {
        claims.live.extend(conflict(pod));
    }
}

/// The first port that a failing container and one beside it both want.
fn conflict(pod: &Pod) -> Option<Hypothesis> {
    let failing = pod.spec.containers.iter().filter(|it| has_failed(it));
    failing
        .flat_map(|loser| pod.spec.containers.iter().map(move |other| (loser, other)))
        .filter(|(loser, other)| loser.name != other.name)
        .find_map(|(loser, other)| {
            let wanted = loser
                .ports
                .iter()
                .filter(|it| it.protocol.as_deref() != Some("UDP"));
            let (port, setting) = wanted
                .map(|it| it.number)
                .find_map(|port| Some((port, takes(other, port)?)))?;
            Some(described(
                Subject {
                    pod,
                    container: loser,
                },
                other,
                port,
                &setting,
            ))
        })
}

/// The setting by which a container listens on a port: a declared port, an environment variable, an argument.
fn takes(container: &Container, port: u16) -> Option<String> {
    if container
        .ports
        .iter()
        .any(|it| it.number == port && it.protocol.as_deref() != Some("UDP"))
    {
        return Some(format!("containerPort {port}"));
    }
    let number = port.to_string();
    let env = container.env.iter().find_map(|env| {
        let value = env.value.as_deref()?;
        let named = value.trim() == number && is_listening(&env.name);
        let inside = || listened_in(value, &number);
        if named {
            Some(format!("{}={number}", env.name))
        } else {
            inside().map(|key| format!("{} {key}: {number}", env.name))
        }
    });
    env.or_else(|| {
        let arguments = container.command.iter().chain(&container.args);
        arguments
            .into_iter()
            .find_map(|argument| listened_in(argument, &number).map(|key| format!("{key} {number}")))
    })
}

/// The name of a listening port in a text that gives it this number (`"statusPort":8080`, `--admin-port=8080`).
fn listened_in<'t>(text: &'t str, number: &str) -> Option<&'t str> {
    text.match_indices(number).find_map(|(at, _)| {
        let after = text.get(at + number.len()..)?;
        let before = text.get(..at)?.trim_end_matches([' ', ':', '=', '"']);
        let name = before
            .rsplit(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '-')))
            .next()?;
        let whole = !after.starts_with(|c: char| c.is_ascii_digit()) && before.len() < at;
        (whole && is_listening(name)).then_some(name)
    })
}

/// Whether a setting's name says that its owner listens there; ports of peers and of the application are not its own.
fn is_listening(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let own = [
        "status", "admin", "listen", "bind", "metrics", "health", "server", "http", "grpc", "proxy",
    ];
    let others = [
        "container",
        "target",
        "upstream",
        "remote",
        "app",
        "backend",
        "client",
    ];
    name.strip_suffix("port").is_some_and(|role| {
        own.iter().any(|word| role.contains(word)) && !others.iter().any(|word| role.contains(word))
    })
}

/// The claim.
fn described(subject: Subject<'_>, other: &Container, port: u16, setting: &str) -> Hypothesis {
    let (pod, loser, winner) = (&subject.pod.meta.name, &subject.container.name, &other.name);
    let quote = format!("container {loser} containerPort {port}; container {winner} {setting}");
    subject
        .claim(FailureClass::PortConflict, Standing::Verified, 0.93)
        .refined(Some("service_sidecar_port_conflict"))
        .fact(Fact::Port, Some(&port.to_string()))
        .because(
            format!("Containers {loser} and {winner} of pod {pod} both want port {port} ({setting}): it is already in use, so {loser} cannot bind it and ends"),
            "The containers of a pod share one network: a port can be bound once, and whoever comes second fails with address already in use.",
        )
        .shown_by([Exhibit::state(pod_ref(subject.pod), &subject.pod.meta.origin, "spec.containers", quote)])
        .shown_by(subject.container.last_state.as_ref().map(|state| subject.exhibit("lastState", state)))
}

#[cfg(test)]
mod tests;
