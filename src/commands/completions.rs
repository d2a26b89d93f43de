//! `underhood completions`: what a shell needs to complete our command lines.

use std::io::Write as _;
use std::process::ExitCode;

use clap_complete::Shell;

/// Print completions of all commands and options for a shell
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  underhood completions bash > /usr/share/bash-completion/completions/underhood
  underhood completions zsh > /usr/share/zsh/site-functions/_underhood
  underhood completions fish > ~/.config/fish/completions/underhood.fish")]
pub struct Args {
    /// Which shell
    #[arg(value_enum)]
    shell: Shell,
}

/// Prints those of `command`.
pub fn run(args: &Args, mut command: clap::Command) -> anyhow::Result<ExitCode> {
    let mut text = Vec::new();
    let name = command.get_name().to_owned();
    clap_complete::generate(args.shell, &mut command, name, &mut text);
    std::io::stdout().write_all(&text)?;
    Ok(ExitCode::SUCCESS)
}
