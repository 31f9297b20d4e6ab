//! Kubernetes' naming rules: what a valid name is, and which workload a generated pod name comes from.
//! Source: `k8s.io/apimachinery/pkg/util/rand` (the alphabet of generated suffixes) and the controllers' name formats.

use crate::resource::Kind;

/// The alphabet of generated suffixes: no vowels and none of 0, 1, 3, so that no word appears by chance.
const SUFFIX_ALPHABET: &str = "bcdfghjklmnpqrstvwxz2456789";
/// The length of the random suffix that `generateName` appends.
const POD_SUFFIX_LENGTH: usize = 5;
/// The lengths that a pod-template hash has had (a 32-bit number in the alphabet above).
const TEMPLATE_HASH_LENGTHS: std::ops::RangeInclusive<usize> = 5..=10;
/// The longest DNS subdomain name, in bytes (RFC 1123).
const MAX_NAME_BYTES: usize = 253;

/// A workload inferred from a pod's name alone. It is a hypothesis: commands that use it read it first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DerivedOwner {
    /// The kind that names pods this way.
    pub kind: Kind,
    /// The owner's name.
    pub name: String,
}

/// The workload whose controller makes pod names of this form:
/// `NAME-HASH-SUFFIX` a Deployment, `NAME-ORDINAL` a StatefulSet, `NAME-SUFFIX` a DaemonSet or Job (told as DaemonSet).
pub fn owner_of_pod(pod: &str) -> Option<DerivedOwner> {
    let (rest, last) = pod.rsplit_once('-')?;
    if rest.is_empty() {
        return None;
    }
    if last.len() <= 4 && !last.is_empty() && last.bytes().all(|b| b.is_ascii_digit()) {
        return Some(DerivedOwner {
            kind: Kind::StatefulSet,
            name: rest.to_owned(),
        });
    }
    if !is_pod_suffix(last) {
        return None;
    }
    if let Some((name, hash)) = rest.rsplit_once('-')
        && !name.is_empty()
        && is_template_hash(hash)
    {
        return Some(DerivedOwner {
            kind: Kind::Deployment,
            name: name.to_owned(),
        });
    }
    Some(DerivedOwner {
        kind: Kind::DaemonSet,
        name: rest.to_owned(),
    })
}

/// The Deployment whose controller names ReplicaSets this way: `NAME-HASH`.
pub fn deployment_of_replica_set(replica_set: &str) -> Option<&str> {
    let (name, hash) = replica_set.rsplit_once('-')?;
    (!name.is_empty() && is_template_hash(hash)).then_some(name)
}

/// Whether the text is a suffix that `generateName` could have made.
pub fn is_pod_suffix(text: &str) -> bool {
    text.len() == POD_SUFFIX_LENGTH && text.chars().all(|c| SUFFIX_ALPHABET.contains(c))
}

/// Whether the text looks like a pod-template hash. Pasted examples often use letters outside of the alphabet, so any
/// lower-case letter and digit counts where at least one digit is there.
pub fn is_template_hash(text: &str) -> bool {
    TEMPLATE_HASH_LENGTHS.contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_digit() || b.is_ascii_lowercase())
        && text.bytes().any(|b| b.is_ascii_digit())
}

/// Whether the text is a valid object name (an RFC 1123 DNS subdomain).
pub fn is_object_name(text: &str) -> bool {
    !text.is_empty() && text.len() <= MAX_NAME_BYTES && text.split('.').all(is_label)
}

/// One dot-separated part of a name: letters, digits and inner hyphens.
fn is_label(part: &str) -> bool {
    let alphanumeric = |b: Option<&u8>| b.is_some_and(u8::is_ascii_alphanumeric);
    let bytes = part.as_bytes();
    alphanumeric(bytes.first())
        && alphanumeric(bytes.last())
        && bytes
            .iter()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || *b == b'-')
}
