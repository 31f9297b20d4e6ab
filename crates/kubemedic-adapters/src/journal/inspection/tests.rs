//! Every kind of damage is told with the way out, and no byte of a damaged file changes.

use std::fs;

use kubemedic_ports::journal::Journal;

use super::super::SqliteJournal;
use super::*;

/// A journal with some content that was closed properly.
async fn journal(folder: &Path) -> PathBuf {
    let path = folder.join("kubemedic.db");
    let journal = SqliteJournal::open(&path).await.unwrap();
    journal.check().await.unwrap();
    journal.checkpoint().await;
    drop(journal);
    path
}

/// The refusal of a file after a change to its bytes; the file must stay as it is.
async fn refusal(change: impl FnOnce(&mut Vec<u8>)) -> String {
    let folder = tempfile::tempdir().unwrap();
    let path = journal(folder.path()).await;
    let _ = fs::remove_file(with_suffix(&path, "-wal"));
    let _ = fs::remove_file(with_suffix(&path, "-shm"));
    let mut bytes = fs::read(&path).unwrap();
    change(&mut bytes);
    fs::write(&path, &bytes).unwrap();
    let refused = SqliteJournal::open(&path).await.unwrap_err();
    assert_eq!(fs::read(&path).unwrap(), bytes, "{refused}");
    assert_eq!(refused.path, path.display().to_string());
    refused.reason
}

#[tokio::test]
async fn damage_anywhere_is_refused_with_the_way_out_and_left_as_it_is() {
    let overwritten = refusal(|bytes| bytes[..16].fill(b'x')).await;
    assert!(overwritten.contains("its head is not one"), "{overwritten}");
    let truncated = refusal(|bytes| bytes.truncate(bytes.len() / 2)).await;
    let flipped = refusal(|bytes| bytes[4096..8192].reverse()).await;
    for reason in [&overwritten, &truncated, &flipped] {
        assert!(reason.contains(WAY_OUT), "{reason}");
    }
}

#[tokio::test]
async fn a_garbled_write_ahead_log_is_refused_and_left_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let path = journal(folder.path()).await;
    let log = with_suffix(&path, "-wal");
    fs::write(&log, vec![7; 5000]).unwrap();
    let refused = SqliteJournal::open(&path).await.unwrap_err().to_string();
    assert!(
        refused.contains("kubemedic.db-wal is damaged") && refused.contains(WAY_OUT),
        "{refused}"
    );
    assert_eq!(fs::read(&log).unwrap(), vec![7; 5000]);
}

#[tokio::test]
async fn the_log_of_a_process_that_was_killed_is_taken() {
    let folder = tempfile::tempdir().unwrap();
    let path = journal(folder.path()).await;
    let open = SqliteJournal::open(&path).await.unwrap();
    open.check().await.unwrap();
    let copy = folder.path().join("copy.db");
    for suffix in ["", "-wal"] {
        fs::copy(with_suffix(&path, suffix), with_suffix(&copy, suffix)).unwrap();
    }
    assert!(fs::metadata(with_suffix(&copy, "-wal")).unwrap().len() > 32);
    SqliteJournal::open(&copy).await.unwrap();
    assert!(is_log_header(&[0; 32]) && is_log_header(b"torn"));
}

#[tokio::test]
async fn an_empty_file_is_a_fresh_start_unless_something_beside_it_tells_otherwise() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("kubemedic.db");
    fs::write(&path, "").unwrap();
    drop(SqliteJournal::open(&path).await.unwrap());
    for beside in ["kubemedic.db-wal", "feedback/remediation_feedback.jsonl"] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("kubemedic.db");
        fs::create_dir(folder.path().join("feedback")).unwrap();
        fs::write(&path, "").unwrap();
        fs::write(folder.path().join(beside), "{}\n").unwrap();
        let refused = SqliteJournal::open(&path).await.unwrap_err().to_string();
        assert!(refused.contains(beside) && refused.contains(WAY_OUT), "{refused}");
    }
}

#[tokio::test]
async fn a_newer_journal_and_the_database_of_another_program_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = journal(folder.path()).await;
    let mut open = SqliteConnectOptions::new()
        .filename(&path)
        .connect()
        .await
        .unwrap();
    let newer = "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) VALUES (99, 'later', 1, x'00', 0)";
    sqlx::query(newer).execute(&mut open).await.unwrap();
    open.close().await.unwrap();
    let refused = SqliteJournal::open(&path).await.unwrap_err().to_string();
    assert!(
        refused.contains("written by a newer kubemedic (its tables are of version 99"),
        "{refused}"
    );

    let other = folder.path().join("other.db");
    let options = SqliteConnectOptions::new()
        .filename(&other)
        .create_if_missing(true);
    let mut open = options.connect().await.unwrap();
    sqlx::query("CREATE TABLE cats (name TEXT)")
        .execute(&mut open)
        .await
        .unwrap();
    open.close().await.unwrap();
    let refused = SqliteJournal::open(&other).await.unwrap_err().to_string();
    assert!(refused.contains("a database of another program"), "{refused}");
}

#[tokio::test]
async fn a_journal_that_was_moved_away_takes_nothing_more_until_it_is_back() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("kubemedic.db");
    let journal = SqliteJournal::open(&path).await.unwrap();
    let away = folder.path().join("away.db");
    fs::rename(&path, &away).unwrap();
    let refused = journal.check().await.unwrap_err().to_string();
    assert!(refused.contains("was moved, replaced or deleted"), "{refused}");
    fs::rename(&away, &path).unwrap();
    journal.check().await.unwrap();
}
