//! Tests of whole diagnoses on small cluster states: verdicts, containers, images, configuration; the rest is in `cluster`.

mod cluster;

use kubemedic_model::{
    class::FailureClass,
    diagnosis::{Diagnosis, Fact, MAX_OBJECTS, MAX_SENTENCE_CHARS, MAX_SUMMARY_CHARS, Verdict},
    resource::{Kind, ResourceRef},
    snapshot::{
        ClusterSnapshot,
        pod::{ConfigReference, ContainerPhase, EnvVar},
    },
};

use super::{
    diagnose,
    fixtures::{event, failing, intake, pod, shop, state},
    wire_object,
};
use crate::monitoring::Monitoring;

fn run(snapshot: ClusterSnapshot) -> Diagnosis {
    diagnose(&intake(snapshot), &Monitoring::default())
}

/// Class, finer cause and wire object of the first cause.
fn answer(snapshot: ClusterSnapshot) -> (&'static str, Option<String>, Option<String>) {
    let diagnosis = run(snapshot);
    assert_eq!(diagnosis.verdict, Verdict::Incident, "{}", diagnosis.summary);
    let object = wire_object(&diagnosis);
    let cause = diagnosis.root_causes.first().expect("an incident has a cause");
    (cause.class.id(), cause.cause.clone(), object)
}

fn of_web(class: &'static str, cause: Option<&str>) -> (&'static str, Option<String>, Option<String>) {
    (class, cause.map(str::to_owned), Some("app/web".to_owned()))
}

fn pod_ref(app: &str) -> ResourceRef {
    ResourceRef::new(Kind::Pod, Some("shop"), format!("{app}-6d8c9b7f54-2kzlq"))
}

fn waiting(reason: &str, message: &str) -> kubemedic_model::snapshot::pod::ContainerState {
    let mut waiting = state(ContainerPhase::Waiting, reason, None);
    waiting.message = Some(message.to_owned());
    waiting
}

#[test]
fn nothing_is_healthy() {
    let diagnosis = run(ClusterSnapshot::default());
    assert_eq!(diagnosis.verdict, Verdict::Healthy);
    assert!(diagnosis.root_causes.is_empty() && diagnosis.objects.is_empty());
}

#[test]
fn a_shop_in_order_is_healthy() {
    assert_eq!(run(shop(vec![pod("web")])).verdict, Verdict::Healthy);
}

#[test]
fn a_young_pod_is_no_incident() {
    let mut young = failing(
        "web",
        "ContainerCreating",
        state(ContainerPhase::Waiting, "ContainerCreating", None),
        None,
    );
    young.phase = Some("Pending".to_owned());
    assert_eq!(run(shop(vec![young])).verdict, Verdict::Healthy);
}

#[test]
fn a_container_killed_at_its_limit_is_oom_killed() {
    let mut killed = failing(
        "web",
        "CrashLoopBackOff",
        state(ContainerPhase::Waiting, "CrashLoopBackOff", None),
        Some(state(ContainerPhase::Terminated, "OOMKilled", Some(137))),
    );
    killed.spec.containers[0]
        .limits
        .insert("memory".to_owned(), "256Mi".to_owned());
    let diagnosis = run(shop(vec![killed]));
    let cause = &diagnosis.root_causes[0];
    assert_eq!(cause.class.id(), "oom-killed");
    assert_eq!(
        cause.facts.get(&Fact::MemoryLimit).map(String::as_str),
        Some("256Mi")
    );
    assert!(cause.sentence.contains("256Mi") && cause.sentence.chars().count() <= MAX_SENTENCE_CHARS);
    assert!(diagnosis.summary.chars().count() <= MAX_SUMMARY_CHARS && diagnosis.objects.len() <= MAX_OBJECTS);
    assert_eq!(diagnosis.objects[0], pod_ref("web"));
    assert_eq!(
        cause
            .workload
            .as_ref()
            .map(|it| (it.resource.name.as_str(), it.derived)),
        Some(("web", false))
    );
    assert_eq!(wire_object(&diagnosis), Some("app/web".to_owned()));
    assert!(!cause.evidence.is_empty() && diagnosis.evidence[0].id.to_string() == "E1");
}

#[test]
fn a_past_kill_of_a_ready_pod_is_recovered() {
    let mut healed = pod("web");
    healed.restarts = Some(1);
    healed.last_restart_seconds = Some(86_400);
    healed.spec.containers[0].last_state = Some(state(ContainerPhase::Terminated, "OOMKilled", Some(137)));
    let diagnosis = run(shop(vec![healed]));
    assert_eq!(diagnosis.verdict, Verdict::Recovered);
    assert_eq!(diagnosis.failure_class().map(FailureClass::id), Some("healthy"));
}

#[test]
fn a_crash_loop_without_exit_code_is_insufficient_evidence_and_says_what_is_missing() {
    let looping = failing(
        "web",
        "CrashLoopBackOff",
        state(ContainerPhase::Waiting, "CrashLoopBackOff", None),
        None,
    );
    let diagnosis = run(shop(vec![looping]));
    assert_eq!(diagnosis.verdict, Verdict::InsufficientEvidence);
    assert_eq!(diagnosis.failure_class(), None);
    assert!(
        diagnosis.missing[0].contains("web-6d8c9b7f54-2kzlq"),
        "{:?}",
        diagnosis.missing
    );
}

#[test]
fn exit_codes_tell_a_crash_from_a_missing_command() {
    for (code, class) in [
        (1, "crashloop-app-exception"),
        (127, "bad-command"),
        (126, "bad-command"),
    ] {
        let crashed = failing(
            "web",
            "CrashLoopBackOff",
            state(ContainerPhase::Waiting, "CrashLoopBackOff", None),
            Some(state(ContainerPhase::Terminated, "Error", Some(code))),
        );
        assert_eq!(
            answer(shop(vec![crashed])),
            of_web(class, None),
            "exit code {code}"
        );
    }
}

#[test]
fn a_refused_start_names_its_reason() {
    let cases = [
        (
            "exec: \"/app/run\": stat /app/run: no such file or directory: unknown",
            "bad-command",
        ),
        ("exec /app/run: exec format error", "exec-format-error"),
        (
            "exec: \"serve\": executable file not found in $PATH",
            "bad-command",
        ),
    ];
    for (message, class) in cases {
        let refused = failing(
            "web",
            "RunContainerError",
            waiting("RunContainerError", message),
            None,
        );
        assert_eq!(answer(shop(vec![refused])), of_web(class, None), "{message}");
    }
}

#[test]
fn a_failed_pull_is_told_by_the_registry_s_answer() {
    let cases = [
        (
            "manifest unknown: manifest tagged by \"9\" is not found",
            "image-pull-not-found",
            Some("incorrect_image_reference"),
        ),
        (
            "401 Unauthorized",
            "image-pull-auth",
            Some("missing_image_pull_secret"),
        ),
        (
            "toomanyrequests: You have reached your pull rate limit",
            "image-pull-rate-limited",
            None,
        ),
        (
            "dial tcp: lookup registry.test: no such host",
            "image-pull-network",
            Some("image_registry_dns_failure"),
        ),
        (
            "dial tcp 203.0.113.7:443: i/o timeout",
            "image-pull-network",
            None,
        ),
    ];
    for (answer_text, class, cause) in cases {
        let waits = failing(
            "web",
            "ImagePullBackOff",
            state(ContainerPhase::Waiting, "ImagePullBackOff", None),
            None,
        );
        let mut snapshot = shop(vec![waits]);
        let message = format!("Failed to pull image \"registry.test/web:9\": rpc error: {answer_text}");
        snapshot.events.push(event(pod_ref("web"), "Failed", &message));
        assert_eq!(answer(snapshot), of_web(class, cause), "{answer_text}");
    }
}

#[test]
fn an_event_about_a_pod_that_is_gone_has_healed() {
    let mut snapshot = shop(vec![pod("web")]);
    let gone = ResourceRef::new(Kind::Pod, Some("shop"), "web-79766dcd4b-vzh92");
    snapshot.events.push(event(
        gone,
        "Failed",
        "Failed to pull image \"registry.test/web:9\": not found",
    ));
    assert_eq!(run(snapshot).verdict, Verdict::Recovered);
}

#[test]
fn a_missing_secret_is_found_in_messages_and_by_reference() {
    let told = failing(
        "web",
        "CreateContainerConfigError",
        waiting("CreateContainerConfigError", "secret \"db-login\" not found"),
        None,
    );
    let mut silent = failing(
        "web",
        "CreateContainerConfigError",
        state(ContainerPhase::Waiting, "CreateContainerConfigError", None),
        None,
    );
    silent.spec.containers[0].env.push(EnvVar {
        name: "PASSWORD".to_owned(),
        value: None,
        from: Some(ConfigReference {
            kind: Kind::Secret,
            name: "db-login".to_owned(),
            key: Some("password".to_owned()),
            optional: false,
        }),
    });
    for pod in [told, silent] {
        let diagnosis = run(shop(vec![pod]));
        assert_eq!(
            diagnosis.failure_class().map(FailureClass::id),
            Some("secret-missing")
        );
        assert!(
            diagnosis
                .objects
                .iter()
                .any(|it| it.kind == Kind::Secret && it.name == "db-login")
        );
    }
}

#[test]
fn a_missing_key_is_named() {
    let pod = failing(
        "web",
        "CreateContainerConfigError",
        waiting(
            "CreateContainerConfigError",
            "couldn't find key TOKEN in ConfigMap shop/settings",
        ),
        None,
    );
    let diagnosis = run(shop(vec![pod]));
    assert_eq!(
        diagnosis.failure_class().map(FailureClass::id),
        Some("configmap-missing")
    );
    assert!(diagnosis.summary.contains("TOKEN") && diagnosis.summary.contains("settings"));
}
