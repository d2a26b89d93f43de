//! `GET /metrics`: what operators watch, in the text format of Prometheus.

use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use prometheus_client::encoding::prometheus_text;
use prometheus_client::registry::Registry;

use super::App;
use super::measures::Measures;
use super::problem::Problem;
use super::process::Process;
use super::remote::{Network, Remote};
use crate::run::{Runner, state};

/// All that can be read, and who may.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    readers: Vec<Network>,
}

/// Where it is.
pub const PATH: &str = "/metrics";

/// What proxies add. A request that has one of these came from further away than its connection did.
const FORWARDED: [&str; 5] = ["forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via"];

impl Metrics {
    /// Of this service, for those in these networks.
    pub fn new(runner: &Runner, http: &Measures, readers: Vec<Network>) -> Self {
        let mut registry = Registry::default();
        registry.register_collector(Box::new(Process::starts_now()));
        let own = registry.sub_registry_with_prefix("underhood");
        state::register(runner, own);
        http.register(own);
        Self { registry, readers }
    }

    /// Behind a proxy that nobody said to trust, strangers have the proxy's address, so they are not let through for it.
    fn may_read(&self, remote: &Remote, headers: &HeaderMap) -> bool {
        let is_hidden = !remote.is_by_proxy() && FORWARDED.iter().any(|name| headers.contains_key(*name));
        !is_hidden && self.readers.iter().any(|network| network.contains(remote.client))
    }
}

/// For those who may read it.
pub async fn get(
    State(app): State<Arc<App>>,
    Extension(remote): Extension<Remote>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let metrics = &app.observer.metrics;
    if !metrics.may_read(&remote, &headers) {
        let detail = "metrics are for the operator, who says from where they are read: serve --metrics-from";
        return Err(Problem::new(StatusCode::FORBIDDEN, detail));
    }
    let mut text = String::new();
    prometheus_text::encode(&mut text, &metrics.registry).map_err(|error| {
        tracing::error!(%error, "the metrics cannot be written");
        Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "the metrics cannot be written")
    })?;
    let headers = [(header::CONTENT_TYPE, prometheus_text::CONTENT_TYPE), (header::CACHE_CONTROL, "no-store")];
    Ok((headers, text).into_response())
}
