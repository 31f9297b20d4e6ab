//! What holds for any texts.

use proptest::prelude::*;

use super::*;

fn line() -> impl Strategy<Value = String> {
    prop_oneof![
        proptest::collection::vec(
            prop_oneof![
                Just("connection"),
                Just("refused"),
                Just("timeout"),
                Just("ledger"),
                Just("disk"),
                Just("full"),
                Just("oom"),
                Just("retry"),
                Just("10.0.0.1"),
                Just("x509"),
                Just("expired"),
                Just("cart"),
            ],
            0..8
        )
        .prop_map(|words| words.join(" ")),
        any::<String>(),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn likeness_is_symmetric_bounded_and_greatest_for_the_same(a in line(), b in line(), of in proptest::collection::vec(line(), 0..6)) {
        let (a, b) = (Meaning::of(&a), Meaning::of(&b));
        let set: Vec<Sparse> = of.iter().map(|it| Sparse::of(it)).collect();
        let idf = Idf::over(&set);
        let measure = Measure { idf: &idf, baseline: 0.3 };
        let forth = measure.likeness(&a, &b);
        prop_assert!((forth - measure.likeness(&b, &a)).abs() < 1e-12);
        prop_assert!((0.0..=1.0).contains(&forth));
        prop_assert!((measure.likeness(&a, &a) - 1.0).abs() < 1e-12);
    }

    #[test]
    fn groups_do_not_depend_on_the_order_of_texts(texts in proptest::collection::vec(line(), 0..24), by in 0_usize..24) {
        let groups = |texts: &[String]| {
            let lines: Vec<&str> = texts.iter().map(String::as_str).collect();
            let groups = cluster(&lines, None, 0.0).into_iter();
            let told = groups.map(|group| {
                let mut told: Vec<String> = group.members.iter().map(|at| texts[*at].clone()).collect();
                told.sort();
                (told, texts[group.representative].clone())
            });
            told.collect::<std::collections::BTreeSet<_>>()
        };
        let mut turned = texts.clone();
        turned.rotate_left(by % texts.len().max(1));
        turned.reverse();
        prop_assert_eq!(groups(&texts), groups(&turned));
    }

    #[test]
    fn every_text_is_in_one_group(texts in proptest::collection::vec(line(), 0..24)) {
        let lines: Vec<&str> = texts.iter().map(String::as_str).collect();
        let groups = cluster(&lines, None, 0.0);
        let mut members: Vec<usize> = groups.iter().flat_map(|it| it.members.clone()).collect();
        members.sort_unstable();
        prop_assert_eq!(members, (0..texts.len()).collect::<Vec<_>>());
        prop_assert!(groups.iter().all(|it| it.members.contains(&it.representative)));
    }

    #[test]
    fn an_index_gives_what_it_would_give_had_the_removed_never_been_there(texts in proptest::collection::vec(line(), 1..20), query in line()) {
        let mut index = Index::default();
        let mut never = Index::default();
        for (at, text) in texts.iter().enumerate() {
            index.insert(at, Sparse::of(text));
            if at % 2 == 0 {
                never.insert(at, Sparse::of(text));
            }
        }
        for at in (0..texts.len()).filter(|at| at % 2 == 1) {
            index.remove(&at);
        }
        let query = Sparse::of(&query);
        let found = index.top(&query, 5, |_| true);
        prop_assert!(found.iter().all(|(_, score)| (0.0..=1.0).contains(score)));
        prop_assert_eq!(found, never.top(&query, 5, |_| true));
    }

    #[test]
    fn novelty_is_bounded(line in line(), seen in proptest::collection::vec(line(), 0..12)) {
        let mut past = Past::default();
        for it in &seen {
            past.remember("here", it);
        }
        let known: Vec<Meaning> = past.candidates("here", &line).into_iter().map(Meaning::of).collect();
        let novelty = past.novelty(&Meaning::of(&line), &known, 0.0);
        prop_assert!((0.0..=1.0).contains(&novelty));
        if seen.contains(&line) {
            prop_assert!(novelty.abs() < 1e-9);
        }
    }
}

#[test]
fn hostile_texts_are_read_in_bounded_time_and_size() {
    let texts = [
        "a".repeat(10_000_000),
        "A b".repeat(2_000_000),
        "é".repeat(3_000_000),
        "中".repeat(2_000_000),
        "'".repeat(5_000_000),
        "\u{0}\u{fffd}\u{202e}".to_owned(),
        "connection ".repeat(1_000_000),
    ];
    for text in &texts {
        assert!(words(text).len() <= 256);
    }
}
