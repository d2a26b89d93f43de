//! Building without the go command: the compiler and the linker called with what the go command would call them with,
//! for a program of some files that imports nothing but the standard library. `None` where it is not surely that.
//!
//! What they say is shown as the go command would ([`Stage::as_go_command`]). Where the linker refuses or a tool crashes,
//! the go command is asked to build it all again and to say so ([`Stage::otherwise`]).

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use sandbox::spec::{Command, InputFile, Job, Output, Program, Word};

use super::words::{command, words};
use super::{Context, IMPORTCFG, OBJECT, Package, Stage};
use crate::run::cells;
use crate::run::source::Source;
use crate::toolchain::{IMPORTCFG_LINK, Library, tool_folder};

/// What replaces the go command's own folder in the compiler's paths: nothing of a reader's lies there either.
const WORK: &str = "/tmp/go-build/b001=>";

/// Memory is limited, and so short a work is over before collecting pays.
const NO_COLLECTION: (&str, &str) = ("GOGC", "off");

/// A program whose head the go command would take, with all that it imports.
struct Direct<'a> {
    context: &'a Context<'a>,
    library: &'a Library,
    imports: BTreeSet<String>,
    declares_main: bool,
    may_not_link: bool,
}

/// The program, linked.
pub(super) fn link(context: &Context<'_>) -> Option<Stage> {
    let direct = Direct::of(context).filter(|direct| direct.declares_main)?;
    let mut link = direct.tool("link", &direct.library.recipe.link);
    // Without names and debugging information, which no program can see here, and which take half of the time.
    link.argv.extend(words(&["-s", "-w", "-importcfg", IMPORTCFG_LINK, "-o"]));
    link.argv.extend([Word::path("", cells::BINARY), Word::path("", OBJECT)]);
    // The places in that file are relative.
    link.dir = cells::CACHE.into();
    link.stdout = Output::File("/tmp/link-output".into());
    link.stderr = Output::File("/tmp/link-errors".into());
    let compile = direct.compile(&[]);
    Some(direct.stage(vec![("compile", compile), ("link", link)], Some(cells::BINARY.into())))
}

/// What the compiler decides, with its reasons by `flags`.
pub(super) fn decisions(context: &Context<'_>, flags: &[&str]) -> Option<Stage> {
    // The go command links too, though to nowhere, and says what it finds there.
    let direct = Direct::of(context).filter(|direct| direct.declares_main && !direct.may_not_link)?;
    Some(direct.stage(vec![("compile", direct.compile(flags))], None))
}

/// The compiler's listing, as somebody gets it who calls the compiler in the reader's folder.
pub(super) fn listing(context: &Context<'_>, flags: &[&str], sources: &[&str]) -> Option<Stage> {
    let direct = Direct::of(context)?;
    let mut compile = direct.tool("compile", &[]);
    compile.argv.extend(words(flags));
    compile.argv.push(Word::path("-trimpath=", cells::CODE));
    compile.argv.extend(places());
    compile.argv.extend(words(sources));
    Some(Stage { as_go_command: false, ..direct.stage(vec![("compile", compile)], None) })
}

/// What the compiler reads and writes.
fn places() -> [Word; 4] {
    [Word::from("-importcfg"), Word::path("", IMPORTCFG), Word::from("-o"), Word::path("", OBJECT)]
}

impl<'a> Direct<'a> {
    /// `None` unless the go command surely takes the files, and has nothing to add to what the compiler says.
    fn of(context: &'a Context<'a>) -> Option<Self> {
        let library = context.library?;
        let Package::Files(named) = context.package else { return None };
        // An odd name, two that differ in case only, or a file that is no source: the go command has a view on it.
        let all_named = context.files.iter().all(|(name, _)| named.iter().any(|other| other == name));
        let all_plain = named.iter().all(|name| name.starts_with(|first: char| first.is_ascii_alphanumeric()));
        let folded: BTreeSet<String> = named.iter().map(|name| name.to_ascii_lowercase()).collect();
        if !all_named || !all_plain || folded.len() < named.len() {
            return None;
        }
        let mut direct =
            Self { context, library, imports: BTreeSet::new(), declares_main: false, may_not_link: false };
        for (_, text) in context.files.iter() {
            let source = Source::read(text)?;
            direct.imports.extend(source.imports);
            direct.declares_main |= source.declares_main;
            direct.may_not_link |= source.may_not_link;
        }
        direct.imports.iter().all(|path| library.offers(path)).then_some(direct)
    }

    /// The compiler as the go command calls it, with `flags`. Sources are named from the root then.
    fn compile(&self, flags: &[&str]) -> Command {
        let mut compile = self.tool("compile", &self.library.recipe.compile);
        compile.argv.extend(words(&["-trimpath", WORK]));
        compile.argv.extend(words(flags));
        compile.argv.extend(places());
        let sources = self.context.files.go_files();
        compile.argv.extend(sources.map(|name| Word::path("", Path::new(cells::CODE).join(name))));
        compile.stdout = Output::Stderr;
        compile
    }

    fn tool(&self, name: &str, flags: &[String]) -> Command {
        let path = PathBuf::from(cells::GOROOT).join(tool_folder()).join(name);
        let argv = std::iter::once(name).chain(flags.iter().map(String::as_str)).map(Word::from).collect();
        let mut env = self.context.build_env();
        let (name, value) = NO_COLLECTION;
        env.push((name.to_owned(), Word::from(value)));
        command(Program::Path(path), argv, env)
    }

    fn stage(&self, commands: Vec<(&'static str, Command)>, artifact: Option<PathBuf>) -> Stage {
        let (steps, commands) = commands.into_iter().unzip();
        let limits = self.context.limits.build;
        let mut files = self.context.input_files();
        files.push(self.importcfg());
        Stage {
            cell: cells::tools(self.context.go, self.library, &limits),
            job: Job { files, commands, artifact },
            steps,
            limits,
            as_go_command: true,
            otherwise: None,
            library: self.library.folder.clone(),
        }
    }

    /// Where the compiler finds what the program imports, and what every program does.
    fn importcfg(&self) -> InputFile {
        let imports = self.imports.iter().map(String::as_str).chain(["runtime"]);
        let files = imports.filter_map(|path| Some((path, self.library.packages.get(path)?)));
        let line = |(path, file): (&str, &String)| {
            let before = format!("packagefile {path}=");
            [Word::path(&before, Path::new(cells::CACHE).join(file)), Word::from("\n")]
        };
        InputFile { path: IMPORTCFG.into(), text: files.flat_map(line).collect() }
    }
}
