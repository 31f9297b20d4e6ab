//! The answer to a connection for which there is no room: a 503 that says so, a bounded number of them at a time.

use std::{sync::Arc, time::Duration};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    sync::Semaphore,
    task::JoinSet,
};

/// The most refusals at a time; further connections are closed without a word.
const AT_A_TIME: usize = 256;
/// How long a refusal may take.
const LIMIT: Duration = Duration::from_secs(2);
/// The most bytes of a refused request that are read, so that its sender gets the answer and not a broken connection.
const MAX_READ: u64 = 64 * 1024;

const BODY: &str = r#"{"detail":"too many connections: every one of MAX_CONNECTIONS is at work: try again"}"#;

/// The refusals of one port.
#[derive(Debug)]
pub(super) struct Refusals {
    room: Arc<Semaphore>,
}

impl Default for Refusals {
    fn default() -> Self {
        Self {
            room: Arc::new(Semaphore::new(AT_A_TIME)),
        }
    }
}

impl Refusals {
    /// Answers 503 and closes the connection.
    pub(super) fn refuse(&self, tasks: &mut JoinSet<()>, stream: TcpStream) {
        metrics::counter!("kubemedic_connections_refused_total").increment(1);
        let Ok(permit) = self.room.clone().try_acquire_owned() else {
            return;
        };
        tasks.spawn(async move {
            let _ = tokio::time::timeout(LIMIT, answer(stream)).await;
            drop(permit);
        });
    }
}

/// Waits for the beginning of a request first: an HTTP client takes an answer that comes before its question for a broken connection.
async fn answer(stream: TcpStream) -> std::io::Result<()> {
    let mut stream = stream.take(MAX_READ);
    let mut dropped = [0; 4096];
    if stream.read(&mut dropped).await? == 0 {
        return Ok(());
    }
    let head = "HTTP/1.1 503 Service Unavailable\r\ncontent-type: application/json\r\nretry-after: 5\r\nconnection: close\r\n";
    let answer = format!("{head}content-length: {}\r\n\r\n{BODY}", BODY.len());
    stream.get_mut().write_all(answer.as_bytes()).await?;
    stream.get_mut().shutdown().await?;
    while stream.read(&mut dropped).await? > 0 {}
    Ok(())
}
