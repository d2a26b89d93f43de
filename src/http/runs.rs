//! `POST /api/v1/runs`: a request in, its events out, in the form that the client accepts.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::sse::{KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use tokio_stream::StreamExt as _;

use super::answers::{Message, Whole};
use super::problem::{Problem, Refused};
use super::{App, bodies};
use crate::protocol::request::{MAX_BODY_BYTES, RunRequest};
use crate::protocol::{Event, Refusal, Request, Stamped};
use crate::run::{Client, Told};

/// The forms that events come in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    EventStream,
    Lines,
    Whole,
}

/// A comment line is sent when nothing else was for so long, so that proxies keep the connection.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// Run a program
///
/// Builds the program, runs it or asks a tool about it, and tells what happens as it happens. The header `Accept` chooses the
/// form of the answer: `text/event-stream`, which is the default, `application/x-ndjson`, or `application/json` for the
/// whole run as one object when it is over. Closing the connection ends the run.
///
/// What the program does wrong is no error of HTTP: one that does not build or crashes is answered with 200 as well, and
/// the event `exit` says so. It comes exactly once, and last.
///
/// The body is read as JSON whatever `Content-Type` says. `Cache-Control: no-cache` takes nothing that was kept of an earlier
/// run.
#[utoipa::path(post, path = "/api/v1/runs", operation_id = "run", tag = "runs",
    request_body(content = RunRequest, content_type = "application/json"),
    responses(
        (status = 200, description = "The run, from its first event on.", content(
            ("text/event-stream", item_schema = Message),
            ("application/x-ndjson", item_schema = Stamped),
            (Whole = "application/json"),
        )),
        Refused,
    ))]
// When the client closes the connection its receiver is dropped, and with it the run.
pub async fn create(
    State(app): State<Arc<App>>,
    Extension(client): Extension<Client>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let body = bodies::read(body, MAX_BODY_BYTES).await.inspect_err(|problem| {
        if problem.status() == StatusCode::PAYLOAD_TOO_LARGE {
            app.runner.refused(&Refusal::TooLarge { limit_bytes: MAX_BODY_BYTES });
        }
    })?;
    let request = Request::from_json(&body).inspect_err(|refusal| app.runner.refused(refusal))?;
    let events = app.start(request, client, is_fresh(&headers))?;
    Ok(match form(&headers) {
        Form::EventStream => event_stream(events),
        Form::Lines => lines(events),
        Form::Whole => Json(whole(events).await).into_response(),
    })
}

/// Whether the client wants nothing that was kept (RFC 9111, 5.2.1).
fn is_fresh(headers: &HeaderMap) -> bool {
    let of_header = |value: &header::HeaderValue| {
        value.to_str().is_ok_and(|value| {
            value.split(',').any(|word| ["no-cache", "no-store"].contains(&word.trim().to_ascii_lowercase().as_str()))
        })
    };
    headers.get_all(header::CACHE_CONTROL).iter().any(of_header)
}

fn form(headers: &HeaderMap) -> Form {
    let accept = headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok()).unwrap_or_default();
    let first =
        accept.split(',').map(|part| part.split(';').next().unwrap_or_default().trim()).find_map(|kind| match kind {
            EVENT_STREAM => Some(Form::EventStream),
            LINES => Some(Form::Lines),
            "application/json" => Some(Form::Whole),
            _ => None,
        });
    first.unwrap_or(Form::EventStream)
}

/// What is known already is one piece: a message each would cost more than to find it.
fn event_stream(events: Told) -> Response {
    let events = match events.all() {
        Ok(all) => return of_all(EVENT_STREAM, &all, b"data: ", b"\n\n"),
        Err(live) => live,
    };
    let stream = events.map(|stamped| {
        axum::response::sse::Event::default().json_data(&stamped).or_else(|error| {
            tracing::error!(%error, "an event that is no JSON");
            Ok::<_, Infallible>(axum::response::sse::Event::default())
        })
    });
    let mut response = Sse::new(stream).keep_alive(KeepAlive::new().interval(KEEP_ALIVE)).into_response();
    // Proxies that buffer would hold the first event back until the last.
    response.headers_mut().insert("x-accel-buffering", header::HeaderValue::from_static("no"));
    response
}

fn lines(events: Told) -> Response {
    let events = match events.all() {
        Ok(all) => return of_all(LINES, &all, b"", b"\n"),
        Err(live) => live,
    };
    let stream = events.map(|stamped| {
        serde_json::to_vec(&stamped).map(|mut line| {
            line.push(b'\n');
            line
        })
    });
    ([(header::CONTENT_TYPE, LINES)], Body::from_stream(stream)).into_response()
}

const EVENT_STREAM: &str = "text/event-stream";

const LINES: &str = "application/x-ndjson";

/// All events as JSON, which holds no newline, each between two texts.
fn of_all(kind: &'static str, events: &[Stamped], before: &[u8], after: &[u8]) -> Response {
    let mut body = Vec::new();
    for stamped in events {
        body.extend_from_slice(before);
        serde_json::to_writer(&mut body, stamped).expect("an event is JSON");
        body.extend_from_slice(after);
    }
    ([(header::CONTENT_TYPE, kind)], body).into_response()
}

async fn whole(mut events: Told) -> Whole {
    let mut whole = Whole::default();
    while let Some(stamped) = events.recv().await {
        match &stamped.event {
            Event::Stdout { text } => whole.stdout.push_str(text),
            Event::Stderr { text } => whole.stderr.push_str(text),
            exit @ Event::Exit(_) => whole.exit = Some(exit.clone()),
            _ => {}
        }
        whole.events.push(stamped);
    }
    whole
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_client_chooses_the_form() {
        let choose = |accept: &'static str| form(&HeaderMap::from_iter([(header::ACCEPT, accept.parse().unwrap())]));
        assert_eq!(choose("application/json"), Form::Whole);
        assert_eq!(choose("text/html, application/x-ndjson;q=0.9"), Form::Lines);
        assert_eq!(choose("*/*"), Form::EventStream);
        assert_eq!(form(&HeaderMap::new()), Form::EventStream);
    }
}
