//! What a file's path tells of its pod: the shapes in which the kubelet lays out logs on a node.

use std::path::Path;

use serde_json::{Map, Value};

/// The pod and container that wrote a file, as far as its path tells.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Place {
    /// The namespace.
    pub namespace: Option<String>,
    /// The pod.
    pub pod: Option<String>,
    /// The container.
    pub container: Option<String>,
}

impl Place {
    /// Reads `NAMESPACE_POD_UID/CONTAINER/0.log` and `POD_NAMESPACE_CONTAINER-ID.log`, wherever they stand.
    pub(super) fn of(path: &Path) -> Self {
        let parts: Vec<&str> = path.iter().filter_map(|part| part.to_str()).collect();
        let below_pods = match parts.as_slice() {
            [.., pod, container, _] => pods_folder(pod, container),
            _ => None,
        };
        below_pods
            .or_else(|| containers_link(parts.last()?))
            .unwrap_or_default()
    }

    /// The names as fields of an entry, with the file's own name.
    pub(super) fn fields(&self, file: &str) -> Map<String, Value> {
        let named = [
            ("namespace", self.namespace.as_deref()),
            ("pod", self.pod.as_deref()),
            ("container", self.container.as_deref()),
            ("file", Some(file)),
        ];
        named
            .into_iter()
            .filter_map(|(name, value)| Some((name.to_owned(), Value::from(value?))))
            .collect()
    }

    fn new(namespace: &str, pod: &str, container: &str) -> Option<Self> {
        let all_named = ![namespace, pod, container].contains(&"");
        all_named.then(|| Self {
            namespace: Some(namespace.to_owned()),
            pod: Some(pod.to_owned()),
            container: Some(container.to_owned()),
        })
    }
}

/// `NAMESPACE_POD_UID` and `CONTAINER`. The uid is a UUID, or the hash of a static pod's manifest.
fn pods_folder(folder: &str, container: &str) -> Option<Place> {
    let (namespace, rest) = folder.split_once('_')?;
    let (pod, uid) = rest.split_once('_')?;
    let is_uid = uid.len() >= 32 && uid.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-');
    is_uid.then(|| Place::new(namespace, pod, container)).flatten()
}

/// `POD_NAMESPACE_CONTAINER-ID.log`, the id being 64 hexadecimal digits.
fn containers_link(name: &str) -> Option<Place> {
    let (pod, rest) = name.split_once(".log")?.0.split_once('_')?;
    let (namespace, rest) = rest.split_once('_')?;
    let (container, id) = rest.rsplit_once('-')?;
    let is_id = id.len() == 64 && id.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_id.then(|| Place::new(namespace, pod, container)).flatten()
}
