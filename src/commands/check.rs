//! `underhood check`: every example in every variant against what its author expects.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use clap::value_parser;

use super::capacity::{Caches, Each};
use super::{authoring, start, terminal};
use crate::authoring::plan::plan;
use crate::authoring::project::Project;
use crate::authoring::report::{Format, Report};

/// Run every example in every variant and hold it against what its author expects
///
/// Works on any folder of examples, a Go module with folders TOPIC/NAME that have an example.toml each, and on the folder
/// `lessons` beside it, if there is one.
///
/// Exit code: 0 when all holds, 1 when something does not, 2 when it could not be tried.
#[derive(Debug, clap::Args)]
#[command(mut_arg("run_seconds", |arg| arg.default_value(authoring::RUN_SECONDS)))]
#[command(after_help = "Examples:
  underhood check
  underhood check examples-go/escape
  underhood check --go 1.25,1.26,1.27
  underhood check --format junit > report.xml")]
pub struct Args {
    /// A repository, its folder of examples, a topic, or an example
    #[arg(default_value = ".")]
    paths: Vec<PathBuf>,
    /// Go versions, or a GOROOT folder; with several, what changed from one to the next is shown
    #[arg(long, env = "UNDERHOOD_GO", value_name = "VERSION,…", value_delimiter = ',')]
    go: Vec<String>,
    /// How many run at once [default: one for each processor]
    #[arg(long, env = "UNDERHOOD_JOBS", value_name = "N", value_parser = value_parser!(u16).range(1..=1024))]
    jobs: Option<u16>,
    /// In which form the report is printed
    #[arg(long, env = "UNDERHOOD_FORMAT", value_enum, default_value = "text")]
    format: Format,
    /// Run each so often, all anew, to find what does not hold each time
    #[arg(long, env = "UNDERHOOD_REPEAT", value_name = "N", default_value_t = 1, value_parser = value_parser!(u16).range(1..=1000))]
    repeat: u16,
    /// Build anew, whatever was kept of an earlier build
    #[arg(long)]
    no_cache: bool,
    #[command(flatten)]
    each: Each,
    #[command(flatten)]
    caches: Caches,
}

/// Runs the subcommand.
pub fn run(args: &Args) -> ExitCode {
    start::logs("warn");
    match check(args) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => authoring::could_not(&error),
    }
}

fn check(args: &Args) -> anyhow::Result<bool> {
    let since = Instant::now();
    terminal::listen_for_signals()?;
    let project = Project::open(&args.paths)?;
    let start::Named { toolchains, versions } = start::named_toolchains(&args.go)?;
    let rounds = usize::from(args.repeat);
    let jobs = plan(&project, &versions, rounds);
    let how = authoring::How {
        at_once: args.jobs,
        limits: args.each.limits(),
        caches: args.caches.limits(),
        is_fresh: args.no_cache || rounds > 1,
    };
    let verdicts = authoring::work(&project, toolchains, &jobs, how)?;
    let report = Report::new(project, verdicts, rounds, since.elapsed());
    let text = report.in_form(args.format).map_err(|error| anyhow::anyhow!("{error}"))?;
    std::io::stdout().write_all(text.as_bytes())?;
    Ok(report.holds())
}
