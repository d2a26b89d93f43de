//! One function of a `-S` listing (cmd/internal/obj/objfile.go writes it).

use std::collections::BTreeSet;
use std::mem;

/// Passes the blocks of one symbol and its closures, and every line that belongs to no block.
#[derive(Debug)]
pub struct OneFunction {
    symbol: String,
    line: String,
    passing: bool,
    found: bool,
    others: BTreeSet<String>,
}

impl OneFunction {
    /// `symbol` as the listing has it, such as `main.f`.
    pub fn new(symbol: String) -> Self {
        Self { symbol, line: String::new(), passing: true, found: false, others: BTreeSet::new() }
    }

    /// The wanted lines among the whole ones so far.
    pub fn push(&mut self, text: &str) -> String {
        let mut passed = String::new();
        for part in text.split_inclusive('\n') {
            self.line.push_str(part);
            if part.ends_with('\n') {
                passed.push_str(&self.take_line());
            }
        }
        passed
    }

    /// What is left at the end.
    pub fn finish(&mut self) -> String {
        self.take_line()
    }

    /// The functions that the listing has instead, when it does not have the wanted one.
    pub fn missing(&self) -> Option<impl Iterator<Item = &str>> {
        (!self.found).then(|| self.others.iter().map(String::as_str))
    }

    fn take_line(&mut self) -> String {
        let line = mem::take(&mut self.line);
        if !line.starts_with('\t') {
            self.passing = match header(&line) {
                None => true,
                Some((name, is_text)) => {
                    let wanted = is_text && is_of(name, &self.symbol);
                    self.found |= wanted;
                    if is_text && !wanted {
                        self.others.insert(name.to_owned());
                    }
                    wanted
                }
            };
        }
        if self.passing { line } else { String::new() }
    }
}

/// Whether a symbol is that function, an instance of it, a closure in it, or what wraps it.
pub fn is_of(name: &str, function: &str) -> bool {
    name.strip_prefix(function).is_some_and(|rest| {
        rest.is_empty() || rest.starts_with('[') || rest.starts_with(".func") || rest.starts_with('-')
    })
}

/// A symbol's name and whether it is code, of a line such as `main.f STEXT nosplit size=9 …`. The name may hold any
/// words, such as those of `main.f[go.shape.struct { SIZE int }]`, but what follows it cannot: so the line is read from
/// its end.
fn header(line: &str) -> Option<(&str, bool)> {
    let (before, _) = line.rsplit_once(" size=")?;
    before.rmatch_indices(" S").find_map(|(at, _)| {
        let kind = before[at + 1..].split(' ').next().unwrap_or_default();
        let is_kind = kind.len() > 1 && kind.bytes().all(|byte| byte.is_ascii_uppercase());
        is_kind.then(|| (&before[..at], kind.starts_with("STEXT")))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

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

    fn only(symbol: &str) -> (String, bool) {
        let mut filter = OneFunction::new(symbol.to_owned());
        let mut text: String = LISTING.split_inclusive(['i', '\n']).map(|part| filter.push(part)).collect();
        text += &filter.finish();
        (text, filter.missing().is_some())
    }

    #[test]
    fn a_function_with_its_closures() {
        let expected = LISTING.lines().take(5).map(|line| format!("{line}\n")).collect::<String>();
        assert_eq!(only("main.f"), (expected, false));
    }

    #[test]
    fn names_with_spaces() {
        let (text, missing) = only("main.(*T[go.shape.struct { A int }]).f");
        assert!(text.contains("main.go:6") && !text.contains("main.go:5") && !missing, "{text}");
    }

    #[test]
    fn names_with_words_like_those_of_a_header() {
        let listing = "main.f[go.shape.struct { SIZE int; STEXT int }] STEXT dupok size=1\n\tRET\n";
        for symbol in ["main.f", "main.f[go.shape.struct { SIZE int; STEXT int }]"] {
            let mut filter = OneFunction::new(symbol.to_owned());
            assert_eq!(filter.push(listing), listing);
            assert!(filter.missing().is_none());
        }
    }

    #[test]
    fn tells_what_there_is_instead() {
        let mut filter = OneFunction::new("main.g".to_owned());
        assert_eq!(filter.push(LISTING), "# a line of no block\n");
        let others: Vec<_> = filter.missing().unwrap().collect();
        assert_eq!(others, ["main.(*T[go.shape.struct { A int }]).f", "main.f", "main.f.func1", "main.fg"]);
    }
}
