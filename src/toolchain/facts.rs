//! What a toolchain's source says of its knobs: defaults, accepted words, kinds of meters.
//!
//! Only what can be read off a declaration or a short function is told. Where Go's own words would be needed, an author has
//! better ones.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::knobs::{KnobsError, Source, names};

/// All knobs of a toolchain, by name.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    /// Variables of the environment that the runtime of every program reads.
    pub variables: BTreeMap<String, Variable>,
    /// Keys of GODEBUG that are documented; those that were removed are not among them.
    pub godebug: BTreeMap<String, Setting>,
    /// What runtime/metrics offers.
    pub metrics: BTreeMap<String, Meter>,
    /// Flags of the compiler without the hyphen: `m`, and for its option `-d` both `d=checkptr` and, of passes,
    /// `d=ssa/prove`.
    pub compiler: BTreeSet<String>,
}

/// A variable of the environment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Variable {
    /// What holds where it is not set, if the source has a word or a number for it.
    pub default: Option<String>,
    /// What it may be beside words: a number, or a size with a unit.
    pub amount: Option<Amount>,
    /// The words that it may be.
    pub words: Vec<String>,
}

/// What a variable tells by a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Amount {
    /// A number alone.
    Number,
    /// Bytes, or with a unit such as `MiB`.
    Size,
}

/// A key of GODEBUG.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Setting {
    /// What holds where it is not set; known of the runtime's own.
    pub default: Option<String>,
    /// The minor version of Go 1 that changed the default to what it is.
    pub since: Option<String>,
    /// Whether uses of another than the default behaviour are counted, in the metric
    /// `/godebug/non-default-behavior/KEY:events`.
    pub counted: bool,
}

/// How a metric is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meter {
    /// It only grows: two readings and their difference.
    Counter,
    /// It is as it is now.
    Gauge,
    /// Counts by size.
    Histogram,
}

impl Facts {
    /// Reads the source of the toolchain in this folder.
    ///
    /// # Errors
    /// When it is not there, or nothing of what is looked for is in it.
    pub fn read(goroot: &Path) -> Result<Self, KnobsError> {
        let source = |file: &str| Source::read(goroot, file);
        let godebug = godebug(&source("runtime/runtime1.go")?, &source("internal/godebugs/table.go")?)?;
        let mut metrics = metrics(&source("runtime/metrics/description.go")?)?;
        let counted = godebug.iter().filter(|(_, setting)| setting.counted);
        metrics
            .extend(counted.map(|(key, _)| (format!("/godebug/non-default-behavior/{key}:events"), Meter::Counter)));
        Ok(Self { variables: variables(&source)?, godebug, metrics, compiler: compiler(&source)? })
    }
}

type Read<'a> = &'a dyn Fn(&str) -> Result<Source, KnobsError>;

/// Each with the function that reads it, and its file.
const VARIABLES: [(&str, &str, &str); 4] = [
    ("GOGC", "runtime/mgcpacer.go", "func readGOGC("),
    ("GOMEMLIMIT", "runtime/mgcpacer.go", "func readGOMEMLIMIT("),
    ("GOMAXPROCS", "runtime/proc.go", "gogetenv(\"GOMAXPROCS\")"),
    ("GOTRACEBACK", "runtime/runtime1.go", "func setTraceback("),
];

fn variables(source: Read<'_>) -> Result<BTreeMap<String, Variable>, KnobsError> {
    let mut all = BTreeMap::new();
    for (name, file, start) in VARIABLES {
        let source = source(file)?;
        let line_of = |at: usize| source.text[..at].rfind('\n').map_or(0, |at| at + 1);
        let Some(at) = source.text.find(start).map(line_of) else {
            return Err(source.without("reader of a variable"));
        };
        let code = if start.starts_with("func") { source.after(start) } else { first_line(&source.text[at..]) };
        all.insert(name.to_owned(), variable(&code));
    }
    Ok(all)
}

fn variable(code: &str) -> Variable {
    // Conditions and cases, each with the words that it compares.
    let is_case = |line: &&str| line.contains("case ") || line.contains("== \"") && !line.contains("GOOS");
    let cases = code.lines().filter(is_case);
    let cases: Vec<Vec<&str>> = cases.map(|line| line.split('"').skip(1).step_by(2).collect()).collect();
    let of_nothing =
        cases.iter().find(|case| case.contains(&"")).and_then(|case| case.iter().find(|word| !word.is_empty()));
    // What is returned when nothing before it was.
    let last = code.rsplit_once("return ").map(|(_, rest)| first_line(rest));
    let last = last.filter(|last| !last.is_empty() && last.bytes().all(|byte| byte.is_ascii_digit()));
    let words = cases.iter().flatten().filter(|word| !word.is_empty()).map(|word| (*word).to_owned()).collect();
    let amount = if code.contains("parseByteCount(") {
        Some(Amount::Size)
    } else {
        ["ParseInt(", "Atoi(", "Atoi32("].iter().any(|call| code.contains(call)).then_some(Amount::Number)
    };
    Variable { default: of_nothing.map(|word| (*word).to_owned()).or(last), amount, words }
}

fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().trim().to_owned()
}

fn godebug(runtime: &Source, table: &Source) -> Result<BTreeMap<String, Setting>, KnobsError> {
    let mut all = BTreeMap::new();
    for entry in entries(&runtime.after("var dbgvars ="), "name:") {
        let default = field(entry, "def:").unwrap_or("0").to_owned();
        all.insert(name(entry), Setting { default: Some(default), ..Setting::default() });
    }
    // What is set before what a program or its user says.
    let start = runtime.after("func parseRuntimeDebugVars(");
    let before = start.split("parsegodebug(").next().unwrap_or_default();
    for (key, value) in before.lines().filter_map(|line| line.trim().strip_prefix("debug.")?.split_once(" = ")) {
        if let Some(setting) = all.get_mut(key) {
            setting.default = Some(value.trim().to_owned());
        }
    }
    for entry in entries(&table.after("var All ="), "Name:") {
        let setting = all.entry(name(entry)).or_default();
        setting.since = field(entry, "Changed:").map(str::to_owned);
        setting.counted = field(entry, "Opaque:") != Some("true");
    }
    for removed in names(&table.after("var Removed ="), "Name:") {
        all.remove(&removed);
    }
    if all.is_empty() { Err(runtime.without("debug variables")) } else { Ok(all) }
}

fn metrics(source: &Source) -> Result<BTreeMap<String, Meter>, KnobsError> {
    let of = |entry: &str| {
        let meter = match (field(entry, "Kind:"), field(entry, "Cumulative:")) {
            (Some("KindFloat64Histogram"), _) => Meter::Histogram,
            (_, Some("true")) => Meter::Counter,
            _ => Meter::Gauge,
        };
        (name(entry), meter)
    };
    let all: BTreeMap<_, _> = entries(&source.after("var allDesc ="), "Name:").map(of).collect();
    if all.is_empty() { Err(source.without("metrics")) } else { Ok(all) }
}

fn compiler(source: Read<'_>) -> Result<BTreeSet<String>, KnobsError> {
    let file = |name: &str| source(&format!("cmd/compile/internal/{name}"));
    let (flags, debug, passes) = (file("base/flag.go")?, file("base/debug.go")?, file("ssa/compile.go")?);
    let mut all = flags.some("flags", tagged(&flags.after("type CmdFlags struct")))?;
    let settings = debug.some("debug settings", tagged(&debug.after("type DebugFlags struct")))?;
    all.extend(settings.into_iter().map(|name| format!("d={}", name.to_lowercase())));
    let named = passes.some("passes", names(&passes.after("var passes ="), "name:"))?;
    all.extend(named.into_iter().map(|name| format!("d=ssa/{}", name.replace(' ', "_"))));
    Ok(all)
}

/// Names of the fields with a `help` tag, as flags: those of one letter as they are, `LowerM` as `m`, others in lower case.
fn tagged(fields: &str) -> BTreeSet<String> {
    let fields = fields.lines().filter(|line| line.contains("help:"));
    let names = fields.filter_map(|line| line.split_whitespace().next());
    let flag = |name: &str| match name.strip_prefix("Lower") {
        Some(letter) if letter.len() == 1 => letter.to_lowercase(),
        _ if name.len() == 1 => name.to_owned(),
        _ => name.to_lowercase(),
    };
    names.map(flag).collect()
}

/// The entries of a literal, each from the value of the field that it begins with.
fn entries<'a>(literal: &'a str, first: &'a str) -> impl Iterator<Item = &'a str> {
    literal.split(first).skip(1)
}

/// The string that an entry begins with.
fn name(entry: &str) -> String {
    entry.split('"').nth(1).unwrap_or_default().to_owned()
}

/// The value of a field that is a number or a word.
fn field<'a>(entry: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = entry.split_once(name)?;
    rest.split([',', '}', '\n']).next().map(str::trim)
}

#[cfg(test)]
#[path = "facts_tests.rs"]
mod tests;
