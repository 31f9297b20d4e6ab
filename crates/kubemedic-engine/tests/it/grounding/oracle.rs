//! The oracle: the labelled class and object with honest citations. It measures how much a perfect model may still correct.

use kubemedic_model::resource::{Kind, ResourceRef};

use super::{OWN, Seen, UNUSUAL, UNUSUAL_SECOND, cases, reply};

/// The reply of somebody who knows the label: the labelled object, and the entries that the engine has not explained, errors first.
fn knowing(seen: &Seen) -> kubemedic_engine::grounding::reply::AnalysisReply {
    let name = seen
        .case
        .affected_objects
        .first()
        .and_then(|it| it.accept_names.first());
    let object = name.map(|name| ResourceRef::new(Kind::Pod, None, name.clone()));
    let mut ids: Vec<String> = (1..=seen.monitoring.errors.len())
        .map(|it| format!("F{it}"))
        .collect();
    ids.extend(seen.diagnosis.evidence.iter().map(|it| it.id.to_string()));
    ids.truncate(6);
    reply(&seen.case.failure_class, object.as_ref(), None, ids)
}

/// How many cases the engine alone has wrong, and how many of them are right with the oracle.
fn corrected(name: &str, lines: &[&str]) -> (u32, u32) {
    let (mut wrong, mut mended) = (0_u32, 0_u32);
    for seen in lines.iter().flat_map(|it| cases(it)).map(Seen::of) {
        if seen.has_class(&seen.diagnosis) || seen.case.failure_class == "healthy" {
            continue;
        }
        wrong += 1;
        let grounded = seen.ground(knowing(&seen));
        if seen.has_class(&grounded.value) && seen.has_objects(&grounded.value) {
            mended += 1;
        } else {
            println!(
                "{}: not corrected: {:?} {:?} {:?}",
                seen.case.id,
                grounded.value.objects,
                grounded.dropped,
                grounded.disagreement.map(|it| it.reason)
            );
        }
    }
    println!("{name}: the engine alone has {wrong} wrong, a perfect model corrects {mended}");
    (wrong, mended)
}

#[test]
fn a_perfect_model_corrects_most_of_what_the_engine_does_not_recognise() {
    let (wrong, mended) = corrected("unusual wording", &[UNUSUAL]);
    assert!(mended * 100 >= wrong * 80, "{mended} of {wrong}");
    let (wrong, mended) = corrected("unusual wording, second", &[UNUSUAL_SECOND]);
    assert!(mended * 100 >= wrong * 50, "{mended} of {wrong}");
    corrected("all own texts", &OWN);
}

#[test]
fn an_oracle_makes_no_right_case_wrong() {
    for seen in OWN.iter().flat_map(|it| cases(it)).map(Seen::of) {
        if !seen.has_class(&seen.diagnosis) || seen.case.failure_class == "healthy" {
            continue;
        }
        let grounded = seen.ground(knowing(&seen));
        assert!(seen.has_class(&grounded.value), "{}", seen.case.id);
    }
}
