//! What a command does, as facts that the rule table speaks of. They come from the parsed command, never from its text.

use std::collections::BTreeSet;

use kubemedic_model::resource::Kind;
use serde::Deserialize;

use super::{invocation::Invocation, patch, values::output_format};

/// More replicas than this at once can exhaust a cluster.
pub(super) const MANY_REPLICAS: u64 = 100;
/// The verbosity from which kubectl prints requests with their headers.
const TRACE_LEVEL: i64 = 6;
/// Grace periods up to this many seconds kill without grace.
const NO_GRACE_SECONDS: i64 = 1;
/// How the names of namespaces begin that the control plane lives in.
const CONTROL_PLANE: [&str; 2] = ["kube-", "openshift-"];
/// The namespaces that every cluster is made with and that nothing brings back.
const VITAL_NAMESPACES: [&str; 4] = ["default", "kube-system", "kube-public", "kube-node-lease"];
/// How the names of namespaces end that the cluster's add-ons live in.
const ADD_ONS: &str = "-system";

/// A fact about a command. The words in the rule table are these in kebab-case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Fact {
    /// A flag chooses another cluster, identity or place on this machine.
    SmugglesFlag,
    /// kubectl prints requests with their headers.
    Traces,
    /// A path of the API is addressed past the parser.
    RawPath,
    /// A person at a terminal is needed.
    Interactive,
    /// A file is read that nobody can review: another machine's, outside of the folder, standard input, a folder.
    OutsideFile,
    /// A file below the working folder is read.
    LocalFile,
    /// The content of secrets is printed.
    PrintsSecret,
    /// Data of objects is printed, not a table.
    PrintsData,
    /// Roles, bindings and other objects of access control are named.
    AccessKind,
    /// A secret is named.
    SecretKind,
    /// A kind is named that is neither an ordinary workload nor its ordinary surroundings.
    GuardedKind,
    /// A node is named.
    NodeKind,
    /// Something in the namespaces of the control plane or of add-ons.
    SystemNamespace,
    /// A namespace that a cluster cannot live without.
    VitalNamespace,
    /// All namespaces.
    AllNamespaces,
    /// Objects by label or field, or all of a kind, not by name.
    Unnamed,
    /// Several objects by name.
    Several,
    /// Exactly one pod, by name.
    OneNamedPod,
    /// Nothing is named, not even a kind.
    Targetless,
    /// Without grace or without asking protections.
    Forced,
    /// Dependents are left behind.
    Orphans,
    /// No replica remains.
    ReplicasZero,
    /// More replicas than a cluster bears at once.
    ReplicasMany,
    /// Finalizers or owners change.
    PatchDropsProtection,
    /// A container gets more power, or another identity.
    PatchGivesPrivilege,
    /// A container runs something else.
    PatchRunsCode,
    /// Traffic is led elsewhere or let in.
    PatchLeadsTraffic,
    /// A core part of the object is taken away or replaced as a whole.
    PatchRemovesCore,
    /// A part beside the object proper, such as its status, is written.
    Subresource,
    /// Pods are evicted from nodes.
    Evicts,
    /// An ingress controller runs the annotation's text.
    RunsSnippet,
    /// A service is opened to the outside or led elsewhere.
    OpensService,
    /// Free overrides of the generated object.
    Overrides,
    /// An image of the caller's choice runs.
    RunsImage,
    /// A container runs words that the command brings.
    RunsWords,
    /// Only shows what would be done.
    DryRun,
    /// Only lists.
    Lists,
    /// References are resolved to their values.
    Resolves,
    /// Configuration of all namespaces at once.
    BulkRead,
    /// The credentials of the kubeconfig are printed.
    PrintsCredentials,
    /// Output goes into files.
    WritesFiles,
    /// Objects that the file no longer names are deleted.
    Prunes,
}

/// Whether the kind gives access: roles, bindings, certificate requests, tokens.
pub(super) fn is_access_kind(kind: &Kind) -> bool {
    match kind {
        Kind::Role | Kind::RoleBinding | Kind::ClusterRole | Kind::ClusterRoleBinding => true,
        Kind::Other(name) => {
            let lower = name.to_ascii_lowercase();
            let bare = lower.split('.').next().unwrap_or_default();
            bare.starts_with("certificatesigningrequest")
                || bare == "csr"
                || bare.starts_with("tokenre")
                || bare.ends_with("accessreview")
                || bare.ends_with("accessreviews")
                || lower.contains("rbac.authorization")
        }
        _ => false,
    }
}

/// Whether changes of the kind stay with one workload and its ordinary surroundings. What is not known is not ordinary.
fn is_ordinary(kind: &Kind) -> bool {
    kind.is_workload()
        || matches!(
            kind,
            Kind::Pod
                | Kind::Service
                | Kind::Ingress
                | Kind::ConfigMap
                | Kind::HorizontalPodAutoscaler
                | Kind::Node
                | Kind::Event
        )
}

/// The facts of a command.
pub(super) fn of(invocation: &Invocation) -> BTreeSet<Fact> {
    let mut found = BTreeSet::new();
    let mut note = |fact, holds: bool| {
        if holds {
            found.insert(fact);
        }
    };
    let set = |flag: &str| invocation.is_set(flag);
    let has = |flag: &str| invocation.has(flag);
    note(
        Fact::SmugglesFlag,
        !invocation.smuggled.is_empty() || set("insecure-skip-tls-verify-backend"),
    );
    note(
        Fact::Traces,
        number(invocation, "v").is_some_and(|level| level >= TRACE_LEVEL),
    );
    note(Fact::RawPath, has("raw") && invocation.verb != "config");
    note(
        Fact::Interactive,
        [
            "stdin",
            "tty",
            "attach",
            "rm",
            "edit",
            "interactive",
            "leave-stdin-open",
        ]
        .into_iter()
        .any(set),
    );
    note(Fact::Subresource, has("subresource") && invocation.verb != "auth");
    note(
        Fact::Forced,
        set("force")
            || set("now")
            || set("disable-eviction")
            || number(invocation, "grace-period")
                .is_some_and(|seconds| (0..=NO_GRACE_SECONDS).contains(&seconds)),
    );
    note(Fact::Orphans, invocation.value("cascade") == Some("orphan"));
    note(Fact::Overrides, has("overrides") || set("privileged"));
    note(Fact::RunsImage, has("image"));
    note(Fact::RunsWords, !invocation.trailing.is_empty());
    note(Fact::DryRun, invocation.is_dry_run());
    note(Fact::Lists, only_lists(invocation));
    note(Fact::Resolves, set("resolve"));
    note(Fact::WritesFiles, has("output-directory"));
    note(Fact::Prunes, set("prune"));
    target_facts(invocation, &mut found);
    file_facts(invocation, &mut found);
    output_facts(invocation, &mut found);
    change_facts(invocation, &mut found);
    if let Some(body) = &invocation.patch {
        patch::facts(body, &mut found);
    }
    found
}

/// Whether `--list` stands alone: beside new values it changes them first.
fn only_lists(invocation: &Invocation) -> bool {
    invocation.is_set("list")
        && invocation.pairs.is_empty()
        && !["env", "from"].iter().any(|flag| invocation.has(flag))
}

fn number(invocation: &Invocation, flag: &str) -> Option<i64> {
    invocation.value(flag)?.parse().ok()
}

/// What is named, and where.
fn target_facts(invocation: &Invocation, found: &mut BTreeSet<Fact>) {
    let targets = &invocation.targets;
    let any = |holds: fn(&Kind) -> bool| targets.iter().any(|target| holds(&target.kind));
    let mut note = |fact, holds: bool| {
        if holds {
            found.insert(fact);
        }
    };
    let system = |namespace: &str| {
        namespace.ends_with(ADD_ONS) || CONTROL_PLANE.iter().any(|start| namespace.starts_with(start))
    };
    note(Fact::AccessKind, any(is_access_kind));
    note(Fact::SecretKind, any(|kind| *kind == Kind::Secret));
    note(Fact::GuardedKind, any(|kind| !is_ordinary(kind)));
    note(Fact::NodeKind, any(|kind| *kind == Kind::Node));
    note(
        Fact::SystemNamespace,
        invocation.namespace.as_deref().is_some_and(system)
            || targets
                .iter()
                .any(|target| target.kind == Kind::Namespace && target.name.as_deref().is_some_and(system)),
    );
    let vital = |name: &str| VITAL_NAMESPACES.contains(&name);
    note(
        Fact::VitalNamespace,
        targets
            .iter()
            .any(|target| target.kind == Kind::Namespace && target.name.as_deref().is_some_and(vital)),
    );
    note(Fact::AllNamespaces, invocation.all_namespaces);
    note(
        Fact::Unnamed,
        invocation.all
            || invocation.selector.is_some() && invocation.verb != "expose"
            || invocation.has("field-selector")
            || targets.iter().any(|target| target.name.is_none()),
    );
    note(Fact::Several, targets.len() > 1);
    note(Fact::Targetless, targets.is_empty());
    let [target] = targets.as_slice() else { return };
    let named_only = !invocation.all
        && !invocation.all_namespaces
        && invocation.selector.is_none()
        && !invocation.has("field-selector")
        && invocation.files.is_empty();
    note(
        Fact::OneNamedPod,
        target.kind == Kind::Pod && target.name.is_some() && named_only,
    );
}

/// Which files are read.
fn file_facts(invocation: &Invocation, found: &mut BTreeSet<Fact>) {
    let copies = ["kustomize", "from-file", "from-env-file"];
    if copies.iter().any(|flag| invocation.has(flag))
        || invocation.is_set("recursive") && !invocation.files.is_empty()
        || invocation
            .output
            .as_deref()
            .map(output_format)
            .is_some_and(|format| format.ends_with("file"))
    {
        found.insert(Fact::OutsideFile);
    }
    let files = ["filename", "patch-file"]
        .iter()
        .filter_map(|flag| invocation.flags.get(*flag))
        .flatten();
    for file in files {
        let reviewable = invocation.verb != "logs" && is_reviewable(file);
        found.insert(if reviewable {
            Fact::LocalFile
        } else {
            Fact::OutsideFile
        });
    }
}

/// Whether a path names one manifest below the working folder.
fn is_reviewable(path: &str) -> bool {
    let plain = path
        .bytes()
        .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-' | b'/'));
    let manifest = [".yaml", ".yml", ".json"].iter().any(|end| path.ends_with(end));
    let below = !path.starts_with(['/', '-', '~'])
        && path
            .split('/')
            .enumerate()
            .all(|(position, part)| !part.is_empty() && part != ".." && (part != "." || position == 0));
    plain && manifest && below
}

/// What is printed.
fn output_facts(invocation: &Invocation, found: &mut BTreeSet<Fact>) {
    let format = invocation.output.as_deref().map(output_format);
    let table = matches!(
        format.as_deref(),
        None | Some("wide" | "name" | "plaintext" | "plaintext-openapiv2")
    );
    let prints_data =
        !table || invocation.has("template") || invocation.subcommand.as_deref() == Some("view-last-applied");
    let sorts_by_data = invocation
        .value("sort-by")
        .is_some_and(|path| !path.trim_matches(['{', '}', '\'']).starts_with(".metadata"));
    let secret = found.contains(&Fact::SecretKind);
    if prints_data {
        found.insert(Fact::PrintsData);
    }
    // Annotations of an applied secret hold its whole manifest.
    let lists_annotations = invocation.verb == "annotate" && invocation.is_set("list");
    if secret && (prints_data || sorts_by_data || lists_annotations || waits_on_data(invocation)) {
        found.insert(Fact::PrintsSecret);
    }
    let broad = invocation.targets.iter().any(|target| {
        matches!(&target.kind, Kind::ConfigMap) || matches!(&target.kind, Kind::Other(name) if name == "all")
    });
    if prints_data && invocation.all_namespaces && broad {
        found.insert(Fact::BulkRead);
    }
    if invocation.verb == "config" && prints_credentials(invocation, format.as_deref()) {
        found.insert(Fact::PrintsCredentials);
    }
}

/// Whether `config view` would print more than kubectl redacts: raw, flattened, or by an expression about users.
fn prints_credentials(invocation: &Invocation, format: Option<&str>) -> bool {
    let expression = invocation
        .output
        .as_deref()
        .unwrap_or_default()
        .to_ascii_lowercase();
    let asks_for_place = ["namespace", "current-context"]
        .iter()
        .any(|word| expression.contains(word));
    let asks_for_person = ["user", "token", "pass", "key", "data", "cert", "auth", "exec"]
        .iter()
        .any(|word| expression.contains(word));
    invocation.has("raw")
        || invocation.has("flatten")
        || invocation.has("template")
        || !matches!(format, None | Some("yaml" | "json" | "name" | "wide"))
            && (asks_for_person || !asks_for_place)
}

/// Whether `wait --for=jsonpath=...` asks for a secret's data: its answers tell the value bit by bit.
fn waits_on_data(invocation: &Invocation) -> bool {
    let conditions = invocation.flags.get("for").into_iter().flatten();
    conditions
        .map(|condition| condition.to_ascii_lowercase())
        .any(|condition| condition.starts_with("jsonpath"))
}

/// What is changed.
fn change_facts(invocation: &Invocation, found: &mut BTreeSet<Fact>) {
    for flag in ["replicas", "max", "min"] {
        match number(invocation, flag) {
            Some(0) => found.insert(Fact::ReplicasZero),
            Some(count) if count.unsigned_abs() > MANY_REPLICAS => found.insert(Fact::ReplicasMany),
            _ => false,
        };
    }
    if invocation.verb == "taint" && invocation.pairs.iter().any(|pair| pair.ends_with(":NoExecute")) {
        found.insert(Fact::Evicts);
    }
    let notes = invocation
        .pairs
        .iter()
        .chain(invocation.flags.get("annotation").into_iter().flatten());
    let mut keys = notes.filter_map(|pair| pair.split('=').next());
    if keys.any(|key| key.contains("snippet")) {
        found.insert(Fact::RunsSnippet);
    }
    let opens = ["external-ip", "load-balancer-ip"]
        .iter()
        .any(|flag| invocation.has(flag))
        || invocation.verb == "expose" && invocation.value("type").is_some_and(|kind| kind != "ClusterIP");
    if opens {
        found.insert(Fact::OpensService);
    }
}
