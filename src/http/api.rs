//! What else the API tells: examples, toolchains, limits, health.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use serde_json::{Value, json};
use tokio::sync::Mutex;

use super::App;
use super::problem::Problem;
use crate::protocol::files::{MAX_DEPTH, MAX_FILES, MAX_NAME_BYTES};
use crate::protocol::request::MAX_BODY_BYTES;
use crate::protocol::{Ending, Event, Request};
use crate::run::Client;

/// `GET /api/v1/toolchains`: what `go` in a request may be; the first is the default one.
pub async fn toolchains(State(app): State<Arc<App>>) -> Json<Value> {
    let toolchains = app.runner.toolchains().iter().enumerate().map(|(index, go)| {
        json!({
            "go": go.version,
            "default": index == 0,
            "godebug": go.knobs.godebug,
            "goexperiment": go.knobs.goexperiment,
        })
    });
    Json(json!({ "toolchains": toolchains.collect::<Vec<_>>() }))
}

/// `GET /api/v1/examples`: every example with its variants, as a request would have them, and how each should end.
pub async fn examples(State(app): State<Arc<App>>) -> Response {
    Json(app.pages.content().examples()).into_response()
}

/// `GET /api/v1/limits`.
pub async fn limits(State(app): State<Arc<App>>) -> Json<Value> {
    let request = json!({
        "body_bytes": MAX_BODY_BYTES, "files": MAX_FILES, "name_bytes": MAX_NAME_BYTES, "depth": MAX_DEPTH,
    });
    let runner = &app.runner;
    let sandbox = runner.sandbox().report();
    Json(json!({ "request": request, "run": runner.limits(), "service": runner.capacity(), "sandbox": sandbox }))
}

/// Where it is asked whether the process answers.
pub const HEALTHZ: &str = "/healthz";

/// Where it is asked whether programs are built and run.
pub const READYZ: &str = "/readyz";

/// `GET /healthz`: the process answers.
pub async fn healthz() -> &'static str {
    "ok\n"
}

/// The last answer of `/readyz`, kept for a while so that asking often costs nothing.
#[derive(Debug, Default)]
pub struct Readiness(Mutex<Option<(Instant, bool)>>);

/// How long an answer is kept.
const KEPT: Duration = Duration::from_secs(10);

const HELLO: &str = r#"{"mode": "run", "source": "package main\nfunc main() { println(\"ready\") }\n"}"#;

/// `GET /readyz`: a program was really built and run.
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
