//! Proves what is read from command lines.

use super::*;

#[test]
fn a_describe_names_kind_object_and_namespace() {
    let command = parse("$ kubectl describe pod report-7f6d5c9b84-w4zlp -n bi").expect("a command");
    assert_eq!(command.object(), Some((&Kind::Pod, "report-7f6d5c9b84-w4zlp")));
    assert_eq!(command.namespace.as_deref(), Some("bi"));
    assert!(!command.filtered);
}

#[test]
fn a_pipe_or_a_selector_filters() {
    for line in [
        "kubectl get events -n x --sort-by='.lastTimestamp' | tail -n 20",
        "kubectl get pods -n x -l app=web",
        "kubectl get pods --field-selector=status.phase!=Running -n x",
    ] {
        assert!(parse(line).expect("a command").filtered, "{line}");
    }
}

#[test]
fn logs_name_pod_and_container() {
    let command =
        parse("$ kubectl logs wiki-7b6c5d9f84-m8k2x -c migrate -n docs --previous").expect("a command");
    assert_eq!(command.object(), Some((&Kind::Pod, "wiki-7b6c5d9f84-m8k2x")));
    assert_eq!(command.container.as_deref(), Some("migrate"));
    let follow = parse("kubectl logs -f deploy/web").expect("a command");
    assert_eq!(follow.object(), Some((&Kind::Deployment, "web")));
}

#[test]
fn a_sentence_about_kubectl_is_not_a_command() {
    assert_eq!(parse("kubectl is not installed"), None);
    assert_eq!(parse("k is a letter"), None);
}
