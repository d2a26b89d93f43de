//! From a request to commands: whatever a reader sends, the toolchain is started with words of ours and checked file
//! names, in an environment of ours, and the line to paste does the same in a shell. That holds for the go command, and
//! for the compiler and the linker where they are called without it.

#![no_main]

use std::path::{Component, Path, PathBuf};
use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use sandbox::spec::{Command, Output, Program, Word};
use underhood::environment::NAMES;
use underhood::limits::{Limits, StageLimits};
use underhood::plan::{Only, Plan, Product, Stage};
use underhood::protocol::mode::Level;
use underhood::protocol::{Mode, Refusal, Request};
use underhood::{Knobs, Library, Prepared, Recipe, Target, Tools, cells};
use underhood_fuzz::{check_refusal, is_file_name, shell_words};

static GO: LazyLock<Prepared> = LazyLock::new(|| {
    let set = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    Prepared {
        version: "go1.27.3".to_owned(),
        goroot: "/somewhere/go".into(),
        id: "0123456789abcdef".to_owned(),
        library: Library { folder: "/somewhere/std".into(), ..Library::default() }.into(),
        tools: Tools {
            folder: "/somewhere/tools".into(),
            names: ["layout", "nm", "objdump", "sections"].map(str::to_owned).into(),
        },
        knobs: Knobs {
            godebug: set(&["cpu.all", "gctrace", "schedtrace"]),
            goexperiment: set(&["greenteagc", "nogreenteagc", "none"]),
        },
    }
});

/// A compiled library of a few packages, two of which are its own affair.
static LIBRARY: LazyLock<Library> = LazyLock::new(|| {
    let words = |text: &str| text.split(' ').map(str::to_owned).collect();
    let packages = ["fmt", "os", "runtime", "runtime/debug", "strings", "time", "internal/abi", "vendor/a.b/c"];
    Library {
        folder: "/somewhere/compiled".into(),
        lengths: [].into(),
        packages: packages.iter().map(|name| ((*name).to_owned(), format!("ab/{}-d", name.len()))).collect(),
        recipe: Recipe {
            compile: words("-p main -lang=go1.27 -complete -goversion go1.27.3 -nolocalimports -pack"),
            link: words("-X=runtime.godebugDefault=a=1 -buildmode=exe"),
        },
    }
});

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

fuzz_target!(|body: &[u8]| {
    let Ok(request) = Request::from_json(body) else { return };
    let with = |library| Plan::lower(request.clone(), &GO, library, &GO.library, &Limits::default());
    match (with(None), with(Some(&LIBRARY))) {
        (Ok(plan), Ok(faster)) => {
            lowered(&request, &plan);
            lowered_again(&request, &plan, &faster);
        }
        (Err(refusal), Err(same)) => {
            assert_eq!(refusal, same);
            refused(&request, &refusal);
        }
        (one, other) => panic!("a library decides what is taken: {one:?}, {other:?}"),
    }
});

/// By the go command, since no library is there for it.
fn lowered(request: &Request, plan: &Plan) {
    let limits = Limits::default();
    assert!(request.env.keys().all(|name| NAMES.contains(&name.as_str())), "{:?}", request.env);
    assert_eq!((plan.mode, &plan.go, &plan.stdin), (request.mode.name(), &GO.version, &request.stdin));

    // Nothing but the files' contents hangs on what the reader sends.
    let formats = matches!(request.mode, Mode::Fmt(_));
    let (cell, seconds) = if formats {
        (cells::tools(&GO, &GO.library, &limits.build, &Plan::target(request)), 10)
    } else {
        (cells::build(&GO, &GO.library, &limits.build), 30)
    };
    assert_eq!((&plan.build.cell, plan.build.limits), (&cell, StageLimits { seconds, ..limits.build }));
    assert!(plan.build.otherwise.is_none() && !plan.build.as_go_command);
    assert_eq!(plan.build.finds, matches!(request.mode, Mode::Vet(_) | Mode::Fmt(_)));
    has_files(request, &plan.build);
    plan.build.job.commands.iter().for_each(|command| is_ours(request, command));

    assert_eq!(plan.run.is_some(), matches!(request.mode, Mode::Run(_) | Mode::Test(_) | Mode::Bench(_)));
    let made = plan.build.job.artifact.as_deref().map(|path| (path.to_str().expect("ours"), plan.build.product));
    let text = |name, mime| Product::Text { name, mime };
    let expected = match &request.mode {
        Mode::Run(_) | Mode::Test(_) | Mode::Bench(_) => Some((cells::BINARY, Product::Program)),
        Mode::Ssa(_) => Some(("/code/ssa.html", text("ssa.html", "text/html"))),
        Mode::Build(_) => Some(("/out/sections.json", text("sections.json", "application/json"))),
        Mode::Layout(_) => Some(("/out/layout.json", text("layout.json", "application/json"))),
        _ => None,
    };
    assert_eq!(made, expected);
    let only = match &request.mode {
        Mode::Asm(options) => options.func.as_ref().map(|func| Only::Function(func.symbol())),
        Mode::Nm(options) => options.func.as_ref().map(|func| Only::Symbol(func.symbol())),
        _ => None,
    };
    assert_eq!(plan.only, only);
    if let Some(run) = &plan.run {
        assert_eq!((&run.cell, run.limits), (&cells::run(&GO, &limits.run), limits.run));
        has_files(request, run);
        let [command] = &run.job.commands[..] else { panic!("one program is run, not {:?}", run.job.commands) };
        // What the reader says is text, even if it looks like a path of the cell.
        assert_eq!(command.program, Program::Handed);
        assert_eq!(command.argv, run_words(request).iter().map(Word::from).collect::<Vec<_>>());
        let env: Vec<_> = cells::run_env().into_iter().chain(of_program(request)).collect();
        assert_eq!(command.env, env);
        is_sound_in(command, cells::CODE);
    }
    pastes(request, plan);
}

/// What is run of the reader's, with its arguments.
fn run_words(request: &Request) -> Vec<String> {
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

/// The same with a library: by the go command, or without it where every file is a plain source.
fn lowered_again(request: &Request, plan: &Plan, faster: &Plan) {
    let limits = Limits::default().build;
    let with_go = match &request.mode {
        // No library is read by gofmt, and any cell with one will do.
        Mode::Fmt(_) => {
            Stage { cell: cells::tools(&GO, &LIBRARY, &limits, &Plan::target(request)), ..plan.build.clone() }
        }
        Mode::Test(_) | Mode::Bench(_) => Stage { cell: cells::build(&GO, &LIBRARY, &limits), ..plan.build.clone() },
        _ => Stage { cell: cells::build(&GO, &LIBRARY, &limits), limits, ..plan.build.clone() },
    };
    // What a reader is told does not hang on it.
    assert_eq!(&Plan { build: plan.build.clone(), ..faster.clone() }, plan);
    if faster.build != with_go {
        is_direct(request, &faster.build, with_go);
    }
}

fn is_direct(request: &Request, stage: &Stage, with_go: Stage) {
    let limits = Limits::default().build;
    assert_eq!((&stage.cell, stage.limits), (&cells::tools(&GO, &LIBRARY, &limits, &Plan::target(request)), limits));
    let links = matches!(request.mode, Mode::Run(_) | Mode::Nm(_) | Mode::Objdump(_));
    assert_eq!(stage.otherwise.as_deref(), Some(&with_go).filter(|_| links));
    assert_eq!((&stage.job.artifact, stage.product), (&with_go.job.artifact, with_go.product));
    assert_eq!(stage.as_go_command, !matches!(request.mode, Mode::Asm(_) | Mode::Ssa(_) | Mode::Layout(_)));

    let (importcfg, files) = stage.job.files.split_last().expect("there is a file");
    assert_eq!(files, with_go.job.files);
    assert_eq!(importcfg.path, Path::new("/tmp/importcfg"));
    imports(request, &importcfg.text);

    let names: Vec<&str> = request.files.iter().map(|(name, _)| name).collect();
    let is_source = |name: &&str| is_file_name(name) && name.ends_with(".go") && !name.contains('/');
    assert!(names.iter().all(is_source) && names.iter().all(|name| !name.ends_with("_test.go")), "{names:?}");
    let in_folder = |name: &&str| Word::path("", Path::new(cells::CODE).join(name));
    let [importcfg, object] = ["/tmp/importcfg", "/out/main.o"].map(|path| Word::path("", path));
    let places = || [Word::from("-importcfg"), importcfg.clone(), Word::from("-o"), object.clone()];
    let recipe = |words: &[String]| words.iter().map(Word::from).collect::<Vec<_>>();
    let text = |words: &[&str]| words.iter().map(|word| Word::from(*word)).collect::<Vec<_>>();
    let flag = |is_set: bool, words: &[&str]| if is_set { text(words) } else { Vec::new() };
    let as_go = [text(&["compile"]), recipe(&LIBRARY.recipe.compile), text(&["-trimpath", "/tmp/go-build/b001=>"])];
    let sources = || names.iter().map(in_folder).collect::<Vec<_>>();
    let compile = match &request.mode {
        Mode::Run(_) | Mode::Nm(_) | Mode::Objdump(_) => [as_go.concat(), places().to_vec(), sources()].concat(),
        Mode::Bounds(_) => {
            let flags = text(&["-d=ssa/check_bce,ssa/prove/debug=1"]);
            [as_go.concat(), flags, places().to_vec(), sources()].concat()
        }
        Mode::Ssa(_) => {
            let flags = [text(&["compile", "-p", "main"]), vec![Word::path("-trimpath=", cells::CODE)]].concat();
            [flags, places().to_vec(), text(&names)].concat()
        }
        Mode::Layout(_) => Vec::new(),
        Mode::Escape(options) => {
            let level = if options.level == Level::One { "-m" } else { "-m=2" };
            let flags = [text(&[level]), flag(!options.inline.0, &["-l"])].concat();
            [as_go.concat(), flags, places().to_vec(), sources()].concat()
        }
        Mode::Asm(options) => {
            let flags = [text(&["compile", "-p", "main", "-S"]), flag(!options.optimise.0, &["-N", "-l"])].concat();
            [flags, vec![Word::path("-trimpath=", cells::CODE)], places().to_vec(), text(&names)].concat()
        }
        other => panic!("mode {} needs the go command", other.name()),
    };
    let build_id = format!("-buildid={}", "-".repeat(83));
    let names_of = if matches!(request.mode, Mode::Run(_)) { ["-s", "-w"] } else { ["-w", &build_id] };
    let mut link = [text(&["link"]), recipe(&LIBRARY.recipe.link), text(&names_of), text(&["-importcfg"])].concat();
    link.extend([Word::from("importcfg.link"), Word::from("-o"), Word::path("", cells::BINARY), object]);

    let mut expected = vec![("compile", compile, cells::CODE)];
    if links {
        expected.push(("link", link, cells::CACHE));
    }
    // The tools that were compiled ahead are called as they are after the go command, with files that it left.
    let last = with_go.job.commands.last().expect("there is one");
    let tool_too = matches!(request.mode, Mode::Nm(_) | Mode::Objdump(_));
    if matches!(request.mode, Mode::Layout(_)) {
        assert_eq!(stage.job.commands, std::slice::from_ref(last));
        return;
    }
    assert_eq!(
        (stage.steps.len(), stage.job.commands.len()),
        (expected.len() + usize::from(tool_too), stage.steps.len())
    );
    if tool_too {
        assert_eq!(stage.job.commands.last(), Some(last));
    }
    for ((command, step), (name, argv, dir)) in stage.job.commands.iter().zip(&stage.steps).zip(expected) {
        assert_eq!((&command.argv, *step, command.may_fail), (&argv, name, false));
        let Program::Path(path) = &command.program else { panic!("{:?}", command.program) };
        let tools = path.parent().and_then(Path::parent).expect("a folder of tools");
        assert_eq!(tools, Path::new(cells::GOROOT).join("pkg/tool"));
        assert_eq!(path.file_name(), Some(name.as_ref()));
        let mut env = without_ssa(request, &command.env);
        assert_eq!(env.pop(), Some(("GOGC".to_owned(), Word::from("off"))));
        is_our_environment(&env);
        is_sound_in(command, dir);
    }
}

/// The environment but for GOSSAFUNC, which is the last where it is asked for, and nowhere else.
fn without_ssa(request: &Request, env: &[(String, Word)]) -> Vec<(String, Word)> {
    let mut env = env.to_vec();
    if let (Mode::Ssa(options), Some(("GOSSAFUNC", value))) =
        (&request.mode, env.last().map(|(name, value)| (name.as_str(), value)))
    {
        assert_eq!(value, &Word::from(options.func.symbol()));
        env.pop();
    }
    env
}

/// What the compiler is given to import: packages of the library that the reader may import and does, and the runtime.
fn imports(request: &Request, importcfg: &[Word]) {
    let mut imported = Vec::new();
    for line in importcfg.chunks(2) {
        let [Word::Path { before, path }, Word::Text(end)] = line else { panic!("{line:?}") };
        assert_eq!(end, "\n");
        let name = before.strip_prefix("packagefile ").and_then(|rest| rest.strip_suffix('=')).expect("a package");
        assert_eq!(path, &Path::new(cells::CACHE).join(&LIBRARY.packages[name]));
        let is_named = |(_, text): (&str, &str)| text.contains(&format!("\"{name}\""));
        assert!(name == "runtime" || request.files.iter().any(is_named), "{name} is not imported");
        assert!(!name.starts_with("internal/") && !name.starts_with("vendor/"), "{name} is not for readers");
        imported.push(name);
    }
    assert!(imported.contains(&"runtime"), "{imported:?}");
}

fn has_files(request: &Request, stage: &Stage) {
    assert_eq!(stage.steps.len(), stage.job.commands.len());
    let file = |(name, text)| (Path::new(cells::CODE).join(name), vec![Word::from(text)]);
    let said: Vec<_> = request.files.iter().map(file).collect();
    let written: Vec<_> = stage.job.files.iter().map(|file| (file.path.clone(), file.text.clone())).collect();
    assert_eq!(written, said);
    assert!(
        said.iter()
            .all(|(path, _)| path.starts_with(cells::CODE)
                && path.components().all(|part| part != Component::ParentDir))
    );
}

fn is_ours(request: &Request, command: &Command) {
    is_our_environment(&without_ssa(request, &command.env));
    is_sound_in(command, cells::CODE);
    let argv = argv(command);
    let is_file = |word: &str| request.files.has(word) && is_file_name(word) && word.ends_with(".go");
    if is_tool(request, command, &argv, is_file) {
        return;
    }
    assert_eq!(command.program, Program::Path(PathBuf::from(cells::GOROOT).join("bin/go")));
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
    let tool = |name: &str| Program::Path(Path::new(cells::TOOLS).join(name));
    let files_from = |at: usize| assert!(argv.len() > at && argv[at..].iter().all(|word| is_file(word)), "{argv:?}");
    match &request.mode {
        Mode::Fmt(_) => {
            assert_eq!(command.program, Program::Path(PathBuf::from(cells::GOROOT).join("bin/gofmt")));
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
            assert_eq!(argv, ["nm", "-size", "-sort", "size", cells::BINARY]);
        }
        Mode::Objdump(_) if command.program == tool("objdump") => {
            // The expression is one word, whatever is in it.
            assert_eq!(
                (argv.len(), &argv[..2], &argv[3]),
                (4, &["objdump".to_owned(), "-s".to_owned()][..], &cells::BINARY.to_owned())
            );
            assert!(argv[2].starts_with('^'), "{argv:?}");
        }
        _ => return false,
    }
    true
}

/// The cell's, and what the reader may choose of it.
fn is_our_environment(env: &[(String, Word)]) {
    let ours = cells::build_env(&Limits::default().build, &Target::host());
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
fn is_sound_in(command: &Command, dir: &str) {
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

fn argv(command: &Command) -> Vec<String> {
    command.argv.iter().map(Word::to_string).collect()
}

fn of_program(request: &Request) -> impl Iterator<Item = (String, Word)> {
    let variables = request.env.iter().filter(|(name, _)| *name != "GOEXPERIMENT");
    variables.map(|(name, value)| (name.clone(), Word::from(value)))
}

/// The line says to a shell what the commands say to the kernel.
fn pastes(request: &Request, plan: &Plan) {
    // The one place where the shell is meant to put something in.
    let compiles = matches!(request.mode, Mode::Asm(_) | Mode::Ssa(_));
    let line = plan.command.replacen(" -trimpath=\"$PWD\" ", " ", usize::from(compiles));
    let words = shell_words(&line).unwrap_or_else(|| panic!("a shell would act on a part of {line:?}"));
    let assigned = |(name, value): &(String, Word)| format!("{name}={value}");
    let commands = &plan.build.job.commands;
    let last = commands.last().expect("there is one");
    let ours = cells::build_env(&Limits::default().build, &Target::host()).len();
    let prefix: Vec<String> = last.env[ours..].iter().map(assigned).collect();
    let is_place = |word: &&String| !word.starts_with("/out") && !word.starts_with("-trimpath");
    let in_reader_s_folder = |word: &String| word.replace("/tmp/importcfg", "importcfg");
    let run = plan.run.as_ref().map(|run| (&run.job.commands[0], run_words(request)));
    let binary = run.as_ref().map_or("main", |(_, words)| words[0].as_str());
    let here = |word: &String| if word == cells::BINARY { binary.to_owned() } else { word.clone() };
    let said = |command: &Command| argv(command).iter().map(here).collect::<Vec<_>>();
    let own = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
    let expected = match &request.mode {
        Mode::Run(_) | Mode::Test(_) | Mode::Bench(_) => {
            let (command, words) = run.as_ref().expect("it runs something");
            let variables = command.env[cells::run_env().len()..].iter().map(assigned).collect();
            let start = vec![format!("./{binary}")];
            [prefix, said(last), own(&["&&"]), variables, start, words[1..].to_vec()].concat()
        }
        Mode::Asm(_) | Mode::Ssa(_) => {
            let semicolon = words.iter().position(|word| word == ";").expect("there are two commands");
            let compile: Vec<String> =
                words[semicolon + 1..].iter().filter(|word| *word != "main.o").cloned().collect();
            let mut expected = prefix;
            // What is for the compiler alone stands first.
            expected.rotate_right(usize::from(matches!(request.mode, Mode::Ssa(_))));
            expected.extend(argv(last).iter().filter(is_place).map(in_reader_s_folder));
            assert_eq!(compile, expected);
            return;
        }
        Mode::Nm(options) => {
            let filter = options.func.as_ref().map(|_| {
                // The expression is one word, whatever is in it.
                assert!(words.last().is_some_and(|word| word.starts_with(' ')), "{words:?}");
                [own(&["|", "grep", "-E"]), words[words.len() - 1..].to_vec()].concat()
            });
            [prefix, said(&commands[0]), own(&["&&", "go", "tool"]), said(last), filter.unwrap_or_default()].concat()
        }
        Mode::Objdump(_) => [prefix, said(&commands[0]), own(&["&&", "go", "tool"]), said(last)].concat(),
        Mode::Build(_) => {
            let sizes = own(&["&&", "wc", "-c", "main", "&&", "size", "-A", "main"]);
            [prefix, said(&commands[0]), own(&["&&"]), said(&commands[1]), sizes].concat()
        }
        Mode::Layout(options) => {
            let arch = format!("arch={}", options.arch.goarch());
            let with = prefix.iter().filter(|word| word.starts_with("GOEXPERIMENT="));
            let with = with.flat_map(|word| ["--env".to_owned(), word.clone()]).collect();
            let files = request.files.iter().map(|(name, _)| name.to_owned()).collect();
            [own(&["underhood", "run", "--mode", "layout", "--opt", &arch]), with, files].concat()
        }
        // What is to be compiled for is nothing to gofmt.
        Mode::Fmt(_) => said(last),
        Mode::Escape(_) | Mode::Bounds(_) | Mode::Vet(_) => [prefix, said(last)].concat(),
    };
    assert_eq!(words, expected);
}

fn refused(request: &Request, refusal: &Refusal) {
    check_refusal(refusal);
    let Refusal::NotAllowed { allowed, .. } = refusal else { panic!("{refusal:?}") };
    let without = Request { env: [].into(), ..request.clone() };
    if Plan::lower(without, &GO, None, &GO.library, &Limits::default()).is_err() {
        return;
    }
    // It is for a variable: variables are looked at in order, and the first that is wrong is told.
    let (first, _) = request.env.first_key_value().expect("there was nothing to refuse");
    if !NAMES.contains(&first.as_str()) {
        assert_eq!(allowed, &NAMES, "{refusal:?}");
    }
    if request.env.values().all(|value| value.len() <= 1024 && !value.contains(char::is_control)) {
        assert!(!allowed.is_empty(), "{refusal:?}");
    }
}
