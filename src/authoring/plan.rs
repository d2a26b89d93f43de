//! Which runs a check needs. No I/O.

use std::collections::BTreeMap;

use serde_json::Map;

use super::project::{Project, has_golden};
use crate::examples::Example;
use crate::protocol::{Files, Mode, Request};

/// One run, and for what its output is used.
#[derive(Clone, Debug)]
pub struct Job {
    /// Index among the project's examples.
    pub example: usize,
    /// What is run.
    pub request: Request,
    /// What is judged by it; at least one.
    pub uses: Vec<Use>,
    /// Which repetition it is, from 0.
    pub round: usize,
}

/// What an output is used for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Use {
    /// All that is expected of the variant of this index.
    Variant(usize),
    /// The wants for a mode that name no variant.
    Wants(String),
}

/// A toolchain to check with.
#[derive(Clone, Debug)]
pub struct Release {
    /// What requests call it; nothing for the default one.
    pub named: Option<String>,
    /// Such as `go1.27.3`.
    pub go: String,
}

/// The runs for each version in turn; variants that ask for the same share one.
pub fn plan(project: &Project, releases: &[Release], rounds: usize) -> Vec<Job> {
    let mut jobs = Vec::new();
    for round in 0..rounds {
        for release in releases {
            for (index, example) in project.examples.iter().enumerate() {
                let first = jobs.len();
                for (request, wanted) in wanted(example, release) {
                    let same = jobs[first..].iter_mut().find(|job: &&mut Job| job.request == request);
                    match same {
                        Some(job) => job.uses.push(wanted),
                        None => jobs.push(Job { example: index, request, uses: vec![wanted], round }),
                    }
                }
            }
        }
    }
    jobs
}

/// Those of the jobs by which a golden is made.
pub fn of_goldens(project: &Project, mut jobs: Vec<Job>) -> Vec<Job> {
    jobs.retain(|job| {
        let variants = &project.examples[job.example].variants;
        job.uses.iter().any(|used| matches!(used, Use::Variant(index) if has_golden(&variants[*index])))
    });
    jobs
}

fn wanted(example: &Example, release: &Release) -> Vec<(Request, Use)> {
    let files = Files::from_source(&example.source).expect("examples are read so that they can be sent");
    let request = |mode: Mode, env: BTreeMap<String, String>| {
        let go = release.named.clone();
        Request { files: files.clone(), mode, env, args: Vec::new(), stdin: String::new(), go }
    };
    let variants = example.variants.iter().enumerate().filter(|(_, variant)| variant.go.hold_for(&release.go));
    let mut all: Vec<_> = variants
        .map(|(index, variant)| (request(variant.mode.clone(), variant.env.clone()), Use::Variant(index)))
        .collect();
    let mut modes: Vec<&str> =
        example.wants.iter().filter(|w| w.variant.is_none()).map(|w| w.mode.as_str()).collect();
    modes.sort_unstable();
    modes.dedup();
    all.extend(modes.into_iter().map(|name| {
        let mode = Mode::new(name, Map::new()).expect("wants are read so that they can be asked for");
        (request(mode, BTreeMap::new()), Use::Wants(name.to_owned()))
    }));
    all
}
