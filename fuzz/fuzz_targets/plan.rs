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
use underhood::plan::{Plan, Stage};
use underhood::protocol::mode::Level;
use underhood::protocol::{Mode, Refusal, Request};
use underhood::{Knobs, Library, Prepared, Recipe, cells};
use underhood_fuzz::{check_refusal, is_file_name, shell_words};

static GO: LazyLock<Prepared> = LazyLock::new(|| {
    let set = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    Prepared {
        version: "go1.27.3".to_owned(),
        goroot: "/somewhere/go".into(),
        id: "0123456789abcdef".to_owned(),
        library: Library { folder: "/somewhere/std".into(), ..Library::default() }.into(),
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
const WORDS: [&str; 21] = [
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
    "main",
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
    assert_eq!(plan.build.cell, cells::build(&GO, &GO.library, &limits.build));
    assert_eq!(plan.build.limits, StageLimits { seconds: 30, ..limits.build });
    assert!(plan.build.otherwise.is_none() && !plan.build.as_go_command);
    has_files(request, &plan.build);
    plan.build.job.commands.iter().for_each(|command| is_ours(request, command));

    assert_eq!(plan.run.is_some(), matches!(request.mode, Mode::Run(_)));
    assert_eq!(plan.build.job.artifact.is_some(), plan.run.is_some());
    if let Some(run) = &plan.run {
        assert_eq!((&run.cell, run.limits), (&cells::run(&GO, &limits.run), limits.run));
        has_files(request, run);
        let [command] = &run.job.commands[..] else { panic!("one program is run, not {:?}", run.job.commands) };
        assert_eq!((&command.program, &command.argv[0]), (&Program::Handed, &Word::from("main")));
        // What the reader says is text, even if it looks like a path of the cell.
        assert!(command.argv[1..].iter().cloned().eq(request.args.iter().map(Word::from)));
        let env: Vec<_> = cells::run_env().into_iter().chain(of_program(request)).collect();
        assert_eq!(command.env, env);
        is_sound_in(command, cells::CODE);
    }
    pastes(request, plan);
}

/// The same with a library: by the go command, or without it where every file is a plain source.
fn lowered_again(request: &Request, plan: &Plan, faster: &Plan) {
    let limits = Limits::default().build;
    let with_go = Stage { cell: cells::build(&GO, &LIBRARY, &limits), limits, ..plan.build.clone() };
    // What a reader is told does not hang on it.
    assert_eq!(&Plan { build: plan.build.clone(), ..faster.clone() }, plan);
    if faster.build != with_go {
        is_direct(request, &faster.build, with_go);
    }
}

fn is_direct(request: &Request, stage: &Stage, with_go: Stage) {
    let limits = Limits::default().build;
    assert_eq!((&stage.cell, stage.limits), (&cells::tools(&GO, &LIBRARY, &limits), limits));
    let runs = matches!(request.mode, Mode::Run(_));
    assert_eq!(stage.otherwise.as_deref(), Some(&with_go).filter(|_| runs));
    assert_eq!(stage.job.artifact, with_go.job.artifact);
    assert_eq!(stage.as_go_command, !matches!(request.mode, Mode::Asm(_)));

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
        Mode::Run(_) => [as_go.concat(), places().to_vec(), sources()].concat(),
        Mode::Escape(options) => {
            let level = if options.level == Level::One { "-m" } else { "-m=2" };
            let flags = [text(&[level]), flag(!options.inline.0, &["-l"])].concat();
            [as_go.concat(), flags, places().to_vec(), sources()].concat()
        }
        Mode::Asm(options) => {
            let flags = [text(&["compile", "-p", "main", "-S"]), flag(!options.optimise.0, &["-N", "-l"])].concat();
            [flags, vec![Word::path("-trimpath=", cells::CODE)], places().to_vec(), text(&names)].concat()
        }
    };
    let mut link = [text(&["link"]), recipe(&LIBRARY.recipe.link), text(&["-s", "-w", "-importcfg"])].concat();
    link.extend([Word::from("importcfg.link"), Word::from("-o"), Word::path("", cells::BINARY), object]);

    let expected = [("compile", compile, cells::CODE), ("link", link, cells::CACHE)];
    let count = if runs { 2 } else { 1 };
    assert_eq!((stage.steps.len(), stage.job.commands.len()), (count, count));
    for ((command, step), (name, argv, dir)) in stage.job.commands.iter().zip(&stage.steps).zip(expected) {
        assert_eq!((&command.argv, *step, command.may_fail), (&argv, name, false));
        let Program::Path(path) = &command.program else { panic!("{:?}", command.program) };
        let tools = path.parent().and_then(Path::parent).expect("a folder of tools");
        assert_eq!(tools, Path::new(cells::GOROOT).join("pkg/tool"));
        assert_eq!(path.file_name(), Some(name.as_ref()));
        let (last, env) = command.env.split_last().expect("it has an environment");
        assert_eq!(last, &("GOGC".to_owned(), Word::from("off")));
        is_our_environment(env);
        is_sound_in(command, dir);
    }
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
    assert_eq!(command.program, Program::Path(PathBuf::from(cells::GOROOT).join("bin/go")));
    let argv = argv(command);
    assert_eq!(argv[0], "go");
    assert!(["build", "list", "tool"].contains(&argv[1].as_str()), "{argv:?}");
    let is_file = |word: &str| request.files.has(word) && is_file_name(word) && word.ends_with(".go");
    for word in &argv[2..] {
        assert!(WORDS.contains(&word.as_str()) || word == "/out/main.o" || is_file(word), "{word:?}");
    }
    let last = argv.last().expect("it has two words at least");
    // A module is named by its folder, but never to the compiler.
    assert!(
        is_file(last) || last == "." && argv[1] != "tool" && request.files.has("go.mod"),
        "nothing to build: {argv:?}"
    );

    is_our_environment(&command.env);
    is_sound_in(command, cells::CODE);
}

/// The cell's, and what the reader may choose of it.
fn is_our_environment(env: &[(String, Word)]) {
    let ours = cells::build_env(&Limits::default().build);
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
    let line = plan.command.replacen(" -trimpath=\"$PWD\" ", " ", usize::from(plan.mode == "asm"));
    let words = shell_words(&line).unwrap_or_else(|| panic!("a shell would act on a part of {line:?}"));
    let assigned = |(name, value): &(String, Word)| format!("{name}={value}");
    let build = plan.build.job.commands.last().expect("there is one");
    let ours = cells::build_env(&Limits::default().build).len();
    let prefix = build.env[ours..].iter().map(assigned);
    let is_place = |word: &&String| !word.starts_with("/out") && !word.starts_with("-trimpath");
    let in_reader_s_folder = |word: &String| word.replace("/tmp/importcfg", "importcfg");
    match &plan.run {
        Some(run) => {
            let here = |word: &String| if word == cells::BINARY { "main".to_owned() } else { word.clone() };
            let mut expected: Vec<String> = prefix.chain(argv(build).iter().map(here)).collect();
            expected.push("&&".to_owned());
            expected.extend(run.job.commands[0].env[cells::run_env().len()..].iter().map(assigned));
            expected.push("./main".to_owned());
            expected.extend(request.args.iter().cloned());
            assert_eq!(words, expected);
        }
        None if plan.mode == "asm" => {
            let semicolon = words.iter().position(|word| word == ";").expect("there are two commands");
            let compile: Vec<String> =
                words[semicolon + 1..].iter().filter(|word| *word != "main.o").cloned().collect();
            let mut expected: Vec<String> = prefix.collect();
            expected.extend(argv(build).iter().filter(is_place).map(in_reader_s_folder));
            assert_eq!(compile, expected);
        }
        None => assert_eq!(words, prefix.chain(argv(build)).collect::<Vec<_>>()),
    }
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
