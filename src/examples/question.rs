//! What readers are asked before they run an example. The answer is never written down: it is what the run then says.

use super::description::{Chosen, Predicted};
use super::portable::{PatternFlaw, Portable};
use crate::findings::Reading;
use crate::findings::codes::{self, Code};
use crate::protocol::{Files, Stream};

/// A question, and how a run answers it.
#[derive(Clone, Debug, PartialEq)]
pub struct Question {
    /// Markdown within a paragraph.
    pub text: String,
    /// How it is answered.
    pub kind: Kind,
    /// Where it stands in `example.toml`, from 1.
    pub line: usize,
}

/// How a question is answered.
#[derive(Clone, Debug, PartialEq)]
pub enum Kind {
    /// By lines of the code.
    Lines(Lines),
    /// By a number.
    Number {
        /// In the output.
        pattern: Portable,
        /// Whether its matches are counted; else the number is what its group finds first.
        counts: bool,
        /// Which output is searched; standard output and then standard error where none is named.
        stream: Option<Stream>,
        /// So far off is right as well.
        within: f64,
        /// What is counted; may be empty.
        unit: String,
    },
    /// By the only one that the output agrees with.
    Choice {
        /// As for a number.
        stream: Option<Stream>,
        /// At least two.
        choices: Vec<Choice>,
    },
}

/// Which lines have a diagnostic.
#[derive(Clone, Debug, PartialEq)]
pub struct Lines {
    /// Of one of these codes, at least one.
    pub codes: Vec<Code>,
    /// That is in the message as well.
    pub message: Option<Portable>,
    /// The lines of code that are asked about.
    pub among: Portable,
}

/// One of several answers.
#[derive(Clone, Debug, PartialEq)]
pub struct Choice {
    /// Markdown within a paragraph.
    pub text: String,
    /// What the output has if it is right.
    pub pattern: Portable,
}

/// A line of the code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodeLine {
    /// The file, as a request names it.
    pub file: String,
    /// From 1.
    pub number: u32,
    /// Without its end.
    pub text: String,
}

/// What can be wrong with a `predict`.
#[derive(Debug, thiserror::Error)]
pub enum QuestionFlaw {
    #[error("a prediction has one of `lines`, `count`, `number` and `choice`")]
    Kind,
    #[error("`{0}` has no meaning beside `{1}`")]
    Key(&'static str, &'static str),
    #[error("`question` is empty")]
    NoQuestion,
    #[error("`lines` names no code")]
    NoCode,
    #[error("there is no code {code:?}; allowed: {}", codes::names().join(", "))]
    Code { code: String },
    #[error("mode {mode:?} tells nothing of code {code:?}; docs/diagnostics.md says which does")]
    Mode { mode: String, code: &'static str },
    #[error("`lines` needs `among`, a pattern of the lines that are asked about")]
    Among,
    #[error("`within` is a number from 0 on")]
    Within,
    #[error("one choice is none; write at least two")]
    OneChoice,
    #[error("a choice has no text")]
    NoText,
    #[error("two choices are {0:?}")]
    SameChoice(String),
    #[error(transparent)]
    Pattern(#[from] PatternFlaw),
}

impl Kind {
    /// Whether it counts matches.
    pub fn counts(&self) -> bool {
        matches!(self, Self::Number { counts: true, .. })
    }
}

impl Lines {
    /// The lines that are asked about.
    pub fn of(&self, source: &str) -> Vec<CodeLine> {
        let Ok(files) = Files::from_source(source) else { return Vec::new() };
        let lines = files.iter().flat_map(|(file, text)| text.split('\n').zip(1..).map(move |line| (file, line)));
        lines
            .filter(|(_, (text, _))| self.among.is_in(text))
            .map(|(file, (text, number))| CodeLine { file: file.to_owned(), number, text: text.to_owned() })
            .collect()
    }
}

/// Reads the question of a variant in this mode; `at` tells the line of a byte. An error comes with its line.
pub fn read(
    predicted: toml::Spanned<Predicted>,
    mode: &str,
    at: &dyn Fn(usize) -> usize,
) -> Result<Question, (usize, QuestionFlaw)> {
    let line = at(predicted.span().start);
    let mut predicted = predicted.into_inner();
    let here = |flaw| (line, flaw);
    check_keys(&predicted).map_err(here)?;
    let text = std::mem::take(&mut predicted.question);
    let kind = if predicted.choice.is_empty() {
        read_kind(predicted, mode).map_err(here)?
    } else {
        Kind::Choice { stream: predicted.stream, choices: read_choices(predicted.choice, at)? }
    };
    Ok(Question { text, kind, line })
}

/// Any kind but a choice.
fn read_kind(predicted: Predicted, mode: &str) -> Result<Kind, QuestionFlaw> {
    let Predicted { lines, among, r#match, count, number, stream, .. } = predicted;
    let (pattern, counts) = match (lines, count, number) {
        (Some(names), ..) => {
            let codes = read_codes(&names, mode)?;
            let message = r#match.as_deref().map(Portable::new).transpose()?;
            let among = Portable::new(&among.ok_or(QuestionFlaw::Among)?)?;
            return Ok(Kind::Lines(Lines { codes, message, among }));
        }
        (None, Some(pattern), _) => (Portable::new(&pattern)?, true),
        (None, None, Some(pattern)) => (Portable::with_group(&pattern)?, false),
        (None, None, None) => return Err(QuestionFlaw::Kind),
    };
    let (within, unit) = (predicted.within.unwrap_or(0.0), predicted.unit.unwrap_or_default());
    Ok(Kind::Number { pattern, counts, stream, within, unit })
}

/// Each key belongs to some of the kinds.
fn check_keys(predicted: &Predicted) -> Result<(), QuestionFlaw> {
    if predicted.question.trim().is_empty() {
        return Err(QuestionFlaw::NoQuestion);
    }
    let kinds = [
        ("lines", predicted.lines.is_some()),
        ("count", predicted.count.is_some()),
        ("number", predicted.number.is_some()),
        ("choice", !predicted.choice.is_empty()),
    ];
    let mut kinds = kinds.into_iter().filter(|(_, is_there)| *is_there).map(|(kind, _)| kind);
    let (Some(kind), None) = (kinds.next(), kinds.next()) else { return Err(QuestionFlaw::Kind) };
    let is_number = matches!(kind, "count" | "number");
    for (key, is_there, has_meaning) in [
        ("among", predicted.among.is_some(), kind == "lines"),
        ("match", predicted.r#match.is_some(), kind == "lines"),
        ("stream", predicted.stream.is_some(), kind != "lines"),
        ("within", predicted.within.is_some(), is_number),
        ("unit", predicted.unit.is_some(), is_number),
    ] {
        if is_there && !has_meaning {
            return Err(QuestionFlaw::Key(key, kind));
        }
    }
    match predicted.within {
        Some(within) if !within.is_finite() || within < 0.0 => Err(QuestionFlaw::Within),
        _ if predicted.choice.len() == 1 => Err(QuestionFlaw::OneChoice),
        _ => Ok(()),
    }
}

fn read_codes(names: &[String], mode: &str) -> Result<Vec<Code>, QuestionFlaw> {
    let code = |name: &String| {
        let code = Code::named(name).ok_or_else(|| QuestionFlaw::Code { code: name.clone() })?;
        let is_told = Reading::of_mode(mode).tells(code);
        is_told.then_some(code).ok_or_else(|| QuestionFlaw::Mode { mode: mode.to_owned(), code: code.name() })
    };
    if names.is_empty() { Err(QuestionFlaw::NoCode) } else { names.iter().map(code).collect() }
}

fn read_choices(
    chosen: Vec<toml::Spanned<Chosen>>,
    at: &dyn Fn(usize) -> usize,
) -> Result<Vec<Choice>, (usize, QuestionFlaw)> {
    let mut choices: Vec<Choice> = Vec::new();
    for chosen in chosen {
        let line = at(chosen.span().start);
        let Chosen { text, r#match } = chosen.into_inner();
        if text.trim().is_empty() {
            return Err((line, QuestionFlaw::NoText));
        }
        if choices.iter().any(|choice| choice.text == text) {
            return Err((line, QuestionFlaw::SameChoice(text)));
        }
        let pattern = Portable::new(&r#match).map_err(|flaw| (line, flaw.into()))?;
        choices.push(Choice { text, pattern });
    }
    Ok(choices)
}
