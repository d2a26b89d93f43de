//! `POST /share`, `GET /p/ID.go` and `GET /p/ID`: shares as the Go Playground has them. They are the same as those of our
//! own API, and count as those do.

use std::sync::Arc;

use axum::Extension;
use axum::body::Body as Bytes;
use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Redirect, Response};
use serde::Deserialize;

use super::super::App;
use super::super::problem::Problem;
use super::super::shares::NOT_INDEXED;
use super::super::{bodies, shares};
use super::program::PROG;
use crate::protocol::Body;
use crate::protocol::files::MAX_BYTES;
use crate::run::Client;

/// How `/p/ID.go` may be asked for.
#[derive(Debug, Default, Deserialize)]
pub struct Asked {
    /// As a file to be kept.
    #[serde(default)]
    download: bool,
}

/// `POST /share`: the body is the code; the answer is an id.
pub async fn share(
    State(app): State<Arc<App>>,
    Extension(client): Extension<Client>,
    body: Bytes,
) -> Result<String, Problem> {
    let code = String::from_utf8(bodies::read(body, MAX_BYTES).await?);
    let code = code.ok().filter(|code| !code.trim().is_empty()).ok_or_else(|| {
        Problem::new(StatusCode::BAD_REQUEST, "send the code itself, in UTF-8; it has no code in it")
    })?;
    let (link, _) = app.share(client, &Body::of_source(code, "run")).await?;
    Ok(link.id)
}

/// `GET /p/ID.go`, the code; `GET /p/ID`, the way to its page.
pub async fn get(
    State(app): State<Arc<App>>,
    name: Result<Path<String>, PathRejection>,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Result<Response, Problem> {
    let name = name.map(|Path(name)| name).unwrap_or_default();
    let id = name.strip_suffix(".go");
    let (id, body, _) = app.shared(id.unwrap_or(&name)).await?;
    if name == id.as_str() {
        return Ok(Redirect::to(&shares::Link::to(&id).url).into_response());
    }
    let mut answer = ([NOT_INDEXED], code(body)).into_response();
    if asked.is_ok_and(|Query(asked)| asked.download) {
        let file = HeaderValue::from_str(&format!("attachment; filename=\"{PROG}\"")).expect("plain letters");
        answer.headers_mut().insert(header::CONTENT_DISPOSITION, file);
    }
    Ok(answer)
}

/// What was shared as one text. Several files become txtar.
fn code(body: Body) -> String {
    let of_files = || {
        let files = body.files.iter().flat_map(|files| &files.0);
        files
            .map(|(name, text)| format!("-- {name} --\n{text}{}", if text.ends_with('\n') { "" } else { "\n" }))
            .collect()
    };
    body.source.clone().unwrap_or_else(of_files)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_shared_as_files_is_one_text() {
        let body = br#"{"mode": "run", "files": {"b.go": "B\n", "a.go": "A"}}"#;
        assert_eq!(code(Body::from_json(body).unwrap()), "-- a.go --\nA\n-- b.go --\nB\n");
        assert_eq!(code(Body::of_source("x", "run")), "x");
    }
}
