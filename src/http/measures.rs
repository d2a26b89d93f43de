//! What is counted of requests and connections.
//!
//! Labels are closed sets: the route is the pattern that matched, never the path that was asked for, and a method that
//! has no meaning here is `other`.

use std::sync::Arc;
use std::time::Duration;

use axum::http::{Method, StatusCode};
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

use crate::run::measures::BUCKETS;

/// Counters of all requests. Clones count together.
#[derive(Clone, Debug)]
pub struct Measures {
    requests: Family<Asked, Counter>,
    durations: Family<Route, Histogram>,
    /// Requests whose answer is not over.
    pub in_flight: Gauge,
    /// Answers of those that come piece by piece.
    pub streams: Gauge,
    /// Connections that are open.
    pub connections: Gauge,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Asked {
    route: Arc<str>,
    method: &'static str,
    status: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Route {
    route: Arc<str>,
}

/// Adds one to a gauge for as long as it lives.
#[derive(Debug)]
pub struct Held(Gauge);

impl Held {
    /// From now on.
    pub fn of(gauge: &Gauge) -> Self {
        gauge.inc();
        Self(gauge.clone())
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.0.dec();
    }
}

impl Measures {
    /// None of anything.
    pub fn new() -> Self {
        Self {
            requests: Family::default(),
            durations: Family::new_with_constructor(|| Histogram::new(BUCKETS)),
            in_flight: Gauge::default(),
            streams: Gauge::default(),
            connections: Gauge::default(),
        }
    }

    /// Makes them readable.
    pub fn register(&self, registry: &mut Registry) {
        let requests = "Requests that are over, by the pattern of the route and the class of the answer";
        registry.register("http_requests", requests, self.requests.clone());
        let durations = "From the head of a request to the last byte of its answer";
        registry.register("http_request_duration_seconds", durations, self.durations.clone());
        registry.register("http_requests_in_flight", "Requests whose answer is not over", self.in_flight.clone());
        registry.register("http_streams", "Answers under way that come piece by piece", self.streams.clone());
        registry.register("connections", "Open connections", self.connections.clone());
    }

    /// A request is over. Without a status its client left before there was one.
    pub fn answered(&self, route: &Arc<str>, method: &'static str, status: Option<StatusCode>, took: Duration) {
        let route = Arc::clone(route);
        self.durations.get_or_create(&Route { route: Arc::clone(&route) }).observe(took.as_secs_f64());
        self.requests.get_or_create(&Asked { route, method, status: class(status) }).inc();
    }
}

/// One of the methods that mean something here.
pub fn name(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::POST => "POST",
        Method::HEAD => "HEAD",
        Method::OPTIONS => "OPTIONS",
        Method::DELETE => "DELETE",
        _ => "other",
    }
}

fn class(status: Option<StatusCode>) -> &'static str {
    match status.map(|status| status.as_u16() / 100) {
        Some(1) => "1xx",
        Some(2) => "2xx",
        Some(3) => "3xx",
        Some(4) => "4xx",
        Some(_) => "5xx",
        None => "abandoned",
    }
}
