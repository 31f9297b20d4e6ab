//! The knowledge base: one playbook per failure class, one file per group of the taxonomy.
//! It holds judgement about order and words only; commands are built in `repair` and `look`.

mod config;
mod container;
mod data;
mod image;
mod network;
mod node;
mod policy;
mod probe;
mod scheduling;
mod security;
mod storage;
mod workload;

use kubemedic_model::class::FailureClass;

use super::playbook::Playbook;

/// What to do about a class; none for `healthy`.
pub(crate) fn playbook(class: FailureClass) -> Option<&'static Playbook> {
    container::playbook(class)
        .or_else(|| image::playbook(class))
        .or_else(|| config::playbook(class))
        .or_else(|| probe::playbook(class))
        .or_else(|| scheduling::playbook(class))
        .or_else(|| policy::playbook(class))
        .or_else(|| storage::playbook(class))
        .or_else(|| node::playbook(class))
        .or_else(|| network::playbook(class))
        .or_else(|| data::playbook(class))
        .or_else(|| security::playbook(class))
        .or_else(|| workload::playbook(class))
}
