//! `underhood export`: the site as static files.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use sandbox::report::Level;

use super::authoring::{could_not, with_runner};
use super::capacity::Runs;
use super::{start, terminal};
use crate::authoring::golden::Golden;
use crate::authoring::plan::{Job, Release, Use, plan};
use crate::authoring::project::{self, Project, has_golden};
use crate::authoring::work::{How, work};
use crate::authoring::{Complaint, Kind};
use crate::examples;
use crate::export::capture::{Capture, Captures};
use crate::export::folder::Folder;
use crate::export::{self, Api, Base, Target};
use crate::http::pages::Pages;
use crate::run::{Reuse, Runner};
use crate::site::Content;

/// Write the whole site as static files, each snippet with its captured output
///
/// DIR/index.html, DIR/lessons/SLUG/index.html and so on can be put on any server of files, in any folder of it: links are
/// relative. A snippet shows its golden. Where its output varies there is none, and the example is run once, now, in the
/// sandbox; its output says so. Each says which Go made it.
///
/// DIR is replaced as a whole or not at all. One that is not empty and was not written by export, or that holds anything else
/// by now, is left alone.
///
/// Exit code: 0 when all is written, 1 when something is wrong with files or a run was not as its author expects, 2 when it
/// could not be tried.
#[derive(Debug, clap::Args)]
#[command(mut_arg("run_seconds", |arg| arg.default_value("30")))]
#[command(after_help = "Examples:
  underhood export site
  underhood export site --api https://run.example.org
  underhood export site --from ~/course --base /course/
  underhood export site --no-run")]
pub struct Args {
    /// The folder to write
    dir: PathBuf,
    /// A service that runs what readers send; it has to allow the site's origin with serve --allow-origin
    ///
    /// While it does not answer, the captured output is shown. Without it there is no Run on the pages.
    #[arg(long, env = "UNDERHOOD_API", value_name = "URL")]
    api: Option<Api>,
    /// The path on its host under which the site will lie; only 404.html has to know
    #[arg(long, env = "UNDERHOOD_BASE", value_name = "PATH", default_value = "/")]
    base: Base,
    /// The lessons and examples of this repository, instead of those that are part of the program
    #[arg(long, env = "UNDERHOOD_FROM", value_name = "PATH")]
    from: Option<PathBuf>,
    /// Run nothing: show goldens only, and say so where there is none. Needs no toolchain
    #[arg(long)]
    no_run: bool,
    /// The Go version, or a GOROOT folder
    #[arg(long, env = "UNDERHOOD_GO", value_name = "VERSION")]
    go: Option<String>,
    #[command(flatten)]
    runs: Runs,
}

/// What varies may for once be other than its author expects, on a busy machine above all.
const TRIES: usize = 3;

/// Runs the subcommand.
pub fn run(args: &Args) -> ExitCode {
    start::logs("warn");
    match export(args) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => could_not(&error),
    }
}

fn export(args: &Args) -> anyhow::Result<bool> {
    terminal::listen_for_signals()?;
    // Before the runs, which take a while.
    let folder = Folder::open(&args.dir)?;
    let Some((content, project)) = written(args.from.as_deref())? else { return Ok(false) };
    let Some(captures) = captured(args, &project)? else { return Ok(false) };
    let limits = args.runs.each.limits();
    let pages = Pages::of(content, "", &limits, Level::Full);
    let target = Target { api: args.api.clone(), base: args.base.clone() };
    let files = export::files(pages, &captures, &target)?;
    folder.replace(&files)?;
    let bytes: usize = files.values().map(Vec::len).sum();
    let size = bytesize::ByteSize::b(bytes as u64);
    eprintln!("wrote {} files, {size}, into {}", files.len(), args.dir.display());
    Ok(true)
}

/// What authors wrote; nothing when something is wrong with it, which is told.
fn written(from: Option<&Path>) -> anyhow::Result<Option<(Content, Project)>> {
    let Some(from) = from else {
        let reading = examples::embedded();
        let project = Project {
            folder: "examples-go".into(),
            examples: reading.examples,
            goldens: reading.goldens,
            lessons: BTreeMap::new(),
            faults: Vec::new(),
        };
        return Ok(Some((Content::load()?, project)));
    };
    let path = from.canonicalize().with_context(|| from.display().to_string())?;
    let folder = project::locate(&path)?;
    let (content, mistakes) = project::site(&folder)?;
    for mistake in &mistakes {
        eprintln!("{mistake}");
    }
    Ok(if mistakes.is_empty() { Some((content, Project::open(&[folder])?)) } else { None })
}

/// Goldens, and the output of a run where there is none; nothing when one was not as it should be, which is told.
fn captured(args: &Args, project: &Project) -> anyhow::Result<Option<Captures>> {
    let mut captures = Captures::default();
    if args.no_run {
        // Without a toolchain the goldens say for which one variants are shown.
        let versions = project.goldens.values().filter_map(|text| Golden::read(text)).map(|golden| golden.go);
        let release = Release { named: None, go: versions.max().unwrap_or_default() };
        of_goldens(project, plan(project, &[release], 1), &mut captures, |_| None);
        return Ok(Some(captures));
    }
    let go = start::named_toolchains(args.go.as_slice())?;
    let jobs = plan(project, &go.releases(), 1);
    let is_done = with_runner(go, &args.runs, None, &jobs.clone(), async |runner, at_once| {
        let others = of_goldens(project, jobs, &mut captures, |job| runner.command(&job.request).ok());
        let how = How { at_once, reuse: Reuse::Full, what: "running examples" };
        run_all(project, &runner, others, how, &mut captures).await
    })?;
    Ok(is_done.then_some(captures))
}

/// Takes the goldens, with what `command` says shows the same in a terminal, and leaves the jobs that have none.
fn of_goldens(
    project: &Project,
    mut jobs: Vec<Job>,
    captures: &mut Captures,
    command: impl Fn(&Job) -> Option<String>,
) -> Vec<Job> {
    for job in &mut jobs {
        let example = &project.examples[job.example];
        let command = command(job);
        job.uses.retain(|used| {
            let Use::Variant(index) = used else { return false };
            let variant = &example.variants[*index];
            let golden = project.golden(example, variant).filter(|_| has_golden(variant));
            if let Some(golden) = &golden {
                let capture = Capture::of_golden(golden, example, variant, command.clone());
                captures.insert(&example.path, &variant.name, capture);
            }
            golden.is_none()
        });
    }
    jobs.retain(|job| !job.uses.is_empty());
    jobs
}

/// Does all jobs, some more than once, until each is as its author expects. Whether all are; what is not is told.
async fn run_all(
    project: &Project,
    runner: &Runner,
    mut jobs: Vec<Job>,
    how: How,
    captures: &mut Captures,
) -> anyhow::Result<bool> {
    let mut progress = terminal::progress();
    for left in (0..TRIES).rev() {
        let mut done = vec![false; jobs.len()];
        let verdicts = work(project, runner, &jobs, how, &mut *progress, &mut |index, output, verdicts| {
            let job = &jobs[index];
            done[index] = verdicts.iter().flat_map(|verdict| &verdict.complaints).all(is_missing_golden);
            for used in job.uses.iter().filter(|_| done[index]) {
                let Use::Variant(variant) = used else { continue };
                let example = &project.examples[job.example];
                let variant = &example.variants[*variant];
                captures.insert(&example.path, &variant.name, Capture::of_run(output.clone(), variant));
            }
        })
        .await?;
        let mut done = done.into_iter();
        jobs.retain(|_| !done.next().unwrap_or_default());
        if left == 0 || jobs.is_empty() {
            let complaints = verdicts.iter().flat_map(|verdict| &verdict.complaints);
            complaints
                .filter(|complaint| !is_missing_golden(complaint))
                .for_each(|complaint| eprintln!("{complaint}"));
            break;
        }
    }
    Ok(jobs.is_empty())
}

/// Its output is captured now.
fn is_missing_golden(complaint: &Complaint) -> bool {
    complaint.kind == Kind::Uncaptured
}
