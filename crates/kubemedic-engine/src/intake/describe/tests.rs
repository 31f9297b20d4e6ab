//! Proves the reading of descriptions.

use kubemedic_model::{
    resource::Kind,
    snapshot::{
        PortRef,
        pod::{ContainerPhase, ProbeHandler, VolumeSource},
    },
};

use crate::intake::read_text;

/// A described pod of our own.
const POD: &str = "Name:             cart-6c9d8b7f54-zk2wq
Namespace:        shop
Priority:         0
Node:             node-a/10.0.0.4
Labels:           app=cart
                  tier=web
Status:           Running
IP:               10.244.1.23
Controlled By:    ReplicaSet/cart-6c9d8b7f54
Containers:
  cart:
    Image:          registry.test/cart:1.4
    Ports:          8080/TCP (http), 9090/TCP
    Host Ports:     0/TCP, 0/TCP
    Command:
      /bin/cart
      --verbose
    State:          Waiting
      Reason:       CrashLoopBackOff
    Last State:     Terminated
      Reason:       OOMKilled
      Exit Code:    137
      Finished:     Tue, 04 Mar 2025 09:14:02 +0000
    Ready:          False
    Restart Count:  8
    Limits:
      memory:  256Mi
    Liveness:   http-get http://:http/health delay=10s timeout=1s period=10s #success=1 #failure=3
    Environment Variables from:
      cart-rules  ConfigMap  Optional: false
    Environment:
      TOKEN:  <set to the key 'token' in secret 'cart-token'>  Optional: false
      MODE:   fast
    Mounts:
      /data from data (rw)
Conditions:
  Type              Status
  Ready             False
Volumes:
  data:
    Type:       PersistentVolumeClaim (a reference to a PersistentVolumeClaim in the same namespace)
    ClaimName:  cart-data
    ReadOnly:   false
Node-Selectors:  disk=ssd
Tolerations:     dedicated=batch:NoSchedule
Events:
  Type     Reason   Age                From     Message
  ----     ------   ----               ----     -------
  Warning  BackOff  32s (x22 over 8m)  kubelet  Back-off restarting failed container cart
";

#[test]
fn a_described_pod_is_read_whole() {
    let snapshot = read_text(POD).snapshot;
    let pod = &snapshot.pods[0];
    let container = &pod.spec.containers[0];
    assert_eq!(pod.status.as_deref(), Some("CrashLoopBackOff"));
    assert_eq!((pod.ready, pod.restarts), (Some((0, 1)), Some(8)));
    assert_eq!(
        pod.meta.owner.as_ref().map(ToString::to_string).as_deref(),
        Some("ReplicaSet shop/cart-6c9d8b7f54")
    );
    assert_eq!(pod.meta.labels.len(), 2);
    assert_eq!(container.command, ["/bin/cart", "--verbose"]);
    let ports: Vec<(u16, Option<&str>)> = container
        .ports
        .iter()
        .map(|it| (it.number, it.name.as_deref()))
        .collect();
    assert_eq!(ports, [(8080, Some("http")), (9090, None)]);
    let last = container.last_state.as_ref().expect("a last state");
    assert_eq!(
        (last.phase, last.reason.as_deref(), last.exit_code),
        (ContainerPhase::Terminated, Some("OOMKilled"), Some(137))
    );
    let probe = container.liveness.as_ref().expect("a probe");
    assert_eq!(
        probe.handler,
        ProbeHandler::Http {
            scheme: "http".to_owned(),
            path: "/health".to_owned(),
            port: PortRef::Name("http".to_owned())
        }
    );
    assert_eq!(
        (probe.delay_seconds, probe.failure_threshold),
        (Some(10), Some(3))
    );
    assert_eq!(
        container.env[0]
            .from
            .as_ref()
            .map(|it| (&it.kind, it.name.as_str())),
        Some((&Kind::Secret, "cart-token"))
    );
    assert_eq!(container.env_from[0].name, "cart-rules");
    assert_eq!(
        pod.spec.volumes[0].source,
        VolumeSource::Claim("cart-data".to_owned())
    );
    assert_eq!(pod.spec.tolerations[0].key.as_deref(), Some("dedicated"));
    assert_eq!((snapshot.events[0].count, snapshot.events[0].warning), (22, true));
    assert_eq!(
        snapshot.events[0].object.as_ref().map(|it| it.name.as_str()),
        Some("cart-6c9d8b7f54-zk2wq")
    );
}

#[test]
fn events_after_a_command_line_are_about_its_object() {
    let text = "$ kubectl describe pod api-0 -n core\nEvents:\n  Type     Reason  Age   From     Message\n  ----     ------  ----  ----     -------\n  \
        Warning  Failed  11s   kubelet  Error: configmap \"x\" not found\nstatus: CreateContainerConfigError\n";
    let intake = read_text(text);
    assert_eq!(
        intake.snapshot.events[0]
            .object
            .as_ref()
            .map(ToString::to_string)
            .as_deref(),
        Some("Pod core/api-0")
    );
    assert_eq!(
        intake.records[0].record.message,
        "status: CreateContainerConfigError"
    );
}

#[test]
fn a_piece_of_a_description_completes_the_object_of_the_command() {
    let text = "$ kubectl describe pod api-0 -n core\n    State:          Waiting\n      Reason:       CrashLoopBackOff\n    \
        Last State:     Terminated\n      Reason:       OOMKilled\n      Exit Code:    137\n";
    let pod = &read_text(text).snapshot.pods[0];
    assert_eq!(pod.meta.name, "api-0");
    assert_eq!(
        pod.spec.containers[0]
            .last_state
            .as_ref()
            .and_then(|it| it.exit_code),
        Some(137)
    );
}

#[test]
fn a_service_tells_its_endpoints_too() {
    let text = "Name:              web\nNamespace:         shop\nLabels:            <none>\nSelector:          app=web,tier=front\nType:              ClusterIP\n\
        IP:                10.0.0.9\nPort:              http  80/TCP\nTargetPort:        named/TCP\nEndpoints:         <none>\nSession Affinity:  None\nEvents:            <none>\n";
    let snapshot = read_text(text).snapshot;
    assert_eq!(
        snapshot.services[0]
            .selector
            .as_ref()
            .map(std::collections::BTreeMap::len),
        Some(2)
    );
    assert_eq!(
        snapshot.services[0].ports[0].target,
        Some(PortRef::Name("named".to_owned()))
    );
    assert_eq!(
        (
            snapshot.endpoints[0].meta.name.as_str(),
            snapshot.endpoints[0].ready.len()
        ),
        ("web", 0)
    );
}

#[test]
fn a_quota_and_a_job_are_recognised_by_their_keys() {
    let text = "Name:            team\nNamespace:       shop\nResource         Used  Hard\n--------         ----  ----\npods             20    20\n\n\
        Name:             import\nNamespace:        etl\nParallelism:      1\nPods Statuses:    0 Active (0 Ready) / 0 Succeeded / 4 Failed\nEvents:           <none>\n";
    let snapshot = read_text(text).snapshot;
    assert_eq!(
        snapshot.quotas[0].used.get("pods").map(String::as_str),
        Some("20")
    );
    assert_eq!(
        (snapshot.jobs[0].failed, snapshot.jobs[0].active),
        (Some(4), Some(0))
    );
}
