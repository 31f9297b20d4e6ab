//! Tests of what a question adds.

use kubemedic_model::resource::ResourceRef;

use super::*;

fn suspended(name: &str) -> Hypothesis {
    Hypothesis::new(FailureClass::JobDeadline, Standing::Verified, 0.3).about(ResourceRef::new(
        Kind::CronJob,
        Some("shop"),
        name,
    ))
}

fn strengths(query: Option<&str>) -> [f64; 2] {
    let mut live = [suspended("nightly-invoice"), suspended("cleanup")];
    confirm(query, &mut live);
    live.map(|it| it.likelihood)
}

#[test]
fn a_complaint_raises_the_latent_fault_of_the_object_that_it_names() {
    assert_eq!(
        strengths(Some("The nightly-invoice has not come.")),
        [MISSED, 0.3]
    );
}

#[test]
fn no_question_no_complaint_and_no_name_change_nothing() {
    assert_eq!(strengths(None), [0.3, 0.3]);
    assert_eq!(strengths(Some("What does nightly-invoice do?")), [0.3, 0.3]);
    assert_eq!(strengths(Some("Why is the shop broken?")), [0.3, 0.3]);
}
