//! From a question of an example to what its page shows.

use super::markdown::render_inline;
use super::view::{Prediction, PredictionChoice, PredictionKind, PredictionLine};
use crate::examples::{CodeLine, Question, QuestionKind};
use crate::protocol::files::MAIN;

/// The question about this code.
pub fn prediction(question: &Question, source: &str) -> Prediction {
    let kind = match &question.kind {
        QuestionKind::Lines(lines) => PredictionKind::Lines {
            codes: lines.codes.iter().map(|code| code.name()).collect(),
            message: lines.message.as_ref().map(|message| message.script().to_owned()),
            among: lines.among.script().to_owned(),
            lines: lines.of(source).iter().map(shown).collect(),
        },
        QuestionKind::Number { pattern, counts, stream, within, unit } => PredictionKind::Number {
            pattern: pattern.script().to_owned(),
            counts: *counts,
            stream: *stream,
            within: *within,
            unit: unit.clone(),
        },
        QuestionKind::Choice { stream, choices } => {
            let choices = choices.iter().map(|choice| PredictionChoice {
                text_html: render_inline(&choice.text),
                pattern: choice.pattern.script().to_owned(),
            });
            PredictionKind::Choice { stream: *stream, choices: choices.collect() }
        }
    };
    Prediction { question_html: render_inline(&question.text), kind }
}

fn shown(line: &CodeLine) -> PredictionLine {
    let CodeLine { file, number, text } = line;
    let place = if file == MAIN { number.to_string() } else { format!("{file}:{number}") };
    PredictionLine { place, code: text.trim().to_owned() }
}
