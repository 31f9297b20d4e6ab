//! A webhook receiver by script.

use std::sync::Mutex;

use async_trait::async_trait;
use kubemedic_ports::notifier::{Notifier, NotifierError};

use crate::lock;

/// What the receiver does with a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Reception {
    /// It takes it.
    #[default]
    Takes,
    /// It fails, and wants to be asked again.
    Fails,
    /// It wants no more.
    Gone,
}

/// Remembers what was delivered.
#[derive(Debug, Default)]
pub struct ScriptedNotifier {
    reception: Mutex<Reception>,
    delivered: Mutex<Vec<(String, String)>>,
}

impl ScriptedNotifier {
    /// Changes what happens to the deliveries to come.
    pub fn set(&self, reception: Reception) {
        *lock(&self.reception) = reception;
    }

    /// Ids and bodies that were taken, in order.
    pub fn delivered(&self) -> Vec<(String, String)> {
        lock(&self.delivered).clone()
    }
}

#[async_trait]
impl Notifier for ScriptedNotifier {
    async fn deliver(&self, id: &str, body: &str) -> Result<(), NotifierError> {
        let url = String::from("http://receiver.example/hook");
        match *lock(&self.reception) {
            Reception::Takes => {
                lock(&self.delivered).push((id.to_owned(), body.to_owned()));
                Ok(())
            }
            Reception::Fails => Err(NotifierError::Retry {
                url,
                reason: "503".into(),
                retry_after_seconds: None,
            }),
            Reception::Gone => Err(NotifierError::Gone { url }),
        }
    }
}
