//! `underhood capture`: writes the expected outputs anew.

use std::path::Path;
use std::process::ExitCode;

use super::authoring::{self, Desk};
use crate::authoring::golden::{replace, sweep};
use crate::authoring::plan::{of_goldens, plan};
use crate::authoring::{Capture, Kind, captures};

/// Write the expected outputs of examples, golden/VARIANT.txt, anew
///
/// Tables of knobs in lessons are filled in from the toolchain as well.
///
/// A golden that is equal but for what changes from build to build is left as it is. Patterns that an author wrote are never
/// changed; underhood check holds the outputs against them.
///
/// Exit code: 0 when all is captured, 1 when a run ended in another way than expected or, with --dry-run, when something
/// would be written, 2 when it could not be tried.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  underhood capture
  underhood capture --dry-run examples-go/escape/flow")]
pub struct Args {
    #[command(flatten)]
    examples: authoring::Examples,
    /// Show what would be written, and write nothing
    #[arg(long)]
    dry_run: bool,
    /// The Go version, or a GOROOT folder
    #[arg(long, env = "UNDERHOOD_GO", value_name = "VERSION")]
    go: Option<String>,
}

/// Runs the subcommand.
pub fn run(args: &Args) -> ExitCode {
    authoring::at_desk(&args.examples, args.go.as_slice(), |desk| capture(desk, args.dry_run))
}

fn capture(desk: Desk<'_>, is_dry: bool) -> anyhow::Result<bool> {
    let (stale, wrong) = desk.stale_tables(true)?;
    let jobs = of_goldens(&desk.project, plan(&desk.project, &desk.go.releases(), 1));
    let (project, verdicts) = desk.work(&jobs, None, false)?;
    let mut is_done = true;
    let of_files = project.faults.iter().filter(|fault| fault.kind != Kind::Uncaptured);
    for fault in of_files.chain(&wrong) {
        is_done = false;
        eprintln!("{fault}");
    }
    let all = captures(&project, &verdicts);
    let total = all.len();
    for stale in stale {
        is_done &= put(&stale.file, &stale.filled.text, &stale.diff, is_dry)?;
    }
    let mut written = 0;
    for capture in all {
        match capture {
            Capture::Equal => {}
            Capture::Told => is_done = false,
            Capture::Failed(complaint) => {
                is_done = false;
                eprintln!("{complaint}");
            }
            Capture::New { file, golden, diff } => {
                written += 1;
                is_done &= put(&project.shown(&file), &golden.text(), &diff, is_dry)?;
            }
        }
    }
    let verb = if is_dry { "would be written" } else { "written" };
    eprintln!("{written} of {total} goldens {verb}");
    Ok(is_done)
}

/// Writes a file, or shows how it differs. Whether it is now as it should be.
fn put(file: &Path, text: &str, diff: &str, is_dry: bool) -> anyhow::Result<bool> {
    if is_dry {
        print!("{diff}");
    } else {
        file.parent().into_iter().for_each(sweep);
        replace(file, text).map_err(|error| anyhow::anyhow!("{}: {error}", file.display()))?;
        println!("wrote {}", file.display());
    }
    Ok(!is_dry)
}
