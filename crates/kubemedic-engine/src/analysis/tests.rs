//! Tests of whole diagnoses on small cluster states: one per failure family, and the verdicts.

use kubemedic_model::{
    class::FailureClass,
    diagnosis::{Diagnosis, Fact, MAX_OBJECTS, MAX_SENTENCE_CHARS, MAX_SUMMARY_CHARS, Verdict},
    resource::{Kind, ResourceRef},
    snapshot::{
        ClusterSnapshot, Condition, PortRef,
        node::{Node, Taint},
        pod::{ConfigReference, ContainerPhase, EnvVar, Probe, ProbeHandler},
        storage::Claim,
    },
};

use super::{
    diagnose,
    fixtures::{deployment, event, failing, intake, labels, meta, pending, pod, service, shop, state},
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

#[test]
fn the_scheduler_s_reasons_are_split_and_the_nearest_miss_decides() {
    let cases = [
        (
            "0/3 nodes are available: 3 Insufficient memory. preemption: 0/3 nodes are available: 3 No preemption victims found for incoming pod.",
            "unschedulable-resources",
            Some("memory_capacity_mismatch"),
        ),
        (
            "0/3 nodes are available: 1 node(s) had untolerated taint {node-role.kubernetes.io/control-plane: }, 2 Insufficient cpu.",
            "unschedulable-resources",
            Some("cpu_capacity_mismatch"),
        ),
        (
            "0/4 nodes are available: 4 Insufficient nvidia.com/gpu.",
            "unschedulable-gpu",
            None,
        ),
        (
            "0/3 nodes are available: 3 node(s) had untolerated taint {dedicated: batch}.",
            "unschedulable-taint",
            Some("taint_toleration_mismatch"),
        ),
        (
            "0/3 nodes are available: 1 node(s) had untolerated taint {dedicated: batch}, 2 node(s) didn't match Pod's node affinity/selector.",
            "unschedulable-affinity",
            None,
        ),
        (
            "0/3 nodes are available: 3 node(s) didn't match pod anti-affinity rules.",
            "unschedulable-affinity",
            Some("pod_anti_affinity_conflict"),
        ),
        (
            "0/2 nodes are available: 2 node(s) were unschedulable.",
            "unschedulable-taint",
            Some("node_cordon_mismatch"),
        ),
    ];
    for (message, class, cause) in cases {
        let mut snapshot = shop(vec![pending("web")]);
        snapshot
            .events
            .push(event(pod_ref("web"), "FailedScheduling", message));
        assert_eq!(answer(snapshot), of_web(class, cause), "{message}");
    }
}

#[test]
fn a_selector_that_no_node_carries_wins_over_other_reasons() {
    let mut waits = pending("web");
    waits.spec.node_selector = labels(&[("pool", "mail")]);
    let mut snapshot = shop(vec![waits]);
    snapshot.nodes.push(Node {
        meta: meta("node-a"),
        ready: Some(true),
        ..Node::default()
    });
    let message =
        "0/3 nodes are available: 1 Insufficient cpu, 2 node(s) didn't match Pod's node affinity/selector.";
    snapshot
        .events
        .push(event(pod_ref("web"), "FailedScheduling", message));
    assert_eq!(
        answer(snapshot),
        of_web("unschedulable-affinity", Some("node_selector_mismatch"))
    );
}

#[test]
fn an_untolerated_taint_is_named_from_the_nodes() {
    let mut snapshot = shop(vec![pending("web")]);
    let taint = Taint {
        key: "upgrade".to_owned(),
        value: Some("pending".to_owned()),
        effect: "NoSchedule".to_owned(),
    };
    snapshot.nodes.push(Node {
        meta: meta("node-a"),
        ready: Some(true),
        taints: vec![taint],
        ..Node::default()
    });
    let message = "0/1 nodes are available: 1 node(s) had untolerated taint(s).";
    snapshot
        .events
        .push(event(pod_ref("web"), "FailedScheduling", message));
    let diagnosis = run(snapshot);
    assert_eq!(
        diagnosis.root_causes[0]
            .facts
            .get(&Fact::Taint)
            .map(String::as_str),
        Some("upgrade=pending:NoSchedule")
    );
}

#[test]
fn a_used_up_quota_is_the_namespace_s_fault() {
    let mut short = deployment("web");
    short.ready = Some(0);
    let mut snapshot = shop(vec![pod("other")]);
    snapshot.workloads = vec![short];
    snapshot.services.clear();
    let set = ResourceRef::new(Kind::ReplicaSet, Some("shop"), "web-6d8c9b7f54");
    let message = "Error creating: pods \"web-6d8c9b7f54-9xq2l\" is forbidden: exceeded quota: budget, requested: requests.memory=1Gi, used: requests.memory=8Gi, limited: requests.memory=8Gi";
    snapshot.events.push(event(set, "FailedCreate", message));
    let expected = (
        "quota-exceeded",
        Some("namespace_memory_quota_exceeded".to_owned()),
        Some("namespace/shop".to_owned()),
    );
    assert_eq!(answer(snapshot), expected);
}

#[test]
fn refused_requests_are_told_apart() {
    let cases = [
        (
            "admission webhook \"validate.kyverno.svc\" denied the request: label missing",
            "admission-denied",
        ),
        (
            "pods \"web-1\" is forbidden: violates PodSecurity \"restricted:latest\": privileged",
            "admission-denied",
        ),
        (
            "Internal error occurred: failed calling webhook \"mutate.mesh.test\": failed to call webhook: Post \"https://hook.mesh.svc:443/m\": dial tcp 10.96.3.7:443: connect: connection refused",
            "webhook-unavailable",
        ),
        (
            "pods \"web-1\" is forbidden: maximum memory usage per Container is 1Gi, but limit is 2Gi",
            "quota-exceeded",
        ),
        (
            "pods \"web-1\" is forbidden: error looking up service account shop/runner: serviceaccount \"runner\" not found",
            "admission-denied",
        ),
    ];
    for (message, class) in cases {
        let set = ResourceRef::new(Kind::ReplicaSet, Some("shop"), "web-6d8c9b7f54");
        let snapshot = ClusterSnapshot {
            events: vec![event(set, "FailedCreate", message)],
            ..ClusterSnapshot::default()
        };
        assert_eq!(answer(snapshot).0, class, "{message}");
    }
}

#[test]
fn a_claim_with_an_unknown_class_stays_pending() {
    let claim = Claim {
        meta: meta("data-web-0"),
        phase: Some("Pending".to_owned()),
        class: Some("fast".to_owned()),
        ..Claim::default()
    };
    let mut snapshot = shop(vec![pod("web")]);
    snapshot.claims.push(claim);
    let (class, cause, _) = answer(snapshot);
    assert_eq!(
        (class, cause.as_deref()),
        ("pvc-pending", Some("pvc_storage_class_mismatch"))
    );
}

#[test]
fn a_claim_that_waits_for_its_first_pod_is_in_order() {
    let claim = Claim {
        meta: meta("data"),
        phase: Some("Pending".to_owned()),
        class: Some("local".to_owned()),
        ..Claim::default()
    };
    let mut snapshot = shop(vec![pod("web")]);
    snapshot
        .storage_classes
        .push(kubemedic_model::snapshot::storage::StorageClass {
            meta: meta("local"),
            provisioner: Some("disk.test".to_owned()),
            binding_mode: Some("WaitForFirstConsumer".to_owned()),
            ..Default::default()
        });
    snapshot.claims.push(claim);
    assert_eq!(run(snapshot).verdict, Verdict::Healthy);
}

#[test]
fn a_selector_that_no_pod_satisfies_is_named_with_the_right_label() {
    let mut snapshot = shop(vec![pod("web")]);
    snapshot.services[0].selector = Some(labels(&[("app", "webb")]));
    let diagnosis = run(snapshot);
    let cause = &diagnosis.root_causes[0];
    assert_eq!(cause.class.id(), "service-selector-mismatch");
    assert_eq!(
        cause.facts.get(&Fact::RightLabel).map(String::as_str),
        Some("app=web")
    );
    assert_eq!(wire_object(&diagnosis), Some("app/web".to_owned()));
}

#[test]
fn a_target_port_that_pods_do_not_declare_is_a_mismatch() {
    for target in [PortRef::Number(8081), PortRef::Name("http-web".to_owned())] {
        let mut snapshot = shop(vec![pod("web")]);
        snapshot.services[0].ports[0].target = Some(target);
        assert_eq!(
            answer(snapshot),
            of_web("service-port-mismatch", Some("service_port_mapping_mismatch"))
        );
    }
}

#[test]
fn a_service_without_replicas_behind_it_is_scaled_to_zero() {
    let mut snapshot = shop(Vec::new());
    snapshot.workloads[0].desired = Some(0);
    snapshot.workloads[0].ready = Some(0);
    assert_eq!(
        answer(snapshot),
        of_web("replicas-zero", Some("deployment_zero_replicas"))
    );
}

#[test]
fn a_probe_on_an_undeclared_port_asks_the_wrong_port() {
    let mut sick = failing("web", "Running", state(ContainerPhase::Running, "", None), None);
    sick.spec.containers[0].readiness = Some(Probe {
        handler: ProbeHandler::Http {
            scheme: "http".to_owned(),
            path: "/ready".to_owned(),
            port: PortRef::Number(9999),
        },
        delay_seconds: None,
        timeout_seconds: None,
        period_seconds: None,
        failure_threshold: None,
    });
    let mut snapshot = shop(vec![sick]);
    let message = "Readiness probe failed: Get \"http://10.1.0.4:9999/ready\": dial tcp 10.1.0.4:9999: connect: connection refused";
    snapshot.events.push(event(pod_ref("web"), "Unhealthy", message));
    assert_eq!(
        answer(snapshot),
        of_web("readiness-probe-failing", Some("readiness_probe_incorrect_port"))
    );
}

#[test]
fn a_node_that_is_down_is_the_cause_of_its_pods_troubles() {
    let mut sick = failing("web", "Running", state(ContainerPhase::Running, "", None), None);
    sick.spec.containers[0].readiness = None;
    let condition = Condition {
        kind: "Ready".to_owned(),
        status: "Unknown".to_owned(),
        message: Some("Kubelet stopped posting node status.".to_owned()),
        ..Condition::default()
    };
    let mut snapshot = shop(vec![sick]);
    snapshot.nodes.push(Node {
        meta: meta("node-a"),
        ready: Some(false),
        conditions: vec![condition],
        ..Node::default()
    });
    let diagnosis = run(snapshot);
    assert_eq!(wire_object(&diagnosis), Some("node/node-a".to_owned()));
    let cause = &diagnosis.root_causes[0];
    assert_eq!(cause.class.id(), "node-not-ready");
    assert!(
        cause
            .effects
            .iter()
            .any(|effect| effect.class.id() == "readiness-probe-failing")
    );
}

#[test]
fn pods_of_one_workload_make_one_cause() {
    let crash = |suffix: &str| {
        let mut pod = failing(
            "web",
            "CrashLoopBackOff",
            state(ContainerPhase::Waiting, "CrashLoopBackOff", None),
            Some(state(ContainerPhase::Terminated, "OOMKilled", Some(137))),
        );
        pod.meta.name = format!("web-6d8c9b7f54-{suffix}");
        pod
    };
    let diagnosis = run(shop(vec![crash("2kzlq"), crash("8fxwv"), crash("q9m2d")]));
    assert_eq!(diagnosis.root_causes.len(), 1);
}

#[test]
fn independent_causes_stand_beside_each_other() {
    let waits = |app: &str, reason: &str, message: &str| failing(app, reason, waiting(reason, message), None);
    let mut snapshot = shop(vec![
        waits("web", "CreateContainerConfigError", "configmap \"a\" not found"),
        waits("api", "CreateContainerConfigError", "secret \"b\" not found"),
    ]);
    snapshot.workloads.push(deployment("api"));
    snapshot.services.push(service("api"));
    let classes: Vec<&str> = run(snapshot)
        .root_causes
        .iter()
        .map(|cause| cause.class.id())
        .collect();
    assert_eq!(classes, ["configmap-missing", "secret-missing"]);
}
