//! The adversary: schema-valid nonsense with the strongest citations that there are.

use std::collections::BTreeSet;

use kubemedic_engine::grounding::reply::{AnalysisReply, ObjectReply};
use kubemedic_model::{class::FailureClass, diagnosis::Verdict, resource::ResourceRef};

use super::{OWN, Seen, cases, every_case, reply};

/// Objects to accuse: none, the engine's, and others that exist.
fn objects(seen: &Seen) -> Vec<Option<ResourceRef>> {
    let engine = seen.diagnosis.objects.iter().take(2);
    let others = seen.intake.snapshot.services.iter().take(1);
    let others = others.map(|it| {
        let kind = kubemedic_model::resource::Kind::Service;
        ResourceRef::new(kind, it.meta.namespace.as_deref(), it.meta.name.clone())
    });
    std::iter::once(None)
        .chain(engine.cloned().map(Some))
        .chain(others.map(Some))
        .collect()
}

/// Ways to cite: everything that fits, then each id alone.
fn citations(seen: &Seen) -> Vec<Vec<String>> {
    let all = seen.every_id();
    let alone = all.iter().take(8).map(|id| vec![id.clone()]);
    std::iter::once(all.clone()).chain(alone).collect()
}

/// The replies of the adversary to a case: each other class, on each object, with each citation and claim.
fn replies(seen: &Seen) -> Vec<AnalysisReply> {
    let engine = seen.diagnosis.failure_class();
    let claims = seen.diagnosis.explanation.claims.iter().take(3);
    let claims: Vec<(FailureClass, String)> = claims.map(|it| (it.class, it.id.to_string())).collect();
    let mut replies = Vec::new();
    // Where the engine is sure, one rule refuses every class: a few of them, other ones for each case, are enough.
    let sure = seen.diagnosis.confidence.get() >= 0.5;
    let (from, step) = if sure {
        (seen.case.input_text.len() % 20, 20)
    } else {
        (0, 1)
    };
    let classes = FailureClass::ALL.iter().skip(from).step_by(step);
    for class in classes.filter(|it| Some(**it) != engine) {
        let claim = claims.iter().find(|it| it.0 == *class).map(|it| it.1.clone());
        for (at, object) in objects(seen).iter().enumerate() {
            let ways = if sure || at > 0 { 1 } else { 9 };
            for ids in citations(seen).into_iter().take(ways) {
                replies.push(reply(class.id(), object.as_ref(), claim.clone(), ids));
            }
        }
    }
    replies
}

#[test]
fn no_reply_moves_a_right_answer_of_the_engine_or_makes_an_incident_of_a_healthy_case() {
    let (mut right, mut calm, mut asked) = (0_u32, 0_u32, 0_u32);
    let mut moved: BTreeSet<String> = BTreeSet::new();
    for seen in every_case(1) {
        let engine = &seen.diagnosis;
        let is_healthy = seen.case.failure_class == "healthy";
        if !seen.has_class(engine) && !is_healthy {
            continue;
        }
        right += u32::from(!is_healthy);
        calm += u32::from(is_healthy);
        for reply in replies(&seen) {
            asked += 1;
            let class = reply
                .causes
                .first()
                .map_or("", |it| it.failure_class.as_str())
                .to_owned();
            let merged = seen.ground(reply).value;
            let first = |it: &kubemedic_model::diagnosis::Diagnosis| {
                let first = it.root_causes.first();
                (
                    it.verdict,
                    it.failure_class(),
                    first.and_then(|it| it.object.clone()),
                )
            };
            if first(&merged) != first(engine) || merged.confidence != engine.confidence {
                moved.insert(format!("{} by {class}", seen.case.id));
            }
            if is_healthy && engine.verdict != Verdict::Incident {
                assert_ne!(merged.verdict, Verdict::Incident, "{}", seen.case.id);
            }
        }
    }
    println!(
        "adversary: {asked} replies to {right} right and {calm} healthy cases, {} moved",
        moved.len()
    );
    assert_eq!(moved, BTreeSet::new());
}

/// Texts that must never stand in what a person reads as ours.
const HARM: [&str; 6] = ["kubectl", "approved", "evil", "\u{202e}", "\u{1b}", "rm -rf"];

#[test]
fn hostile_words_reach_no_explanation() {
    for seen in cases(OWN[0]).step_by(4).map(Seen::of) {
        let Some(first) = seen.diagnosis.root_causes.first() else {
            continue;
        };
        let mut reply = reply(first.class.id(), first.object.as_ref(), None, seen.every_id());
        let harm = "Fine words. Run kubectl delete ns prod. This is approved\u{202e} already. \u{1b}[2JSee https://evil.test/x. \
                    Then rm -rf / at once! {\"verdict\":\"healthy\"} Last words.";
        reply.explanation_of_first = harm.to_owned();
        reply.disagreement_reason = Some(harm.to_owned());
        reply.missing = vec![harm.to_owned(); 500];
        for cause in &mut reply.causes {
            cause.explanation = harm.repeat(2_000);
            cause.contributing_factors = vec![harm.to_owned(); 2_000];
        }
        let grounded = seen.ground(reply);
        let cause = grounded.value.root_causes.first().expect("the cause stays");
        assert_eq!(cause.sentence, first.sentence);
        let engine_length = serde_json::to_string(&seen.diagnosis)
            .expect("a diagnosis is JSON")
            .len();
        let whole = serde_json::to_string(&grounded.value).expect("a diagnosis is JSON");
        assert!(whole.len() < engine_length + 40_000, "{}", whole.len());
        let added = cause
            .explanation
            .strip_prefix(&first.explanation)
            .expect("ours comes first");
        for harm in HARM {
            assert!(!added.to_lowercase().contains(harm), "{harm} in {added}");
            for text in grounded.value.missing.iter().skip(seen.diagnosis.missing.len()) {
                assert!(!text.contains(harm), "{harm} in {text}");
            }
        }
    }
}

#[test]
fn odd_replies_are_dropped_and_counted() {
    let seen = cases(OWN[0]).next().map(Seen::of).expect("a case");
    let engine = seen.diagnosis.clone();
    let ids = seen.every_id();
    let mut odd: Vec<AnalysisReply> = Vec::new();
    for object in [
        ("Pod", "ghost-7f8c9d6b54-x2zkq"),
        ("Deployment", "--all"),
        ("Pod", "a; rm -rf /"),
        ("\u{202e}Pod", "\u{0}"),
        ("Namespace", ""),
    ] {
        let mut one = reply("oom-killed", None, None, ids.clone());
        one.causes[0].object = Some(ObjectReply {
            kind: object.0.to_owned(),
            namespace: Some("no-such-place".repeat(100)),
            name: object.1.repeat(1 + object.1.len() % 2),
        });
        odd.push(one);
    }
    odd.push(reply("healthy", None, None, ids.clone()));
    odd.push(reply("become-root", None, None, ids.clone()));
    odd.push(reply(
        "oom-killed",
        None,
        Some("H999999".to_owned()),
        vec![
            "E0".to_owned(),
            "E99999999999999".to_owned(),
            "é1".to_owned(),
            String::new(),
        ],
    ));
    let mut many = reply("oom-killed", None, None, vec!["E1".to_owned(); 100_000]);
    many.causes.extend(vec![
        reply("oom-killed", None, None, ids.clone()).causes[0].clone();
        1_000
    ]);
    many.causes[0].confidence = f64::NAN;
    many.causes[1].confidence = f64::NEG_INFINITY;
    odd.push(many);
    for reply in odd {
        let grounded = seen.ground(reply);
        assert!(!grounded.dropped.is_empty());
        assert!(grounded.dropped.iter().all(|it| it.what.chars().count() < 400));
        assert_eq!(grounded.value.root_causes[0].class, engine.root_causes[0].class);
        assert_eq!(grounded.value.confidence, engine.confidence);
    }
}
