//! Fresh ids, so that tests can count them.

use uuid::Uuid;

/// Makes ids that were never made before.
pub trait IdSource: Send + Sync + std::fmt::Debug {
    /// A fresh UUID.
    fn fresh(&self) -> Uuid;
}
