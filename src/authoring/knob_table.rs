//! Tables of knobs in lessons: an author picks the knobs and says what they mean, the rest comes from the toolchain.
//!
//! They stand between `<!-- knobs: begin -->` and `<!-- knobs: end -->`, where a capture writes down for which toolchain it
//! filled them. The first column of a table says what it lists and holds a knob in each row; the last one is the author's.

use std::path::PathBuf;

use super::Complaint;
use super::golden::diff;
use super::project::Project;
use crate::examples::versions::minor;
use crate::toolchain::{Amount, Facts, KnobsError, Meter, Setting, Variable};

/// A lesson whose tables are not what the toolchain says.
#[derive(Debug)]
pub struct Stale {
    /// As messages name it.
    pub file: PathBuf,
    /// With its tables filled in.
    pub filled: Filled,
    /// From what is there.
    pub diff: String,
}

/// A lesson with its tables of knobs filled in.
#[derive(Debug, PartialEq, Eq)]
pub struct Filled {
    /// The whole text.
    pub text: String,
    /// The line of the first marker, from 1.
    pub line: usize,
}

/// What is wrong with a table, and on which line of the file, from 1.
#[derive(Debug, PartialEq, Eq)]
struct Wrong {
    line: usize,
    what: String,
}

const BEGIN: &str = "<!-- knobs: begin";
const END: &str = "<!-- knobs: end -->";

/// Lessons whose tables are to be filled anew, and what is wrong with tables. They are held against the toolchain of the minor
/// version that they were filled for; where it is not among these, with `anew` against the first, and else not at all.
///
/// # Errors
/// When a toolchain's source cannot be read.
pub fn stale(
    project: &Project,
    toolchains: &[Named],
    anew: bool,
) -> Result<(Vec<Stale>, Vec<Complaint>), KnobsError> {
    let (mut stale, mut complaints) = (Vec::new(), Vec::new());
    for (file, text) in project.lessons.iter().filter(|(_, text)| text.contains(BEGIN)) {
        let made = made_for(text);
        let same = toolchains.iter().find(|(go, _)| made.is_some_and(|made| minor(made) == minor(go)));
        let first = || toolchains.first().filter(|_| anew || made.is_none());
        let Some((go, goroot)) = same.or_else(first) else { continue };
        match filled(text, go, &Facts::read(goroot)?) {
            Ok(Some(filled)) if filled.text != *text => {
                let name = file.display().to_string();
                let diff = diff((&name, text), (&format!("{name} ({go})"), &filled.text));
                stale.push(Stale { file: file.clone(), filled, diff });
            }
            Ok(_) => {}
            Err(wrong) => {
                complaints.extend(wrong.into_iter().map(|it| Complaint::new(file.clone(), Some(it.line), it.what)));
            }
        }
    }
    Ok((stale, complaints))
}

/// A toolchain's version, such as `go1.27.3`, and its folder.
pub type Named = (String, PathBuf);

impl Stale {
    /// For those who only look.
    pub fn complaint(&self) -> Complaint {
        let what = "its tables of knobs are not what the toolchain says";
        let uncaptured = Complaint::uncaptured(self.file.clone(), what);
        Complaint { line: Some(self.filled.line), diff: Some(self.diff.clone()), ..uncaptured }
    }
}

/// For which toolchain the tables of a lesson were filled, such as `go1.27.3`. `None` where it has none, or where they never
/// were.
fn made_for(text: &str) -> Option<&str> {
    let (_, stamp) = text.split_once(BEGIN)?;
    stamp.strip_prefix(", ")?.split_once(':').map(|(go, _)| go)
}

/// The lesson as it should be for a toolchain; `None` where it has no such tables.
///
/// # Errors
/// Rows and marks that cannot be understood, and knobs that the toolchain does not have.
fn filled(text: &str, go: &str, facts: &Facts) -> Result<Option<Filled>, Vec<Wrong>> {
    let mut out = String::with_capacity(text.len());
    let mut wrong = Vec::new();
    let mut first = None;
    let mut since: Option<usize> = None;
    let mut table = Vec::new();
    for (line, text) in (1..).zip(text.split_inclusive('\n')) {
        let is_row = since.is_some() && text.starts_with('|');
        if !is_row && !table.is_empty() {
            out += &rendered(&std::mem::take(&mut table), go, facts, &mut wrong);
        }
        if text.starts_with(BEGIN) {
            first = first.or(Some(line));
            since = Some(line);
            // Another patch release that says the same is no news.
            let kept = made_for(text).filter(|made| minor(made) == minor(go)).unwrap_or(go);
            out += &format!("{BEGIN}, {kept}: filled in by underhood capture -->\n");
        } else if is_row {
            table.push((line, text));
        } else {
            since = since.filter(|_| text.trim_end() != END);
            out += text;
        }
    }
    if let Some(line) = since {
        wrong.push(Wrong { line, what: format!("there is no `{END}` after it") });
    }
    if !wrong.is_empty() {
        return Err(wrong);
    }
    Ok(first.map(|line| Filled { text: out, line }))
}

/// What a table lists.
#[derive(Clone, Copy)]
enum Listed {
    Variables,
    Settings,
    Metrics,
    Flags,
}

impl Listed {
    /// As its first column is headed.
    const HEADS: [(&str, Self, &[&str]); 4] = [
        ("variable", Self::Variables, &["default, else"]),
        ("GODEBUG", Self::Settings, &["default"]),
        ("runtime/metrics", Self::Metrics, &["kind"]),
        ("-gcflags", Self::Flags, &[]),
    ];

    /// What the toolchain says of a knob, for each column; `None` where it has none of this name.
    fn cells(self, knob: &str, facts: &Facts) -> Option<Vec<String>> {
        // With a value, as one would type it.
        let name = knob.split_once('=').map_or(knob, |(name, _)| name);
        Some(match self {
            Self::Variables => facts.variables.get(name).map(|it| vec![may_be(it)])?,
            Self::Settings => facts.godebug.get(name).map(|it| vec![history(it)])?,
            Self::Metrics => facts.metrics.get(knob).map(|it| vec![kind(*it).to_owned()])?,
            Self::Flags => facts.compiler.contains(flag(knob)?).then(Vec::new)?,
        })
    }
}

/// The rows of one table, each with its line, filled in.
fn rendered(rows: &[(usize, &str)], go: &str, facts: &Facts, wrong: &mut Vec<Wrong>) -> String {
    let cells = |row: &str| -> Vec<String> {
        row.trim().trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect()
    };
    let mut tell = |line: usize, what: String| wrong.push(Wrong { line, what });
    let (line, head) = (rows[0].0, cells(rows[0].1));
    let (first, last) = (head[0].as_str(), head.last().map_or("", String::as_str));
    let Some((_, listed, columns)) = Listed::HEADS.into_iter().find(|(name, ..)| *name == first) else {
        let names: Vec<_> = Listed::HEADS.iter().map(|(name, ..)| *name).collect();
        tell(line, format!("a table of knobs lists one of {}, not {first:?}", names.join(", ")));
        return String::new();
    };
    let join = |cells: Vec<&str>| format!("| {} |\n", cells.join(" | "));
    let mut out = join([&[first], columns, &[last]].concat());
    out += &format!("|{}\n", "---|".repeat(columns.len() + 2));
    for (line, row) in rows.iter().skip(2) {
        let row = cells(row);
        let knob = row[0].strip_prefix('`').and_then(|rest| rest.strip_suffix('`')).unwrap_or_default();
        match listed.cells(knob, facts) {
            _ if knob.is_empty() || knob.contains('`') || row.len() < 2 => {
                tell(*line, "a row is a knob in backquotes, and what it means".to_owned());
            }
            Some(said) => {
                let said = said.iter().map(String::as_str);
                let words = row.last().map(String::as_str);
                out += &join([row[0].as_str()].into_iter().chain(said).chain(words).collect());
            }
            None => tell(*line, format!("{go} knows no such {first}: {knob}")),
        }
    }
    out
}

/// The default, and what else it may be.
fn may_be(variable: &Variable) -> String {
    let default = variable.default.as_deref();
    let others = variable.words.iter().map(String::as_str).filter(|word| Some(*word) != default);
    let amount = variable.amount.map(|amount| match amount {
        Amount::Number => "a number".to_owned(),
        Amount::Size => "a size".to_owned(),
    });
    let others = amount.into_iter().chain(others.map(|word| format!("`{word}`"))).collect::<Vec<_>>().join(", ");
    let default = default.map(|default| format!("`{default}`, else "));
    default.unwrap_or_default() + &others
}

fn history(setting: &Setting) -> String {
    let default = setting.default.as_ref().map(|default| format!("`{default}`"));
    let since = setting.since.as_ref().map(|minor| format!("since 1.{minor}"));
    let counted = setting.counted.then(|| "counted".to_owned());
    [default, since, counted].into_iter().flatten().collect::<Vec<_>>().join(", ")
}

fn kind(meter: Meter) -> &'static str {
    match meter {
        Meter::Counter => "counter",
        Meter::Gauge => "gauge",
        Meter::Histogram => "histogram",
    }
}

/// A compiler's flag as its facts name it: `m` of `-m=2`, `d=ssa/prove` of `-d=ssa/prove/debug=1`.
fn flag(knob: &str) -> Option<&str> {
    let knob = knob.strip_prefix('-')?;
    let start = ["d=ssa/", "d="].into_iter().find(|start| knob.starts_with(start)).map_or(0, str::len);
    let end = knob[start..].find(['=', '/']).map_or(knob.len(), |at| start + at);
    Some(&knob[..end])
}

#[cfg(test)]
#[path = "knob_table_tests.rs"]
mod tests;
