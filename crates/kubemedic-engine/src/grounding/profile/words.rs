//! The words of a text as profiles count them: lower case, without endings, names and numbers.

use kubemedic_model::naming::owner_of_pod;

/// The most words of a text.
const MAX_WORDS: usize = 200;
/// The longest word, in bytes: longer ones are identifiers.
const MAX_WORD_BYTES: usize = 24;
/// Numbers that mean something by themselves: HTTP statuses, exit codes, errnos.
const NUMBERS: [&str; 12] = [
    "429", "500", "502", "503", "504", "401", "403", "404", "137", "143", "111", "110",
];
/// Words before a name.
const LEADS: [&str; 8] = [
    "ns",
    "namespace",
    "pod",
    "pods",
    "deployment",
    "node",
    "service",
    "svc",
];
/// Words before a namespace, which may be any word.
const PLACES: [&str; 2] = ["ns", "namespace"];
/// Keys before a name in the same word.
const KEYS: [&str; 5] = ["ns", "namespace", "pod", "service", "container"];
/// Words that say nothing about a class.
const STOP: &str = " the a an of to in on at is are was be been and or for by with from it its that this no not we our us as has \
have had does do did can cannot could will would may so if than then but any all some there their they he she which who what when \
where while after before because out up down off over only more most other another into about between one two three error errors \
warn warning info fatal err debug failed fail failure failing log logs level msg message ns pod pods namespace name default \
container containers kubectl get v1 true false null svc cluster local com test http https time ts utc jan feb der die das ist und \
von le la les de du et un une el los las en ";

/// Words, and two words in a row with a space between.
pub(super) fn terms(text: &str) -> Vec<String> {
    let words = words(text);
    let pairs = words.iter().zip(words.iter().skip(1));
    let pairs: Vec<String> = pairs.map(|(one, two)| format!("{one} {two}")).collect();
    words.into_iter().chain(pairs).collect()
}

fn words(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut before = String::new();
    for raw in text.split_whitespace() {
        let bare = raw
            .trim_matches([':', ',', ';', '"', '\'', '(', ')', '[', ']'])
            .to_lowercase();
        let named =
            PLACES.contains(&before.as_str()) || LEADS.contains(&before.as_str()) && bare.contains('-');
        if named {
            before.clear();
            continue;
        }
        if !is_name(&bare) {
            split(raw, &mut found);
        }
        before = bare;
        if found.len() >= MAX_WORDS {
            break;
        }
    }
    found
}

/// Whether a word names an object: `pod=...`, `ns/...`, a generated pod name.
fn is_name(bare: &str) -> bool {
    let keyed = bare
        .split_once(['=', '/'])
        .is_some_and(|(key, _)| KEYS.contains(&key));
    let generated =
        bare.len() > 16 && bare.bytes().any(|b| b.is_ascii_digit()) && owner_of_pod(bare).is_some();
    keyed || generated
}

/// Adds the words within a word: cut at everything that is no letter or digit, and between `a` and `B`.
fn split(raw: &str, found: &mut Vec<String>) {
    let mut word = String::new();
    let mut last_small = false;
    for c in raw.chars() {
        if !c.is_alphanumeric() || last_small && c.is_uppercase() {
            add(&word, found);
            word.clear();
        }
        if c.is_alphanumeric() {
            word.extend(c.to_lowercase());
        }
        last_small = c.is_lowercase() || c.is_ascii_digit();
    }
    add(&word, found);
}

fn add(word: &str, found: &mut Vec<String>) {
    let length = word.len();
    if word.bytes().any(|b| b.is_ascii_digit()) {
        if NUMBERS.contains(&word) {
            found.push(word.to_owned());
        }
    } else if (2..=MAX_WORD_BYTES).contains(&length) && !STOP.contains(&format!(" {word} ")) {
        found.push(stem(word).to_owned());
    }
}

/// The word without its commonest English endings; both sides lose them, so that a crude rule is enough.
fn stem(word: &str) -> &str {
    let cut = |ending: &str, least: usize| word.strip_suffix(ending).filter(|it| it.len() >= least);
    let short = cut("ies", 2)
        .or_else(|| cut("ing", 3))
        .or_else(|| cut("ed", 3))
        .or_else(|| cut("s", 3).filter(|it| !it.ends_with('s')))
        .unwrap_or(word);
    short
        .strip_suffix('e')
        .filter(|it| it.len() >= 4)
        .unwrap_or(short)
}
