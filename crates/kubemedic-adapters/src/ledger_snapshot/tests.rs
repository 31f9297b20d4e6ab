//! A snapshot file is whole: the newest one, or the one before where the newest could not be written.

use super::*;

#[tokio::test]
async fn the_newest_snapshot_takes_the_place_of_the_one_before() {
    let folder = tempfile::tempdir().unwrap();
    let file = SnapshotFile::below(folder.path());
    assert_eq!(file.newest().await.unwrap(), None);
    for text in ["first", "second"] {
        file.replace(text.into()).await.unwrap();
        assert_eq!(file.newest().await.unwrap(), Some(text.into()));
    }
    let names: Vec<_> = fs::read_dir(folder.path().join("feedback"))
        .unwrap()
        .map(|it| it.unwrap().file_name())
        .collect();
    assert_eq!(names, ["ledger.snapshot"]);
}

#[tokio::test]
async fn what_cannot_be_written_leaves_the_one_before_and_says_where() {
    let folder = tempfile::tempdir().unwrap();
    let file = SnapshotFile::below(folder.path());
    file.replace("first".into()).await.unwrap();
    // A folder in the way of the fresh file.
    fs::create_dir(folder.path().join("feedback/ledger.fresh")).unwrap();
    let error = file.replace("second".into()).await.unwrap_err().to_string();
    assert!(error.contains("ledger.snapshot is out of reach"), "{error}");
    assert_eq!(file.newest().await.unwrap(), Some("first".into()));
}
