//! What is wrong with a file that an author wrote, and where.

use std::fmt;

use super::question::QuestionFlaw;
use super::versions::VersionsError;
use super::wants::WantFlaw;
use crate::protocol::Refusal;
use crate::run::environment;

/// Something wrong in an example's folder.
#[derive(Debug)]
pub struct Fault {
    /// The file, relative to the folder of all examples.
    pub file: String,
    /// From 1; absent where the whole file is meant.
    pub line: Option<usize>,
    /// What is wrong with it.
    pub flaw: Flaw,
}

/// What can be wrong.
#[derive(Debug, thiserror::Error)]
pub enum Flaw {
    #[error("it is missing; each folder TOPIC/NAME is an example and has one")]
    NoDescription,
    #[error("it is not UTF-8")]
    NotText,
    #[error("{0}")]
    Toml(String),
    #[error("there is no [[variant]]; write at least one, with its name and mode")]
    NoVariant,
    #[error("two variants are named {0:?}")]
    SameVariant(String),
    #[error("a variant's name is made of small letters, digits and hyphens, not {0:?}; its golden is named after it")]
    VariantName(String),
    #[error("variant {variant:?}: {refusal}{}", allowed(.refusal))]
    Refused { variant: String, refusal: Refusal },
    #[error("variant {variant:?}: the environment variable {name:?} cannot be set; allowed: {}", environment::NAMES.join(", "))]
    Environment { variant: String, name: String },
    #[error("variant {variant:?}: there is no ending {exit:?}; allowed: {}", super::ending_names().join(", "))]
    Ending { variant: String, exit: String },
    #[error(
        "variant {0:?}: a golden would hold the numbers of a trace, since GODEBUG is set; expect patterns instead"
    )]
    GoldenOfTrace(String),
    #[error("variant {variant:?}: {error}")]
    Versions { variant: String, error: VersionsError },
    #[error("variant {variant:?}: {flaw}")]
    Expectation { variant: String, flaw: ExpectationFlaw },
    #[error("variant {variant:?}: {flaw}")]
    Question { variant: String, flaw: QuestionFlaw },
    #[error(transparent)]
    Want(#[from] WantFlaw),
    #[error("a want is for variant {0:?}, but the example has none of this name and mode")]
    WantVariant(String),
    #[error(
        "a want is for mode {mode:?} without options, which cannot be asked for: {refusal}; name a variant, as in {mode}@NAME"
    )]
    WantMode { mode: String, refusal: Refusal },
    #[error("no part of an example: Go files, golden/VARIANT.txt, testdata/, and what `files` in example.toml names")]
    Stray,
    #[error("no part of the examples: each lies in TOPIC/NAME/ and has an example.toml")]
    StrayAbove,
    #[error("no variant is named so, or it has no golden; remove the file or rename it")]
    StrayGolden,
    #[error("`files` names {0:?}, which is not there")]
    NoSuchFile(String),
    #[error("its files cannot be sent: {0}")]
    Files(Refusal),
    #[error("its files do not survive txtar; each ends with a newline and holds no line such as `-- name --`")]
    Txtar,
}

/// What can be wrong with an `expect`.
#[derive(Debug, thiserror::Error)]
pub enum ExpectationFlaw {
    #[error("an expectation has either `match` or `not`")]
    Either,
    #[error("`min` and `max` count what `match` finds; `not` allows none")]
    CountOfNot,
    #[error("`min` is larger than `max`, so nothing could hold")]
    Counts,
    #[error("{}", .0.to_string().trim_end())]
    Pattern(#[from] regex::Error),
    #[error(transparent)]
    Versions(#[from] VersionsError),
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "{}:{line}: {}", self.file, self.flaw),
            None => write!(f, "{}: {}", self.file, self.flaw),
        }
    }
}

/// The line, from 1, in which a byte of a text stands.
pub fn line_at(text: &str, byte: usize) -> usize {
    text.bytes().take(byte).filter(|byte| *byte == b'\n').count() + 1
}

fn allowed(refusal: &Refusal) -> String {
    match refusal {
        Refusal::NotAllowed { allowed, .. } if !allowed.is_empty() => format!("; allowed: {}", allowed.join(", ")),
        _ => String::new(),
    }
}
