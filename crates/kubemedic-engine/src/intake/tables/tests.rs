//! Proves the reading of tables.

use crate::intake::read_text;
use kubemedic_model::resource::Kind;

#[test]
fn a_pod_table_of_all_namespaces_tells_everything_that_it_shows() {
    let text = "NAMESPACE   NAME    READY   STATUS             RESTARTS      AGE   IP         NODE     NOMINATED NODE   READINESS GATES\n\
        shop        web-1   0/1     CrashLoopBackOff   5 (58s ago)   4m    10.0.0.1   node-a   <none>           <none>\n";
    let pods = read_text(text).snapshot.pods;
    let pod = &pods[0];
    assert_eq!(pod.meta.namespace.as_deref(), Some("shop"));
    assert_eq!(pod.status.as_deref(), Some("CrashLoopBackOff"));
    assert_eq!(
        (pod.ready, pod.restarts, pod.last_restart_seconds),
        (Some((0, 1)), Some(5), Some(58))
    );
    assert_eq!(
        (pod.spec.node.as_deref(), pod.meta.age_seconds),
        (Some("node-a"), Some(240))
    );
}

#[test]
fn empty_cells_are_found_by_position() {
    let text = "NAME        STATUS    VOLUME   CAPACITY   ACCESS MODES   STORAGECLASS   AGE\n\
        data-db-0   Pending                                      fast           9m\n";
    let claim = &read_text(text).snapshot.claims[0];
    assert_eq!(
        (claim.phase.as_deref(), claim.class.as_deref()),
        (Some("Pending"), Some("fast"))
    );
    assert_eq!(
        (claim.volume.as_deref(), claim.meta.age_seconds),
        (None, Some(540))
    );
}

#[test]
fn a_row_without_a_header_is_a_pod() {
    let snapshot =
        read_text("router-5d6c7b8f9-7hx2d   0/1   CrashLoopBackOff   4 (17s ago)   2m   namespace: edge\n")
            .snapshot;
    assert_eq!(snapshot.pods[0].meta.namespace.as_deref(), Some("edge"));
    assert_eq!(snapshot.pods[0].restarts, Some(4));
}

/// Warning, reason, component, count, age, message.
type Told<'a> = (bool, &'a str, Option<&'a str>, u64, Option<u64>, &'a str);

#[test]
fn event_lines_are_read_in_every_form() {
    let text = "Warning  Failed  3s (x5 over 4m)  kubelet  Failed to pull image \"a\"\n\
        118s        Normal    Created             pod/web-1          Created container server\n\
        Warning FailedScheduling 12s (x9 over 6m) default-scheduler 0/4 nodes are available\n\
        Warning  Sync  nginx-ingress-controller  Error getting SSL certificate\n";
    let events = read_text(text).snapshot.events;
    let told: Vec<Told<'_>> = events
        .iter()
        .map(|it| {
            (
                it.warning,
                it.reason.as_str(),
                it.component.as_deref(),
                it.count,
                it.age_seconds,
                it.message.as_str(),
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            (
                true,
                "Failed",
                Some("kubelet"),
                5,
                Some(3),
                "Failed to pull image \"a\""
            ),
            (false, "Created", None, 1, Some(118), "Created container server"),
            (
                true,
                "FailedScheduling",
                Some("default-scheduler"),
                9,
                Some(12),
                "0/4 nodes are available"
            ),
            (
                true,
                "Sync",
                Some("nginx-ingress-controller"),
                1,
                None,
                "Error getting SSL certificate"
            ),
        ]
    );
    assert_eq!(
        events[1].object.as_ref().map(|it| (&it.kind, it.name.as_str())),
        Some((&Kind::Pod, "web-1"))
    );
}

#[test]
fn get_all_tells_the_kind_by_the_name() {
    let text = "NAME        READY   STATUS    RESTARTS   AGE\npod/web-1   1/1     Running   0          3m\n\n\
        NAME                  READY   UP-TO-DATE   AVAILABLE   AGE\ndeployment.apps/web   0/2     2            0           3m\n";
    let snapshot = read_text(text).snapshot;
    assert_eq!(snapshot.pods[0].meta.name, "web-1");
    assert_eq!(
        (&snapshot.workloads[0].kind, snapshot.workloads[0].desired),
        (&Kind::Deployment, Some(2))
    );
}

#[test]
fn what_follows_a_table_is_not_swallowed() {
    let intake = read_text(
        "NAME      READY   UP-TO-DATE   AVAILABLE   AGE\nweb   0/0     0            0           90d\nrouter: 503 no endpoints\n",
    );
    assert_eq!(intake.snapshot.workloads.len(), 1);
    assert_eq!(intake.records[0].record.message, "router: 503 no endpoints");
}
