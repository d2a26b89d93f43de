//! Outputs held against what their authors expect.

use std::fmt;
use std::path::PathBuf;

use serde::Serialize;

use super::answer::{Answer, answer};
use super::golden::{Golden, diff};
use super::messages;
use super::output::{Form, Output};
use super::plan::{Job, Use};
use super::project::{Project, has_golden};
use super::said::{Said, said};
use crate::examples::{DESCRIPTION, Example, Question, Variant, Want};
use crate::protocol::{Ending, Stream};

/// Something that is not as it should be, and where it is expected.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Complaint {
    /// As messages name it.
    pub file: PathBuf,
    /// From 1; absent where the whole file is meant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<usize>,
    /// What is wrong, in one line or more.
    pub message: String,
    /// How a golden differs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub diff: Option<String>,
    /// What it is about, for those who tell it.
    #[serde(skip)]
    pub kind: Kind,
}

/// What a complaint is about, where that decides how it is told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Kind {
    /// What an author wrote, and is to mend.
    #[default]
    Written,
    /// A golden that is not there or cannot be read, which a capture mends.
    Uncaptured,
    /// The program does not build; likely all variants of the example say the same.
    Unbuilt,
}

/// What came of a variant, or of the wants for a mode, with one toolchain.
#[derive(Clone, Debug, Serialize)]
pub struct Verdict {
    /// `TOPIC/NAME`.
    pub example: String,
    /// The variant's name, or `want MODE`.
    pub variant: String,
    /// The toolchain.
    pub go: String,
    /// How it ended.
    pub status: Ending,
    /// Milliseconds from the request to its end; those that share a run have the same.
    pub wall_ms: u64,
    /// What does not hold; nothing where all does.
    pub complaints: Vec<Complaint>,
    /// What was not looked at, and why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// The output in its comparable form, where it has one.
    #[serde(skip)]
    pub body: Option<String>,
    /// Which repetition it is, from 0.
    #[serde(skip)]
    pub round: usize,
}

/// How many lines of an output a complaint shows.
const SHOWN_LINES: usize = 12;

impl Complaint {
    /// Without a diff.
    pub fn new(file: PathBuf, line: Option<usize>, message: String) -> Self {
        Self { file, line, message, diff: None, kind: Kind::Written }
    }

    /// About a golden that a capture is to write.
    pub fn uncaptured(file: PathBuf, what: &str) -> Self {
        let message = format!("{what}; underhood capture writes it");
        Self { kind: Kind::Uncaptured, ..Self::new(file, None, message) }
    }

    /// Whether another says the same: that the program of this example does not build, and where.
    pub fn is_same_build(&self, other: &Self) -> bool {
        let place =
            |complaint: &Self| (complaint.kind == Kind::Unbuilt).then(|| (complaint.file.clone(), complaint.line));
        place(self).is_some() && place(self) == place(other)
    }

    /// The file, with the line where one is meant.
    pub fn place(&self) -> String {
        let line = self.line.map_or_else(String::new, |line| format!(":{line}"));
        format!("{}{line}", self.file.display())
    }
}

impl fmt::Display for Complaint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place(), self.message)
    }
}

/// One verdict for each use of the job.
pub fn judge(project: &Project, job: &Job, output: &Output) -> Vec<Verdict> {
    let example = &project.examples[job.example];
    let said = said(output);
    let of = |used: &Use| {
        let case = Case { project, example, output, said: &said };
        let mut verdict = Verdict {
            example: example.path.clone(),
            variant: String::new(),
            go: output.go.clone(),
            status: output.exit.status,
            wall_ms: output.wall_ms,
            complaints: Vec::new(),
            note: None,
            body: None,
            round: job.round,
        };
        match used {
            Use::Variant(index) => case.variant(&example.variants[*index], &mut verdict),
            Use::Wants(mode) => {
                verdict.variant = format!("want {mode}");
                let wants = |want: &Want| want.variant.is_none() && want.mode == *mode;
                let is_meant = example.variants.iter().any(|variant| variant.exit == Ending::BuildFailed);
                if output.exit.status == Ending::BuildFailed && !is_meant {
                    verdict.complaints.push(case.unbuilt(example.variants[0].line));
                } else {
                    case.wants(&wants, &mut verdict);
                }
            }
        }
        verdict
    };
    job.uses.iter().map(of).collect()
}

struct Case<'a> {
    project: &'a Project,
    example: &'a Example,
    output: &'a Output,
    said: &'a [Said],
}

impl Case<'_> {
    fn variant(&self, variant: &Variant, verdict: &mut Verdict) {
        verdict.variant.clone_from(&variant.name);
        if self.output.exit.status != variant.exit {
            verdict.complaints.push(match self.output.exit.status {
                Ending::BuildFailed => self.unbuilt(variant.line),
                _ => self.other_ending(variant),
            });
            return;
        }
        self.expectations(variant, verdict);
        if let Some(question) = &variant.question {
            verdict.complaints.extend(self.unanswered(variant, question));
        }
        self.wants(&|want: &Want| want.variant.as_ref() == Some(&variant.name), verdict);
        if has_golden(variant) {
            let body = self.output.normalised(Form::of(variant.mode.name()));
            self.golden(variant, &body, verdict);
            verdict.body = Some(body);
        }
    }

    /// It stands where the output places it, or else on a line of example.toml. Variants say it in the same words.
    fn unbuilt(&self, line: usize) -> Complaint {
        let all = self.output.all();
        let first = all.lines().find_map(messages::message);
        let (file, line) = match first.filter(|first| !first.file.starts_with(['$', '<', '/'])) {
            Some(first) => (format!("{}/{}", self.example.path, first.file), first.line),
            None => (format!("{}/{DESCRIPTION}", self.example.path), line),
        };
        let message = format!("does not build{}", indented(&messages::normalise(&all)));
        Complaint { kind: Kind::Unbuilt, ..Complaint::new(self.project.shown(&file), Some(line), message) }
    }

    /// What nothing else matters beside.
    fn other_ending(&self, variant: &Variant) -> Complaint {
        let Output { exit, .. } = self.output;
        let code = exit.code.filter(|_| exit.status == Ending::Failed).map(|code| format!(" with code {code}"));
        let message = format!(
            "variant {:?} ends as {}{}, not as {}{}",
            variant.name,
            exit.status.name(),
            code.unwrap_or_default(),
            variant.exit.name(),
            indented(if self.output.stderr.is_empty() { &self.output.stdout } else { &self.output.stderr })
        );
        let file = self.project.shown(&format!("{}/{DESCRIPTION}", self.example.path));
        Complaint::new(file, Some(variant.line), message)
    }

    fn expectations(&self, variant: &Variant, verdict: &mut Verdict) {
        for expected in variant.expectations.iter().filter(|expected| expected.go.hold_for(&self.output.go)) {
            let text = self.output.of(expected.stream);
            let count = expected.pattern.count(&text);
            if count >= expected.min && expected.max.is_none_or(|max| count <= max) {
                continue;
            }
            let wanted = match (expected.min, expected.max) {
                (_, Some(0)) => "not at all".to_owned(),
                (min, Some(max)) if min == max => times(min),
                (0, Some(max)) => format!("at most {}", times(max)),
                (min, Some(max)) => format!("{min} to {}", times(max)),
                (min, None) => format!("at least {}", times(min)),
            };
            let place = match expected.stream {
                None => "the output",
                Some(Stream::Stdout) => "standard output",
                Some(Stream::Stderr) => "standard error",
            };
            let message = format!(
                "variant {:?}: {place} has {:?} {}, expected {wanted}{}",
                variant.name,
                expected.pattern.as_str(),
                if count == 0 { "nowhere".to_owned() } else { times(count) },
                indented(&text)
            );
            let file = self.project.shown(&format!("{}/{DESCRIPTION}", self.example.path));
            verdict.complaints.push(Complaint::new(file, Some(expected.line), message));
        }
    }

    /// A question whose answer the real output does not have. None and nothing would be answers of a reader's code, but ours
    /// is to show something.
    fn unanswered(&self, variant: &Variant, question: &Question) -> Option<Complaint> {
        let why = match answer(&question.kind, &self.example.source, self.output) {
            Ok(Answer::Lines(lines)) if lines.is_empty() => {
                "nothing is said of the lines that it asks about".to_owned()
            }
            Ok(Answer::Number(0.0)) if question.kind.counts() => "it counts what is not in the output".to_owned(),
            Ok(_) => return None,
            Err(why) => why.to_string(),
        };
        let message =
            format!("variant {:?}: its question has no answer: {why}{}", variant.name, indented(&self.output.all()));
        let file = self.project.shown(&format!("{}/{DESCRIPTION}", self.example.path));
        Some(Complaint::new(file, Some(question.line), message))
    }

    fn wants(&self, is_meant: &dyn Fn(&Want) -> bool, verdict: &mut Verdict) {
        let wants = self.example.wants.iter().filter(|want| is_meant(want) && want.go.hold_for(&self.output.go));
        for want in wants {
            let on_line = || self.said.iter().filter(|said| said.file == want.file && said.line == want.line);
            let found = on_line().find(|said| want.pattern.is_in(&said.text));
            let name = want.variant.as_ref().map_or_else(String::new, |variant| format!("@{variant}"));
            let sign = if want.is_not { "-" } else { "" };
            let wish = format!("want {}{name} {sign}{:?}", want.mode, want.pattern.as_str());
            let message = match found {
                Some(found) if want.is_not => format!("{wish}: the line has {:?}", found.text),
                None if !want.is_not => {
                    let mut texts: Vec<&str> = on_line().map(|said| said.text.as_str()).collect();
                    texts.dedup();
                    let why = match self.output.exit.status {
                        _ if !texts.is_empty() => format!("; the line has{}", indented(&texts.join("\n"))),
                        Ending::Ok => "; nothing is said of the line".to_owned(),
                        _ => format!(
                            "; the run ended as {}{}",
                            self.output.exit.status.name(),
                            indented(&self.output.stderr)
                        ),
                    };
                    format!("{wish} is not met{why}")
                }
                _ => continue,
            };
            let file = self.project.shown(&format!("{}/{}", self.example.path, want.file));
            verdict.complaints.push(Complaint::new(file, Some(want.line), message));
        }
    }

    fn golden(&self, variant: &Variant, body: &str, verdict: &mut Verdict) {
        let file = Project::golden_file(self.example, variant);
        let place = self.project.shown(&file);
        verdict.complaints.push(match self.project.golden(self.example, variant) {
            // One that is there and cannot be read is told of with the other files.
            None if self.project.goldens.contains_key(&file) => return,
            None => Complaint::uncaptured(place, "there is no such golden"),
            Some(golden) if !golden.is_for(&self.output.go) => {
                verdict.note = Some(format!("its golden is of {} and was not compared", golden.go));
                return;
            }
            Some(golden) if golden.body == body => return,
            Some(golden) => {
                let message = format!("variant {:?} does not print what its golden holds", variant.name);
                let diff = difference(&file, &golden, &Golden { go: self.output.go.clone(), body: body.to_owned() });
                Complaint { diff: Some(diff), ..Complaint::new(place, None, message) }
            }
        });
    }
}

/// The diff from a golden to what would be captured now.
pub fn difference(file: &str, old: &Golden, new: &Golden) -> String {
    diff((&format!("{file} ({})", old.go), &old.body), (&format!("now ({})", new.go), &new.body))
}

fn times(count: usize) -> String {
    if count == 1 { "once".to_owned() } else { format!("{count} times") }
}

/// The first lines of a text, each on a line of its own below what is said before.
fn indented(text: &str) -> String {
    let mut shown: String = text.lines().take(SHOWN_LINES).map(|line| format!("\n    {line}")).collect();
    let more = text.lines().count().saturating_sub(SHOWN_LINES);
    if more > 0 {
        shown += &format!("\n    … and {more} more lines");
    }
    shown
}
