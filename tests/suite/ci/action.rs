//! action.yml, as GitHub reads it (docs.github.com, "Metadata syntax reference"): what is not in the form of a composite action
//! does not parse.

use std::collections::{BTreeMap, BTreeSet};

use regex::Regex;
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Action {
    name: String,
    description: String,
    pub inputs: BTreeMap<String, Input>,
    runs: Runs,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Input {
    description: String,
    default: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Runs {
    using: String,
    steps: Vec<Step>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Step {
    name: String,
    id: Option<String>,
    r#if: Option<String>,
    pub run: Option<String>,
    shell: Option<String>,
    working_directory: Option<String>,
    #[serde(default)]
    pub env: BTreeMap<String, String>,
    uses: Option<String>,
    #[serde(default)]
    with: BTreeMap<String, String>,
}

impl Action {
    pub fn read(text: &str) -> Self {
        serde_saphyr::from_str(text).unwrap_or_else(|error| panic!("{error}"))
    }

    pub fn step(&self, name: &str) -> &Step {
        self.runs.steps.iter().find(|step| step.name == name).unwrap_or_else(|| panic!("no step is named {name:?}"))
    }

    /// What the parser cannot see.
    pub fn is_sound(&self) {
        assert!(!self.name.is_empty() && !self.description.is_empty());
        assert_eq!(self.runs.using, "composite");
        let mut used = BTreeSet::new();
        let mut ids = BTreeSet::new();
        for step in &self.runs.steps {
            let of = &step.name;
            assert!(step.run.is_some() != step.uses.is_some(), "{of}: a step either runs or uses something");
            assert_eq!(
                step.run.is_some(),
                step.shell.is_some(),
                "{of}: what runs names its shell, and nothing else does"
            );
            // What somebody writes into an input must not become a part of a script.
            assert!(step.run.as_ref().is_none_or(|run| !run.contains("${{")), "{of}: an expression in a script");
            let condition = step.r#if.iter().map(String::as_str);
            let values = step.env.values().chain(step.with.values()).chain(&step.working_directory);
            for word in values.flat_map(|value| expressions(value)).chain(condition) {
                let names: Vec<&str> = word.split(['.', ' ']).collect();
                match names[..] {
                    ["inputs", input] => drop(used.insert(input)),
                    ["steps", id, "outputs", ..] => assert!(ids.contains(id), "{of}: {word}"),
                    ["github", "action_path"] | ["runner", "os" | "arch" | "temp"] => {}
                    _ => panic!("{of}: {word:?} is not known here"),
                }
            }
            for variable in step.env.keys() {
                let is_read = step.run.as_ref().is_some_and(|run| run.contains(variable.as_str()));
                assert!(is_read || variable.starts_with("UNDERHOOD_"), "{of}: nothing reads {variable}");
            }
            if let Some(id) = &step.id {
                assert!(ids.insert(id.as_str()), "{id} is there twice");
            }
            // A key with a comma in it is refused by the cache.
            let key = step.with.get("key");
            assert!(key.is_none_or(|key| !key.contains(',') && !key.contains("inputs.")), "{of}: {key:?}");
        }
        assert_eq!(
            used,
            self.inputs.keys().map(String::as_str).collect(),
            "inputs that are used, and those that are there"
        );
        assert!(self.inputs.values().all(|input| !input.description.is_empty()));
    }

    /// A value of a step, with what its expressions stand for.
    pub fn filled_in(&self, value: &str, with: &[(&str, &str)], temporary: &str) -> String {
        let mut filled = value.to_owned();
        for expression in expressions(value) {
            let text = match expression.split_once('.') {
                Some(("runner", "temp")) => temporary,
                Some(("inputs", input)) => {
                    let given = with.iter().find(|(name, _)| *name == input).map(|(_, value)| *value);
                    given.unwrap_or(&self.inputs[input].default)
                }
                _ => panic!("{expression:?} is not known here"),
            };
            filled = filled.replace(&format!("${{{{ {expression} }}}}"), text);
        }
        filled
    }
}

fn expressions(value: &str) -> Vec<&str> {
    let form = Regex::new(r"\$\{\{ ([^}]*) \}\}").expect("a pattern");
    form.captures_iter(value).map(|found| found.extract::<1>().1[0]).collect()
}
