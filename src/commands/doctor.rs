//! `underhood doctor`: what the sandbox can do on this host.

use std::io::Write as _;
use std::process::ExitCode;

use sandbox::Sandbox;
use sandbox::report::Level;

/// Say which controls of the sandbox hold on this host, and why others do not
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: underhood doctor --json")]
pub struct Args {
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

const REDUCED: &str = "Programs run behind fewer walls here. `underhood serve` does so on loopback only, unless \
    --allow-reduced-sandbox is given.";

/// Exit code 1 when `serve` would refuse to start.
pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let sandbox = runtime.block_on(Sandbox::start(None))?;
    let report = sandbox.report();
    let mut out = std::io::stdout().lock();
    if args.json {
        serde_json::to_writer_pretty(&mut out, report)?;
        writeln!(out)?;
    } else {
        writeln!(out, "sandbox: {}", report.level)?;
        let width = report.controls.iter().map(|control| control.name.len()).max().unwrap_or(0);
        for control in &report.controls {
            let state = control.state.to_string();
            writeln!(out, "  {:width$}  {state:8}  {}", control.name, control.detail)?;
        }
        match report.level {
            Level::Full => {}
            Level::Reduced => writeln!(out, "{REDUCED}")?,
            Level::None => writeln!(out, "`underhood serve` and `underhood run` refuse to work here.")?,
        }
    }
    Ok(if report.level == Level::None { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}
