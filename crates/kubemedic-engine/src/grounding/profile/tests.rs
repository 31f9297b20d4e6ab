//! Quotes speak of the class whose words they use.

use super::*;

#[test]
fn most_examples_of_the_catalogue_speak_of_their_class() {
    let texts: BTreeMap<String, Vec<String>> = serde_json::from_str(TEXTS).expect("the file is ours");
    assert_eq!(
        texts.len(),
        FailureClass::ALL.len() - 1,
        "every class but the healthy one"
    );
    let (mut all, mut own) = (0_u32, 0_u32);
    for (id, texts) in &texts {
        let class: FailureClass = id.parse().expect("the vocabulary names classes");
        for text in texts.iter().filter(|text| text.len() > 40) {
            all += 1;
            own += u32::from(read(text).speaks_of(class));
        }
    }
    assert!(own * 100 >= all * 85, "{own} of {all}");
}

#[test]
fn empty_and_foreign_quotes_speak_of_nothing() {
    for quote in [
        "",
        "   ",
        "GET /index.html",
        "started in 3 s",
        "pod web-7f8c9d6b54-x2zkq ns shop",
        "42 1337 0xdeadbeef",
    ] {
        let reading = read(quote);
        let spoken: Vec<&FailureClass> = FailureClass::ALL
            .iter()
            .filter(|it| reading.speaks_of(**it))
            .collect();
        assert!(spoken.is_empty(), "{quote}: {spoken:?}");
    }
}

#[test]
fn names_do_not_count_as_words() {
    assert_eq!(
        words::terms("pod=disk-full-7f8c9d6b54-x2zkq ns quota memory ConnectionRefused 429"),
        [
            "memory",
            "connection",
            "refus",
            "429",
            "memory connection",
            "connection refus",
            "refus 429"
        ]
    );
}
