//! `POST /api/v1/shares` and `GET /api/v1/shares/{id}`: code kept under a short link. What runs are told, shares are told
//! alike.

use std::sync::Arc;

use axum::body::Body as Bytes;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderName, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::{Extension, Json};
use serde::Serialize;
use utoipa::ToSchema;

use super::assets::unless_known;
use super::problem::{Problem, Refused};
use super::rates::{Limiter, Period, Rate};
use super::{App, bodies};
use crate::protocol::Body;
use crate::protocol::request::{MAX_BODY_BYTES, RunRequest};
use crate::run::Client;
use crate::shares::id::Id;
use crate::shares::stored::{BLOCK_BYTES, Draft, MAX_BYTES};
use crate::shares::{Error, Found, Kept, Shares, Sought};

/// Shares, and how much each client may add to them.
#[derive(Debug)]
pub struct Sharing {
    shares: Shares,
    /// Of bytes; `None` where nobody may add any.
    added: Option<Limiter>,
    limits: Limits,
}

/// What may be shared, in bytes.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[schema(as = ShareLimits)]
pub struct Limits {
    /// One share: all its text.
    pub share_bytes: usize,
    /// A client in a day, each share in whole blocks of 4 KiB.
    pub client_day_bytes: u64,
    /// All together, counted in the same way.
    pub total_bytes: u64,
}

/// A share that is kept.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[schema(as = ShareLink)]
pub struct Link {
    /// Its id.
    pub id: String,
    /// Its page, from the slash on. The service does not know its own name: a proxy may stand in front of it.
    pub url: String,
    /// What was shared, as JSON.
    pub api: String,
}

/// What has this address never changes, but an operator may delete it. A day bounds how long others may go on showing it.
const KEPT: &str = "public, max-age=86400, immutable";

/// Search engines are not to lead to what strangers wrote.
pub const NOT_INDEXED: (HeaderName, &str) = (HeaderName::from_static("x-robots-tag"), "noindex");

/// How long a client should wait when the store does not answer.
const STORE_SECONDS: u64 = 30;

impl Sharing {
    /// `client_day_bytes` is what each client may add in a day.
    pub fn new(shares: Shares, client_day_bytes: u64, total_bytes: u64) -> Self {
        let limits = Limits { share_bytes: MAX_BYTES, client_day_bytes, total_bytes };
        let most = u32::try_from(client_day_bytes).unwrap_or(u32::MAX);
        let added = (most > 0).then(|| Limiter::new("bytes of shares", Rate::new(most, Period::Day)));
        Self { shares, added, limits }
    }

    /// What may be shared.
    pub fn limits(&self) -> Limits {
        self.limits
    }
}

impl App {
    /// Keeps a share on behalf of a client, whom it costs something unless it was there. True when it is new.
    ///
    /// # Errors
    /// Why it is not kept.
    pub async fn share(&self, client: Client, body: &Body) -> Result<(Link, bool), Problem> {
        let Sharing { shares, added, .. } = self.sharing.as_ref().ok_or_else(none_are_kept)?;
        let draft = Draft::new(body)?;
        // What it refuses could never be run.
        self.runner.command(&body.clone().request()?)?;
        let kept = match shares.seek(&draft).await.map_err(failed)? {
            Sought::There(id) => Kept::There(id),
            Sought::Deleted => Kept::Deleted,
            Sought::Free(_) if !shares.has_room(&draft).await.map_err(failed)? => Kept::Full,
            Sought::Free(id) => {
                let added = added.as_ref().ok_or_else(closed)?;
                // A draft has some hundred blocks at most.
                added.charge(client, (draft.blocks() * BLOCK_BYTES) as u32)?;
                shares.keep(&draft, id).await.map_err(failed)?
            }
        };
        match kept {
            Kept::New(id) => Ok((Link::to(&id), true)),
            Kept::There(id) => Ok((Link::to(&id), false)),
            Kept::Deleted => Err(deleted("the operator deleted this very code, so it cannot be shared here again")),
            Kept::Full => {
                tracing::warn!("there is no room for more shares; raise --shares-total or delete some");
                Err(Problem::new(StatusCode::INSUFFICIENT_STORAGE, "there is no room here for more shares"))
            }
        }
    }

    /// What was shared under an id: as data, and as JSON just as it is stored.
    ///
    /// # Errors
    /// When there is none, or none any more, or the store fails.
    pub async fn shared(&self, id: &str) -> Result<(Id, Body, Vec<u8>), Problem> {
        let sharing = self.sharing.as_ref().ok_or_else(none_are_kept)?;
        let missing = || Problem::new(StatusCode::NOT_FOUND, "nothing was shared under this id");
        let id: Id = id.parse().map_err(|_| missing())?;
        match sharing.shares.get(&id).await.map_err(failed)? {
            Found::Share { body, json } => Ok((id, *body, json)),
            Found::Deleted => Err(deleted("the operator deleted what was shared under this id")),
            Found::Missing => Err(missing()),
        }
    }
}

impl Link {
    /// To this id.
    pub fn to(id: &Id) -> Self {
        Self { id: id.to_string(), url: format!("/s/{id}"), api: format!("/api/v1/shares/{id}") }
    }
}

/// Share a program
///
/// Keeps what a run takes under a short link, whose page runs it. It must be one that could be run here, and is kept as long as
/// the operator likes. The same content has the same link.
#[utoipa::path(post, path = "/api/v1/shares", operation_id = "share", tag = "shares",
    request_body(content = RunRequest, content_type = "application/json"),
    responses(
        (status = 201, description = "It is kept from now on.", body = Link,
            headers(("Location" = String, description = "Where it can be read."))),
        (status = 200, description = "It was kept already.", body = Link,
            headers(("Location" = String, description = "Where it can be read."))),
        Refused,
        (status = 404, description = "This service keeps no shares.", body = Problem, content_type = "application/problem+json"),
        (status = 410, description = "The operator deleted this very content.", body = Problem, content_type = "application/problem+json"),
        (status = 507, description = "There is no room for more.", body = Problem, content_type = "application/problem+json"),
    ))]
pub async fn create(
    State(app): State<Arc<App>>,
    Extension(client): Extension<Client>,
    body: Bytes,
) -> Result<Response, Problem> {
    // JSON may write a byte of text as six, so what is longer is only refused when it is read.
    let body = Body::from_json(&bodies::read(body, MAX_BODY_BYTES).await?)?;
    let (link, is_new) = app.share(client, &body).await?;
    let status = if is_new { StatusCode::CREATED } else { StatusCode::OK };
    Ok((status, [(header::LOCATION, link.api.clone())], Json(link)).into_response())
}

/// Read a share
///
/// What was shared, as `POST /api/v1/runs` takes it.
#[utoipa::path(get, path = "/api/v1/shares/{id}", operation_id = "getShare", tag = "shares",
    params(("id" = String, Path, description = "The `id` of its link.")),
    responses(
        (status = 200, description = "It never changes, but may be deleted.", body = RunRequest),
        (status = 404, description = "Nothing was shared under this id.", body = Problem, content_type = "application/problem+json"),
        (status = 410, description = "The operator deleted it.", body = Problem, content_type = "application/problem+json"),
    ))]
pub async fn get(
    State(app): State<Arc<App>>,
    id: Result<Path<String>, PathRejection>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let (id, _, json) = app.shared(&id.map(|Path(id)| id).unwrap_or_default()).await?;
    let form = [(header::CONTENT_TYPE, "application/json")];
    Ok(([NOT_INDEXED], unless_known(&headers, id.as_str(), KEPT, || (form, json))).into_response())
}

fn none_are_kept() -> Problem {
    Problem::new(StatusCode::NOT_FOUND, "this service keeps no shares")
}

fn deleted(detail: &str) -> Problem {
    Problem::new(StatusCode::GONE, detail)
}

fn closed() -> Problem {
    Problem::new(StatusCode::FORBIDDEN, "this service takes no new shares; what was shared can still be read")
}

/// Its words go to the log: they may hold paths of the host.
fn failed(error: Error) -> Problem {
    tracing::error!("{error}");
    match error {
        Error::Damaged(_) => {
            let detail = "what is kept under this id is damaged, so it is not shown; the operator is told";
            Problem::new(StatusCode::INTERNAL_SERVER_ERROR, detail)
        }
        Error::Store(_) | Error::SameHash => {
            let detail = format!("shares cannot be reached just now; try again in {STORE_SECONDS} seconds");
            Problem::new(StatusCode::SERVICE_UNAVAILABLE, detail).after(STORE_SECONDS)
        }
    }
}
