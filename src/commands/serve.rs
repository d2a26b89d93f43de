//! `underhood serve`: the site and its API.

use std::process::ExitCode;

use anyhow::Context as _;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

use super::{capacity, start};
use crate::http::{self, App};

/// Serve the site and its API
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: underhood serve --listen 127.0.0.1:8080")]
pub struct Args {
    /// Address and port; port 0 picks a free one
    #[arg(long, env = "UNDERHOOD_LISTEN", default_value = "127.0.0.1:8080", value_name = "ADDR")]
    listen: String,
    /// A GOROOT folder, its bin/go, or the version of an installed toolchain
    #[arg(long, env = "UNDERHOOD_GO", value_name = "PATH")]
    go: Option<String>,
    #[command(flatten)]
    places: capacity::Places,
    #[command(flatten)]
    each: capacity::Each,
}

/// Runs the subcommand until SIGTERM or Ctrl-C.
pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    start::logs("info");
    let toolchains = start::toolchains(args.go.as_deref())?;
    tokio::runtime::Runtime::new()?.block_on(async {
        let runner = start::runner(toolchains, &args.places, args.each.limits()).await?;
        let pages = http::pages::Pages::load(&runner.toolchains()[0].version, runner.limits())?;
        let app = App::new(runner, pages);
        let listener = TcpListener::bind(&args.listen).await.with_context(|| {
            format!("cannot listen on {}; is another program there? try --listen 127.0.0.1:0", args.listen)
        })?;
        let mut terminate = signal(SignalKind::terminate())?;
        eprintln!("listening on http://{}", listener.local_addr()?);
        let stop = async move {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = tokio::signal::ctrl_c() => {}
            }
        };
        http::serve(listener, app, stop).await?;
        Ok(ExitCode::SUCCESS)
    })
}
