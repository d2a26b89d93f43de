//! The part of a tool's output that is asked for.

use super::listing::{OneFunction, is_of};
use super::plan::Only;

/// Passes that part.
#[derive(Debug)]
pub enum Part {
    /// Of an assembly listing.
    Function(OneFunction),
    /// Of a list of symbols.
    Symbol(OneSymbol),
}

/// The most names that a message lists.
const MAX_NAMES: usize = 20;

impl Part {
    /// Nothing has come yet.
    pub fn new(only: Only) -> Self {
        match only {
            Only::Function(symbol) => Self::Function(OneFunction::new(symbol)),
            Only::Symbol(symbol) => Self::Symbol(OneSymbol { symbol, ..OneSymbol::default() }),
        }
    }

    /// The wanted lines among the whole ones so far.
    pub fn push(&mut self, text: &str) -> String {
        match self {
            Self::Function(function) => function.push(text),
            Self::Symbol(symbol) => symbol.push(text),
        }
    }

    /// What is left at the end.
    pub fn finish(&mut self) -> String {
        match self {
            Self::Function(function) => function.finish(),
            Self::Symbol(symbol) => symbol.push_line(),
        }
    }

    /// What to say when there was no such function, but others.
    pub fn missing(&self) -> Option<String> {
        let (what, others): (_, Vec<&str>) = match self {
            Self::Function(function) => ("listing", function.missing()?.take(MAX_NAMES).collect()),
            Self::Symbol(symbol) if symbol.is_found => return None,
            Self::Symbol(symbol) => ("program", symbol.others.iter().map(String::as_str).collect()),
        };
        (!others.is_empty()).then(|| format!("the {what} has no such function; it has {}", others.join(", ")))
    }
}

/// Passes the lines of one function, its instances and closures, of what `go tool nm -size` prints.
#[derive(Debug, Default)]
pub struct OneSymbol {
    symbol: String,
    line: String,
    is_found: bool,
    /// Some of the reader's own.
    others: Vec<String>,
}

impl OneSymbol {
    fn push(&mut self, text: &str) -> String {
        let mut passed = String::new();
        for part in text.split_inclusive('\n') {
            self.line.push_str(part);
            if part.ends_with('\n') {
                passed.push_str(&self.push_line());
            }
        }
        passed
    }

    fn push_line(&mut self) -> String {
        let line = std::mem::take(&mut self.line);
        let Some(name) = name(&line) else { return String::new() };
        if is_of(name, &self.symbol) {
            self.is_found = true;
            return line;
        }
        if name.starts_with("main.") && self.others.len() < MAX_NAMES {
            self.others.push(name.to_owned());
        }
        String::new()
    }
}

/// The name in `  4a1b20       153 T main.main`: all behind the letter, since it may hold spaces.
fn name(line: &str) -> Option<&str> {
    let (_, rest) = line.trim_start().split_once(' ')?;
    let (_, rest) = rest.trim_start().split_once(' ')?;
    Some(rest.get(2..)?.trim_end_matches('\n'))
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

    fn only(symbol: &str) -> (String, Option<String>) {
        let mut part = Part::new(Only::Symbol(symbol.to_owned()));
        let mut text: String = SYMBOLS.split_inclusive([' ', '\n']).map(|piece| part.push(piece)).collect();
        text += &part.finish();
        (text, part.missing())
    }

    #[test]
    fn a_function_with_its_instances_and_closures() {
        let lines: Vec<&str> = SYMBOLS.split_inclusive('\n').collect();
        assert_eq!(only("main.f"), ([lines[0], lines[1], lines[4]].concat(), None));
        assert_eq!(only("runtime.main"), (lines[3].to_owned(), None));
    }

    #[test]
    fn others_are_named() {
        let (text, missing) = only("main.h");
        assert!(text.is_empty() && missing.unwrap().ends_with("main.f, main.fg, main.f.func1"));
    }
}
