//! Narration: what is shown of answers, however they are cut.

use proptest::prelude::*;

use super::*;

fn shown(pieces: &[&str]) -> String {
    let mut narration = Narration::default();
    let mut shown: Vec<String> = pieces
        .iter()
        .flat_map(|piece| narration.take(&Delta::Text((*piece).to_owned())))
        .collect();
    shown.extend(narration.finish());
    shown.join(" ")
}

#[test]
fn only_the_reasoning_is_shown_and_its_escapes_are_read() {
    let answer = r#"{ "reasoning" : "The pod \"api\" was killed.\nSee E1 \u00e9\ud83d\ude00.", "causes": [{"reasoning":"no"}]}"#;
    assert_eq!(shown(&[answer]), "The pod \"api\" was killed.\nSee E1 é😀.");
}

#[test]
fn an_answer_that_is_not_in_the_asked_form_shows_nothing() {
    assert_eq!(shown(&["I think that", " {\"reasoning\": \"x\"}"]), "");
    assert_eq!(shown(&[r#"{"causes":[],"reasoning":"late"}"#]), "");
    assert_eq!(shown(&[r#"{"reasoning":[1,2]}"#]), "");
}

#[test]
fn long_reasoning_comes_in_sentences_and_ends_at_its_limit() {
    let sentence = "word ".repeat(30) + "end. ";
    let mut narration = Narration::default();
    let answer = format!("{{\"reasoning\":\"{}\"}}", sentence.repeat(100));
    let pieces = narration.take(&Delta::Text(answer));
    assert!(pieces.iter().all(|piece| piece.ends_with("end.")));
    assert!(pieces.iter().map(String::len).sum::<usize>() <= MAX_SHOWN_BYTES);
    assert!(pieces.len() > 40);
}

#[test]
fn a_new_try_begins_anew() {
    let mut narration = Narration::default();
    narration.take(&Delta::Text(r#"{"reasoning":"half a se"#.to_owned()));
    narration.take(&Delta::Restart);
    narration.take(&Delta::Text(r#"{"reasoning":"whole"}"#.to_owned()));
    assert_eq!(narration.finish(), vec!["whole".to_owned()]);
}

proptest! {
    #[test]
    fn however_an_answer_is_cut_the_same_is_shown(text in "[a-z\"\\\\\n\u{e9}\u{1f600} .]{0,300}", cuts in prop::collection::vec(0usize..400, 0..12)) {
        let answer = serde_json::json!({"reasoning": text, "causes": []}).to_string();
        let whole = shown(&[&answer]);
        let mut bounds: Vec<usize> = cuts.into_iter().filter(|at| *at < answer.len() && answer.is_char_boundary(*at)).collect();
        bounds.extend([0, answer.len()]);
        bounds.sort_unstable();
        let pieces: Vec<&str> = bounds.windows(2).map(|it| &answer[it[0]..it[1]]).collect();
        let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        prop_assert_eq!(words(&shown(&pieces)), words(&whole));
    }
}
