//! From a request to plain data: which cells, which commands, with what. No I/O.

use std::path::PathBuf;

use sandbox::spec::{CellSpec, Command, InputFile, Job};
use serde::Serialize;

mod binary;
mod checks;
mod compiler;
mod context;
mod direct;
mod program;
mod words;

use self::context::Context;
pub use self::direct::LINK;
use super::environment;
use super::limits::{Limits, StageLimits};
use crate::protocol::event::Diagnostic;
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
    /// Show only a part of what comes on standard output.
    pub only: Option<Only>,
    /// What a reader should know of how it is done.
    pub notes: Vec<Diagnostic>,
}

/// A function, and which output it is looked for in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub enum Only {
    /// Its blocks of an assembly listing.
    Function(String),
    /// Its lines of a list of symbols.
    Symbol(String),
}

/// One cell and its job.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Stage {
    /// The cell. It follows from what else is here, the toolchain and our own binary, so it need not be told apart.
    #[serde(skip)]
    pub cell: CellSpec,
    /// What is done in it.
    pub job: Job,
    /// The name of each command of the job, for `step` events.
    pub steps: Vec<&'static str>,
    /// What the stage may use; the cell has its own copy in the kernel's terms.
    pub limits: StageLimits,
    /// How what its commands say is shown.
    pub report: Report,
    /// What the file is that the job hands back.
    pub product: Product,
    /// Whether its last command says by the code 1 that it found something, rather than that it does not build.
    pub finds: bool,
    /// What is done instead when the linker fails, or a tool crashes: nothing is told of that.
    pub otherwise: Option<Box<Stage>>,
    /// The folder of the compiled standard library; empty for a program at work.
    pub library: PathBuf,
}

/// How what the commands of a stage say is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Report {
    /// As it is.
    AsSaid,
    /// Standard error as the go command shows it; standard output is a tool's that reads what was built.
    GoCommand,
    /// All that the compiler says, which it does on standard output, as the go command shows it on standard error.
    OfCompiler,
}

/// What a file that a job hands back is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Product {
    /// The program, to be run.
    Program,
    /// Text that is told as an artifact.
    Text {
        /// The artifact's name.
        name: &'static str,
        /// Its type.
        mime: &'static str,
    },
    /// A listing with tables of inlining, of which the stacks are told.
    Inlining,
}

/// What becomes of a mode.
struct Lowered {
    build: Stage,
    run: Option<Stage>,
    command: String,
    only: Option<Only>,
}

impl Plan {
    /// What a request's standard library has to be compiled for. Says nothing about whether the request is taken.
    pub fn target(request: &Request) -> Target {
        let goexperiment = request.env.get("GOEXPERIMENT").map_or("", String::as_str);
        match &request.mode {
            Mode::Asm(options) => {
                Target::new(Some(options.arch.goarch()), options.goamd64.map(|level| level.goamd64()), goexperiment)
            }
            Mode::Run(options) => Target::new(None, None, goexperiment).with_race_detector(options.race.0),
            Mode::Layout(options) => Target::new(Some(options.arch.goarch()), None, goexperiment),
            _ => Target::new(None, None, goexperiment),
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
        let package = Package::of(&request)?;
        check_files(&request)?;
        check_tools(&request.mode, go)?;
        let files = &request.files;
        let context = Context { go, library, host, target, limits, env: &env, package: &package, files };
        let Lowered { build, run, command, only } = match &request.mode {
            Mode::Run(_) => context.run(&request),
            Mode::Test(options) => context.test(options),
            Mode::Bench(options) => context.bench(options),
            Mode::Escape(options) => context.escape(options),
            Mode::Bounds(_) => context.bounds(),
            Mode::Asm(options) => context.asm(options),
            Mode::Ssa(options) => context.ssa(options),
            Mode::Objdump(options) => context.objdump(options),
            Mode::Nm(options) => context.nm(options),
            Mode::Build(options) => context.build(options),
            Mode::Vet(_) => context.vet(),
            Mode::Fmt(_) => context.fmt(),
            Mode::Layout(options) => context.layout(options),
        };
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
    /// Commands whose words are shown as they are, which make a program if anything.
    fn new(
        cell: CellSpec,
        files: Vec<InputFile>,
        commands: Vec<(&'static str, Command)>,
        limits: StageLimits,
    ) -> Self {
        let (steps, commands) = commands.into_iter().unzip();
        Self {
            cell,
            job: Job { files, commands, artifact: None },
            steps,
            limits,
            report: Report::AsSaid,
            product: Product::Program,
            finds: false,
            otherwise: None,
            library: PathBuf::new(),
        }
    }

    /// Without the go command if that can be, and with it where that does not do.
    fn first(direct: Option<Self>, with_go: Self) -> Self {
        match direct {
            Some(direct) => Self { otherwise: Some(Box::new(with_go)), ..direct },
            None => with_go,
        }
    }

    /// The name of a command of the job. The number comes from a cell, so it may be anything.
    pub fn step(&self, command: usize) -> &'static str {
        self.steps.get(command).copied().unwrap_or("unknown")
    }
}

impl Lowered {
    /// Of a mode that runs no program.
    fn tools(build: Stage, command: String) -> Self {
        Self { build, run: None, command, only: None }
    }

    fn only(self, only: Option<Only>) -> Self {
        Self { only, ..self }
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
    fn of(request: &Request) -> Result<Self, Refusal> {
        let files = &request.files;
        // Any Go file can be formatted, wherever it lies.
        if files.has("go.mod") || matches!(request.mode, Mode::Fmt(_)) {
            return Ok(Self::Module);
        }
        let mut named: Vec<String> = files.go_files().map(str::to_owned).collect();
        if matches!(request.mode, Mode::Test(_) | Mode::Bench(_)) {
            named.extend(test_files(files).map(str::to_owned));
        }
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

/// The tests' files of the top folder.
fn test_files(files: &Files) -> impl Iterator<Item = &str> {
    files.iter().map(|(name, _)| name).filter(|name| is_test_file(name))
}

fn is_test_file(name: &str) -> bool {
    name.ends_with("_test.go") && !name.contains('/')
}

/// Refuses files that a mode can do nothing with.
fn check_files(request: &Request) -> Result<(), Refusal> {
    let (files, name) = (&request.files, request.mode.name());
    let refused = |detail: String| Err(Refusal::not_allowed(detail, [""; 0]));
    match &request.mode {
        Mode::Asm(_) | Mode::Ssa(_) | Mode::Layout(_) if files.go_files().next().is_none() => {
            refused(format!("mode {name:?} is for the Go files of the top folder, and there is none"))
        }
        Mode::Ssa(_) if files.has(compiler::SSA_FILE) => {
            refused(format!("the compiler writes a file {}; name yours otherwise", compiler::SSA_FILE))
        }
        Mode::Test(_) | Mode::Bench(_) if test_files(files).next().is_none() => {
            refused(format!("mode {name:?} is for the _test.go files of the top folder, and there is none"))
        }
        Mode::Fmt(_) if checks::formatted(files).next().is_none() => {
            refused("there is no Go file to format".to_owned())
        }
        _ => Ok(()),
    }
}

/// Refuses a mode whose tool was not compiled.
fn check_tools(mode: &Mode, go: &Prepared) -> Result<(), Refusal> {
    let name = match mode {
        Mode::Objdump(_) => "objdump",
        Mode::Nm(_) => "nm",
        Mode::Build(_) => "sections",
        Mode::Layout(_) => "layout",
        _ => return Ok(()),
    };
    if go.tools.names.contains(name) {
        return Ok(());
    }
    let detail = format!("mode {:?} needs the tool {name}, for which {} has no sources", mode.name(), go.version);
    Err(Refusal::not_allowed(detail, [""; 0]))
}

/// Where a command finds a tool that was compiled ahead.
fn tool(name: &str) -> PathBuf {
    PathBuf::from(super::places::TOOLS).join(name)
}

#[cfg(test)]
#[path = "plan_tests.rs"]
mod tests;
