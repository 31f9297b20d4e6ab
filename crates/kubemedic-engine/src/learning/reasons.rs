//! The reason in a person's free words, where it can be told (LEARNING.md 1.6). Words that fit several reasons, or none, are
//! `other`: a wrong reason would teach the wrong head.

use kubemedic_model::learning::RejectReason;

/// Words that tell a reason. A text is searched as lower-case words with single spaces around them.
const WORDS: [(RejectReason, &[&str]); 5] = [
    (
        RejectReason::TooRisky,
        &[
            " too_risky ",
            " risky ",
            " risk ",
            " dangerous ",
            " unsafe ",
            " outage ",
            " downtime ",
            " data loss ",
            " disruptive ",
            " destructive ",
        ],
    ),
    (
        RejectReason::WrongDiagnosis,
        &[
            " wrong_diagnosis ",
            " wrong diagnosis ",
            " wrong cause ",
            " wrong root cause ",
            " not the cause ",
            " not the root cause ",
            " misdiagnosed ",
            " misdiagnosis ",
            " wrong pod ",
            " wrong service ",
            " wrong workload ",
            " unrelated ",
        ],
    ),
    (
        RejectReason::NotNow,
        &[
            " not_now ",
            " not now ",
            " later ",
            " freeze ",
            " frozen ",
            " maintenance window ",
            " business hours ",
            " after hours ",
            " tonight ",
            " wait until ",
        ],
    ),
    (
        RejectReason::Duplicate,
        &[
            " duplicate ",
            " already handled ",
            " already_handled ",
            " already fixed ",
            " already done ",
            " already resolved ",
            " someone is on it ",
            " being handled ",
            " in progress ",
        ],
    ),
    (
        RejectReason::Ineffective,
        &[
            " ineffective ",
            " will not help ",
            " won t help ",
            " would not help ",
            " wouldn t help ",
            " does not help ",
            " doesn t help ",
            " did not help ",
            " didn t help ",
            " will not fix ",
            " won t fix ",
            " does not fix ",
            " doesn t fix ",
            " no effect ",
            " useless ",
            " pointless ",
            " tried that ",
            " only hides ",
            " symptom ",
        ],
    ),
];
/// The longest text that is searched, in characters.
const MAX_CHARS: usize = 2000;

/// The reason that a text tells; `None` for one without words.
pub fn reason_of(text: &str) -> Option<RejectReason> {
    let words = spaced(text);
    if words.trim().is_empty() {
        return None;
    }
    let found: Vec<RejectReason> = WORDS
        .iter()
        .filter(|(_, phrases)| phrases.iter().any(|it| words.contains(it)))
        .map(|(reason, _)| *reason)
        .collect();
    match found.as_slice() {
        [only] => Some(*only),
        _ => Some(RejectReason::Other),
    }
}

/// The words in lower case with single spaces between and around them.
fn spaced(text: &str) -> String {
    let clean: String = text
        .chars()
        .take(MAX_CHARS)
        .map(|c| if c.is_alphanumeric() || c == '_' { c } else { ' ' })
        .collect();
    let words: Vec<String> = clean.split_whitespace().map(str::to_lowercase).collect();
    format!(" {} ", words.join(" "))
}
