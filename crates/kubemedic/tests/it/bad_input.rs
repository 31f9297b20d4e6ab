//! Bad input from outside, as a hostile or clumsy client sends it: each has a clear answer, nothing of it is stored, nothing is lost.

use std::io::Write;

use flate2::{Compression, write::GzEncoder};
use reqwest::Response;
use serde_json::{Value, json};

use crate::{
    main_job::SAMPLE,
    process::{Home, Server},
    refusals::piped,
};

const START: &str = "/api/v1/workflows/start";
pub const WEBHOOK: &str = "/api/v1/feedback/mcp-approval";
const NOT_UTF8: &str = "Request body must be valid UTF-8";

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn utf16(text: &str, order: fn(u16) -> [u8; 2]) -> Vec<u8> {
    text.encode_utf16().flat_map(order).collect()
}

/// Headers, a body, the status and a part of the detail that answer them.
type Case = (
    &'static [(&'static str, &'static str)],
    Vec<u8>,
    u16,
    &'static str,
);

/// The status, and `detail` as text.
pub async fn told(response: Response) -> (u16, String) {
    let status = response.status().as_u16();
    let text = response.text().await.unwrap();
    let body: Value = serde_json::from_str(&text).unwrap_or_else(|_| panic!("{status}: no JSON: {text}"));
    let detail = &body["detail"];
    (
        status,
        detail.as_str().map_or_else(|| detail.to_string(), str::to_owned),
    )
}

pub async fn post_bytes(
    server: &Server,
    path: &str,
    headers: &[(&str, &str)],
    body: Vec<u8>,
) -> (u16, String) {
    let mut request = server.client.post(server.url(path)).body(body);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    told(request.send().await.unwrap()).await
}

#[tokio::test]
async fn a_body_that_cannot_be_worked_on_has_its_answer_and_starts_nothing() {
    let home = Home::new();
    let server = home.serve(&[("MAX_BODY_BYTES", "1048576")]).await;
    let binary: Vec<u8> = (0..4096_u32)
        .flat_map(|it| it.wrapping_mul(2_654_435_761).to_be_bytes())
        .collect();
    let limit = "the request body is larger than MAX_BODY_BYTES allows (1048576 bytes)";
    let none: &'static [(&str, &str)] = &[];
    let gz: &'static [(&str, &str)] = &[("content-encoding", "gzip")];
    let json: &'static [(&str, &str)] = &[("content-type", "application/json")];
    let cases: [Case; 16] = [
        (none, Vec::new(), 400, "the request body is blank"),
        (none, b" \r\n\t\n ".to_vec(), 400, "the request body is blank"),
        (none, "\u{feff}\n".into(), 400, "the request body is blank"),
        (json, b"  ".to_vec(), 400, "the request body is blank"),
        (none, b"ERROR caf\xe9".to_vec(), 400, NOT_UTF8),
        (none, binary, 400, NOT_UTF8),
        (
            none,
            utf16("\u{feff}ERROR größe", u16::to_le_bytes),
            400,
            "it looks like UTF-16LE",
        ),
        (
            none,
            utf16("\u{feff}ERROR größe", u16::to_be_bytes),
            400,
            "it looks like UTF-16BE",
        ),
        (
            none,
            utf16("ERROR no mark", u16::to_le_bytes),
            400,
            "it looks like UTF-16LE",
        ),
        (
            gz,
            gzip(&utf16("\u{feff}ERROR", u16::to_le_bytes)),
            400,
            "it looks like UTF-16LE",
        ),
        (none, vec![b'x'; 1_048_577], 413, limit),
        (gz, gzip(&vec![0; 64 << 20]), 413, limit),
        (gz, gzip(&gzip(&vec![b'x'; 8 << 20])), 400, NOT_UTF8),
        (
            gz,
            b"not gzip".to_vec(),
            400,
            "Content-Encoding is gzip but the request body is not",
        ),
        (
            gz,
            gzip(SAMPLE.as_bytes())[..200].to_vec(),
            400,
            "Content-Encoding is gzip but the request body is not",
        ),
        (
            &[("content-encoding", "zstd")],
            b"x".to_vec(),
            415,
            "Content-Encoding must be gzip or identity",
        ),
    ];
    for (headers, body, status, text) in cases {
        let (got, detail) = post_bytes(&server, START, headers, body).await;
        assert_eq!(got, status, "{detail}");
        assert!(detail.contains(text), "{detail}");
        assert!(status != 400 || text == NOT_UTF8 || !text.contains("UTF") || detail.starts_with(NOT_UTF8));
    }
    assert_eq!(server.get("/api/v1/workflows").await, json!([]));
}

/// The kinds of a log's events, and the Monitoring Agent's summary.
async fn worked_on(server: &Server, body: Vec<u8>) -> (Vec<String>, Value) {
    let id = server.start(body).await;
    let events = server.events(&id).await;
    let of = |name: &str| {
        let done = |it: &&Value| it["agent_name"] == *name && it["status"] == "COMPLETED";
        let data = events.iter().find(done).unwrap()["data"]
            .as_str()
            .unwrap()
            .to_owned();
        serde_json::from_str::<Value>(&data).unwrap()
    };
    let last = events.last().unwrap();
    assert_eq!(
        (&last["agent_name"], &last["status"]),
        (&json!("OrchestratorAgent"), &json!("COMPLETED"))
    );
    let kinds = events
        .iter()
        .map(|it| it["kind"].as_str().unwrap().to_owned())
        .collect();
    (kinds, of("MonitoringAgent")["summary"].clone())
}

#[tokio::test]
async fn text_that_is_odd_but_readable_is_worked_on_like_its_plain_form() {
    let home = Home::new();
    let server = home.serve(&[]).await;
    let plain = worked_on(&server, SAMPLE.into()).await;
    assert!(plain.1["total_errors"].as_u64().unwrap() > 0);
    let marked = format!("\u{feff}{SAMPLE}");
    let windows = SAMPLE.replace('\n', "\r\n");
    let with_nuls = SAMPLE.replace('\n', "\0\n\0\0").replace(' ', "\0 ");
    for odd in [marked, windows, with_nuls] {
        let odd = worked_on(&server, odd.into()).await;
        assert_eq!(odd, plain);
    }
    let control: Vec<u8> = (0..4096_u32).map(|it| u8::try_from(it % 31).unwrap()).collect();
    let nuls = server
        .client
        .post(server.url(START))
        .body(vec![0; 5000])
        .send()
        .await
        .unwrap();
    assert!(told(nuls).await.1.contains("the request body is blank"));
    for odd in [control, b"\r\r\r\r\n\n\x1b[0m\x0c".repeat(100)] {
        let (kinds, summary) = worked_on(&server, odd).await;
        assert_eq!(kinds.last().unwrap(), "workflow.plan_ready", "{summary}");
    }
}

#[tokio::test]
async fn a_nul_reaches_no_stream_and_no_list() {
    let home = Home::new();
    let server = home.serve(&[]).await;
    let logs = SAMPLE.replace("checkout", "check\0out");
    let body = json!({"logs": logs, "cluster": "eu\0west", "namespace": "shop\0"});
    let started: Value = server.post(START, &body).await.json().await.unwrap();
    let id = started["workflow_id"].as_str().unwrap();
    let events = serde_json::to_string(&server.events(id).await).unwrap();
    let shown = server.get(&format!("/api/v1/workflows/{id}")).await;
    assert_eq!(shown["cluster"], "eu\u{fffd}west");
    assert!(!events.contains("\\u0000") && !shown.to_string().contains("\\u0000"));
}

/// The full size where the code is optimised, a tenth where it is not: the time goes with the size.
fn scaled(size: usize) -> usize {
    if cfg!(debug_assertions) {
        println!("unoptimised build: a tenth of the size is sent");
        size / 10
    } else {
        size
    }
}

#[tokio::test]
async fn one_endless_line_and_millions_of_lines_come_to_their_end() {
    let home = Home::new();
    let server = home.serve(&[]).await;
    let line = {
        let mut line = b"2026-03-14T09:26:53Z ERROR ".to_vec();
        line.resize(scaled(20 << 20), b'x');
        line
    };
    let words = "ERROR: pod \"api\" {\"a\":[1,2] k=v ".repeat(scaled(20 << 20) / 33);
    let many = b"ERROR x\n".repeat(scaled(2_000_000));
    let job = |it| format!("ERROR job-{it} failed: code {it}\n");
    let different: String = (0..scaled(1_000_000)).map(job).collect();
    for body in [line, words.into(), many, different.into()] {
        let size = body.len();
        let (kinds, _) = worked_on(&server, body).await;
        assert_eq!(kinds.last().unwrap(), "workflow.plan_ready", "{size} bytes");
    }
}

#[tokio::test]
async fn unknown_and_malformed_ids_are_told_apart_and_repeated_safely() {
    let home = Home::new();
    let server = home.serve(&[]).await;
    let unknown = "018f0000-0000-7000-8000-000000000000";
    let malformed = [
        "nonsense",
        "018f0000",
        "..%2f..%2fetc%2fpasswd",
        "%00",
        "%3Cscript%3E",
        &"9".repeat(5000),
    ];
    for id in malformed {
        for path in [
            format!("/api/v1/workflows/{id}"),
            format!("/api/v1/workflows/{id}/stream"),
        ] {
            let answer = told(server.client.get(server.url(&path)).send().await.unwrap()).await;
            assert_eq!(answer, (400, "Invalid workflow ID format".to_owned()), "{path}");
        }
        for verb in ["approve", "reject"] {
            let path = format!("approvals:/api/approvals/{id}/{verb}");
            let (status, detail) = told(server.post(&path, &json!({})).await).await;
            assert!(matches!(status, 404) && detail.len() < 400, "{status} {detail}");
        }
    }
    for path in [
        format!("/api/v1/workflows/{unknown}"),
        format!("/api/v1/workflows/{unknown}/stream"),
    ] {
        let answer = told(server.client.get(server.url(&path)).send().await.unwrap()).await;
        assert_eq!(answer, (404, format!("workflow '{unknown}' not found")));
    }
    let rating = told(
        server
            .post(
                "/api/v1/feedback/submit",
                &json!({"feedback_id": "x\0y", "rating": 3}),
            )
            .await,
    )
    .await;
    assert_eq!(rating.0, 404, "{}", rating.1);
    let report =
        json!({"approval_id": "nobody", "status": "approved", "approved_count": 1, "rejected_count": 0});
    assert_eq!(
        told(server.post(WEBHOOK, &report).await).await,
        (404, "No feedback found for approval_id: nobody".to_owned())
    );
}

/// `{"a":{"a":...}}` or `[[...]]`, so deep.
fn deep(depth: usize, open: &str, close: &str) -> Vec<u8> {
    [open.repeat(depth), "1".to_owned(), close.repeat(depth)]
        .concat()
        .into()
}

#[tokio::test]
async fn json_of_any_depth_and_of_the_wrong_types_is_refused_with_its_place() {
    let home = Home::new();
    let server = home.serve(&[]).await;
    let json: &[(&str, &str)] = &[("content-type", "application/json")];
    let endpoints = [
        START,
        "/api/v1/feedback/submit",
        WEBHOOK,
        "/api/v1/feedback/outcome",
        "/api/v1/learning/retract",
        "/api/v1/learning/reset",
        "approvals:/api/approvals/propose",
        "approvals:/api/approvals/x/decide",
        "approvals:/api/approvals/x/approve",
        "approvals:/api/approvals/x/reject",
    ];
    for path in endpoints {
        for body in [
            deep(100_000, "[", "]"),
            deep(100_000, "{\"logs\":", "}"),
            b"{\"a\":".repeat(100_000),
        ] {
            let (status, detail) = post_bytes(&server, path, json, body).await;
            assert_eq!(status, 422, "{path} {detail}");
            assert!(
                detail.contains("recursion limit exceeded") || detail.contains("json_invalid"),
                "{path} {detail}"
            );
        }
        for body in [
            "7",
            "\"text\"",
            "[]",
            "{\"logs\":",
            "{'logs':1}",
            "nul",
            "{\"a\":1}{\"b\":2}",
        ] {
            let (status, detail) = post_bytes(&server, path, json, body.into()).await;
            assert_eq!(status, 422, "{path} {body} {detail}");
        }
    }
    let evidence = [
        json!({"logs": 5}),
        json!({"logs": [["nested"]]}),
        json!({"logs": "x", "kubectl": ["a"]}),
        json!({"logs": "x", "objects": {"kind": "Pod"}}),
        json!({"logs": "x", "cluster": {"name": "a"}}),
        json!({"logs": "x", "source": {"pull_interval": 5}}),
        json!({"cluster": "only"}),
        json!({}),
    ];
    for body in evidence {
        let (status, detail) = told(server.post(START, &body).await).await;
        assert_eq!(status, 422, "{body} {detail}");
    }
    assert_eq!(server.get("/api/v1/workflows").await, json!([]));
    // Depth inside of what is read as text or as log lines ends nothing either.
    for text in [
        deep(100_000, "[", "]"),
        deep(100_000, "{\"a\":", "}"),
        deep(20_000, "- ", ""),
        deep(50_000, "a: {", "}"),
    ] {
        worked_on(&server, text).await;
    }
}

#[test]
fn the_command_line_reads_every_encoding_that_files_come_in() {
    let home = Home::new();
    let diagnosis = |bytes: &[u8]| piped(&home, &["diagnose", "--format", "json"], bytes);
    let plain = diagnosis(SAMPLE.as_bytes());
    assert_eq!(plain.0, Some(0));
    let marked = format!("\u{feff}{SAMPLE}");
    for bytes in [
        marked.clone().into_bytes(),
        utf16(&marked, u16::to_le_bytes),
        utf16(&marked, u16::to_be_bytes),
        utf16(SAMPLE, u16::to_le_bytes),
        gzip(&utf16(&marked, u16::to_le_bytes)),
    ] {
        assert_eq!(diagnosis(&bytes), plain);
    }
    let evidence = format!("\u{feff}{}", json!({"logs": SAMPLE}));
    assert_eq!(diagnosis(evidence.as_bytes()).0, Some(0));
    let (code, parsed) = piped(
        &home,
        &["logs", "parse"],
        &utf16("\u{feff}ERROR a\r\nINFO b\r\n", u16::to_le_bytes),
    );
    let messages: Vec<Value> = parsed
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap()["severity"].clone())
        .collect();
    assert_eq!((code, messages), (Some(0), vec![json!("error"), json!("info")]));
    assert!(!parsed.contains("\\r") && !parsed.contains("\\ufeff"), "{parsed}");
}

#[test]
fn a_diagnosis_of_hostile_text_keeps_the_contracts_lengths() {
    let home = Home::new();
    let long = "x".repeat(60_000);
    let line = |it| {
        format!(
            "2026-03-14T09:26:53Z ERROR pod/{long}{it} in namespace {long} is in CrashLoopBackOff: OOMKilled {long}\n"
        )
    };
    let hostile: String = (0..50).map(line).collect();
    let (code, text) = piped(&home, &["diagnose", "--format", "json"], hostile.as_bytes());
    let told: Value = serde_json::from_str(&text).unwrap();
    let chars = |name: &str| told[name].as_str().unwrap().chars().count();
    assert_eq!(code, Some(0));
    assert!(
        chars("root_cause") <= 240 && chars("summary") <= 600,
        "{} {}",
        chars("root_cause"),
        chars("summary")
    );
    assert!(told["objects"].as_array().unwrap().len() <= 5);
    let binary: Vec<u8> = (0..20_000_u32)
        .flat_map(|it| it.wrapping_mul(2_654_435_761).to_be_bytes())
        .collect();
    assert_eq!(
        piped(&home, &["diagnose", "--format", "json"], &binary).0,
        Some(0)
    );
}
