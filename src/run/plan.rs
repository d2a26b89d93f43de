//! From a request to plain data: which cells, which commands, with what. No I/O.

use std::path::PathBuf;

use sandbox::spec::{CellSpec, Command, InputFile, Job, Output, Program, Word};

use super::cells;
use super::environment::Environment;
use super::limits::{Limits, StageLimits};
use crate::protocol::mode::{Arch, AsmOptions, EscapeOptions, Func, Level};
use crate::protocol::{Files, Mode, Refusal, Request};
use crate::toolchain::Prepared;

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
}

/// One cell and its job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stage {
    /// The cell.
    pub cell: CellSpec,
    /// What is done in it.
    pub job: Job,
    /// The name of each command of the job, for `step` events.
    pub steps: Vec<&'static str>,
    /// What the stage may use; the cell has its own copy in the kernel's terms.
    pub limits: StageLimits,
}

impl Plan {
    /// Lowers a request.
    ///
    /// # Errors
    /// What the mode or the toolchain does not take.
    pub fn lower(request: Request, go: &Prepared, limits: &Limits) -> Result<Self, Refusal> {
        let environment = Environment::check(&request.env, &request.mode, &go.knobs)?;
        let package = Package::of(&request.files)?;
        if matches!(request.mode, Mode::Asm(_)) && request.files.go_files().next().is_none() {
            let detail = "mode \"asm\" lists the Go files of the top folder, and there is none";
            return Err(Refusal::not_allowed(detail, [""; 0]));
        }
        let context = Context { go, limits, environment: &environment, package: &package, files: &request.files };
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
        })
    }
}

impl Stage {
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
    limits: &'a Limits,
    environment: &'a Environment,
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
        self.build_stage(vec![("build", build)], Some(cells::BINARY.into()))
    }

    fn run_binary(&self, request: &Request) -> Stage {
        let limits = self.limits.run;
        let mut env = cells::run_env();
        env.extend(variables(&self.environment.program));
        let argv = std::iter::once("main").chain(request.args.iter().map(String::as_str)).map(Word::from).collect();
        let command = command(Program::Handed, argv, env);
        Stage {
            cell: cells::run(self.go, &limits),
            job: Job { files: self.input_files(), commands: vec![command], artifact: None },
            steps: vec!["exec"],
            limits,
        }
    }

    fn run_line(&self, request: &Request) -> String {
        let build =
            self.build_prefix() + &shell(&[&["go", "build", "-o", "main"][..], &self.package.arguments()].concat());
        let mut run: Vec<&str> = vec!["./main"];
        run.extend(request.args.iter().map(String::as_str));
        format!("{build} && {}{}", assignments(&self.environment.program), shell(&run))
    }

    fn escape(&self, options: &EscapeOptions) -> (Stage, String, Option<String>) {
        let mut flags = match options.level {
            Level::One => "-m".to_owned(),
            Level::Two => "-m=2".to_owned(),
        };
        if !options.inline.0 {
            flags.push_str(" -l");
        }
        let gcflags = format!("-gcflags={flags}");
        let arguments = [&gcflags, "-o", "/dev/null"];
        let arguments = [&arguments[..], &self.package.arguments()].concat();
        let build = self.go_command("build", &arguments);
        let line = shell(&[&["go", "build"][..], &arguments].concat());
        (self.build_stage(vec![("build", build)], None), self.build_prefix() + &line, None)
    }

    fn asm(&self, options: &AsmOptions) -> (Stage, String, Option<String>) {
        let mut target = Vec::new();
        if options.arch != Arch::default() {
            target.push(("GOARCH".to_owned(), options.arch.goarch().to_owned()));
        }
        if let Some(level) = options.goamd64 {
            target.push(("GOAMD64".to_owned(), level.goamd64().to_owned()));
        }
        let mut flags = vec!["-p", "main", "-S"];
        if !options.optimise.0 {
            flags.extend(["-N", "-l"]);
        }
        let sources: Vec<&str> = self.files.go_files().collect();

        let mut list = self.go_command(LIST[0], &[&LIST[1..], &self.package.arguments()].concat());
        list.env.extend(variables(&target));
        list.stdout = Output::File(IMPORTCFG.into());
        // What is wrong with the reader's files is the compiler's to say, in the next command.
        list.stderr = Output::File("/tmp/list-errors".into());
        list.may_fail = true;
        let mut compile = self.go_command("tool", &[&["compile"], &flags[..]].concat());
        compile.argv.push(Word::path("-trimpath=", cells::CODE));
        for (flag, file) in [("-importcfg", IMPORTCFG), ("-o", OBJECT)] {
            compile.argv.extend([Word::from(flag), Word::path("", file)]);
        }
        compile.argv.extend(words(&sources));
        compile.env.extend(variables(&target));

        let prefix = format!("{}{}", self.build_prefix(), assignments(&target));
        let line = format!(
            "{prefix}{} > importcfg; {prefix}{} -trimpath=\"$PWD\" -importcfg importcfg -o main.o {}",
            shell(&[&["go"][..], &LIST, &self.package.arguments()].concat()),
            shell(&[&["go", "tool", "compile"][..], &flags].concat()),
            shell(&sources),
        );
        let stage = self.build_stage(vec![("list", list), ("compile", compile)], None);
        (stage, line, options.func.as_ref().map(Func::symbol))
    }

    fn build_stage(&self, commands: Vec<(&'static str, Command)>, artifact: Option<PathBuf>) -> Stage {
        let mut limits = self.limits.build;
        let (steps, commands): (_, Vec<Command>) = commands.into_iter().unzip();
        let is_unprepared = |command: &Command| {
            command.env.iter().any(|(name, _)| matches!(name.as_str(), "GOAMD64" | "GOARCH" | "GOEXPERIMENT"))
        };
        if commands.iter().any(is_unprepared) {
            limits.seconds *= UNPREPARED;
        }
        Stage {
            // The cell is that of every build, so that a prepared one does.
            cell: cells::build(self.go, &self.limits.build),
            job: Job { files: self.input_files(), commands, artifact },
            steps,
            limits,
        }
    }

    fn go_command(&self, subcommand: &str, arguments: &[&str]) -> Command {
        let argv = words(&[&["go", subcommand], arguments].concat());
        let mut env = cells::build_env(&self.limits.build);
        env.extend(variables(&self.environment.build));
        command(Program::Path(PathBuf::from(cells::GOROOT).join("bin/go")), argv, env)
    }

    fn input_files(&self) -> Vec<InputFile> {
        let folder = PathBuf::from(cells::CODE);
        self.files.iter().map(|(name, text)| InputFile { path: folder.join(name), text: text.to_owned() }).collect()
    }

    fn build_prefix(&self) -> String {
        assignments(&self.environment.build)
    }
}

/// In the reader's folder, its output shown, ending the job if it fails.
fn command(program: Program, argv: Vec<Word>, env: Vec<(String, Word)>) -> Command {
    let (stdout, stderr) = (Output::Stream, Output::Stream);
    Command { program, argv, env, dir: cells::CODE.into(), stdout, stderr, may_fail: false }
}

fn words(words: &[&str]) -> Vec<Word> {
    words.iter().map(|word| Word::from(*word)).collect()
}

fn variables(env: &[(String, String)]) -> impl Iterator<Item = (String, Word)> {
    env.iter().map(|(name, value)| (name.clone(), Word::from(value)))
}

/// `NAME=value ` for each, as a shell takes them before a command.
fn assignments(env: &[(String, String)]) -> String {
    env.iter().map(|(name, value)| format!("{name}={} ", quote(value))).collect()
}

/// Words as a shell reads them.
fn shell(words: &[&str]) -> String {
    words.iter().map(|word| quote(word)).collect::<Vec<_>>().join(" ")
}

fn quote(word: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_-+=.,/:@%".contains(&byte);
    if !word.is_empty() && word.bytes().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lower(body: &str) -> Plan {
        try_lower(body).unwrap()
    }

    fn try_lower(body: &str) -> Result<Plan, Refusal> {
        let go = Prepared {
            version: "go1.27.3".to_owned(),
            goroot: "/somewhere/go".into(),
            cache: "/somewhere/cache".into(),
            knobs: crate::toolchain::Knobs { godebug: ["gctrace".to_owned()].into(), goexperiment: [].into() },
        };
        Plan::lower(Request::from_json(body.as_bytes()).unwrap(), &go, &Limits::default())
    }

    #[test]
    fn commands_to_paste() {
        let line = |body| lower(body).command;
        assert_eq!(
            line(r#"{"source": "x", "mode": "escape", "options": {"level": 2, "inline": "off"}}"#),
            "go build '-gcflags=-m=2 -l' -o /dev/null main.go"
        );
        assert_eq!(
            line(r#"{"source": "x", "mode": "run", "env": {"GODEBUG": "gctrace=1"}, "args": ["it's"]}"#),
            r"go build -o main main.go && GODEBUG=gctrace=1 ./main 'it'\''s'"
        );
        assert_eq!(
            line(r#"{"files": {"go.mod": "", "b/b.go": ""}, "mode": "escape"}"#),
            "go build -gcflags=-m -o /dev/null ."
        );
    }

    #[test]
    fn nothing_of_the_reader_reaches_the_toolchain_but_files() {
        let plan = lower(r#"{"source": "x", "mode": "run", "env": {"GODEBUG": "gctrace=1"}, "args": ["-x"]}"#);
        let build = &plan.build.job.commands[0];
        let expected =
            [words(&["go", "build", "-o"]), vec![Word::path("", "/out/main")], words(&["main.go"])].concat();
        assert_eq!(build.argv, expected);
        assert!(!build.env.iter().any(|(name, _)| name == "GODEBUG"));
        let run = &plan.run.unwrap().job.commands[0];
        assert_eq!(run.argv, words(&["main", "-x"]));
        assert!(run.env.contains(&("GODEBUG".to_owned(), Word::from("gctrace=1"))));
    }

    #[test]
    fn the_compiler_is_given_a_file() {
        for files in [r#""go.mod": "", "b/b.go": """#, r#""go.mod": "", "a_test.go": """#, r#""b/b.go": """#] {
            let refused = try_lower(&format!(r#"{{"files": {{{files}}}, "mode": "asm"}}"#));
            assert!(matches!(refused, Err(Refusal::NotAllowed { .. })), "{files}");
        }
    }

    #[test]
    fn tests_are_not_built_into_the_program() {
        let plan = lower(r#"{"files": {"b.go": "", "a.go": "", "a_test.go": "", "data.txt": ""}, "mode": "escape"}"#);
        assert_eq!(plan.build.job.commands[0].argv[5..], words(&["a.go", "b.go"]));
    }
}
