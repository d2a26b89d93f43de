//! Files to examples, with everything that is wrong told at once.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Map;
use toml::Spanned;

use super::description::{Described, Description, Expected};
use super::expectation::{Expectation, Pattern, Want};
use super::fault::{ExpectationFlaw, Fault, Flaw, line_at};
use super::question;
use super::versions::Versions;
use super::{Example, Variant, wants};
use crate::protocol::{Ending, Files, Mode};
use crate::run::environment;

/// What describes an example.
pub const DESCRIPTION: &str = "example.toml";

/// The folder of an example's goldens.
pub const GOLDEN: &str = "golden";

/// Files that stand beside the topics.
const ABOVE: [&str; 5] = ["README.md", "LICENSE", "go.mod", "go.sum", "go.work"];

/// What was found in a folder of examples.
#[derive(Debug, Default)]
pub struct Reading {
    /// The examples that are in order, by path.
    pub examples: Vec<Example>,
    /// Paths of those that are not.
    pub broken: BTreeSet<String>,
    /// Goldens by file, relative to the folder of all examples.
    pub goldens: BTreeMap<String, String>,
    /// All that is wrong, by file.
    pub faults: Vec<Fault>,
}

/// Reads examples from files, named relative to their folder.
pub fn read(files: impl IntoIterator<Item = (String, Vec<u8>)>) -> Reading {
    let mut reading = Reading::default();
    let mut folders: BTreeMap<String, BTreeMap<String, String>> = BTreeMap::new();
    for (file, bytes) in files.into_iter().filter(|(file, _)| !is_an_editors(file)) {
        let parts: Vec<&str> = file.splitn(3, '/').collect();
        let [topic, name, rest] = parts.as_slice() else {
            if !ABOVE.contains(&file.as_str()) {
                reading.faults.push(Fault { file, line: None, flaw: Flaw::StrayAbove });
            }
            continue;
        };
        let (folder, rest) = (format!("{topic}/{name}"), (*rest).to_owned());
        match String::from_utf8(bytes) {
            Ok(text) => drop(folders.entry(folder).or_default().insert(rest, text)),
            Err(_) => {
                reading.broken.insert(folder);
                reading.faults.push(Fault { file, line: None, flaw: Flaw::NotText });
            }
        }
    }
    for (path, files) in folders {
        reading.folder(path, files);
    }
    reading.faults.sort_by(|a, b| (&a.file, a.line).cmp(&(&b.file, b.line)));
    reading
}

/// Hidden files and backups.
fn is_an_editors(file: &str) -> bool {
    file.split('/').any(|part| part.starts_with('.') || part.ends_with('~'))
}

impl Reading {
    fn folder(&mut self, path: String, mut files: BTreeMap<String, String>) {
        let description = files.remove(DESCRIPTION);
        let is_golden = |name: &str| name.strip_prefix(GOLDEN).is_some_and(|rest| rest.starts_with('/'));
        let (goldens, files): (BTreeMap<_, _>, BTreeMap<_, _>) =
            files.into_iter().partition(|(name, _)| is_golden(name));
        let mut folder = Folder { path: &path, faults: Vec::new() };
        match description {
            None => folder.fault(DESCRIPTION, None, Flaw::NoDescription),
            Some(text) => {
                if let Some(example) = folder.example(&text, files) {
                    for name in goldens.keys() {
                        let variant = name.strip_prefix("golden/").and_then(|name| name.strip_suffix(".txt"));
                        let variant = variant.and_then(|name| example.variant(name));
                        if variant.is_none_or(|variant| variant.golden == Some(false)) {
                            folder.fault(name, None, Flaw::StrayGolden);
                        }
                    }
                    self.examples.push(example);
                }
            }
        }
        self.faults.append(&mut folder.faults);
        self.goldens.extend(goldens.into_iter().map(|(name, text)| (format!("{path}/{name}"), text)));
        if self.examples.last().is_none_or(|last| last.path != path) {
            self.broken.insert(path);
        }
    }
}

/// A folder that is being read.
struct Folder<'a> {
    path: &'a str,
    faults: Vec<Fault>,
}

impl Folder<'_> {
    fn fault(&mut self, file: &str, line: Option<usize>, flaw: Flaw) {
        self.faults.push(Fault { file: format!("{}/{file}", self.path), line, flaw });
    }

    /// The example, unless something about it is wrong. A stray file makes none wrong, but is told.
    fn example(&mut self, text: &str, files: BTreeMap<String, String>) -> Option<Example> {
        let description: Description = match toml::from_str(text) {
            Ok(description) => description,
            Err(error) => {
                let line = error.span().map(|span| line_at(text, span.start));
                self.fault(DESCRIPTION, line, Flaw::Toml(error.message().to_owned()));
                return None;
            }
        };
        let variants = self.variants(text, description.variant);
        let named: BTreeSet<&str> = description.files.iter().map(|file| file.get_ref().as_str()).collect();
        for file in description.files.iter().filter(|file| !files.contains_key(file.get_ref())) {
            let line = line_at(text, file.span().start);
            self.fault(DESCRIPTION, Some(line), Flaw::NoSuchFile(file.get_ref().clone()));
        }
        let mut code = BTreeMap::new();
        let mut wants = Vec::new();
        for (name, text) in files {
            if !is_code(&name) && !named.contains(name.as_str()) {
                self.faults.push(Fault { file: format!("{}/{name}", self.path), line: None, flaw: Flaw::Stray });
                continue;
            }
            let text = if name.ends_with(".go") { self.strip(&name, &text, &mut wants)? } else { text };
            code.insert(name, text);
        }
        let source = source(code).map_err(|flaw| self.fault(DESCRIPTION, None, flaw)).ok()?;
        let (path, title) = (self.path.to_owned(), description.title);
        let example = Example { path, title, source, variants: variants?, wants };
        self.wants(&example).then_some(example)
    }

    fn strip(&mut self, name: &str, text: &str, wants: &mut Vec<Want>) -> Option<String> {
        match wants::strip(name, text) {
            Ok(stripped) => {
                wants.extend(stripped.wants);
                Some(stripped.text)
            }
            Err(flaws) => {
                for (line, flaw) in flaws {
                    self.fault(name, Some(line), flaw.into());
                }
                None
            }
        }
    }

    fn variants(&mut self, text: &str, described: Vec<Spanned<Described>>) -> Option<Vec<Variant>> {
        if described.is_empty() {
            self.fault(DESCRIPTION, None, Flaw::NoVariant);
            return None;
        }
        let (mut variants, mut names) = (Vec::new(), BTreeSet::new());
        let count = described.len();
        for described in described {
            let name = described.get_ref().name.clone();
            let read = if names.insert(name.get_ref().clone()) {
                variant(text, described)
            } else {
                Err((line_at(text, name.span().start), Flaw::SameVariant(name.into_inner())))
            };
            match read {
                Ok(variant) => variants.push(variant),
                Err((line, flaw)) => self.fault(DESCRIPTION, Some(line), flaw),
            }
        }
        (variants.len() == count).then_some(variants)
    }

    /// Whether all wants can be asked for.
    fn wants(&mut self, example: &Example) -> bool {
        let before = self.faults.len();
        for want in &example.wants {
            let flaw = match &want.variant {
                Some(name) => match example.variant(name) {
                    Some(variant) if variant.mode.name() == want.mode => continue,
                    _ => Flaw::WantVariant(name.clone()),
                },
                None => match Mode::new(&want.mode, Map::new()) {
                    Ok(_) => continue,
                    Err(refusal) => Flaw::WantMode { mode: want.mode.clone(), refusal },
                },
            };
            self.fault(&want.file, Some(want.line), flaw);
        }
        self.faults.len() == before
    }
}

fn variant(text: &str, described: Spanned<Described>) -> Result<Variant, (usize, Flaw)> {
    let at = |byte| line_at(text, byte);
    let line = at(described.span().start);
    let Described { name, mode, options, env, knobs, exit, golden, go, expect, predict } = described.into_inner();
    let (name_line, name) = (at(name.span().start), name.into_inner());
    if !name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-') || name.is_empty() {
        return Err((name_line, Flaw::VariantName(name)));
    }
    let set = env.iter().map(|(name, value)| (name, at(value.span().start)));
    let offered = knobs.iter().map(|knob| (knob.get_ref(), at(knob.span().start)));
    if let Some((wrong, line)) = set.chain(offered).find(|(key, _)| !environment::NAMES.contains(&key.as_str())) {
        return Err((line, Flaw::Environment { variant: name, name: wrong.clone() }));
    }
    let mode_line = at(options.as_ref().map_or(mode.span().start, |options| options.span().start));
    let options = options.map(Spanned::into_inner).unwrap_or_default();
    let mode = match Mode::new(mode.get_ref(), options.clone()) {
        Ok(mode) => mode,
        Err(refusal) => return Err((mode_line, Flaw::Refused { variant: name, refusal })),
    };
    let exit = match exit {
        None => Ending::Ok,
        Some(exit) => match Ending::ALL.into_iter().find(|ending| ending.name() == *exit.get_ref()) {
            Some(ending) => ending,
            None => {
                let line = at(exit.span().start);
                return Err((line, Flaw::Ending { variant: name, exit: exit.into_inner() }));
            }
        },
    };
    if let Some(golden) = golden.as_ref().filter(|golden| *golden.get_ref() && env.contains_key("GODEBUG")) {
        return Err((at(golden.span().start), Flaw::GoldenOfTrace(name)));
    }
    let go = match go.as_ref().map(|go| (at(go.span().start), Versions::parse(go.get_ref()))) {
        None => Versions::default(),
        Some((_, Ok(go))) => go,
        Some((line, Err(error))) => return Err((line, Flaw::Versions { variant: name, error })),
    };
    let expectations = expect.into_iter().map(|expected| {
        let line = at(expected.span().start);
        expectation(line, expected.into_inner())
            .map_err(|flaw| (line, Flaw::Expectation { variant: name.clone(), flaw }))
    });
    let expectations = expectations.collect::<Result<_, _>>()?;
    let question = predict.map(|predicted| question::read(predicted, mode.name(), &at)).transpose();
    let question = question.map_err(|(line, flaw)| (line, Flaw::Question { variant: name.clone(), flaw }))?;
    let env = env.into_iter().map(|(name, value)| (name, value.into_inner())).collect();
    let knobs = knobs.into_iter().map(Spanned::into_inner).collect();
    let golden = golden.map(Spanned::into_inner);
    Ok(Variant { name, mode, options, env, knobs, exit, expectations, question, go, golden, line })
}

fn expectation(line: usize, expected: Expected) -> Result<Expectation, ExpectationFlaw> {
    let Expected { r#match, not, min, max, stream, go } = expected;
    let (pattern, min, max) = match (r#match, not) {
        (Some(pattern), None) => (pattern, min.unwrap_or(usize::from(max != Some(0))), max),
        (None, Some(pattern)) if min.is_none() && max.is_none() => (pattern, 0, Some(0)),
        (None, Some(_)) => return Err(ExpectationFlaw::CountOfNot),
        _ => return Err(ExpectationFlaw::Either),
    };
    if max.is_some_and(|max| min > max) {
        return Err(ExpectationFlaw::Counts);
    }
    let go = go.as_deref().map(Versions::parse).transpose()?.unwrap_or_default();
    Ok(Expectation { pattern: Pattern::new(&pattern)?, stream, min, max, go, line })
}

/// What the go command looks at by itself.
fn is_code(name: &str) -> bool {
    let own = ["go.mod", "go.sum"].contains(&name);
    let extension = name.rsplit_once('.').map(|(_, extension)| extension);
    own || matches!(extension, Some("go" | "s")) || name.split('/').any(|part| part == "testdata")
}

/// One text that a request takes apart into the same files again.
fn source(files: BTreeMap<String, String>) -> Result<String, Flaw> {
    Files::new(files).map_err(Flaw::Files)?.to_source().ok_or(Flaw::Txtar)
}
