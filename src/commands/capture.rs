//! `underhood capture`: writes the expected outputs anew.

use std::path::PathBuf;
use std::process::ExitCode;

use super::capacity::{Caches, Each};
use super::{authoring, start, terminal};
use crate::authoring::golden::sweep;
use crate::authoring::plan::{of_goldens, plan};
use crate::authoring::project::Project;
use crate::authoring::{Capture, captures};

/// Write the expected outputs of examples, golden/VARIANT.txt, anew
///
/// A golden that is equal but for what changes from build to build is left as it is. Patterns that an author wrote are never
/// changed; underhood check holds the outputs against them.
///
/// Exit code: 0 when all is captured, 1 when a run ended in another way than expected or, with --dry-run, when something
/// would be written, 2 when it could not be tried.
#[derive(Debug, clap::Args)]
#[command(mut_arg("run_seconds", |arg| arg.default_value(authoring::RUN_SECONDS)))]
#[command(after_help = "Examples:
  underhood capture
  underhood capture --dry-run examples-go/escape/flow")]
pub struct Args {
    /// A repository, its folder of examples, a topic, or an example
    #[arg(default_value = ".")]
    paths: Vec<PathBuf>,
    /// Show what would be written, and write nothing
    #[arg(long)]
    dry_run: bool,
    /// The Go version, or a GOROOT folder
    #[arg(long, env = "UNDERHOOD_GO", value_name = "VERSION")]
    go: Option<String>,
    #[command(flatten)]
    each: Each,
    #[command(flatten)]
    caches: Caches,
}

/// Runs the subcommand.
pub fn run(args: &Args) -> ExitCode {
    start::logs("warn");
    match capture(args) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => authoring::could_not(&error),
    }
}

fn capture(args: &Args) -> anyhow::Result<bool> {
    terminal::listen_for_signals()?;
    let project = Project::open(&args.paths)?;
    let start::Named { toolchains, versions } = start::named_toolchains(args.go.as_slice())?;
    let jobs = of_goldens(&project, plan(&project, &versions, 1));
    let how =
        authoring::How { at_once: None, limits: args.each.limits(), caches: args.caches.limits(), is_fresh: false };
    let verdicts = authoring::work(&project, toolchains, &jobs, how)?;
    let mut is_done = true;
    for fault in project.faults.iter().filter(|fault| !fault.message.contains("underhood capture writes it")) {
        is_done = false;
        eprintln!("{fault}");
    }
    let all = captures(&project, &verdicts);
    let total = all.len();
    let mut written = 0;
    for capture in all {
        match capture {
            Capture::Equal => {}
            Capture::Failed(complaint) => {
                is_done = false;
                eprintln!("{complaint}");
            }
            Capture::New { file, golden, diff } => {
                let place = project.shown(&file);
                written += 1;
                if args.dry_run {
                    is_done = false;
                    print!("{diff}");
                } else {
                    place.parent().into_iter().for_each(sweep);
                    golden.write(&place).map_err(|error| anyhow::anyhow!("{}: {error}", place.display()))?;
                    println!("wrote {}", place.display());
                }
            }
        }
    }
    let verb = if args.dry_run { "would be written" } else { "written" };
    eprintln!("{written} of {total} goldens {verb}");
    Ok(is_done)
}
