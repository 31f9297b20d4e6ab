//! Answers of another program, good and bad.

use std::io::Cursor;

use super::*;

fn peer(answers: &str) -> Peer<Cursor<Vec<u8>>, Vec<u8>> {
    Peer {
        input: Cursor::new(answers.as_bytes().to_vec()),
        output: Vec::new(),
        broken: None,
    }
}

fn task() -> std::sync::Arc<Task> {
    let world = World::new(1);
    world.task(world.incident(&mut Stream::named(1, "incidents", 0)))
}

#[test]
fn a_choice_is_taken_and_scores_have_one_number_for_each_candidate() {
    let task = task();
    let scores = vec![0.5; task.candidates.len()];
    let answers = format!(
        "{{\"arm\":\"restart\",\"probability\":0.25}}\n{}\n",
        json!({"scores": [scores]})
    );
    let mut peer = peer(&answers);
    let choice = Choice {
        arm: 0,
        probability: 0.25,
    };
    assert_eq!(peer.choose(0, &task, 0.5), choice);
    assert_eq!(peer.scores(0, &task), scores);
    assert!(peer.broken.is_none());
    assert_eq!(String::from_utf8(peer.output).unwrap().lines().count(), 2);
}

#[test]
fn an_arm_that_is_not_admitted_ends_the_game_with_the_reason() {
    for answer in [
        "{\"arm\":\"rm -rf\",\"probability\":1}\n",
        "{\"arm\":\"restart\",\"probability\":0}\n",
        "{}\n",
        "no json\n",
        "",
    ] {
        let mut peer = peer(answer);
        peer.choose(0, &task(), 0.5);
        assert!(peer.broken.is_some(), "{answer}");
        peer.hear(&crate::learn_bench::tests::any_feedback());
        let asked = String::from_utf8(peer.output).unwrap();
        assert_eq!(asked.lines().count(), 1, "nothing more is asked: {asked}");
    }
}
