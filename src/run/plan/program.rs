//! Modes that run something of the reader's: the program, or its tests.

use sandbox::spec::{Command, Program, Word};

use super::context::Context;
use super::words::{assignments, command, shell, variables, words};
use super::{Lowered, Stage, direct};
use crate::protocol::Request;
use crate::protocol::mode::{Filter, TestOptions};
use crate::run::{cells, places};

/// How much longer the go command may take: for tests it loads more packages, and writes and compiles one of its own.
const SLOWER: u64 = 3;

/// What the tests' program is called.
const TEST_BINARY: &str = "main.test";

/// How long each benchmark is measured. The testing package takes a second, of which few would fit into a run.
const BENCHTIME: &str = "-test.benchtime=100ms";

impl Context<'_> {
    pub(super) fn run(&self, request: &Request) -> Lowered {
        let commands = self.without_cgo().into_iter().chain([("build", self.go_build())]).collect();
        let with_go = self.build_stage(commands, Some(places::BINARY.into()));
        let build = Stage::first(direct::link(self), with_go);
        let args: Vec<&str> = request.args.iter().map(String::as_str).collect();
        self.running(build, &self.build_line(self.target.flags()), "main", &args)
    }

    /// What `go test -v` runs. It is compiled and run as `go test` does it; the line to paste does that too, since the
    /// last line of `go test` is a time. (`go vet`, which `go test` runs as well, is a mode of its own.)
    pub(super) fn test(&self, options: &TestOptions) -> Lowered {
        self.testing(options, &["-test.v".to_owned(), flag("run", options.filter.as_ref())])
    }

    /// What `go test -run='^$' -bench=FILTER -benchmem` runs.
    pub(super) fn bench(&self, options: &TestOptions) -> Lowered {
        let every = Some(options.filter.as_ref().map_or(".", Filter::as_str));
        let bench = format!("-test.bench={}", every.filter(|filter| !filter.is_empty()).unwrap_or("."));
        self.testing(options, &["-test.run=^$".to_owned(), bench, "-test.benchmem".to_owned(), BENCHTIME.to_owned()])
    }

    fn testing(&self, options: &TestOptions, flags: &[String]) -> Lowered {
        let mut build = self.go_command("test", &["-vet=off", "-c", "-o"]);
        build.argv.push(Word::path("", places::BINARY));
        build.argv.extend(words(&self.package.arguments()));
        let mut build = self.build_stage(vec![("build", build)], Some(places::BINARY.into()));
        build.limits.seconds = self.limits.build.seconds * SLOWER;
        let line = self
            .line(&[&["go", "test", "-vet=off", "-c", "-o", TEST_BINARY][..], &self.package.arguments()].concat());
        // A test that calls os.Exit(0) has not passed.
        let mut args = vec!["-test.paniconexit0"];
        args.extend(flags.iter().map(String::as_str).filter(|flag| !flag.is_empty()));
        let count = format!("-test.count={}", options.count.get());
        args.push(&count);
        self.running(build, &line, TEST_BINARY, &args)
    }

    /// What was built is run next.
    fn running(&self, build: Stage, line: &str, name: &'static str, args: &[&str]) -> Lowered {
        let path = format!("./{name}");
        let run: Vec<&str> = std::iter::once(path.as_str()).chain(args.iter().copied()).collect();
        let line = format!("{line} && {}{}", assignments(self.env), shell(&run));
        let argv = std::iter::once(name).chain(args.iter().copied()).map(Word::from).collect();
        let mut env = cells::run_env();
        env.extend(variables(self.env));
        let run = self.run_stage(command(Program::Handed, argv, env));
        Lowered { build, run: Some(run), command: line, only: None }
    }

    fn run_stage(&self, command: Command) -> Stage {
        let limits = self.limits.run;
        Stage::new(
            cells::run(self.go, self.library(), self.limits),
            self.input_files(),
            vec![("exec", command)],
            limits,
        )
    }
}

fn flag(name: &str, filter: Option<&Filter>) -> String {
    filter.map_or_else(String::new, |filter| format!("-test.{name}={}", filter.as_str()))
}
