//! What else the API tells: examples, toolchains, limits, health.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use tokio::sync::Mutex;

use super::App;
use super::answers::{AllLimits, Toolchains};
use super::problem::Problem;
use crate::examples::Example;
use crate::protocol::{Ending, Event, Request};
use crate::run::Client;

/// Toolchains
///
/// What `go` in a request may be, and which settings each toolchain knows.
#[utoipa::path(get, path = "/api/v1/toolchains", operation_id = "listToolchains", tag = "service",
    responses((status = 200, description = "The toolchains of this service.", body = Toolchains)))]
pub async fn toolchains(State(app): State<Arc<App>>) -> Response {
    Json(Toolchains::of(&app.runner)).into_response()
}

/// Examples
///
/// Every example of the lessons with its variants, as a request would have them, and how each should end.
#[utoipa::path(get, path = "/api/v1/examples", operation_id = "listExamples", tag = "service",
    responses((status = 200, description = "All examples, by path in order.", body = Vec<Example>)))]
pub async fn examples(State(app): State<Arc<App>>) -> Response {
    Json(app.pages.content().examples()).into_response()
}

/// Limits
///
/// How long, how large and how much, for a run and for the service; and how well the sandbox holds.
#[utoipa::path(get, path = "/api/v1/limits", operation_id = "getLimits", tag = "service",
    responses((status = 200, description = "What is in force.", body = AllLimits)))]
pub async fn limits(State(app): State<Arc<App>>) -> Response {
    Json(AllLimits::of(&app.runner)).into_response()
}

/// Liveness
///
/// The process answers.
#[utoipa::path(get, path = "/healthz", operation_id = "isAlive", tag = "service",
    responses((status = 200, description = "It does.", body = String, content_type = "text/plain", example = "ok\n")))]
pub async fn healthz() -> &'static str {
    "ok\n"
}

/// The last answer of `/readyz`, kept for a while so that asking often costs nothing.
#[derive(Debug, Default)]
pub struct Readiness(Mutex<Option<(Instant, bool)>>);

/// How long an answer is kept.
const KEPT: Duration = Duration::from_secs(10);

const HELLO: &str = r#"{"mode": "run", "source": "package main\nfunc main() { println(\"ready\") }\n"}"#;

/// Readiness
///
/// Whether a program can be built and run just now: one really was, not long ago.
#[utoipa::path(get, path = "/readyz", operation_id = "isReady", tag = "service",
    responses(
        (status = 200, description = "It can.", body = String, content_type = "text/plain", example = "ready\n"),
        (status = 503, description = "It cannot.", body = Problem, content_type = "application/problem+json"),
    ))]
pub async fn readyz(State(app): State<Arc<App>>) -> Result<&'static str, Problem> {
    let mut last = app.readiness.0.lock().await;
    let ready = match *last {
        Some((at, ready)) if at.elapsed() < KEPT => ready,
        _ => {
            let ready = builds_and_runs(&app).await;
            *last = Some((Instant::now(), ready));
            ready
        }
    };
    let not_ready = || Problem::new(StatusCode::SERVICE_UNAVAILABLE, "a program could not be built and run just now");
    if ready { Ok("ready\n") } else { Err(not_ready()) }
}

async fn builds_and_runs(app: &App) -> bool {
    let hello = Request::from_json(HELLO.as_bytes());
    let Ok(mut events) = hello.and_then(|request| app.runner.start(request, Client::Local, true)) else {
        return false;
    };
    let mut ok = false;
    while let Some(stamped) = events.recv().await {
        if let Event::Exit(exit) = stamped.event {
            ok = exit.status == Ending::Ok;
        }
    }
    ok
}
