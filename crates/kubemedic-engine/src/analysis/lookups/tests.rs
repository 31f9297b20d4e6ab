//! Which claims about DNS survive the current objects.

use super::*;
use crate::analysis::{
    fixtures::{event, pod, shop},
    hypothesis::{Exhibit, Standing},
    view::pod_ref,
};

/// The likelihood and sentence of a claim that a host does not resolve, as the words told it.
fn weighed(host: &str, words: &str) -> (f64, String) {
    let snapshot = shop(vec![pod("web")]);
    let object = pod_ref(&pod("web"));
    let exhibit = Exhibit::event(&event(object.clone(), "Error", words));
    let mut claim = Hypothesis::new(FailureClass::DnsFailure, Standing::Reported, 0.9)
        .about(object)
        .fact(Fact::Host, Some(host))
        .because("told", "told")
        .shown_by([exhibit]);
    weigh(&View::new(&snapshot), &mut claim);
    (claim.likelihood, claim.sentence)
}

#[test]
fn a_name_that_a_service_has_now_is_no_broken_dns() {
    let (likelihood, _) = weighed("web", "lookup web on 10.96.0.10:53: no such host");
    assert!(likelihood < 0.35);
}

#[test]
fn a_resolver_that_does_not_answer_stays_a_fault_of_dns() {
    let (likelihood, sentence) = weighed("web", "lookup web: read udp 10.96.0.10:53: i/o timeout");
    assert_eq!((likelihood, sentence.as_str()), (0.9, "told"));
}

#[test]
fn a_name_that_no_service_has_is_told_as_that() {
    let (likelihood, sentence) = weighed("webb", "lookup webb on 10.96.0.10:53: no such host");
    assert!((likelihood - 0.9).abs() < f64::EPSILON);
    assert!(sentence.ends_with("no Service of that name exists"), "{sentence}");
}

#[test]
fn an_outside_name_is_not_compared_with_services() {
    let (likelihood, sentence) = weighed("api.example.com", "lookup api.example.com: no such host");
    assert_eq!((likelihood, sentence.as_str()), (0.9, "told"));
}
