//! Traces for a collector, by OTLP over HTTP. Only where they are asked for: without, there is no thread and no span.
//!
//! Spans wait in a bounded queue for a thread of their own, which sends them now and then. When that is full, because the
//! collector is slow or gone, spans are dropped; no request ever waits for one.

use std::future::{Future, ready};
use std::hash::{BuildHasher as _, RandomState};
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::Context as _;
use axum::http::{Request, Response, Uri};
use opentelemetry::trace::{Link, SpanKind, TraceId, TracerProvider as _};
use opentelemetry::{Context, KeyValue};
use opentelemetry_http::{Bytes, HttpClient, HttpError};
use opentelemetry_otlp::{RetryPolicy, SpanExporter, WithExportConfig as _, WithHttpConfig as _};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::{Sampler, SamplingResult, SdkTracerProvider, ShouldSample};
use tracing_subscriber::Layer;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::registry::LookupSpan;

use crate::run::account::TRACES;

/// What sends spans.
#[derive(Debug)]
pub struct Traces(SdkTracerProvider);

/// Where the OpenTelemetry specification has a collector named; its own words for one signal come first.
const ENDPOINTS: [&str; 2] = ["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT"];

/// Where a collector takes traces, by the same specification.
const TRACES_PATH: &str = "/v1/traces";

/// Draws traces, all spans of one alike. Callers name the trace that a request is part of, and could choose whether it is
/// drawn if that hung on the name alone.
#[derive(Clone, Debug)]
struct Drawn {
    ratio: f64,
    keys: RandomState,
}

impl ShouldSample for Drawn {
    fn should_sample(
        &self,
        parent: Option<&Context>,
        trace: TraceId,
        name: &str,
        kind: &SpanKind,
        attributes: &[KeyValue],
        links: &[Link],
    ) -> SamplingResult {
        let lot = TraceId::from(u128::from(self.keys.hash_one(trace.to_bytes())));
        Sampler::TraceIdRatioBased(self.ratio).should_sample(parent, lot, name, kind, attributes, links)
    }
}

/// How long the collector may take for a batch.
const PATIENCE: Duration = Duration::from_secs(10);

/// How long the last batch may take when the service ends.
const LAST: Duration = Duration::from_secs(3);

impl Traces {
    /// Ready to send to `collector`, or to the one that OpenTelemetry's own variables name; `None` if there is none.
    /// Of all requests `ratio` are traced, whatever their callers say.
    ///
    /// # Errors
    /// When the variables make no sense.
    pub fn open(collector: Option<&str>, ratio: f64) -> anyhow::Result<Option<Self>> {
        let is_named = |name: &&str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        if collector.is_none() && !ENDPOINTS.iter().any(is_named) {
            return Ok(None);
        }
        // Spans that a collector does not take at once are not worth a wait.
        let exporter = SpanExporter::builder()
            .with_http()
            .with_http_client(Collector::new())
            .with_retry_policy(RetryPolicy::disabled());
        let exporter = match collector {
            Some(endpoint) => exporter.with_endpoint(endpoint),
            None => exporter,
        };
        let exporter = exporter.build().context("traces cannot be sent; see --otlp")?;
        let provider = SdkTracerProvider::builder()
            .with_batch_exporter(exporter)
            .with_sampler(Drawn { ratio, keys: RandomState::new() })
            .with_resource(resource())
            .build();
        opentelemetry::global::set_text_map_propagator(TraceContextPropagator::new());
        Ok(Some(Self(provider)))
    }

    /// What makes spans of ours to spans of a collector. No line of the log goes there.
    pub fn layer<S>(&self) -> impl Layer<S> + use<S>
    where
        S: tracing::Subscriber + for<'span> LookupSpan<'span>,
    {
        tracing_opentelemetry::layer()
            .with_tracer(self.0.tracer("underhood"))
            .with_location(false)
            .with_threads(false)
            .with_level(false)
            .with_target(false)
            .with_tracked_inactivity(false)
            .with_filter(Targets::new().with_target(TRACES, LevelFilter::TRACE))
    }

    /// Sends what is left, for a little while.
    pub fn close(self) {
        if let Err(error) = self.0.shutdown_with_timeout(LAST) {
            tracing::debug!(%error, "the last traces were not sent");
        }
    }
}

/// The name and version, unless the operator's variables name another (`OTEL_SERVICE_NAME`, `OTEL_RESOURCE_ATTRIBUTES`).
fn resource() -> Resource {
    let version = KeyValue::new("service.version", env!("CARGO_PKG_VERSION"));
    let resource = Resource::builder().with_attribute(version);
    let is_named = std::env::var_os("OTEL_SERVICE_NAME").is_some()
        || std::env::var("OTEL_RESOURCE_ATTRIBUTES").is_ok_and(|attributes| attributes.contains("service.name="));
    if is_named { resource.build() } else { resource.with_service_name("underhood").build() }
}

/// Reads a collector's address; the path is that of the specification unless another is written.
///
/// # Errors
/// When it is no address of HTTP.
pub fn endpoint(text: &str) -> Result<String, String> {
    let wrong = || format!("{text:?} is not an address such as http://127.0.0.1:4318");
    let uri: Uri = text.parse().map_err(|_| wrong())?;
    if !matches!(uri.scheme_str(), Some("http" | "https")) || uri.host().is_none_or(str::is_empty) {
        return Err(wrong());
    }
    let is_bare = uri.path() == "/" && uri.query().is_none();
    Ok(if is_bare { text.trim_end_matches('/').to_owned() + TRACES_PATH } else { text.to_owned() })
}

/// Reads a part of a whole.
///
/// # Errors
/// When it is none.
pub fn ratio(text: &str) -> Result<f64, String> {
    let ratio = text.parse().ok().filter(|ratio| (0.0..=1.0).contains(ratio));
    ratio.ok_or_else(|| format!("{text:?} is not a number from 0 to 1"))
}

/// Posts batches. It blocks, in the thread that is there for that.
#[derive(Debug)]
struct Collector {
    agent: ureq::Agent,
    /// So that one that is gone is told of once, and not each few seconds.
    is_gone: AtomicBool,
}

impl Collector {
    fn new() -> Self {
        let config = ureq::Agent::config_builder()
            .timeout_global(Some(PATIENCE))
            .http_status_as_error(false)
            .max_redirects(0)
            .user_agent(concat!("underhood/", env!("CARGO_PKG_VERSION")))
            .build();
        Self { agent: config.into(), is_gone: AtomicBool::new(false) }
    }

    fn post(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let mut response = self.agent.run(request.map(|body| body.to_vec()))?;
        let body = response.body_mut().with_config().limit(MOST_ANSWERED).read_to_vec()?;
        Ok(response.map(|_| Bytes::from(body)))
    }

    fn note(&self, answer: &Result<Response<Bytes>, HttpError>) {
        let trouble = match answer {
            Ok(response) if response.status().is_success() => None,
            Ok(response) => Some(format!("it answers {}", response.status())),
            Err(error) => Some(error.to_string()),
        };
        let was_gone = self.is_gone.swap(trouble.is_some(), Ordering::Relaxed);
        match trouble {
            Some(trouble) if !was_gone => {
                tracing::warn!(trouble, "traces are lost: the collector cannot be reached or takes none");
            }
            None if was_gone => tracing::info!("the collector takes traces again"),
            _ => {}
        }
    }
}

/// An answer says which spans were not taken, and no more.
const MOST_ANSWERED: u64 = 64 * 1024;

impl HttpClient for Collector {
    fn send_bytes<'client, 'sent>(
        &'client self,
        request: Request<Bytes>,
    ) -> Pin<Box<dyn Future<Output = Result<Response<Bytes>, HttpError>> + Send + 'sent>>
    where
        'client: 'sent,
        Self: 'sent,
    {
        let answer = self.post(request);
        self.note(&answer);
        Box::pin(ready(answer))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_collector_is_named_with_or_without_a_path() {
        assert_eq!(endpoint("http://127.0.0.1:4318").unwrap(), "http://127.0.0.1:4318/v1/traces");
        assert_eq!(endpoint("https://otel.example/").unwrap(), "https://otel.example/v1/traces");
        assert_eq!(endpoint("https://otel.example/in/traces").unwrap(), "https://otel.example/in/traces");
        for bad in ["", "4318", "otel.example:4317", "grpc://otel.example", "http://"] {
            assert!(endpoint(bad).is_err(), "{bad:?} was taken");
        }
    }

    #[test]
    fn a_ratio_is_a_part_of_a_whole() {
        assert_eq!((ratio("0").unwrap(), ratio("0.25").unwrap(), ratio("1").unwrap()), (0.0, 0.25, 1.0));
        for bad in ["", "1.01", "-1", "nan", "10%"] {
            assert!(ratio(bad).is_err(), "{bad:?} was taken");
        }
    }
}
