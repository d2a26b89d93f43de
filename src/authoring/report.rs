//! What a check found, as plain data; the forms of it lie in `report/`.

mod github;
mod json;
mod junit;
mod text;

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Serialize;

use super::golden::diff;
use super::project::Project;
use super::{Complaint, Kind, Verdict};

/// All that a check found.
#[derive(Debug, Serialize)]
pub struct Report {
    /// The toolchains, in the order asked for.
    pub go: Vec<String>,
    /// How many examples there are.
    pub examples: usize,
    /// What is wrong with files, before anything is run.
    pub faults: Vec<Complaint>,
    /// One for each variant and toolchain, by example.
    pub verdicts: Vec<Verdict>,
    /// What one version prints in another way than the one before it.
    pub changes: Vec<Change>,
    /// How long it all took, in milliseconds.
    pub wall_ms: u64,
    /// How often each was run.
    pub rounds: usize,
}

/// An output that differs between versions.
#[derive(Debug, Serialize)]
pub struct Change {
    /// `TOPIC/NAME`.
    pub example: String,
    /// The variant's name.
    pub variant: String,
    /// The version before.
    pub from: String,
    /// The version after.
    pub to: String,
    /// From the one to the other.
    pub diff: String,
}

/// A form of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// For a person
    Text,
    /// One JSON object
    Json,
    /// JUnit's XML, which CI systems read
    Junit,
    /// Commands of GitHub Actions, which annotate a pull request
    Github,
}

impl Report {
    /// Puts verdicts of all rounds together.
    pub fn new(project: Project, verdicts: Vec<Verdict>, rounds: usize, wall: Duration) -> Self {
        let mut go: Vec<String> = Vec::new();
        for verdict in verdicts.iter().filter(|verdict| !go.contains(&verdict.go)).collect::<Vec<_>>() {
            if !go.contains(&verdict.go) {
                go.push(verdict.go.clone());
            }
        }
        let changes = changes(&verdicts, &go);
        let wall_ms = u64::try_from(wall.as_millis()).unwrap_or(u64::MAX);
        let examples = project.examples.len();
        Self { go, examples, faults: project.faults, verdicts: merged(verdicts, rounds), changes, wall_ms, rounds }
    }

    /// Whether all that is expected is there.
    pub fn holds(&self) -> bool {
        self.faults.is_empty() && self.verdicts.iter().all(|verdict| verdict.complaints.is_empty())
    }

    /// In one of the forms, with a newline at its end.
    ///
    /// # Errors
    /// What cannot be written in that form.
    pub fn in_form(&self, format: Format) -> Result<String, Box<dyn std::error::Error + Send + Sync>> {
        Ok(match format {
            Format::Text => text::render(self),
            Format::Json => json::render(self)?,
            Format::Junit => junit::render(self)?,
            Format::Github => github::render(self),
        })
    }

    /// One line on the whole.
    pub fn summary(&self) -> String {
        let failed = self.verdicts.iter().filter(|verdict| !verdict.complaints.is_empty()).count();
        let held = self.verdicts.len() - failed;
        let mut parts = vec![format!("{} hold", held)];
        if failed > 0 {
            parts.push(format!("{failed} do not"));
        }
        if !self.faults.is_empty() {
            parts.push(format!("{} in files", counted(self.faults.len(), "fault")));
        }
        let rounds = if self.rounds > 1 { format!(", {} times each", self.rounds) } else { String::new() };
        format!(
            "{}, {} with {}{rounds}: {}; {} s",
            counted(self.examples, "example"),
            counted(self.verdicts.len(), "check"),
            self.go.join(", "),
            parts.join(", "),
            seconds(self.wall_ms)
        )
    }

    /// Faults, then complaints. What keeps an example from being built is told once for all variants that it hits.
    fn told(&self) -> Vec<Told<'_>> {
        let fault = |complaint| Told { complaint, verdicts: Vec::new() };
        let mut told: Vec<Told<'_>> = self.faults.iter().map(fault).collect();
        for verdict in &self.verdicts {
            for complaint in &verdict.complaints {
                let is_same = |told: &&mut Told<'_>| {
                    told.verdicts.first().is_some_and(|first| first.go == verdict.go)
                        && told.complaint.is_same_build(complaint)
                };
                match told.iter_mut().find(is_same) {
                    Some(told) => told.verdicts.push(verdict),
                    None => told.push(Told { complaint, verdicts: vec![verdict] }),
                }
            }
        }
        told
    }
}

/// A complaint as a person reads it.
struct Told<'a> {
    complaint: &'a Complaint,
    /// What it is about, of one example and toolchain; none where a file is at fault.
    verdicts: Vec<&'a Verdict>,
}

impl Told<'_> {
    /// Names of the variants, with commas between.
    fn variants(&self) -> String {
        self.verdicts.iter().map(|verdict| verdict.variant.as_str()).collect::<Vec<_>>().join(", ")
    }

    /// The message, with the variants in front where it does not name its own.
    fn message(&self) -> String {
        match self.complaint.kind {
            Kind::Unbuilt => format!("{}: {}", self.variants(), self.complaint.message),
            Kind::Written | Kind::Uncaptured => self.complaint.message.clone(),
        }
    }
}

/// So many of something.
fn counted(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

/// Seconds with two digits behind the point.
fn seconds(ms: u64) -> String {
    format!("{}.{:02}", ms / 1000, ms % 1000 / 10)
}

/// One verdict of those of all rounds, with what was found in any. How often is said where it was not always.
fn merged(verdicts: Vec<Verdict>, rounds: usize) -> Vec<Verdict> {
    let mut order: Vec<(String, String, String)> = Vec::new();
    let mut all: BTreeMap<(String, String, String), Vec<Verdict>> = BTreeMap::new();
    for verdict in verdicts {
        let key = (verdict.go.clone(), verdict.example.clone(), verdict.variant.clone());
        if !all.contains_key(&key) {
            order.push(key.clone());
        }
        all.entry(key).or_default().push(verdict);
    }
    let merge = |verdicts: Vec<Verdict>| {
        let bad = verdicts.iter().filter(|verdict| !verdict.complaints.is_empty()).count();
        let slowest = verdicts.iter().map(|verdict| verdict.wall_ms).max().unwrap_or_default();
        let mut verdicts = verdicts.into_iter();
        let mut first = verdicts.next()?;
        first.wall_ms = slowest;
        for verdict in verdicts {
            for complaint in verdict.complaints {
                let is_known = |known: &Complaint| (&known.file, known.line) == (&complaint.file, complaint.line);
                if !first.complaints.iter().any(is_known) {
                    first.complaints.push(complaint);
                }
            }
        }
        if rounds > 1 && bad > 0 {
            let often = if bad < rounds { "flaky: " } else { "" };
            for complaint in &mut first.complaints {
                complaint.message = format!("{often}in {bad} of {rounds} rounds: {}", complaint.message);
            }
        }
        Some(first)
    };
    order.into_iter().filter_map(|key| all.remove(&key).and_then(merge)).collect()
}

fn changes(verdicts: &[Verdict], go: &[String]) -> Vec<Change> {
    let first_round = || verdicts.iter().filter(|verdict| verdict.round == 0);
    let mut changes = Vec::new();
    for new in first_round() {
        let before = go.iter().position(|go| *go == new.go).and_then(|at| at.checked_sub(1)).map(|at| &go[at]);
        let same = |old: &&Verdict| (&old.example, &old.variant) == (&new.example, &new.variant);
        let old = before.and_then(|go| first_round().filter(same).find(|old| old.go == *go));
        let (Some(old), Some(body)) = (old, &new.body) else { continue };
        let Some(was) = old.body.as_ref().filter(|was| *was != body) else { continue };
        changes.push(Change {
            example: new.example.clone(),
            variant: new.variant.clone(),
            from: old.go.clone(),
            to: new.go.clone(),
            diff: diff((&old.go, was), (&new.go, body)),
        });
    }
    changes.sort_by(|a, b| (&a.example, &a.variant).cmp(&(&b.example, &b.variant)));
    changes
}
