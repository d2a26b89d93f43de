//! What the toolchain finds wrong: errors of the go command, the compiler, vet and gofmt.
//!
//! `file:line:col: message`, where the column may be missing, and more lines with a tab before them that belong to it
//! (cmd/compile/internal/types2/errors.go joins them so). A line of those may be a place with a message of its own.

use std::fmt::{self, Display, Formatter};

use super::place::Place;

/// A line. Prints as it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Line<'a> {
    /// `# importpath`, by the go command; vet adds `# [importpath]`.
    Heading(&'a str),
    /// Something is wrong.
    Found {
        /// Whether `vet: ` stands before it: then vet could not do its work.
        by_vet: bool,
        /// Where.
        place: Place<'a>,
        /// What.
        message: &'a str,
    },
    /// More of what was said, with its tabs.
    More {
        /// At least one tab.
        tabs: &'a str,
        /// Where, if it is of another place.
        place: Option<Place<'a>>,
        /// What.
        message: &'a str,
    },
    /// A line of another kind, such as what the linker says.
    Other(&'a str),
}

/// Something wrong, with all that is said of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake<'a> {
    /// Whether vet could not do its work for it.
    pub by_vet: bool,
    /// Where.
    pub place: Place<'a>,
    /// All lines that name no other place, without the tabs before them.
    pub message: String,
    /// Other places, and what they have to do with it.
    pub related: Vec<(Place<'a>, &'a str)>,
}

/// Reads one line, without its newline.
pub fn parse(line: &str) -> Line<'_> {
    if let Some(package) = line.strip_prefix("# ") {
        return Line::Heading(package);
    }
    let inner = line.trim_start_matches('\t');
    if inner.len() < line.len() {
        let tabs = &line[..line.len() - inner.len()];
        let (place, message) = Place::split(inner).map_or((None, inner), |(place, said)| (Some(place), said));
        return Line::More { tabs, place, message };
    }
    let (by_vet, said) = line.strip_prefix("vet: ").map_or((false, line), |said| (true, said));
    match Place::split(said) {
        Some((place, message)) => Line::Found { by_vet, place, message },
        None => Line::Other(line),
    }
}

/// All that is wrong, in the order of the lines.
pub fn mistakes<'a>(lines: impl IntoIterator<Item = Line<'a>>) -> Vec<Mistake<'a>> {
    let mut found: Vec<Mistake<'a>> = Vec::new();
    // What follows a line of another kind belongs to that.
    let mut goes_on = false;
    for line in lines {
        match line {
            Line::Found { by_vet, place, message } => {
                goes_on = true;
                found.push(Mistake { by_vet, place, message: message.to_owned(), related: Vec::new() });
            }
            Line::More { place, message, .. } => {
                let Some(last) = found.last_mut().filter(|_| goes_on) else { continue };
                match place {
                    Some(place) => last.related.push((place, message)),
                    None => last.message.extend(["\n", message]),
                }
            }
            Line::Heading(_) | Line::Other(_) => goes_on = false,
        }
    }
    found
}

impl Display for Line<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Heading(package) => write!(f, "# {package}"),
            Self::Found { by_vet, place, message } => {
                write!(f, "{}{place}: {message}", if *by_vet { "vet: " } else { "" })
            }
            Self::More { tabs, place: Some(place), message } => write!(f, "{tabs}{place}: {message}"),
            Self::More { tabs, place: None, message } => write!(f, "{tabs}{message}"),
            Self::Other(line) => f.write_str(line),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SAID: &str = "\
# command-line-arguments
./main.go:5:2: x redeclared in this block
\t./main.go:4:2: other declaration of x
./main.go:9:12: cannot use t (variable of type T) as I value in assignment: T does not implement I (wrong type for method M)
\t\thave M()
\t\twant M(int)
vet: ./b.go:3:1: expected declaration, found x
go: errors parsing go.mod:
go.mod:3: unknown directive: x
# main
runtime.main_main·f: function main is undeclared in the main package
\t./not.go:1:1: of the line before
";

    #[test]
    fn lines_that_belong_together() {
        for line in SAID.lines() {
            assert_eq!(parse(line).to_string(), line);
        }
        let found = mistakes(SAID.lines().map(parse));
        let told: Vec<_> =
            found.iter().map(|one| (one.place.to_string(), one.message.as_str(), one.related.len())).collect();
        let method = "cannot use t (variable of type T) as I value in assignment: T does not implement I (wrong type for method M)\nhave M()\nwant M(int)";
        assert_eq!(
            told,
            [
                ("./main.go:5:2".to_owned(), "x redeclared in this block", 1),
                ("./main.go:9:12".to_owned(), method, 0),
                ("./b.go:3:1".to_owned(), "expected declaration, found x", 0),
                ("go.mod:3".to_owned(), "unknown directive: x", 0),
            ]
        );
        assert_eq!(found[0].related[0].1, "other declaration of x");
    }
}
