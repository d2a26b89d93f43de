//! What `run` and `serve` do first: find the toolchains, start the sandbox.

use std::io::IsTerminal as _;

use anyhow::Context as _;
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use sandbox::Sandbox;
use tracing_subscriber::EnvFilter;

use super::capacity::Places;
use crate::run::Runner;
use crate::run::kept::{Kept, KeptLimits};
use crate::run::limits::Limits;
use crate::toolchain::{self, DataDir, Libraries, Prepared, Toolchain};

/// Log lines go to standard error; UNDERHOOD_LOG chooses which, in the syntax of `RUST_LOG`.
pub fn logs(default: &str) {
    let filter = EnvFilter::try_from_env("UNDERHOOD_LOG").unwrap_or_else(|_| EnvFilter::new(default));
    // A journal or a file takes no colours.
    let colours = std::io::stderr().is_terminal();
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_ansi(colours).init();
}

/// Takes as many descriptors as the system gives, and says how many that are.
fn descriptors() -> anyhow::Result<u64> {
    let (_, most) = getrlimit(Resource::RLIMIT_NOFILE)?;
    setrlimit(Resource::RLIMIT_NOFILE, most, most).context("cannot take all descriptors")?;
    Ok(most)
}

/// Finds the toolchain that `go` names, or the default one, and with it all that are installed and prepared.
pub fn toolchains(go: Option<&str>) -> anyhow::Result<Vec<(Prepared, Libraries)>> {
    let data = DataDir::from_env()?;
    let load = |toolchain: &Toolchain| {
        let libraries = Libraries::of(toolchain, &data);
        Ok::<_, anyhow::Error>((Prepared::load(toolchain, &libraries)?, libraries))
    };
    let chosen = toolchain::choose(go, &data)?.toolchain;
    let mut all = vec![load(&chosen)?];
    let others = toolchain::installed(&data)?.into_iter().flatten().filter(|other| other.id() != chosen.id());
    all.extend(others.filter_map(|other| load(&other).ok()));
    Ok(all)
}

/// Starts the sandbox and puts the runner on top.
pub async fn runner(
    toolchains: Vec<(Prepared, Libraries)>,
    places: &Places,
    limits: Limits,
    caches: KeptLimits,
) -> anyhow::Result<Runner> {
    let most = descriptors()?;
    let capacity = places.capacity(&limits, &caches, most);
    if places.lacks_descriptors(&capacity, most) {
        tracing::warn!(
            "{most} descriptors are few for {} runs; raise the limit (ulimit -n, LimitNOFILE)",
            capacity.runs
        );
    }
    let sandbox = Sandbox::start(Some(capacity.memory_bytes)).await.context("the sandbox does not start")?;
    sandbox.usable().context("see `underhood doctor`")?;
    let kept = Kept::open(toolchain::cache_folder().map(|folder| folder.join("builds")).as_deref(), caches);
    Ok(Runner::new(sandbox, toolchains, limits, capacity, kept))
}
