//! Expectations that stand on a line of Go: `u := user{n} // want escape "moved to heap: u"`, in the way of Go's
//! analysistest.
//!
//! A comment `// want`, or a tail `// want` of another comment, holds one or several of
//! `MODE[@VARIANT] [goVERSIONS] PATTERN…`, and a pattern is a Go string, quoted or raw, with `-` in front where nothing
//! may match. Pages show and run the code without them; what stands before them keeps its line and its columns.

use super::expectation::{Pattern, Want};
use super::versions::{Versions, VersionsError};

/// A Go file without its wants.
#[derive(Debug, PartialEq)]
pub struct Stripped {
    /// The text as pages show it.
    pub text: String,
    /// What was taken out, in order.
    pub wants: Vec<Want>,
}

/// What is wrong with a want.
#[derive(Debug, thiserror::Error)]
pub enum WantFlaw {
    /// No code stands before it.
    #[error("a want stands behind the code of its line, not on a line of its own")]
    Alone,
    /// It is not of the form; the text is where that begins.
    #[error("a want is written as `// want MODE \"pattern\" -\"pattern\"`; what is wrong begins at {0:?}")]
    Form(String),
    /// A mode with nothing behind it.
    #[error("a want for mode {0:?} has no pattern")]
    NoPattern(String),
    /// A string that cannot be read.
    #[error(
        "{0:?} is no Go string that is taken here: \\\\ and \\\" are the only escapes in quotes; write a raw string"
    )]
    Text(String),
    /// No regular expression.
    #[error("{}", .0.to_string().trim_end())]
    Pattern(#[from] regex::Error),
    /// No Go versions.
    #[error(transparent)]
    Versions(#[from] VersionsError),
}

const MARK: &str = "// want ";

/// Takes the wants out of a Go file.
///
/// # Errors
/// All that cannot be read, each with its line.
pub fn strip(file: &str, text: &str) -> Result<Stripped, Vec<(usize, WantFlaw)>> {
    let mut stripped = Stripped { text: String::with_capacity(text.len()), wants: Vec::new() };
    let mut flaws = Vec::new();
    let mut inside = Inside::Code;
    for (index, line) in text.split_inclusive('\n').enumerate() {
        let comment = inside.comment_of(line);
        let Some(at) = comment.and_then(|at| Some(at + line[at..].find(MARK)?)) else {
            stripped.text.push_str(line);
            continue;
        };
        let code = line[..at].trim_end_matches([' ', '\t']);
        let end = line.trim_end_matches(['\n', '\r']).len();
        stripped.text.push_str(code);
        stripped.text.push_str(&line[end..]);
        let read = if code.is_empty() { Err(WantFlaw::Alone) } else { wants(&line[at + MARK.len()..end]) };
        match read {
            Ok(wants) => stripped.wants.extend(wants.into_iter().map(|want| Want {
                file: file.to_owned(),
                line: index + 1,
                ..want
            })),
            Err(flaw) => flaws.push((index + 1, flaw)),
        }
    }
    if flaws.is_empty() { Ok(stripped) } else { Err(flaws) }
}

/// What the end of a line is inside of (go.dev/ref/spec#Lexical_elements).
#[derive(Clone, Copy, PartialEq)]
enum Inside {
    Code,
    Raw,
    Block,
}

impl Inside {
    /// Goes through a line. Where in it a `//` comment begins.
    fn comment_of(&mut self, line: &str) -> Option<usize> {
        let bytes = line.as_bytes();
        let mut at = 0;
        while at < bytes.len() {
            let rest = &bytes[at..];
            at += match *self {
                Self::Raw | Self::Block => {
                    let end: &[u8] = if *self == Self::Raw { b"`" } else { b"*/" };
                    match rest.windows(end.len()).position(|window| window == end) {
                        Some(found) => {
                            *self = Self::Code;
                            found + end.len()
                        }
                        None => rest.len(),
                    }
                }
                Self::Code if rest.starts_with(b"//") => return Some(at),
                Self::Code if rest.starts_with(b"/*") => {
                    *self = Self::Block;
                    2
                }
                Self::Code => match rest[0] {
                    b'`' => {
                        *self = Self::Raw;
                        1
                    }
                    quote @ (b'"' | b'\'') => quoted(rest, quote),
                    _ => 1,
                },
            };
        }
        None
    }
}

/// How long a literal in quotes is. It ends with its line, whether closed or not.
fn quoted(bytes: &[u8], quote: u8) -> usize {
    let mut at = 1;
    while at < bytes.len() && bytes[at] != quote {
        at += if bytes[at] == b'\\' { 2 } else { 1 };
    }
    (at + 1).min(bytes.len())
}

/// What follows the mark; file and line are not known here.
fn wants(text: &str) -> Result<Vec<Want>, WantFlaw> {
    let mut wants = Vec::new();
    let mut rest = text.trim();
    while !rest.is_empty() {
        let begun = rest;
        let form = || WantFlaw::Form(begun.to_owned());
        let (name, after) = rest.split_once(' ').ok_or_else(form)?;
        let (mode, variant) = match name.split_once('@') {
            Some((mode, variant)) => (mode, Some(variant)),
            None => (name, None),
        };
        let is_name = |name: &str| {
            !name.is_empty() && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        };
        if !is_name(mode) || !variant.is_none_or(is_name) {
            return Err(form());
        }
        rest = after.trim_start();
        let mut go = Versions::default();
        if let Some(versions) = rest.strip_prefix("go").filter(|rest| rest.starts_with(['<', '>', '='])) {
            let (versions, after) = versions.split_once(' ').ok_or_else(form)?;
            go = Versions::parse(versions)?;
            rest = after.trim_start();
        }
        let before = wants.len();
        while let Some((pattern, is_not, after)) = literal(rest)? {
            let (file, line, mode, variant) = (String::new(), 0, mode.to_owned(), variant.map(str::to_owned));
            let pattern = Pattern::new(&pattern)?;
            wants.push(Want { file, line, mode, variant, go: go.clone(), pattern, is_not });
            rest = after.trim_start();
        }
        if wants.len() == before {
            return Err(if rest.is_empty() { WantFlaw::NoPattern(mode.to_owned()) } else { form() });
        }
    }
    if wants.is_empty() { Err(WantFlaw::Form(String::new())) } else { Ok(wants) }
}

/// The string at the beginning, whether it has a `-` in front, and what follows it.
fn literal(text: &str) -> Result<Option<(String, bool, &str)>, WantFlaw> {
    let (body, is_not) = text.strip_prefix('-').map_or((text, false), |rest| (rest, true));
    let wrong = || WantFlaw::Text(body.to_owned());
    if let Some(raw) = body.strip_prefix('`') {
        let (raw, after) = raw.split_once('`').ok_or_else(wrong)?;
        return Ok(Some((raw.to_owned(), is_not, after)));
    }
    let Some(inner) = body.strip_prefix('"') else { return Ok(None) };
    let (mut value, mut chars) = (String::new(), inner.char_indices());
    while let Some((at, char)) = chars.next() {
        match char {
            '"' => return Ok(Some((value, is_not, &inner[at + 1..]))),
            '\\' => match chars.next() {
                Some((_, char @ ('\\' | '"'))) => value.push(char),
                _ => return Err(wrong()),
            },
            char => value.push(char),
        }
    }
    Err(wrong())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stripped(text: &str) -> (String, Vec<String>) {
        let stripped = strip("main.go", text).unwrap();
        let wants = stripped.wants.into_iter().map(|want| {
            let name = want.variant.map_or(want.mode.clone(), |variant| format!("{}@{variant}", want.mode));
            format!(
                "{}:{} {name} {}{}",
                want.file,
                want.line,
                if want.is_not { "-" } else { "" },
                want.pattern.as_str()
            )
        });
        (stripped.text, wants.collect())
    }

    #[test]
    fn a_line_loses_its_want_and_nothing_else() {
        let (text, wants) = stripped("package main\n\tu := f(1) // want escape \"moved to heap: u\"\n\treturn &u\n");
        assert_eq!(text, "package main\n\tu := f(1)\n\treturn &u\n");
        assert_eq!(wants, ["main.go:2 escape moved to heap: u"]);
        let (text, wants) = stripped(
            "x() // A note. // want asm \"MULQ\" -`ID\\wVQ` escape@no-inlining go>=1.26,<1.28 \"a\\\\.\\\"b\"\r\n",
        );
        assert_eq!(text, "x() // A note.\r\n");
        assert_eq!(wants, ["main.go:1 asm MULQ", r"main.go:1 asm -ID\wVQ", "main.go:1 escape@no-inlining a\\.\"b"]);
    }

    #[test]
    fn only_comments_hold_wants() {
        for text in [
            "x := \"// want escape \\\"\" + \"// want x\"\n",
            "x := `\n// want escape\n`\n",
            "/* \n// want escape\n*/\n",
            "x := '\"' // no mark: want escape\n",
            "// wanted\n",
        ] {
            assert_eq!(stripped(text), (text.to_owned(), vec![]), "{text}");
        }
        assert_eq!(stripped("x := '\"' /* ` */ // want run \"a\"\n").0, "x := '\"' /* ` */\n");
    }

    #[test]
    fn what_cannot_be_read_is_told_with_its_line() {
        for want in [
            "escape",
            "escape ",
            "\"a\"",
            "escape a",
            "escape \"a",
            "escape \"a\" b",
            "escape \"(\"",
            "escape \"\\s\"",
            "Escape \"a\"",
            "escape@ \"a\"",
            "escape go1.26 \"a\"",
            "escape go>=1 \"a\"",
        ] {
            let flaws = strip("main.go", &format!("package main\nx() // want {want}\n")).unwrap_err();
            assert_eq!(flaws.len(), 1, "{want}");
            assert_eq!(flaws[0].0, 2, "{want}");
        }
        assert!(matches!(strip("main.go", "\t// want run \"a\"\n").unwrap_err()[0], (1, WantFlaw::Alone)));
    }
}
