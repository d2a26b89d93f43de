//! The pages: home, lessons, and runs without scripts.

mod changes;
pub mod form;
mod result;
mod shared;
mod shown;

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::{Arc, PoisonError, RwLock};

use askama::Template;
use axum::body::{Body, Bytes};
use axum::extract::rejection::{FormRejection, PathRejection};
use axum::extract::{DefaultBodyLimit, Form, Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum::{Extension, Router};
use sandbox::report::Level;
use tokio_stream::StreamExt as _;

use super::{App, assets, problem, reference};
use crate::protocol::Refusal;
use crate::protocol::files::MAX_BYTES;
use crate::run::Client;
use crate::run::limits::Limits;
use crate::site::view::{Exported, Page, ProblemPage, Site};
use crate::site::{Content, ContentError, Mistake, endings, modes};
use changes::Changes;
use result::ResultPage;
use shared::Unshown;
use shown::{Rendered, Shown};

/// The pages, of content that was read and checked. In watch mode it may be replaced, and have mistakes.
#[derive(Debug)]
pub struct Pages {
    site: Site,
    shown: RwLock<Shown>,
    changes: Option<Changes>,
}

/// The code may triple in a form, where a byte takes three at worst; the rest is for the other fields.
const MAX_FORM_BYTES: usize = 3 * MAX_BYTES + 64 * 1024;

impl Pages {
    /// Reads the lessons and examples that are part of the binary. Every page warns when `level` is not full.
    /// `toolchain_version` is the default toolchain's, such as `go1.27.3`.
    ///
    /// # Errors
    /// The first thing that is wrong in a lesson or an example.
    pub fn load(toolchain_version: &str, limits: &Limits, level: Level) -> Result<Self, ContentError> {
        Ok(Self::of(Content::load()?, toolchain_version, limits, level))
    }

    /// Pages of this content.
    pub fn of(content: Content, toolchain_version: &str, limits: &Limits, level: Level) -> Self {
        let site = Site {
            sandbox: level,
            assets: assets::addresses(),
            go: toolchain_version.to_owned(),
            endings: endings::sentences(limits),
            modes: modes::all(),
            exported: None,
            shares: false,
        };
        Self { site, shown: RwLock::new(Shown::new(Arc::new(content), &[])), changes: None }
    }

    /// The same in watch mode: they may be replaced, and then open pages reload themselves.
    pub fn watching(self) -> Self {
        Self { changes: Some(Changes::default()), ..self }
    }

    /// The same where readers can share code.
    pub fn sharing(self, shares: bool) -> Self {
        Self { site: Site { shares, ..self.site }, ..self }
    }

    /// The same for a site that lies elsewhere.
    pub fn exported(self, exported: Exported) -> Self {
        Self { site: Site { exported: Some(exported), ..self.site }, ..self }
    }

    /// Lessons and examples as they are now.
    pub fn content(&self) -> Arc<Content> {
        self.shown().content
    }

    /// Addresses of all pages.
    pub fn addresses(&self) -> Vec<String> {
        let lessons = self.content().sections().into_iter().flat_map(|section| section.cards);
        let fixed = ["/", shown::MAP, shown::REVISE].map(str::to_owned);
        fixed.into_iter().chain(lessons.map(|card| card.href)).collect()
    }

    /// The page at an address, or the one that says that there is none.
    ///
    /// # Errors
    /// When it cannot be rendered.
    pub fn page(&self, path: &str) -> askama::Result<String> {
        self.shown().page(&self.site, path).1
    }

    /// The index of the search, as JSON.
    pub fn search_index(&self) -> String {
        self.shown().index().1
    }

    /// The sentence for each exit status.
    pub fn endings(&self) -> &BTreeMap<String, String> {
        &self.site.endings
    }

    /// Replaces all at once, and tells open pages.
    pub fn show(&self, content: Arc<Content>, mistakes: &[Mistake]) {
        *self.shown.write().unwrap_or_else(PoisonError::into_inner) = Shown::new(content, mistakes);
        if let Some(changes) = &self.changes {
            changes.tell();
        }
    }

    /// Lets go of open pages that wait for changes.
    pub fn end(&self) {
        if let Some(changes) = &self.changes {
            changes.end();
        }
    }

    /// The addresses whose answers are written piece by piece, so that nothing may hold their bytes back, and those that
    /// depend on the mode.
    pub fn live(&self) -> Router<Arc<App>> {
        // A result has no address of its own: who asks for it again by its address begins anew.
        let again = || async { Redirect::to("/") };
        let run = post(run).get(again).layer(DefaultBodyLimit::max(MAX_FORM_BYTES));
        let live = Router::new().route("/run", run);
        match self.changes {
            Some(_) => live.route("/-/changes", get(changes::get)),
            // What is written at the moment is not for keeping.
            None => live.route(&format!("/{}", assets::WORKER), get(assets::worker)),
        }
    }

    fn shown(&self) -> Shown {
        self.shown.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn mark(&self, path: &str) -> String {
        self.shown().mark(&self.site, path)
    }

    fn at(&self, path: &str) -> Response {
        let shown = self.shown();
        html(if self.changes.is_some() { shown.marked(&self.site, path) } else { shown.page(&self.site, path) })
    }

    /// The page that says why a request was turned away.
    pub fn refused(&self, refusal: Refusal) -> Response {
        let detail = sentence(&problem::short(refusal.to_string()));
        let status = problem::status(&refusal);
        let retry_after = refusal.retry_after();
        let (title, allowed) = match refusal {
            Refusal::Malformed(_) => ("This form cannot be read", Vec::new()),
            Refusal::TooLarge { .. } => ("The program is too large", Vec::new()),
            Refusal::NotAllowed { allowed, .. } => ("This cannot be run", allowed),
            Refusal::NoRoom { .. } => ("There is no room right now", Vec::new()),
            Refusal::NotYet { .. } => ("It is being made ready", Vec::new()),
            Refusal::TooMany { .. } => ("Many of your runs are waiting", Vec::new()),
            Refusal::TooFast { .. } => ("That was too much in a short time", Vec::new()),
            Refusal::Stopping { .. } => ("The service is being stopped", Vec::new()),
        };
        let page = Page::new(&self.site, "/run", title, title);
        let mut response = html((status, ProblemPage::new(page, status.as_u16(), detail, allowed).render()));
        if let Some(after) = retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(after.as_secs()));
        }
        response
    }
}

impl Pages {
    /// The page for what failed. What that was is in the log.
    pub fn failed(&self) -> Response {
        const TITLE: &str = "Something failed here";
        let status = StatusCode::INTERNAL_SERVER_ERROR;
        let page = Page::new(&self.site, "", TITLE, TITLE);
        let detail = "It was not your request. Try again; if it fails again, tell whoever runs this site.".to_owned();
        html((status, ProblemPage::new(page, status.as_u16(), detail, Vec::new()).render()))
    }
}

/// Routes whose answers are whole at once, and may be compressed: home, lessons and assets.
pub fn still() -> Router<Arc<App>> {
    Router::new()
        .route("/", get(home))
        .route(shown::MAP, get(async |State(app): State<Arc<App>>| app.pages.at(shown::MAP)))
        .route(reference::PATH, get(async |State(app): State<Arc<App>>| app.pages.at(reference::PATH)))
        .route(shown::REVISE, get(async |State(app): State<Arc<App>>| app.pages.at(shown::REVISE)))
        .route("/lessons/{slug}", get(lesson))
        .route("/s/{id}", get(shared::get))
        .route("/assets/{*path}", get(assets::get))
        .route(&format!("/{}", assets::EMBED), get(assets::embed))
        .route("/search.json", get(search))
}

/// The page for every other address.
pub async fn not_found(State(app): State<Arc<App>>, uri: Uri) -> Response {
    app.pages.at(uri.path())
}

async fn home(State(app): State<Arc<App>>) -> Response {
    app.pages.at("/")
}

/// The index of the search.
async fn search(State(app): State<Arc<App>>, headers: HeaderMap) -> Response {
    let (word, index) = app.pages.shown().index();
    let kind = [(header::CONTENT_TYPE, "application/json")];
    assets::unless_known(&headers, &word, "no-cache", || (kind, index))
}

async fn lesson(State(app): State<Arc<App>>, slug: Result<Path<String>, PathRejection>, uri: Uri) -> Response {
    match slug {
        Ok(Path(slug)) => app.pages.at(&format!("/lessons/{slug}")),
        Err(_) => app.pages.at(uri.path()),
    }
}

async fn run(State(app): State<Arc<App>>, Extension(client): Extension<Client>, fields: Fields) -> Response {
    match start(&app, fields, client).await {
        Ok(response) => response,
        Err(unshown) => shared::unshown(&app.pages, "/run", unshown),
    }
}

type Fields = Result<Form<Vec<(String, String)>>, FormRejection>;

async fn start(app: &Arc<App>, fields: Fields, client: Client) -> Result<Response, Unshown> {
    let fields = fields.map_err(|rejection| match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => Refusal::TooLarge { limit_bytes: MAX_BYTES },
        _ => Refusal::Malformed(rejection.body_text()),
    });
    let count = |refusal: &Refusal| app.runner.refused(refusal);
    let Form(fields) = fields.inspect_err(count)?;
    let content = app.pages.content();
    let (submitted, place) = match shared::named_in(&fields) {
        None => {
            let submitted = form::read(fields, content.examples()).inspect_err(count)?;
            let place = content.place(&submitted.example.path);
            (submitted, place)
        }
        Some(id) => shared::read(app, &id, fields).await?,
    };
    let mut page = ResultPage::new(&submitted.example, place, submitted.source);
    let events = app.start(submitted.request, client, false)?;
    let app = Arc::clone(app);
    // A reader who leaves drops the stream, and with it the receiver, which ends the run.
    let pieces = events.filter_map(move |stamped| {
        let piece = page.piece(stamped.event, &app.pages.site);
        (!piece.is_empty()).then(|| Ok::<_, Infallible>(Bytes::from(piece)))
    });
    let headers = [(header::CONTENT_TYPE, HTML), (header::CACHE_CONTROL, "no-store")];
    Ok((headers, Body::from_stream(pieces)).into_response())
}

const HTML: &str = "text/html; charset=utf-8";

fn html((status, page): Rendered) -> Response {
    match page {
        Ok(text) => {
            (status, [(header::CONTENT_TYPE, HTML), (header::CACHE_CONTROL, "no-cache")], text).into_response()
        }
        Err(error) => {
            tracing::error!(%error, "a page cannot be rendered");
            (StatusCode::INTERNAL_SERVER_ERROR, "this page cannot be rendered\n").into_response()
        }
    }
}

/// A message as a sentence of its own.
fn sentence(message: &str) -> String {
    let mut rest = message.chars();
    let first = rest.next().map(char::to_uppercase).into_iter().flatten();
    let end = if message.ends_with(['.', '?', '!']) { "" } else { "." };
    first.chain(rest.as_str().chars()).chain(end.chars()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn text(response: Response) -> String {
        let bytes = axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap();
        String::from_utf8(bytes.to_vec()).unwrap()
    }

    fn pages() -> Pages {
        Pages::load("go1.27.3", &Limits::default(), Level::Full).unwrap()
    }

    #[tokio::test]
    async fn the_home_page_lists_the_lessons_and_has_a_snippet() {
        let html = text(pages().at("/")).await;
        assert!(html.contains("<title>Underhood: Go, under the hood</title>"), "{html}");
        assert!(html.contains("href=\"/lessons/escape-analysis\""), "{html}");
        assert!(html.contains("<go-snippet id=\"escape/return-pointer\""), "{html}");
    }

    #[test]
    fn the_index_of_the_search_names_every_page() {
        let (word, index) = pages().shown().index();
        let index: serde_json::Value = serde_json::from_str(&index).unwrap();
        let addresses: Vec<_> = index["pages"].as_array().unwrap().iter().map(|page| &page["href"]).collect();
        for address in ["./", "./map", "./revise", "./lessons/escape-analysis"] {
            assert!(addresses.iter().any(|found| *found == address), "{address} of {addresses:?}");
        }
        assert_eq!(word, pages().shown().index().0);
    }

    #[tokio::test]
    async fn a_lesson_shows_its_body_and_its_neighbours() {
        let pages = pages();
        let html = text(pages.at("/lessons/garbage-collector")).await;
        assert!(html.contains("<go-snippet id=\"gc/trace\"") && html.contains("<figure><svg role=\"img\""), "{html}");
        assert!(html.contains("rel=\"prev\" href=\"/lessons/allocator\""), "{html}");
        assert_eq!(pages.at("/lessons/02-escape-analysis").status(), 404);
    }

    #[test]
    fn messages_become_sentences() {
        assert_eq!(sentence("this \"x\" is not"), "This \"x\" is not.");
        assert_eq!(sentence("GOGC=x."), "GOGC=x.");
    }

    #[tokio::test]
    async fn refusals_have_their_status_and_say_what_is_allowed() {
        let pages = pages();
        let after = std::time::Duration::from_secs(2);
        for (refusal, status) in [
            (Refusal::Malformed("no".into()), 400),
            (Refusal::TooLarge { limit_bytes: 1 }, 413),
            (Refusal::not_allowed("<no>", ["gctrace"]), 422),
            (Refusal::NoRoom { retry_after: after }, 503),
        ] {
            let response = pages.refused(refusal.clone());
            assert_eq!(response.status(), status);
            assert_eq!(response.headers().contains_key(header::RETRY_AFTER), status == 503);
            let html = text(response).await;
            assert!(!html.contains("<no>"), "{html}");
            assert_eq!(html.contains("<code>gctrace</code>"), status == 422, "{html}");
        }
        assert_eq!(pages.at("/<x>").status(), 404);
    }
}
