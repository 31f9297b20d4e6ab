//! Tests of the drawing: hostile words stay words, edges and boxes are there.

use kubemedic_model::{
    class::FailureClass,
    diagnosis::explanation::{CausalEdge, Connection, Ground, Score},
    resource::Kind,
};

use super::*;

fn claim(id: u32, class: FailureClass, sentence: &str) -> Claim {
    Claim {
        id: ClaimId(id),
        class,
        cause: None,
        object: Some(ResourceRef::new(Kind::Deployment, Some("shop"), "<b>web")),
        workload: None,
        sentence: sentence.to_owned(),
        rules: vec!["probe".to_owned()],
        ground: Ground::Verified,
        outcome: if id == 1 { Outcome::Cause } else { Outcome::Effect },
        score: Score::default(),
        evidence: Vec::new(),
    }
}

fn explanation() -> Explanation {
    Explanation {
        claims: vec![
            claim(1, FailureClass::OomKilled, "</title><script>alert(1)</script>"),
            claim(2, FailureClass::Upstream5xx, "front answers 503"),
        ],
        edges: vec![CausalEdge {
            cause: ClaimId(1),
            effect: ClaimId(2),
            connection: Connection::SameNamespace,
        }],
        winner: Some(ClaimId(1)),
        ..Explanation::default()
    }
}

#[test]
fn hostile_words_stay_words() {
    let svg = draw(&explanation(), Wanted::default()).into_string();
    assert!(!svg.contains("<script>") && !svg.contains("<b>"), "{svg}");
    assert!(svg.contains("&lt;b&gt;web"), "{svg}");
}

#[test]
fn every_claim_and_object_has_a_box_and_a_possible_edge_is_dashed() {
    let svg = draw(&explanation(), Wanted::default()).into_string();
    assert_eq!(svg.matches("<rect").count(), 3);
    assert_eq!(svg.matches("edge possible").count(), 1);
    assert_eq!(svg.matches("class=\"head\"").count(), 1);
}

#[test]
fn what_is_right_is_marked() {
    let wanted = Wanted {
        cause: Some("upstream-5xx"),
        object: Some("app/<b>web"),
    };
    let svg = draw(&explanation(), wanted).into_string();
    assert!(
        svg.contains("box effect wanted") && svg.contains("box object wanted"),
        "{svg}"
    );
}

#[test]
fn where_nothing_was_claimed_nothing_is_drawn() {
    assert_eq!(draw(&Explanation::default(), Wanted::default()), Markup::new());
}
