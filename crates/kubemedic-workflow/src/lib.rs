//! The orchestrator: what happens to an input from the first byte to the last decision, and who may ask for what.
//! It decides through `engine` and acts through `ports`; it knows neither HTTP nor SQL nor processes.

pub mod approvals;
pub mod feedback;
pub mod services;
pub mod stream;
pub mod workflows;
