//! The body of `kubectl patch`: how it is read, and what in it reaches further than an ordinary change.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{ParseError, facts::Fact};

/// The deepest nesting that is looked at; Kubernetes' own objects stay far below.
const MAX_DEPTH: usize = 64;
/// The depth down to which taking a field away takes an object's core away.
const CORE_DEPTH: usize = 2;
/// Fields that give a container more power over its node or identity.
const PRIVILEGE: [&str; 20] = [
    "privileged",
    "securitycontext",
    "hostpath",
    "hostnetwork",
    "hostpid",
    "hostipc",
    "hostusers",
    "hostport",
    "capabilities",
    "allowprivilegeescalation",
    "procmount",
    "runasuser",
    "serviceaccountname",
    "serviceaccount",
    "automountserviceaccounttoken",
    "rolebinding",
    "roleref",
    "subjects",
    "imagepullsecrets",
    "priorityclassname",
];
/// Fields whose content a container runs, or that bring containers.
const CODE: [&str; 7] = [
    "command",
    "lifecycle",
    "exec",
    "initcontainers",
    "ephemeralcontainers",
    "webhooks",
    "sidecars",
];
/// Fields that lead traffic elsewhere.
const TRAFFIC: [&str; 6] = [
    "externalips",
    "externalname",
    "loadbalancerip",
    "loadbalancersourceranges",
    "clusterip",
    "clusterips",
];

/// Reads a patch: JSON, or YAML on one line. A key that is there twice makes it ambiguous, so it is an error.
pub(super) fn read(text: &str) -> Result<Value, ParseError> {
    let wrong = |why: &str| ParseError::new(format!("the patch {why}"));
    let value: Value =
        serde_saphyr::from_str(text).map_err(|_| wrong("is neither JSON nor YAML, or holds a key twice"))?;
    if !matches!(value, Value::Object(_) | Value::Array(_)) {
        return Err(wrong("is neither an object nor a list of operations"));
    }
    if depth_exceeds(&value, MAX_DEPTH) {
        return Err(wrong("is nested too deep"));
    }
    Ok(value)
}

fn depth_exceeds(value: &Value, left: usize) -> bool {
    let Some(left) = left.checked_sub(1) else {
        return true;
    };
    match value {
        Value::Object(fields) => fields.values().any(|value| depth_exceeds(value, left)),
        Value::Array(items) => items.iter().any(|value| depth_exceeds(value, left)),
        _ => false,
    }
}

/// What reaches further in a patch.
pub(super) fn facts(patch: &Value, found: &mut BTreeSet<Fact>) {
    match patch {
        Value::Array(operations) => operations
            .iter()
            .for_each(|operation| operation_facts(operation, found)),
        _ => walk(patch, &mut Vec::new(), found),
    }
}

/// One operation of a JSON patch (RFC 6902): the path's parts are fields as in a merge patch.
fn operation_facts(operation: &Value, found: &mut BTreeSet<Fact>) {
    let text = |field: &str| operation.get(field).and_then(Value::as_str);
    let (Some(kind), Some(path)) = (text("op"), text("path")) else {
        found.insert(Fact::PatchRemovesCore);
        return;
    };
    let mut fields: Vec<String> = path.split('/').skip(1).map(pointer_part).collect();
    if fields.len() <= 1 || kind == "move" || kind == "copy" {
        found.insert(Fact::PatchRemovesCore);
    }
    for field in &fields {
        field_facts(field, found);
    }
    match kind {
        "remove" if fields.len() <= CORE_DEPTH => {
            found.insert(Fact::PatchRemovesCore);
        }
        "add" | "replace" => match operation.get("value") {
            Some(value) => walk(value, &mut fields, found),
            None => {
                found.insert(Fact::PatchRemovesCore);
            }
        },
        "remove" | "test" => {}
        _ => {
            found.insert(Fact::PatchRemovesCore);
        }
    }
}

fn pointer_part(part: &str) -> String {
    part.replace("~1", "/").replace("~0", "~").to_ascii_lowercase()
}

/// Walks the fields; `path` holds the names from the root down, in lower case.
fn walk(value: &Value, path: &mut Vec<String>, found: &mut BTreeSet<Fact>) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                let name = name.to_ascii_lowercase();
                if !in_notes(path) {
                    field_facts(&name, found);
                }
                path.push(name);
                walk(value, path, found);
                path.pop();
            }
        }
        Value::Array(items) => items.iter().for_each(|item| walk(item, path, found)),
        scalar => scalar_facts(scalar, path, found),
    }
}

/// Whether the path leads into the data of a configuration.
fn is_data(path: &[String]) -> bool {
    path.first()
        .is_some_and(|field| matches!(field.as_str(), "data" | "binarydata"))
}

/// Whether the path leads into labels, annotations or a configuration's data, whose keys are free.
fn in_notes(path: &[String]) -> bool {
    is_data(path)
        || path
            .iter()
            .any(|field| matches!(field.as_str(), "labels" | "annotations" | "matchlabels"))
}

fn field_facts(name: &str, found: &mut BTreeSet<Fact>) {
    if name == "finalizers" || name == "ownerreferences" || name == "deletiontimestamp" {
        found.insert(Fact::PatchDropsProtection);
    }
    if PRIVILEGE.contains(&name) {
        found.insert(Fact::PatchGivesPrivilege);
    }
    if CODE.contains(&name) {
        found.insert(Fact::PatchRunsCode);
    }
    if TRAFFIC.contains(&name) {
        found.insert(Fact::PatchLeadsTraffic);
    }
    if name.starts_with('$') {
        found.insert(Fact::PatchRemovesCore);
    }
    if name.contains("snippet") {
        found.insert(Fact::RunsSnippet);
    }
}

fn scalar_facts(value: &Value, path: &[String], found: &mut BTreeSet<Fact>) {
    let last = path.last().map_or("", String::as_str);
    if value.is_null() && (path.len() <= 1 || path.len() == CORE_DEPTH && !is_data(path)) {
        found.insert(Fact::PatchRemovesCore);
    }
    if matches!(last, "replicas" | "minreplicas" | "maxreplicas" | "parallelism") {
        match value.as_u64() {
            Some(0) | None => {
                found.insert(Fact::ReplicasZero);
            }
            Some(count) if count > super::facts::MANY_REPLICAS => {
                found.insert(Fact::ReplicasMany);
            }
            Some(_) => {}
        }
    }
    if last == "effect" && value == "NoExecute" {
        found.insert(Fact::Evicts);
    }
    if last == "type" && (value == "ExternalName" || value == "LoadBalancer" || value == "NodePort") {
        found.insert(Fact::PatchLeadsTraffic);
    }
    if path.iter().any(|field| field.contains("snippet")) {
        found.insert(Fact::RunsSnippet);
    }
}
