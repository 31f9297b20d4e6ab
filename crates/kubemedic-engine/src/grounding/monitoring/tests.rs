//! A model may raise a finding by one step and explain it, and nothing else.

use kubemedic_model::diagnosis::Diagnosis;

use super::*;
use crate::{analysis, grounding::reply::InsightKind, intake, monitoring};

fn case() -> (Monitoring, Briefing) {
    let text = "2026-01-01T10:00:00Z ERROR cart cannot reach redis.cache.svc:6379: connection refused\n\
                2026-01-01T10:00:01Z WARN cart retrying\n";
    let intake = intake::read_text(text);
    let monitoring = monitoring::monitor(&intake);
    let diagnosis: Diagnosis = analysis::diagnose(&intake, &monitoring);
    let briefing = Briefing::of(&intake, &monitoring, &diagnosis, 10_000);
    (monitoring, briefing)
}

fn insight(finding: &str, priority: Option<&str>) -> InsightReply {
    InsightReply {
        finding: finding.to_owned(),
        meaning: "the cache\u{202e} is\ndown".to_owned(),
        kind: InsightKind::Fault,
        priority: priority.map(str::to_owned),
    }
}

#[test]
fn what_is_said_of_findings_that_there_are_stays_and_the_rest_is_counted() {
    let (monitoring, briefing) = case();
    assert_eq!(monitoring.errors[0].priority, Priority::P1);
    let reply = MonitoringReply {
        reasoning: String::new(),
        insights: vec![
            insight("F1", Some("P3")),
            insight("F1", None),
            insight("F99", None),
            insight("E1", None),
            insight("F2", Some("P0")),
            insight("F0", None),
        ],
    };
    let grounded = ground_monitoring(reply, &briefing, &monitoring);
    let kinds: Vec<DropKind> = grounded.dropped.iter().map(|it| it.kind).collect();
    let unknown = DropKind::UnknownId;
    assert_eq!(kinds, [DropKind::Duplicate, unknown, unknown, unknown]);
    let meanings: Vec<&str> = grounded.value.iter().map(|it| it.meaning.as_str()).collect();
    assert_eq!(meanings, ["the cache is down"; 2]);
    assert_eq!(grounded.value[0].priority, None, "never lowered");
    let warning = monitoring.warnings[0].priority;
    let raised = grounded.value[1].priority.expect("raised");
    assert_eq!(warning as u8 - raised as u8, 1, "by one step");
}
