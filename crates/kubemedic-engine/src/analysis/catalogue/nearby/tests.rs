//! Proves that what is remembered is what a search would find.

use super::{ContextFacts, Nearby, Pattern};
use crate::{analysis::catalogue::utterance, intake};

#[test]
fn the_nearest_match_is_found_from_every_place_and_however_often_it_is_asked_for() {
    let text = "a one\nb two\nc three limit 64Mi\nd four\ne two\nf five limit 128Mi\n";
    let intake = intake::read_text(text);
    let utterances = utterance::collect(&intake);
    let facts = ContextFacts::load().unwrap();
    let nearby = Nearby::new(&utterances, &facts);
    let pattern = Pattern::new("two");
    assert_eq!(utterances.len(), 6);
    for _ in 0..2 {
        let found: Vec<Option<&str>> = (0..6)
            .map(|place| Some(nearby.matching(&pattern, place)?.text.as_ref()))
            .collect();
        let nearest = ["b two", "b two", "b two", "e two", "e two", "e two"];
        assert_eq!(found, nearest.map(Some));
        let limits: Vec<Option<String>> = (0..6).map(|place| nearby.value("memory_limit", place)).collect();
        let nearest = ["64Mi", "64Mi", "64Mi", "64Mi", "128Mi", "128Mi"];
        assert_eq!(limits, nearest.map(|it| Some(it.to_owned())));
    }
    assert_eq!(nearby.value("no such detail", 0), None);
}
