//! What else the API tells: examples, toolchains, limits, health.

use std::sync::Arc;

use super::App;
use super::answers::{AllLimits, Toolchains};
use crate::examples::Example;
use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};

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
    Json(AllLimits::of(&app)).into_response()
}

/// Liveness
///
/// The process answers.
#[utoipa::path(get, path = "/healthz", operation_id = "isAlive", tag = "service",
    responses((status = 200, description = "It does.", body = String, content_type = "text/plain", example = "ok\n")))]
pub async fn healthz() -> &'static str {
    "ok\n"
}
