//! `underhood serve`: the site and its API.

use std::io;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, bail};
use clap::value_parser;
use sandbox::report::Level;
use tokio::net::TcpListener;
use tokio::signal::unix::{Signal, SignalKind, signal};

use super::observing::Observing;
use super::watch::Watch;
use super::{capacity, fair_use, shares, start};
use crate::http::observe::Observer;
use crate::http::origins::{Origin, Origins};
use crate::http::pages::Pages;
use crate::http::{self, App, Serving};

/// Serve the site and its API
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  underhood serve --listen 127.0.0.1:8080
  underhood serve --watch
  underhood serve --allow-origin https://pages.example.org
  underhood serve --trust-proxy 127.0.0.1 --rate-runs 120/min --grace 10")]
pub struct Args {
    /// Address and port; port 0 picks a free one
    #[arg(long, env = "UNDERHOOD_LISTEN", default_value = "127.0.0.1:8080", value_name = "ADDR")]
    listen: String,
    /// A GOROOT folder, its bin/go, or the version of an installed toolchain
    #[arg(long, env = "UNDERHOOD_GO", value_name = "PATH")]
    go: Option<String>,
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
    let toolchains = start::toolchains(args.go.as_deref())?;
    tokio::runtime::Runtime::new()?.block_on(async {
        let runner = start::runner(toolchains, &args.places, args.each.limits(), args.caches.limits()).await?;
        runner.verify();
        let level = runner.sandbox().report().level;
        let version = &runner.toolchains()[0].version;
        let sharing = args.shares.open()?;
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
