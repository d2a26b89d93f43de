//! What a run answers to a question. The page does the same in `web/src/predict.ts`; `tests/questions.json` holds both to it.

use std::sync::LazyLock;

use regex::Regex;

use super::output::Output;
use crate::examples::{Lines, QuestionKind};
use crate::protocol::Ending;

/// What a run says.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// The lines, by file and number, out of those that are asked about.
    Lines(Vec<(String, u32)>),
    /// The number.
    Number(f64),
    /// The choice, from 0.
    Choice(usize),
}

/// Why a run says nothing to it.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum NoAnswer {
    /// Nothing was run.
    #[error("the program does not build")]
    Unbuilt,
    /// What counts may be in the rest.
    #[error("the output was cut")]
    Cut,
    /// No line is asked about.
    #[error("no line of the code has what `among` asks for, {0:?}")]
    NoLines(String),
    /// The pattern is not there.
    #[error("the output has {0:?} nowhere")]
    Nowhere(String),
    /// Its group finds something else.
    #[error("what the group of {0:?} finds is no number: {1:?}")]
    NoNumber(String, String),
    /// None of the choices is right.
    #[error("the output has the pattern of no choice")]
    NoChoice,
    /// More than one is.
    #[error("the output has the patterns of several choices: {0}")]
    SeveralChoices(String),
}

/// What is taken for a number: no signs for infinity, no digits of other scripts, no separators.
static NUMBER: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"^[+-]?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?$").expect("it is constant"));

/// What a run of this code answers. No line at all and a count of 0 are answers too.
///
/// # Errors
/// When it does not tell.
pub fn answer(kind: &QuestionKind, source: &str, output: &Output) -> Result<Answer, NoAnswer> {
    if output.exit.status == Ending::BuildFailed {
        return Err(NoAnswer::Unbuilt);
    }
    if output.is_cut() {
        return Err(NoAnswer::Cut);
    }
    match kind {
        QuestionKind::Lines(lines) => said_lines(lines, source, output),
        QuestionKind::Number { pattern, counts: true, stream, .. } => {
            // A count is far below the numbers that a float cannot hold.
            Ok(Answer::Number(pattern.count(&output.of(*stream)) as f64))
        }
        QuestionKind::Number { pattern, stream, .. } => {
            let text = output.of(*stream);
            let found = pattern.group(&text).ok_or_else(|| NoAnswer::Nowhere(pattern.as_str().to_owned()))?;
            let number = number(found);
            number
                .map(Answer::Number)
                .ok_or_else(|| NoAnswer::NoNumber(pattern.as_str().to_owned(), found.to_owned()))
        }
        QuestionKind::Choice { stream, choices } => {
            let text = output.of(*stream);
            let right: Vec<usize> = choices
                .iter()
                .enumerate()
                .filter(|(_, choice)| choice.pattern.is_in(&text))
                .map(|(at, _)| at)
                .collect();
            match right.as_slice() {
                [] => Err(NoAnswer::NoChoice),
                [one] => Ok(Answer::Choice(*one)),
                several => {
                    let names: Vec<String> = several.iter().map(|at| format!("{:?}", choices[*at].text)).collect();
                    Err(NoAnswer::SeveralChoices(names.join(", ")))
                }
            }
        }
    }
}

fn said_lines(lines: &Lines, source: &str, output: &Output) -> Result<Answer, NoAnswer> {
    let asked = lines.of(source);
    if asked.is_empty() {
        return Err(NoAnswer::NoLines(lines.among.as_str().to_owned()));
    }
    let is_said = |file: &str, number: u32| {
        output.diagnostics.iter().any(|said| {
            said.file.as_deref() == Some(file)
                && said.line == Some(number)
                && lines.codes.iter().any(|code| code.name() == said.code)
                && lines.message.as_ref().is_none_or(|message| message.is_in(&said.message))
        })
    };
    let said = asked.into_iter().filter(|line| is_said(&line.file, line.number));
    Ok(Answer::Lines(said.map(|line| (line.file, line.number)).collect()))
}

fn number(text: &str) -> Option<f64> {
    NUMBER.is_match(text).then(|| text.parse().ok())?.filter(|number: &f64| number.is_finite())
}

#[cfg(test)]
#[path = "answer_tests.rs"]
mod tests;
