//! From findings to diagnostics of the reader's files.

use std::collections::{BTreeSet, HashSet};

use super::bounds::{self, Check, Fact};
use super::codes::Code;
use super::compile_errors;
use super::decisions::{self, Decision, Why};
use super::explanations::{Explanation, Explanations};
use super::place::Place;
use crate::protocol::event::{Diagnostic, Related};

/// What a mode's output says beside what is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reading {
    /// Nothing that is read.
    Errors,
    /// The compiler's decisions: `-m`, `-m=2`.
    Decisions,
    /// Bounds checks: `-d=ssa/check_bce` and `-d=ssa/prove/debug=1`.
    Bounds,
    /// What vet finds.
    Vet,
}

/// The files that the reader sent, under the names in which tools print them.
#[derive(Clone, Debug)]
pub struct Sources<'a> {
    /// Where they lay, with a slash at its end.
    folder: &'a str,
    names: BTreeSet<&'a str>,
}

/// The most diagnostics of one output; its text has the rest.
pub const MOST: usize = 2000;

/// The most steps of one explanation.
pub const MOST_RELATED: usize = 64;

impl Reading {
    /// What the output of a mode is read for.
    pub fn of_mode(mode: &str) -> Self {
        match mode {
            "escape" => Self::Decisions,
            "bounds" => Self::Bounds,
            "vet" => Self::Vet,
            _ => Self::Errors,
        }
    }

    /// Whether it may tell what a code stands for.
    pub fn tells(self, code: Code) -> bool {
        match code {
            Code::CompileError => true,
            Code::Vet => self == Self::Vet,
            // `-m` tells those that were proved as well.
            Code::BoundsProved => matches!(self, Self::Bounds | Self::Decisions),
            Code::BoundsKept | Code::BoundsFails | Code::LoopRange | Code::Proved => self == Self::Bounds,
            _ => self == Self::Decisions,
        }
    }

    /// Whether a line is of this format and no message of what is wrong.
    fn knows(self, line: &str) -> bool {
        match self {
            Self::Errors | Self::Vet => false,
            Self::Decisions => !matches!(decisions::parse(line).decision, Decision::Other(_)),
            Self::Bounds => !matches!(bounds::parse(line).fact, Fact::Other(_)),
        }
    }
}

impl<'a> Sources<'a> {
    /// Files by name, which lay in `folder` while tools worked on them.
    pub fn new(folder: &'a str, names: impl IntoIterator<Item = &'a str>) -> Self {
        Self { folder, names: names.into_iter().collect() }
    }

    /// The name of a file that a tool names, if it is one of these.
    pub fn name(&self, told: &str) -> Option<&'a str> {
        let inner = told.strip_prefix("./").or_else(|| told.strip_prefix(self.folder)).unwrap_or(told);
        self.names.get(inner).copied()
    }
}

/// What is said of the reader's files in whole lines of `text`, in its order and without repetition. With `has_failed` what
/// the reading does not know is taken for what is wrong, if it has a place.
pub fn diagnostics(reading: Reading, text: &str, has_failed: bool, sources: &Sources<'_>) -> Vec<Diagnostic> {
    let mut told = match reading {
        Reading::Errors => Vec::new(),
        Reading::Decisions => decided(text, sources),
        Reading::Bounds => bounded(text, sources),
        Reading::Vet => mistakes(text.lines(), sources, true),
    };
    if has_failed && reading != Reading::Vet {
        told.extend(mistakes(text.lines().filter(|line| !reading.knows(line)), sources, false));
    }
    let mut seen = HashSet::new();
    told.retain(|one| seen.insert((one.file.clone(), one.line, one.column, one.code.clone(), one.message.clone())));
    told.truncate(MOST);
    told
}

fn decided(text: &str, sources: &Sources<'_>) -> Vec<Diagnostic> {
    let lines: Vec<decisions::Line<'_>> = text.lines().map(decisions::parse).collect();
    let explanations = Explanations::of(&lines);
    let told = |line: &decisions::Line<'_>| {
        let message = line.decision.to_string();
        let place = line.place?;
        let diagnostic = diagnostic(sources, &place, code_of_decision(&line.decision)?, message)?;
        let related = explanations.why(line).map(|why| steps(why, &place, sources)).unwrap_or_default();
        Some(Diagnostic { related, ..diagnostic })
    };
    lines.iter().filter_map(told).collect()
}

fn bounded(text: &str, sources: &Sources<'_>) -> Vec<Diagnostic> {
    let told =
        |line: bounds::Line<'_>| diagnostic(sources, &line.place?, code_of_fact(&line.fact)?, line.fact.to_string());
    text.lines().map(bounds::parse).filter_map(told).collect()
}

fn mistakes<'a>(lines: impl Iterator<Item = &'a str>, sources: &Sources<'_>, is_vet: bool) -> Vec<Diagnostic> {
    let told = |mistake: compile_errors::Mistake<'_>| {
        let code = if is_vet && !mistake.by_vet { Code::Vet } else { Code::CompileError };
        let diagnostic = diagnostic(sources, &mistake.place, code, mistake.message)?;
        let related =
            mistake.related.iter().filter_map(|(place, message)| related(sources, place, message.to_string()));
        Some(Diagnostic { related: related.take(MOST_RELATED).collect(), ..diagnostic })
    };
    compile_errors::mistakes(lines.map(compile_errors::parse)).into_iter().filter_map(told).collect()
}

/// `None` where the place is in none of the reader's files.
fn diagnostic(sources: &Sources<'_>, place: &Place<'_>, code: Code, message: String) -> Option<Diagnostic> {
    let spot = place.spot()?;
    Some(Diagnostic {
        file: Some(sources.name(spot.file)?.to_owned()),
        line: Some(spot.line),
        column: spot.column,
        severity: code.severity().into(),
        code: code.name().into(),
        message,
        related: Vec::new(),
    })
}

fn related(sources: &Sources<'_>, place: &Place<'_>, message: String) -> Option<Related> {
    let spot = place.spot()?;
    let file = sources.name(spot.file).unwrap_or(spot.file).to_owned();
    Some(Related { file, line: spot.line, column: spot.column, message })
}

/// A flow has no place of its own. It is where its first reason is, or else what escapes.
fn steps(why: &Explanation<'_>, place: &Place<'_>, sources: &Sources<'_>) -> Vec<Related> {
    let told = why.steps.iter().enumerate().filter_map(|(number, step)| match step {
        Why::Flow(flow) => {
            let at = match why.steps.get(number + 1) {
                Some(Why::From { at, .. }) if at.spot().is_some() => at,
                _ => place,
            };
            related(sources, at, flow.to_string().trim_end_matches(':').to_owned())
        }
        Why::From { code, does, at } => {
            let at = if at.spot().is_some() { at } else { place };
            related(sources, at, format!("from {code} ({does})"))
        }
        Why::Escapes { .. } | Why::Leaks { .. } | Why::Cut => None,
    });
    told.take(MOST_RELATED).collect()
}

/// `None` for what is told in another way.
fn code_of_decision(decision: &Decision<'_>) -> Option<Code> {
    Some(match decision {
        Decision::Moved(_) | Decision::Escapes(_) => Code::Heap,
        Decision::Stays(_) | Decision::StaysUntouched(_) => Code::Stack,
        Decision::Leaks(_) | Decision::LeaksContent(_) | Decision::LeaksToResult { .. } => Code::Leak,
        Decision::Mutates { .. } | Decision::Calls { .. } => Code::ParameterUse,
        Decision::AssumedUintptr(_) | Decision::MarkedUintptr { .. } => Code::Uintptr,
        Decision::Captures { .. } => Code::Capture,
        Decision::SelfAssignment { .. } => Code::SelfAssignment,
        Decision::ZeroCopy => Code::ZeroCopy,
        Decision::CanInline { .. } => Code::Inline,
        Decision::CannotInline { .. } | Decision::CannotInlineCycle { .. } | Decision::SkipsInlining(_) => {
            Code::NoInline
        }
        Decision::InlinesCall { .. } => Code::InlinedCall,
        Decision::Big(_) => Code::BigFunction,
        Decision::KeptAlive(_) | Decision::UnknownToLoop | Decision::UnknownShape => Code::KeptAlive,
        Decision::Devirtualises { .. } => Code::Devirtualised,
        Decision::CannotDevirtualise { .. } | Decision::ShouldNotDevirtualise { .. } | Decision::ImpreciseCall => {
            Code::NotDevirtualised
        }
        Decision::BoundsElided => Code::BoundsProved,
        Decision::Heading(_) | Decision::Why(_) | Decision::Other(_) => return None,
    })
}

fn code_of_fact(fact: &Fact<'_>) -> Option<Code> {
    Some(match fact {
        Fact::Kept(Check::Index | Check::Slice) => Code::BoundsKept,
        Fact::Needless(..) => Code::BoundsProved,
        Fact::Fails(_) => Code::BoundsFails,
        Fact::Induction { .. } | Fact::Inverted => Code::LoopRange,
        Fact::Always(_)
        | Fact::Never(_)
        | Fact::Proved { .. }
        | Fact::NoOp { .. }
        | Fact::SliceMask { .. }
        | Fact::Constant { .. }
        | Fact::Limits { .. }
        | Fact::Rewrote(_) => Code::Proved,
        Fact::Heading(_) | Fact::Other(_) => return None,
    })
}

#[cfg(test)]
#[path = "diagnose_tests.rs"]
mod tests;
