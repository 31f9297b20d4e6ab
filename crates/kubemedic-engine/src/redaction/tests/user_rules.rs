//! The user's own rules: applied on every path, and checked before they are used.

use std::sync::Arc;

use serde_json::json;

use super::{
    super::{
        rules::{Rules, RulesError},
        stream::StreamRedactor,
    },
    Redactor, body,
};

const RULES: &str = r#"
[[rule]]
name = "acme-badge"
pattern = 'badge[= ]([A-Z]{3}-\d{5})'
group = 1
keywords = ["badge"]
match = ["badge=ABC-12345 opened the door"]
not_match = ["badges=ABC-12345"]

[[rule]]
name = "ticket"
pattern = 'TCK-\d{6}'

[[allow]]
pattern = '^public-'
match = ["public-q7Rf2LxV9bTn4KdZ"]
"#;

fn redactor() -> Redactor {
    Redactor::with_rules(Arc::new(Rules::parse(RULES).unwrap()))
}

fn refused(rules: &str) -> String {
    Rules::parse(rules).unwrap_err().to_string()
}

#[test]
fn a_rule_takes_its_group_and_is_named_in_the_token() {
    let text = "badge=XYZ-00417 for TCK-123456, badge XYZ-00417";
    let expected = "badge=<redacted:acme-badge:1> for <redacted:ticket:1>, badge <redacted:acme-badge:1>";
    let once = redactor().redact(text).into_owned();
    assert_eq!(once, expected);
    assert_eq!(redactor().redact(&once), once);
}

#[test]
fn rules_hold_in_streams_and_in_json() {
    let (mut stream, mut out) = (StreamRedactor::with(redactor()), String::new());
    stream.push("opened by TCK-12", &mut out);
    stream.push("3456\n", &mut out);
    stream.finish(&mut out);
    assert_eq!(out, "opened by <redacted:ticket:1>\n");
    let mut value = json!({"note": "TCK-123456"});
    redactor().redact_json(&mut value);
    assert_eq!(value, json!({"note": "<redacted:ticket:1>"}));
}

#[test]
fn an_allowed_value_stays_whatever_its_name() {
    let text = format!("API_TOKEN=public-{} DB_PASSWORD=hunter2", body(24));
    assert_eq!(
        redactor().redact(&text),
        format!("API_TOKEN=public-{} DB_PASSWORD=<redacted:password:1>", body(24))
    );
    let mut value = json!({"apiToken": format!("public-{}", body(24))});
    let before = value.clone();
    redactor().redact_json(&mut value);
    assert_eq!(value, before);
}

#[test]
fn unusable_rules_are_refused_by_name_with_the_way_out() {
    let form = refused("[[rule]]\nname = 'a'\npatern = 'x'\n");
    assert!(form.contains("patern") && form.contains("[[allow]]"), "{form}");
    let pattern = refused("[[rule]]\nname = 'broken'\npattern = '(x'\n");
    assert!(
        pattern.starts_with("rule 'broken': its pattern is not usable: ")
            && pattern.contains("unclosed group"),
        "{pattern}"
    );
    assert_eq!(
        refused("[[rule]]\nname = 'all'\npattern = 'x*'\n"),
        "rule 'all': its pattern is found in an empty text, so in every place: demand at least one character"
    );
    assert_eq!(
        refused("[[rule]]\nname = 'few'\npattern = 'x(y)'\ngroup = 2\n"),
        "rule 'few': group is 2, and the pattern has 1: count its parentheses"
    );
    assert_eq!(
        refused("[[rule]]\nname = 'Bad Name'\npattern = 'x'\n"),
        "rule 'Bad Name': its name must be of small letters, digits and dashes, 40 at most"
    );
    assert_eq!(
        refused("[[rule]]\nname = 'own'\npattern = 'abc'\nmatch = ['abd']\n"),
        "rule 'own': nothing is found in its own example 'abd' of match: mend the pattern, its keywords or the example"
    );
    assert_eq!(
        refused("[[allow]]\npattern = 'abc'\nnot_match = ['xabcx']\n"),
        "allow 1: something is found in its own example 'xabcx' of not_match: narrow the pattern or drop the example"
    );
    let large = refused("[[rule]]\nname = 'large'\npattern = '(\\w{500}){500}'\n");
    assert!(
        large.starts_with("rule 'large': its pattern is not usable: "),
        "{large}"
    );
    let many = "[[allow]]\npattern = 'x'\n".repeat(501);
    assert_eq!(Rules::parse(&many), Err(RulesError::TooMany(501)));
}
