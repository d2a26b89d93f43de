//! Commands: words of ours and checked file names, in an environment of ours.

use std::path::{Path, PathBuf};

use sandbox::spec::{Command, Output, Program, Word};
use underhood::limits::Limits;
use underhood::plan::Plan;
use underhood::protocol::{Mode, Request};
use underhood::{Target, cells, places};
use underhood_fuzz::is_file_name;

use crate::GO;

/// All that may stand in a build command beside the names of the reader's files.
const WORDS: [&str; 32] = [
    "-gcflags=-d=ssa/check_bce,ssa/prove/debug=1",
    "-ldflags=-s -w",
    "-x",
    "-c",
    "-vet=off",
    "-m",
    "main",
    "-size",
    "-sort",
    "size",
    "-json",
    "/out/sections.json",
    "-gcflags=-m",
    "-gcflags=-m -l",
    "-gcflags=-m=2",
    "-gcflags=-m=2 -l",
    "-o",
    "/out/main",
    "/dev/null",
    ".",
    "-e",
    "-export",
    "-deps",
    "-f={{if .Export}}packagefile {{.ImportPath}}={{.Export}}{{end}}",
    "compile",
    "-p",
    "-S",
    "-N",
    "-l",
    "-trimpath=/code",
    "-importcfg",
    "/tmp/importcfg",
];

const ARCHITECTURES: [&str; 8] = ["386", "arm", "arm64", "loong64", "mips64le", "ppc64le", "riscv64", "s390x"];

/// Nothing of the reader's is in a build command but names of files.
pub fn is_ours(request: &Request, command: &Command) {
    let argv = argv(command);
    // Whether files import "C" is asked as it is without the race detector.
    let has_race_detector = Plan::target(request).has_race_detector() && argv[1] != "list";
    let go = Program::Path(PathBuf::from(places::GOROOT).join("bin/go"));
    let mut env = without_ssa(request, &command.env);
    if command.program == go {
        let own =
            [("GODEBUG", "goindex=0"), ("GOGC", "300")].map(|(name, value)| (name.to_owned(), Word::from(value)));
        assert_eq!(env.split_off(env.len() - own.len()), own);
    }
    is_our_environment(&env, has_race_detector);
    is_sound_in(command, places::CODE);
    let is_file = |word: &str| request.files.has(word) && is_file_name(word) && word.ends_with(".go");
    if is_tool(request, command, &argv, is_file) {
        return;
    }
    assert_eq!(command.program, go);
    assert_eq!(argv[0], "go");
    assert!(["build", "list", "test", "tool", "version", "vet"].contains(&argv[1].as_str()), "{argv:?}");
    for word in &argv[2..] {
        assert!(WORDS.contains(&word.as_str()) || word == "/out/main.o" || is_file(word), "{word:?}");
    }
    let last = argv.last().expect("it has two words at least");
    // A module is named by its folder, but never to the compiler.
    let is_module = last == "." && argv[1] != "tool" && request.files.has("go.mod");
    assert!(is_file(last) || is_module || argv[1] == "version" && last == "main", "nothing to build: {argv:?}");
}

/// Whether it is gofmt, or a tool that was compiled ahead; then with words of ours and the reader's files.
fn is_tool(request: &Request, command: &Command, argv: &[String], is_file: impl Fn(&str) -> bool) -> bool {
    let tool = |name: &str| Program::Path(Path::new(places::TOOLS).join(name));
    let files_from = |at: usize| assert!(argv.len() > at && argv[at..].iter().all(|word| is_file(word)), "{argv:?}");
    match &request.mode {
        Mode::Fmt(_) => {
            assert_eq!(command.program, Program::Path(PathBuf::from(places::GOROOT).join("bin/gofmt")));
            assert_eq!(argv[..2], ["gofmt", "-d"]);
            files_from(2);
        }
        Mode::Layout(options) if command.program == tool("layout") => {
            let arch = options.arch.goarch();
            let ours = ["layout", "-arch", arch, "-importcfg", "/tmp/importcfg", "-json", "/out/layout.json"];
            assert_eq!(argv[..7], ours);
            files_from(7);
        }
        Mode::Build(_) if command.program == tool("sections") => {
            assert_eq!(argv, ["sections", "-json", "/out/sections.json", "main"]);
        }
        Mode::Nm(_) if command.program == tool("nm") => {
            assert_eq!(argv, ["nm", "-size", "-sort", "size", places::BINARY]);
        }
        Mode::Objdump(_) if command.program == tool("objdump") => {
            // The expression is one word, whatever is in it.
            assert_eq!(
                (argv.len(), &argv[..2], &argv[3]),
                (4, &["objdump".to_owned(), "-s".to_owned()][..], &places::BINARY.to_owned())
            );
            assert!(argv[2].starts_with('^'), "{argv:?}");
        }
        _ => return false,
    }
    true
}

/// What is run of the reader's, with its arguments.
pub fn run_words(request: &Request) -> Vec<String> {
    let tested = |flags: &[String], count: u8| {
        let words = ["main.test", "-test.paniconexit0"].map(str::to_owned);
        [&words, flags, &[format!("-test.count={count}")]].concat()
    };
    match &request.mode {
        Mode::Test(options) => {
            let run = options.filter.as_ref().map(|filter| format!("-test.run={}", filter.as_str()));
            tested(&[vec!["-test.v".to_owned()], run.into_iter().collect()].concat(), options.count.get())
        }
        Mode::Bench(options) => {
            let filter = options.filter.as_ref().map_or("", |filter| filter.as_str());
            let bench = format!("-test.bench={}", if filter.is_empty() { "." } else { filter });
            let flags = ["-test.run=^$", &bench, "-test.benchmem", "-test.benchtime=100ms"];
            tested(&flags.map(str::to_owned), options.count.get())
        }
        _ => [&["main".to_owned()], &request.args[..]].concat(),
    }
}

/// The environment but for GOSSAFUNC, which is the last where it is asked for, and nowhere else.
pub fn without_ssa(request: &Request, env: &[(String, Word)]) -> Vec<(String, Word)> {
    let mut env = env.to_vec();
    if let (Mode::Ssa(options), Some(("GOSSAFUNC", value))) =
        (&request.mode, env.last().map(|(name, value)| (name.as_str(), value)))
    {
        assert_eq!(value, &Word::from(options.func.symbol()));
        env.pop();
    }
    env
}

/// The cell's, and what the reader may choose of it.
pub fn is_our_environment(env: &[(String, Word)], has_race_detector: bool) {
    let target = Target::host().with_race_detector(has_race_detector);
    let ours = cells::build_env(&Limits::default().build, &target);
    assert_eq!(env[..ours.len()], ours);
    for (name, value) in &env[ours.len()..] {
        let Word::Text(value) = value else { panic!("{name}={value:?}") };
        let is_known = match name.as_str() {
            "GOEXPERIMENT" => value.split(',').all(|word| word.is_empty() || GO.knobs.goexperiment.contains(word)),
            "GOARCH" => ARCHITECTURES.contains(&value.as_str()),
            "GOAMD64" => ["v1", "v2", "v3", "v4"].contains(&value.as_str()),
            _ => false,
        };
        assert!(is_known, "{name}={value:?}");
    }
}

/// What execve takes, and no variable twice.
pub fn is_sound_in(command: &Command, dir: &str) {
    assert_eq!(command.dir, Path::new(dir));
    let strings = command.env.iter().flat_map(|(name, value)| [name.clone(), value.to_string()]).chain(argv(command));
    assert!(strings.into_iter().all(|text| !text.contains('\0')), "{command:?}");
    let mut names: Vec<_> = command.env.iter().map(|(name, _)| name).collect();
    names.sort_unstable();
    assert!(names.is_sorted_by(|a, b| a < b), "a variable is there twice: {names:?}");
    for output in [&command.stdout, &command.stderr] {
        assert!(
            matches!(output, Output::Stdout | Output::Stderr)
                || matches!(output, Output::File(path) if path.starts_with("/tmp"))
        );
    }
}

/// The words as the cell's programs see them.
pub fn argv(command: &Command) -> Vec<String> {
    command.argv.iter().map(Word::to_string).collect()
}

/// What the reader sets for the program.
pub fn of_program(request: &Request) -> impl Iterator<Item = (String, Word)> {
    let variables = request.env.iter().filter(|(name, _)| *name != "GOEXPERIMENT");
    variables.map(|(name, value)| (name.clone(), Word::from(value)))
}
