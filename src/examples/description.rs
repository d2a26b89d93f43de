//! `example.toml`, as written. `docs/example.schema.json` tells editors the same; a test holds it to these types.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value};
use toml::Spanned;

use crate::protocol::Stream;

/// An example: a program that lessons show, and the ways of running it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "example.toml", extend("required" = ["title", "variant"])))]
pub struct Description {
    /// Shown above the code.
    pub title: String,
    /// Files of the program beside its Go files, go.mod and testdata/, such as what it embeds.
    #[serde(default)]
    #[cfg_attr(test, schemars(with = "Vec<String>"))]
    pub files: Vec<Spanned<String>>,
    /// The ways of running it, in the order shown; at least one.
    #[serde(default)]
    #[cfg_attr(test, schemars(length(min = 1), with = "Vec<Described>"))]
    pub variant: Vec<Spanned<Described>>,
}

/// One way of running the example.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "variant"))]
pub struct Described {
    /// Unique in the example; small letters, digits and hyphens.
    #[cfg_attr(test, schemars(with = "String", regex(pattern = r"^[a-z0-9][a-z0-9-]*$")))]
    pub name: Spanned<String>,
    /// What the toolchain is asked for.
    #[cfg_attr(test, schemars(with = "String", extend("enum" = crate::protocol::mode::NAMES)))]
    pub mode: Spanned<String>,
    /// The mode's options.
    #[serde(default)]
    #[cfg_attr(test, schemars(with = "Map<String, Value>"))]
    pub options: Option<Spanned<Map<String, Value>>>,
    /// Environment variables that are set.
    #[serde(default)]
    #[cfg_attr(test, schemars(with = "BTreeMap<String, String>", extend("propertyNames" = serde_json::json!({"enum": crate::run::environment::NAMES}))))]
    pub env: BTreeMap<String, Spanned<String>>,
    /// Environment variables that the page offers to change.
    #[serde(default)]
    #[cfg_attr(test, schemars(with = "Vec<String>", extend("items" = serde_json::json!({"type": "string", "enum": crate::run::environment::NAMES}))))]
    pub knobs: Vec<Spanned<String>>,
    /// How the run ends; `ok` unless said otherwise.
    #[cfg_attr(test, schemars(with = "Option<String>", extend("enum" = super::ending_names())))]
    pub exit: Option<Spanned<String>>,
    /// Whether golden/NAME.txt holds the whole output; by default it does in modes that print the same each time.
    #[cfg_attr(test, schemars(with = "Option<bool>"))]
    pub golden: Option<Spanned<bool>>,
    /// Go versions that the variant is checked with, such as ">=1.26" or ">=1.25, <1.27"; all unless said otherwise.
    #[cfg_attr(test, schemars(with = "Option<String>"))]
    pub go: Option<Spanned<String>>,
    /// What the whole output must or must not hold.
    #[serde(default)]
    #[cfg_attr(test, schemars(with = "Vec<Expected>"))]
    pub expect: Vec<Spanned<Expected>>,
    /// What readers are asked before they run it.
    #[cfg_attr(test, schemars(with = "Option<Predicted>"))]
    pub predict: Option<Spanned<Predicted>>,
}

/// A pattern that the whole output must or must not hold: either `match` or `not`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "expect"))]
pub struct Expected {
    /// A regular expression that is found; ^ and $ are the bounds of a line.
    pub r#match: Option<String>,
    /// A regular expression that is not found.
    pub not: Option<String>,
    /// At least so many times; 1 unless said otherwise.
    pub min: Option<usize>,
    /// At most so many times.
    pub max: Option<usize>,
    /// Which output is searched; both unless one is named.
    #[cfg_attr(test, schemars(with = "Option<String>", extend("enum" = ["stdout", "stderr"])))]
    pub stream: Option<Stream>,
    /// Go versions that this is expected of, such as ">=1.26" or ">=1.25, <1.27".
    pub go: Option<String>,
}

/// A question that the run answers: one of `lines`, `count`, `number` and `choice`. Patterns are regular expressions that
/// browsers know as well; ^ and $ are the bounds of a line.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "predict"))]
pub struct Predicted {
    /// What is asked, in a sentence; `code` stands in backticks.
    pub question: String,
    /// Which lines of code have a diagnostic of one of these codes?
    #[cfg_attr(test, schemars(extend("items" = serde_json::json!({"type": "string", "enum": crate::findings::codes::names()}))))]
    pub lines: Option<Vec<String>>,
    /// With `lines`: those of the code that are asked about, by a pattern.
    pub among: Option<String>,
    /// With `lines`: a pattern that is in the message as well.
    pub r#match: Option<String>,
    /// How often is this pattern in the output?
    pub count: Option<String>,
    /// Which number does the only group of this pattern find, where the output first has it?
    pub number: Option<String>,
    /// With `count` and `number`: so far off is right as well, for numbers that vary.
    pub within: Option<f64>,
    /// With `count` and `number`: what is counted, such as `bytes`.
    pub unit: Option<String>,
    /// Which of these is it? At least two.
    #[serde(default)]
    #[cfg_attr(test, schemars(with = "Vec<Chosen>"))]
    pub choice: Vec<Spanned<Chosen>>,
    /// But for `lines`: which output is searched; both unless one is named.
    #[cfg_attr(test, schemars(with = "Option<String>", extend("enum" = ["stdout", "stderr"])))]
    pub stream: Option<Stream>,
}

/// One of several answers. It is right if the output has its pattern, and no other choice's.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "choice"))]
pub struct Chosen {
    /// What the reader chooses; `code` stands in backticks.
    pub text: String,
    /// What the output has then.
    pub r#match: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `UNDERHOOD_WRITE_SCHEMA=1 cargo test schema` writes it anew.
    #[test]
    fn the_schema_says_what_the_parser_takes() {
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/example.schema.json");
        let schema = serde_json::to_string_pretty(&schemars::schema_for!(Description)).unwrap() + "\n";
        if std::env::var_os("UNDERHOOD_WRITE_SCHEMA").is_some() {
            std::fs::write(file, &schema).unwrap();
        }
        let kept = std::fs::read_to_string(file).unwrap_or_default();
        assert!(kept == schema, "{file} is another; UNDERHOOD_WRITE_SCHEMA=1 cargo test schema writes it anew");
    }
}
