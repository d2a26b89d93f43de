//! What the compiler says, in the form in which the go command passes it on.

use super::places;

/// Collects what is said, and turns it into what `go build` prints (cmd/go/internal/work, reportCmd and cmdError): the
/// package's name above it, and paths in the reader's folder relative to that.
#[derive(Debug, Default)]
pub struct AsGoCommand {
    said: String,
}

/// What the go command calls a package that is named by its files.
const HEADING: &str = "# command-line-arguments\n";

impl AsGoCommand {
    /// Nothing is passed on before the end, as the go command does it.
    pub fn push(&mut self, text: &str) {
        self.said.push_str(text);
    }

    /// All of it.
    pub fn finish(&mut self) -> String {
        let mut said = std::mem::take(&mut self.said);
        if said.is_empty() {
            return said;
        }
        if !said.ends_with('\n') {
            said.push('\n');
        }
        // At the start of a line, perhaps after a tab, or after a space; anywhere else it is a part of another path.
        for before in [" ", "\n", "\n\t"] {
            said = said.replace(&format!("{before}{}", places::CODE), &format!("{before}."));
        }
        if let Some(rest) = said.strip_prefix(places::CODE) {
            said = format!(".{rest}");
        }
        HEADING.to_owned() + &said
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_the_go_command_says_it() {
        let mut report = AsGoCommand::default();
        assert_eq!(report.finish(), "");
        report.push("/code/a.go:1:1: x\n/co");
        report.push("de/a.go:2:2: y /code/b.go:1 (/code/c.go) \"/code\"\n\t/code/d.go\n \t/code/e.go");
        let expected = "# command-line-arguments\n./a.go:1:1: x\n./a.go:2:2: y ./b.go:1 (/code/c.go) \"/code\"\n\t./d.go\n \t/code/e.go\n";
        assert_eq!(report.finish(), expected);
    }
}
