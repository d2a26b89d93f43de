//! What an author expects of an output.

use regex::{Regex, RegexBuilder};
use serde::{Serialize, Serializer};
use utoipa::ToSchema;

use super::versions::Versions;

/// A regular expression, equal to another that is written alike.
#[derive(Clone, Debug)]
pub struct Pattern(Regex);

/// How often a pattern is found in the whole output of a variant.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Expectation {
    /// `^` and `$` stand for the bounds of a line.
    #[serde(rename = "match")]
    #[schema(value_type = String)]
    pub pattern: Pattern,
    /// Which output is searched; standard output and then standard error where none is named.
    pub stream: Option<crate::protocol::Stream>,
    /// At least so often.
    pub min: usize,
    /// At most so often.
    pub max: Option<usize>,
    /// For which versions it holds.
    #[schema(value_type = String)]
    pub go: Versions,
    /// Where it stands in `example.toml`, from 1.
    #[serde(skip)]
    pub line: usize,
}

/// What an author expects to be said of a line.
#[derive(Clone, Debug, PartialEq)]
pub struct Want {
    /// The file, as a request names it.
    pub file: String,
    /// From 1.
    pub line: usize,
    /// The mode's name.
    pub mode: String,
    /// The variant whose output is meant; the mode without any option where none is named.
    pub variant: Option<String>,
    /// For which versions it holds.
    pub go: Versions,
    /// What must be there, or must not.
    pub pattern: Pattern,
    /// Whether nothing that is said of the line may match.
    pub is_not: bool,
}

impl Pattern {
    /// Reads a regular expression in the syntax of the regex crate, which is nearly Go's.
    ///
    /// # Errors
    /// One that is none.
    pub fn new(text: &str) -> Result<Self, regex::Error> {
        RegexBuilder::new(text).multi_line(true).build().map(Self)
    }

    /// As written.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// How often it is found, places that overlap counted once.
    pub fn count(&self, text: &str) -> usize {
        self.0.find_iter(text).count()
    }

    /// Whether it is found.
    pub fn is_in(&self, text: &str) -> bool {
        self.0.is_match(text)
    }
}

impl Serialize for Pattern {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}
