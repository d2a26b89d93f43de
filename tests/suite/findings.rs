//! Each parser against all that the toolchain prints of its own standard library: no line is unaccounted for.
//!
//! One build with all flags at once prints a gigabyte or so: `-m=2`, `-S` and the bounds checks on one stream, and the
//! optimiser's log into files. Both are kept below the target folder, the first in a cache of the go command's, so only the
//! first run on a machine pays for it. It is read as it comes and never held whole.

mod library;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use library::{Library, Version};
use underhood::findings::{bounds, decisions, inlining, listing, optimiser_log};

/// How often each kind of line came.
type Counts = BTreeMap<String, usize>;

/// What was found in a part of the output, or in all of it.
#[derive(Default)]
struct Found {
    counts: Counts,
    /// The first few lines that were not understood, or not whole, or by two parsers.
    faults: Vec<String>,
}

#[test]
fn the_standard_library_of_the_toolchain_in_use() {
    holds_on(&Version::in_use());
}

#[test]
fn the_standard_library_of_1_26() {
    holds_if_installed("1.26");
}

#[test]
fn the_standard_library_of_1_25() {
    holds_if_installed("1.25");
}

fn holds_if_installed(minor: &str) {
    match Version::installed(minor) {
        Some(version) if version.root != Version::in_use().root => holds_on(&version),
        Some(_) => eprintln!("Go {minor} is the toolchain in use"),
        None => eprintln!("Go {minor} is not installed, so nothing is tested: underhood toolchain install {minor}"),
    }
}

fn holds_on(version: &Version) {
    let library = Library::of(version);
    let mut found = library.printed(read_line);
    library.logged(|file| read_log(file, &mut found));
    for (kind, count) in &found.counts {
        eprintln!("{count:>9} {kind}");
    }
    assert!(found.faults.is_empty(), "{} lines, first:\n{}", found.faults.len(), found.faults.join("\n"));
    for kind in expected() {
        assert!(found.counts.contains_key(kind), "there is no {kind} in the standard library of {}", version.name);
    }
}

/// What every release has in its library. Each parser has to see what it is there for.
fn expected() -> impl Iterator<Item = &'static str> {
    let decisions = "Heading Moved Escapes Stays Leaks LeaksContent LeaksToResult AssumedUintptr MarkedUintptr Captures \
                     SelfAssignment ZeroCopy Why(Escapes Why(Leaks Why(Flow Why(From CanInline CannotInline InlinesCall \
                     Big Devirtualises BoundsElided";
    let listing = "Symbol Instruction Data Relocation";
    let inlining = "Table Row Done Wrote Packed Tree Node End";
    let bounds = "Kept Needless Always Never Proved SliceMask Induction";
    let logged = "header CanInline CannotInline CannotInlineCall Escape Escapes Leaks IndexChecked SliceChecked NilChecked \
                  Copied PerIteration LoopModified step:Inlined step:Flow step:From";
    let named = |format, kinds: &'static str| kinds.split_whitespace().map(move |kind| (format, kind));
    let all = named("decisions", decisions).chain(named("listing", listing)).chain(named("bounds", bounds));
    let all = all.chain(named("inlining", inlining));
    all.chain(named("log", logged)).map(|(format, kind)| &*format!("{format} {kind}").leak())
}

/// A line is of one format, and prints again as it was.
fn read_line(line: &str, found: &mut Found) {
    if line.starts_with('#') {
        return found.count("decisions", &decisions::parse(line).decision);
    }
    let tabled = inlining::parse(line);
    let inlining::Line::Listed(listed) = &tabled else {
        found.count("inlining", &tabled);
        let others = (listing::parse(line), decisions::parse(line).decision, bounds::parse(line).fact);
        let is_ours =
            matches!(others, (listing::Line::Other(_), decisions::Decision::Other(_), bounds::Fact::Other(_)));
        if !is_ours || tabled.to_string() != line {
            found.fault(format!("{line}\nwas read as\n{tabled}"));
        }
        return;
    };
    // Most lines of all; no other format begins with a tab.
    if line.starts_with('\t') {
        found.count("listing", listed);
        if matches!(listed, listing::Line::Other(_)) || listed.to_string() != line {
            found.fault(format!("{line}\nwas read as\n{listed}"));
        }
        return;
    }
    let decided = decisions::parse(line);
    let bounded = bounds::parse(line);
    let is_listed = !matches!(listed, listing::Line::Other(_));
    let is_decided = !matches!(decided.decision, decisions::Decision::Other(_));
    let is_bounded = !matches!(bounded.fact, bounds::Fact::Other(_));
    let again = match (is_listed, is_decided, is_bounded) {
        (true, false, false) => {
            found.count("listing", listed);
            listed.to_string()
        }
        (false, true, false) => {
            found.count("decisions", &decided.decision);
            decided.to_string()
        }
        (false, false, true) => {
            found.count("bounds", &bounded.fact);
            bounded.to_string()
        }
        _ => return found.fault(format!("listing {is_listed}, decision {is_decided}, bounds {is_bounded}: {line}")),
    };
    if again != line {
        found.fault(format!("{line}\nwas read as\n{again}"));
    }
}

fn read_log(file: &Path, found: &mut Found) {
    let text = fs::read_to_string(file).expect("a file of the log");
    for (number, line) in text.lines().enumerate() {
        let again = match optimiser_log::parse(line) {
            optimiser_log::Line::Header(header) if number == 0 => {
                *found.counts.entry("log header".to_owned()).or_default() += 1;
                serde_json::to_value(header)
            }
            optimiser_log::Line::Entry(entry) if number > 0 => {
                match entry.said() {
                    Some(said) => found.count("log", &said),
                    None => found.fault(format!("not known: {line}")),
                }
                for related in &entry.related_information {
                    match related.step() {
                        Some(step) => found.count("log step:", &step),
                        None => found.fault(format!("not known: {related:?}")),
                    }
                }
                serde_json::to_value(entry)
            }
            _ => {
                found.fault(format!("line {} of {}: {line}", number + 1, file.display()));
                continue;
            }
        };
        let whole: serde_json::Value = serde_json::from_str(line).expect("JSON");
        if again.expect("JSON") != whole {
            found.fault(format!("not all of it was read: {line}"));
        }
    }
}

impl Found {
    /// By the names of the variants.
    fn count(&mut self, format: &str, what: &impl std::fmt::Debug) {
        let space = if format.ends_with(':') { "" } else { " " };
        let mut kind = Name { text: format!("{format}{space}"), is_over: false };
        let _ = std::fmt::Write::write_fmt(&mut kind, format_args!("{what:?}"));
        match self.counts.get_mut(&kind.text) {
            Some(count) => *count += 1,
            None => drop(self.counts.insert(kind.text, 1)),
        }
    }

    fn fault(&mut self, fault: String) {
        if self.faults.len() < 20 {
            self.faults.push(fault);
        }
    }

    fn add(&mut self, other: Self) {
        for (kind, count) in other.counts {
            *self.counts.entry(kind).or_default() += count;
        }
        other.faults.into_iter().for_each(|fault| self.fault(fault));
    }
}

/// The beginning of what a value prints as: the name of its variant, and of what is in it where that is a choice too.
struct Name {
    text: String,
    is_over: bool,
}

impl std::fmt::Write for Name {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        let is_name = text.starts_with(|c: char| c.is_ascii_uppercase()) || text == "(" && self.text.ends_with("Why");
        self.is_over |= !is_name || !self.text.ends_with([' ', ':', '(']) && text != "(";
        // An error ends the writing early.
        if self.is_over {
            return Err(std::fmt::Error);
        }
        self.text.push_str(text);
        Ok(())
    }
}
