//! Regular expressions that mean the same here and in a browser.
//!
//! Two engines never agree on all: `\d`, `.`, `^` and `$` differ, and so do empty matches and loops around them. So a pattern
//! is parsed once, and what it means is written down again for JavaScript, class by class, with its flags `g` and `u`. What
//! cannot be said there in the same way is refused when it is read. `\d`, `\w`, `\s` and `\b` stand for ASCII, as in Go.
//! `tests/questions.json` holds both engines to the same answers.

use std::fmt::Write as _;

use regex::{Regex, RegexBuilder};
use regex_syntax::ast::{self, AssertionKind, Ast, ClassPerl, ClassPerlKind, ClassSetItem, Span};
use regex_syntax::hir::{Class, Hir, HirKind, Look};

/// A pattern, equal to another that is written alike.
#[derive(Clone, Debug)]
pub struct Portable {
    written: String,
    regex: Regex,
    script: String,
}

/// Why a pattern is not taken.
#[derive(Debug, thiserror::Error)]
pub enum PatternFlaw {
    /// It is none.
    #[error("{}", .0.to_string().trim_end())]
    Syntax(#[from] regex::Error),
    /// Engines count empty matches in different ways.
    #[error("the pattern {0:?} also matches where there is no text")]
    Empty(String),
    /// Engines leave such loops at different times.
    #[error("the pattern {0:?} repeats a part that matches where there is no text")]
    EmptyLoop(String),
    /// It has no equal in JavaScript.
    #[error("the pattern {0:?} uses the flag R, which browsers do not know")]
    Flag(String),
    /// A group is empty after a round in which it had no part, or it is not, by engine.
    #[error("the pattern {0:?} repeats a group; write it as (?:…)")]
    RepeatedGroup(String),
    /// It names too many characters.
    #[error(
        "the pattern {0:?} stands for so many characters that it is too long for a page; name those that you mean"
    )]
    Long(String),
    /// Not the groups that are needed.
    #[error(
        "the pattern {pattern:?} has {has} groups; the number is what its only group finds, and others are (?:…)"
    )]
    Groups { pattern: String, has: usize },
}

/// The longest form for browsers, in bytes.
const MAX_SCRIPT: usize = 2000;

impl Portable {
    /// Reads a pattern in the syntax of the regex crate; `^` and `$` are the bounds of a line.
    ///
    /// # Errors
    /// What is no pattern, or has no form for browsers.
    pub fn new(written: &str) -> Result<Self, PatternFlaw> {
        // Its errors show what was written, not what is made of it.
        RegexBuilder::new(written).build()?;
        let ascii = in_ascii(written);
        let regex = RegexBuilder::new(&ascii).multi_line(true).build()?;
        let parsed = regex_syntax::ParserBuilder::new().multi_line(true).build().parse(&ascii);
        let hir = parsed.map_err(|error| regex::Error::Syntax(error.to_string()))?;
        if hir.properties().minimum_len() == Some(0) {
            return Err(PatternFlaw::Empty(written.to_owned()));
        }
        let mut script = String::new();
        write(&hir, false, &mut script).map_err(|flaw| flaw(written.to_owned()))?;
        if script.len() > MAX_SCRIPT {
            return Err(PatternFlaw::Long(written.to_owned()));
        }
        Ok(Self { written: written.to_owned(), regex, script })
    }

    /// The same for a pattern with one group.
    ///
    /// # Errors
    /// As [`Portable::new`], and when it has another number of groups.
    pub fn with_group(written: &str) -> Result<Self, PatternFlaw> {
        let pattern = Self::new(written)?;
        match pattern.regex.captures_len() - 1 {
            1 => Ok(pattern),
            has => Err(PatternFlaw::Groups { pattern: written.to_owned(), has }),
        }
    }

    /// As written.
    pub fn as_str(&self) -> &str {
        &self.written
    }

    /// For `new RegExp(…, "gu")`.
    pub fn script(&self) -> &str {
        &self.script
    }

    /// How often it is found, places that overlap counted once.
    pub fn count(&self, text: &str) -> usize {
        self.regex.find_iter(text).count()
    }

    /// Whether it is found.
    pub fn is_in(&self, text: &str) -> bool {
        self.regex.is_match(text)
    }

    /// What its group holds where it is first found.
    pub fn group<'a>(&self, text: &'a str) -> Option<&'a str> {
        Some(self.regex.captures(text)?.get(1)?.as_str())
    }
}

impl PartialEq for Portable {
    fn eq(&self, other: &Self) -> bool {
        self.written == other.written
    }
}

/// The same pattern with ASCII where a class or a boundary would mean Unicode, whose tables differ from browser to browser.
/// What is no pattern stays as it is.
fn in_ascii(written: &str) -> String {
    let Ok(parsed) = ast::parse::Parser::new().parse(written) else { return written.to_owned() };
    let Ok(changes) = ast::visit(&parsed, Changes::default());
    let mut text = written.to_owned();
    for (span, ascii) in changes.into_iter().rev() {
        text.replace_range(span.start.offset..span.end.offset, &ascii);
    }
    text
}

#[derive(Default)]
struct Changes(Vec<(Span, String)>);

impl Changes {
    fn perl(&mut self, class: &ClassPerl) {
        let inner = match class.kind {
            ClassPerlKind::Digit => "0-9",
            ClassPerlKind::Space => r"\t\n\v\f\r\x20",
            ClassPerlKind::Word => "0-9A-Za-z_",
        };
        self.0.push((class.span, format!("[{}{inner}]", if class.negated { "^" } else { "" })));
    }
}

impl ast::Visitor for Changes {
    type Output = Vec<(Span, String)>;
    type Err = std::convert::Infallible;

    fn finish(self) -> Result<Self::Output, Self::Err> {
        Ok(self.0)
    }

    fn visit_pre(&mut self, part: &Ast) -> Result<(), Self::Err> {
        match part {
            Ast::ClassPerl(class) => self.perl(class),
            Ast::Assertion(assertion) => {
                let ascii = match assertion.kind {
                    AssertionKind::WordBoundary => r"(?-u:\b)",
                    AssertionKind::NotWordBoundary => r"(?-u:\B)",
                    AssertionKind::WordBoundaryStart | AssertionKind::WordBoundaryStartAngle => r"(?-u:\b{start})",
                    AssertionKind::WordBoundaryEnd | AssertionKind::WordBoundaryEndAngle => r"(?-u:\b{end})",
                    AssertionKind::WordBoundaryStartHalf => r"(?-u:\b{start-half})",
                    AssertionKind::WordBoundaryEndHalf => r"(?-u:\b{end-half})",
                    AssertionKind::StartLine
                    | AssertionKind::EndLine
                    | AssertionKind::StartText
                    | AssertionKind::EndText => return Ok(()),
                };
                self.0.push((assertion.span, ascii.to_owned()));
            }
            _ => {}
        }
        Ok(())
    }

    fn visit_class_set_item_pre(&mut self, item: &ClassSetItem) -> Result<(), Self::Err> {
        if let ClassSetItem::Perl(class) = item {
            self.perl(class);
        }
        Ok(())
    }
}

type Refused = fn(String) -> PatternFlaw;

fn write(hir: &Hir, is_repeated: bool, out: &mut String) -> Result<(), Refused> {
    match hir.kind() {
        HirKind::Empty => out.push_str("(?:)"),
        HirKind::Literal(literal) => String::from_utf8_lossy(&literal.0).chars().for_each(|char| escaped(char, out)),
        HirKind::Class(Class::Unicode(class)) => {
            ranges(class.iter().map(|range| (range.start(), range.end())), out);
        }
        // Only ASCII is left of these where text is UTF-8.
        HirKind::Class(Class::Bytes(class)) => {
            ranges(class.iter().map(|range| (range.start().into(), range.end().into())), out);
        }
        HirKind::Look(look) => out.push_str(match look {
            Look::StartLF => r"(?<![^\n])",
            Look::EndLF => r"(?![^\n])",
            Look::Start => r"(?<![^])",
            Look::End => r"(?![^])",
            Look::WordAscii => r"\b",
            Look::WordAsciiNegate => r"\B",
            Look::WordStartAscii => r"\b(?=\w)",
            Look::WordEndAscii => r"\b(?!\w)",
            Look::WordStartHalfAscii => r"(?<!\w)",
            Look::WordEndHalfAscii => r"(?!\w)",
            Look::StartCRLF
            | Look::EndCRLF
            | Look::WordUnicode
            | Look::WordUnicodeNegate
            | Look::WordStartUnicode
            | Look::WordEndUnicode
            | Look::WordStartHalfUnicode
            | Look::WordEndHalfUnicode => return Err(PatternFlaw::Flag),
        }),
        HirKind::Repetition(repetition) => {
            let is_loop = repetition.max.is_none_or(|max| max > 1);
            if is_loop && repetition.sub.properties().minimum_len() == Some(0) {
                return Err(PatternFlaw::EmptyLoop);
            }
            out.push_str("(?:");
            write(&repetition.sub, is_repeated || is_loop, out)?;
            out.push(')');
            let max = repetition.max.map_or_else(String::new, |max| max.to_string());
            let lazy = if repetition.greedy { "" } else { "?" };
            // Writing to a string cannot fail.
            let _ = write!(out, "{{{},{max}}}{lazy}", repetition.min);
        }
        HirKind::Capture(_) if is_repeated => return Err(PatternFlaw::RepeatedGroup),
        HirKind::Capture(capture) => {
            out.push('(');
            write(&capture.sub, is_repeated, out)?;
            out.push(')');
        }
        HirKind::Concat(parts) => {
            for part in parts {
                write(part, is_repeated, out)?;
            }
        }
        HirKind::Alternation(parts) => {
            for (number, part) in parts.iter().enumerate() {
                out.push_str(if number == 0 { "(?:" } else { "|" });
                write(part, is_repeated, out)?;
            }
            out.push(')');
        }
    }
    Ok(())
}

fn ranges(ranges: impl Iterator<Item = (char, char)>, out: &mut String) {
    out.push('[');
    for (start, end) in ranges {
        escaped(start, out);
        if start != end {
            out.push('-');
            escaped(end, out);
        }
    }
    out.push(']');
}

/// Letters, digits and a few others mean themselves everywhere.
fn escaped(char: char, out: &mut String) {
    if char.is_ascii_alphanumeric() || " _:;<>=,\"'%@#".contains(char) {
        out.push(char);
    } else {
        let _ = write!(out, "\\u{{{:x}}}", u32::from(char));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_pattern_means_is_said_again_for_browsers() {
        for (written, script) in [
            (r"^gc \d+ @$", r"(?<![^\n])gc (?:[0-9]){1,} @(?![^\n])"),
            (r"a.c", r"a[\u{0}-\u{9}\u{b}-\u{10ffff}]c"),
            (r"[^\W\d]+?", r"(?:[A-Z_a-z]){1,}?"),
            (r"\bx\B|(y)", r"(?:\bx\B|(y))"),
            (r"(?i)é", r"[\u{c9}\u{e9}]"),
            (r"\A\.\z", r"(?<![^])\u{2e}(?![^])"),
            (r"(?x) \s # white", r"[\u{9}-\u{d} ]"),
        ] {
            assert_eq!(Portable::new(written).unwrap().script(), script, "{written}");
        }
    }

    #[test]
    fn what_engines_see_in_different_ways_is_refused() {
        for (written, part) in [
            ("(", "unclosed group"),
            ("a*", "no text"),
            ("^$", "no text"),
            ("x(?:a|b?)+", "repeats a part"),
            ("(?R)^a", "flag R"),
            ("(?:(a)|b)+", "repeats a group"),
            (r"\pL", "too long"),
        ] {
            let error = Portable::new(written).unwrap_err().to_string();
            assert!(error.contains(part), "{written}: {error}");
        }
        for written in [r"\d+", r"(\d)(\d)"] {
            assert!(matches!(Portable::with_group(written), Err(PatternFlaw::Groups { .. })), "{written}");
        }
    }
}
