//! What every lowering needs: commands of the go command, stages in its cell, the line to paste.

use std::path::PathBuf;

use sandbox::spec::{Command, InputFile, Output, Program, Word};

use super::words::{assignments, command, shell, words};
use super::{Package, Stage};
use crate::protocol::Files;
use crate::run::limits::Limits;
use crate::run::{cells, places};
use crate::toolchain::{Library, Prepared, Target};

/// A request, and what it is done with.
pub(super) struct Context<'a> {
    pub go: &'a Prepared,
    pub library: Option<&'a Library>,
    pub host: &'a Library,
    pub target: Target,
    pub limits: &'a Limits,
    /// For the program.
    pub env: &'a [(String, String)],
    pub package: &'a Package,
    pub files: &'a Files,
}

/// The go command indexes each package of GOROOT that a build needs, to find it again the next time (cmd/go/internal/modindex).
/// In a cell there is no next time, and the index takes longer than what it saves.
const NO_INDEX: (&str, &str) = ("GODEBUG", "goindex=0");

/// The go command and the tools that it starts take some tens of megabytes each, and with the collector's default a tenth
/// of their time goes into collecting. It is not off, since several compilers at once must fit into the cell's memory.
const SELDOM_COLLECTED: (&str, &str) = ("GOGC", "300");

/// How much longer a build may take when the standard library was not compiled ahead for its target.
const UNPREPARED: u64 = 3;

impl Context<'_> {
    /// A stage in the go command's cell.
    pub fn build_stage(&self, commands: Vec<(&'static str, Command)>, artifact: Option<PathBuf>) -> Stage {
        let mut limits = self.limits.build;
        if self.library.is_none() {
            limits.seconds *= UNPREPARED;
        }
        // The cell is the same for all builds with one library, so that a prepared one does.
        let cell = cells::build(self.go, self.library(), &self.limits.build);
        let mut stage = Stage::new(cell, self.input_files(), commands, limits);
        stage.job.artifact = artifact;
        stage.library = self.library().folder.clone();
        stage
    }

    /// The compiled standard library that a cell shows: that for the target, or the one there is.
    pub fn library(&self) -> &Library {
        self.library.unwrap_or(self.host)
    }

    /// The go command.
    pub fn go_command(&self, subcommand: &str, arguments: &[&str]) -> Command {
        let argv = words(&[&["go", subcommand], arguments].concat());
        command(Program::Path(PathBuf::from(places::GOROOT).join("bin/go")), argv, self.go_env(&self.target))
    }

    /// `go build -o FILE PACKAGE`, with the file where the linker puts programs.
    pub fn go_build(&self) -> Command {
        let mut build = self.go_command("build", &["-o"]);
        build.argv.push(Word::path("", places::BINARY));
        build.argv.extend(words(&self.package.arguments()));
        build
    }

    /// With the race detector the go command takes files that import "C", and would look for a C compiler. So where one
    /// may be among them it is asked first whether it takes the package without them, as it is in all other builds.
    pub fn without_cgo(&self) -> Option<(&'static str, Command)> {
        let may_import_c = self.files.iter().any(|(_, text)| text.contains("\"C\""));
        if !self.target.has_race_detector() || !may_import_c {
            return None;
        }
        let plain = self.target.clone().with_race_detector(false);
        let mut list = self.go_command("list", &self.package.arguments());
        list.env = self.go_env(&plain);
        list.stdout = Output::File("/tmp/listed".into());
        Some(("list", list))
    }

    /// The same as a line, with flags, and with the file in the reader's folder.
    pub fn build_line(&self, flags: &[&str]) -> String {
        self.line(&[&["go", "build"], flags, &["-o", "main"], &self.package.arguments()].concat())
    }

    /// A program of the toolchain or one that was compiled ahead, without the go command.
    pub fn program(&self, path: PathBuf, argv: Vec<Word>) -> Command {
        command(Program::Path(path), argv, self.build_env())
    }

    /// A command as a line for a shell, with the variables of its target.
    pub fn line(&self, words: &[&str]) -> String {
        assignments(&self.target.env()) + &shell(words)
    }

    pub fn build_env(&self) -> Vec<(String, Word)> {
        cells::build_env(&self.limits.build, &self.target)
    }

    fn go_env(&self, target: &Target) -> Vec<(String, Word)> {
        let mut env = cells::build_env(&self.limits.build, target);
        env.extend([NO_INDEX, SELDOM_COLLECTED].map(|(name, value)| (name.to_owned(), Word::from(value))));
        env
    }

    pub fn input_files(&self) -> Vec<InputFile> {
        let folder = PathBuf::from(places::CODE);
        let file = |(name, text)| InputFile { path: folder.join(name), text: vec![Word::from(text)] };
        self.files.iter().map(file).collect()
    }
}
