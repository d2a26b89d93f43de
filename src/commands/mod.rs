//! The command line. One file a subcommand.

mod authoring;
mod capacity;
mod capture;
mod check;
mod completions;
mod config;
mod doctor;
mod export;
mod fair_use;
mod man;
mod new;
mod observing;
mod run;
mod serve;
mod settings;
#[cfg(test)]
mod settings_page;
mod shares;
mod start;
mod terminal;
#[cfg(test)]
mod told;
mod toolchain;
mod traces;
mod watch;

use std::process::ExitCode;

use clap::{CommandFactory as _, FromArgMatches as _, Parser, Subcommand};

use settings::Unusable;

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
    #[command(after_help = config::EXAMPLES)]
    Config(config::Args),
    Completions(completions::Args),
    Man(man::Args),
}

/// The exit code of bad usage, as clap has it.
const USAGE: u8 = 2;

/// Becomes the zygote if it was started as one, else reads the command line and obeys.
pub fn main() -> ExitCode {
    if std::env::args_os().next().is_some_and(|name| name == sandbox::spec::ZYGOTE_NAME) {
        return sandbox::zygote::main();
    }
    let words: Vec<_> = std::env::args_os().collect();
    let settings = match settings::read(Cli::command(), &words) {
        Ok(settings) => settings,
        Err(Unusable::Usage(error)) => error.exit(),
        Err(error) => {
            error.to_string().lines().for_each(|line| eprintln!("underhood: {line}"));
            return ExitCode::from(USAGE);
        }
    };
    let cli = Cli::from_arg_matches(settings.matches()).unwrap_or_else(|error| error.exit());
    match cli.command {
        Command::Serve(args) => or_failure(serve::run(&args)),
        Command::Run(args) => run::run(args),
        Command::Check(args) => check::run(&args),
        Command::Capture(args) => capture::run(&args),
        Command::Export(args) => export::run(&args),
        Command::New(args) => new::run(&args),
        Command::Shares(args) => or_failure(shares::run(&args)),
        Command::Toolchain(args) => or_failure(toolchain::run(args)),
        Command::Doctor(args) => or_failure(doctor::run(&args)),
        Command::Config(args) => or_failure(config::run(&args, &settings)),
        Command::Completions(args) => or_failure(completions::run(&args, Cli::command())),
        Command::Man(args) => or_failure(man::run(&args, Cli::command())),
    }
}

fn or_failure(result: anyhow::Result<ExitCode>) -> ExitCode {
    result.unwrap_or_else(|error| {
        eprintln!("underhood: {error:#}");
        ExitCode::FAILURE
    })
}
