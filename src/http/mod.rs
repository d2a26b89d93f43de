//! The site and its API over HTTP.

mod adapters;
mod api;
mod artifact;
pub mod assets;
mod connections;
pub mod origins;
pub mod pages;
pub mod problem;
pub mod proxies;
pub mod rates;
mod readiness;
mod runs;
pub mod shares;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use tokio::net::TcpListener;
use tower_http::compression::CompressionLayer;
use tower_http::set_header::SetResponseHeaderLayer;

use crate::protocol::{Refusal, Request};
use crate::run::{Client, Runner, Told};
use connections::Rules;
use origins::Origins;
use problem::Problem;
use proxies::Proxies;
use rates::Rates;

/// What all handlers share.
#[derive(Debug)]
pub struct App {
    /// Runs programs.
    pub runner: Runner,
    /// The pages.
    pub pages: Arc<pages::Pages>,
    /// Whose pages may use the API, beside our own.
    pub origins: Origins,
    /// How much each client may ask for.
    pub rates: Rates,
    /// What readers share; `None` where nothing is shared.
    pub sharing: Option<shares::Sharing>,
    readiness: readiness::Readiness,
    sockets: adapters::Places,
}

/// Scripts, styles, fonts, frames and requests of our own only; nothing inline. The one page that can be in a frame is
/// [`artifact`].
pub const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; \
    img-src 'self' data:; font-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// How long what is no run may take. Only `/readyz` builds something, and its build and program have ten seconds each
/// unless the operator gives more.
const ANSWER: Duration = Duration::from_secs(60);

impl App {
    /// All parts are ready.
    pub fn new(runner: Runner, pages: Arc<pages::Pages>, origins: Origins, rates: Rates) -> Self {
        let sockets = adapters::Places::new(runner.capacity().connections / 2);
        Self { runner, pages, origins, rates, sharing: None, readiness: readiness::Readiness::default(), sockets }
    }

    /// The same with shares.
    pub fn sharing(self, sharing: Option<shares::Sharing>) -> Self {
        Self { sharing, ..self }
    }

    /// Starts a run and counts it against the client: the one way in which a request starts one. See
    /// [`Runner::start`].
    ///
    /// # Errors
    /// When the request is turned away.
    pub fn start(&self, request: Request, client: Client, is_fresh: bool) -> Result<Told, Refusal> {
        self.rates.runs.charge(client, 1)?;
        self.runner.start(request, client, is_fresh)
    }
}

/// How connections are served.
#[derive(Clone, Debug)]
pub struct Serving {
    /// Proxies that are believed.
    pub proxies: Proxies,
    /// How long runs in flight may go on when the service is told to stop.
    pub grace: Duration,
}

/// Serves until it is told to stop, and lets runs in flight end; told once more, it ends them.
pub async fn serve(listener: TcpListener, app: App, serving: Serving, mut told_to_stop: impl AsyncFnMut()) {
    let most = app.runner.capacity().connections;
    let rules = Rules { most, proxies: serving.proxies, grace: serving.grace };
    let (pages, shutdown) = (Arc::clone(&app.pages), app.runner.shutdown().clone());
    let told_to_stop = async || {
        told_to_stop().await;
        // Open pages wait for changes that will not come; nothing else would end their requests.
        pages.end();
    };
    connections::serve(listener, router(Arc::new(app)), rules, &shutdown, told_to_stop).await;
}

fn router(app: Arc<App>) -> Router {
    let header = |name: &'static str, value: &'static str| {
        SetResponseHeaderLayer::if_not_present(HeaderName::from_static(name), HeaderValue::from_static(value))
    };
    // Compression holds bytes back, so a run's events go without.
    let of_api = || from_fn_with_state(Arc::clone(&app), origins::of_api);
    let live = Router::new()
        .route("/api/v1/runs", post(runs::create))
        .merge(adapters::live())
        .route_layer(of_api())
        .merge(app.pages.live().route_layer(from_fn(origins::own_only)));
    let still = Router::new()
        .route("/api/v1/examples", get(api::examples))
        .route("/api/v1/toolchains", get(api::toolchains))
        .route("/api/v1/limits", get(api::limits))
        .route("/api/v1/shares", post(shares::create))
        .route("/api/v1/shares/{id}", get(shares::get))
        .route("/api/{*rest}", get(no_such_route).post(no_such_route))
        .merge(adapters::still())
        .route_layer(of_api())
        .route(artifact::PATH, get(artifact::get))
        .merge(pages::still())
        .fallback(pages::not_found)
        .layer(CompressionLayer::new())
        .layer(from_fn(in_time));
    // A load balancer asks from one address for all.
    let probes = Router::new()
        .route("/healthz", get(api::healthz))
        .route("/readyz", get(readiness::get))
        .layer(from_fn(in_time));
    live.merge(still)
        .layer(from_fn_with_state(Arc::clone(&app), rates::of_requests))
        .merge(probes)
        .layer(header("content-security-policy", CONTENT_SECURITY_POLICY))
        .layer(header("x-content-type-options", "nosniff"))
        .layer(header("referrer-policy", "same-origin"))
        .with_state(app)
}

/// Gives up an answer that is whole at once, and is not there in time. Those of runs have deadlines of their own.
async fn in_time(request: axum::extract::Request, next: Next) -> Response {
    match tokio::time::timeout(ANSWER, next.run(request)).await {
        Ok(answer) => answer,
        Err(_) => Problem::new(StatusCode::SERVICE_UNAVAILABLE, "the answer took too long").into_response(),
    }
}

async fn no_such_route() -> Problem {
    Problem::new(StatusCode::NOT_FOUND, "the API has no such address; see the README")
}
