//! What a runner is like at the moment when somebody asks: places, prepared cells, caches. Each part knows its own
//! numbers; here they are put into words when they are read, and nothing is counted twice.

use std::fmt::Error;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric, MetricEncoder};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::registry::Registry;

use super::Runner;

/// Reads a runner.
#[derive(Debug)]
struct State(Runner);

/// Makes the state of a runner readable, together with what it counts of its runs.
pub fn register(runner: &Runner, registry: &mut Registry) {
    runner.workshop.measures.register(registry);
    registry.register_collector(Box::new(State(runner.clone())));
}

impl Collector for State {
    fn encode(&self, mut out: DescriptorEncoder<'_>) -> Result<(), Error> {
        let Self(runner) = self;
        let capacity = runner.capacity();
        let (running, waiting) = runner.admission.counts();
        let gauges = [
            ("running_runs", "Runs that have a place", running as u64),
            ("queued_runs", "Runs that wait for a place", waiting as u64),
            ("running_runs_limit", "Places for runs", capacity.runs as u64),
            ("queued_runs_limit", "Places in the queue", capacity.queue as u64),
            ("connections_limit", "Connections that are taken at a time", capacity.connections as u64),
        ];
        for (name, help, value) in gauges {
            ConstGauge::new(value).encode(out.encode_descriptor(name, help, None, MetricType::Gauge)?)?;
        }
        self.cells(&mut out)?;
        self.caches(&mut out)?;
        self.versions(&mut out)
    }
}

impl State {
    fn cells(&self, out: &mut DescriptorEncoder<'_>) -> Result<(), Error> {
        let pool = self.0.workshop.pool.counts();
        let sandbox = self.0.sandbox().counts();
        let help = "Cells that are kept prepared, and that are being prepared";
        let states = [("idle", pool.idle as u64), ("preparing", pool.preparing as u64)];
        each(out, ("pool_cells", help), "state", &states, ConstGauge::new)?;
        gauge(out, "pool_cells_limit", "Cells that may be prepared at a time", pool.capacity as u64)?;
        let help = "Cells that runs took, from those that were prepared or made while the run waited";
        let from = [("pool", pool.taken), ("spot", pool.made_on_the_spot)];
        each(out, ("pool_taken", help), "from", &from, ConstCounter::new)?;
        let help = "Cells that were prepared ahead, and what else became of trying";
        let became =
            [("prepared", pool.prepared), ("failed", pool.failed), ("died", pool.died), ("evicted", pool.evicted)];
        each(out, ("pool_prepared", help), "result", &became, ConstCounter::new)?;
        gauge(out, "cells", "Cells that exist", sandbox.cells_made - sandbox.cells_ended)?;
        counter(out, "cells_made", "Cells that were made", sandbox.cells_made)?;
        counter(out, "cells_ended", "Cells that are gone", sandbox.cells_ended)?;
        let help = "Times that the process that makes cells died and was replaced";
        counter(out, "zygote_restarts", help, sandbox.zygotes_replaced)
    }

    fn caches(&self, out: &mut DescriptorEncoder<'_>) -> Result<(), Error> {
        let kept = self.0.workshop.builds.counts();
        gauge(out, "cache_entries", "Builds that are kept in memory", kept.memory_entries as u64)?;
        let help = "What kept builds take; on the disk, as it was last counted";
        let bytes = [("memory", kept.memory_bytes), ("disk", kept.disk_bytes)];
        each(out, ("cache_bytes", help), "tier", &bytes, ConstGauge::new)?;
        let most = [("memory", kept.limits.memory_bytes), ("disk", kept.limits.disk_bytes)];
        each(out, ("cache_bytes_limit", "What kept builds may take"), "tier", &most, ConstGauge::new)
    }

    fn versions(&self, out: &mut DescriptorEncoder<'_>) -> Result<(), Error> {
        let one = [("version", env!("CARGO_PKG_VERSION"))];
        info(out.encode_descriptor("build_info", "This program", None, MetricType::Gauge)?, &one)?;
        let mut toolchains =
            out.encode_descriptor("toolchain_info", "Go toolchains that can be asked for", None, MetricType::Gauge)?;
        for (index, go) in self.0.toolchains().iter().enumerate() {
            let is_default = if index == 0 { "true" } else { "false" };
            let labels = [("go", go.version.as_str()), ("default", is_default)];
            ConstGauge::new(1_u64).encode(toolchains.encode_family(&labels)?)?;
        }
        let level = self.0.sandbox().report().level.to_string();
        let sandbox = out.encode_descriptor("sandbox_info", "How programs are walled in", None, MetricType::Gauge)?;
        info(sandbox, &[("level", level.as_str())])
    }
}

fn info(mut encoder: MetricEncoder<'_>, labels: &[(&str, &str); 1]) -> Result<(), Error> {
    ConstGauge::new(1_u64).encode(encoder.encode_family(labels)?)
}

fn gauge(out: &mut DescriptorEncoder<'_>, name: &str, help: &str, value: u64) -> Result<(), Error> {
    ConstGauge::new(value).encode(out.encode_descriptor(name, help, None, MetricType::Gauge)?)
}

fn counter(out: &mut DescriptorEncoder<'_>, name: &str, help: &str, value: u64) -> Result<(), Error> {
    ConstCounter::new(value).encode(out.encode_descriptor(name, help, None, MetricType::Counter)?)
}

/// One number for each value of a label.
fn each<M: EncodeMetric>(
    out: &mut DescriptorEncoder<'_>,
    (name, help): (&str, &str),
    label: &str,
    values: &[(&str, u64)],
    metric: fn(u64) -> M,
) -> Result<(), Error> {
    let mut encoder = out.encode_descriptor(name, help, None, metric(0).metric_type())?;
    for (value, number) in values {
        metric(*number).encode(encoder.encode_family(&[(label, *value)])?)?;
    }
    Ok(())
}
