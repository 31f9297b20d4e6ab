//! Command lists and the way to repair that each is.

use kubemedic_model::{command::Command, plan::Strategy};

use super::strategy_of;

fn command(line: &str) -> Command {
    Command::from_argv(shlex::split(line).unwrap())
}

#[test]
fn every_way_is_recognised_by_verb_kind_and_field() {
    let cases = [
        (
            "kubectl rollout restart deployment/cart -n shop",
            Strategy::Restart,
        ),
        ("kubectl rollout undo deployment/cart -n shop", Strategy::Rollback),
        (
            "kubectl scale deployment/cart --replicas=3 -n shop",
            Strategy::ScaleOut,
        ),
        (
            "kubectl autoscale deployment cart --max=5 -n shop",
            Strategy::ScaleOut,
        ),
        (
            "kubectl set resources deployment/cart --limits=memory=1Gi,cpu=1 -n shop",
            Strategy::PatchMemory,
        ),
        (
            "kubectl set resources deployment/cart --limits=cpu=1 -n shop",
            Strategy::PatchCpu,
        ),
        (
            "kubectl set image deployment/cart app=a:1 -n shop",
            Strategy::FixImage,
        ),
        ("kubectl set env deployment/cart A=b -n shop", Strategy::FixConfig),
        ("kubectl create secret generic x -n shop", Strategy::FixSecret),
        ("kubectl cordon worker-1", Strategy::CordonDrain),
        (
            "kubectl drain worker-1 --ignore-daemonsets",
            Strategy::CordonDrain,
        ),
        ("kubectl uncordon worker-1", Strategy::FixSchedule),
        (
            "kubectl taint nodes worker-1 a=b:NoSchedule-",
            Strategy::FixSchedule,
        ),
        ("kubectl delete pod cart-0 -n shop", Strategy::DeleteRecreate),
        ("kubectl create rolebinding x --role=y -n shop", Strategy::FixRbac),
        (
            "kubectl patch pvc data -n shop -p '{\"spec\":{}}'",
            Strategy::ExpandPvc,
        ),
        (
            "kubectl patch svc/cart -n shop -p '{\"spec\":{}}'",
            Strategy::FixNetworkDns,
        ),
        (
            "kubectl patch deployment cart -n shop --patch='{\"spec\":{\"template\":{\"spec\":{\"containers\":[{\"name\":\"a\",\"livenessProbe\":{}}]}}}}'",
            Strategy::FixProbe,
        ),
        (
            "kubectl patch deployment cart -n shop -p '{\"spec\":{\"template\":{\"spec\":{\"tolerations\":[]}}}}'",
            Strategy::FixSchedule,
        ),
        (
            "kubectl patch deployment cart -n shop -p '{\"spec\":{\"template\":{\"spec\":{\"containers\":[{\"resources\":{\"limits\":{\"memory\":\"1Gi\"}}}]}}}}'",
            Strategy::PatchMemory,
        ),
        (
            "kubectl patch deployment cart -n shop -p 'not json'",
            Strategy::FixConfig,
        ),
        ("kubectl get pods -n shop", Strategy::Escalate),
    ];
    for (line, strategy) in cases {
        assert_eq!(strategy_of(&[command(line)]), strategy, "{line}");
    }
}

#[test]
fn a_restart_that_accompanies_a_change_does_not_count() {
    let lines = [
        "kubectl get pods -n shop",
        "kubectl rollout restart deployment/cart -n shop",
        "kubectl patch configmap x -n shop -p '{\"data\":{}}'",
    ];
    assert_eq!(strategy_of(&lines.map(command)), Strategy::FixConfig);
    assert_eq!(strategy_of(&[]), Strategy::Escalate);
}

#[test]
fn a_patch_of_any_depth_is_searched_to_a_bound() {
    let body = format!("{}{}", "{\"a\":".repeat(60), "1") + &"}".repeat(60);
    let line = Command::from_argv(
        ["kubectl", "patch", "deployment", "x", "-p", &body]
            .map(str::to_owned)
            .into(),
    );
    assert_eq!(strategy_of(&[line]), Strategy::FixConfig);
}
