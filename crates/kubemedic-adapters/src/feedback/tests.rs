//! The file against torn lines and against the journal.

use jiff::Timestamp;
use kubemedic_model::{
    approval::ApprovalStatus,
    id::{FeedbackId, WorkflowId},
};

use super::*;

fn record(seconds: i64, sequence: u64) -> FeedbackRecord {
    let workflow_id: WorkflowId = "0192d0a0-0000-7000-8000-000000000001".parse().unwrap();
    FeedbackRecord {
        feedback_id: FeedbackId::for_workflow(workflow_id, seconds),
        workflow_id,
        timestamp: Timestamp::from_second(seconds).unwrap(),
        input_data: "in".into(),
        output_data: "out\nwith a newline".into(),
        approval_status: ApprovalStatus::Pending,
        approval_id: None,
        approval_ids: Vec::new(),
        rejection_reason: None,
        approved_commands_count: 0,
        rejected_commands_count: 0,
        rating: None,
        was_helpful: None,
        feedback_comments: None,
        improvements_suggested: None,
        reward_score: None,
        reward_extended: None,
        outcome: None,
        contradicted: false,
        warnings: Vec::new(),
        proposals: Vec::new(),
        sequence,
    }
}

fn lines(path: &Path) -> Vec<FeedbackRecord> {
    fs::read_to_string(path)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

#[tokio::test]
async fn a_torn_last_line_is_cut_and_written_again_from_the_journal() {
    let folder = tempfile::tempdir().unwrap();
    let file = JsonLinesFeedbackFile::below(folder.path());
    file.append(&[record(1, 1)]).await.unwrap();
    let torn = b"{\"feedback_id\":\"x";
    OpenOptions::new()
        .append(true)
        .open(file.path())
        .unwrap()
        .write_all(torn)
        .unwrap();
    file.reconcile(&[record(1, 1), record(2, 2)]).await.unwrap();
    assert_eq!(lines(file.path()), [record(1, 1), record(2, 2)]);
}

#[tokio::test]
async fn what_the_file_knows_is_not_written_twice() {
    let folder = tempfile::tempdir().unwrap();
    let file = JsonLinesFeedbackFile::below(folder.path());
    file.reconcile(&[record(1, 1)]).await.unwrap();
    file.reconcile(&[record(1, 1)]).await.unwrap();
    file.reconcile(&[record(1, 5)]).await.unwrap();
    assert_eq!(lines(file.path()), [record(1, 1), record(1, 5)]);
}

mod hostile;
