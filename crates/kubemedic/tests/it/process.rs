//! The binary as a process of its own: started on free ports and a folder, killed, started again.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    time::Duration,
};

use reqwest::{Client, Response};
use serde_json::Value;

/// How long anything may take before a test gives up.
pub const PATIENCE: Duration = Duration::from_mins(1);
/// How often a condition is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// A folder in which servers run one after another.
pub struct Home {
    folder: tempfile::TempDir,
}

impl Home {
    pub fn new() -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        Self {
            folder: tempfile::tempdir().unwrap(),
        }
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// The binary in this folder, with nothing of the test's own environment.
    #[expect(
        clippy::disallowed_methods,
        reason = "the binary under test is a process of its own"
    )]
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_kubemedic"));
        command
            .args(arguments)
            .current_dir(self.path())
            .env_clear()
            .env("PATH", "/usr/bin:/bin");
        command
    }

    /// A server on free ports.
    pub async fn serve(&self, environment: &[(&str, &str)]) -> Server {
        self.serve_by(self.command(&["serve"]), environment).await
    }

    /// A server on free ports that another command becomes.
    pub async fn serve_by(&self, mut command: Command, environment: &[(&str, &str)]) -> Server {
        command
            .env("PORT", "0")
            .env("APPROVAL_PORT", "0")
            .envs(environment.iter().copied());
        let said = self.path().join("stderr.txt");
        command.stderr(File::create(&said).unwrap()).stdout(Stdio::null());
        let child = command.spawn().unwrap();
        let mut server = Server {
            child,
            backend: String::new(),
            approvals: String::new(),
            // A connection for each request: one that is kept may have just been let go.
            client: Client::builder().pool_max_idle_per_host(0).build().unwrap(),
        };
        let (backend, approvals) = until("the server tells its addresses", async || {
            let text = fs::read_to_string(&said).unwrap();
            if let Some(status) = server.child.try_wait().unwrap() {
                panic!("the server ended with {status}: {text}");
            }
            Some((address(&text, "backend ")?, address(&text, "approvals ")?))
        })
        .await;
        (server.backend, server.approvals) = (backend, approvals);
        server
    }
}

/// The address that stands after a word in the log.
fn address(log: &str, word: &str) -> Option<String> {
    let (_, rest) = log.split_once(&format!("{word}http://localhost:"))?;
    let (port, _) = rest.split_once(|c: char| !c.is_ascii_digit())?;
    Some(format!("http://127.0.0.1:{port}"))
}

/// Looks until there is an answer, or panics with what was waited for.
pub async fn until<T>(what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    let looking = async {
        loop {
            if let Some(found) = look().await {
                return found;
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    };
    tokio::time::timeout(PATIENCE, looking)
        .await
        .unwrap_or_else(|_| panic!("waited in vain until {what}"))
}

/// A running server.
pub struct Server {
    child: Child,
    pub backend: String,
    pub approvals: String,
    pub client: Client,
}

impl Server {
    /// `kill -9`.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// The process.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// SIGTERM, and the exit status.
    #[expect(clippy::disallowed_methods, reason = "kill(1) sends the signal")]
    pub fn stop(mut self) -> ExitStatus {
        let id = self.child.id().to_string();
        Command::new("/bin/kill").args(["-TERM", &id]).status().unwrap();
        self.child.wait().unwrap()
    }

    pub async fn get(&self, path: &str) -> Value {
        let response = self.client.get(self.url(path)).send().await.unwrap();
        assert!(
            response.status().is_success(),
            "GET {path}: {}",
            response.status()
        );
        response.json().await.unwrap()
    }

    pub async fn post(&self, path: &str, body: &Value) -> Response {
        self.client.post(self.url(path)).json(body).send().await.unwrap()
    }

    /// Posts a log and returns the workflow's id.
    pub async fn start(&self, log: impl Into<reqwest::Body>) -> String {
        let request = self
            .client
            .post(self.url("/api/v1/workflows/start"))
            .header("content-type", "text/plain");
        let response = request.body(log).send().await.unwrap();
        assert_eq!(response.status(), 202);
        response.json::<Value>().await.unwrap()["workflow_id"]
            .as_str()
            .unwrap()
            .to_owned()
    }

    /// The events of a stream that ends by itself.
    pub async fn events(&self, id: &str) -> Vec<Value> {
        let mut frames = Frames::open(self, id, "").await;
        let mut events = Vec::new();
        while let Some(event) = frames.next().await {
            events.push(event);
        }
        events
    }

    /// The approvals of a workflow, each with its whole content.
    pub async fn approvals_of(&self, id: &str) -> Vec<Value> {
        let all = self.get("approvals:/api/approvals").await;
        let of_workflow = |it: &&Value| it["metadata"]["workflow_id"] == *id;
        all["approvals"]
            .as_array()
            .unwrap()
            .iter()
            .filter(of_workflow)
            .cloned()
            .collect()
    }

    /// A path on the backend, or after `approvals:` on the approval server.
    pub fn url(&self, path: &str) -> String {
        match path.strip_prefix("approvals:") {
            Some(path) => format!("{}{path}", self.approvals),
            None => format!("{}{path}", self.backend),
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// An open event stream, read frame by frame.
pub struct Frames {
    response: Response,
    text: String,
}

impl Frames {
    pub async fn open(server: &Server, id: &str, query: &str) -> Self {
        let url = server.url(&format!("/api/v1/workflows/{id}/stream{query}"));
        let response = server.client.get(url).send().await.unwrap();
        assert_eq!(response.status(), 200);
        Self {
            response,
            text: String::new(),
        }
    }

    /// The next event; `None` when the stream has ended or the server has gone.
    pub async fn next(&mut self) -> Option<Value> {
        loop {
            while let Some((frame, rest)) = self.text.split_once("\n\n") {
                let event = event_of(frame);
                self.text = rest.to_string();
                if event.is_some() {
                    return event;
                }
            }
            let chunk = tokio::time::timeout(PATIENCE, self.response.chunk())
                .await
                .unwrap();
            self.text.push_str(std::str::from_utf8(&chunk.ok()??).unwrap());
        }
    }
}

/// The event of a frame, with the `id:` line checked against its number; `None` for a comment or `retry:`.
fn event_of(frame: &str) -> Option<Value> {
    let line = |name: &str| {
        frame
            .lines()
            .find_map(|line| line.strip_prefix(name))
            .map(str::trim)
    };
    let event: Value = serde_json::from_str(line("data:")?).unwrap();
    assert_eq!(line("id:").unwrap(), event["sequence"].to_string(), "{frame}");
    Some(event)
}

/// A program in the folder, as kubectl would be on the user's PATH.
pub fn fake_kubectl(home: &Home, script: &str) -> PathBuf {
    use std::os::unix::fs::PermissionsExt;
    let folder = home.path().join("bin");
    fs::create_dir_all(&folder).unwrap();
    let program = folder.join("kubectl");
    fs::write(&program, format!("#!/bin/sh\n{script}\n")).unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    folder
}
