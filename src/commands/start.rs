//! What `run` and `serve` do first: find the toolchains, start the sandbox.

use anyhow::Context as _;
use sandbox::Sandbox;
use tracing_subscriber::EnvFilter;

use crate::run::Runner;
use crate::run::limits::Limits;
use crate::toolchain::{self, DataDir, Prepared};

/// How much of the machine runs may take.
#[derive(Debug, clap::Args)]
pub struct Capacity {
    /// How many programs run at once
    #[arg(long, env = "UNDERHOOD_MAX_RUNS", default_value_t = 4, value_parser = clap::value_parser!(u16).range(1..=1024))]
    max_runs: u16,
    /// How many more may wait for a place before new ones are turned away
    #[arg(long, env = "UNDERHOOD_QUEUE", default_value_t = 64)]
    queue: u16,
}

impl Default for Capacity {
    fn default() -> Self {
        Self { max_runs: 1, queue: 0 }
    }
}

/// Log lines go to standard error; UNDERHOOD_LOG chooses which, in the syntax of `RUST_LOG`.
pub fn logs(default: &str) {
    let filter = EnvFilter::try_from_env("UNDERHOOD_LOG").unwrap_or_else(|_| EnvFilter::new(default));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
}

/// Finds the toolchain that `go` names, or the default one, and with it all that are installed and prepared.
pub fn toolchains(go: Option<&str>) -> anyhow::Result<Vec<Prepared>> {
    let data = DataDir::from_env()?;
    let chosen = toolchain::choose(go, &data)?.toolchain;
    let mut all = vec![Prepared::load(&chosen, &data)?];
    for other in toolchain::installed(&data)?.into_iter().flatten() {
        if other.id() != chosen.id()
            && let Ok(prepared) = Prepared::load(&other, &data)
        {
            all.push(prepared);
        }
    }
    Ok(all)
}

/// Starts the sandbox and puts the runner on top.
pub async fn runner(toolchains: Vec<Prepared>, capacity: &Capacity) -> anyhow::Result<Runner> {
    let limits = Limits::default();
    let places = u64::from(capacity.max_runs);
    let total = places * limits.build.memory_bytes.max(limits.run.memory_bytes);
    let sandbox = Sandbox::start(Some(total)).await.context("the sandbox does not start")?;
    sandbox.usable().context("see `underhood doctor`")?;
    Ok(Runner::new(sandbox, toolchains, limits, usize::from(capacity.max_runs), usize::from(capacity.queue)))
}
