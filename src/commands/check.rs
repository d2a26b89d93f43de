//! `underhood check`: every example in every variant against what its author expects.

use std::io::Write as _;
use std::process::ExitCode;
use std::time::Instant;

use clap::value_parser;

use super::authoring;
use crate::authoring::knob_table::Stale;
use crate::authoring::plan::plan;
use crate::authoring::report::{Format, Report};

/// Run every example in every variant and hold it against what its author expects
///
/// Works on any folder of examples, a Go module with folders TOPIC/NAME that have an example.toml each, and on the folder
/// `lessons` beside it, if there is one.
///
/// Exit code: 0 when all holds, 1 when something does not, 2 when it could not be tried.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  underhood check
  underhood check examples-go/escape
  underhood check --go 1.25,1.26,1.27
  underhood check --format junit > report.xml")]
pub struct Args {
    #[command(flatten)]
    examples: authoring::Examples,
    /// Go versions, or a GOROOT folder; with several, what changed from one to the next is shown
    #[arg(long, env = "UNDERHOOD_GO", value_name = "VERSION,…", value_delimiter = ',')]
    go: Vec<String>,
    /// How many run at once [default: two for each processor]
    #[arg(long, env = "UNDERHOOD_JOBS", value_name = "N", value_parser = value_parser!(u16).range(1..=1024))]
    jobs: Option<u16>,
    /// In which form the report is printed
    #[arg(long, env = "UNDERHOOD_FORMAT", value_enum, default_value = "text")]
    format: Format,
    /// Run each so often, all anew, to find what does not hold each time
    #[arg(long, env = "UNDERHOOD_REPEAT", value_name = "N", default_value_t = 1, value_parser = value_parser!(u16).range(1..=1000))]
    repeat: u16,
}

/// Runs the subcommand.
pub fn run(args: &Args) -> ExitCode {
    let since = Instant::now();
    authoring::at_desk(&args.examples, &args.go, |mut desk| {
        let (stale, wrong) = desk.stale_tables(false)?;
        desk.project.faults.extend(stale.iter().map(Stale::complaint).chain(wrong));
        let rounds = usize::from(args.repeat);
        let jobs = plan(&desk.project, &desk.go.releases(), rounds);
        let (project, verdicts) = desk.work(&jobs, args.jobs, rounds > 1)?;
        let report = Report::new(project, verdicts, rounds, since.elapsed());
        let text = report.in_form(args.format).map_err(|error| anyhow::anyhow!("{error}"))?;
        std::io::stdout().write_all(text.as_bytes())?;
        Ok(report.holds())
    })
}
