//! Queries against lines, and queries that are refused.

use super::*;

fn is_in(query: &str, text: &str) -> bool {
    let place = Place {
        namespace: Some("shop".to_owned()),
        pod: Some("cart-7b4f9d-x2x1z".to_owned()),
        container: None,
    };
    parse(query)
        .unwrap()
        .matches(&Line::new(text, "pods/0.log", &place))
}

#[test]
fn words_phrases_and_wildcards_are_found_whatever_their_case() {
    let text = "E0507 Connection to db-1 REFUSED: dial_tcp failed";
    for found in [
        "*",
        "",
        "refused",
        "connection",
        "\"connection to db\"",
        "db-1",
        "*fus*",
        "dial*",
        "re?used",
        "*:*",
        "nothing refused",
        "nothing OR refused",
        "connection AND refused",
        "connection AND NOT accepted",
        "+connection -accepted",
        "NOT accepted",
        "(nothing OR dial_tcp) AND failed",
        "namespace:shop AND refused",
        "kubernetes.pod_name:cart-*",
        "message:refused",
        "message:\"to db\"",
        "connection && !accepted",
        "a || refused",
    ] {
        assert!(is_in(found, text), "{found}");
    }
    for not_found in [
        "fused",
        "nothing",
        "\"refused connection\"",
        "connection AND accepted",
        "refused -connection",
        "+accepted refused",
        "NOT refused",
        "namespace:sho",
        "namespace:other OR nothing",
        "container:*app*",
        "dial",
    ] {
        assert!(!is_in(not_found, text), "{not_found}");
    }
}

#[test]
fn what_files_cannot_answer_is_refused_by_name() {
    for (query, reason) in [
        (
            "/err.*/",
            "'/err.*/': a regular expression cannot be looked for in files",
        ),
        ("eror~1", "'eror~1': a fuzzy word cannot be looked for in files"),
        (
            "error^2",
            "'error^2': a boosted word cannot be looked for in files",
        ),
        (
            "level:error",
            "'level:' is no field of a file: known are message, namespace, pod, container and file; quote a text that has a colon",
        ),
        ("(a", "a parenthesis is not closed"),
        ("a)", "a parenthesis is closed that was not opened"),
        ("()", "a parenthesis holds nothing"),
        ("\"a", "a quote is not closed"),
        ("a AND", "an operator has nothing after it"),
        ("AND a", "an operator has nothing before it"),
        ("a AND OR b", "two operators follow each other"),
        ("pod:[a TO b]", "'[a': a range cannot be looked for in files"),
    ] {
        assert_eq!(parse(query).unwrap_err(), reason, "{query}");
    }
    assert!(parse(&"(".repeat(4000)).is_err());
    assert!(parse(&"a ".repeat(2000)).is_err());
}

#[test]
fn a_pattern_of_many_stars_takes_no_long_time() {
    let pattern: Vec<char> = "*a*a*a*a*a*a*a*a*b".chars().collect();
    assert!(!glob(&pattern, &"a".repeat(20_000)));
}
