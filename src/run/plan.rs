//! From a request to plain data: which cells, which commands, with what. No I/O.

use std::path::PathBuf;

use sandbox::spec::{CellSpec, Command, InputFile, Job, Output, Program, Word};
use serde::Serialize;

mod direct;
mod words;

use self::words::{assignments, command, shell, variables, words};
use super::cells;
use super::environment;
use super::limits::{Limits, StageLimits};
use crate::protocol::event::Diagnostic;
use crate::protocol::mode::{AsmOptions, EscapeOptions, Func, Level};
use crate::protocol::{Files, Mode, Refusal, Request};
use crate::toolchain::{Library, Prepared, Target};

/// All that is to be done for one request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// The mode's name.
    pub mode: &'static str,
    /// The toolchain's version, such as `go1.27.3`.
    pub go: String,
    /// What a reader pastes into a terminal to see the same.
    pub command: String,
    /// The toolchain at work.
    pub build: Stage,
    /// The program at work, in modes that run it.
    pub run: Option<Stage>,
    /// What the program reads.
    pub stdin: String,
    /// Show only this symbol of the listing on standard output.
    pub only: Option<String>,
    /// What a reader should know of how it is done.
    pub notes: Vec<Diagnostic>,
}

/// One cell and its job.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Stage {
    /// The cell.
    pub cell: CellSpec,
    /// What is done in it.
    pub job: Job,
    /// The name of each command of the job, for `step` events.
    pub steps: Vec<&'static str>,
    /// What the stage may use; the cell has its own copy in the kernel's terms.
    pub limits: StageLimits,
    /// Whether what its commands say is shown as the go command would show it.
    pub as_go_command: bool,
    /// What is done instead when the linker fails, or a tool crashes: nothing is told of that.
    pub otherwise: Option<Box<Stage>>,
    /// The folder of the compiled standard library.
    pub library: PathBuf,
}

impl Plan {
    /// What a request's standard library has to be compiled for. Says nothing about whether the request is taken.
    pub fn target(request: &Request) -> Target {
        let goexperiment = request.env.get("GOEXPERIMENT").map_or("", String::as_str);
        match &request.mode {
            Mode::Asm(options) => {
                Target::new(Some(options.arch.goarch()), options.goamd64.map(|level| level.goamd64()), goexperiment)
            }
            Mode::Run(_) | Mode::Escape(_) => Target::new(None, None, goexperiment),
        }
    }

    /// Lowers a request. `library` is the compiled standard library for its target, if there is one, and `host` that for
    /// this machine.
    ///
    /// # Errors
    /// What the mode or the toolchain does not take.
    pub fn lower(
        request: Request,
        go: &Prepared,
        library: Option<&Library>,
        host: &Library,
        limits: &Limits,
    ) -> Result<Self, Refusal> {
        let env = environment::check(&request.env, &request.mode, &go.knobs)?;
        let target = Self::target(&request);
        let package = Package::of(&request.files)?;
        if matches!(request.mode, Mode::Asm(_)) && request.files.go_files().next().is_none() {
            let detail = "mode \"asm\" lists the Go files of the top folder, and there is none";
            return Err(Refusal::not_allowed(detail, [""; 0]));
        }
        let files = &request.files;
        let context = Context { go, library, host, target, limits, env: &env, package: &package, files };
        let (build, command, only) = match &request.mode {
            Mode::Run(_) => (context.build_binary(), context.run_line(&request), None),
            Mode::Escape(options) => context.escape(options),
            Mode::Asm(options) => context.asm(options),
        };
        let run = matches!(request.mode, Mode::Run(_)).then(|| context.run_binary(&request));
        Ok(Self {
            mode: request.mode.name(),
            go: go.version.clone(),
            command,
            build,
            run,
            stdin: request.stdin,
            only,
            notes: Vec::new(),
        })
    }
}

impl Stage {
    /// With another to be done where this one does not do.
    fn or(self, other: Self) -> Self {
        Self { otherwise: Some(Box::new(other)), ..self }
    }

    /// The name of a command of the job. The number comes from a cell, so it may be anything.
    pub fn step(&self, command: usize) -> &'static str {
        self.steps.get(command).copied().unwrap_or("unknown")
    }
}

/// How the reader's package is named to the go command.
enum Package {
    /// Go files of one folder, outside of any module.
    Files(Vec<String>),
    /// The top folder of a module.
    Module,
}

impl Package {
    fn of(files: &Files) -> Result<Self, Refusal> {
        if files.has("go.mod") {
            return Ok(Self::Module);
        }
        let named: Vec<String> = files.go_files().map(str::to_owned).collect();
        if named.is_empty() {
            let detail = "there is no Go file to build; name one main.go, or add a go.mod for packages in folders";
            return Err(Refusal::not_allowed(detail, [""; 0]));
        }
        Ok(Self::Files(named))
    }

    fn arguments(&self) -> Vec<&str> {
        match self {
            Self::Files(files) => files.iter().map(String::as_str).collect(),
            Self::Module => vec!["."],
        }
    }
}

/// What every lowering needs.
struct Context<'a> {
    go: &'a Prepared,
    library: Option<&'a Library>,
    host: &'a Library,
    target: Target,
    limits: &'a Limits,
    /// For the program.
    env: &'a [(String, String)],
    package: &'a Package,
    files: &'a Files,
}

/// Lists the compiled packages that the reader's package imports, as the compiler's -importcfg wants them.
const LIST: [&str; 5] =
    ["list", "-e", "-export", "-deps", "-f={{if .Export}}packagefile {{.ImportPath}}={{.Export}}{{end}}"];

const IMPORTCFG: &str = "/tmp/importcfg";

/// Never /dev/null: after an error the compiler removes its output file, and a reader may paste the command as root.
const OBJECT: &str = "/out/main.o";

/// How much longer a build may take when the standard library was not compiled ahead for its target.
const UNPREPARED: u64 = 3;

impl Context<'_> {
    fn build_binary(&self) -> Stage {
        let mut build = self.go_command("build", &["-o"]);
        build.argv.push(Word::path("", cells::BINARY));
        build.argv.extend(words(&self.package.arguments()));
        let with_go = self.build_stage(vec![("build", build)], Some(cells::BINARY.into()));
        direct::link(self).map_or(with_go.clone(), |stage| stage.or(with_go))
    }

    fn run_binary(&self, request: &Request) -> Stage {
        let limits = self.limits.run;
        let mut env = cells::run_env();
        env.extend(variables(self.env));
        let argv = std::iter::once("main").chain(request.args.iter().map(String::as_str)).map(Word::from).collect();
        let command = command(Program::Handed, argv, env);
        Stage {
            cell: cells::run(self.go, &limits),
            job: Job { files: self.input_files(), commands: vec![command], artifact: None },
            steps: vec!["exec"],
            limits,
            as_go_command: false,
            otherwise: None,
            library: PathBuf::new(),
        }
    }

    fn run_line(&self, request: &Request) -> String {
        let build =
            self.build_prefix() + &shell(&[&["go", "build", "-o", "main"][..], &self.package.arguments()].concat());
        let mut run: Vec<&str> = vec!["./main"];
        run.extend(request.args.iter().map(String::as_str));
        format!("{build} && {}{}", assignments(self.env), shell(&run))
    }

    fn escape(&self, options: &EscapeOptions) -> (Stage, String, Option<String>) {
        let mut flags = match options.level {
            Level::One => vec!["-m"],
            Level::Two => vec!["-m=2"],
        };
        if !options.inline.0 {
            flags.push("-l");
        }
        let gcflags = format!("-gcflags={}", flags.join(" "));
        let arguments = [&gcflags, "-o", "/dev/null"];
        let arguments = [&arguments[..], &self.package.arguments()].concat();
        let line = self.build_prefix() + &shell(&[&["go", "build"][..], &arguments].concat());
        let with_go = self.build_stage(vec![("build", self.go_command("build", &arguments))], None);
        let stage = direct::decisions(self, &flags).map_or(with_go.clone(), |stage| stage.or(with_go));
        (stage, line, None)
    }

    fn asm(&self, options: &AsmOptions) -> (Stage, String, Option<String>) {
        let mut flags = vec!["-p", "main", "-S"];
        if !options.optimise.0 {
            flags.extend(["-N", "-l"]);
        }
        let sources: Vec<&str> = self.files.go_files().collect();
        let prefix = self.build_prefix();
        let line = format!(
            "{prefix}{} > importcfg; {prefix}{} -trimpath=\"$PWD\" -importcfg importcfg -o main.o {}",
            shell(&[&["go"][..], &LIST, &self.package.arguments()].concat()),
            shell(&[&["go", "tool", "compile"][..], &flags].concat()),
            shell(&sources),
        );
        let with_go = self.listing(&flags, &sources);
        let stage = direct::listing(self, &flags, &sources).map_or(with_go.clone(), |stage| stage.or(with_go));
        (stage, line, options.func.as_ref().map(Func::symbol))
    }

    fn listing(&self, flags: &[&str], sources: &[&str]) -> Stage {
        let mut list = self.go_command(LIST[0], &[&LIST[1..], &self.package.arguments()].concat());
        list.stdout = Output::File(IMPORTCFG.into());
        // What is wrong with the reader's files is the compiler's to say, in the next command.
        list.stderr = Output::File("/tmp/list-errors".into());
        list.may_fail = true;
        let mut compile = self.go_command("tool", &[&["compile"], flags].concat());
        compile.argv.push(Word::path("-trimpath=", cells::CODE));
        for (flag, file) in [("-importcfg", IMPORTCFG), ("-o", OBJECT)] {
            compile.argv.extend([Word::from(flag), Word::path("", file)]);
        }
        compile.argv.extend(words(sources));
        self.build_stage(vec![("list", list), ("compile", compile)], None)
    }

    fn build_stage(&self, commands: Vec<(&'static str, Command)>, artifact: Option<PathBuf>) -> Stage {
        let mut limits = self.limits.build;
        if self.library.is_none() {
            limits.seconds *= UNPREPARED;
        }
        let (steps, commands) = commands.into_iter().unzip();
        let library = self.library.unwrap_or(self.host);
        Stage {
            // The cell is the same for all builds with one library, so that a prepared one does.
            cell: cells::build(self.go, library, &self.limits.build),
            job: Job { files: self.input_files(), commands, artifact },
            steps,
            limits,
            as_go_command: false,
            otherwise: None,
            library: library.folder.clone(),
        }
    }

    fn go_command(&self, subcommand: &str, arguments: &[&str]) -> Command {
        let argv = words(&[&["go", subcommand], arguments].concat());
        command(Program::Path(PathBuf::from(cells::GOROOT).join("bin/go")), argv, self.build_env())
    }

    fn build_env(&self) -> Vec<(String, Word)> {
        let mut env = cells::build_env(&self.limits.build);
        env.extend(variables(&self.target.env()));
        env
    }

    fn input_files(&self) -> Vec<InputFile> {
        let folder = PathBuf::from(cells::CODE);
        let file = |(name, text)| InputFile { path: folder.join(name), text: vec![Word::from(text)] };
        self.files.iter().map(file).collect()
    }

    fn build_prefix(&self) -> String {
        assignments(&self.target.env())
    }
}

#[cfg(test)]
#[path = "plan_tests.rs"]
mod tests;
