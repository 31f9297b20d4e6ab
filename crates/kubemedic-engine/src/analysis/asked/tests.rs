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

fn raised(query: Option<&str>) -> [bool; 2] {
    let mut live = [suspended("nightly-invoice"), suspended("cleanup")];
    confirm(query, &mut live);
    live.map(|it| strength(&it) >= FLOOR)
}

#[test]
fn a_complaint_raises_the_latent_fault_of_the_object_that_it_names() {
    assert_eq!(raised(Some("The nightly-invoice has not come.")), [true, false]);
}

#[test]
fn no_question_no_complaint_and_no_name_change_nothing() {
    assert_eq!(raised(None), [false, false]);
    assert_eq!(raised(Some("What does nightly-invoice do?")), [false, false]);
    assert_eq!(raised(Some("Why is the shop broken?")), [false, false]);
}
