//! A small program stands in for kubectl and records what it was given.

use std::{fs, os::unix::fs::PermissionsExt};

use jiff::Timestamp;
use kubemedic_model::{
    approval::{Approval, ApprovalCommand, ApprovalStatus, CommandDecision, Target, authorize},
    command::{Command, Risk},
    digest::PlanDigest,
    id::ApprovalId,
};

use super::*;

const KUBECONFIG: &str = "apiVersion: v1\nkind: Config\ncontexts:\n- name: staging\n  context: {cluster: stage-eu, user: me}\n\
clusters:\n- name: stage-eu\n  cluster: {server: 'https://admin:pw@10.0.0.1:6443/'}\n";

struct Bench {
    folder: tempfile::TempDir,
}

impl Bench {
    fn new(script: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join("kubectl");
        fs::write(&program, format!("#!/bin/sh\n{script}\n")).unwrap();
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
        fs::write(folder.path().join("config"), KUBECONFIG).unwrap();
        Self { folder }
    }

    fn settings(&self, context: Option<&str>) -> KubectlSettings {
        let here = self.folder.path();
        KubectlSettings {
            program: "kubectl".into(),
            kubeconfig: Some(here.join("config")),
            context: context.map(str::to_owned),
            environment: vec![("PATH".into(), format!("{}:/usr/bin:/bin", here.display()))],
        }
    }
}

fn authorized(words: &[&str], context: &str) -> AuthorizedCommand {
    let command = Command::from_argv(words.iter().map(|word| (*word).to_owned()).collect());
    let now = Timestamp::from_second(1_000).unwrap();
    let target = Target {
        cluster: None,
        context: Some(context.to_owned()),
    };
    let approval = Approval {
        id: ApprovalId::new("approval_1").unwrap(),
        workflow_id: None,
        action: "scale".into(),
        plan_digest: PlanDigest::of(None, Some(context), &[command.argv()]),
        commands: vec![ApprovalCommand {
            command,
            explanation: String::new(),
            risk: Risk::Reversible,
            rollback: None,
            decision: Some(CommandDecision::Approve),
            execution: None,
        }],
        metadata: serde_json::Map::new(),
        target,
        status: ApprovalStatus::Approved,
        created_at: now,
        expires_at: Timestamp::from_second(2_000).unwrap(),
        decided_at: None,
        approver: None,
        rejection_reason: None,
        hint: kubemedic_model::learning::DecisionHint::default(),
        idempotency_key: None,
        body_digest: String::new(),
        revision: 1,
    };
    authorize(&approval, 0, context, now).unwrap()
}

#[tokio::test]
async fn kubectl_gets_the_context_first_the_exact_words_and_a_clean_environment() {
    let bench =
        Bench::new("for word in \"$@\"; do echo \"[$word]\"; done; env | sort; echo oops >&2; exit 3");
    let cluster = Kubectl::new(bench.settings(Some("staging"))).unwrap();
    let command = authorized(
        &["kubectl", "patch", "deploy", "api", "-p", "{\"a\": \"$(id); b\"}"],
        "staging",
    );
    let output = cluster.execute(&command).await.unwrap();
    assert_eq!(output.exit_code, Some(3));
    let words: Vec<&str> = output
        .output
        .lines()
        .take_while(|line| line.starts_with('['))
        .collect();
    assert_eq!(
        words,
        [
            "[--context=staging]",
            "[patch]",
            "[deploy]",
            "[api]",
            "[-p]",
            "[{\"a\": \"$(id); b\"}]"
        ]
    );
    assert!(
        output.output.contains("KUBECONFIG=") && output.output.contains("KUBERC=off"),
        "{}",
        output.output
    );
    assert!(!output.output.contains("CARGO"), "{}", output.output);
    assert!(output.output.ends_with("oops\n"), "{}", output.output);
}

#[tokio::test]
async fn a_flood_of_output_is_capped_and_kubectl_still_ends() {
    let bench = Bench::new("head -c 1000000 /dev/zero | tr '\\0' 'x'");
    let cluster = Kubectl::new(bench.settings(Some("staging"))).unwrap();
    let output = cluster
        .execute(&authorized(&["kubectl", "get", "pods"], "staging"))
        .await
        .unwrap();
    assert_eq!(
        (output.exit_code, output.output.len()),
        (Some(0), MAX_OUTPUT_BYTES)
    );
}

#[tokio::test]
async fn nothing_runs_without_a_context_or_in_another_one() {
    let bench = Bench::new("echo ran");
    let none = Kubectl::new(bench.settings(None)).unwrap();
    let command = authorized(&["kubectl", "get", "pods"], "production");
    assert!(matches!(
        none.execute(&command).await,
        Err(ClusterError::NotConfigured)
    ));
    let staging = Kubectl::new(bench.settings(Some("staging"))).unwrap();
    assert!(matches!(
        staging.execute(&command).await,
        Err(ClusterError::BadContext { .. })
    ));
}

#[test]
fn a_context_is_shown_with_its_server_and_without_its_credentials() {
    let bench = Bench::new("");
    let cluster = Kubectl::new(bench.settings(Some("staging"))).unwrap();
    let expected = ContextInfo {
        context: "staging".into(),
        cluster: "stage-eu".into(),
        server: "https://10.0.0.1:6443".into(),
    };
    assert_eq!(cluster.context(), Some(&expected));
    let missing = Kubectl::new(bench.settings(Some("nowhere")))
        .unwrap_err()
        .to_string();
    assert!(
        missing.contains("'nowhere'") && missing.contains("get-contexts"),
        "{missing}"
    );
}
