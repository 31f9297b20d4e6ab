//! The order of steps and the events that show them done.

use kubemedic_model::{evidence::Origin, snapshot::event::ClusterEvent};

use super::{follows, steps_after};

fn event(reason: &str, message: &str, age_seconds: u64) -> ClusterEvent {
    ClusterEvent {
        warning: true,
        reason: reason.to_owned(),
        message: message.to_owned(),
        object: None,
        component: None,
        count: 1,
        age_seconds: Some(age_seconds),
        first_seen: None,
        last_seen: None,
        origin: Origin::default(),
    }
}

#[test]
fn a_start_overtakes_a_pull_but_not_a_crash() {
    let pull = event("BackOff", "Back-off pulling image \"web:3\"", 60);
    let crash = event("BackOff", "Back-off restarting failed container web", 60);
    assert!(steps_after(&pull).contains(&"Started"));
    assert_eq!(steps_after(&crash), &[] as &[&str]);
}

#[test]
fn the_younger_event_follows() {
    let (old, young) = (event("FailedScheduling", "", 540), event("Scheduled", "", 420));
    assert!(follows(&young, &old));
    assert!(!follows(&old, &young));
    assert!(!follows(&old, &old));
}
