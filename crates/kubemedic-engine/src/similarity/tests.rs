//! What likeness promises, on texts of every kind.

mod pairs;
mod properties;

use super::*;

#[test]
fn words_of_logs_are_split_cut_and_merged() {
    let cases = [
        ("ConnectionRefused", vec!["~connect", "~refuse"]),
        ("HTTPServer failing", vec!["http", "~node", "~fail"]),
        ("read timed out after 30000ms", vec!["read", "~timeout"]),
        ("pod web-7d9c5b8f6d-x2k9q", vec!["~container", "web"]),
        ("status 503", vec!["status", "~unavailable"]),
        ("磁盘已满", vec!["磁盘", "盘已", "已满"]),
        ("4711 0xdeadbeef 10.0.0.1", vec![]),
    ];
    for (text, expected) in cases {
        assert_eq!(words(text), expected, "{text}");
    }
}

#[test]
fn a_rare_word_tells_more_than_a_common_one() {
    let idf = Idf::default();
    let likeness = |a: &str, b: &str| Sparse::of(a).cosine(&Sparse::of(b), &idf);
    let rare = likeness("failed to charge card", "card declined");
    let common = likeness("failed to charge card", "failed to ship parcel");
    assert!(rare > common, "{rare} {common}");
}

#[test]
fn lines_that_say_the_same_are_one_group_with_the_most_typical_as_its_voice() {
    let texts = [
        "dial tcp: connect: connection refused by ledger",
        "certificate of the webhook has expired",
        "connection refused by ledger",
        "could not connect to ledger: connection refused",
        "TLS certificate expired for webhook",
    ];
    let groups: Vec<Vec<usize>> = cluster(&texts, None, 0.0)
        .into_iter()
        .map(|it| it.members)
        .collect();
    assert_eq!(groups, [vec![0, 2, 3], vec![1, 4]]);
}

#[test]
fn vectors_join_what_words_do_not() {
    let texts = ["alpha beta", "gamma delta"];
    let alike = [vec![1.0, 0.0], vec![1.0, 0.0]];
    assert_eq!(cluster(&texts, None, 0.0).len(), 2);
    assert_eq!(cluster(&texts, Some(&alike), 0.0).len(), 1);
    let unlike = [vec![1.0, 0.0], vec![0.0, 1.0]];
    assert_eq!(cluster(&texts, Some(&unlike), 0.0).len(), 2);
}

#[test]
fn more_texts_than_fit_stand_alone_and_none_is_lost() {
    let texts: Vec<String> = (0..MAX_CLUSTERED + 50)
        .map(|it| {
            format!(
                "topic{}",
                "z".repeat(it % 7) + &it.to_string().replace(['0', '1'], "o")
            )
        })
        .collect();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let mut members: Vec<usize> = cluster(&texts, None, 0.0)
        .into_iter()
        .flat_map(|it| it.members)
        .collect();
    members.sort_unstable();
    assert_eq!(members, (0..texts.len()).collect::<Vec<_>>());
}

#[test]
fn a_line_that_was_seen_is_not_new_and_one_like_nothing_is() {
    let mut past = Past::default();
    past.remember("prod", "connection to ledger refused");
    let novelty = |place: &str, text: &str| {
        let known: Vec<Meaning> = past
            .candidates(place, text)
            .into_iter()
            .map(Meaning::of)
            .collect();
        past.novelty(&Meaning::of(text), &known, 0.0)
    };
    assert!(novelty("prod", "connection to ledger refused").abs() < 1e-9);
    let alike = novelty("prod", "ledger: connection refused after 3 attempts");
    assert!(alike > 0.0 && alike < 0.5, "{alike}");
    assert!((novelty("prod", "flux capacitor overheated") - 1.0).abs() < 1e-9);
    assert!((novelty("staging", "connection to ledger refused") - 1.0).abs() < 1e-9);
}

#[test]
fn what_is_forgotten_as_often_as_it_was_remembered_is_gone() {
    let mut past = Past::default();
    past.remember("prod", "a line");
    past.remember("prod", "a line");
    past.forget("prod", "a line");
    assert_eq!(past.len(), 1);
    past.forget("prod", "a line");
    past.forget("prod", "a line");
    assert!(past.is_empty());
    assert!(past.candidates("prod", "a line").is_empty());
}

fn incident(template: &str, summary: &str, class: &str) -> Incident {
    let class = kubemedic_model::class::FailureClass::ALL
        .iter()
        .find(|it| it.id() == class);
    Incident::new(&[template.to_owned()], summary, class.copied())
}

#[test]
fn the_nearest_incidents_are_alike_but_not_all_the_same_one() {
    let mut incidents = Incidents::default();
    for number in 0..5_u32 {
        incidents.insert(
            number,
            incident("java heap space", "checkout runs out of heap", "oom-killed"),
        );
    }
    let other = incident(
        "java heap space",
        "checkout is killed for memory at its limit",
        "oom-killed",
    );
    incidents.insert(7, other);
    incidents.insert(
        9,
        incident(
            "x509 expired",
            "the ingress certificate has expired",
            "tls-certificate-invalid",
        ),
    );
    let query = incident("java heap space", "checkout runs out of heap", "oom-killed");
    let pool = incidents.pool(&query, |_| true);
    let hits = incidents.nearest(&query, &pool, None, 2);
    let keys: Vec<u32> = hits.iter().map(|it| it.key).collect();
    assert_eq!(keys, [4, 7], "{hits:?}");
    assert!((hits[0].likeness - 1.0).abs() < 1e-9);
}

#[test]
fn nothing_is_shown_where_nothing_is_alike() {
    let mut incidents = Incidents::default();
    incidents.insert(
        1,
        incident(
            "x509 expired",
            "the ingress certificate has expired",
            "tls-certificate-invalid",
        ),
    );
    let query = incident("java heap space", "checkout runs out of heap", "oom-killed");
    assert!(incidents.nearest(&query, &[1], None, 3).is_empty());
}

#[test]
fn vectors_that_cannot_be_compared_are_not_alike() {
    assert!((cosine(&[1.0, 0.0], &[1.0])).abs() < 1e-12);
    assert!((cosine(&[f32::NAN], &[1.0])).abs() < 1e-12);
    assert!((cosine(&[], &[])).abs() < 1e-12);
    assert_eq!(normalised(&[0.0, 0.0]), None);
    assert_eq!(normalised(&[f32::INFINITY, 1.0]), None);
    assert_eq!(normalised(&[3.0, 4.0]), Some(vec![0.6, 0.8]));
    assert!((baseline(&[vec![1.0, 0.0], vec![0.0, 1.0]])).abs() < 1e-12);
}
