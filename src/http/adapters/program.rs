//! The one text that clients of the Go Playground send, as the request that it stands for.
//!
//! What the playground's own server makes of a text (golang.org/x/playground, sandbox.go) is made of it here: a lone file
//! is called `prog.go`, which clients look for in messages; a program without `main` and with tests is run as tests; and
//! folders belong to a module `play`.

use std::collections::BTreeMap;

use crate::protocol::mode::{NoOptions, RunOptions, Switch, TestOptions};
use crate::protocol::{Files, Mode, Refusal, Request, files};
use crate::run::source::functions;

/// What a lone file is called. Clients mark the lines that `prog.go:LINE` names.
pub const PROG: &str = "prog.go";

/// The same where it holds tests.
const PROG_TEST: &str = "prog_test.go";

/// A text that was read.
#[derive(Clone, Debug)]
pub struct Program {
    files: Files,
    /// Whether its tests are run.
    pub is_test: bool,
}

impl Program {
    /// Takes the text apart. `go` is the version that a module of ours names, such as `go1.27.3`.
    ///
    /// # Errors
    /// Files that cannot be taken.
    pub fn read(text: &str, go: &str) -> Result<Self, Refusal> {
        let parts = files::parts(PROG, text);
        let is_test = is_test(&parts);
        let is_lone = parts.len() == 1;
        let is_module = parts.iter().any(|(name, _)| *name == GO_MOD);
        let has_folders = parts.iter().any(|(name, _)| name.contains('/'));
        let named = |(name, text): (&str, &str)| {
            let name = if is_lone && is_test && name == PROG { PROG_TEST } else { name };
            (name.to_owned(), text.to_owned())
        };
        let module = (has_folders && !is_module).then(|| module(go));
        let files = Files::new(parts.into_iter().map(named).chain(module))?;
        Ok(Self { files, is_test })
    }

    /// Its run, or that of its tests. The race detector is for programs only.
    pub fn run(&self, race: bool) -> Request {
        let mode = match self.is_test {
            true => Mode::Test(TestOptions::default()),
            false => Mode::Run(RunOptions { race: Switch(race) }),
        };
        request(self.files.clone(), mode)
    }

    /// What `go vet` says of it. Tests are no files that it would be given by name, so they become a module.
    ///
    /// # Errors
    /// When there is no room for one more file.
    pub fn vet(&self, go: &str) -> Result<Request, Refusal> {
        let own = self.files.iter().map(|(name, text)| (name.to_owned(), text.to_owned()));
        let module = (self.is_test && !self.files.has(GO_MOD)).then(|| module(go));
        Ok(request(Files::new(own.chain(module))?, Mode::Vet(NoOptions::default())))
    }
}

/// A program of ours or of a reader's with nothing beside it.
pub fn request(files: Files, mode: Mode) -> Request {
    Request { files, mode, env: BTreeMap::new(), args: Vec::new(), stdin: String::new(), go: None }
}

const GO_MOD: &str = "go.mod";

/// Without a version in it, a module would be of the language of Go 1.16.
fn module(go: &str) -> (String, String) {
    (GO_MOD.to_owned(), format!("module play\n\ngo {}\n", release(go).trim_start_matches("go")))
}

/// The release of a version: `go1.27` of `go1.27.3`.
pub fn release(go: &str) -> String {
    go.split('.').take(2).collect::<Vec<_>>().join(".").split("rc").next().unwrap_or_default().to_owned()
}

/// Whether a program has tests and nothing else to be run. Only files of the top folder count.
fn is_test(parts: &[(&str, &str)]) -> bool {
    let top = |name: &str| name.ends_with(".go") && !name.contains('/');
    let mut has_tests = false;
    for (name, text) in parts.iter().filter(|(name, _)| top(name)) {
        let is_test_file = name.ends_with("_test.go");
        let functions = functions(text).unwrap_or_default();
        if functions.contains(&"main") && !is_test_file {
            return false;
        }
        has_tests |= is_test_file || parts.len() == 1 && functions.iter().any(|name| is_test_name(name));
    }
    has_tests
}

/// As `go test` has it: `TestX`, but not `Testing`.
fn is_test_name(name: &str) -> bool {
    name.strip_prefix("Test").is_some_and(|rest| !rest.starts_with(char::is_lowercase))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Program {
        Program::read(text, "go1.27.3").unwrap()
    }

    fn names(files: &Files) -> Vec<&str> {
        files.iter().map(|(name, _)| name).collect()
    }

    #[test]
    fn a_lone_file_has_the_name_that_clients_look_for() {
        let program = read("package main\n\nfunc main() {}\n");
        assert_eq!((names(&program.files), program.is_test), (vec!["prog.go"], false));
        assert_eq!(program.run(true).mode, Mode::Run(RunOptions { race: Switch(true) }));
        let folders = read("package main\n\nfunc main() {}\n-- a/a.go --\npackage a\n");
        assert_eq!(names(&folders.files), ["a/a.go", "go.mod", "prog.go"]);
        let text = folders.files.iter().find(|(name, _)| *name == "go.mod").unwrap().1;
        assert_eq!(text, "module play\n\ngo 1.27\n");
        let own = read("-- go.mod --\nmodule own\n-- a/a.go --\npackage a\n");
        assert_eq!(names(&own.files), ["a/a.go", "go.mod"]);
    }

    #[test]
    fn tests_without_a_main_function_are_run_as_tests() {
        let lone = read("package main\n\nimport \"testing\"\n\nfunc TestX(t *testing.T) {}\n");
        assert_eq!((names(&lone.files), lone.is_test), (vec!["prog_test.go"], true));
        assert_eq!(lone.run(true).mode.name(), "test");
        assert_eq!(names(&lone.vet("go1.27.3").unwrap().files), ["go.mod", "prog_test.go"]);
        let two = read("-- sum.go --\npackage sum\n-- sum_test.go --\npackage sum\n");
        assert_eq!((names(&two.files), two.is_test), (vec!["sum.go", "sum_test.go"], true));
        for text in [
            "package main\n\nfunc TestX() {}\n\nfunc main() {}\n",
            "package main\n\nfunc Testing() {}\n",
            "package main\n\nvar s = \"func TestX()\" // func TestY()\n",
            "package main\n\ntype t struct{}\n\nfunc (t) TestX() {}\n",
            "package main\n\nfunc f() { func TestX() {} }\n",
            "-- prog.go --\npackage main\n\nfunc main() {}\n-- prog_test.go --\npackage main\n",
            "func TestX( \"",
        ] {
            assert!(!read(text).is_test, "{text}");
        }
    }

    #[test]
    fn releases() {
        assert_eq!(["go1.27.3", "go1.27", "go1.28rc1"].map(release), ["go1.27", "go1.27", "go1.28"]);
    }

    #[test]
    fn what_cannot_be_taken_is_refused() {
        for text in ["-- ../x.go --\n", "-- a.go --\n-- a.go --\n", "-- /etc/passwd --\n"] {
            assert!(matches!(Program::read(text, "go1.27.3"), Err(Refusal::NotAllowed { .. })), "{text}");
        }
    }
}
