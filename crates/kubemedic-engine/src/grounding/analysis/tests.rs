//! The engine's right answer survives, and a good reply helps where the engine is lost.

use kubemedic_model::class::FailureClass;

use super::*;
use crate::{
    analysis,
    grounding::reply::{CauseReply, ObjectReply},
    intake, monitoring,
};

/// A text that no rule knows.
const UNKNOWN: &str = "2026-02-03T09:12:00Z ERROR mailer: could not find an IP address behind the name smtp.relay.internal  \
                       pod=mailer-5c8d7b9f64-x2zkq ns=mail\n";
/// A text that a rule knows well.
const KNOWN: &str = "2026-02-03T09:12:00Z ERROR cart: dial tcp 10.0.0.7:6379: connect: connection refused \
                     (redis.cache.svc:6379) pod=cart-6d9c8b7f54-k2lzq ns=shop\n";

struct Case {
    intake: Intake,
    diagnosis: Diagnosis,
    briefing: Briefing,
}

fn case(text: &str) -> Case {
    let intake = intake::read_text(text);
    let monitoring = monitoring::monitor(&intake);
    let diagnosis = analysis::diagnose(&intake, &monitoring);
    let briefing = Briefing::of(&intake, &monitoring, &diagnosis, 10_000);
    Case {
        intake,
        diagnosis,
        briefing,
    }
}

fn reply(class: &str, name: Option<(&str, &str)>, evidence: &[&str]) -> AnalysisReply {
    AnalysisReply {
        reasoning: String::new(),
        causes: vec![CauseReply {
            failure_class: class.to_owned(),
            cause: None,
            object: name.map(|(kind, name)| ObjectReply {
                kind: kind.to_owned(),
                namespace: None,
                name: name.to_owned(),
            }),
            claim: None,
            explanation: "It says so.".to_owned(),
            contributing_factors: vec!["The relay was renamed.".to_owned()],
            evidence: evidence.iter().map(|it| (*it).to_owned()).collect(),
            confidence: 0.97,
        }],
        explanation_of_first: "The relay's name is not known to DNS.".to_owned(),
        disagreement_reason: Some("The text is plain.".to_owned()),
        missing: vec!["the output of nslookup".to_owned()],
    }
}

fn ground(case: &Case, reply: AnalysisReply) -> Grounded<Diagnosis> {
    ground_analysis(reply, &case.briefing, &case.intake, &case.diagnosis)
}

#[test]
fn an_error_that_nobody_explained_becomes_an_incident_by_a_supported_cause() {
    let case = case(UNKNOWN);
    assert_eq!(case.diagnosis.verdict, Verdict::InsufficientEvidence);
    let grounded = ground(
        &case,
        reply("dns-failure", Some(("Pod", "mailer-5c8d7b9f64-x2zkq")), &["F1"]),
    );
    let merged = &grounded.value;
    let first = &merged.root_causes[0];
    assert_eq!(
        (merged.verdict, first.class, first.author),
        (Verdict::Incident, FailureClass::DnsFailure, Author::Model)
    );
    assert!(
        (merged.confidence.get() - 0.55).abs() < 1e-9,
        "its own word is capped: {:?}",
        merged.confidence
    );
    assert_eq!(
        first.sentence,
        "DNS resolution failure at Pod mail/mailer-5c8d7b9f64-x2zkq, as a language model reads E1"
    );
    assert_eq!(first.explanation, "The relay's name is not known to DNS.");
    assert_eq!(
        first.workload.as_ref().map(|it| it.resource.name.as_str()),
        Some("mailer")
    );
    assert!(merged.evidence[0].quote.contains("could not find an IP address"));
    assert_eq!(
        merged.missing.last().map(String::as_str),
        Some("the output of nslookup")
    );
    let disagreement = grounded.disagreement.expect("both are shown");
    assert_eq!(disagreement.decided_for, Chosen::Model);
    assert_eq!(disagreement.model_reason.as_deref(), Some("The text is plain."));
}

#[test]
fn an_unsupported_idea_about_an_unexplained_error_is_a_hypothesis() {
    let case = case(UNKNOWN);
    let grounded = ground(&case, reply("disk-full", None, &["F1"]));
    assert_eq!(grounded.value.verdict, Verdict::InsufficientEvidence);
    let idea = grounded.value.alternatives.last().expect("a hypothesis");
    assert_eq!((idea.class, idea.author), (FailureClass::DiskFull, Author::Model));
    assert!(idea.confidence.get() <= 0.2);
    assert_eq!(
        grounded.disagreement.map(|it| it.decided_for),
        Some(Chosen::Engine)
    );
}

#[test]
fn where_both_agree_the_models_words_stand_behind_the_engines() {
    let case = case(KNOWN);
    let engine = &case.diagnosis.root_causes[0];
    let grounded = ground(&case, reply(engine.class.id(), None, &["E1"]));
    let merged = &grounded.value.root_causes[0];
    assert_eq!(grounded.disagreement, None);
    assert_eq!(merged.author, Author::Both);
    assert_eq!(merged.sentence, engine.sentence);
    assert_eq!(
        merged.explanation,
        format!("{} The relay's name is not known to DNS.", engine.explanation)
    );
    assert_eq!(
        (merged.confidence, grounded.value.confidence),
        (engine.confidence, case.diagnosis.confidence)
    );
}

#[test]
fn a_sure_engine_is_explained_and_not_overruled() {
    let case = case(KNOWN);
    let grounded = ground(&case, reply("dns-failure", None, &["E1"]));
    assert_eq!(grounded.value.root_causes, case.diagnosis.root_causes);
    assert_eq!(grounded.value.verdict, Verdict::Incident);
}

#[test]
fn invented_names_ids_and_words_are_dropped_and_what_can_be_mended_is_told() {
    let case = case(UNKNOWN);
    let grounded = ground(
        &case,
        reply(
            "dns-failure",
            Some(("Pod", "ghost-7f8c9d6b54-x2zkq")),
            &["F1", "E77"],
        ),
    );
    let kinds: Vec<DropKind> = grounded.dropped.iter().map(|it| it.kind).collect();
    assert_eq!(kinds, [DropKind::UnknownId, DropKind::UnknownObject]);
    assert_eq!(
        grounded.repair,
        [
            "A cause was refused: dns-failure accuses Pod 'ghost-7f8c9d6b54-x2zkq', which the case does not know; \
          use an object exactly as the evidence names it, or null."
        ]
    );
    assert_eq!(grounded.value.verdict, Verdict::InsufficientEvidence);
}

#[test]
fn a_healthy_verdict_stays() {
    let case =
        case("2026-02-03T09:12:00Z INFO web: listening on :8080\n2026-02-03T09:12:01Z INFO web: GET / 200\n");
    assert_eq!(case.diagnosis.verdict, Verdict::Healthy);
    let grounded = ground(&case, reply("port-conflict", None, &["R1"]));
    assert_eq!(grounded.value, case.diagnosis);
}
