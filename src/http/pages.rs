//! The pages: home, lessons, and runs without scripts.

pub mod form;
mod result;

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::rejection::{FormRejection, PathRejection};
use axum::extract::{ConnectInfo, DefaultBodyLimit, Form, Path, State};
use axum::http::{HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use sandbox::report::Level;
use tokio_stream::StreamExt as _;

use super::{App, assets, problem};
use crate::examples::Catalogue;
use crate::protocol::Refusal;
use crate::protocol::files::MAX_BYTES;
use crate::protocol::mode::NAMES;
use crate::run::Client;
use crate::run::limits::Limits;
use crate::site::content::snippet;
use crate::site::view::{HomePage, LessonPage, Mode, Page, ProblemPage, Site};
use crate::site::{Content, ContentError, endings};
use result::ResultPage;

/// The pages' content, read and checked once.
#[derive(Debug)]
pub struct Pages {
    site: Site,
    content: Content,
}

const HOME_TITLE: &str = "Go, under the hood";
const HOME_DESCRIPTION: &str = "Lessons on Go's memory, runtime and compiler. Change the code, press Run, and read \
                                what the real toolchain prints.";
const HOME_EXAMPLE: &str = "escape/return-pointer";
const HOME_CAPTION: &str = "<p>Press Run, and look for <code>moved to heap: u</code>.</p>\n";

/// The code may triple in a form, where a byte takes three at worst; the rest is for the other fields.
const MAX_FORM_BYTES: usize = 3 * MAX_BYTES + 64 * 1024;

impl Pages {
    /// Reads lessons and examples. Every page warns when `level` is not full. `toolchain_version` is the default toolchain's, such as `go1.27.3`.
    ///
    /// # Errors
    /// The first thing that is wrong in a lesson or an example.
    pub fn load(toolchain_version: &str, limits: &Limits, level: Level) -> Result<Self, ContentError> {
        let site = Site {
            sandbox: level,
            assets: assets::addresses(),
            go: toolchain_version.to_owned(),
            endings: endings::sentences(limits),
            modes: NAMES.map(|name| Mode { name: name.to_owned(), label: label(name).to_owned() }).to_vec(),
        };
        Ok(Self { site, content: Content::load()? })
    }

    /// The catalogue, as the API tells it.
    pub fn examples(&self) -> &Catalogue {
        self.content.examples()
    }

    fn home(&self) -> Response {
        let example = self.content.examples().get(HOME_EXAMPLE);
        let view = example.and_then(|example| snippet(example, None, HOME_CAPTION.to_owned()).ok());
        let page = self.page("/", HOME_TITLE, HOME_DESCRIPTION);
        let snippet_html = view.and_then(|view| view.render().ok());
        html(StatusCode::OK, &HomePage { page, snippet_html, sections: self.content.sections() })
    }

    fn lesson(&self, slug: &str) -> Option<Response> {
        let (previous, lesson, next) = self.content.lesson(slug)?;
        let card = &lesson.card;
        let page = LessonPage {
            page: self.page(&card.href, &card.title, &card.summary),
            section: lesson.section.clone(),
            number: card.number,
            title: card.title.clone(),
            summary: card.summary.clone(),
            level: card.level.clone(),
            minutes: card.minutes,
            contents: lesson.contents.clone(),
            body_html: lesson.body_html.clone(),
            previous: previous.map(|lesson| lesson.link()),
            next: next.map(|lesson| lesson.link()),
        };
        Some(html(StatusCode::OK, &page))
    }

    fn problem(&self, path: &str, status: StatusCode, title: &str, detail: String, allowed: Vec<String>) -> Response {
        let page = self.page(path, title, title);
        html(status, &ProblemPage { page, status: status.as_u16(), title: title.to_owned(), detail, allowed })
    }

    fn refused(&self, refusal: Refusal) -> Response {
        let detail = sentence(&refusal.to_string());
        let status = problem::status(&refusal);
        let (title, allowed, retry_after) = match refusal {
            Refusal::Malformed(_) => ("This form cannot be read", Vec::new(), None),
            Refusal::TooLarge { .. } => ("The program is too large", Vec::new(), None),
            Refusal::NotAllowed { allowed, .. } => ("This cannot be run", allowed, None),
            Refusal::NoRoom { retry_after } => ("There is no room right now", Vec::new(), Some(retry_after)),
            Refusal::TooMany { retry_after } => ("Many of your runs are waiting", Vec::new(), Some(retry_after)),
        };
        let mut response = self.problem("/run", status, title, detail, allowed);
        if let Some(after) = retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(after.as_secs()));
        }
        response
    }

    fn missing(&self, path: &str) -> Response {
        let detail = "There is no page at this address. It may have moved; the lessons are all on the first page.";
        self.problem(path, StatusCode::NOT_FOUND, "Not found", detail.to_owned(), Vec::new())
    }

    fn page(&self, path: &str, title: &str, description: &str) -> Page<'_> {
        Page { site: &self.site, title: title.to_owned(), description: description.to_owned(), path: path.to_owned() }
    }
}

/// Routes whose answers are whole at once, and may be compressed: home, lessons and assets.
pub fn still() -> Router<Arc<App>> {
    Router::new()
        .route("/", get(home))
        .route("/lessons/{slug}", get(lesson))
        .route("/assets/{*path}", get(assets::get))
}

/// The route whose answer is written while the program runs. Nothing may hold its bytes back.
pub fn live() -> Router<Arc<App>> {
    // A result has no address of its own: who asks for it again by its address begins anew.
    let again = || async { Redirect::to("/") };
    Router::new().route("/run", post(run).get(again).layer(DefaultBodyLimit::max(MAX_FORM_BYTES)))
}

/// The page for every other address.
pub async fn not_found(State(app): State<Arc<App>>, uri: Uri) -> Response {
    app.pages.missing(uri.path())
}

async fn home(State(app): State<Arc<App>>) -> Response {
    app.pages.home()
}

async fn lesson(State(app): State<Arc<App>>, slug: Result<Path<String>, PathRejection>, uri: Uri) -> Response {
    let page = slug.ok().and_then(|Path(slug)| app.pages.lesson(&slug));
    page.unwrap_or_else(|| app.pages.missing(uri.path()))
}

async fn run(State(app): State<Arc<App>>, ConnectInfo(peer): ConnectInfo<SocketAddr>, fields: Fields) -> Response {
    match start(&app, fields, Client::at(peer.ip())) {
        Ok(response) => response,
        Err(refusal) => app.pages.refused(refusal),
    }
}

type Fields = Result<Form<Vec<(String, String)>>, FormRejection>;

fn start(app: &Arc<App>, fields: Fields, client: Client) -> Result<Response, Refusal> {
    let Form(fields) = fields.map_err(|rejection| match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => Refusal::TooLarge { limit_bytes: MAX_BYTES },
        _ => Refusal::Malformed(rejection.body_text()),
    })?;
    let content = &app.pages.content;
    let submitted = form::read(fields, content.examples())?;
    let mut page = ResultPage::new(submitted.example, content.place(&submitted.example.path), submitted.source);
    let events = app.runner.start(submitted.request, client, false)?;
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

fn html(status: StatusCode, page: &impl Template) -> Response {
    match page.render() {
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

fn label(mode: &str) -> &str {
    match mode {
        "run" => "Run",
        "escape" => "Escape analysis",
        "asm" => "Assembly",
        "ssa" => "Compiler passes",
        "bounds" => "Bounds checks",
        "objdump" => "Disassembly",
        "nm" => "Symbols",
        "test" => "Tests",
        "bench" => "Benchmarks",
        "vet" => "Vet",
        "fmt" => "Formatting",
        "build" => "Build",
        "layout" => "Struct layout",
        other => other,
    }
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
        let html = text(pages().home()).await;
        assert!(html.contains("<title>Underhood: Go, under the hood</title>"), "{html}");
        assert!(html.contains("href=\"/lessons/escape-analysis\""), "{html}");
        assert!(html.contains("<go-snippet id=\"escape/return-pointer\""), "{html}");
    }

    #[tokio::test]
    async fn a_lesson_shows_its_body_and_its_neighbours() {
        let pages = pages();
        let html = text(pages.lesson("garbage-collector").unwrap()).await;
        assert!(html.contains("<go-snippet id=\"gc/trace\"") && html.contains("<figure><svg role=\"img\""), "{html}");
        assert!(html.contains("rel=\"prev\" href=\"/lessons/escape-analysis\""), "{html}");
        assert!(pages.lesson("02-escape-analysis").is_none());
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
        assert_eq!(pages.missing("/<x>").status(), 404);
    }
}
