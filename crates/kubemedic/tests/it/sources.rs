//! Log sources through the binary: files and a real search API, fetched, diagnosed and watched.

use std::{
    fs::{self, File},
    io::Write,
    path::PathBuf,
    process::Child,
};

use kubemedic_testkit::search_server::SearchServer;
use serde_json::{Value, json};

use crate::process::{Home, Server, until};

const POD: &str = "node/pods/shop_cart-7b4f9d-x2x1z_0a1b2c3d-0000-1111-2222-333344445555/app/0.log";

/// A line as a container runtime writes it now, as the system tells the time.
fn line(text: &str) -> String {
    let now = jiff_now();
    format!("{now} stderr F {text}\n")
}

#[expect(
    clippy::disallowed_methods,
    reason = "files are dated by the computer's clock"
)]
fn jiff_now() -> jiff::Timestamp {
    jiff::Timestamp::now()
}

fn append(home: &Home, name: &str, text: &str) {
    let path = home.path().join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    let mut file = fs::OpenOptions::new()
        .create(true)
        .append(true)
        .open(path)
        .unwrap();
    file.write_all(text.as_bytes()).unwrap();
}

/// Status, body and the header that tells a partial answer.
async fn fetch(server: &Server, query: &str, accept: &str) -> (u16, String) {
    let url = server.url(&format!("/api/v1/fetchlogs?{query}"));
    let response = server
        .client
        .get(url)
        .header("accept", accept)
        .send()
        .await
        .unwrap();
    (response.status().as_u16(), response.text().await.unwrap())
}

async fn start(server: &Server, evidence: &Value) -> (u16, Value) {
    let response = server.post("/api/v1/workflows/start", evidence).await;
    (response.status().as_u16(), response.json().await.unwrap())
}

#[tokio::test]
async fn files_are_fetched_filtered_redacted_and_refused_with_a_clear_word() {
    let home = Home::new();
    let refused = line("ERROR connection refused password=correct-horse-battery");
    append(&home, POD, &(line("INFO all is well") + &refused));
    append(&home, "node/other.log", "an entry without a time\n");
    let server = home.serve(&[("LOG_FILES_DIR", "node")]).await;

    let (status, body) = fetch(&server, "pull_interval=600&namespace=shop", "*/*").await;
    let text: String = serde_json::from_str(&body).unwrap();
    assert_eq!((status, text.lines().count()), (200, 2), "{text}");
    assert!(
        text.contains("all is well") && !text.contains("correct-horse"),
        "{text}"
    );

    let (status, records) = fetch(
        &server,
        "pull_interval=600&filter_pattern=*refused*&source=files",
        "application/x-ndjson",
    )
    .await;
    let record: Value = serde_json::from_str(&records).unwrap();
    assert_eq!(
        (status, &record["pod"], &record["namespace"]),
        (200, &json!("cart-7b4f9d-x2x1z"), &json!("shop"))
    );

    assert_eq!(
        fetch(&server, "filter_pattern=nothing", "*/*").await,
        (204, String::new())
    );
    let (status, told) = fetch(&server, "filter_pattern=level:error", "*/*").await;
    assert!(
        status == 400 && told.contains("'level:' is no field of a file"),
        "{told}"
    );
    let (status, told) = fetch(&server, "source=elasticsearch", "*/*").await;
    assert!(status == 502 && told.contains("ELASTICSEARCH_URL"), "{told}");
    fs::remove_dir_all(home.path().join("node")).unwrap();
    let (status, told) = fetch(&server, "pull_interval=600", "*/*").await;
    assert!(status == 502 && told.contains("LOG_FILES_DIR"), "{told}");
}

#[tokio::test]
async fn a_workflow_starts_from_a_query_on_files_and_ends_with_a_plan() {
    let home = Home::new();
    let trace =
        line("java.lang.OutOfMemoryError: Java heap space") + &line("\tat com.shop.Cart.load(Cart.java:10)");
    append(
        &home,
        POD,
        &(line("INFO token=correct-horse-battery-staple") + &trace),
    );
    let server = home.serve(&[("LOG_FILES_DIR", "node")]).await;
    let (status, answer) = start(
        &server,
        &json!({"namespace": "shop", "source": {"name": "files", "pull_interval": 600}}),
    )
    .await;
    assert_eq!(status, 202, "{answer}");
    let id = answer["workflow_id"].as_str().unwrap();
    let events = server.events(id).await;
    let first = events[0]["data"].as_str().unwrap();
    assert!(
        first.contains("3 entries of the last 600 seconds from 'files'"),
        "{first}"
    );
    assert!(!serde_json::to_string(&events).unwrap().contains("correct-horse"));
    let workflow = server.get(&format!("/api/v1/workflows/{id}")).await;
    assert_eq!(workflow["failure_class"], "app-heap-exhausted", "{workflow}");
    assert!(!server.approvals_of(id).await.is_empty());

    for (source, expected) in [
        (json!({"name": "files", "filter_pattern": "a:("}), 422),
        (json!({"name": "files", "limit": 0}), 422),
        (json!({"name": "elasticsearch"}), 502),
    ] {
        let (status, answer) = start(&server, &json!({ "source": source })).await;
        assert_eq!(status, expected, "{answer}");
    }
    let listed = server.get("/api/v1/workflows").await;
    assert_eq!(
        listed.as_array().unwrap().len(),
        1,
        "what was refused is not stored"
    );
}

#[tokio::test]
async fn a_search_cluster_is_fetched_from_and_a_workflow_starts_from_its_entries() {
    let home = Home::new();
    let Some(search) = SearchServer::start() else {
        return;
    };
    let (now, server) = (
        jiff_now(),
        home.serve(&[("ELASTICSEARCH_URL", &search.url)]).await,
    );
    assert_eq!(
        fetch(&server, "pull_interval=600", "*/*").await,
        (204, String::new())
    );
    let place = json!({"pod_name": "cart-7b4f9d-x2x1z", "namespace_name": "shop", "container_name": "app"});
    let documents: Vec<String> = [
        "starting password=correct-horse-battery",
        "java.lang.OutOfMemoryError: Java heap space",
    ]
    .iter()
    .map(|text| {
        let document =
            json!({"@timestamp": now.to_string(), "log": format!("{text}\n"), "kubernetes": place});
        format!("{}\n{document}\n", json!({"create": {"_index": "logs-app"}}))
    })
    .collect();
    let bulk = server.client.post(format!("{}/_bulk?refresh=true", search.url));
    let bulk = bulk
        .header("content-type", "application/x-ndjson")
        .body(documents.concat());
    assert!(bulk.send().await.unwrap().status().is_success());

    let (status, body) = fetch(
        &server,
        "pull_interval=600&namespace=shop&filter_pattern=*Memory*",
        "*/*",
    )
    .await;
    assert_eq!(
        (status, body.as_str()),
        (200, "\"java.lang.OutOfMemoryError: Java heap space\"")
    );
    let (status, told) = fetch(&server, "filter_pattern=a:(", "*/*").await;
    assert!(status == 400 && told.contains("Cannot parse 'a:('"), "{told}");

    let (status, answer) = start(
        &server,
        &json!({"source": {"name": "elasticsearch", "filter_pattern": "*", "pull_interval": 600, "limit": 1000}}),
    )
    .await;
    assert_eq!(status, 202, "{answer}");
    let id = answer["workflow_id"].as_str().unwrap();
    let events = server.events(id).await;
    assert!(!serde_json::to_string(&events).unwrap().contains("correct-horse"));
    let workflow = server.get(&format!("/api/v1/workflows/{id}")).await;
    assert_eq!(workflow["failure_class"], "app-heap-exhausted", "{workflow}");
    assert!(!server.approvals_of(id).await.is_empty());

    drop(search);
    let (status, told) = fetch(&server, "pull_interval=600", "*/*").await;
    assert!(
        status == 502 && told.contains("log source 'elasticsearch' is not reachable"),
        "{told}"
    );
}

/// `kubemedic watch` under way.
struct Watching {
    child: Child,
    said: PathBuf,
    told: PathBuf,
}

impl Watching {
    async fn start(home: &Home, arguments: &[&str]) -> Self {
        let (said, told) = (home.path().join("said"), home.path().join("told"));
        let mut command = home.command(&["watch", "--interval", "0.25", "--format", "json"]);
        command
            .args(arguments)
            .env("LOG_FILES_DIR", "node")
            .stderr(File::create(&said).unwrap())
            .stdout(File::create(&told).unwrap());
        let watching = Self {
            child: command.spawn().unwrap(),
            said,
            told,
        };
        until("it watches", async || {
            fs::read_to_string(&watching.said)
                .unwrap()
                .contains("watching")
                .then_some(())
        })
        .await;
        watching
    }

    fn reports(&self) -> Vec<Value> {
        let told = fs::read_to_string(&self.told).unwrap();
        told.lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }

    /// The classes that were told, once there are so many.
    async fn classes(&self, count: usize) -> Vec<Value> {
        until("the incident is told", async || {
            let reports = self.reports();
            (reports.len() >= count).then(|| {
                reports
                    .iter()
                    .map(|it| it["diagnosis"]["failure_class"].clone())
                    .collect()
            })
        })
        .await
    }

    /// Ctrl-C, and whether the end was a clean one.
    #[expect(clippy::disallowed_methods, reason = "kill(1) sends the signal")]
    fn stop(mut self) -> bool {
        let id = self.child.id().to_string();
        std::process::Command::new("/bin/kill")
            .args(["-INT", &id])
            .status()
            .unwrap();
        self.child.wait().unwrap().success()
    }
}

impl Drop for Watching {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[tokio::test]
async fn watched_files_tell_each_incident_once_through_rotations() {
    let home = Home::new();
    append(&home, POD, &line("java.lang.OutOfMemoryError: of yesterday"));
    let watching = Watching::start(&home, &[]).await;
    let dns = "ERROR dial tcp: lookup orders-db.shop.svc.cluster.local: no such host";
    append(&home, POD, &line(dns));
    assert_eq!(watching.classes(1).await, ["dns-failure"]);

    // The kubelet renames and begins anew; the same incident again is no news, another one is.
    let rotated = home.path().join(format!("{POD}.20260101-000000"));
    fs::rename(home.path().join(POD), rotated).unwrap();
    append(&home, POD, &line(dns));
    append(
        &home,
        "node/new.log",
        &line("java.lang.OutOfMemoryError: Java heap space"),
    );
    let classes = watching.classes(2).await;
    assert_eq!(classes.len(), 2, "{classes:?}");
    append(&home, POD, &line(dns));
    append(
        &home,
        "node/new.log",
        &line("panic: runtime error: invalid memory address or nil pointer dereference"),
    );
    let classes = watching.classes(3).await;
    let second = classes.get(1);
    assert_eq!(
        (classes.len(), second),
        (3, Some(&json!("app-heap-exhausted"))),
        "{classes:?}"
    );
    assert!(watching.stop());
}

#[tokio::test]
async fn a_watched_incident_starts_a_workflow_on_a_server() {
    let home = Home::new();
    fs::create_dir_all(home.path().join("node")).unwrap();
    let server = home.serve(&[]).await;
    let watching = Watching::start(&home, &["--server", &server.backend, "--path", "*.log"]).await;
    append(
        &home,
        "node/app.log",
        &line("java.lang.OutOfMemoryError: Java heap space"),
    );
    watching.classes(1).await;
    let url = watching.reports()[0]["workflow"].as_str().unwrap().to_owned();
    let (_, id) = url.rsplit_once('/').unwrap();
    server.events(id).await;
    let workflow = server.get(&format!("/api/v1/workflows/{id}")).await;
    assert_eq!(workflow["failure_class"], "app-heap-exhausted");
    assert!(watching.stop());
}

#[test]
fn watch_and_verify_name_what_is_wrong_with_a_source() {
    let home = Home::new();
    let told = |arguments: &[&str], environment: &[(&str, &str)]| {
        let mut command = home.command(arguments);
        let output = command.envs(environment.iter().copied()).output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap();
        (output.status.code(), text)
    };
    let (code, text) = told(&["watch"], &[]);
    assert!(
        code == Some(64) && text.contains("set LOG_FILES_DIR, or name a folder with --path"),
        "{text}"
    );
    let (code, text) = told(&["watch", "--path", "/etc"], &[("LOG_FILES_DIR", ".")]);
    assert!(
        code == Some(64) && text.contains("is not below LOG_FILES_DIR"),
        "{text}"
    );
    let (code, text) = told(&["watch", "--interval", "0.1"], &[("LOG_FILES_DIR", ".")]);
    assert!(
        code == Some(64) && text.contains("--interval must be from 0.25"),
        "{text}"
    );

    let (code, text) = told(&["verify"], &[("LOG_FILES_DIR", "/nowhere/at/all")]);
    assert!(
        code == Some(64) && text.contains("FAIL  sources") && text.contains("LOG_FILES_DIR"),
        "{text}"
    );
    let (code, text) = told(
        &["verify"],
        &[("ELASTICSEARCH_URL", "http://ann:hunter2@127.0.0.1:1")],
    );
    assert!(
        code == Some(64) && text.contains("http://127.0.0.1:1: ") && !text.contains("hunter2"),
        "{text}"
    );
    let several = [
        ("ELASTICSEARCH_URL", "http://localhost:9200"),
        ("ELASTICSEARCH_API_KEY", "id:hunter2"),
        ("ELASTICSEARCH_BEARER_TOKEN", "hunter2"),
        ("ELASTICSEARCH_USERNAME", "ann"),
    ];
    let (code, text) = told(&["verify"], &several);
    let both = text.contains("exclude each other") && text.contains("belong together");
    assert!(code == Some(64) && both && !text.contains("hunter2"), "{text}");
}
