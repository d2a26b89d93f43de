//! Which goldens are to be written. No I/O.

use super::golden::Golden;
use super::judge::difference;
use super::project::{Project, has_golden};
use super::{Complaint, Verdict};

/// What is to be done for a variant that has a golden.
#[derive(Debug)]
pub enum Capture {
    /// What is there holds.
    Equal,
    /// Its run did not end as it should.
    Failed(Complaint),
    /// Nor did this one, for a reason that another tells.
    Told,
    /// Another output than before, or the first.
    New {
        /// Relative to the folder of examples.
        file: String,
        /// What is to be written.
        golden: Golden,
        /// From what is there.
        diff: String,
    },
}

/// One for each variant that has a golden.
pub fn captures(project: &Project, verdicts: &[Verdict]) -> Vec<Capture> {
    let mut captures = Vec::new();
    for verdict in verdicts {
        let example = project.examples.iter().find(|example| example.path == verdict.example);
        let variant = example.and_then(|example| Some((example, example.variant(&verdict.variant)?)));
        let Some((example, variant)) = variant.filter(|(_, variant)| has_golden(variant)) else { continue };
        let Some(body) = &verdict.body else {
            // What keeps all variants from being built is told once.
            let is_told = |complaint: &Complaint| {
                let same = |told: &Capture| matches!(told, Capture::Failed(other) if other.is_same_build(complaint));
                captures.iter().any(same)
            };
            let complaint = verdict.complaints.first().filter(|complaint| !is_told(complaint));
            captures.push(complaint.cloned().map_or(Capture::Told, Capture::Failed));
            continue;
        };
        let old = project.golden(example, variant);
        let golden = Golden { go: verdict.go.clone(), body: body.clone() };
        captures.push(match &old {
            // Another patch release that says the same makes no new golden.
            Some(old) if old.body == golden.body && old.is_for(&golden.go) => Capture::Equal,
            _ => {
                let file = Project::golden_file(example, variant);
                let none = Golden { go: "none".to_owned(), body: String::new() };
                let diff = difference(&file, old.as_ref().unwrap_or(&none), &golden);
                Capture::New { file, golden, diff }
            }
        });
    }
    captures
}
