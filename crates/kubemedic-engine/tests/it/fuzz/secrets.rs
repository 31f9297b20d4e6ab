//! Secrets that show themselves by their form: none survives, whatever text stands around it.

use std::collections::BTreeSet;

use kubemedic_engine::redaction::Redactor;
use proptest::prelude::*;

use super::{
    cases, invariants,
    mutation::{Input, fragments, mutated},
};

/// A text and the part of it that nobody may see.
#[derive(Debug, Clone)]
struct Planted {
    text: String,
    secret: String,
}

/// Whether a text is as varied as what a generator of secrets makes: `AKIA5S555CS55A552CC2` counts as a placeholder.
fn varied(text: &str) -> bool {
    text.bytes().collect::<BTreeSet<u8>>().len() >= 9
}

/// Secrets that are recognised without the words before them, and some with their own.
fn planted() -> impl Strategy<Value = Planted> {
    let random = || {
        let varied_with_digits = |it: &String| varied(it) && it.bytes().any(|byte| byte.is_ascii_digit());
        "[A-Za-z0-9]{36}".prop_filter("a secret is varied", varied_with_digits)
    };
    let with = |before: &'static str, after: &'static str| {
        move |secret: String| Planted {
            text: format!("{before}{secret}{after}"),
            secret,
        }
    };
    prop_oneof![
        random().prop_map(|it| {
            let secret = format!("ghp_{it}");
            Planted {
                text: secret.clone(),
                secret,
            }
        }),
        "[A-Z2-7]{16}"
            .prop_filter("a key is varied", |it| varied(it))
            .prop_map(|it| {
                let secret = format!("AKIA{it}");
                Planted {
                    text: secret.clone(),
                    secret,
                }
            }),
        random().prop_map(|it| {
            let secret = format!("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.{it}");
            Planted {
                text: secret.clone(),
                secret,
            }
        }),
        random().prop_map(with("password=", "")),
        random().prop_map(with("DB_PASSWORD: \"", "\"")),
        random().prop_map(with("Authorization: Bearer ", "")),
        random().prop_map(with("postgres://orders:", "@orders-db:5432/orders")),
        random().prop_map(with("{\"api_key\":\"", "\"}")),
    ]
}

/// Words around a secret, on its line.
fn words() -> impl Strategy<Value = String> {
    "([a-zA-Z0-9./_-]{1,12} ){0,6}"
}

proptest! {
    #![proptest_config(cases(600))]

    #[test]
    fn no_secret_survives_between_words(before in words(), planted in planted(), after in words()) {
        let text = format!("{before}{} {after}", planted.text);
        let redacted = Redactor::new().redact(&text).into_owned();
        prop_assert!(!redacted.contains(&planted.secret), "{text:?} became {redacted:?}");
    }
}

proptest! {
    #![proptest_config(cases(150))]

    #[test]
    fn no_secret_survives_on_a_line_of_its_own_in_any_text(before in mutated(), planted in planted(), after in fragments()) {
        let lossy = |input: &Input| String::from_utf8_lossy(&input.0).into_owned();
        let text = format!("{}\nconfigured with {}\n{}", lossy(&before), planted.text, lossy(&after));
        let redacted = invariants::timed("redaction", || Redactor::new().redact(&text).into_owned());
        prop_assert!(!redacted.contains(&planted.secret), "{} stays in {redacted:?}", planted.secret);
        invariants::redaction_holds(&text);
    }
}
