//! Wrong connection settings of a crashing client, seen in the sizes of its Secret's values beside those of its siblings.
//! Values are never read; what logs say about a login or a port is the catalogue's part.

use std::collections::BTreeSet;

use kubemedic_model::{
    class::FailureClass,
    diagnosis::Fact,
    resource::{Kind, ResourceRef},
    snapshot::{pod::Container, policy::ConfigObject},
};

use super::{
    super::{
        hypothesis::{Exhibit, Hypothesis, Standing},
        view::{View, is_healthy, meets, reference},
    },
    Claims, Subject, has_failed,
};

/// Siblings that must agree before a difference from them means something.
const WITNESSES: usize = 3;

/// What a connection setting is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    Host,
    Port,
    User,
    Password,
}

/// A connection setting of one Secret.
#[derive(Debug, Clone, Copy)]
struct Setting<'a> {
    key: &'a str,
    /// What is connected to, as the key calls it: `MYSQL` of `ORDER_MYSQL_PORT`.
    store: &'a str,
    role: Role,
    size: u64,
}

/// Claims settings of crashing containers that differ from what all healthy siblings have.
pub(super) fn claim(view: &View<'_>, claims: &mut Claims) {
    let crashing: Vec<Subject<'_>> = super::unhealthy(view)
        .flat_map(|pod| {
            pod.spec
                .containers
                .iter()
                .map(move |container| Subject { pod, container })
        })
        .filter(|it| is_crashing(it.container))
        .collect();
    if crashing.is_empty() {
        return;
    }
    let proven = proven(view);
    claims.live.extend(
        crashing
            .into_iter()
            .filter_map(|subject| outlier(view, subject, &proven)),
    );
}

/// Whether a container ends with an error again and again.
fn is_crashing(container: &Container) -> bool {
    has_failed(container) && container.restarts != Some(0)
}

/// The Secrets from which healthy pods get their environment.
fn proven<'a>(view: &View<'a>) -> Vec<&'a ConfigObject> {
    let healthy = view.snapshot.pods.iter().filter(|pod| is_healthy(pod));
    let used: BTreeSet<(Option<&str>, &str)> = healthy
        .flat_map(|pod| {
            let namespace = pod.meta.namespace.as_deref();
            let names = pod.spec.containers.iter().flat_map(secrets);
            names.map(move |name| (namespace, name))
        })
        .collect();
    let objects = view.snapshot.config_objects.iter();
    objects
        .filter(|it| it.kind == Kind::Secret && !it.sizes.is_empty())
        .filter(|it| used.contains(&(it.meta.namespace.as_deref(), it.meta.name.as_str())))
        .collect()
}

/// The Secrets from which a container gets its environment.
fn secrets(container: &Container) -> impl Iterator<Item = &str> {
    let single = container.env.iter().filter_map(|env| env.from.as_ref());
    let whole = container.env_from.iter().chain(single);
    whole
        .filter(|it| it.kind == Kind::Secret)
        .map(|it| it.name.as_str())
}

/// The one setting of a crashing container's Secret whose size no sibling has, where all siblings agree.
fn outlier(view: &View<'_>, subject: Subject<'_>, proven: &[&ConfigObject]) -> Option<Hypothesis> {
    let namespace = subject.pod.meta.namespace.as_deref();
    let names: BTreeSet<&str> = secrets(subject.container).collect();
    let own = view.snapshot.config_objects.iter().filter(|it| {
        it.kind == Kind::Secret && meets(&it.meta, namespace) && names.contains(it.meta.name.as_str())
    });
    own.filter(|it| !it.sizes.is_empty())
        .find_map(|secret| compared(subject, secret, proven))
}

/// A Secret beside its siblings.
fn compared(subject: Subject<'_>, secret: &ConfigObject, proven: &[&ConfigObject]) -> Option<Hypothesis> {
    let siblings: Vec<Vec<Setting<'_>>> = proven
        .iter()
        .filter(|it| it.meta.name != secret.meta.name && it.meta.namespace == secret.meta.namespace)
        .map(|it| settings(it))
        .collect();
    let told: Vec<(Setting<'_>, u64, usize)> = settings(secret)
        .into_iter()
        .filter_map(|own| {
            let sizes: Vec<u64> = siblings
                .iter()
                .flatten()
                .filter(|it| it.role == own.role && it.store == own.store)
                .map(|it| it.size)
                .collect();
            let usual = *sizes.first()?;
            let agree = sizes.len() >= WITNESSES && sizes.iter().all(|size| *size == usual);
            agree.then_some((own, usual, sizes.len()))
        })
        .collect();
    let mut differing = told.iter().filter(|(own, usual, _)| own.size != *usual);
    let (own, usual, witnesses) = *differing.next()?;
    // Several differences, or another host, mean another database rather than a mistake.
    let single = differing.next().is_none() && own.role != Role::Host;
    single.then(|| described(subject, secret, own, (usual, witnesses)))
}

/// The connection settings that a Secret's keys name.
fn settings(secret: &ConfigObject) -> Vec<Setting<'_>> {
    let sizes = secret.sizes.iter();
    sizes.filter_map(|(key, size)| setting(key, *size)).collect()
}

/// The connection setting that a key names by its last two words (`ORDERS_MYSQL_PORT`).
fn setting(key: &str, size: u64) -> Option<Setting<'_>> {
    let mut words = key.rsplit(['_', '-', '.']);
    let role = match words.next()?.to_ascii_lowercase().as_str() {
        "host" | "hostname" | "address" | "server" | "endpoint" => Role::Host,
        "port" => Role::Port,
        "user" | "username" | "login" => Role::User,
        "password" | "passwd" | "pass" | "pwd" => Role::Password,
        _ => return None,
    };
    let store = words.next()?;
    Some(Setting {
        key,
        store,
        role,
        size,
    })
}

/// The claim about a setting.
fn described(
    subject: Subject<'_>,
    secret: &ConfigObject,
    own: Setting<'_>,
    (usual, witnesses): (u64, usize),
) -> Hypothesis {
    let is_port = own.role == Role::Port;
    let class = if is_port {
        FailureClass::ConnectionRefusedDependency
    } else {
        FailureClass::DbAuthFailure
    };
    let store = own.store.to_ascii_lowercase();
    let known = [
        "mysql",
        "mariadb",
        "postgres",
        "postgresql",
        "mongo",
        "mongodb",
        "redis",
    ];
    let cause = known.contains(&store.as_str()).then(|| {
        format!(
            "{store}_{}",
            if is_port {
                "invalid_port"
            } else {
                "invalid_credentials"
            }
        )
    });
    let (what, effect) = match own.role {
        Role::Port => ("a wrong port", "its connections to the database are refused"),
        Role::User => ("a wrong user", "the database denies its login"),
        _ => ("a wrong password", "the database denies its login"),
    };
    let (pod, name, key, size) = (&subject.pod.meta.name, &secret.meta.name, own.key, own.size);
    let object = reference(Kind::Secret, &secret.meta);
    let quote =
        format!("{key}: {size} bytes; the same setting has {usual} bytes in {witnesses} other Secrets");
    let related: ResourceRef = object.clone();
    subject
        .claim(class, Standing::Verified, 0.93)
        .refined(cause.as_deref())
        .fact(Fact::Secret, Some(name))
        .fact(Fact::Key, Some(key))
        .because(
            format!("{pod} crashes and {effect}: Secret {name} gives it {what}, {key} of {size} bytes where all {witnesses} sibling Secrets have {usual}"),
            "Clients of one database share its port and the form of its credentials. This client alone has a value of another length, and it alone crashes.",
        )
        .with(related)
        .shown_by([Exhibit::state(object, &secret.meta.origin, "data", quote)])
        .shown_by(subject.container.state.as_ref().map(|state| subject.exhibit("state", state)))
}

#[cfg(test)]
mod tests;
