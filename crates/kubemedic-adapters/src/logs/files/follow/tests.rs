//! Rotations of every kind, look by look.

use std::fs;

use tempfile::TempDir;

use super::*;

struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn append(&self, name: &str, text: &str) {
        use std::io::Write;
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        let mut file = fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(path)
            .unwrap();
        file.write_all(text.as_bytes()).unwrap();
    }

    fn follower(&self) -> Follower {
        Follower::new(self.0.path().to_owned(), None, false)
    }
}

fn looked(follower: &mut Follower) -> Vec<(String, Vec<String>)> {
    let found = follower.look().unwrap();
    found.into_iter().map(|it| (it.file, it.lines)).collect()
}

fn lines(file: &str, lines: &[&str]) -> Vec<(String, Vec<String>)> {
    vec![(file.to_owned(), lines.iter().map(|it| (*it).to_owned()).collect())]
}

#[test]
fn what_is_there_is_passed_over_and_what_comes_is_told_in_whole_lines() {
    let folder = Folder::new();
    folder.append("app.log", "old\n");
    let mut follower = folder.follower();
    assert_eq!(looked(&mut follower), []);
    folder.append("app.log", "new\r\nhal");
    assert_eq!(looked(&mut follower), lines("app.log", &["new"]));
    folder.append("app.log", "f\n");
    folder.append("later/b.log", "first\n");
    let mut expected = lines("app.log", &["half"]);
    expected.extend(lines("later/b.log", &["first"]));
    assert_eq!(looked(&mut follower), expected);
    assert_eq!(looked(&mut follower), []);
}

#[test]
fn a_renamed_file_is_read_to_its_end_and_its_successor_from_the_start() {
    let folder = Folder::new();
    folder.append("0.log", "old\n");
    let mut follower = folder.follower();
    follower.look().unwrap();
    folder.append("0.log", "last\n");
    fs::rename(folder.path("0.log"), folder.path("0.log.20260101-000000")).unwrap();
    folder.append("0.log", "next\n");
    let mut expected = lines("0.log", &["next"]);
    expected.extend(lines("0.log.20260101-000000", &["last"]));
    assert_eq!(looked(&mut follower), expected);
}

#[test]
fn a_file_that_was_compressed_and_removed_gives_its_last_lines_and_the_archive_none() {
    let folder = Folder::new();
    folder.append("app.log", "old\n");
    let mut follower = folder.follower();
    follower.look().unwrap();
    folder.append("app.log", "last\nwithout end");
    fs::remove_file(folder.path("app.log")).unwrap();
    folder.append("app.log.1.gz", "not read\n");
    assert_eq!(looked(&mut follower), lines("app.log", &["last", "without end"]));
    assert_eq!(follower.count(), 0);
}

#[test]
fn a_copy_that_truncates_loses_and_doubles_nothing() {
    let folder = Folder::new();
    folder.append("app.log", "2026-01-01T00:00:00Z started\nold\n");
    let mut follower = folder.follower();
    follower.look().unwrap();
    folder.append("app.log", "before\n");
    fs::copy(folder.path("app.log"), folder.path("app.log.1")).unwrap();
    fs::write(folder.path("app.log"), "").unwrap();
    folder.append(
        "app.log",
        "2026-01-01T00:01:00Z a long line that reaches beyond what was read before\n",
    );
    let mut expected = lines(
        "app.log",
        &["2026-01-01T00:01:00Z a long line that reaches beyond what was read before"],
    );
    expected.extend(lines("app.log.1", &["before"]));
    assert_eq!(looked(&mut follower), expected);
    assert_eq!(looked(&mut follower), []);
}

#[test]
fn a_pattern_chooses_files_and_a_binary_file_is_none() {
    let folder = Folder::new();
    let mut follower = Follower::new(folder.0.path().to_owned(), Some("pods/*.log"), true);
    folder.append("pods/a/0.log", "one\n");
    folder.append("other.log", "two\n");
    folder.append("pods/b.log", "a\0b\n");
    assert_eq!(looked(&mut follower), lines("pods/a/0.log", &["one"]));
}

#[test]
fn a_folder_that_is_gone_is_an_error() {
    let mut follower = Follower::new(PathBuf::from("/nowhere/at/all"), None, false);
    assert!(follower.look().is_err());
}
