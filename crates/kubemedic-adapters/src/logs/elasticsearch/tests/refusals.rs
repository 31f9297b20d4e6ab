//! Authentication, busy servers, servers that are down, and errors that hold no secret.

use super::*;

fn empty() -> axum::response::Response {
    reply(200, json!({"hits": {"hits": []}, "id": "p"}))
}

/// A stub whose root and fields are in order; the script answers the rest.
async fn orderly(
    script: impl Fn(&stub::Seen, usize) -> axum::response::Response + Send + Sync + 'static,
) -> Stub {
    Stub::start(move |seen, before| match seen.call().as_str() {
        "GET /" => root(),
        "GET /INDEX/_field_caps" => reply(200, caps()),
        _ => script(seen, before),
    })
    .await
}

#[tokio::test]
async fn every_way_to_say_who_we_are_reaches_the_server() {
    let stub = orderly(|_, _| empty()).await;
    let secret = |text: &str| SecretString::from(text.to_owned());
    let in_url = stub.url.replace("http://", "http://ann:s%40crt@");
    let basic = Credentials::Basic {
        username: "ann".to_owned(),
        password: secret("s@crt"),
    };
    for (url, credentials, expected) in [
        (&stub.url, Credentials::None, ""),
        (&in_url, Credentials::None, "Basic YW5uOnNAY3J0"),
        (&stub.url, basic, "Basic YW5uOnNAY3J0"),
        (
            &stub.url,
            Credentials::ApiKey(secret("id:key")),
            "ApiKey aWQ6a2V5",
        ),
        (
            &stub.url,
            Credentials::ApiKey(secret("aWQ6a2V5\n")),
            "ApiKey aWQ6a2V5",
        ),
        (&in_url, Credentials::Bearer(secret("token")), "Bearer token"),
    ] {
        let connection = Connection {
            credentials,
            ..connection(url)
        };
        source_with(&connection, "").fetch(&query(5)).await.unwrap();
        assert_eq!(stub.seen().last().unwrap().authorization, expected);
    }
}

#[tokio::test]
async fn a_busy_server_is_asked_again_when_it_says() {
    let stub = orderly(|seen, before| {
        if seen.path == "/_search" && before == 0 {
            let mut busy = reply(429, json!({"error": "rejected"}));
            let second = axum::http::HeaderValue::from_static("1");
            busy.headers_mut().insert("retry-after", second);
            return busy;
        }
        empty()
    })
    .await;
    #[expect(clippy::disallowed_methods, reason = "the pause itself is measured")]
    let started = std::time::Instant::now();
    source(&stub).fetch(&query(5)).await.unwrap();
    assert!(started.elapsed() >= Duration::from_secs(1));
    assert_eq!(stub.calls().iter().filter(|it| *it == "POST /_search").count(), 2);
}

#[tokio::test]
async fn a_server_that_asks_for_an_hour_is_given_up_at_once() {
    let stub = Stub::start(|_, _| {
        let mut busy = reply(503, json!({}));
        let hour = axum::http::HeaderValue::from_static("3600");
        busy.headers_mut().insert("retry-after", hour);
        busy
    })
    .await;
    let (refused, reason) = failure(source(&stub).fetch(&query(5)).await);
    let expected = format!(
        "{} answers 503 Service Unavailable and asks to wait for 3600 seconds",
        stub.url
    );
    assert_eq!((refused, reason), (false, expected));
}

#[tokio::test]
async fn an_address_that_is_down_gives_way_to_the_next() {
    let stub = orderly(|_, _| empty()).await;
    // A port that was free a moment ago may be another test's by now; on this one nobody listens.
    let down = "http://127.0.0.1:1".to_owned();
    let both = Connection {
        urls: vec![
            SecretString::from(down.clone()),
            SecretString::from(stub.url.clone()),
        ],
        ..Connection::default()
    };
    source_with(&both, "").fetch(&query(5)).await.unwrap();

    let (refused, reason) = failure(source_with(&connection(&down), "").fetch(&query(5)).await);
    assert!(
        !refused && reason.starts_with(&down) && reason.contains("refused"),
        "{reason}"
    );
}

#[tokio::test]
async fn a_query_that_cannot_be_parsed_is_told_with_the_servers_reason() {
    let stub = orderly(|seen, _| match seen.path.as_str() {
        "/_search" => reply(
            400,
            json!({"error": {"type": "search_phase_execution_exception", "reason": "all shards failed",
            "root_cause": [{"reason": "Failed to parse query [a:(]"}],
            "failed_shards": [{"reason": {"reason": "Failed to parse query [a:(]",
                "caused_by": {"reason": "Cannot parse 'a:(': Encountered \"<EOF>\""}}}]}}),
        ),
        _ => empty(),
    })
    .await;
    let bad = LogQuery {
        filter_pattern: "a:(".to_owned(),
        ..query(5)
    };
    let expected = "Failed to parse query [a:(]: Cannot parse 'a:(': Encountered \"<EOF>\"";
    assert_eq!(
        failure(source(&stub).fetch(&bad).await),
        (true, expected.to_owned())
    );
    let asked = stub
        .seen()
        .iter()
        .find(|it| it.path == "/_search")
        .unwrap()
        .json();
    let query_string = json!({"query_string": {"query": "a:(", "allow_leading_wildcard": true, "analyze_wildcard": true, "lenient": true}});
    assert_eq!(asked["query"]["bool"]["filter"][1], query_string);
}

#[tokio::test]
async fn what_a_server_refuses_is_told_with_the_way_out_and_without_secrets() {
    for (status, words) in [
        (401, "check ELASTICSEARCH_USERNAME"),
        (
            403,
            "may not read 'logs-*-*,logs-*,filebeat-*' (403): no permission",
        ),
        (500, "500"),
    ] {
        let stub =
            Stub::start(move |_, _| reply(status, json!({"error": {"reason": "no permission"}}))).await;
        let url = stub.url.replace("http://", "http://ann:hunter2@");
        let source = source_with(&connection(&url), "");
        let (refused, reason) = failure(source.fetch(&query(5)).await);
        assert!(!refused && reason.contains(words), "{reason}");
        assert!(!format!("{reason}{:?}", source.servers.shown()).contains("hunter2"));
    }
    let page = Stub::start(|_, _| axum::response::IntoResponse::into_response("<html>hello</html>")).await;
    let (_, reason) = failure(source(&page).fetch(&query(5)).await);
    assert!(reason.contains("not readable"), "{reason}");
    let other = Stub::start(|_, _| reply(200, json!({"hello": 1}))).await;
    let (_, reason) = failure(source(&other).fetch(&query(5)).await);
    assert_eq!(reason, "it answers, but is neither Elasticsearch nor OpenSearch");
}

#[tokio::test]
async fn a_pattern_without_an_index_is_an_empty_answer() {
    let stub = Stub::start(|seen, _| match seen.call().as_str() {
        "GET /" => root(),
        _ => reply(200, json!({"indices": [], "fields": {}})),
    })
    .await;
    let source = source(&stub);
    assert_eq!(source.fetch(&query(5)).await.unwrap(), Fetched::default());
    let told = source.check().await.unwrap();
    assert_eq!(
        told,
        format!(
            "{} is Elasticsearch 8.19.1; no index matches 'logs-*-*,logs-*,filebeat-*' yet",
            stub.url
        )
    );
}

#[test]
fn addresses_patterns_and_files_that_are_none_are_refused_without_secrets() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let told = |connection: &Connection, index: &str| {
        Elasticsearch::new(connection, index, "", Arc::new(ManualClock::default()))
            .unwrap_err()
            .to_string()
    };
    let address = told(&connection("ftp://ann:hunter2@host"), "");
    assert_eq!(
        address,
        "'ftp://host' is not an http or https address: its scheme is neither http nor https"
    );
    assert!(!told(&connection("ann:hunter2 @ :host"), "").contains("hunter2"));
    assert!(told(&connection("http://host"), "a/_delete_by_query?x").contains("no index pattern"));
    assert!(told(&connection("http://host"), "..").contains("no index pattern"));
    let missing = Connection {
        ca_file: Some("/nowhere/ca.pem".into()),
        ..connection("https://host")
    };
    assert!(told(&missing, "").starts_with("/nowhere/ca.pem cannot be used"));
    let shown = format!("{:?}", source_with(&connection("http://ann:hunter2@host"), ""));
    assert!(!shown.contains("hunter2"), "{shown}");
}
