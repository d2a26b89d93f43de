//! `underhood man`: manual pages.

use std::fs;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use clap_mangen::Man;

/// Print the manual page, or write one for each command into a folder
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  underhood man | man -l -
  underhood man /usr/share/man/man1")]
pub struct Args {
    /// Where to write underhood.1, underhood-serve.1 and so on; made if it is not there
    dir: Option<PathBuf>,
}

/// Prints or writes those of `command`.
pub fn run(args: &Args, command: clap::Command) -> anyhow::Result<ExitCode> {
    let Some(dir) = &args.dir else {
        let mut text = Vec::new();
        Man::new(command).render(&mut text)?;
        std::io::stdout().write_all(&text)?;
        return Ok(ExitCode::SUCCESS);
    };
    fs::create_dir_all(dir).with_context(|| format!("cannot make {}", dir.display()))?;
    clap_mangen::generate_to(command, dir).with_context(|| format!("cannot write into {}", dir.display()))?;
    Ok(ExitCode::SUCCESS)
}
