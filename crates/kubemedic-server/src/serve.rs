//! Serves a router on a bound listener with limits that keep slow, idle and many clients from holding it, and ends it gracefully.

mod connections;
mod io;
mod refusal;

use std::{convert::Infallible, sync::Arc, time::Duration};

use axum::{Router, body::Body, extract::Request, response::Response};
use hyper::server::conn::http1;
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use tokio::{
    net::{TcpListener, TcpStream},
    task::JoinSet,
};
use tokio_util::sync::CancellationToken;
use tower::{ServiceExt, service_fn};

use connections::{Admission, Connections, Ticket};
use io::ImpatientIo;

/// How much of a port clients may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ConnectionLimits {
    /// The most connections at a time. The one that has waited longest for a request makes room for a new one; when all are at work, a
    /// new one is answered 503.
    pub connections: usize,
    /// How long a client may take to send a request's head, let its next request wait, or take nothing of an answer.
    pub patience: Duration,
}

impl Default for ConnectionLimits {
    fn default() -> Self {
        Self {
            connections: 4096,
            patience: DEFAULT_PATIENCE,
        }
    }
}

/// How long a client that makes no progress is waited for, where nothing else is configured.
pub const DEFAULT_PATIENCE: Duration = Duration::from_secs(30);
/// How long open requests may go on after shutdown began.
const GRACE: Duration = Duration::from_secs(10);
/// How long to wait after the listener failed (no free file descriptors, mostly).
const ACCEPT_PAUSE: Duration = Duration::from_millis(200);

/// Serves until `shutdown` is cancelled and open requests have ended, ten seconds at most.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    limits: ConnectionLimits,
    shutdown: CancellationToken,
) {
    let mut tasks = JoinSet::new();
    let connections = Arc::new(Connections::new(limits.connections));
    let refusals = refusal::Refusals::default();
    while let Some(stream) = accept(&listener, &shutdown).await {
        match connections.admit() {
            Admission::Granted(ticket) => {
                tasks.spawn(connection(
                    stream,
                    ticket,
                    router.clone(),
                    limits.patience,
                    shutdown.clone(),
                ));
            }
            Admission::Full => refusals.refuse(&mut tasks, stream),
        }
        while tasks.try_join_next().is_some() {}
    }
    let ended = async { while tasks.join_next().await.is_some() {} };
    if tokio::time::timeout(GRACE, ended).await.is_err() {
        tracing::warn!("requests that were still open at shutdown are cut off");
    }
}

/// The next connection; `None` at shutdown.
async fn accept(listener: &TcpListener, shutdown: &CancellationToken) -> Option<TcpStream> {
    let accepted = async {
        loop {
            match listener.accept().await {
                Ok((stream, _)) => return stream,
                Err(error) => {
                    tracing::warn!(%error, "a connection was not accepted; it is tried again");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                }
            }
        }
    };
    shutdown.run_until_cancelled(accepted).await
}

async fn connection(
    stream: TcpStream,
    ticket: Arc<Ticket>,
    router: Router,
    patience: Duration,
    shutdown: CancellationToken,
) {
    let _ = stream.set_nodelay(true);
    let counted = ticket.clone();
    let service = service_fn(move |request: hyper::Request<hyper::body::Incoming>| {
        // From here until its answer has gone out, the connection is at work.
        let at_work = counted.work();
        let answering = router.clone().oneshot(request.map(Body::new) as Request);
        async move {
            let answer: Result<Response, Infallible> = answering.await;
            answer.map(|answer| answer.map(|body| at_work.until_sent(body)))
        }
    });
    let mut builder = http1::Builder::new();
    builder
        .timer(TokioTimer::new())
        .header_read_timeout(patience)
        .keep_alive(true);
    let io = TokioIo::new(ImpatientIo::new(stream, patience));
    let connection = builder
        .serve_connection(io, TowerToHyperService::new(service))
        .with_upgrades();
    let mut connection = std::pin::pin!(connection);
    let served = tokio::select! {
        served = connection.as_mut() => served,
        () = ticket.evicted() => return,
        () = shutdown.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = served {
        tracing::debug!(%error, "a connection ended early");
    }
}
