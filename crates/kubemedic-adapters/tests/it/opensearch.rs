//! The real OpenSearch-shaped server: what three shippers wrote is found, page by page, and nothing else.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on must stop"
)]

use std::{collections::BTreeSet, sync::Arc};

use jiff::{SignedDuration, Timestamp};
use kubemedic_adapters::logs::elasticsearch::{Connection, Elasticsearch};
use kubemedic_ports::log_source::{Fetched, LogQuery, LogSource, LogSourceError};
use kubemedic_testkit::{manual_clock::ManualClock, manual_clock::START, search_server::SearchServer};
use serde_json::{Value, json};

/// A server with documents.
struct World {
    server: SearchServer,
    client: reqwest::Client,
}

impl World {
    fn new() -> Option<Self> {
        let _ = rustls::crypto::ring::default_provider().install_default();
        Some(Self {
            server: SearchServer::start()?,
            client: reqwest::Client::new(),
        })
    }

    async fn send(&self, method: &str, path: &str, body: String) -> Value {
        let method = reqwest::Method::from_bytes(method.as_bytes()).unwrap();
        let request = self.client.request(method, format!("{}{path}", self.server.url));
        let request = request.header("content-type", "application/json").body(body);
        let response = request.send().await.unwrap();
        let status = response.status();
        let text = response.text().await.unwrap();
        assert!(status.is_success(), "{path}: {status} {text}");
        serde_json::from_str(&text).unwrap_or(Value::Null)
    }

    async fn index(&self, documents: &[(&str, Value)]) {
        let lines = documents
            .iter()
            .map(|(index, document)| format!("{}\n{document}\n", json!({"create": {"_index": index}})));
        let answer = self.send("POST", "/_bulk?refresh=true", lines.collect()).await;
        assert_eq!(answer["errors"], json!(false), "{answer}");
    }

    /// Fluent Bit's documents by dynamic mapping, Filebeat's by its template, and OpenTelemetry's with dots in their keys.
    async fn with_three_shippers(self) -> Self {
        let template = json!({"mappings": {"properties": {
            "@timestamp": {"type": "date"}, "message": {"type": "text"}, "log": {"properties": {"level": {"type": "keyword"}}},
            "kubernetes": {"properties": {"namespace": {"type": "keyword"}, "pod": {"properties": {"name": {"type": "keyword"}}}}}}}});
        self.send("PUT", "/filebeat-8.19", template.to_string()).await;
        self.index(&[
            ("logs-fb", json!({"@timestamp": ago(50), "log": "fluent bit: connection refused\n", "stream": "stderr",
                "kubernetes": {"pod_name": "cart-1", "namespace_name": "shop", "container_name": "app",
                    "labels": {"app.kubernetes.io/name": "cart"}}})),
            ("logs-fb", json!({"@timestamp": ago(40), "log": "fluent bit: of another namespace\n",
                "kubernetes": {"pod_name": "web-1", "namespace_name": "shop-eu", "container_name": "app"}})),
            ("filebeat-8.19", json!({"@timestamp": ago(30), "message": "ecs: connection refused", "log": {"level": "error"},
                "kubernetes": {"pod": {"name": "cart-2"}, "namespace": "shop", "container": {"name": "app"}}})),
            ("logs-generic-default", json!({"@timestamp": ago(20), "body": {"text": "otel: connection refused"}, "severity_text": "ERROR",
                "resource": {"attributes": {"k8s.namespace.name": "shop", "k8s.pod.name": "cart-3", "k8s.cluster.name": "eu"}}})),
            ("filebeat-8.19", json!({"@timestamp": ago(5000), "message": "ecs: too old"})),
            ("filebeat-8.19", json!({"@timestamp": ago(-4000), "message": "ecs: of a clock that is wrong"})),
            ("other", json!({"@timestamp": ago(1), "message": "of another index"})),
        ])
        .await;
        self
    }

    fn source(&self) -> Elasticsearch {
        let connection = Connection {
            urls: vec![self.server.url.clone().into()],
            ..Connection::default()
        };
        Elasticsearch::new(&connection, "", "", Arc::new(ManualClock::default())).unwrap()
    }
}

fn ago(seconds: i64) -> String {
    (START - SignedDuration::from_secs(seconds)).to_string()
}

fn query(pattern: &str, namespace: Option<&str>) -> LogQuery {
    LogQuery {
        window_seconds: 600,
        filter_pattern: pattern.to_owned(),
        cluster: None,
        namespace: namespace.map(str::to_owned),
        limit: 100,
    }
}

fn messages(fetched: &Fetched) -> Vec<&str> {
    fetched.entries.iter().map(|it| it.message.as_str()).collect()
}

#[tokio::test]
async fn what_every_shipper_wrote_in_the_window_is_found_oldest_first() {
    let Some(world) = World::new() else { return };
    let world = world.with_three_shippers().await;
    let source = world.source();
    let all = source.fetch(&query("*", None)).await.unwrap();
    let expected = [
        "fluent bit: connection refused",
        "fluent bit: of another namespace",
        "ecs: connection refused",
        "otel: connection refused",
    ];
    assert_eq!(
        (messages(&all).as_slice(), all.partial.as_slice()),
        (&expected[..], &[][..])
    );
    let otel = all.entries.last().unwrap();
    assert_eq!(otel.timestamp, Some(ago(20).parse::<Timestamp>().unwrap()));
    let field = |name: &str| otel.fields.get(name).and_then(Value::as_str).unwrap_or_default();
    assert_eq!(
        ["severity", "namespace", "pod", "cluster"].map(field),
        ["ERROR", "shop", "cart-3", "eu"]
    );
    let newest = LogQuery {
        limit: 2,
        ..query("*", None)
    };
    assert_eq!(messages(&source.fetch(&newest).await.unwrap()), &expected[2..]);
}

#[tokio::test]
async fn names_are_exact_whichever_field_holds_them_and_patterns_are_lucenes() {
    let Some(world) = World::new() else { return };
    let world = world.with_three_shippers().await;
    let source = world.source();
    let of_shop = source.fetch(&query("*", Some("shop"))).await.unwrap();
    let expected = [
        "fluent bit: connection refused",
        "ecs: connection refused",
        "otel: connection refused",
    ];
    assert_eq!(messages(&of_shop), expected);
    let of_cluster = LogQuery {
        cluster: Some("eu".to_owned()),
        ..query("*", None)
    };
    assert_eq!(
        messages(&source.fetch(&of_cluster).await.unwrap()),
        &expected[2..]
    );
    for (pattern, found) in [
        ("*efuse*", &expected[..]),
        ("refused AND ecs", &expected[1..2]),
        ("log.level:error", &expected[1..2]),
        ("severity_text:ERROR", &expected[2..]),
        (r"kubernetes.labels.app.kubernetes.io\/name:cart", &expected[..1]),
        ("nothing", &[]),
    ] {
        let fetched = source.fetch(&query(pattern, Some("shop"))).await.unwrap();
        assert_eq!(messages(&fetched), found, "{pattern}");
    }
    let refused = source.fetch(&query("a:(", None)).await.unwrap_err();
    let LogSourceError::Refused { reason, .. } = refused else {
        panic!("{refused:?}");
    };
    assert!(reason.contains("Cannot parse 'a:('"), "{reason}");
    let told = source.check().await.unwrap();
    assert!(
        told.contains("is OpenSearch ") && told.contains("namespace kubernetes.namespace_name.keyword"),
        "{told}"
    );
}

#[tokio::test]
async fn pages_lose_and_double_nothing_though_many_entries_share_a_time() {
    let Some(world) = World::new() else { return };
    // A whole second at a time, as Fluent Bit writes it, over three indices.
    for index in ["logs-a", "logs-b", "filebeat-c"] {
        let documents: Vec<(&str, Value)> = (0..800)
            .map(|number| {
                let at = ago(i64::from(number / 400));
                (
                    index,
                    json!({"@timestamp": at, "log": format!("{index} {number}")}),
                )
            })
            .collect();
        world.index(&documents).await;
    }
    let source = world.source();
    let all = LogQuery {
        limit: 10_000,
        ..query("*", None)
    };
    let fetched = source.fetch(&all).await.unwrap();
    let distinct: BTreeSet<&str> = messages(&fetched).into_iter().collect();
    assert_eq!((fetched.entries.len(), distinct.len()), (2400, 2400));
    assert!(fetched.entries.is_sorted_by_key(|it| it.timestamp));
    let newest = LogQuery { limit: 1200, ..all };
    let fetched = source.fetch(&newest).await.unwrap();
    let newest_second: Option<Timestamp> = ago(0).parse().ok();
    assert!(fetched.entries.len() == 1200 && fetched.entries.iter().all(|it| it.timestamp == newest_second));
}

#[tokio::test]
async fn a_server_without_indices_answers_empty() {
    let Some(world) = World::new() else { return };
    let fetched = world.source().fetch(&query("*", Some("shop"))).await.unwrap();
    assert_eq!(fetched, Fetched::default());
}
