//! Around every request: an id, a line in the log, a count, a span.
//!
//! A request is over when the last byte of its answer is sent or its client is gone, not when its head is: most answers
//! here are streams. What is written of it is its method, the pattern of its route, its status and times. Its path, its
//! query and its body are the reader's own.

use std::hash::{BuildHasher as _, RandomState};
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock};
use std::task::{Context, Poll};
use std::time::Instant;

use axum::body::{Body, Bytes};
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;
use hyper::body::{Frame, SizeHint};
use opentelemetry::propagation::Extractor;
use tracing::{Instrument as _, Span, field};
use tracing_opentelemetry::OpenTelemetrySpanExt as _;

use super::App;
use super::measures::{self, Held, Measures};
use super::metrics::{self, Metrics};
use super::remote::{LoggedClients, Network, Remote};
use crate::run::Runner;
use crate::run::account::TRACES;

/// What watches over requests.
#[derive(Debug)]
pub struct Observer {
    /// What can be read.
    pub metrics: Metrics,
    /// What is counted.
    pub measures: Measures,
    clients: LoggedClients,
}

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Longer ids are nobody's.
const LONGEST_ID: usize = 64;

/// Asked for every few seconds by machines: not worth a line.
const PROBES: [&str; 3] = ["/healthz", "/readyz", metrics::PATH];

impl Observer {
    /// Of a service: who may read its metrics, and what its log says of clients.
    pub fn new(runner: &Runner, readers: Vec<Network>, clients: LoggedClients) -> Self {
        let measures = Measures::new();
        Self { metrics: Metrics::new(runner, &measures, readers), measures, clients }
    }
}

/// The middleware.
pub async fn observe(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let pattern = request.extensions().get::<MatchedPath>();
    let route: Arc<str> = pattern.map_or_else(|| Arc::from("none"), |pattern| Arc::from(pattern.as_str()));
    let remote = request.extensions().get::<Remote>().copied();
    let method = measures::name(request.method());
    let is_head = request.method() == Method::HEAD;
    let id = id(remote, request.headers());
    let log = tracing::error_span!("request", id = id.to_str().unwrap_or_default());
    let trace = trace(method, &route, &log, request.headers());
    let mut exchange = Exchange {
        measures: app.observer.measures.clone(),
        client: remote.and_then(|remote| app.observer.clients.shown(remote.client)),
        method,
        route,
        begun: Instant::now(),
        status: None,
        is_complete: false,
        log: log.clone(),
        trace: trace.clone(),
        _in_flight: Held::of(&app.observer.measures.in_flight),
        stream: None,
    };
    let mut response = next.run(request).instrument(log).instrument(trace).await;
    exchange.status = Some(response.status());
    if is_stream(&response) {
        exchange.stream = Some(Held::of(&exchange.measures.streams));
    }
    response.headers_mut().insert(REQUEST_ID, id);
    response.map(|body| {
        exchange.is_complete = is_head || hyper::body::Body::is_end_stream(&body);
        Body::new(Observed { body, exchange })
    })
}

/// A request and its answer. Counted and logged once, when it is over.
#[derive(Debug)]
struct Exchange {
    measures: Measures,
    client: Option<Network>,
    method: &'static str,
    route: Arc<str>,
    begun: Instant,
    status: Option<StatusCode>,
    is_complete: bool,
    log: Span,
    trace: Span,
    _in_flight: Held,
    stream: Option<Held>,
}

/// As nginx writes it: the client closed the connection before there was an answer.
const CLIENT_LEFT: u16 = 499;

impl Drop for Exchange {
    fn drop(&mut self) {
        let took = self.begun.elapsed();
        self.measures.answered(&self.route, self.method, self.status, took);
        let status = self.status.map_or(CLIENT_LEFT, |status| status.as_u16());
        self.trace.record("http.response.status_code", status);
        if status >= 500 {
            self.trace.record("otel.status_code", "ERROR");
        }
        macro_rules! line {
            ($level:ident) => {
                tracing::$level!(
                    method = self.method,
                    route = &*self.route,
                    status,
                    ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
                    client = self.client.map(field::display),
                    complete = self.is_complete,
                    "request finished"
                )
            };
        }
        // A span lasts until it is left for the last time.
        let _trace = self.trace.enter();
        self.log.in_scope(|| if PROBES.contains(&&*self.route) { line!(debug) } else { line!(info) });
    }
}

/// The body of an answer, and with its end the end of the exchange.
struct Observed {
    body: Body,
    exchange: Exchange,
}

impl hyper::body::Body for Observed {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Self::Data>, Self::Error>>> {
        let this = self.get_mut();
        let polled = Pin::new(&mut this.body).poll_frame(cx);
        if let Poll::Ready(frame) = &polled {
            this.exchange.is_complete = match frame {
                Some(Ok(_)) => this.body.is_end_stream(),
                Some(Err(_)) => false,
                None => true,
            };
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

fn is_stream(response: &Response) -> bool {
    let kind = response.headers().get(header::CONTENT_TYPE).map_or(&[][..], HeaderValue::as_bytes);
    kind.starts_with(b"text/event-stream") || kind.starts_with(b"application/x-ndjson")
}

/// A proxy's own id, so that its log and ours tell of the same request; anyone else could make two requests look like
/// one, and is given a new one.
fn id(remote: Option<Remote>, headers: &HeaderMap) -> HeaderValue {
    let is_of_proxy = remote.is_some_and(|remote| remote.is_by_proxy());
    let given = headers.get(REQUEST_ID).filter(|id| is_of_proxy && is_well_formed(id.as_bytes()));
    given.cloned().unwrap_or_else(new_id)
}

fn is_well_formed(id: &[u8]) -> bool {
    let is_plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.".contains(byte);
    !id.is_empty() && id.len() <= LONGEST_ID && id.iter().all(is_plain)
}

fn new_id() -> HeaderValue {
    HeaderValue::from_str(&unique()).expect("hexadecimal digits")
}

/// A name told apart from all others of this process, and in all likelihood from those of others; it tells nothing of how
/// many there were.
pub fn unique() -> String {
    static KEY: LazyLock<RandomState> = LazyLock::new(RandomState::new);
    static NEXT: AtomicU64 = AtomicU64::new(0);
    format!("{:016x}", KEY.hash_one(NEXT.fetch_add(1, Ordering::Relaxed)))
}

/// The span of a request for a collector of traces, in the words of OpenTelemetry's conventions for HTTP servers.
fn trace(method: &'static str, route: &str, log: &Span, headers: &HeaderMap) -> Span {
    let span = log.in_scope(|| {
        tracing::info_span!(
            target: TRACES,
            "request",
            otel.name = %format_args!("{method} {route}"),
            otel.kind = "server",
            otel.status_code = field::Empty,
            http.request.method = method,
            http.route = route,
            http.response.status_code = field::Empty,
        )
    });
    if !span.is_disabled() && headers.contains_key(TRACEPARENT) {
        let parent = opentelemetry::global::get_text_map_propagator(|known| known.extract(&Parent(headers)));
        // It was not started yet, so that it can have one.
        let _ = span.set_parent(parent);
    }
    span
}

const TRACEPARENT: &str = "traceparent";

/// Where a caller's trace is read (W3C Trace Context). Its `tracestate` is any text, and is not passed on.
struct Parent<'a>(&'a HeaderMap);

impl Extractor for Parent<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key).filter(|_| key == TRACEPARENT)?.to_str().ok()
    }

    fn keys(&self) -> Vec<&str> {
        vec![TRACEPARENT]
    }
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use super::*;

    const CLIENT: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 7));
    const PROXY: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);

    fn taken(remote: Remote, given: &'static str) -> bool {
        let headers = HeaderMap::from_iter([(REQUEST_ID, HeaderValue::from_static(given))]);
        id(Some(remote), &headers) == given
    }

    #[test]
    fn only_a_proxy_names_requests_and_only_well() {
        let by_proxy = Remote { peer: PROXY, client: CLIENT };
        assert!(taken(by_proxy, "7b0c-4d_e.9"));
        assert!(!taken(Remote::direct(CLIENT), "7b0c-4d_e.9"), "a stranger named it");
        let long = "x".repeat(LONGEST_ID + 1).leak();
        for bad in ["", "a b", "a\tb", "a\"b", "a=b", "a{b", long] {
            assert!(!taken(by_proxy, bad), "{bad:?} was taken");
        }
    }

    #[test]
    fn no_two_ids_are_the_same() {
        let ids: std::collections::HashSet<_> = (0..1000).map(|_| new_id()).collect();
        assert_eq!(ids.len(), 1000);
    }
}
