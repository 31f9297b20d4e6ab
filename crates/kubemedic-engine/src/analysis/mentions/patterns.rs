//! The forms in which text names objects: `pod/x`, `X ns Y`, table rows, service host names, kubelet's pod references.

use std::sync::LazyLock;

use kubemedic_model::{naming, resource::Kind};

use super::{
    Naming,
    marks::{Mark, Marks},
    words::{is_counter, is_function_word, is_prose},
};
use crate::analysis::expression::{Expression, Found, Part};

/// Lines longer than this are read up to here only: names of interest stand early.
const MAX_LINE_BYTES: usize = 8192;
/// A clear form: a kind with a separator, a reference of the kubelet, an event's object.
const CLEAR: u32 = 3;
/// A form that its neighbours make likely.
const LIKELY: u32 = 2;
/// A name by its looks alone.
const BARE: u32 = 1;

/// What one line names.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct LineNames {
    /// Objects.
    pub(crate) namings: Vec<Naming>,
    /// Namespaces that it states (`ns X`, `-n X`).
    pub(crate) namespaces: Vec<String>,
}

/// The words for kinds, as an alternation.
pub(super) const KINDS: &str = "pods?|deployments?(?:\\.apps)?|deploy|statefulsets?(?:\\.apps)?|sts|daemonsets?(?:\\.apps)?|ds|\
    replicasets?(?:\\.apps)?|rs|jobs?(?:\\.batch)?|cronjobs?|nodes?|services?|svc|ingress(?:es)?|\
    networkpolic(?:y|ies)|netpol|configmaps?|cm|secrets?|persistentvolumeclaims?|pvcs?|claim|persistentvolumes?|pv|\
    storageclass(?:es)?|resourcequotas?|limitranges?|hpa|horizontalpodautoscalers?|pdb|poddisruptionbudgets?|\
    serviceaccounts?|certificates?|gateways?|virtualservices?|httproutes?|replicationcontrollers?";

/// The forms, each compiled when a line may first hold it.
pub(super) struct Forms {
    namespace: Expression,
    kind_name: Expression,
    name_namespace: Expression,
    json_object: Expression,
    slashed: Expression,
    kubelet: Expression,
    account: Expression,
    host: Expression,
    generated: Expression,
    ordinal: Expression,
    row: Expression,
    workload_row: Expression,
    node_row: Expression,
    claim_row: Expression,
    described: Expression,
    pods_on: Expression,
    kubectl_pod: Expression,
}

impl Forms {
    fn new() -> Self {
        let regex = |pattern: &'static str| Expression::new(pattern);
        Self {
            namespace: regex(
                r#"(?:\b(?i:namespace|ns)(?:["']?\s*[:=/]\s*|\s+)|(?:^|\s)(?:-n|--namespace)[ =]+)["'`]?(?<ns>[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)\b"#,
            ),
            kind_name: Expression::new(format!(
                r#"(?:^|[^a-zA-Z0-9_./-])(?<kind>(?i:{KINDS}))["']?(?<sep>\s*[/:=]\s*|\s+)(?<quote>["'`\\]*)(?:(?<ns>[a-z0-9][a-z0-9-]*)/)?(?<name>[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?)(?<after>["'`]?(?:,?\s+(?:in\s+)?(?:namespace|ns)\b|\s*\((?:ns|namespace)\b|\s*[:,;)]|\s*$|\s+replicas|\s+of\b|\s+on\b|\s+in\b))?"#
            )),
            name_namespace: regex(
                r#"(?:^|[\s"'(,:=])(?<name>[a-z0-9][a-z0-9-]*[a-z0-9])["']?[\s,(]+(?:(?:[A-Z]\w+|(?:daemonset|deployment|statefulset|pod|container|job)(?:\s[a-z0-9-]+)?,?)\s+)?(?:(?:in|from|of)\s+)?(?:the\s+)?(?:namespace|ns)[ :=/]+["']?(?<ns>[a-z0-9][a-z0-9-]*)"#,
            ),
            json_object: regex(
                r#"\\?"name\\?":\s?\\?"(?<name>[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?)\\?",\s?\\?"namespace\\?":\s?\\?"(?<ns>[a-z0-9-]+)\\?"|\\?"namespace\\?":\s?\\?"(?<ns2>[a-z0-9-]+)\\?",\s?\\?"name\\?":\s?\\?"(?<name2>[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?)\\?""#,
            ),
            slashed: regex(
                r#"(?:^|[\s"'=(\[,])(?<ns>[a-z][a-z0-9-]*[a-z0-9])/(?<name>[a-z][a-z0-9-]*-[a-z0-9]+)(?:$|[\s"'),:;\]])"#,
            ),
            kubelet: regex(
                r"(?<name>[a-z0-9][a-z0-9.-]*[a-z0-9])_(?<ns>[a-z0-9][a-z0-9-]*)\((?:[0-9a-f-]{6,36}|[^)\s]{6,40})\)",
            ),
            account: regex(r"system:serviceaccount:(?<ns>[a-z0-9-]+):(?<name>[a-z0-9][a-z0-9.-]*[a-z0-9])"),
            host: regex(r"\b(?<name>[a-z][a-z0-9-]*[a-z0-9])\.(?<ns>[a-z0-9][a-z0-9-]*)\.svc\b"),
            generated: regex(
                r"(?:^|[^a-z0-9.-])(?<name>(?<stem>[a-z][a-z0-9-]*?)-(?<hash>[a-z0-9]{5,10})-(?<suffix>[a-z0-9]{5}))(?:$|[^a-z0-9-])",
            ),
            ordinal: regex(
                r"(?:^|[^a-zA-Z0-9._/-])(?<name>(?<stem>[a-z][a-z0-9-]*[a-z])-(?<n>\d{1,3}))(?:$|[^a-zA-Z0-9_-])",
            ),
            row: regex(
                r"^\s*(?:(?<ns>[a-z][a-z0-9-]*)\s+)?(?<name>[a-z0-9][a-z0-9.-]*[a-z0-9])\s+\d+/\d+\s+(?<status>[A-Z][A-Za-z:/0-9]+)\s",
            ),
            workload_row: regex(r"^\s*(?<name>[a-z0-9][a-z0-9-]*[a-z0-9])\s+\d+/\d+\s+\d+\s+\d+\s+\w+"),
            node_row: regex(r"^\s*(?<name>[a-z0-9][a-z0-9.-]*)\s+(?:Not)?Ready(?:,\w+)*\s+(?:<none>|[a-z])"),
            claim_row: regex(r"^\s*(?<name>[a-z0-9][a-z0-9-]*[a-z0-9])\s+(?:Pending|Bound|Lost)\s"),
            described: regex(r"^\s*Name:\s+(?<name>[a-z0-9][a-z0-9.-]*[a-z0-9])\b(?<rest>.*)$"),
            pods_on: regex(r"\bon (?:the )?(?:node |host )?(?<name>[a-z][a-z0-9.-]*-[a-z0-9-]*[a-z0-9])\b"),
            kubectl_pod: regex(
                r"kubectl\s+(?:logs|exec)\s+(?:-[a-z-]+\s+)*(?<name>[a-z0-9][a-z0-9.-]*[a-z0-9])(?:\s|$)",
            ),
        }
    }
}

/// The forms.
static FORMS: LazyLock<Forms> = LazyLock::new(Forms::new);

/// Compiles the forms that most inputs have.
pub(super) fn warm_up() {
    for form in [&FORMS.kind_name, &FORMS.namespace, &FORMS.row, &FORMS.generated] {
        form.is_valid();
    }
}

/// Whether every form compiles.
#[cfg(test)]
pub(super) fn all_compile() -> bool {
    let forms = &*FORMS;
    let all = [
        &forms.namespace,
        &forms.kind_name,
        &forms.name_namespace,
        &forms.json_object,
        &forms.slashed,
        &forms.kubelet,
        &forms.account,
        &forms.host,
        &forms.generated,
        &forms.ordinal,
        &forms.row,
        &forms.workload_row,
        &forms.node_row,
        &forms.claim_row,
        &forms.described,
        &forms.pods_on,
        &forms.kubectl_pod,
    ];
    all.iter().all(|form| form.is_valid())
}

/// What a line names.
pub(crate) fn named_in(text: &str) -> LineNames {
    let forms = &*FORMS;
    let text = bounded(text);
    let mut line = LineNames::default();
    let marks = Marks::of(text);
    if marks.is_empty() {
        return line;
    }
    for found in marked(marks, Mark::Namespace, &forms.namespace, text) {
        if let Some(ns) = found.name("ns").map(Part::as_str).filter(|it| is_name(it)) {
            line.namespaces.push(ns.to_owned());
        }
    }
    clear_forms(forms, text, marks, &mut line);
    rows(forms, text, marks, &mut line);
    neighbours(forms, text, marks, &mut line);
    looks(forms, text, marks, &mut line);
    line.give_namespace();
    line
}

/// The matches of a form in a line; none where its mark is missing.
fn marked<'r, 't>(
    marks: Marks,
    mark: Mark,
    form: &'r Expression,
    text: &'t str,
) -> impl Iterator<Item = Found<'t>> + use<'r, 't> {
    marks
        .has(mark)
        .then(|| form.captures_iter(text))
        .into_iter()
        .flatten()
}

impl LineNames {
    /// Adds a naming unless the same object was found by a clearer form.
    fn push(&mut self, kind: Kind, namespace: Option<&str>, name: &str, weight: u32) {
        let namespace = namespace.filter(|it| is_name(it)).map(str::to_owned);
        if !naming::is_object_name(name) || !name.bytes().any(|b| b.is_ascii_lowercase()) {
            return;
        }
        let same = |it: &Naming| it.name == name && (it.kind == kind || weight <= LIKELY);
        if self.namings.iter().any(same) {
            return;
        }
        self.namings.push(Naming {
            kind,
            namespace,
            name: name.to_owned(),
            weight,
        });
    }

    /// Objects of a line that states one namespace are in it.
    fn give_namespace(&mut self) {
        let [namespace] = self.namespaces.as_slice() else {
            return;
        };
        for naming in &mut self.namings {
            if naming.namespace.is_none() && !naming.kind.is_cluster_scoped() {
                naming.namespace = Some(namespace.clone());
            }
        }
    }
}

/// Forms that leave no doubt.
fn clear_forms(forms: &Forms, text: &str, marks: Marks, line: &mut LineNames) {
    for found in marked(marks, Mark::Reference, &forms.kubelet, text) {
        line.push(Kind::Pod, part(&found, "ns"), name_of(&found), CLEAR);
    }
    for found in marked(marks, Mark::Account, &forms.account, text) {
        line.push(Kind::ServiceAccount, part(&found, "ns"), name_of(&found), CLEAR);
    }
    let (mut from, last) = marks.kinds().unwrap_or((1, 0));
    while from <= last
        && let Some(found) = text.get(from..).and_then(|rest| forms.kind_name.captures(rest))
    {
        // The next naming may begin with this one's last character, so the search resumes behind the kind's word.
        from += found.name("kind").map_or(text.len(), Part::end);
        kind_and_name(&found, line);
    }
    for found in marked(marks, Mark::Host, &forms.host, text) {
        line.push(Kind::Service, part(&found, "ns"), name_of(&found), LIKELY);
    }
    for found in marked(marks, Mark::Kubectl, &forms.kubectl_pod, text) {
        line.push(Kind::Pod, None, name_of(&found), CLEAR);
    }
}

/// A kind's word followed by a name: with a separator it is clear, with a space the name must look like one.
fn kind_and_name(found: &Found<'_>, line: &mut LineNames) {
    let (Some(kind), Some(separator)) = (part(found, "kind"), part(found, "sep")) else {
        return;
    };
    let kind = match kind.to_ascii_lowercase().as_str() {
        "claim" | "pvcs" => Kind::PersistentVolumeClaim,
        other => Kind::parse(other),
    };
    let name = name_of(found);
    let dotted = name.contains('.') && !matches!(kind, Kind::Node | Kind::PersistentVolume | Kind::ConfigMap);
    let separated = !separator.trim().is_empty() || part(found, "quote").is_some_and(|it| !it.is_empty());
    let before_namespace =
        part(found, "after").is_some_and(|it| it.contains("ns") || it.contains("namespace"));
    if dotted || !is_name(name) || (is_prose(name) && !separated && !before_namespace) {
        return;
    }
    let namespace = part(found, "ns");
    if namespace.is_some_and(|it| Kind::parse(it) == kind) {
        return;
    }
    let structured = name.contains('-') || name.bytes().any(|b| b.is_ascii_digit());
    if separated || namespace.is_some() {
        line.push(kind, namespace, name, CLEAR);
    } else if structured || part(found, "after").is_some() {
        line.push(kind, None, name, LIKELY);
    }
}

/// Rows of kubectl's tables and the first line of a description.
fn rows(forms: &Forms, text: &str, marks: Marks, line: &mut LineNames) {
    let row = |mark: Mark, form: &Expression| marks.has(mark).then(|| form.captures(text)).flatten();
    if let Some(found) = row(Mark::Ratio, &forms.workload_row) {
        line.push(Kind::Deployment, None, name_of(&found), CLEAR);
    } else if let Some(found) = row(Mark::Ratio, &forms.row) {
        let trouble = !matches!(part(&found, "status"), Some("Running" | "Completed"));
        let weight = if trouble { CLEAR } else { BARE };
        line.push(Kind::Pod, part(&found, "ns"), name_of(&found), weight);
    } else if let Some(found) = row(Mark::NodeState, &forms.node_row) {
        line.push(Kind::Node, None, name_of(&found), CLEAR);
    } else if let Some(found) = row(Mark::ClaimState, &forms.claim_row) {
        line.push(Kind::PersistentVolumeClaim, None, name_of(&found), CLEAR);
    } else if let Some(found) = row(Mark::Described, &forms.described) {
        let rest = part(&found, "rest").unwrap_or("");
        let job = rest.contains("Pods Statuses") || rest.contains("Deadline") || rest.contains("Completions");
        let kind = if job { Kind::Job } else { Kind::Pod };
        if job || looks_like_pod(name_of(&found)) {
            line.push(kind, None, name_of(&found), CLEAR);
        }
    }
}

/// Names that a namespace or a path stands next to.
fn neighbours(forms: &Forms, text: &str, marks: Marks, line: &mut LineNames) {
    for found in marked(marks, Mark::Namespace, &forms.name_namespace, text) {
        let name = name_of(&found);
        if is_api_group(&found, text) {
            continue;
        }
        let prose = is_prose(name) && !name.contains('-');
        if is_name(name) && !prose && matches!(Kind::parse(name), Kind::Other(_)) && !is_measure(name) {
            line.push(likely_kind(name), part(&found, "ns"), name, LIKELY);
        }
    }
    if text.contains("namespace") {
        for found in forms.json_object.captures_iter(text) {
            let name = part(&found, "name")
                .or_else(|| part(&found, "name2"))
                .unwrap_or("");
            let namespace = part(&found, "ns").or_else(|| part(&found, "ns2"));
            line.push(likely_kind(name), namespace, name, LIKELY);
        }
    }
    for found in marked(marks, Mark::Slash, &forms.slashed, text) {
        let (namespace, name) = (part(&found, "ns"), name_of(&found));
        let plain = namespace.is_some_and(|ns| matches!(Kind::parse(ns), Kind::Other(_)) && is_name(ns));
        if plain && looks_like_pod(name) {
            line.push(Kind::Pod, namespace, name, LIKELY);
        }
    }
    for found in marked(marks, Mark::PodsOn, &forms.pods_on, text) {
        let name = name_of(&found);
        if text.contains("pods on ") && is_name(name) && !looks_generated(name) {
            line.push(Kind::Node, None, name, LIKELY);
        }
    }
}

/// Names by their looks alone.
fn looks(forms: &Forms, text: &str, marks: Marks, line: &mut LineNames) {
    for found in marked(marks, Mark::Hash, &forms.generated, text) {
        if looks_generated(name_of(&found)) {
            line.push(Kind::Pod, None, name_of(&found), LIKELY);
        }
    }
    for found in marked(marks, Mark::Ordinal, &forms.ordinal, text) {
        let stem = part(&found, "stem").unwrap_or("");
        if !is_counter(stem) && !is_prose(stem) {
            let beside_namespace = !line.namespaces.is_empty();
            let weight = if beside_namespace { LIKELY } else { BARE };
            line.push(Kind::Pod, None, name_of(&found), weight);
        }
    }
}

/// A pod where the name looks like one, else a deployment: what stands bare next to a namespace is a workload.
fn likely_kind(name: &str) -> Kind {
    if looks_like_pod(name) {
        Kind::Pod
    } else {
        Kind::Deployment
    }
}

/// Whether the name has the form of a pod's: generated or `NAME-ORDINAL`.
fn looks_like_pod(name: &str) -> bool {
    looks_generated(name) || naming::owner_of_pod(name).is_some()
}

/// Whether the name is `NAME-HASH-SUFFIX`; the suffix may have letters that Kubernetes avoids: examples often do.
fn looks_generated(name: &str) -> bool {
    let mut parts = name.rsplitn(3, '-');
    let (Some(suffix), Some(hash), Some(stem)) = (parts.next(), parts.next(), parts.next()) else {
        return false;
    };
    let suffix_fits = suffix.len() == 5
        && (naming::is_pod_suffix(suffix) || suffix.bytes().any(|b| b.is_ascii_digit()))
        && suffix.bytes().any(|b| b.is_ascii_lowercase());
    suffix_fits && naming::is_template_hash(hash) && !stem.is_empty()
}

/// A valid name with a letter that is no function word.
fn is_name(word: &str) -> bool {
    naming::is_object_name(word) && !is_function_word(word) && word.bytes().any(|b| b.is_ascii_lowercase())
}

/// Numbers with a unit, such as `64gi` or `30s`.
fn is_measure(word: &str) -> bool {
    word.bytes().next().is_some_and(|b| b.is_ascii_digit()) && !word.contains('-')
}

/// Whether the name is that of an API group, as in `cannot list resource "jobs" in API group "batch" in the namespace "a"`.
fn is_api_group(found: &Found<'_>, text: &str) -> bool {
    let start = found
        .name("name")
        .and_then(|name| name.end().checked_sub(name.as_str().len()));
    let before = start.and_then(|start| text.get(..start)).unwrap_or("");
    before
        .trim_end_matches(['"', '\\', ' '])
        .to_ascii_lowercase()
        .ends_with("api group")
}

fn part<'t>(found: &Found<'t>, group: &str) -> Option<&'t str> {
    found.name(group).map(Part::as_str)
}

fn name_of<'t>(found: &Found<'t>) -> &'t str {
    part(found, "name").unwrap_or("")
}

/// The beginning of an overlong line, cut at a character.
fn bounded(text: &str) -> &str {
    if text.len() <= MAX_LINE_BYTES {
        return text;
    }
    let end = (0..=MAX_LINE_BYTES)
        .rev()
        .find(|it| text.is_char_boundary(*it))
        .unwrap_or(0);
    text.get(..end).unwrap_or(text)
}
