//! Where the compiler and the linker are called without the go command.

use std::path::Path;

use sandbox::spec::{Program, Word};
use underhood::limits::Limits;
use underhood::plan::Report;
use underhood::plan::{Plan, Stage};
use underhood::protocol::mode::Level;
use underhood::protocol::{Mode, Request};
use underhood::{cells, places};
use underhood_fuzz::is_file_name;

use crate::commands::{is_our_environment, is_sound_in, without_ssa};
use crate::{GO, LIBRARY};

/// The stage does what `with_go` would.
pub fn is_direct(request: &Request, stage: &Stage, with_go: Stage) {
    let limits = Limits::default().build;
    assert_eq!((&stage.cell, stage.limits), (&cells::tools(&GO, &LIBRARY, &limits, &Plan::target(request)), limits));
    // For the words of the linker, and for a tool that crashes.
    assert_eq!(stage.otherwise.as_deref(), Some(&with_go));
    assert_eq!((&stage.job.artifact, stage.product), (&with_go.job.artifact, with_go.product));
    let report = match request.mode {
        Mode::Asm(_) | Mode::Ssa(_) | Mode::Layout(_) => Report::AsSaid,
        Mode::Nm(_) | Mode::Objdump(_) => Report::GoCommand,
        _ => Report::OfCompiler,
    };
    assert_eq!(stage.report, report);

    let (importcfg, files) = stage.job.files.split_last().expect("there is a file");
    assert_eq!(files, with_go.job.files);
    assert_eq!(importcfg.path, Path::new("/tmp/importcfg"));
    imports(request, &importcfg.text);

    // Tests beside a program are not compiled with it.
    let is_test = |name: &&str| name.ends_with("_test.go") && !name.contains('/');
    let names: Vec<&str> = request.files.iter().map(|(name, _)| name).filter(|name| !is_test(name)).collect();
    let is_source = |name: &&str| is_file_name(name) && name.ends_with(".go") && !name.contains('/');
    assert!(names.iter().all(is_source), "{names:?}");
    let in_folder = |name: &&str| Word::path("", Path::new(places::CODE).join(name));
    let [importcfg, object] = ["/tmp/importcfg", "/out/main.o"].map(|path| Word::path("", path));
    let outputs = || [Word::from("-importcfg"), importcfg.clone(), Word::from("-o"), object.clone()];
    let recipe = |words: &[String]| words.iter().map(Word::from).collect::<Vec<_>>();
    let text = |words: &[&str]| words.iter().map(|word| Word::from(*word)).collect::<Vec<_>>();
    let flag = |is_set: bool, words: &[&str]| if is_set { text(words) } else { Vec::new() };
    let as_go = [text(&["compile"]), recipe(&LIBRARY.recipe.compile), text(&["-trimpath", "/tmp/go-build/b001=>"])];
    let sources = || names.iter().map(in_folder).collect::<Vec<_>>();
    let compile = match &request.mode {
        Mode::Run(_) | Mode::Nm(_) | Mode::Objdump(_) => [as_go.concat(), outputs().to_vec(), sources()].concat(),
        Mode::Bounds(_) => {
            let flags = text(&["-d=ssa/check_bce,ssa/prove/debug=1"]);
            [as_go.concat(), flags, outputs().to_vec(), sources()].concat()
        }
        Mode::Ssa(_) => {
            let flags = [text(&["compile", "-p", "main"]), vec![Word::path("-trimpath=", places::CODE)]].concat();
            [flags, outputs().to_vec(), text(&names)].concat()
        }
        Mode::Layout(_) => Vec::new(),
        Mode::Escape(options) => {
            let level = if options.level == Level::One { "-m" } else { "-m=2" };
            let flags = [text(&[level]), flag(!options.inline.0, &["-l"])].concat();
            [as_go.concat(), flags, outputs().to_vec(), sources()].concat()
        }
        Mode::Asm(options) => {
            let flags = [text(&["compile", "-p", "main", "-S"]), flag(!options.optimise.0, &["-N", "-l"])].concat();
            [flags, vec![Word::path("-trimpath=", places::CODE)], outputs().to_vec(), text(&names)].concat()
        }
        other => panic!("mode {} needs the go command", other.name()),
    };
    let build_id = format!("-buildid={}", "-".repeat(83));
    let names_of = if matches!(request.mode, Mode::Run(_)) { ["-s", "-w"] } else { ["-w", &build_id] };
    let mut link = [text(&["link"]), recipe(&LIBRARY.recipe.link), text(&names_of), text(&["-importcfg"])].concat();
    link.extend([Word::from("importcfg.link"), Word::from("-o"), Word::path("", places::BINARY), object]);

    let mut expected = vec![("compile", compile, places::CODE)];
    if matches!(request.mode, Mode::Run(_) | Mode::Nm(_) | Mode::Objdump(_)) {
        expected.push(("link", link, places::CACHE));
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
        if name == "link" {
            assert_eq!(path, &Path::new(places::TOOLS).join(name));
        } else {
            let tools = path.parent().and_then(Path::parent).expect("a folder of tools");
            assert_eq!(tools, Path::new(places::GOROOT).join("pkg/tool"));
            assert_eq!(path.file_name(), Some(name.as_ref()));
        }
        let mut env = without_ssa(request, &command.env);
        assert_eq!(env.pop(), Some(("GOGC".to_owned(), Word::from("off"))));
        is_our_environment(&env, Plan::target(request).has_race_detector());
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
        assert_eq!(path, &Path::new(places::CACHE).join(&LIBRARY.packages[name]));
        let is_named = |(_, text): (&str, &str)| text.contains(&format!("\"{name}\""));
        assert!(name == "runtime" || request.files.iter().any(is_named), "{name} is not imported");
        assert!(!name.starts_with("internal/") && !name.starts_with("vendor/"), "{name} is not for readers");
        imported.push(name);
    }
    assert!(imported.contains(&"runtime"), "{imported:?}");
}
