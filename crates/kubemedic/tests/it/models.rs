//! Language models as a user meets them: settings, `verify`, `--model` with `--record` and `--replay`, and where a key is not found.

use std::{fs, os::unix::fs::PermissionsExt, path::Path, process::Stdio};

use serde_json::Value;

use crate::{
    model_server::{self, KEY, MODEL},
    process::Home,
    refusals::refused,
};

/// A login that fails: the engine alone is sure of it.
const LOG: &str = "2026-03-01T10:00:01Z ERROR cart FATAL: password authentication failed for user \"cart\"\n";

/// The settings of the scripted model.
fn settings(address: &str) -> [(&str, &str); 3] {
    [
        ("OPENAI_BASE_URL", address),
        ("OPENAI_API_KEY", KEY),
        ("OPENAI_MODEL", MODEL),
    ]
}

/// Standard output of a run that succeeds.
fn printed(home: &Home, arguments: &[&str], environment: &[(&str, &str)]) -> String {
    let output = home
        .command(arguments)
        .envs(environment.iter().copied())
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{said}");
    assert!(!said.contains(KEY), "{said}");
    String::from_utf8(output.stdout).unwrap()
}

/// JSON without what is measured.
fn timeless(text: &str) -> Value {
    fn strip(value: &mut Value) {
        match value {
            Value::Object(fields) => {
                fields.retain(|name, _| !matches!(name.as_str(), "milliseconds" | "time"));
                fields.values_mut().for_each(strip);
            }
            Value::Array(items) => items.iter_mut().for_each(strip),
            _ => {}
        }
    }
    let mut value = serde_json::from_str(text).unwrap();
    strip(&mut value);
    value
}

#[test]
fn wrong_model_settings_are_told_all_at_once_and_no_key_is_quoted() {
    let home = Home::new();
    let (code, said) = refused(
        &home,
        &["serve"],
        &[
            ("PORT", "0"),
            ("APPROVAL_PORT", "0"),
            ("GOOGLE_API_KEY", "a key with spaces"),
            ("MODEL_PROVIDER", "openai"),
            ("ANALYSIS_MODEL", "anthropic:claude"),
            ("TEMPERATURE", "warm"),
            ("PROMPTS_DIR", "nowhere"),
        ],
    );
    assert_eq!(code, Some(64), "{said}");
    for name in [
        "GOOGLE_API_KEY holds characters",
        "MODEL_PROVIDER is 'openai', but",
        "ANALYSIS_MODEL names anthropic:claude, but ANTHROPIC_API_KEY is not set",
        "TEMPERATURE is 'warm'",
        "PROMPTS_DIR nowhere",
    ] {
        assert!(said.contains(name), "{name}: {said}");
    }
    assert!(!said.contains("a key with spaces"), "{said}");
}

#[test]
fn a_prompt_that_cannot_be_rendered_is_refused_by_its_name() {
    let home = Home::new();
    fs::create_dir(home.path().join("own")).unwrap();
    fs::write(home.path().join("own/repair.md"), "{{ nobody_gives_this }}").unwrap();
    let (code, said) = refused(
        &home,
        &["serve"],
        &[("PORT", "0"), ("APPROVAL_PORT", "0"), ("PROMPTS_DIR", "own")],
    );
    assert_eq!(code, Some(64), "{said}");
    assert!(said.contains("PROMPTS_DIR own: prompt 'repair.md'"), "{said}");
}

#[test]
fn verify_asks_whether_the_key_is_taken_and_a_refused_one_fails() {
    let home = Home::new();
    let address = model_server::start();
    let told = printed(&home, &["verify"], &settings(&address));
    for line in [
        "ok    model            openai:scripted-1 is at 127.0.0.1:",
        "its price is not known",
        "AnalysisAgent asks openai:scripted-1",
        "a workflow may spend 300000 tokens and $1.00, a day (UTC) $50.00",
    ] {
        assert!(told.contains(line), "{line}: {told}");
    }
    let mut wrong = settings(&address);
    wrong[1].1 = "sk-another";
    let output = home.command(&["verify"]).envs(wrong).output().unwrap();
    let told = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(64), "{told}");
    assert!(
        told.contains("FAIL  model            openai:scripted-1: 127.0.0.1:")
            && told.contains("set another OPENAI_API_KEY")
            && !told.contains("sk-another"),
        "{told}"
    );
    let down = printed(
        &home,
        &["verify"],
        &[("OLLAMA_MODEL", "m"), ("OLLAMA_HOST", "127.0.0.1:9")],
    );
    assert!(down.contains("note  model            ollama:m: "), "{down}");
    let value = printed(
        &home,
        &["settings", "--value", "OPENAI_API_KEY"],
        &settings(&address),
    );
    assert_eq!(value, "(set, not shown)\n");
}

#[test]
fn a_recorded_diagnosis_is_replayed_offline_byte_for_byte() {
    let home = Home::new();
    let address = model_server::start();
    fs::write(home.path().join("app.log"), LOG).unwrap();
    let ask = ["diagnose", "app.log", "--format", "json", "--model", "configured"];
    let recorded = printed(
        &home,
        &[&ask[..], &["--record", "run.jsonl"]].concat(),
        &settings(&address),
    );
    let answer: Value = serde_json::from_str(&recorded).unwrap();
    assert_eq!(answer["failure_class"], "db-auth-failure");
    assert_eq!(
        answer["model"]["engine"]["failure_class"], "db-auth-failure",
        "{recorded}"
    );
    let consulted = answer["model"]["consultations"].as_array().unwrap();
    assert!(
        consulted
            .iter()
            .any(|it| it["outcome"] == "used" && it["model"] == "openai:scripted-1"),
        "{recorded}"
    );
    assert!(
        answer["model"]["spending"]["calls"].as_u64() > Some(0),
        "{recorded}"
    );
    let file = home.path().join("run.jsonl");
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    assert!(!fs::read_to_string(&file).unwrap().contains(KEY));
    let replayed = printed(&home, &[&ask[..], &["--replay", "run.jsonl"]].concat(), &[]);
    assert_eq!(replayed, recorded);
}

#[test]
fn an_evaluation_compares_engine_and_model_and_repeats_offline() {
    let home = Home::new();
    let address = model_server::start();
    let case = serde_json::json!({"id": "login", "failure_class": "db-auth-failure",
        "affected_objects": [{"accept_names": ["cart"]}], "input_text": LOG});
    let quiet = serde_json::json!({"id": "quiet", "failure_class": "healthy", "expect_actionable": false,
        "input_text": "2026-03-01T10:00:01Z INFO started\n"});
    fs::write(home.path().join("cases.jsonl"), format!("{case}\n{quiet}\n")).unwrap();
    let ask = [
        "eval",
        "diagnosis",
        "cases.jsonl",
        "--format",
        "json",
        "--model",
        "configured",
    ];
    let recorded = printed(
        &home,
        &[&ask[..], &["--record", "run.jsonl"]].concat(),
        &settings(&address),
    );
    let report: Value = serde_json::from_str(&recorded).unwrap();
    let model = &report["model"];
    assert_eq!(model["cases"], 2, "{recorded}");
    assert_eq!(
        (&model["correct"], &model["engine"]["correct"]),
        (&report["correct"], &report["correct"])
    );
    assert_eq!(model["models"], serde_json::json!(["openai:scripted-1"]));
    assert_eq!(
        (&model["gained"], &model["lost"]),
        (&serde_json::json!([]), &serde_json::json!([]))
    );
    assert_eq!(model["spending"]["micro_dollars"], 0);
    assert!(report["results"][0]["with_model"]["got"].is_object());
    let replayed = printed(&home, &[&ask[..], &["--replay", "run.jsonl"]].concat(), &[]);
    assert_eq!(timeless(&replayed), timeless(&recorded));
    let page = [
        "eval",
        "diagnosis",
        "cases.jsonl",
        "--replay",
        "run.jsonl",
        "--html",
        "page.html",
    ];
    let text = printed(&home, &page, &[]);
    assert!(text.contains("engine and model     2 of 2 right"), "{text}");
    let page = fs::read_to_string(home.path().join("page.html")).unwrap();
    assert!(page.contains("With a language model") && !page.contains("<script"));
}

#[tokio::test]
async fn a_key_is_in_no_stream_no_data_and_no_log() {
    let home = Home::new();
    let address = model_server::start();
    let mut environment = settings(&address).to_vec();
    environment.push(("MODEL_RECORD_FILE", "run.jsonl"));
    environment.push(("LOG_LEVEL", "trace"));
    let server = home.serve(&environment).await;
    let id = server.start(LOG).await;
    let events = server.events(&id).await;
    let stream = serde_json::to_string(&events).unwrap();
    assert!(stream.contains("openai:scripted-1"), "{stream}");
    assert!(!stream.contains(KEY));
    let metrics = server.client.get(server.url("/metrics")).send().await.unwrap();
    assert!(!metrics.text().await.unwrap().contains(KEY));
    assert!(server.stop().success());
    assert_clean(home.path());
}

/// No file below a folder holds the key.
fn assert_clean(folder: &Path) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            assert_clean(&path);
            continue;
        }
        let bytes = fs::read(&path).unwrap();
        let found = bytes.windows(KEY.len()).any(|it| it == KEY.as_bytes());
        assert!(!found, "{} holds the key", path.display());
    }
}
