//! The site and its API over HTTP.

mod adapters;
mod answers;
mod api;
mod artifact;
pub mod assets;
mod bodies;
mod connections;
mod examples;
mod headers;
mod measures;
mod metrics;
pub mod observe;
mod openapi;
pub mod origins;
pub mod pages;
mod per_client;
pub mod problem;
mod process;
pub mod proxies;
pub mod rates;
mod readiness;
mod reference;
pub mod remote;
mod runs;
pub mod shares;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::http::StatusCode;
use axum::middleware::{Next, from_fn, from_fn_with_state, map_response};
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::{any, get};
use tokio::net::TcpListener;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;

use crate::protocol::{Refusal, Request};
use crate::run::{Client, Reuse, Runner, Told};
use connections::Rules;
pub use headers::CONTENT_SECURITY_POLICY;
use observe::Observer;
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
    /// What watches over requests.
    pub observer: Observer,
    /// What readers share; `None` where nothing is shared.
    pub sharing: Option<shares::Sharing>,
    readiness: readiness::Readiness,
    sockets: adapters::Places,
}

/// How long what is no run may take. Only `/readyz` builds something, and its build and program have ten seconds each
/// unless the operator gives more.
const ANSWER: Duration = Duration::from_secs(60);

impl App {
    /// All parts are ready.
    pub fn new(runner: Runner, pages: Arc<pages::Pages>, origins: Origins, rates: Rates, observer: Observer) -> Self {
        let sockets = adapters::Places::new(sockets(&runner));
        let readiness = readiness::Readiness::default();
        Self { runner, pages, origins, rates, observer, sharing: None, readiness, sockets }
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
        self.rates.runs.charge(client, 1).inspect_err(|refusal| self.runner.refused(refusal))?;
        self.runner.start(request, client, if is_fresh { Reuse::Anew } else { Reuse::Full })
    }
}

/// How many connections may be sockets: those are none of HTTP's any more.
fn sockets(runner: &Runner) -> usize {
    runner.capacity().connections / 3
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
    let most = app.runner.capacity().connections - sockets(&app.runner);
    let open = app.observer.measures.connections.clone();
    let rules = Rules { most, proxies: serving.proxies, grace: serving.grace, open };
    let (pages, shutdown) = (Arc::clone(&app.pages), app.runner.shutdown().clone());
    let told_to_stop = async || {
        told_to_stop().await;
        // Open pages wait for changes that will not come; nothing else would end their requests.
        pages.end();
    };
    connections::serve(listener, router(Arc::new(app)), rules, &shutdown, told_to_stop).await;
}

fn router(app: Arc<App>) -> Router {
    let of_api = || from_fn_with_state(Arc::clone(&app), origins::of_api);
    let openapi::Api { live, still, health, .. } = openapi::api();
    // Compression holds bytes back, so a run's events go without.
    let live = in_api(live)
        .merge(adapters::live())
        .route_layer(of_api())
        .merge(app.pages.live().route_layer(from_fn(origins::own_only)));
    let pages = pages::still()
        .route("/api/", get(async || Redirect::permanent(reference::PATH)))
        .route(artifact::PATH, get(artifact::get))
        .layer(from_fn(in_time));
    let still = in_api(still.route("/api/{*rest}", any(no_such_route)))
        .layer(from_fn(in_time))
        .route_layer(of_api())
        .merge(pages)
        .fallback(pages::not_found)
        // Whole at once too, but when a run is over, which may wait for long.
        .merge(adapters::still().route_layer(of_api()))
        .layer(CompressionLayer::new());
    // A load balancer asks from one address for all, and so does who watches.
    let probes = in_api(health.route(metrics::PATH, get(metrics::get))).layer(from_fn(in_time));
    let pages = Arc::clone(&app.pages);
    let routes = live
        .merge(still)
        .layer(from_fn_with_state(Arc::clone(&app), rates::of_requests))
        .merge(probes)
        .layer(CatchPanicLayer::custom(move |_| pages.failed()));
    let observe = from_fn_with_state(Arc::clone(&app), observe::observe);
    headers::on_all(routes).layer(observe).with_state(app)
}

/// What holds for all addresses of the API: an error is a problem document, our own as well.
fn in_api<S: Clone + Send + Sync + 'static>(routes: Router<S>) -> Router<S> {
    routes.layer(CatchPanicLayer::custom(|_| problem::failed().into_response())).layer(map_response(problem::always))
}

/// Gives up an answer that is whole at once, and is not there in time. Those of runs have deadlines of their own.
async fn in_time(request: axum::extract::Request, next: Next) -> Response {
    match tokio::time::timeout(ANSWER, next.run(request)).await {
        Ok(answer) => answer,
        Err(_) => Problem::new(StatusCode::SERVICE_UNAVAILABLE, "the answer took too long").into_response(),
    }
}

async fn no_such_route() -> Problem {
    Problem::new(StatusCode::NOT_FOUND, "the API has no such address; /api lists all")
}

#[cfg(test)]
mod tests {
    use axum::body::{Body, to_bytes};
    use axum::extract::Path;
    use axum::http::{Request, header};
    use serde_json::Value;
    use tower::ServiceExt as _;

    use super::*;

    async fn ask(method: &str, path: &str) -> (u16, String, String) {
        async fn panics() -> &'static str {
            panic!("the key is hunter2")
        }
        let routes = Router::new()
            .route("/panics", get(panics))
            .route("/numbers/{number}", get(async |Path(number): Path<u8>| number.to_string()))
            .route("/whole", get(async || "whole"));
        let request = Request::builder().method(method).uri(path).body(Body::empty()).unwrap();
        let response = in_api(routes).oneshot(request).await.unwrap();
        let header =
            |name| response.headers().get(name).map_or(String::new(), |value| value.to_str().unwrap().to_owned());
        let (status, kind, allow) = (response.status().as_u16(), header(header::CONTENT_TYPE), header(header::ALLOW));
        let bytes = to_bytes(response.into_body(), usize::MAX).await.unwrap();
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        if status >= 400 {
            assert_eq!(kind, "application/problem+json");
            assert_eq!(serde_json::from_str::<Value>(&text).unwrap()["status"], status);
        }
        (status, text, allow)
    }

    #[tokio::test]
    async fn every_error_of_the_api_is_a_problem() {
        let (status, text, _) = ask("GET", "/panics").await;
        assert!(status == 500 && !text.contains("hunter2"), "{text}");
        let (status, text, _) = ask("GET", "/numbers/300").await;
        assert!(status == 400 && text.contains("300"), "{text}");
        let (status, _, allow) = ask("POST", "/whole").await;
        assert_eq!((status, allow.as_str()), (405, "GET,HEAD"));
        assert_eq!(ask("GET", "/none").await.0, 404);
        assert_eq!(ask("GET", "/whole").await, (200, "whole".to_owned(), String::new()));
    }
}
