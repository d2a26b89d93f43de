//! Runnable examples: the folders `examples-go/TOPIC/NAME`, each with its `example.toml`.

mod description;
mod expectation;
mod fault;
mod portable;
mod question;
mod read;
pub mod versions;
pub mod wants;

use std::collections::BTreeMap;

use rust_embed::RustEmbed;
use serde::{Serialize, Serializer};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::protocol::{Ending, Mode, mode};
use versions::Versions;

pub use expectation::{Expectation, Want};
pub use fault::{Fault, line_at};
pub use question::{CodeLine, Kind as QuestionKind, Lines, Question};
pub use read::{DESCRIPTION, GOLDEN, Reading, read};

/// A program that lessons show.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Example {
    /// `TOPIC/NAME`.
    pub path: String,
    /// Its title.
    pub title: String,
    /// Its code as a request takes it, without wants: one file, or several in txtar.
    pub source: String,
    /// The ways of running it, at least one, in the order shown.
    pub variants: Vec<Variant>,
    /// What is expected to be said of its lines.
    #[serde(skip)]
    pub wants: Vec<Want>,
}

/// One way of running an example.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Variant {
    /// Unique in the example.
    pub name: String,
    /// The mode, with its options read.
    #[serde(serialize_with = "mode_name")]
    #[schema(schema_with = mode::schema::name)]
    pub mode: Mode,
    /// The mode's options, as the author wrote them.
    #[schema(value_type = Object)]
    pub options: Map<String, Value>,
    /// Environment variables that are set.
    #[schema(value_type = std::collections::HashMap<String, String>)]
    pub env: BTreeMap<String, String>,
    /// Environment variables that the page offers to change.
    pub knobs: Vec<String>,
    /// How it should end.
    pub exit: Ending,
    /// What is expected of its whole output.
    #[serde(rename = "expect")]
    pub expectations: Vec<Expectation>,
    /// What readers are asked before they run it.
    #[serde(skip)]
    pub question: Option<Question>,
    /// The Go versions that it is checked with.
    #[serde(skip)]
    pub go: Versions,
    /// Whether its whole output is kept as a golden, where the author says so.
    #[serde(skip)]
    pub golden: Option<bool>,
    /// Where it begins in `example.toml`, from 1.
    #[serde(skip)]
    pub line: usize,
}

/// All examples, by path in order.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(transparent)]
pub struct Catalogue(Vec<Example>);

/// What is wrong with an example of ours.
#[derive(Debug, thiserror::Error)]
#[error("examples-go/{0}")]
pub struct ExampleError(Fault);

#[derive(RustEmbed)]
#[folder = "examples-go"]
struct Folder;

/// All that is part of the binary, goldens too; a debug build reads it from the working copy.
pub fn embedded() -> Reading {
    read(Folder::iter().filter_map(|name| Some((name.to_string(), Folder::get(&name)?.data.into_owned()))))
}

impl Catalogue {
    /// Reads the examples that are part of the binary; a debug build reads them from the working copy.
    ///
    /// # Errors
    /// The first thing that is wrong.
    pub fn load() -> Result<Self, ExampleError> {
        let mut reading = embedded();
        if reading.faults.is_empty() {
            Ok(Self::new(reading.examples))
        } else {
            Err(ExampleError(reading.faults.swap_remove(0)))
        }
    }

    /// These examples.
    pub fn new(examples: Vec<Example>) -> Self {
        Self(examples)
    }

    /// The example at `TOPIC/NAME`.
    pub fn get(&self, path: &str) -> Option<&Example> {
        self.0.iter().find(|example| example.path == path)
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &Example> {
        self.0.iter()
    }
}

impl Example {
    /// The variant of this name.
    pub fn variant(&self, name: &str) -> Option<&Variant> {
        self.variants.iter().find(|variant| variant.name == name)
    }
}

fn ending_names() -> Vec<String> {
    Ending::ALL.map(|ending| ending.name().to_owned()).to_vec()
}

fn mode_name<S: Serializer>(mode: &Mode, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(mode.name())
}

#[cfg(test)]
#[path = "examples_tests.rs"]
mod tests;
