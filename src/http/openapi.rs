//! The API's addresses, and the document that describes them: both are made of the same handlers, so none can be missing.
//!
//! A new operation is a handler with `#[utoipa::path]`, and a line in [`api`]. Its doc comment is what readers of the
//! document see. Answers that every operation may have are added here.

use std::sync::{Arc, LazyLock};

use axum::Router;
use axum::http::{HeaderMap, header};
use axum::response::Response;
use utoipa::OpenApi as _;
use utoipa::openapi::path::Operation;
use utoipa::openapi::schema::Schema;
use utoipa::openapi::{OpenApi, RefOr};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::problem::{Problem, described};
use super::{App, api, assets, examples, runs};
use crate::run::environment;

/// Addresses with their description.
pub struct Api {
    /// Those whose answers are written piece by piece, so that nothing may hold their bytes back.
    pub live: Router<Arc<App>>,
    /// Those whose answers are whole at once.
    pub still: Router<Arc<App>>,
    /// Outside of `/api/`, for those who operate the service.
    pub health: Router<Arc<App>>,
    /// What describes them all.
    pub document: OpenApi,
}

/// What is not said by an operation.
#[derive(utoipa::OpenApi)]
#[openapi(
    version = "3.2.0",
    info(
        title = "Underhood",
        version = "1",
        description = "Runs Go programs in a sandbox, and tells what the real toolchain says of them. \
            Every answer that is an error is a problem document (RFC 9457). \
            A service may limit how much one client asks for: after an answer 429 or 503, wait for as many seconds as its \
            header Retry-After says. Pages of other sites may call this only where the operator lists their origin.",
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0"),
    ),
    tags(
        (name = "runs", description = "Programs, and what the toolchain says of them."),
        (name = "service", description = "What this service has, and how it is."),
    ),
    components(schemas(Problem))
)]
struct Base;

/// All that the API has.
pub fn api() -> Api {
    let (live, mut document) =
        OpenApiRouter::with_openapi(Base::openapi()).routes(routes!(runs::create)).split_for_parts();
    let (still, of_still) = OpenApiRouter::default()
        .routes(routes!(api::examples))
        .routes(routes!(api::toolchains))
        .routes(routes!(api::limits))
        .routes(routes!(get))
        .split_for_parts();
    let (health, of_health) =
        OpenApiRouter::default().routes(routes!(api::healthz)).routes(routes!(api::readyz)).split_for_parts();
    document.merge(of_still);
    document.merge(of_health);
    complete(&mut document);
    Api { live, still, health, document }
}

/// The document, and what an operation cannot say of itself.
fn complete(document: &mut OpenApi) {
    for (path, item) in &mut document.paths.paths {
        let operations = [&mut item.get, &mut item.post, &mut item.put, &mut item.delete, &mut item.patch];
        for operation in operations.into_iter().flatten() {
            if path.starts_with("/api/") {
                answer(operation, 403, "A page of another site asks, and its origin is not listed.");
            }
            answer(operation, 500, "Something failed here.");
        }
    }
    let fields = document.components.as_mut().and_then(|components| components.schemas.get_mut("RunFields"));
    if let Some(RefOr::T(Schema::Object(fields))) = fields {
        // Which variables there are is known by those who run programs, a floor above the request.
        fields.properties.insert("env".to_owned(), environment::schema().into());
    }
    examples::add(document);
}

fn answer(operation: &mut Operation, status: u16, says: &str) {
    let (status, response) = described(status, says);
    operation.responses.responses.entry(status).or_insert(response);
}

/// The document as it is sent, with its hash.
static SENT: LazyLock<(String, String)> = LazyLock::new(|| {
    // These types have string keys and no way to fail.
    let text = api().document.to_json().unwrap_or_default();
    (assets::hash_of(text.as_bytes()), text)
});

/// This document
///
/// What the API takes and answers, as [OpenAPI](https://spec.openapis.org/oas/v3.2.0) 3.2.
#[utoipa::path(get, path = "/api/openapi.json", operation_id = "getDocument", tag = "service",
    responses((status = 200, description = "OpenAPI 3.2.", body = serde_json::Value, content_type = "application/json")))]
pub async fn get(headers: HeaderMap) -> Response {
    let (hash, text) = &*SENT;
    let kind = [(header::CONTENT_TYPE, "application/json")];
    assets::unless_known(&headers, hash, "no-cache", || (kind, text.as_str()))
}
