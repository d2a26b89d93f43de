//! The programs: examples of the standard library, those of ours, and such as are hard to get right.

use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use sha2::{Digest as _, Sha256};

use super::{kept, odd};
use crate::harness::go::{self, Folder, split};
use crate::harness::{examples, suite, text_of};

/// A reader's program.
pub struct Program {
    pub name: String,
    pub files: Vec<(String, String)>,
    pub origin: Origin,
    /// Why what it prints when it runs is not compared; found out by running it twice where this says nothing.
    pub not_run: Option<&'static str>,
}

/// Where a program comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Origin {
    /// An example of the standard library.
    Library,
    /// One of `examples-go/` or `tests/suite/programs/`.
    Ours,
    /// One that builds, but has something odd.
    Odd,
    /// One that does not build.
    Refused,
}

impl Program {
    fn new(origin: Origin, name: String, files: Vec<(String, String)>) -> Self {
        Self { name, files, origin, not_run: None }
    }

    /// Whether its packages are a module's.
    pub fn is_module(&self) -> bool {
        self.files.iter().any(|(name, _)| name == "go.mod")
    }
}

/// All programs, always the same ones for one version of Go; first those that are most likely to differ.
pub fn programs() -> Vec<Program> {
    let mut programs = listed(Origin::Odd, "differential/accepted.txt");
    programs.extend(listed(Origin::Refused, "differential/refused.txt"));
    programs.extend(odd::accepted().into_iter().map(|(name, text)| lone(Origin::Odd, name, text)));
    programs.extend(odd::refused().into_iter().map(|(name, text)| lone(Origin::Refused, name, text)));
    programs.extend(of_ours());
    programs.extend(of_the_library());
    programs
}

fn lone(origin: Origin, name: &str, text: String) -> Program {
    Program::new(origin, name.to_owned(), vec![("main.go".to_owned(), text)])
}

/// What `examples.go` prints.
#[derive(Deserialize)]
struct Example {
    name: String,
    whole: bool,
    output: bool,
    source: String,
}

/// So many examples whose output Go's own tests compare, beside those that are whole files.
const WITH_OUTPUT: usize = 190;

/// So many of the others: they are compiled, not run.
const WITHOUT_OUTPUT: usize = 24;

/// Imports of programs that are not run: on the real side nothing holds them.
const OUTWARD: [&str; 6] = ["\"net\"", "\"net/", "\"crypto/tls\"", "\"os/exec\"", "\"os/signal\"", "\"syscall\""];

fn of_the_library() -> Vec<Program> {
    let mut examples: Vec<Example> =
        example_lines().lines().map(|line| serde_json::from_str(line).expect("an example")).collect();
    // Some packages have an example of the same name for each system.
    examples.dedup_by(|one, other| one.name == other.name);
    // Without a pattern, but the same on every machine.
    examples.sort_by_cached_key(|example| kept::hex(&Sha256::digest(&example.name)));
    let is_outward = |source: &str| OUTWARD.iter().any(|import| source.contains(import));
    let (mut with, mut without) = (0, 0);
    examples.retain(|example| {
        let is_run = example.output && !is_outward(&example.source);
        let (count, most) = if is_run { (&mut with, WITH_OUTPUT) } else { (&mut without, WITHOUT_OUTPUT) };
        *count += usize::from(!example.whole);
        example.whole || *count <= most
    });
    let program = |example: Example| {
        let not_run = if is_outward(&example.source) {
            Some("an example that may use the network or other processes")
        } else if !example.output {
            Some("an example of which Go does not say what it prints")
        } else {
            None
        };
        Program { not_run, ..lone(Origin::Library, &example.name, example.source) }
    };
    examples.into_iter().map(program).collect()
}

/// Kept, since the program that finds them takes seconds to build.
fn example_lines() -> String {
    let finder = text_of("differential/examples.go");
    let path = kept::folder().join(format!("examples-{}", kept::hex(&Sha256::digest(&finder))));
    if let Ok(lines) = fs::read_to_string(&path) {
        return lines;
    }
    let folder = Folder::with(vec![("examples.go".to_owned(), finder)]);
    let mut command = folder.command(&go::root().join("bin/go"));
    command.args(["run", "examples.go"]).arg(go::root().join("src"));
    let lines = crate::harness::command::finish(command, b"").with_code(0).stdout;
    kept::write(&path, lines.as_bytes());
    lines
}

/// Of such a program `check` compares a pattern alone: often it prints the same, but not always.
const PATTERNS: &str = "an example whose author promises patterns, not bytes";

/// What of an `example.toml` tells whether its program prints the same bytes each time.
#[derive(Deserialize)]
struct Promises {
    variant: Vec<Variant>,
}

#[derive(Deserialize)]
struct Variant {
    mode: String,
    #[serde(default)]
    golden: bool,
}

/// Whether the author has captured what the program prints.
fn promises_bytes(example: &Path) -> bool {
    let text = fs::read_to_string(example.join("example.toml")).expect("readable");
    let promises: Promises = toml::from_str(&text).expect("an example");
    promises.variant.iter().any(|variant| variant.mode == "run" && variant.golden)
}

fn of_ours() -> Vec<Program> {
    let mut programs = Vec::new();
    for topic in entries(&examples()) {
        for example in entries(&topic) {
            let name = example.strip_prefix(examples()).expect("below it").display().to_string();
            let text = |path: PathBuf| (file_name(&path), fs::read_to_string(&path).expect("readable"));
            let sources = entries(&example).into_iter().filter(|path| path.extension().is_some_and(|e| e == "go"));
            let files: Vec<_> = sources.map(text).collect();
            // What has nothing but tests is not built.
            if files.iter().any(|(name, _)| !name.ends_with("_test.go")) {
                let not_run = (!promises_bytes(&example)).then_some(PATTERNS);
                programs.push(Program { not_run, ..Program::new(Origin::Ours, name, files) });
            }
        }
    }
    for program in entries(&suite("programs")) {
        let name = file_name(&program);
        let text = fs::read_to_string(&program).expect("readable");
        let files = if name.ends_with(".txtar") { split(&text) } else { vec![(name.clone(), text)] };
        programs.push(Program::new(Origin::Ours, name, files));
    }
    programs
}

/// What a folder holds, in order; nothing if it is a file.
fn entries(folder: &Path) -> Vec<PathBuf> {
    let listed = fs::read_dir(folder).into_iter().flatten();
    let mut paths: Vec<PathBuf> = listed.map(|entry| entry.expect("an entry").path()).collect();
    paths.sort();
    paths
}

fn file_name(path: &Path) -> String {
    path.file_name().and_then(|name| name.to_str()).expect("a name in UTF-8").to_owned()
}

/// The programs of a file: `=== NAME` before each, which is a txtar or main.go.
fn listed(origin: Origin, file: &str) -> Vec<Program> {
    let text = text_of(file);
    let programs = text.split("\n=== ").skip(1).map(|entry| {
        let (name, body) = entry.split_once('\n').expect("a name and a program");
        // The split took the last line's end.
        let body = format!("{body}\n");
        if body.starts_with("-- ") {
            Program::new(origin, name.to_owned(), split(&body))
        } else {
            lone(origin, name, body)
        }
    });
    programs.collect()
}
