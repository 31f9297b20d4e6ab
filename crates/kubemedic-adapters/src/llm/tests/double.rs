//! A server that records what it is asked and answers byte by byte as scripted, down to broken connections.

use std::sync::{Arc, Mutex};

use serde_json::Value;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

/// What the double does.
#[derive(Debug, Clone)]
pub(super) enum Act {
    /// Sends bytes.
    Send(Vec<u8>),
    /// Says nothing any more, and keeps the connection.
    Stall,
    /// Breaks the connection.
    Break,
}

impl Act {
    pub(super) fn text(text: &str) -> Self {
        Self::Send(text.as_bytes().to_vec())
    }
}

/// What it was asked.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Seen {
    /// Method and path.
    pub(super) line: String,
    /// Headers, names in lower case.
    pub(super) headers: Vec<(String, String)>,
    /// The body; null where there is none.
    pub(super) body: Value,
}

impl Seen {
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        let (_, value) = self.headers.iter().find(|(it, _)| it == name)?;
        Some(value)
    }
}

/// A running double. Each connection serves one request.
pub(super) struct Double {
    pub(super) url: String,
    seen: Arc<Mutex<Vec<Seen>>>,
    /// What one that always does the same does.
    acts: Arc<Mutex<Vec<Act>>>,
}

impl Double {
    /// Starts one; the script gets the request.
    pub(super) async fn start(script: impl Fn(&Seen) -> Vec<Act> + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let seen: Arc<Mutex<Vec<Seen>>> = Arc::default();
        let (kept, script) = (seen.clone(), Arc::new(script));
        let serving = async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (kept, script) = (kept.clone(), script.clone());
                #[expect(clippy::disallowed_methods, reason = "a test's own server")]
                tokio::spawn(async move { serve(stream, &kept, script.as_ref()).await });
            }
        };
        #[expect(clippy::disallowed_methods, reason = "a test's own server")]
        tokio::spawn(serving);
        let acts = Arc::default();
        Self { url, seen, acts }
    }

    /// One that always does the same.
    pub(super) async fn always(acts: Vec<Act>) -> Self {
        let acts = Arc::new(Mutex::new(acts));
        let now = acts.clone();
        let double = Self::start(move |_| now.lock().unwrap().clone()).await;
        Self { acts, ..double }
    }

    /// Changes what one that always does the same does.
    pub(super) fn now_answers(&self, status: u16, headers: &str, body: &str) {
        *self.acts.lock().unwrap() = vec![Act::Send(response(status, headers, body.as_bytes()))];
    }

    /// One that answers with a status, headers and a body.
    pub(super) async fn answering(status: u16, headers: &str, body: &str) -> Self {
        Self::always(vec![Act::Send(response(status, headers, body.as_bytes()))]).await
    }

    pub(super) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }
}

/// A whole response that says its length.
pub(super) fn response(status: u16, headers: &str, body: &[u8]) -> Vec<u8> {
    let length = body.len();
    let head =
        format!("HTTP/1.1 {status} X\r\ncontent-length: {length}\r\nconnection: close\r\n{headers}\r\n");
    [head.as_bytes(), body].concat()
}

/// The head of a stream in chunks.
pub(super) fn stream_head(content_type: &str) -> Act {
    Act::text(&format!(
        "HTTP/1.1 200 OK\r\ncontent-type: {content_type}\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n"
    ))
}

/// A chunk of a stream.
pub(super) fn chunk(bytes: &[u8]) -> Act {
    Act::Send([format!("{:x}\r\n", bytes.len()).as_bytes(), bytes, b"\r\n"].concat())
}

/// The end of a stream in chunks.
pub(super) fn stream_end() -> Act {
    Act::text("0\r\n\r\n")
}

async fn serve(
    mut stream: TcpStream,
    kept: &Mutex<Vec<Seen>>,
    script: &(dyn Fn(&Seen) -> Vec<Act> + Send + Sync),
) {
    let Some(seen) = asked(&mut stream).await else {
        return;
    };
    kept.lock().unwrap().push(seen.clone());
    for act in script(&seen) {
        match act {
            Act::Send(bytes) => {
                let _ = stream.write_all(&bytes).await;
                let _ = stream.flush().await;
            }
            Act::Stall => std::future::pending::<()>().await,
            Act::Break => return,
        }
    }
    let _ = stream.shutdown().await;
}

async fn asked(stream: &mut TcpStream) -> Option<Seen> {
    let mut bytes = Vec::new();
    loop {
        if let Some(seen) = parsed(&bytes) {
            return Some(seen);
        }
        let mut piece = [0; 4096];
        let read = stream.read(&mut piece).await.ok().filter(|count| *count > 0)?;
        bytes.extend_from_slice(&piece[..read]);
    }
}

/// The request, when all of it is there.
fn parsed(bytes: &[u8]) -> Option<Seen> {
    let end = bytes.windows(4).position(|it| it == b"\r\n\r\n")?;
    let head = std::str::from_utf8(&bytes[..end]).ok()?;
    let mut lines = head.split("\r\n");
    let line = lines.next()?.trim_end_matches(" HTTP/1.1").to_owned();
    let headers: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
        .collect();
    let length = headers.iter().find(|(name, _)| name == "content-length");
    let length: usize = length.map_or(0, |(_, value)| value.parse().unwrap());
    let body = bytes.get(end + 4..end + 4 + length)?;
    Some(Seen {
        line,
        headers,
        body: serde_json::from_slice(body).unwrap_or(Value::Null),
    })
}
