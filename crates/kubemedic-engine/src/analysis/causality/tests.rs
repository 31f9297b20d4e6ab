//! Tests of the causal table.

use kubemedic_model::class::FailureClass;

use super::{Reach, TABLE, reach};

#[test]
fn a_crash_of_the_callee_reaches_its_callers() {
    assert_eq!(
        reach(FailureClass::OomKilled, FailureClass::ConnectionRefusedDependency),
        Some(Reach::Callers)
    );
    assert_eq!(
        reach(FailureClass::ConnectionRefusedDependency, FailureClass::OomKilled),
        None
    );
}

#[test]
fn healthy_is_neither_cause_nor_effect() {
    for (causes, _, effects) in TABLE {
        assert!(!causes.contains(&FailureClass::Healthy));
        assert!(!effects.contains(&FailureClass::Healthy));
    }
}
