//! The command line. One file a subcommand.

mod authoring;
mod capacity;
mod capture;
mod check;
mod doctor;
mod export;
mod fair_use;
mod new;
mod observing;
mod run;
mod serve;
mod shares;
mod start;
mod terminal;
#[cfg(test)]
mod told;
mod toolchain;
mod traces;
mod watch;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// See how Go programs really run: the real toolchain, in a sandbox
#[derive(Debug, Parser)]
#[command(version, after_help = "Example: underhood run --mode escape main.go")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Serve(serve::Args),
    Run(run::Args),
    Check(check::Args),
    Capture(capture::Args),
    Export(export::Args),
    New(new::Args),
    Shares(shares::Args),
    Toolchain(toolchain::Args),
    Doctor(doctor::Args),
}

/// Becomes the zygote if it was started as one, else reads the command line and obeys. Clap itself ends with 2 on bad
/// usage.
pub fn main() -> ExitCode {
    if std::env::args_os().next().is_some_and(|name| name == sandbox::spec::ZYGOTE_NAME) {
        return sandbox::zygote::main();
    }
    match Cli::parse().command {
        Command::Serve(args) => or_failure(serve::run(&args)),
        Command::Run(args) => run::run(args),
        Command::Check(args) => check::run(&args),
        Command::Capture(args) => capture::run(&args),
        Command::Export(args) => export::run(&args),
        Command::New(args) => new::run(&args),
        Command::Shares(args) => or_failure(shares::run(&args)),
        Command::Toolchain(args) => or_failure(toolchain::run(args)),
        Command::Doctor(args) => or_failure(doctor::run(&args)),
    }
}

fn or_failure(result: anyhow::Result<ExitCode>) -> ExitCode {
    result.unwrap_or_else(|error| {
        eprintln!("underhood: {error:#}");
        ExitCode::FAILURE
    })
}
