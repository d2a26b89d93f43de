//! Building without the go command: the compiler and the linker called with what the go command would call them with,
//! for a program of some files that imports nothing but the standard library. `None` where it is not surely that.
//!
//! What they say is shown as the go command would ([`Stage::as_go_command`]). Where the linker refuses, the go command
//! is asked to build it all again and to say so.

use std::path::{Path, PathBuf};

use sandbox::spec::{Command, Job, Output, Program, Word};

use super::words::{command, words};
use super::{Context, OBJECT, Package, Stage};
use crate::run::cells;
use crate::run::source::Source;
use crate::toolchain::{IMPORTCFG, IMPORTCFG_LINK, Library};

/// What replaces the go command's own folder in the compiler's paths: nothing of a reader's lies there either.
const WORK: &str = "/tmp/go-build/b001=>";

/// Memory is limited, and so short a work is over before collecting pays.
const NO_COLLECTION: (&str, &str) = ("GOGC", "off");

/// The program, linked.
pub(super) fn link(context: &Context<'_>) -> Option<Stage> {
    let (library, sources) = take(context)?;
    if !sources.iter().any(|source| source.declares_main) {
        return None;
    }
    let mut link = tool(context, "link", &library.recipe.link);
    // Names and debugging information: no program can see its own file here, and they take half of the time.
    link.argv.extend(words(&["-s", "-w", "-importcfg", IMPORTCFG_LINK, "-o"]));
    link.argv.extend([Word::path("", cells::BINARY), Word::path("", OBJECT)]);
    link.stdout = Output::File("/tmp/link-output".into());
    link.stderr = Output::File("/tmp/link-errors".into());
    let commands = vec![("compile", compile(context, library, &[])), ("link", link)];
    Some(stage(context, library, commands, Some(cells::BINARY.into())))
}

/// What the compiler decides, with its reasons by `flags`.
pub(super) fn decisions(context: &Context<'_>, flags: &[&str]) -> Option<Stage> {
    let (library, sources) = take(context)?;
    // The go command links too, though to nowhere, and says what it finds there.
    if !sources.iter().any(|source| source.declares_main) || sources.iter().any(|source| source.may_not_link) {
        return None;
    }
    Some(stage(context, library, vec![("compile", compile(context, library, flags))], None))
}

/// The compiler's listing. What the compiler is called with is not the go command's choice here.
pub(super) fn listing(context: &Context<'_>, flags: &[&str]) -> Option<Stage> {
    let (library, _) = take(context)?;
    let mut compile = tool(context, "compile", &[]);
    compile.argv.extend(words(flags));
    compile.argv.push(Word::path("-trimpath=", cells::CODE));
    finish(context, &mut compile);
    let stage = stage(context, library, vec![("compile", compile)], None);
    Some(Stage { as_go_command: false, ..stage })
}

/// The files, if the go command would take them and has nothing to add to what the compiler says.
fn take<'a>(context: &Context<'a>) -> Option<(&'a Library, Vec<Source>)> {
    let library = context.library?;
    let Package::Files(named) = context.package else { return None };
    // A name that starts with an underscore, or a file that is no source: the go command may have a view on it.
    let all_named = context.files.iter().all(|(name, _)| named.iter().any(|other| other == name));
    if !all_named || named.iter().any(|name| name.starts_with('_')) {
        return None;
    }
    let sources = context.files.iter().map(|(_, text)| Source::read(text)).collect::<Option<Vec<_>>>()?;
    let offers_all = sources.iter().flat_map(|source| &source.imports).all(|path| library.offers(path));
    offers_all.then_some((library, sources))
}

fn compile(context: &Context<'_>, library: &Library, flags: &[&str]) -> Command {
    let mut compile = tool(context, "compile", &library.recipe.compile);
    compile.argv.extend(words(&["-trimpath", WORK]));
    compile.argv.extend(words(flags));
    compile.stdout = Output::Stderr;
    finish(context, &mut compile);
    compile
}

/// What every call of the compiler ends with. Sources are named from the root, as the go command does.
fn finish(context: &Context<'_>, compile: &mut Command) {
    compile.argv.extend(words(&["-importcfg", IMPORTCFG, "-o"]));
    compile.argv.push(Word::path("", OBJECT));
    compile.argv.extend(context.files.go_files().map(|name| Word::path("", Path::new(cells::CODE).join(name))));
}

fn tool(context: &Context<'_>, name: &str, flags: &[String]) -> Command {
    let path = PathBuf::from(cells::GOROOT).join(crate::toolchain::tool_folder()).join(name);
    let argv = std::iter::once(name).chain(flags.iter().map(String::as_str)).map(Word::from).collect();
    let mut env = context.build_env();
    env.retain(|(name, _)| name != "PWD");
    let (name, value) = NO_COLLECTION;
    env.extend([("PWD".to_owned(), Word::path("", cells::CACHE)), (name.to_owned(), Word::from(value))]);
    // The places in the importcfg are relative to that folder.
    Command { dir: cells::CACHE.into(), ..command(Program::Path(path), argv, env) }
}

fn stage(
    context: &Context<'_>,
    library: &Library,
    commands: Vec<(&'static str, Command)>,
    artifact: Option<PathBuf>,
) -> Stage {
    let (steps, commands) = commands.into_iter().unzip();
    let limits = context.limits.build;
    Stage {
        cell: cells::tools(context.go, library, &limits),
        job: Job { files: context.input_files(), commands, artifact },
        steps,
        limits,
        as_go_command: true,
        otherwise: None,
    }
}
