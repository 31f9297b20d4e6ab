//! Files as a source: the newest lines of a window, by time, with their place, and nothing outside of the folder.

use std::{fs, io::Write};

use flate2::{Compression, write::GzEncoder};
use jiff::Timestamp;
use kubemedic_testkit::manual_clock::ManualClock;
use tempfile::TempDir;

use super::{backwards::Backwards, line_time::line_time, *};

const POD: &str = "pods/shop_cart-7b4f9d-x2x1z_0a1b2c3d-0000-1111-2222-333344445555/app";

struct Folder {
    folder: TempDir,
    clock: Arc<ManualClock>,
}

impl Folder {
    /// A folder, and a clock that shows the time of the computer, because files are dated by it.
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let probe = folder.path().join(".probe");
        fs::write(&probe, "").unwrap();
        let now = Timestamp::try_from(fs::metadata(&probe).unwrap().modified().unwrap()).unwrap();
        Self {
            folder,
            clock: Arc::new(ManualClock::at(now)),
        }
    }

    fn ago(&self, seconds: i64) -> Timestamp {
        self.clock.now() - SignedDuration::from_secs(seconds)
    }

    fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        let path = self.folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }

    async fn fetch(&self, change: impl FnOnce(&mut LogQuery)) -> Result<Fetched, LogSourceError> {
        let mut query = LogQuery {
            window_seconds: 600,
            filter_pattern: "*".to_owned(),
            cluster: None,
            namespace: None,
            limit: 100,
        };
        change(&mut query);
        LogFiles::new(self.folder.path().to_owned(), self.clock.clone())
            .fetch(&query)
            .await
    }

    async fn messages(&self, change: impl FnOnce(&mut LogQuery)) -> Vec<String> {
        let fetched = self.fetch(change).await.unwrap();
        fetched.entries.into_iter().map(|entry| entry.message).collect()
    }
}

fn gzip(text: &str) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

#[tokio::test]
async fn the_newest_lines_of_the_window_come_in_the_order_of_their_times() {
    let folder = Folder::new();
    let at = |seconds| folder.ago(seconds);
    folder.write(
        &format!("{POD}/0.log"),
        format!(
            "{} stdout F too old\n{} stdout F one\n{} stderr F three\n\tat a trace\n",
            at(700),
            at(30),
            at(10)
        ),
    );
    folder.write("syslog", format!("{} two\n{} four\n", at(20), at(5)));
    folder.write(
        "old.log.gz",
        gzip(&format!("{} too old\n{} zero\n", at(900), at(40))),
    );
    let all = folder.messages(|_| {}).await;
    let expected = [
        format!("{} zero", at(40)),
        format!("{} stdout F one", at(30)),
        format!("{} two", at(20)),
        format!("{} stderr F three", at(10)),
        "\tat a trace".to_owned(),
        format!("{} four", at(5)),
    ];
    assert_eq!(all, expected);
    let newest = folder.messages(|query| query.limit = 3).await;
    assert_eq!(newest, expected[3..]);
}

#[tokio::test]
async fn entries_tell_their_time_pod_and_file() {
    let folder = Folder::new();
    let name = format!("{POD}/0.log");
    folder.write(&name, format!("{} stdout F one\n", folder.ago(30)));
    folder.write("other.log", format!("{} two\n", folder.ago(20)));
    let fetched = folder
        .fetch(|query| query.namespace = Some("shop".to_owned()))
        .await
        .unwrap();
    let place = serde_json::json!({"namespace": "shop", "pod": "cart-7b4f9d-x2x1z", "container": "app", "file": name});
    let [entry] = fetched.entries.as_slice() else {
        panic!("{fetched:?}");
    };
    assert_eq!(entry.timestamp, Some(folder.ago(30)));
    assert_eq!(serde_json::Value::Object(entry.fields.clone()), place);
    assert!(fetched.whole_lines && fetched.partial.is_empty());
}

#[tokio::test]
async fn a_query_filters_lines_and_what_files_cannot_tell_is_refused() {
    let folder = Folder::new();
    folder.write("a.log", "error: disk full\ninfo: all well\n");
    let found = folder
        .messages(|query| query.filter_pattern = "*error* AND disk".to_owned())
        .await;
    assert_eq!(found, ["error: disk full"]);
    for (refused, reason) in [
        (
            folder
                .fetch(|query| query.filter_pattern = "a:(".to_owned())
                .await,
            "'a:' is no field",
        ),
        (
            folder.fetch(|query| query.cluster = Some("eu".to_owned())).await,
            "leave cluster out",
        ),
        (
            folder
                .fetch(|query| query.namespace = Some("shop".to_owned()))
                .await,
            "leave namespace out",
        ),
    ] {
        let Err(LogSourceError::Refused { reason: told, .. }) = refused else {
            panic!("{refused:?}");
        };
        assert!(told.contains(reason), "{told}");
    }
}

#[tokio::test]
async fn links_out_of_the_folder_are_refused_and_links_inside_double_nothing() {
    use std::os::unix::fs::symlink;
    let (folder, outside) = (Folder::new(), tempfile::tempdir().unwrap());
    fs::write(outside.path().join("secret.log"), "secret\n").unwrap();
    symlink(
        outside.path().join("secret.log"),
        folder.folder.path().join("link.log"),
    )
    .unwrap();
    symlink(outside.path(), folder.folder.path().join("all")).unwrap();
    folder.write("real/a.log", "mine\n");
    symlink(
        folder.folder.path().join("real"),
        folder.folder.path().join("real/loop"),
    )
    .unwrap();
    symlink(
        folder.folder.path().join("real/a.log"),
        folder.folder.path().join("b.log"),
    )
    .unwrap();
    let fetched = folder.fetch(|_| {}).await.unwrap();
    let messages: Vec<&str> = fetched.entries.iter().map(|it| it.message.as_str()).collect();
    assert_eq!(messages, ["mine"]);
    assert_eq!(fetched.partial, ["2 links lead out of the folder"]);
}

/// A clock that has gone on by a minute whenever it is looked at.
#[derive(Debug)]
struct Hasty(ManualClock);

impl Clock for Hasty {
    fn now(&self) -> Timestamp {
        self.0.advance_seconds(60);
        self.0.now()
    }
}

#[tokio::test]
async fn reading_that_takes_too_long_ends_and_says_so() {
    let folder = Folder::new();
    folder.write("a.log", "one\n");
    let clock = Arc::new(Hasty(ManualClock::at(folder.ago(600))));
    let query = LogQuery {
        window_seconds: 6000,
        filter_pattern: "*".to_owned(),
        cluster: None,
        namespace: None,
        limit: 100,
    };
    let source = LogFiles::new(folder.folder.path().to_owned(), clock);
    let fetched = source.fetch(&query).await.unwrap();
    assert_eq!(fetched.partial, ["reading ended after 30 seconds"]);
}

#[tokio::test]
async fn a_folder_that_is_missing_is_told_with_its_variable() {
    let clock = Arc::new(ManualClock::default());
    let source = LogFiles::new(PathBuf::from("/nowhere/at/all"), clock);
    let told = source.check().await.unwrap_err().to_string();
    assert!(
        told.contains("/nowhere/at/all") && told.contains("LOG_FILES_DIR"),
        "{told}"
    );
}

#[test]
fn a_file_is_read_backwards_line_by_line_across_blocks() {
    for text in ["", "\n", "a", "a\n", "\na\n\nb", "a\r\nb\r\n"] {
        let mut lines = Backwards::new(std::io::Cursor::new(text)).unwrap();
        let mut found = Vec::new();
        while let Some(line) = lines.line().unwrap() {
            found.push(String::from_utf8(line).unwrap());
        }
        found.reverse();
        assert_eq!(found, text.lines().collect::<Vec<_>>(), "{text:?}");
    }
    let long = "x".repeat(200_000);
    let text = format!("first\n{long}\n{}\nlast", "y".repeat(64 * 1024));
    let mut lines = Backwards::new(std::io::Cursor::new(&text)).unwrap();
    let mut sizes = Vec::new();
    while let Some(line) = lines.line().unwrap() {
        sizes.push(line.len());
    }
    assert_eq!(sizes, [4, 65_536, 200_000, 5]);
}

#[test]
fn one_line_of_many_blocks_keeps_its_beginning() {
    let text = format!("start{}", "x".repeat(5 * 1024 * 1024));
    let mut lines = Backwards::new(std::io::Cursor::new(&text)).unwrap();
    let line = lines.line().unwrap().unwrap();
    assert!(line.starts_with(b"start") && line.len() <= backwards::MAX_LINE);
    assert_eq!(lines.line().unwrap(), None);
}

#[test]
fn the_times_of_the_common_forms_are_read() {
    let now: Timestamp = "2026-01-10T00:00:00Z".parse().unwrap();
    for (line, expected) in [
        (
            "2026-01-02T03:04:05.678901234Z stdout F x",
            "2026-01-02T03:04:05.678901234Z",
        ),
        ("2026-01-02T03:04:05+02:00 x", "2026-01-02T01:04:05Z"),
        ("2026-01-02 03:04:05,678 INFO x", "2026-01-02T03:04:05.678Z"),
        ("[2026-01-02 03:04:05.5] x", "2026-01-02T03:04:05.5Z"),
        ("2026/01/02 03:04:05 [emerg] x", "2026-01-02T03:04:05Z"),
        ("2026-01-02 03:04:05 -0730 x", "2026-01-02T10:34:05Z"),
        (
            "E0102 03:04:05.678901   1 x.go:1] x",
            "2026-01-02T03:04:05.678901Z",
        ),
        ("I1231 23:59:59.000000   1 x.go:1] x", "2025-12-31T23:59:59Z"),
        ("Jan  2 03:04:05 node kubelet: x", "2026-01-02T03:04:05Z"),
        (
            r#"{"log":"x\n","stream":"stderr","time":"2026-01-02T03:04:05.6Z"}"#,
            "2026-01-02T03:04:05.6Z",
        ),
        (
            r#"{"level":30,"time":1767323045678,"msg":"x"}"#,
            "2026-01-02T03:04:05.678Z",
        ),
        (r#"{"ts":1767323045.5,"msg":"x"}"#, "2026-01-02T03:04:05.5Z"),
        (
            r#"time="2026-01-02T03:04:05Z" level=error"#,
            "2026-01-02T03:04:05Z",
        ),
        ("ts=2026-01-02T03:04:05Z level=error", "2026-01-02T03:04:05Z"),
    ] {
        assert_eq!(line_time(line, now), expected.parse().ok(), "{line}");
    }
    for line in [
        "",
        "\tat x",
        "Error: x",
        "2026",
        "1234567890 x",
        "{",
        "E12",
        "Jan",
        "2026-13-45T99:99:99Z é",
    ] {
        assert_eq!(line_time(line, now), None, "{line}");
    }
}

#[test]
fn the_kubelets_paths_tell_namespace_pod_and_container() {
    let id = "0123456789abcdef".repeat(4);
    let place = |path: &str| {
        let place = Place::of(Path::new(path));
        [place.namespace, place.pod, place.container].map(Option::unwrap_or_default)
    };
    let whole = ["shop", "cart-1", "app"].map(str::to_owned);
    for path in [
        "pods/shop_cart-1_0a1b2c3d-0000-1111-2222-333344445555/app/0.log".to_owned(),
        "shop_cart-1_0a1b2c3d-0000-1111-2222-333344445555/app/0.log.20260101-000000.gz".to_owned(),
        // A static pod's uid is the hash of its manifest.
        "pods/shop_cart-1_0123456789abcdef0123456789abcdef/app/12.log".to_owned(),
        format!("containers/cart-1_shop_app-{id}.log"),
    ] {
        assert_eq!(place(&path), whole, "{path}");
    }
    for path in [
        "app.log",
        "a_b_c/app/0.log",
        "containers/cart-1_shop_app-12.log",
        "pods/_cart_0123456789abcdef0123456789abcdef/app/0.log",
    ] {
        assert_eq!(place(path), ["", "", ""], "{path}");
    }
}
