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
use utoipa::openapi::{OpenApi, Ref, RefOr};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::answers::Message;
use super::problem::{Problem, described};
use super::{App, api, assets, examples, readiness, runs, shares};
use crate::protocol::Stamped;
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
        (name = "shares", description = "Programs under short links."),
        (name = "service", description = "What this service has, and how it is."),
    ),
    // The item of a stream is not followed to its components by itself.
    components(schemas(Problem, Message, Stamped))
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
        .routes(routes!(shares::create))
        .routes(routes!(shares::get))
        .routes(routes!(get))
        .split_for_parts();
    let (health, of_health) =
        OpenApiRouter::default().routes(routes!(api::healthz)).routes(routes!(readiness::get)).split_for_parts();
    document.merge(of_still);
    document.merge(of_health);
    complete(&mut document);
    Api { live, still, health, document }
}

/// The name of the component for variables.
const ENVIRONMENT: &str = "Environment";

/// Adds what an operation cannot say of itself.
fn complete(document: &mut OpenApi) {
    for (path, item) in &mut document.paths.paths {
        let operations = [&mut item.get, &mut item.post, &mut item.put, &mut item.delete, &mut item.patch];
        for operation in operations.into_iter().flatten() {
            if path.starts_with("/api/") {
                answer(operation, 403, "A page of another site asks, and its origin is not listed.");
                answer(operation, 429, "This client asks for more than its share.");
            }
            answer(operation, 503, "It cannot be done just now.");
            answer(operation, 500, "Something failed here.");
        }
    }
    let Some(components) = &mut document.components else { return };
    if let Some(RefOr::T(Schema::Object(fields))) = components.schemas.get_mut("RunFields") {
        // Which variables there are is known by those who run programs, a floor above the request.
        fields.properties.insert("env".to_owned(), Ref::from_schema_name(ENVIRONMENT).into());
        components.schemas.insert(ENVIRONMENT.to_owned(), environment::schema().into());
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

/// OpenAPI document
///
/// What the API takes and answers, as [OpenAPI](https://spec.openapis.org/oas/v3.2.0) 3.2.
#[utoipa::path(get, path = "/api/openapi.json", operation_id = "getDocument", tag = "service",
    responses((status = 200, description = "OpenAPI 3.2.", body = serde_json::Value, content_type = "application/json")))]
pub async fn get(headers: HeaderMap) -> Response {
    let (hash, text) = &*SENT;
    let kind = [(header::CONTENT_TYPE, "application/json")];
    assets::unless_known(&headers, hash, "no-cache", || (kind, text.as_str()))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::protocol::{Mode, Request, mode};

    /// What checks requests as a client would that was made of the document.
    fn validator() -> jsonschema::Validator {
        let document = serde_json::to_value(api().document).unwrap();
        let schema = json!({"$ref": "#/components/schemas/RunRequest", "components": document["components"].clone()});
        jsonschema::draft202012::new(&schema).unwrap()
    }

    #[test]
    fn the_document_takes_what_the_reader_takes() {
        let validator = validator();
        let with = |mode: &str, options: Value| json!({"mode": mode, "source": "", "options": options});
        let mut bodies: Vec<Value> = mode::NAMES.iter().map(|name| with(name, json!({}))).collect();
        bodies.extend([
            json!({"mode": "run", "source": ""}),
            json!({"mode": "run"}),
            json!({"source": ""}),
            json!([]),
            json!(null),
            json!({"mode": "run", "source": null, "files": {"a/b_c.go": ""}}),
            json!({"mode": "run", "source": "", "files": {"a.go": ""}}),
            json!({"mode": "run", "source": "", "files": null, "go": null}),
            json!({"mode": "run", "files": {}}),
            json!({"mode": "run", "files": null}),
            json!({"mode": "run", "files": {"../a.go": ""}}),
            json!({"mode": "run", "files": {"a": 1}}),
            json!({"mode": "run", "source": "", "flags": []}),
            json!({"mode": "run", "source": "", "args": ["a", "\u{e9}"], "stdin": "\u{0}"}),
            json!({"mode": "run", "source": "", "args": ["a\u{0}"]}),
            json!({"mode": "run", "source": "", "args": vec![""; 65]}),
            json!({"mode": "run", "source": "", "args": null}),
            json!({"mode": "run", "source": "", "stdin": null}),
            json!({"mode": "run", "source": "", "options": null}),
            json!({"mode": "objcopy", "source": ""}),
            with("ssa", json!({"func": "(*T).Method"})),
            json!({"mode": "ssa", "source": ""}),
            with("ssa", json!({"func": "f:compile"})),
            with("ssa", json!({"func": "f+"})),
            with("escape", json!({"level": 2, "inline": "off"})),
            with("escape", json!({"level": 3})),
            with("escape", json!({"level": "2"})),
            with("escape", json!({"gcflags": "-x"})),
            with("run", json!({"race": true})),
            with("run", json!({"race": "maybe"})),
            with("run", json!({"level": 1})),
            with("asm", json!({"arch": "386", "goamd64": null, "func": "main.f"})),
            with("asm", json!({"arch": "vax"})),
            with("asm", json!({"func": "a\nb"})),
            with("objdump", json!({"func": ""})),
            with("nm", json!({"sort": "size"})),
            with("test", json!({"count": 10, "filter": "^TestA$"})),
            with("test", json!({"count": 11})),
            with("bench", json!({"filter": 7, "count": 1})),
            with("bench", json!({"filter": "a\nb"})),
            with("build", json!({"strip": "on"})),
            with("build", json!({"strip": 1})),
            with("layout", json!({"arch": "pdp11"})),
            with("bounds", json!({"level": 1})),
        ]);
        for body in bodies {
            let is_taken = Request::from_json(body.to_string().as_bytes());
            assert_eq!(validator.is_valid(&body), is_taken.is_ok(), "{body}: {is_taken:?}");
        }
    }

    #[test]
    fn variables_are_those_that_a_mode_takes() {
        let validator = validator();
        for (mode, env, is_taken) in [
            ("run", json!({"GODEBUG": "gctrace=1", "GOGC": "off"}), true),
            ("bench", json!({"GOMAXPROCS": "2", "GOMEMLIMIT": "64MiB", "GOTRACEBACK": "all"}), true),
            ("escape", json!({"GOEXPERIMENT": "nogreenteagc"}), true),
            ("escape", json!({"GOGC": "50"}), false),
            ("run", json!({"PATH": "/"}), false),
            ("run", json!({"GOGC": "fast"}), false),
            ("run", json!({"GOGC": 50}), false),
        ] {
            assert_eq!(
                validator.is_valid(&json!({"mode": mode, "source": "", "env": env})),
                is_taken,
                "{mode} {env}"
            );
        }
    }

    #[test]
    fn each_mode_is_described_once() {
        let document = serde_json::to_value(api().document).unwrap();
        let modes =
            document.pointer("/components/schemas/RunRequest/allOf/2/oneOf").and_then(Value::as_array).unwrap();
        let named: Vec<_> = modes.iter().map(|one| one["title"].as_str().unwrap()).collect();
        assert_eq!(named, mode::NAMES);
        assert!(Mode::new(named[0], serde_json::Map::new()).is_ok());
    }

    #[test]
    fn every_reference_leads_somewhere() {
        let document = serde_json::to_value(api().document).unwrap();
        let text = document.to_string();
        let names: Vec<_> = text.split("\"$ref\":\"#").skip(1).filter_map(|rest| rest.split('"').next()).collect();
        assert!(names.len() > 20);
        for name in names {
            assert!(document.pointer(name).is_some(), "{name} is not there");
        }
    }
}
