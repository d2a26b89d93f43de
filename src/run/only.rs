//! The part of a tool's output that is asked for: one function of it.

use std::collections::BTreeSet;

use super::function::{OWN, is_of};
use super::plan::Only;
use crate::findings::listing;

/// Passes the lines that belong to one function, its instances and closures.
#[derive(Debug)]
pub struct Part {
    format: Format,
    function: String,
    /// What has come of the line so far.
    line: String,
    /// Whether a line that names no symbol belongs to what is asked for.
    passing: bool,
    is_found: bool,
    others: BTreeSet<String>,
}

/// How the output names the symbols that its lines belong to.
#[derive(Clone, Copy, Debug)]
enum Format {
    /// What `-S` prints: blocks with a head. Lines of no block are passed.
    Listing,
    /// What `nm -size` prints: a symbol in each line.
    Symbols,
}

/// The most names that a message lists.
const MAX_NAMES: usize = 20;

impl Part {
    /// Nothing has come yet.
    pub fn new(only: Only) -> Self {
        let (format, function) = match only {
            Only::Function(function) => (Format::Listing, function),
            Only::Symbol(function) => (Format::Symbols, function),
        };
        let (line, others) = Default::default();
        Self { format, function, line, passing: true, is_found: false, others }
    }

    /// The wanted lines among the whole ones so far.
    pub fn push(&mut self, text: &str) -> String {
        let mut passed = String::new();
        for part in text.split_inclusive('\n') {
            self.line.push_str(part);
            if part.ends_with('\n') {
                passed.push_str(&self.finish());
            }
        }
        passed
    }

    /// What is left at the end.
    pub fn finish(&mut self) -> String {
        let line = std::mem::take(&mut self.line);
        if self.passes(line.trim_end_matches('\n')) { line } else { String::new() }
    }

    /// Functions that there are instead, where the wanted one is not among them.
    pub fn others(&self) -> Option<impl Iterator<Item = &str>> {
        (!self.is_found).then(|| self.others.iter().map(String::as_str))
    }

    /// What to say when there was no such function, but others.
    pub fn missing(&self) -> Option<String> {
        let others: Vec<&str> = self.others()?.take(MAX_NAMES).collect();
        let what = match self.format {
            Format::Listing => "listing",
            Format::Symbols => "program",
        };
        (!others.is_empty()).then(|| format!("the {what} has no such function; it has {}", others.join(", ")))
    }

    fn passes(&mut self, line: &str) -> bool {
        match self.format {
            // Most lines of all.
            Format::Listing if line.starts_with('\t') => {}
            Format::Listing => {
                self.passing = match listing::symbol(line) {
                    None => true,
                    Some(symbol) => symbol.is_text() && self.sees(symbol.name, true),
                }
            }
            Format::Symbols => self.passing = name(line).is_some_and(|name| self.sees(name, name.starts_with(OWN))),
        }
        self.passing
    }

    /// Whether it is wanted. Another one is kept for the message if it `is_telling`.
    fn sees(&mut self, name: &str, is_telling: bool) -> bool {
        let is_wanted = is_of(name, &self.function);
        self.is_found |= is_wanted;
        if !is_wanted && is_telling {
            self.others.insert(name.to_owned());
        }
        is_wanted
    }
}

/// The name in `  4a1b20       153 T main.main`: all behind the letter, since it may hold spaces.
fn name(line: &str) -> Option<&str> {
    let (_, rest) = line.trim_start().split_once(' ')?;
    let (_, rest) = rest.trim_start().split_once(' ')?;
    rest.get(2..)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SYMBOLS: &str = "\
  4a1b20       153 T main.f[go.shape.struct { A int }]
  4a1b20        53 T main.f
  4a1b20         3 T main.fg
  52dd40         1 D runtime.main
  4a1b20         2 t main.f.func1
";

    const LISTING: &str = "\
# a line of no block
main.f STEXT nosplit size=1 args=0x0
\t0x0000 00000 (main.go:3)\tRET
main.f.func1 STEXT size=2
\t0x0000 00000 (main.go:4)\tRET
main.fg STEXT size=3
\t0x0000 00000 (main.go:5)\tRET
main.(*T[go.shape.struct { A int }]).f STEXT dupok size=4
\t0x0000 00000 (main.go:6)\tRET
go:cuinfo.producer.main SDWARFCUINFO dupok size=0
\t0x0000 2d 4e
";

    /// What is passed, and what is said to be there instead.
    fn part(only: Only, text: &str) -> (String, Option<String>) {
        let mut part = Part::new(only);
        let mut passed: String = text.split_inclusive([' ', 'i', '\n']).map(|piece| part.push(piece)).collect();
        passed += &part.finish();
        (passed, part.missing())
    }

    fn symbols(function: &str) -> (String, Option<String>) {
        part(Only::Symbol(function.to_owned()), SYMBOLS)
    }

    fn listing(function: &str) -> (String, Option<String>) {
        part(Only::Function(function.to_owned()), LISTING)
    }

    fn lines(text: &str, numbers: &[usize]) -> String {
        let lines: Vec<&str> = text.split_inclusive('\n').collect();
        numbers.iter().map(|number| lines[*number]).collect()
    }

    #[test]
    fn symbols_of_a_function_with_its_instances_and_closures() {
        assert_eq!(symbols("main.f"), (lines(SYMBOLS, &[0, 1, 4]), None));
        assert_eq!(symbols("runtime.main"), (lines(SYMBOLS, &[3]), None));
    }

    #[test]
    fn blocks_of_a_function_with_its_closures() {
        assert_eq!(listing("main.f"), (lines(LISTING, &[0, 1, 2, 3, 4]), None));
        assert_eq!(listing("main.(*T[go.shape.struct { A int }]).f"), (lines(LISTING, &[0, 7, 8]), None));
    }

    #[test]
    fn names_with_words_like_those_of_a_head() {
        let text = "main.f[go.shape.struct { SIZE int; STEXT int }] STEXT dupok size=1\n\tRET\n";
        for function in ["main.f", "main.f[go.shape.struct { SIZE int; STEXT int }]"] {
            assert_eq!(part(Only::Function(function.to_owned()), text), (text.to_owned(), None));
        }
    }

    #[test]
    fn what_there_is_instead_is_said() {
        let (text, missing) = symbols("main.h");
        assert_eq!(text, "");
        assert!(missing.unwrap().ends_with("main.f, main.f.func1, main.f[go.shape.struct { A int }], main.fg"));
        let (text, missing) = listing("main.g");
        assert_eq!(text, "# a line of no block\n");
        let others = "main.(*T[go.shape.struct { A int }]).f, main.f, main.f.func1, main.fg";
        assert_eq!(missing.unwrap(), format!("the listing has no such function; it has {others}"));
    }

    #[test]
    fn nothing_is_missing_of_no_output() {
        assert_eq!(part(Only::Function("main.f".to_owned()), ""), (String::new(), None));
    }
}
