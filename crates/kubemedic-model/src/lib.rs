//! The vocabulary of kubemedic: values that every other crate speaks.
//! It holds no I/O, no clock and no async; text becomes one of these types once, through a parser elsewhere.

pub mod approval;
pub mod class;
pub mod command;
pub mod consultation;
pub mod diagnosis;
pub mod digest;
pub mod encoding;
pub mod event;
pub mod evidence;
pub mod evidence_object;
pub mod feedback;
pub mod finding;
pub mod id;
pub mod learning;
pub mod log;
pub mod naming;
pub mod outcome;
pub mod plan;
pub mod resource;
pub mod snapshot;
pub mod usage;
pub mod workflow;
