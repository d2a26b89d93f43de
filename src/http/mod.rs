//! The site and its API over HTTP.

mod api;
mod artifact;
pub mod assets;
mod connections;
mod measures;
mod metrics;
pub mod observe;
pub mod origins;
pub mod pages;
pub mod problem;
mod process;
pub mod remote;
mod runs;

use std::future::Future;
use std::sync::Arc;

use axum::Router;
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{get, post};
use tokio::net::TcpListener;
use tower_http::compression::CompressionLayer;
use tower_http::set_header::SetResponseHeaderLayer;

use crate::run::Runner;
use observe::Observer;
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
    /// What watches over requests.
    pub observer: Observer,
    readiness: api::Readiness,
}

/// Scripts, styles, fonts, frames and requests of our own only; nothing inline. The one page that can be in a frame is
/// [`artifact`].
pub const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; \
    img-src 'self' data:; font-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

impl App {
    /// All parts are ready.
    pub fn new(runner: Runner, pages: Arc<pages::Pages>, origins: Origins, observer: Observer) -> Self {
        Self { runner, pages, origins, observer, readiness: api::Readiness::default() }
    }
}

/// Serves until `stop` is done, then lets runs in flight end for a short while.
pub async fn serve(listener: TcpListener, app: App, stop: impl Future<Output = ()>) {
    let most = app.runner.capacity().connections;
    let pages = Arc::clone(&app.pages);
    let open = app.observer.measures.connections.clone();
    let stop = async move {
        stop.await;
        // Open pages wait for changes that will not come; nothing else would end their requests.
        pages.end();
    };
    connections::serve(listener, router(Arc::new(app)), most, open, stop).await;
}

fn router(app: Arc<App>) -> Router {
    let header = |name: &'static str, value: &'static str| {
        SetResponseHeaderLayer::if_not_present(HeaderName::from_static(name), HeaderValue::from_static(value))
    };
    // Compression holds bytes back, so a run's events go without.
    let of_api = || from_fn_with_state(Arc::clone(&app), origins::of_api);
    let live = Router::new()
        .route("/api/v1/runs", post(runs::create))
        .route_layer(of_api())
        .merge(app.pages.live().route_layer(from_fn(origins::own_only)));
    let still = Router::new()
        .route("/api/v1/examples", get(api::examples))
        .route("/api/v1/toolchains", get(api::toolchains))
        .route("/api/v1/limits", get(api::limits))
        .route("/api/{*rest}", get(no_such_route).post(no_such_route))
        .route_layer(of_api())
        .route(artifact::PATH, get(artifact::get))
        .route(api::HEALTHZ, get(api::healthz))
        .route(api::READYZ, get(api::readyz))
        .route(metrics::PATH, get(metrics::get))
        .merge(pages::still())
        .fallback(pages::not_found)
        .layer(CompressionLayer::new());
    live.merge(still)
        .layer(header("content-security-policy", CONTENT_SECURITY_POLICY))
        .layer(header("x-content-type-options", "nosniff"))
        .layer(header("referrer-policy", "same-origin"))
        .layer(from_fn_with_state(Arc::clone(&app), observe::observe))
        .with_state(app)
}

async fn no_such_route() -> Problem {
    Problem::new(StatusCode::NOT_FOUND, "the API has no such address; see the README")
}
