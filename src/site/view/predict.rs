//! A prediction: what a snippet asks before it is run.

use serde::Serialize;

use crate::protocol::Stream;

/// A question, as the page's script takes it. Its patterns are JavaScript's.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Prediction {
    /// Inline HTML. Trusted.
    #[serde(rename = "question")]
    pub question_html: String,
    /// How it is answered.
    #[serde(flatten)]
    pub kind: PredictionKind,
}

/// How a question is answered.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum PredictionKind {
    /// By lines of the code.
    Lines {
        /// A diagnostic has one of these codes.
        codes: Vec<&'static str>,
        /// And its message has this pattern.
        message: Option<String>,
        /// The lines that are asked about have this pattern.
        among: String,
        /// Those of the code that the page brings.
        #[serde(skip)]
        lines: Vec<PredictionLine>,
    },
    /// By a number.
    Number {
        /// In the output.
        pattern: String,
        /// Whether its matches are counted; else the number is what its group finds.
        counts: bool,
        /// Which output is searched; both where none is named.
        stream: Option<Stream>,
        /// So far off is right as well.
        within: f64,
        /// What is counted; may be empty.
        unit: String,
    },
    /// By one of several choices.
    Choice {
        /// As for a number.
        stream: Option<Stream>,
        /// At least two.
        choices: Vec<PredictionChoice>,
    },
}

/// A line that is asked about.
#[derive(Debug, Clone, PartialEq)]
pub struct PredictionLine {
    /// Number, with the file in front where there are several.
    pub place: String,
    /// Without the space around it.
    pub code: String,
}

/// A choice.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PredictionChoice {
    /// Inline HTML. Trusted.
    #[serde(rename = "text")]
    pub text_html: String,
    /// It is right if the output has this.
    pub pattern: String,
}
