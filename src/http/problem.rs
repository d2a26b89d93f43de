//! Refusals as problem documents (RFC 9457).

use std::collections::BTreeMap;

use axum::Json;
use axum::body::to_bytes;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::openapi::{
    Content, HeaderBuilder, ObjectBuilder, Ref, RefOr, Response as Described, ResponseBuilder, Type,
};
use utoipa::{IntoResponses, ToSchema};

use crate::protocol::Refusal;

/// Why something was not done (RFC 9457).
#[derive(Debug, Serialize, ToSchema)]
pub struct Problem {
    /// A URI for the kind of problem; `about:blank` means the status says it.
    #[serde(rename = "type")]
    #[schema(example = "about:blank")]
    kind: &'static str,
    /// The status in words.
    #[schema(example = "Unprocessable Entity")]
    title: &'static str,
    /// The HTTP status.
    #[schema(minimum = 400, maximum = 599, example = 422)]
    status: u16,
    /// What is wrong, and where, in words for the person who asked.
    #[schema(example = "there is no mode \"objcopy\"")]
    detail: String,
    /// What may be asked for instead. Not there where a list would not help.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    allowed: Vec<String>,
    #[serde(skip)]
    retry_after_seconds: Option<u64>,
}

impl Problem {
    /// A problem that the status code names.
    pub fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        let detail = short(detail.into());
        Self {
            kind: "about:blank",
            title: status.canonical_reason().unwrap_or("Problem"),
            status: status.as_u16(),
            detail,
            allowed: Vec::new(),
            retry_after_seconds: None,
        }
    }
}

impl Problem {
    /// The same, with when to try again.
    pub fn after(self, seconds: u64) -> Self {
        Self { retry_after_seconds: Some(seconds), ..self }
    }

    /// Its status code.
    pub fn status(&self) -> StatusCode {
        StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    /// What is wrong, in words.
    pub fn detail(&self) -> &str {
        &self.detail
    }

    /// When to try again, if that may help.
    pub fn retry_after(&self) -> Option<HeaderValue> {
        self.retry_after_seconds.map(HeaderValue::from)
    }
}

/// A message that may repeat what was sent, without the middle where that was long.
pub fn short(message: String) -> String {
    const BEGIN: usize = 400;
    const END: usize = 200;
    let count = message.chars().count();
    if count <= BEGIN + END {
        return message;
    }
    let begin = message.chars().take(BEGIN);
    begin.chain(" … ".chars()).chain(message.chars().skip(count - END)).collect()
}

/// The media type of a problem document.
const MEDIA_TYPE: &str = "application/problem+json";

/// How much of another error's text becomes the detail of a problem, in bytes.
const MAX_DETAIL_BYTES: usize = 4 * 1024;

/// Makes a problem of an error that is none: axum says in plain text that there is no such method, or what it could not read
/// of a path or a query. All headers stay, such as Allow.
pub async fn always(response: Response) -> Response {
    let status = response.status();
    let is_error = status.is_client_error() || status.is_server_error();
    let is_problem = response.headers().get(header::CONTENT_TYPE).is_some_and(|kind| kind == MEDIA_TYPE);
    if !is_error || is_problem {
        return response;
    }
    let (parts, body) = response.into_parts();
    let said = to_bytes(body, MAX_DETAIL_BYTES).await.unwrap_or_default();
    let said = String::from_utf8_lossy(&said);
    let detail = match said.trim() {
        "" => in_general(status),
        said => said,
    };
    let mut problem = Problem::new(status, detail).into_response();
    for (name, value) in &parts.headers {
        if ![header::CONTENT_TYPE, header::CONTENT_LENGTH].contains(name) {
            problem.headers_mut().append(name, value.clone());
        }
    }
    problem
}

/// A handler panicked. What it said is in the log, and nowhere else.
pub fn failed() -> Problem {
    Problem::new(StatusCode::INTERNAL_SERVER_ERROR, in_general(StatusCode::INTERNAL_SERVER_ERROR))
}

/// What is to be said of a status where nothing else was.
fn in_general(status: StatusCode) -> &'static str {
    match status {
        StatusCode::METHOD_NOT_ALLOWED => {
            "this address does not take that method; the header Allow says which it takes"
        }
        StatusCode::NOT_FOUND => "the API has no such address; /api lists all",
        StatusCode::UNSUPPORTED_MEDIA_TYPE => "the body has a media type that this address does not take",
        StatusCode::PAYLOAD_TOO_LARGE => "the body is larger than this address takes",
        status if status.is_server_error() => "something failed here; it was not your request",
        _ => "the request cannot be understood; /api says what is taken",
    }
}

/// The answers of what takes a request to run something, or to keep one: for `responses(…)` of `utoipa::path`.
#[derive(Debug)]
pub enum Refused {}

impl IntoResponses for Refused {
    fn responses() -> BTreeMap<String, RefOr<Described>> {
        [
            described(400, "It cannot be understood; `detail` says what and where."),
            described(408, "Its body did not come in time."),
            described(413, "It is larger than is taken."),
            described(422, "It asks for what is not on offer here; `allowed` lists what is, where a list helps."),
            described(429, "This client asks for more than its share."),
            described(503, "There is no room now, or what it needs is being made."),
        ]
        .into()
    }
}

/// A refusal of this status, for the document.
pub fn described(status: u16, says: &str) -> (String, RefOr<Described>) {
    let problem = Content::builder().schema(Some(Ref::from_schema_name(Problem::name()))).build();
    let mut response = ResponseBuilder::new().description(says).content(MEDIA_TYPE, problem);
    if [429, 503].contains(&status) {
        let seconds = ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(0));
        let after =
            HeaderBuilder::new().schema(Some(seconds)).description(Some("Seconds until it is worth asking again."));
        response = response.header("Retry-After", after.build());
    }
    (status.to_string(), response.build().into())
}

/// The status code of a refusal.
pub fn status(refusal: &Refusal) -> StatusCode {
    match refusal {
        Refusal::Malformed(_) => StatusCode::BAD_REQUEST,
        Refusal::TooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
        Refusal::NotAllowed { .. } => StatusCode::UNPROCESSABLE_ENTITY,
        Refusal::NoRoom { .. } | Refusal::NotYet { .. } | Refusal::Stopping { .. } => StatusCode::SERVICE_UNAVAILABLE,
        Refusal::TooMany { .. } | Refusal::TooFast { .. } => StatusCode::TOO_MANY_REQUESTS,
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        let mut problem = Self::new(status(&refusal), refusal.to_string());
        problem.retry_after_seconds = refusal.retry_after().map(|after| after.as_secs());
        if let Refusal::NotAllowed { allowed, .. } = refusal {
            problem.allowed = allowed;
        }
        problem
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = self.status();
        let retry_after = self.retry_after_seconds;
        let mut response = (status, Json(self)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE));
        if let Some(seconds) = retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}
