//! The catalogue of runnable examples: the folders `examples-go/TOPIC/NAME`, each with its `example.toml`.

use std::collections::{BTreeMap, BTreeSet};

use rust_embed::RustEmbed;
use serde::{Deserialize, Serialize, Serializer};
use serde_json::{Map, Value};

use crate::protocol::files::MAIN;
use crate::protocol::{Ending, Files, Mode, Refusal};
use crate::run::environment;

/// A program that lessons show.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Example {
    /// `TOPIC/NAME`.
    pub path: String,
    /// Its title.
    pub title: String,
    /// Its code as a request takes it: one file, or several in txtar.
    pub source: String,
    /// The ways of running it, at least one, in the order shown.
    pub variants: Vec<Variant>,
}

/// One way of running an example.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Variant {
    /// Unique in the example.
    pub name: String,
    /// The mode, with its options read.
    #[serde(serialize_with = "mode_name")]
    pub mode: Mode,
    /// The mode's options, as the author wrote them.
    pub options: Map<String, Value>,
    /// Environment variables that are set.
    pub env: BTreeMap<String, String>,
    /// Environment variables that the page offers to change.
    pub knobs: Vec<String>,
    /// How it should end.
    pub exit: Ending,
}

/// All examples, by path in order.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(transparent)]
pub struct Catalogue(Vec<Example>);

/// What is wrong with an example.
#[derive(Debug, thiserror::Error)]
#[error("examples-go/{file}: {flaw}")]
pub struct ExampleError {
    file: String,
    #[source]
    flaw: Flaw,
}

#[derive(Debug, thiserror::Error)]
enum Flaw {
    #[error("it is missing; each folder TOPIC/NAME is an example and has one")]
    NoDescription,
    #[error("it is not UTF-8")]
    NotText,
    // toml's message ends with a newline of its own.
    #[error("{}", .0.to_string().trim_end())]
    Toml(#[from] toml::de::Error),
    #[error("there is no [[variant]]; write at least one, with its name and mode")]
    NoVariant,
    #[error("two variants are named {0:?}")]
    SameVariant(String),
    #[error("variant {variant:?}: {refusal}{}", allowed(.refusal))]
    Refused { variant: String, refusal: Refusal },
    #[error("variant {variant:?}: the environment variable {name:?} cannot be set; allowed: {}", environment::NAMES.join(", "))]
    Environment { variant: String, name: String },
    #[error("variant {variant:?}: there is no ending {exit:?}; allowed: {}", ending_names().join(", "))]
    Ending { variant: String, exit: String },
    #[error("its files cannot be sent: {0}")]
    Files(Refusal),
    #[error("its files do not survive txtar; each ends with a newline and holds no line such as `-- name --`")]
    Txtar,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Description {
    title: String,
    #[serde(default)]
    variant: Vec<Described>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Described {
    name: String,
    mode: String,
    #[serde(default)]
    options: Map<String, Value>,
    #[serde(default)]
    env: BTreeMap<String, String>,
    #[serde(default)]
    knobs: Vec<String>,
    exit: Option<String>,
}

#[derive(RustEmbed)]
#[folder = "examples-go"]
struct Folder;

const DESCRIPTION: &str = "example.toml";

impl Catalogue {
    /// Reads the examples that are part of the binary; a debug build reads them from the working copy.
    ///
    /// # Errors
    /// The first file that is wrong, and what is wrong with it.
    pub fn load() -> Result<Self, ExampleError> {
        Self::read(Folder::iter().filter_map(|name| Some((name.to_string(), Folder::get(&name)?.data.into_owned()))))
    }

    /// Reads examples from files, named relative to `examples-go`. What lies above TOPIC/NAME is no example's.
    fn read(files: impl IntoIterator<Item = (String, Vec<u8>)>) -> Result<Self, ExampleError> {
        let mut folders: BTreeMap<String, BTreeMap<String, String>> = BTreeMap::new();
        for (file, bytes) in files {
            let mut parts = file.splitn(3, '/');
            let (Some(topic), Some(name), Some(rest)) = (parts.next(), parts.next(), parts.next()) else { continue };
            if rest.starts_with("golden/") {
                continue;
            }
            let folder = format!("{topic}/{name}");
            let rest = rest.to_owned();
            let text = String::from_utf8(bytes).map_err(|_| ExampleError { file, flaw: Flaw::NotText })?;
            folders.entry(folder).or_default().insert(rest, text);
        }
        let read = folders.into_iter().map(|(path, mut files)| {
            let description = files.remove(DESCRIPTION);
            let file = format!("{path}/{DESCRIPTION}");
            example(path, description.as_deref(), files).map_err(|flaw| ExampleError { file, flaw })
        });
        read.collect::<Result<_, _>>().map(Self)
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

/// An ending's name in events and in `example.toml`.
pub fn ending_name(ending: Ending) -> String {
    match serde_json::to_value(ending) {
        Ok(Value::String(name)) => name,
        _ => unreachable!("an ending is written as a string"),
    }
}

fn ending_names() -> Vec<String> {
    Ending::ALL.map(ending_name).to_vec()
}

fn allowed(refusal: &Refusal) -> String {
    match refusal {
        Refusal::NotAllowed { allowed, .. } if !allowed.is_empty() => format!("; allowed: {}", allowed.join(", ")),
        _ => String::new(),
    }
}

fn example(path: String, description: Option<&str>, files: BTreeMap<String, String>) -> Result<Example, Flaw> {
    let description: Description = toml::from_str(description.ok_or(Flaw::NoDescription)?)?;
    let mut names = BTreeSet::new();
    let variants = description.variant.into_iter().map(|described| {
        if !names.insert(described.name.clone()) {
            return Err(Flaw::SameVariant(described.name));
        }
        variant(described)
    });
    let variants: Vec<Variant> = variants.collect::<Result<_, _>>()?;
    if variants.is_empty() {
        return Err(Flaw::NoVariant);
    }
    Ok(Example { path, title: description.title, source: source(files)?, variants })
}

fn variant(described: Described) -> Result<Variant, Flaw> {
    let Described { name, mode, options, env, knobs, exit } = described;
    if let Some(wrong) = env.keys().chain(&knobs).find(|key| !environment::NAMES.contains(&key.as_str())) {
        return Err(Flaw::Environment { variant: name, name: wrong.clone() });
    }
    let mode =
        Mode::new(&mode, options.clone()).map_err(|refusal| Flaw::Refused { variant: name.clone(), refusal })?;
    let exit = match exit {
        None => Ending::Ok,
        Some(exit) => match Ending::ALL.into_iter().find(|ending| ending_name(*ending) == exit) {
            Some(ending) => ending,
            None => return Err(Flaw::Ending { variant: name, exit }),
        },
    };
    Ok(Variant { name, mode, options, env, knobs, exit })
}

/// One text that a request takes apart into the same files again.
fn source(files: BTreeMap<String, String>) -> Result<String, Flaw> {
    let source = match files.get(MAIN) {
        Some(main) if files.len() == 1 => main.clone(),
        _ => files.iter().map(|(name, text)| format!("-- {name} --\n{text}")).collect(),
    };
    let sent = Files::from_source(&source).map_err(Flaw::Files)?;
    if sent != Files::new(files).map_err(Flaw::Files)? {
        return Err(Flaw::Txtar);
    }
    Ok(source)
}

fn mode_name<S: Serializer>(mode: &Mode, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(mode.name())
}

#[cfg(test)]
mod tests {
    use super::*;

    const VARIANT: &str = "[[variant]]\nname = \"a\"\nmode = \"escape\"\n";

    fn read(files: &[(&str, &str)]) -> Result<Catalogue, String> {
        let files = files.iter().map(|(name, text)| ((*name).to_owned(), text.as_bytes().to_vec()));
        Catalogue::read(files).map_err(|error| error.to_string())
    }

    fn error(description: &str) -> String {
        read(&[("t/n/example.toml", description), ("t/n/main.go", "package main\n")]).unwrap_err()
    }

    #[test]
    fn one_file_is_its_text_and_several_are_txtar() {
        let description = format!("title = \"T\"\n{VARIANT}");
        let lone =
            read(&[("go.mod", "module m\n"), ("t/n/example.toml", &description), ("t/n/main.go", "package main\n")]);
        assert_eq!(lone.unwrap().get("t/n").unwrap().source, "package main\n");
        let several = read(&[
            ("t/n/example.toml", &description),
            ("t/n/main.go", "package main\n"),
            ("t/n/b/b.go", "package b\n"),
            ("t/n/golden/a.txt", "output"),
        ]);
        let source = "-- b/b.go --\npackage b\n-- main.go --\npackage main\n";
        assert_eq!(several.unwrap().get("t/n").unwrap().source, source);
    }

    #[test]
    fn files_that_txtar_would_change_are_found() {
        let description = format!("title = \"T\"\n{VARIANT}");
        for text in ["package main\n/*\n-- x.go --\n*/\n", "package main\n-- ../x --\n"] {
            assert!(read(&[("t/n/example.toml", &description), ("t/n/main.go", text)]).is_err(), "{text}");
        }
        let no_newline = [("t/n/example.toml", description.as_str()), ("t/n/a.go", "package main"), ("t/n/b.go", "")];
        assert!(read(&no_newline).unwrap_err().contains("survive"));
    }

    #[test]
    fn errors_name_the_file_and_the_flaw() {
        for (description, part) in [
            ("title = 1", "title"),
            ("title = \"T\"\n", "no [[variant]]"),
            ("title = \"T\"\nlevel = 1\n", "unknown field `level`"),
            (
                "title = \"T\"\n[[variant]]\nname = \"a\"\nmode = \"objcopy\"\n",
                "no mode \"objcopy\"; allowed: run, escape",
            ),
            (
                "title = \"T\"\n[[variant]]\nname = \"a\"\nmode = \"escape\"\noptions = { level = 3 }\n",
                "level is 1 or 2",
            ),
            (&format!("title = \"T\"\n{VARIANT}env = {{ PATH = \"/\" }}\n"), "\"PATH\""),
            (&format!("title = \"T\"\n{VARIANT}knobs = [\"GOFLAGS\"]\n"), "\"GOFLAGS\""),
            (&format!("title = \"T\"\n{VARIANT}exit = \"fine\"\n"), "\"fine\"; allowed: ok"),
            (&format!("title = \"T\"\n{VARIANT}want = 1\n"), "unknown field `want`"),
            (&format!("title = \"T\"\n{VARIANT}{VARIANT}"), "two variants"),
        ] {
            let error = error(description);
            assert!(error.starts_with("examples-go/t/n/example.toml: ") && error.contains(part), "{error}");
        }
        assert!(read(&[("t/n/main.go", "package main\n")]).unwrap_err().contains("missing"));
    }

    #[test]
    fn an_ending_is_read_by_its_name() {
        let description = format!("title = \"T\"\n{VARIANT}exit = \"timed_out\"\n");
        let catalogue = read(&[("t/n/example.toml", &description), ("t/n/main.go", "package main\n")]).unwrap();
        let json = serde_json::to_value(&catalogue).unwrap();
        assert_eq!(json[0]["variants"][0]["exit"], "timed_out");
        assert_eq!(json[0]["variants"][0]["mode"], "escape");
    }
}
