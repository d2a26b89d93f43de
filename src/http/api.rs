//! What else the API tells: examples, toolchains, limits, health.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use serde_json::{Value, json};

use super::App;
use super::shares::Sharing;
use crate::protocol::files::{MAX_DEPTH, MAX_FILES, MAX_NAME_BYTES};
use crate::protocol::request::MAX_BODY_BYTES;

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
    let shares = app.sharing.as_ref().map(Sharing::limits);
    Json(json!({
        "request": request, "run": runner.limits(), "service": runner.capacity(), "client": app.rates, "sandbox": sandbox,
        "shares": shares,
    }))
}

/// `GET /healthz`: the process answers.
pub async fn healthz() -> &'static str {
    "ok\n"
}
