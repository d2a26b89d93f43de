//! `POST /api/v1/runs`: a request in, its events out, in the form that the client accepts.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::sse::{KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use serde::Serialize;
use tokio_stream::StreamExt as _;

use super::App;
use super::problem::Problem;
use crate::protocol::request::MAX_BODY_BYTES;
use crate::protocol::{Event, Refusal, Request, Stamped};
use crate::run::{Client, Told};

/// The forms that events come in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    EventStream,
    Lines,
    Whole,
}

/// A whole run as one JSON object.
#[derive(Debug, Default, Serialize)]
struct Whole {
    events: Vec<Stamped>,
    stdout: String,
    stderr: String,
    exit: Option<Event>,
}

/// A comment line is sent when nothing else was for so long, so that proxies keep the connection.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// Starts a run. When the client closes the connection its receiver is dropped, and the run ends.
pub async fn create(
    State(app): State<Arc<App>>,
    Extension(client): Extension<Client>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let request = read(body, MAX_BODY_BYTES).await.and_then(|body| Request::from_json(&body));
    let request = request.inspect_err(|refusal| app.runner.refused(refusal))?;
    let events = app.runner.start(request, client, is_fresh(&headers))?;
    Ok(match form(&headers) {
        Form::EventStream => event_stream(events),
        Form::Lines => lines(events),
        Form::Whole => Json(whole(events).await).into_response(),
    })
}

/// Reads a body of at most `limit_bytes`.
///
/// # Errors
/// When it is longer, or not whole.
pub async fn read(body: Body, limit_bytes: usize) -> Result<Vec<u8>, Refusal> {
    match to_bytes(body, limit_bytes).await {
        Ok(bytes) => Ok(bytes.to_vec()),
        Err(error) if is_too_long(&error) => Err(Refusal::TooLarge { limit_bytes }),
        Err(_) => Err(Refusal::Malformed("the body ended before it was whole".to_owned())),
    }
}

fn is_too_long(error: &axum::Error) -> bool {
    std::error::Error::source(error).is_some_and(|source| source.is::<http_body_util::LengthLimitError>())
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
            "text/event-stream" => Some(Form::EventStream),
            "application/x-ndjson" => Some(Form::Lines),
            "application/json" => Some(Form::Whole),
            _ => None,
        });
    first.unwrap_or(Form::EventStream)
}

fn event_stream(events: Told) -> Response {
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
    let stream = events.map(|stamped| {
        serde_json::to_vec(&stamped).map(|mut line| {
            line.push(b'\n');
            line
        })
    });
    ([(header::CONTENT_TYPE, "application/x-ndjson")], Body::from_stream(stream)).into_response()
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
