//! Fields under the names of every shipper, mapped in every way, and documents that hold them.

use super::{
    document::lookup,
    fields::{
        Role,
        TimeKind::{Milliseconds, Mixed, Nanoseconds},
        overrides, wanted,
    },
    *,
};

fn discovered(caps: &Value) -> Fields {
    match Discovery::read(caps, &Overrides::new()) {
        Discovery::Fields(fields) => *fields,
        other => panic!("{other:?}"),
    }
}

fn namespace_filter(mappings: &Value) -> Option<Value> {
    let mut fields = json!({"@timestamp": {"date": {}}});
    let own = mappings.as_object().unwrap().clone();
    fields.as_object_mut().unwrap().extend(own);
    let filter = discovered(&json!({ "fields": fields })).name_filter(Role::Namespace, "shop")?;
    Some(filter["bool"]["should"].clone())
}

#[test]
fn a_name_is_asked_for_as_its_field_is_mapped() {
    for (mappings, expected) in [
        (
            json!({"kubernetes.namespace": {"keyword": {}}}),
            json!([{"term": {"kubernetes.namespace": "shop"}}]),
        ),
        (
            json!({"kubernetes.namespace_name": {"text": {}}, "kubernetes.namespace_name.keyword": {"keyword": {}}}),
            json!([{"term": {"kubernetes.namespace_name.keyword": "shop"}}]),
        ),
        (
            json!({"kubernetes.namespace_name": {"text": {}}, "kubernetes.namespace_name.raw": {"keyword": {}}}),
            json!([{"term": {"kubernetes.namespace_name.raw": "shop"}}]),
        ),
        (
            json!({"kubernetes.namespace_name": {"text": {}}}),
            json!([{"match_phrase": {"kubernetes.namespace_name": "shop"}}]),
        ),
        (
            json!({"kubernetes": {"flattened": {}}}),
            json!([{"term": {"kubernetes.namespace_name": "shop"}}, {"term": {"kubernetes.namespace": "shop"}}, {"term": {"kubernetes.namespace.name": "shop"}}]),
        ),
        (
            json!({"kubernetes.namespace": {"keyword": {}}, "kubernetes.namespace_name": {"text": {}, "keyword": {}},
                "resource.attributes.k8s.namespace.name": {"keyword": {}}}),
            json!([{"term": {"kubernetes.namespace_name": "shop"}}, {"match_phrase": {"kubernetes.namespace_name": "shop"}},
                {"term": {"kubernetes.namespace": "shop"}}, {"term": {"resource.attributes.k8s.namespace.name": "shop"}}]),
        ),
    ] {
        assert_eq!(namespace_filter(&mappings), Some(expected), "{mappings}");
    }
    assert_eq!(namespace_filter(&json!({"message": {"text": {}}})), None);
}

#[test]
fn the_field_of_time_is_a_date_and_its_fineness_is_known() {
    let of = |fields: Value| {
        let found = discovered(&json!({ "fields": fields }));
        (found.time.clone(), found.time_kind)
    };
    assert_eq!(
        of(json!({"@timestamp": {"text": {}}, "time": {"date": {}}})),
        ("time".to_owned(), Milliseconds)
    );
    assert_eq!(
        of(json!({"@timestamp": {"date_nanos": {}}})),
        ("@timestamp".to_owned(), Nanoseconds)
    );
    assert_eq!(
        of(json!({"@timestamp": {"date": {}, "date_nanos": {}}})),
        ("@timestamp".to_owned(), Mixed)
    );
    let none = json!({"indices": ["a"], "fields": {"message": {"text": {}}}});
    assert_eq!(Discovery::read(&none, &Overrides::new()), Discovery::NoTime);
    let nothing = json!({"indices": [], "fields": {}});
    assert_eq!(Discovery::read(&nothing, &Overrides::new()), Discovery::NoIndex);
}

#[test]
fn documents_of_every_shipper_become_entries() {
    let fields = discovered(&json!({"fields": {"@timestamp": {"date": {}}}}));
    let entry = |source: Value| {
        let hit = serde_json::from_value(
            json!({"_index": "i", "_id": "1", "_source": source, "sort": [START.as_millisecond()]}),
        );
        let entry = document::entry(hit.unwrap(), &fields);
        (
            entry.timestamp.unwrap().to_string(),
            entry.message,
            Value::Object(entry.fields),
        )
    };
    let at = "2026-01-02T03:04:05.000000001Z";
    let fluent_bit = json!({"@timestamp": at, "log": "boom\n", "stream": "stderr",
        "kubernetes": {"pod_name": "p", "namespace_name": "n", "container_name": "c", "host": "h",
            "labels": {"app.kubernetes.io/name": "x"}}});
    let ecs = json!({"@timestamp": at, "message": "boom", "log": {"level": "error", "logger": "l"},
        "error": {"stack_trace": "at a"},
        "kubernetes": {"pod": {"name": "p"}, "namespace": "n", "container": {"name": "c"}, "node": {"name": "h"}}});
    let otel = json!({"@timestamp": at, "body": {"text": "boom"}, "severity_text": "ERROR",
        "resource": {"attributes": {"k8s.namespace.name": "n", "k8s.pod.name": "p", "k8s.container.name": "c", "k8s.cluster.name": "eu"}}});
    let place = json!({"namespace": "n", "pod": "p", "container": "c"});
    for (source, others) in [
        (fluent_bit, json!({"node": "h"})),
        (
            ecs,
            json!({"node": "h", "severity": "error", "stack_trace": "at a"}),
        ),
        (otel, json!({"severity": "ERROR", "cluster": "eu"})),
    ] {
        let mut expected = place.as_object().unwrap().clone();
        expected.extend(others.as_object().unwrap().clone());
        expected.extend(json!({"index": "i", "id": "1"}).as_object().unwrap().clone());
        let (time, message, found) = entry(source);
        assert_eq!((time.as_str(), message.as_str()), (at, "boom"));
        assert_eq!(found, Value::Object(expected));
    }
    let (time, message, _) = entry(json!({"level": 50, "odd": true}));
    assert_eq!(
        (time.as_str(), message.as_str()),
        ("2026-01-02T03:04:05Z", r#"{"level":50,"odd":true}"#)
    );
}

#[test]
fn a_dotted_path_is_found_nested_flat_and_half_nested() {
    for value in [
        json!({"a": {"b": {"c": 1}}}),
        json!({"a.b.c": 1}),
        json!({"a": {"b.c": 1}}),
        json!({"a.b": {"c": 1}}),
        json!({"a": {"x": 0}, "a.b": {"c": 1}}),
    ] {
        assert_eq!(lookup(&value, "a.b.c"), Some(&json!(1)), "{value}");
    }
    assert_eq!(lookup(&json!({"a": "text"}), "a.b"), None);
}

#[test]
fn fields_can_be_named_by_hand() {
    let named = overrides("time=ts, message = line").unwrap();
    assert!(wanted(&named).split(',').any(|it| it == "line"));
    let caps = json!({"fields": {"@timestamp": {"date": {}}, "ts": {"date": {}}}});
    let Discovery::Fields(fields) = Discovery::read(&caps, &named) else {
        panic!("no fields");
    };
    assert_eq!(
        (fields.time.as_str(), fields.names(Role::Message)[0]),
        ("ts", "line")
    );
    assert!(
        overrides("colour=red")
            .unwrap_err()
            .contains("'colour' is none of time, message")
    );
    assert!(overrides("message").is_err());
}

#[tokio::test]
async fn fields_are_found_once_and_looked_for_again_when_one_is_missing() {
    let stub = Stub::start(|seen, before| match (seen.call().as_str(), before) {
        ("GET /", _) => root(),
        ("GET /INDEX/_field_caps", 0) => reply(
            200,
            json!({"indices": ["i"], "fields": {"@timestamp": {"date": {}}}}),
        ),
        ("GET /INDEX/_field_caps", _) => reply(200, caps()),
        ("POST /INDEX/_pit", _) => reply(200, json!({"id": "p"})),
        _ => reply(200, json!({"hits": {"hits": []}})),
    })
    .await;
    let source = source(&stub);
    source.fetch(&query(5)).await.unwrap();
    source.fetch(&query(5)).await.unwrap();
    let of_shop = LogQuery {
        namespace: Some("shop".to_owned()),
        ..query(5)
    };
    source.fetch(&of_shop).await.unwrap();
    source.fetch(&of_shop).await.unwrap();
    let calls = stub.calls();
    assert_eq!(calls.iter().filter(|it| it.contains("_field_caps")).count(), 2);
    assert_eq!(calls.iter().filter(|it| *it == "GET /").count(), 1);
}

#[tokio::test]
async fn a_namespace_that_no_field_holds_is_the_callers_to_mend() {
    let stub = Stub::start(|seen, _| match seen.call().as_str() {
        "GET /" => root(),
        _ => reply(
            200,
            json!({"indices": ["i"], "fields": {"@timestamp": {"date": {}}}}),
        ),
    })
    .await;
    let of_shop = LogQuery {
        namespace: Some("shop".to_owned()),
        ..query(5)
    };
    let (refused, reason) = failure(source(&stub).fetch(&of_shop).await);
    assert!(refused);
    assert_eq!(
        reason,
        "the indices of 'logs-*-*,logs-*,filebeat-*' have no field that names the namespace: leave namespace out, or set ELASTICSEARCH_FIELDS=namespace=..."
    );
}
