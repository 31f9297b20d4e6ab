//! The changes of each way to repair, computed from the evidence alone: where a name or a value is not there,
//! there is no change. Which way suits which class is decided in `knowledge`.

pub(crate) mod config;
pub(crate) mod image;
pub(crate) mod network;
pub(crate) mod node;
pub(crate) mod probe;
pub(crate) mod replicas;
pub(crate) mod resources;
pub(crate) mod rollout;
pub(crate) mod schedule;
pub(crate) mod storage;

use kubemedic_model::resource::Kind;

use super::site::Target;

/// What `describe` and `get` say of an object, for sentences.
fn called(target: &Target) -> String {
    target.resource().to_string()
}

/// Whether an object is a kind whose pod template a patch may change with a rollout.
fn has_template(target: &Target) -> bool {
    matches!(
        target.kind,
        Kind::Deployment | Kind::StatefulSet | Kind::DaemonSet
    )
}
