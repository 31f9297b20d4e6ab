//! The cache keeps what is wanted and stays within its bounds.

use kubemedic_testkit::scripted_model::reply;

use super::*;

fn kept(text: &str) -> Kept {
    Kept {
        reply: reply(text),
        by: "openai:m".parse().unwrap(),
        deltas: vec![Delta::Text(text.to_owned())],
    }
}

fn has(cache: &mut Cache, digest: &str) -> bool {
    cache.entries.contains_key(digest)
}

#[test]
fn the_answer_that_was_not_wanted_longest_goes_first() {
    let mut cache = Cache::new(2);
    cache.put("a".into(), kept("1"));
    cache.put("b".into(), kept("2"));
    assert_eq!(cache.get("a"), Some(kept("1")));
    cache.put("c".into(), kept("3"));
    assert_eq!(["a", "b", "c"].map(|it| has(&mut cache, it)), [true, false, true]);
    cache.put("a".into(), kept("new"));
    assert_eq!(cache.get("a"), Some(kept("new")));
    assert_eq!((cache.entries.len(), cache.by_age.len()), (2, 2));
}

#[test]
fn size_is_bounded_whatever_the_number() {
    let mut cache = Cache::new(1000);
    let large = kept(&"x".repeat(400_000));
    (0..100).for_each(|n| cache.put(format!("{n}"), large.clone()));
    assert!(cache.bytes <= MAX_BYTES && cache.bytes > MAX_BYTES - 1_000_000);
    assert_eq!(cache.entries.len(), cache.by_age.len());
    let total: usize = cache.entries.values().map(|it| it.bytes).sum();
    assert_eq!(total, cache.bytes);
    cache.put("huge".into(), kept(&"x".repeat(MAX_ANSWER_BYTES)));
    assert_eq!(cache.get("huge"), None);
}

#[test]
fn without_entries_nothing_is_kept() {
    let mut cache = Cache::new(0);
    cache.put("a".into(), kept("1"));
    assert_eq!(cache.get("a"), None);
}
