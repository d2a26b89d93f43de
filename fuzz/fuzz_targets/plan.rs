//! From a request to commands: whatever a reader sends, the toolchain is started with words of ours and checked file
//! names, in an environment of ours, and the line to paste does the same in a shell. That holds for the go command, and
//! for the compiler and the linker where they are called without it.

#![no_main]

#[path = "plan/commands.rs"]
mod commands;
#[path = "plan/direct.rs"]
mod direct;
#[path = "plan/paste.rs"]
mod paste;

use std::path::{Component, Path};
use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use sandbox::spec::{Program, Word};
use underhood::environment::NAMES;
use underhood::limits::{Limits, StageLimits};
use underhood::plan::{Only, Plan, Product, Report, Stage};
use underhood::protocol::{Mode, Refusal, Request};
use underhood::{Knobs, Library, Prepared, Recipe, Tools, cells, places};
use underhood_fuzz::check_refusal;

use commands::{is_ours, is_sound_in, of_program, run_words};
use direct::is_direct;
use paste::pastes;

static GO: LazyLock<Prepared> = LazyLock::new(|| {
    let set = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    Prepared {
        version: "go1.27.3".to_owned(),
        goroot: "/somewhere/go".into(),
        id: "0123456789abcdef".to_owned(),
        library: Library { folder: "/somewhere/std".into(), ..Library::default() }.into(),
        tools: Tools {
            folder: "/somewhere/tools".into(),
            names: ["layout", "link", "nm", "objdump", "sections"].map(str::to_owned).into(),
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
        shared: Vec::new(),
    }
});

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
    assert!(plan.build.otherwise.is_none() && plan.build.report == Report::AsSaid);
    assert_eq!(plan.build.finds, matches!(request.mode, Mode::Vet(_) | Mode::Fmt(_)));
    has_files(request, &plan.build);
    plan.build.job.commands.iter().for_each(|command| is_ours(request, command));

    assert_eq!(plan.run.is_some(), matches!(request.mode, Mode::Run(_) | Mode::Test(_) | Mode::Bench(_)));
    let made = plan.build.job.artifact.as_deref().map(|path| (path.to_str().expect("ours"), plan.build.product));
    let text = |name, mime| Product::Text { name, mime };
    let expected = match &request.mode {
        Mode::Run(_) | Mode::Test(_) | Mode::Bench(_) => Some((places::BINARY, Product::Program)),
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
        assert_eq!((&run.cell, run.limits), (&cells::run(&GO, &GO.library, &limits), limits.run));
        has_files(request, run);
        let [command] = &run.job.commands[..] else { panic!("one program is run, not {:?}", run.job.commands) };
        // What the reader says is text, even if it looks like a path of the cell.
        assert_eq!(command.program, Program::Handed);
        assert_eq!(command.argv, run_words(request).iter().map(Word::from).collect::<Vec<_>>());
        let env: Vec<_> = cells::run_env().into_iter().chain(of_program(request)).collect();
        assert_eq!(command.env, env);
        is_sound_in(command, places::CODE);
    }
    pastes(request, plan);
}

/// The same with a library: by the go command, or without it where every file is a plain source.
fn lowered_again(request: &Request, plan: &Plan, faster: &Plan) {
    let limits = Limits::default().build;
    let cell = match &request.mode {
        // No library is read by gofmt, and any cell with one will do.
        Mode::Fmt(_) => cells::tools(&GO, &LIBRARY, &limits, &Plan::target(request)),
        _ => cells::build(&GO, &LIBRARY, &limits),
    };
    let mut with_go = Stage { cell, library: LIBRARY.folder.clone(), ..plan.build.clone() };
    if !matches!(request.mode, Mode::Test(_) | Mode::Bench(_)) {
        with_go.limits = limits;
    }
    // What a reader is told does not hang on it.
    assert_eq!(&Plan { build: plan.build.clone(), ..faster.clone() }, plan);
    if faster.build != with_go {
        is_direct(request, &faster.build, with_go);
    }
}

fn has_files(request: &Request, stage: &Stage) {
    assert_eq!(stage.steps.len(), stage.job.commands.len());
    let file = |(name, text)| (Path::new(places::CODE).join(name), vec![Word::from(text)]);
    let said: Vec<_> = request.files.iter().map(file).collect();
    let written: Vec<_> = stage.job.files.iter().map(|file| (file.path.clone(), file.text.clone())).collect();
    assert_eq!(written, said);
    assert!(said.iter().all(
        |(path, _)| path.starts_with(places::CODE) && path.components().all(|part| part != Component::ParentDir)
    ));
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
