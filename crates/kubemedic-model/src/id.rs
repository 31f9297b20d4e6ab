//! Identifiers. Each kind of id is its own type, so that one can never be passed for another.

use std::{fmt, marker::PhantomData, str::FromStr};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A UUID that names one `T`.
#[derive(Serialize, Deserialize)]
#[serde(transparent)]
pub struct Id<T> {
    value: Uuid,
    #[serde(skip)]
    of: PhantomData<fn() -> T>,
}

impl<T> Id<T> {
    /// Wraps a UUID.
    pub const fn new(value: Uuid) -> Self {
        Self {
            value,
            of: PhantomData,
        }
    }

    /// The UUID.
    pub const fn uuid(self) -> Uuid {
        self.value
    }
}

impl<T> Clone for Id<T> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<T> Copy for Id<T> {}
impl<T> PartialEq for Id<T> {
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value
    }
}
impl<T> Eq for Id<T> {}
impl<T> PartialOrd for Id<T> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl<T> Ord for Id<T> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.value.cmp(&other.value)
    }
}
impl<T> std::hash::Hash for Id<T> {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.value.hash(state);
    }
}
impl<T> fmt::Display for Id<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.value.fmt(f)
    }
}
impl<T> fmt::Debug for Id<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.value.fmt(f)
    }
}
impl<T> FromStr for Id<T> {
    type Err = uuid::Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Uuid::try_parse(text).map(Self::new)
    }
}

/// Marks the ids of workflows.
#[derive(Debug)]
pub enum Workflow {}

/// Names one workflow: one input and everything that followed from it.
pub type WorkflowId = Id<Workflow>;

/// A text is not an identifier: blank, longer than [`MAX_TEXT_ID_BYTES`], or with a control character.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("an id must have 1 to {MAX_TEXT_ID_BYTES} bytes and no control characters")]
pub struct InvalidTextId;

/// The longest text id that is accepted, in bytes: room for any UUID-based scheme of a foreign approval server.
pub const MAX_TEXT_ID_BYTES: usize = 200;

macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// Checks the text and wraps it.
            ///
            /// # Errors
            /// [`InvalidTextId`] when the text is blank, too long or has control characters.
            pub fn new(text: impl Into<String>) -> Result<Self, InvalidTextId> {
                let text = text.into();
                let fits = !text.trim().is_empty()
                    && text.len() <= MAX_TEXT_ID_BYTES
                    && !text.chars().any(char::is_control);
                if fits { Ok(Self(text)) } else { Err(InvalidTextId) }
            }

            /// The id as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = String::deserialize(deserializer)?;
                Self::new(text).map_err(serde::de::Error::custom)
            }
        }
    };
}

text_id! {
    /// Names one approval. Text, because another approval server chooses its own form.
    ApprovalId
}
text_id! {
    /// Names one feedback record: `{workflow_id}_remediation_{unix seconds}`.
    FeedbackId
}

impl ApprovalId {
    /// The id of an approval that the built-in server keeps: `approval_{uuid without hyphens}`.
    pub fn from_uuid(value: Uuid) -> Self {
        Self(format!("approval_{}", value.simple()))
    }
}

impl FeedbackId {
    /// The id of a workflow's feedback record, made at `unix_seconds`.
    pub fn for_workflow(workflow: WorkflowId, unix_seconds: i64) -> Self {
        Self(format!("{workflow}_remediation_{unix_seconds}"))
    }
}
