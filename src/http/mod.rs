//! The site and its API over HTTP.

mod answers;
mod api;
mod artifact;
pub mod assets;
mod connections;
mod examples;
mod headers;
mod openapi;
pub mod origins;
pub mod pages;
pub mod problem;
mod reference;
mod runs;

use std::future::Future;
use std::sync::Arc;

use axum::Router;
use axum::http::StatusCode;
use axum::middleware::{from_fn, from_fn_with_state, map_response};
use axum::response::{IntoResponse as _, Redirect};
use axum::routing::{any, get};
use tokio::net::TcpListener;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;

use crate::run::Runner;
pub use headers::CONTENT_SECURITY_POLICY;
use origins::Origins;
use problem::Problem;

/// What all handlers share.
#[derive(Debug)]
pub struct App {
    /// Runs programs.
    pub runner: Runner,
    /// The pages.
    pub pages: Arc<pages::Pages>,
    /// Whose pages may use the API, beside our own.
    pub origins: Origins,
    readiness: api::Readiness,
}

impl App {
    /// All parts are ready.
    pub fn new(runner: Runner, pages: Arc<pages::Pages>, origins: Origins) -> Self {
        Self { runner, pages, origins, readiness: api::Readiness::default() }
    }
}

/// Serves until `stop` is done, then lets runs in flight end for a short while.
pub async fn serve(listener: TcpListener, app: App, stop: impl Future<Output = ()>) {
    let most = app.runner.capacity().connections;
    let pages = Arc::clone(&app.pages);
    let stop = async move {
        stop.await;
        // Open pages wait for changes that will not come; nothing else would end their requests.
        pages.end();
    };
    connections::serve(listener, router(Arc::new(app)), most, stop).await;
}

fn router(app: Arc<App>) -> Router {
    let of_api = || from_fn_with_state(Arc::clone(&app), origins::of_api);
    let openapi::Api { live, still, health, .. } = openapi::api();
    // Compression holds bytes back, so a run's events go without.
    let live = in_api(live.route_layer(of_api())).merge(app.pages.live().route_layer(from_fn(origins::own_only)));
    let still = in_api(still.route("/api/{*rest}", any(no_such_route)).route_layer(of_api()))
        .merge(in_api(health))
        .route("/api/", get(async || Redirect::permanent(reference::PATH)))
        .route(artifact::PATH, get(artifact::get))
        .merge(pages::still())
        .fallback(pages::not_found)
        .layer(CompressionLayer::new());
    let pages = Arc::clone(&app.pages);
    let routes = live.merge(still).layer(CatchPanicLayer::custom(move |_| pages.failed()));
    headers::on_all(routes).with_state(app)
}

/// What holds for all addresses of the API: an error is a problem document, our own as well, and nothing is kept by anyone
/// unless its handler says so.
fn in_api(routes: Router<Arc<App>>) -> Router<Arc<App>> {
    routes
        .layer(CatchPanicLayer::custom(|_| problem::failed().into_response()))
        .layer(map_response(problem::always))
        .layer(headers::if_not_present("cache-control", "no-store"))
}

async fn no_such_route() -> Problem {
    Problem::new(StatusCode::NOT_FOUND, "the API has no such address; /api lists all")
}
