//! Underhood.
mod commands;
mod toolchain;

use clap::Parser;

#[derive(Parser)]
#[command(version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Subcommand)]
enum Command {
    /// Go toolchains: list, install, path
    Toolchain(commands::toolchain::Args),
}

fn main() -> std::process::ExitCode {
    let Command::Toolchain(args) = Cli::parse().command;
    match commands::toolchain::run(args) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("underhood: {error:#}");
            std::process::ExitCode::FAILURE
        }
    }
}
