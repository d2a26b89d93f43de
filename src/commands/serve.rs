//! `underhood serve`: the site and its API.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, bail};
use clap::value_parser;
use sandbox::report::Level;
use tokio::net::TcpListener;
use tokio::signal::unix::{Signal, SignalKind, signal};
use toml::Value;

use super::observing::Observing;
use super::settings::InForce;
use super::watch::Watch;
use super::{capacity, fair_use, shares, start, toolchain};
use crate::http::observe::Observer;
use crate::http::origins::{Origin, Origins};
use crate::http::pages::Pages;
use crate::http::{self, App, Serving};
use crate::toolchain::{DataDir, choose};

/// Serve the site and its API
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  underhood serve --listen 127.0.0.1:8080
  underhood serve --watch
  underhood serve --config deploy/underhood.toml
  underhood serve --allow-origin https://pages.example.org
  underhood serve --trust-proxy 127.0.0.1 --rate-runs 120/min --grace 10")]
pub struct Args {
    /// A TOML file with settings: the long names of these options, such as max-runs = 8
    ///
    /// Options that are typed and variables of the environment go before it. underhood config shows what is in force.
    #[arg(long, env = "UNDERHOOD_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,
    /// Address and port; port 0 picks a free one
    #[arg(long, env = "UNDERHOOD_LISTEN", default_value = "127.0.0.1:8080", value_name = "ADDR", value_parser = address)]
    listen: String,
    /// A GOROOT folder, its bin/go, or the version of an installed toolchain
    #[arg(long, env = "UNDERHOOD_GO", value_name = "PATH")]
    go: Option<String>,
    /// The folder for toolchains and standard libraries compiled ahead, about 200 MB for each target [default:
    /// $XDG_DATA_HOME/underhood, else ~/.local/share/underhood]
    #[arg(long, env = "UNDERHOOD_DATA", value_name = "PATH", value_parser = capacity::folder())]
    data: Option<PathBuf>,
    /// Serve other machines even where the host grants no namespaces
    #[arg(long, env = "UNDERHOOD_ALLOW_REDUCED_SANDBOX")]
    allow_reduced_sandbox: bool,
    /// For authors: serve the lessons and examples of a folder as they are written, and show mistakes on their pages
    ///
    /// PATH is a repository or its folder of examples, the current folder unless one is given. Pages reload themselves
    /// when something is saved. Without this option the lessons that are part of the program are served.
    #[arg(long, env = "UNDERHOOD_WATCH", value_name = "PATH", num_args = 0..=1, default_missing_value = ".")]
    watch: Option<PathBuf>,
    /// An origin whose pages may use the API: where a site lies that was made with underhood export --api
    ///
    /// May be given several times. Without it, requests of other sites' pages are refused.
    #[arg(long, env = "UNDERHOOD_ALLOW_ORIGIN", value_name = "ORIGIN", value_delimiter = ',')]
    allow_origin: Vec<Origin>,
    /// How long runs in flight may go on after SIGTERM or Ctrl-C, in seconds; a second one ends them at once
    ///
    /// Nothing new is taken meanwhile, and /readyz says so. The default is as long as a build and a program may take by
    /// default, and lets the whole stop fit into the 30 seconds that Kubernetes gives.
    #[arg(long, env = "UNDERHOOD_GRACE", value_name = "SECONDS", default_value_t = 20, value_parser = value_parser!(u64).range(0..=3600))]
    grace: u64,
    #[command(flatten)]
    fair_use: fair_use::FairUse,
    #[command(flatten)]
    places: capacity::Places,
    #[command(flatten)]
    each: capacity::Each,
    #[command(flatten)]
    caches: capacity::Caches,
    #[command(flatten)]
    shares: shares::Keeping,
    #[command(flatten)]
    observing: Observing,
}

const REDUCED_IN_PUBLIC: &str = "this host grants no namespaces, so programs run behind fewer walls (the reduced \
    sandbox); that is refused on any address but loopback. `underhood doctor` says what to change; \
    --allow-reduced-sandbox serves all the same";

/// Runs the subcommand until SIGTERM or Ctrl-C.
pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let traces = args.observing.start()?;
    let served = serve(args);
    // However it ended: its spans are over now.
    if let Some(traces) = traces {
        traces.close();
    }
    served
}

fn serve(args: &Args) -> anyhow::Result<ExitCode> {
    let watch = args.watch.as_deref().map(Watch::open).transpose()?;
    if let Some(file) = &args.config {
        tracing::info!("settings are read from {}; see `underhood config`", file.display());
    }
    let data = DataDir::named(args.data.as_deref())?;
    let toolchains = start::toolchains(args.go.as_deref(), &data)?;
    tokio::runtime::Runtime::new()?.block_on(async {
        let runner = start::runner(toolchains, &args.places, args.each.limits(), &args.caches).await?;
        runner.verify();
        let level = runner.sandbox().report().level;
        let version = &runner.toolchains()[0].version;
        let sharing = args.shares.open(&data)?;
        let shares = sharing.is_some();
        let pages = match watch {
            None => Arc::new(Pages::load(version, runner.limits(), level)?.sharing(shares)),
            Some(watch) => {
                watch.pages(|content| Pages::of(content, version, runner.limits(), level).sharing(shares))?
            }
        };
        let Observing { metrics_from, log_clients, .. } = &args.observing;
        let observer = Observer::new(&runner, metrics_from.clone(), *log_clients);
        let origins = Origins::listed(&args.allow_origin);
        let app = App::new(runner, pages, origins, args.fair_use.rates(), observer).sharing(sharing);
        let listener = TcpListener::bind(&args.listen).await.with_context(|| {
            format!("cannot listen on {}; is another program there? try --listen 127.0.0.1:0", args.listen)
        })?;
        let address = listener.local_addr()?;
        if level == Level::Reduced {
            if !address.ip().is_loopback() && !args.allow_reduced_sandbox {
                bail!(REDUCED_IN_PUBLIC);
            }
            tracing::warn!("the sandbox is reduced: this host grants no namespaces; see `underhood doctor`");
        }
        let mut signals = Signals::listen()?;
        eprintln!("listening on http://{address}");
        let serving = Serving { proxies: args.fair_use.proxies(), grace: Duration::from_secs(args.grace) };
        http::serve(listener, app, serving, async || signals.next().await).await;
        Ok(ExitCode::SUCCESS)
    })
}

/// SIGTERM and Ctrl-C.
struct Signals {
    terminate: Signal,
    interrupt: Signal,
    are_heard: bool,
}

impl Signals {
    fn listen() -> io::Result<Self> {
        let (terminate, interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
        Ok(Self { terminate, interrupt, are_heard: false })
    }

    /// Waits for the next of them.
    async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
        if !self.are_heard {
            tracing::info!("stopping when the runs in flight are over; SIGTERM or Ctrl-C once more ends them");
        }
        self.are_heard = true;
    }
}

/// A host and a port. Whether they can be had is seen on listening.
fn address(text: &str) -> Result<String, String> {
    let parts = text.rsplit_once(':');
    match parts.filter(|(host, port)| !host.is_empty() && port.starts_with(|digit: char| digit.is_ascii_digit())) {
        Some(_) => Ok(text.to_owned()),
        None => Err("an address has a host and a port, such as 127.0.0.1:8080".to_owned()),
    }
}

impl Args {
    /// What is in force where the options alone do not say it: what depends on this machine.
    pub fn in_force(&self) -> anyhow::Result<BTreeMap<&'static str, InForce>> {
        let capacity = self.places.capacity(&self.each.limits(), &self.caches.limits(), start::descriptors()?);
        let data = DataDir::named(self.data.as_deref())?;
        let number = |number: usize| i64::try_from(number).ok().map(Value::Integer);
        let path = |path: &Path| path.to_str().map(Value::from);
        let asked = self.places.max_runs.map(usize::from);
        let fewer = asked.is_some_and(|asked| asked != capacity.runs);
        let note_of_runs = match asked {
            None => "of this machine's processors and memory".to_owned(),
            Some(_) if fewer => format!("{} in force; more do not fit into total-memory", capacity.runs),
            Some(_) => String::new(),
        };
        let unless = |is_set: bool, note: &str| if is_set { String::new() } else { note.to_owned() };
        let go = match choose(self.go.as_deref(), &data) {
            Ok(choice) => toolchain::reason(&choice),
            Err(error) => error.to_string(),
        };
        let memory = format!("{}B", capacity.memory_bytes);
        Ok(BTreeMap::from([
            ("max-runs", InForce { value: number(capacity.runs), note: note_of_runs }),
            (
                "pool",
                InForce {
                    value: number(capacity.prepared_cells),
                    note: unless(self.places.pool.is_some(), "two for each run"),
                },
            ),
            (
                "total-memory",
                InForce {
                    value: Some(Value::from(memory)),
                    note: unless(self.places.total_memory.is_some(), "of max-runs and this machine's memory"),
                },
            ),
            ("data", InForce { value: path(data.path()), note: String::new() }),
            ("cache", InForce { value: self.caches.folder().as_deref().and_then(path), note: String::new() }),
            ("shares", InForce { value: path(&data.shares()), note: String::new() }),
            ("go", InForce { value: None, note: go }),
        ]))
    }
}
