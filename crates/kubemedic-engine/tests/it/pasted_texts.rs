//! Texts that were diagnosed wrongly once, whole, as users paste them.

use kubemedic_engine::{intake, monitoring};
use kubemedic_model::{
    diagnosis::{Diagnosis, Verdict},
    evidence_object::WorkflowInput,
};

use crate::shared;

const CHECKOUT: &str = include_str!("../../../../samples/checkout-outage.log");
const CRASH_LOOP: &str = "ERROR: Pod api-service-7b4f9d in namespace production is in CrashLoopBackOff state";

fn diagnosed(text: &str) -> Diagnosis {
    shared::diagnose(&WorkflowInput::Text(text.to_owned()))
}

fn class_of(diagnosis: &Diagnosis) -> Option<&str> {
    diagnosis.root_causes.first().map(|cause| cause.class.id())
}

#[test]
fn a_kill_that_the_state_shows_wins_over_warnings_of_a_full_heap() {
    let diagnosis = diagnosed(CHECKOUT);
    assert_eq!(class_of(&diagnosis), Some("oom-killed"), "{}", diagnosis.summary);
    let cause = &diagnosis.root_causes[0];
    let object = cause.object.as_ref().expect("the cause has an object");
    assert!(object.name.starts_with("checkout-"), "{object}");
    assert!(cause.sentence.contains("256Mi"), "{}", cause.sentence);
    assert_eq!(diagnosis.missing, Vec::<String>::new());
}

#[test]
fn no_captured_number_is_cut_in_the_middle() {
    let diagnosis = diagnosed(CHECKOUT);
    let causes = diagnosis.root_causes.iter().chain(&diagnosis.alternatives);
    for sentence in causes
        .map(|cause| cause.sentence.as_str())
        .chain([diagnosis.summary.as_str()])
    {
        let words = sentence.split(|c: char| !c.is_ascii_alphanumeric());
        let cut: Vec<&str> = words
            .filter(|word| word.len() > 2 && ("48210".starts_with(word) || "51877".starts_with(word)))
            .filter(|word| word.len() < 5)
            .collect();
        assert_eq!(cut, Vec::<&str>::new(), "{sentence}");
    }
}

#[test]
fn a_named_pod_without_a_cause_is_insufficient_evidence_about_that_pod() {
    let input = WorkflowInput::Text(CRASH_LOOP.to_owned());
    let diagnosis = shared::diagnose(&input);
    assert_eq!(diagnosis.verdict, Verdict::InsufficientEvidence);
    let names: Vec<&str> = diagnosis.objects.iter().map(|it| it.name.as_str()).collect();
    assert_eq!(names.first(), Some(&"api-service-7b4f9d"));
    let found = monitoring::monitor(&intake::read(&input));
    let finding = found.errors.first().expect("the line is an error");
    let source = (finding.source.namespace.as_deref(), finding.source.name());
    assert_eq!(source, (Some("production"), Some("api-service-7b4f9d")));
}

#[test]
fn counters_of_metrics_are_no_share_of_throttled_time() {
    let text = "# HELP container_cpu_cfs_throttled_seconds_total Total time throttled.\n\
        # TYPE container_cpu_cfs_throttled_seconds_total counter\n\
        container_cpu_cfs_throttled_seconds_total{namespace=\"shop\",pod=\"cart-0\"} 744.6\n\
        container_cpu_cfs_periods_total{namespace=\"shop\",pod=\"cart-0\"} 901223\n";
    let diagnosis = diagnosed(text);
    assert_eq!(class_of(&diagnosis), None, "{}", diagnosis.summary);
}
