//! Bad usage and bad surroundings: exit code 64, one message that names the thing and the way out.

use std::{io::Write, process::Stdio};

use serde_json::Value;

use crate::process::Home;

/// Exit code and standard error of a run that ends by itself.
pub fn refused(home: &Home, arguments: &[&str], environment: &[(&str, &str)]) -> (Option<i32>, String) {
    let output = home
        .command(arguments)
        .envs(environment.iter().copied())
        .output()
        .unwrap();
    (output.status.code(), String::from_utf8(output.stderr).unwrap())
}

#[tokio::test]
async fn a_second_process_on_the_same_data_is_refused() {
    let home = Home::new();
    let _server = home.serve(&[]).await;
    let (code, said) = refused(&home, &["serve"], &[("PORT", "0"), ("APPROVAL_PORT", "0")]);
    assert_eq!(code, Some(64), "{said}");
    assert!(
        said.contains("DATA_DIR data is in use by another kubemedic"),
        "{said}"
    );
}

#[test]
fn a_port_in_use_is_named() {
    let home = Home::new();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    for (setting, other) in [("PORT", "APPROVAL_PORT"), ("APPROVAL_PORT", "PORT")] {
        let (code, said) = refused(&home, &["serve"], &[(setting, &port), (other, "0")]);
        assert_eq!(code, Some(64), "{said}");
        let named =
            format!("{setting}: 127.0.0.1:{port} cannot be bound: is it in use? Set another {setting}");
        assert!(said.contains(&named), "{said}");
    }
}

#[test]
fn a_folder_that_cannot_be_used_is_named_with_the_way_out() {
    let home = Home::new();
    std::fs::write(home.path().join("file"), "not a folder").unwrap();
    let ports = [("PORT", "0"), ("APPROVAL_PORT", "0")];
    for (setting, value) in [
        ("DATA_DIR", "file"),
        ("DATA_DIR", "file/below"),
        ("LOG_DIR", "file"),
    ] {
        let (code, said) = refused(&home, &["serve"], &[ports[0], ports[1], (setting, value)]);
        assert_eq!(code, Some(64), "{said}");
        assert!(
            said.contains(&format!("{setting} {value}")) && said.contains(&format!("set another {setting}")),
            "{said}"
        );
    }
    assert_eq!(
        std::fs::read_to_string(home.path().join("file")).unwrap(),
        "not a folder"
    );
}

#[test]
fn wrong_settings_are_told_all_at_once() {
    let home = Home::new();
    let (code, said) = refused(
        &home,
        &["serve"],
        &[("PORT", "x"), ("RETENTION_DAYS", "-1"), ("HOST", "0.0.0.0")],
    );
    assert_eq!(code, Some(64));
    for name in ["PORT", "RETENTION_DAYS", "HOST"] {
        assert!(said.contains(&format!("- {name} is")), "{said}");
    }
}

#[test]
fn a_context_that_is_not_there_is_named_with_the_way_out() {
    let home = Home::new();
    std::fs::write(home.path().join("kubeconfig"), "contexts: []\nclusters: []\n").unwrap();
    let set = [
        ("EXECUTE_CONTEXT", "prod"),
        ("KUBECONFIG", "kubeconfig"),
        ("PORT", "0"),
        ("APPROVAL_PORT", "0"),
    ];
    let (code, said) = refused(&home, &["serve"], &set);
    assert_eq!(code, Some(64));
    assert!(said.contains("'prod'") && said.contains("get-contexts"), "{said}");
}

#[test]
fn a_damaged_journal_is_refused_and_left_as_it_is() {
    let home = Home::new();
    std::fs::create_dir(home.path().join("data")).unwrap();
    let file = home.path().join("data/kubemedic.db");
    let damaged = vec![b'x'; 8192];
    std::fs::write(&file, &damaged).unwrap();
    let (code, said) = refused(&home, &["serve"], &[("PORT", "0"), ("APPROVAL_PORT", "0")]);
    assert_eq!(code, Some(64));
    assert!(
        said.contains("kubemedic.db") && said.contains("move the file away"),
        "{said}"
    );
    assert_eq!(std::fs::read(&file).unwrap(), damaged);
}

#[test]
fn unknown_words_are_bad_usage_and_help_is_not() {
    let home = Home::new();
    assert_eq!(refused(&home, &["frobnicate"], &[]).0, Some(64));
    assert_eq!(refused(&home, &["diagnose", "--format", "xml"], &[]).0, Some(64));
    assert_eq!(refused(&home, &["--help"], &[]).0, Some(0));
    assert_eq!(refused(&home, &["diagnose", "nowhere.log"], &[]).0, Some(64));
}

/// Runs a command with standard input, and returns its code and standard output.
pub fn piped(home: &Home, arguments: &[&str], input: &[u8]) -> (Option<i32>, String) {
    let mut command = home.command(arguments);
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let bytes = input.to_vec();
    let writer = std::thread::spawn(move || {
        let _ = stdin.write_all(&bytes);
    });
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    (output.status.code(), String::from_utf8(output.stdout).unwrap())
}

#[test]
fn a_verdict_makes_the_exit_code_only_where_that_is_asked_for() {
    let home = Home::new();
    let sample = crate::main_job::SAMPLE.as_bytes();
    assert_eq!(piped(&home, &["diagnose", "-"], sample).0, Some(0));
    assert_eq!(
        piped(&home, &["diagnose", "-", "--fail-on", "incident"], sample).0,
        Some(1)
    );
    let (code, healthy) = piped(
        &home,
        &["diagnose", "--format", "json", "--fail-on", "incident"],
        b"INFO all is well\n",
    );
    assert_eq!(code, Some(0));
    let healthy: Value = serde_json::from_str(&healthy).unwrap();
    assert_eq!(
        (healthy["verdict"].as_str(), healthy["failure_class"].as_str()),
        (Some("healthy"), Some("healthy"))
    );
    assert_eq!(healthy["plan"]["steps"], serde_json::json!([]));
}

#[test]
fn a_gzip_evidence_object_is_diagnosed_like_a_plain_one() {
    use flate2::{Compression, write::GzEncoder};
    let home = Home::new();
    let evidence = serde_json::json!({"logs": crate::main_job::SAMPLE, "namespace": "shop"}).to_string();
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(evidence.as_bytes()).unwrap();
    let (_, gz) = piped(
        &home,
        &["diagnose", "--format", "json"],
        &encoder.finish().unwrap(),
    );
    let (_, plain) = piped(&home, &["diagnose", "--format", "json"], evidence.as_bytes());
    assert_eq!(gz, plain);
    assert_eq!(
        serde_json::from_str::<Value>(&gz).unwrap()["failure_class"],
        "oom-killed"
    );
}

#[test]
fn verify_checks_one_thing_a_line_and_says_what_is_not_used_yet() {
    let home = Home::new();
    let output = home
        .command(&["verify"])
        .env("GOOGLE_API_KEY", "key-of-nobody-0123456789")
        .env("GEMINI_BASE_URL", "http://127.0.0.1:9")
        .env("DATABASE_URL", "postgres://db")
        .output()
        .unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(0), "{said}");
    for line in [
        "note  model            gemini:gemini-3.8-flash: the provider is not reachable",
        "ok    model            AnalysisAgent asks gemini:gemini-3.8-flash",
        "note  store            DATABASE_URL set, not used yet",
    ] {
        assert!(said.contains(line), "{said}");
    }
    assert!(!said.contains("key-of-nobody"), "{said}");
    let bad = home.command(&["verify"]).env("PORT", "x").output().unwrap();
    assert_eq!(bad.status.code(), Some(64));
}

#[test]
fn unusable_redaction_rules_are_named_with_file_rule_and_way_out() {
    let home = Home::new();
    let rules = "[[rule]]\nname = \"badge\"\npattern = \"(B-\"\n";
    std::fs::write(home.path().join("rules.toml"), rules).unwrap();
    let set = [
        ("REDACTION_RULES_FILE", "rules.toml"),
        ("PORT", "0"),
        ("APPROVAL_PORT", "0"),
    ];
    let (code, said) = refused(&home, &["serve"], &set);
    assert_eq!(code, Some(64), "{said}");
    let told = "REDACTION_RULES_FILE: rules.toml: rule 'badge': its pattern is not usable";
    assert!(said.contains(told), "{said}");
    let (code, said) = refused(&home, &["logs", "redact", "--rules", "none.toml"], &[]);
    assert_eq!(code, Some(64), "{said}");
    assert!(said.contains("--rules: none.toml: it cannot be read"), "{said}");
}

#[test]
fn redaction_rules_of_the_user_hold_for_logs() {
    let home = Home::new();
    let rules = "[[rule]]\nname = \"badge\"\npattern = 'B-\\d{4}'\nmatch = [\"B-1234\"]\n";
    std::fs::write(home.path().join("rules.toml"), rules).unwrap();
    std::fs::write(home.path().join("app.log"), "door opened by B-1234\n").unwrap();
    let by_flag = home.command(&["logs", "redact", "app.log", "--rules", "rules.toml"]);
    let mut by_setting = home.command(&["logs", "redact", "app.log"]);
    by_setting.env("REDACTION_RULES_FILE", "rules.toml");
    for mut command in [by_flag, by_setting] {
        let output = command.output().unwrap();
        assert_eq!(
            String::from_utf8(output.stdout).unwrap(),
            "door opened by <redacted:badge:1>\n"
        );
    }
}
