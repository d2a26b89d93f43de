//! `GET /s/{id}`: a share as a page that runs.

use std::sync::Arc;

use askama::Template as _;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::{StatusCode, Uri, header};
use axum::response::Response;

use super::form::{self, Submitted};
use super::{Pages, html, sentence};
use crate::examples::Catalogue;
use crate::http::App;
use crate::http::problem::Problem;
use crate::http::shares::NOT_INDEXED;
use crate::protocol::Refusal;
use crate::site::shared::{FOLDER, Shared};
use crate::site::view::{Link, Page, ProblemPage};

/// Why a page of a share, or of its run, is not shown.
#[derive(Debug)]
pub enum Unshown {
    /// It would not be run.
    Refused(Refusal),
    /// It is not to be had.
    Problem(Problem),
}

const TITLE: &str = "Shared code";
const DESCRIPTION: &str = "Go code that a reader shared, to be read, changed and run.";

impl From<Refusal> for Unshown {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<Problem> for Unshown {
    fn from(problem: Problem) -> Self {
        Self::Problem(problem)
    }
}

/// The page.
pub async fn get(
    State(app): State<Arc<App>>,
    id: Result<Path<String>, PathRejection>,
    uri: Uri,
) -> impl axum::response::IntoResponse {
    let path = uri.path();
    let response = match of(&app, &id.map(|Path(id)| id).unwrap_or_default()).await {
        Ok(shared) => {
            let (pages, path) = (Arc::clone(&app.pages), path.to_owned());
            // To colour 64 KiB of anything takes a moment.
            let rendered =
                tokio::task::spawn_blocking(move || shared.page(Page::new(&pages.site, &path, TITLE, DESCRIPTION)));
            html((StatusCode::OK, rendered.await.unwrap_or(Err(askama::Error::Fmt))))
        }
        Err(unshown) => self::unshown(&app.pages, path, unshown),
    };
    ([NOT_INDEXED], response)
}

/// The share that a form is of, if it is of one.
pub fn named_in(fields: &[(String, String)]) -> Option<String> {
    let (_, path) = fields.iter().find(|(name, _)| name == "example")?;
    path.strip_prefix(FOLDER).map(str::to_owned)
}

/// Reads the form of a share, and where its page is.
///
/// # Errors
/// As for a page, and as for another form.
pub async fn read(app: &App, id: &str, fields: Vec<(String, String)>) -> Result<(Submitted, Option<Link>), Unshown> {
    let Shared { example, sent_with, .. } = of(app, id).await?;
    let place = Link { href: format!("/{}", example.path), text: example.title.clone() };
    let mut submitted = form::read(fields, &Catalogue::new(vec![example]))?;
    submitted.request.args = sent_with.args;
    submitted.request.stdin = sent_with.stdin;
    submitted.request.go = sent_with.go;
    Ok((submitted, Some(place)))
}

/// The page that says why there is none.
pub fn unshown(pages: &Pages, path: &str, unshown: Unshown) -> Response {
    let problem = match unshown {
        Unshown::Refused(refusal) => return pages.refused(refusal),
        Unshown::Problem(problem) => problem,
    };
    let status = problem.status();
    if status == StatusCode::NOT_FOUND {
        return pages.at(path);
    }
    let title = if status == StatusCode::GONE { "This was deleted" } else { "This cannot be shown now" };
    let page = Page::new(&pages.site, path, title, title);
    let page = ProblemPage::new(page, status.as_u16(), sentence(problem.detail()), Vec::new());
    let mut response = html((status, page.render()));
    response.headers_mut().extend(problem.retry_after().map(|seconds| (header::RETRY_AFTER, seconds)));
    response
}

async fn of(app: &App, id: &str) -> Result<Shared, Unshown> {
    let (id, body, _) = app.shared(id).await?;
    Ok(Shared::new(id.as_str(), body)?)
}
