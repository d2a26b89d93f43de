//! What operators see of a service: the log, metrics, traces.

use std::io::IsTerminal as _;

use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Layer as _, fmt};

use super::traces::{self, Traces};
use crate::http::remote::{LoggedClients, Network};
use crate::run::account::TRACES;

/// How a service is observed.
#[derive(Clone, Debug, clap::Args)]
#[command(next_help_heading = "Logs, metrics, traces")]
pub struct Observing {
    /// Which log lines are written to standard error, such as info,underhood::http=debug, in the syntax of RUST_LOG
    // The watcher warns of what it cannot remove because it is gone.
    #[arg(long, env = "UNDERHOOD_LOG", value_name = "FILTER", default_value = "info,notify=error", value_parser = filter)]
    pub log: String,
    /// How log lines are written: for people, or a JSON object each
    #[arg(long, env = "UNDERHOOD_LOG_FORMAT", value_name = "FORMAT", default_value = "text")]
    pub log_format: Format,
    /// How much of a client's address is in the log
    #[arg(long, env = "UNDERHOOD_LOG_CLIENTS", value_name = "HOW", default_value = "network")]
    pub log_clients: LoggedClients,
    /// From where /metrics may be read: addresses or networks, such as 10.0.0.0/8
    #[arg(
        long,
        env = "UNDERHOOD_METRICS_FROM",
        value_name = "CIDR",
        value_delimiter = ',',
        default_values_t = Network::LOOPBACK
    )]
    pub metrics_from: Vec<Network>,
    /// Send traces to this collector, by OTLP over HTTP, such as http://127.0.0.1:4318 [default: what
    /// OTEL_EXPORTER_OTLP_ENDPOINT says, else no traces]
    #[arg(long, env = "UNDERHOOD_OTLP", value_name = "URL", value_parser = traces::endpoint)]
    pub otlp: Option<String>,
    /// Which part of all requests is traced, from 0 to 1
    #[arg(long, env = "UNDERHOOD_TRACE_RATIO", value_name = "RATIO", default_value_t = 1.0, value_parser = traces::ratio)]
    pub trace_ratio: f64,
}

/// How log lines are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// For people
    Text,
    /// A JSON object each
    Json,
}

impl Observing {
    /// Starts the log, and traces if they are asked for. What is returned sends what is left of them when it is closed.
    ///
    /// # Errors
    /// When traces are asked for in a way that cannot be.
    pub fn start(&self) -> anyhow::Result<Option<Traces>> {
        let traces = Traces::open(self.otlp.as_deref(), self.trace_ratio)?;
        // Spans for a collector have nothing to say in the log.
        let filter = EnvFilter::new(&self.log).add_directive(format!("{TRACES}=off").parse()?);
        // A journal or a file takes no colours.
        let lines = fmt::layer().with_writer(std::io::stderr).with_ansi(std::io::stderr().is_terminal());
        let lines = match self.log_format {
            Format::Text => lines.boxed(),
            Format::Json => lines.json().flatten_event(true).with_current_span(false).boxed(),
        };
        let spans = traces.as_ref().map(Traces::layer);
        tracing_subscriber::registry().with(lines.with_filter(filter)).with(spans).init();
        Ok(traces)
    }
}

fn filter(text: &str) -> Result<String, String> {
    EnvFilter::try_new(text).map(|_| text.to_owned()).map_err(|error| error.to_string())
}
