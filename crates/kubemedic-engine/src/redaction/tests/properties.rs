//! Properties of redaction on generated text.

use proptest::prelude::*;

use super::Redactor;

/// Fragments that rules care about, mixed at random.
pub(super) fn fragment() -> impl Strategy<Value = String> {
    prop_oneof![
        prop::sample::select(vec![
            "password",
            "token",
            "api_key",
            "secret",
            "Authorization",
            "Cookie",
            "Bearer ",
            "=",
            ": ",
            ":",
            "\"",
            "'",
            "\\\"",
            " ",
            "\n",
            "{",
            "}",
            ",",
            "<",
            ">",
            "://",
            "@",
            "-----BEGIN PRIVATE KEY-----",
            "-----END PRIVATE KEY-----",
            "eyJ",
            ".",
            "kind: Secret",
            "data:",
            "  ",
            "\"kind\":\"Secret\"",
            "\"data\":{",
            "name: ",
            "value: ",
            "--",
            " -u ",
            "curl",
            "mysql",
            " -p",
            "4111111111111111",
            "<redacted:token:1>",
            "é",
            "$",
            "xoxb-",
            "Q~",
            "- ",
        ])
        .prop_map(str::to_owned),
        "[a-zA-Z0-9]{1,40}",
        "[ -~]{0,12}",
    ]
}

proptest! {
    #[test]
    fn redacting_redacted_text_changes_nothing(parts in prop::collection::vec(fragment(), 0..24)) {
        let text = parts.concat();
        let once = Redactor::new().redact(&text).into_owned();
        let twice = Redactor::new().redact(&once).into_owned();
        prop_assert_eq!(once, twice);
    }

    #[test]
    fn any_text_is_read_without_a_panic(text in any::<String>()) {
        let _ = Redactor::new().redact(&text);
    }
}
