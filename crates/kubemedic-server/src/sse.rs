//! A workflow's events as Server-Sent Events: `id:` and `data:` lines, a retry hint first, a heartbeat comment, a clean end at shutdown.

use std::{convert::Infallible, time::Duration};

use axum::{
    http::{HeaderMap, HeaderName, HeaderValue, header},
    response::{
        IntoResponse, Response,
        sse::{Event, KeepAlive, Sse},
    },
};
use futures_util::{Stream, StreamExt, stream};
use kubemedic_workflow::stream::{EventStream, Frame};
use tokio_util::sync::CancellationToken;

/// How long a client waits before it resumes.
const RETRY: Duration = Duration::from_secs(3);
/// How often a silent stream shows that it lives.
const HEARTBEAT: Duration = Duration::from_secs(15);

/// The response that sends a stream's events until it ends or the process shuts down.
pub(crate) fn respond(events: EventStream, shutdown: CancellationToken) -> Response {
    respond_with(frames(events), shutdown)
}

/// The response that sends frames.
pub(crate) fn respond_with(
    frames: impl Stream<Item = Frame> + Send + 'static,
    shutdown: CancellationToken,
) -> Response {
    let first = stream::iter([Ok::<_, Infallible>(Event::default().retry(RETRY))]);
    let events = frames
        .map(|frame| Ok(event(&frame)))
        .take_until(shutdown.cancelled_owned());
    let keep_alive = KeepAlive::new().interval(HEARTBEAT).text("hb");
    let mut response = Sse::new(first.chain(events))
        .keep_alive(keep_alive)
        .into_response();
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    headers.insert(
        HeaderName::from_static("x-accel-buffering"),
        HeaderValue::from_static("no"),
    );
    response
}

/// The frames of a stream. A journal that does not answer ends it; the client resumes at its position.
fn frames(events: EventStream) -> impl Stream<Item = Frame> + Send {
    stream::unfold(events, |mut events| async move {
        match events.next().await {
            Ok(frame) => frame.map(|frame| (frame, events)),
            Err(error) => {
                tracing::warn!(%error, "an event stream ended early; its client will resume");
                None
            }
        }
    })
}

/// A frame's JSON is one line by contract; a stray line break would split the event, and JSON may hold none raw.
fn event(frame: &Frame) -> Event {
    let one_line = frame.json.replace(['\n', '\r'], " ");
    Event::default().id(frame.sequence.to_string()).data(one_line)
}

/// The position that a client resumes after: `Last-Event-ID` wins over `?after=`, because a browser repeats the address.
pub(crate) fn position(headers: &HeaderMap, after: Option<u64>) -> Option<u64> {
    let last = headers
        .get("last-event-id")
        .and_then(|value| value.to_str().ok()?.trim().parse().ok());
    last.or(after)
}

#[cfg(test)]
mod tests;
