//! `eval diagnosis` and the pages: the figures beside the contract's fields, one case explained, hostile words on a page.

use std::fs;

use serde_json::Value;

use crate::{process::Home, refusals::piped};

/// Two labelled cases: a failed login whose words are hostile, and nothing.
fn corpus(home: &Home) -> String {
    let outage = serde_json::json!({
        "id": "login", "failure_class": "db-auth-failure", "affected_objects": [{"accept_names": ["cart"]}],
        "input_text": "2026-03-01T10:00:01Z ERROR cart <script>alert(1)</script> FATAL: password authentication failed for user \"cart\"\n",
    });
    let quiet = serde_json::json!({
        "id": "quiet", "failure_class": "healthy", "expect_actionable": false,
        "input_text": "2026-03-01T10:00:01Z INFO started\n",
    });
    let path = home.path().join("cases.jsonl");
    fs::write(&path, format!("{outage}\n{quiet}\n")).unwrap();
    path.to_str().unwrap().to_owned()
}

#[test]
fn an_evaluation_tells_its_figures_beside_the_fields_of_the_contract() {
    let home = Home::new();
    let path = corpus(&home);
    let (code, text) = piped(&home, &["eval", "diagnosis", &path, "--format", "json"], b"");
    assert_eq!(code, Some(0));
    let report: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(report["cases"], 2);
    assert_eq!(
        report["innocent"],
        serde_json::json!({"cases": 1, "false_alarms": 0, "state_changing_commands": 0})
    );
    assert_eq!(report["calibration"]["bins"].as_array().unwrap().len(), 10);
    assert!(
        report["time"]["median"].is_f64() && report["calibration"]["brier"].is_f64(),
        "{report}"
    );
    for field in ["correct", "accuracy", "groups", "results", "classes", "confusion"] {
        assert!(!report[field].is_null(), "{field} is missing in {report}");
    }
}

#[test]
fn one_case_is_explained_and_an_unknown_one_is_refused() {
    let home = Home::new();
    let path = corpus(&home);
    let (code, text) = piped(&home, &["eval", "diagnosis", &path, "--explain", "login"], b"");
    assert_eq!(code, Some(0));
    assert!(
        text.starts_with("login: ") && text.contains("\nWhy:\n  - H1 db-auth-failure"),
        "{text}"
    );
    assert_eq!(
        piped(&home, &["eval", "diagnosis", &path, "--explain", "nobody"], b"").0,
        Some(64)
    );
}

#[test]
fn a_page_holds_no_script_whatever_the_input_says() {
    let home = Home::new();
    let path = corpus(&home);
    let hostile = "2026-03-01T10:00:01Z ERROR cart <script>alert(1)</script> FATAL: password authentication failed for user \"cart\"\n";
    assert_eq!(
        piped(&home, &["diagnose", "--html", "one.html"], hostile.as_bytes()).0,
        Some(0)
    );
    assert_eq!(
        piped(&home, &["eval", "diagnosis", &path, "--html", "all.html"], b"").0,
        Some(0)
    );
    for page in ["one.html", "all.html"] {
        let page = fs::read_to_string(home.path().join(page)).unwrap();
        assert!(
            page.starts_with("<!doctype html>") && !page.contains("<script"),
            "{page}"
        );
        assert!(!page.contains("http://") && !page.contains("https://"), "{page}");
    }
}

#[test]
fn the_benchmark_of_learning_tells_every_policy_of_the_contract() {
    let home = Home::new();
    let page = home.path().join("learning.html");
    let page_name = page.to_str().unwrap();
    let arguments = [
        "learn", "bench", "--seeds", "3,7-8", "--rounds", "50", "--format", "json", "--html", page_name,
    ];
    let (code, text) = piped(&home, &arguments, b"");
    assert_eq!(code, Some(0));
    let report: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(report["seeds"], serde_json::json!([3, 7, 8]));
    for policy in [
        "untaught",
        "original_same_class",
        "original_global",
        "epsilon_greedy",
        "linucb",
        "approval_only",
        "greedy",
        "learned",
    ] {
        let row = &report["policies"][policy];
        for field in ["regret", "approve_rate", "fix_rate"] {
            assert!(row[field].is_f64(), "{policy} has no {field}: {row}");
        }
        assert!(row["value"]["50"].is_f64(), "{policy} has no value at 50: {row}");
    }
    assert_eq!(
        text,
        piped(&home, &arguments, b"").1,
        "the same seeds give the same figures"
    );
    let page = fs::read_to_string(page).unwrap();
    assert!(page.contains("<svg") && page.ends_with("</html>\n"));
    for wrong in ["nine", "9-0", ""] {
        assert_eq!(
            piped(&home, &["learn", "bench", "--seeds", wrong], b"").0,
            Some(64),
            "{wrong}"
        );
    }
}
