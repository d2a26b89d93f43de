//! Building without the go command: the compiler and the linker called with what the go command would call them with,
//! for a program of some files that imports nothing but the standard library. `None` where it is not surely that.
//!
//! What they say is shown as the go command would ([`Report`]). Where the linker refuses, the go command
//! is asked to build it all again and to say so.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use sandbox::spec::{Command, InputFile, Output, Word};

use super::context::Context;
use super::words::words;
use super::{Package, Report, Stage, is_test_file};
use crate::run::source::Source;
use crate::run::{cells, places, tools};
use crate::toolchain::{IMPORTCFG_LINK, LIBGCC, Library, STAND_IN_PLACE};

/// What replaces the go command's own folder in the compiler's paths: nothing of a reader's lies there either.
const WORK: &str = "/tmp/go-build/b001=>";

/// A program whose head the go command would take, with all that it imports.
struct Direct<'a> {
    context: &'a Context<'a>,
    library: &'a Library,
    imports: BTreeSet<String>,
    declares_main: bool,
    may_not_link: bool,
}

/// The program, linked without names and debugging information, which no program can see here, and which take half of
/// the time.
pub(super) fn link(context: &Context<'_>) -> Option<Stage> {
    let direct = Direct::of(context).filter(|direct| direct.declares_main)?;
    let commands = vec![("compile", direct.compile(&[])), (LINK, direct.linker(&["-s", "-w"]))];
    Some(direct.stage(commands, Some(places::BINARY.into())))
}

/// The program with its symbols, byte for byte where `go build` puts them, and what is done with it next. Left out is
/// debugging information, which is not loaded and moves nothing.
pub(super) fn link_with_symbols(context: &Context<'_>, next: (&'static str, Command)) -> Option<Stage> {
    let direct = Direct::of(context).filter(|direct| direct.declares_main)?;
    let build_id = format!("-buildid={}", "-".repeat(BUILD_ID_BYTES));
    let link = direct.linker(&["-w", &build_id]);
    let compile = Command { stdout: Output::Stderr, ..direct.compile(&[]) };
    let stage = direct.stage(vec![("compile", compile), (LINK, link), next], None);
    Some(Stage { report: Report::GoCommand, ..stage })
}

/// The linker's step. When it fails it has said nothing, and the stage's `otherwise` is done.
pub const LINK: &str = "link";

/// As long as those of the go command, since it lies before the program's code: four hashes of 20 characters with
/// slashes between (cmd/go/internal/work, buildid.go).
const BUILD_ID_BYTES: usize = 83;

/// Commands that need neither the go command nor what a program imports.
pub(super) fn tools_stage(context: &Context<'_>, commands: Vec<(&'static str, Command)>) -> Stage {
    let (library, limits) = (context.library(), context.limits.build);
    let cell = cells::tools(context.go, library, &limits, &context.target);
    Stage { library: library.folder.clone(), ..Stage::new(cell, context.input_files(), commands, limits) }
}

/// Commands that read what the program imports.
pub(super) fn with_imports(context: &Context<'_>, commands: Vec<(&'static str, Command)>) -> Option<Stage> {
    Some(Stage { report: Report::AsSaid, ..Direct::of(context)?.stage(commands, None) })
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
    let mut compile = tools::compiler(&context.build_env());
    compile.argv.extend(words(flags));
    compile.argv.push(Word::path("-trimpath=", places::CODE));
    compile.argv.extend(reads_and_writes());
    compile.argv.extend(words(sources));
    Some(Stage { report: Report::AsSaid, ..direct.stage(vec![("compile", compile)], None) })
}

/// What the compiler reads and writes.
fn reads_and_writes() -> [Word; 4] {
    [Word::from("-importcfg"), Word::path("", places::IMPORTCFG), Word::from("-o"), Word::path("", places::OBJECT)]
}

impl<'a> Direct<'a> {
    /// `None` unless the go command surely takes the files, and has nothing to add to what the compiler says.
    fn of(context: &'a Context<'a>) -> Option<Self> {
        let library = context.library?;
        let Package::Files(named) = context.package else { return None };
        // An odd name, two that differ in case only, or a file that is no source: the go command has a view on it.
        let is_named = |name: &str| named.iter().any(|other| other == name);
        // It does not look at tests beside files that are named to it.
        let all_named = context.files.iter().all(|(name, _)| is_named(name) || is_test_file(name));
        let all_plain = named.iter().all(|name| name.starts_with(|first: char| first.is_ascii_alphanumeric()));
        let folded: BTreeSet<String> = named.iter().map(|name| name.to_ascii_lowercase()).collect();
        if !all_named || !all_plain || folded.len() < named.len() {
            return None;
        }
        let mut direct =
            Self { context, library, imports: BTreeSet::new(), declares_main: false, may_not_link: false };
        for (_, text) in context.files.iter().filter(|(name, _)| is_named(name)) {
            let source = Source::read(text)?;
            direct.imports.extend(source.imports);
            direct.declares_main |= source.declares_main;
            direct.may_not_link |= source.may_not_link;
        }
        direct.imports.iter().all(|path| library.offers(path)).then_some(direct)
    }

    /// The compiler as the go command calls it, with `flags`. Sources are named from the root then.
    fn compile(&self, flags: &[&str]) -> Command {
        let mut compile = tools::compiler(&self.context.build_env());
        compile.argv.extend(self.library.recipe.compile.iter().map(Word::from));
        compile.argv.extend(words(&["-trimpath", WORK]));
        compile.argv.extend(words(flags));
        compile.argv.extend(reads_and_writes());
        let sources = self.context.files.go_files();
        compile.argv.extend(sources.map(|name| Word::path("", Path::new(places::CODE).join(name))));
        compile
    }

    /// With `flags`.
    fn linker(&self, flags: &[&str]) -> Command {
        let mut link = tools::linker(self.context.go, &self.context.build_env());
        link.argv.extend(self.library.recipe.link.iter().map(Word::from));
        link.argv.extend(words(flags));
        if self.library.stand_in().is_some() {
            // It would start the C compiler to ask for this.
            link.argv.extend([Word::from("-libgcc"), Word::path("", Path::new(STAND_IN_PLACE).join(LIBGCC))]);
        }
        link.argv.extend(words(&["-importcfg", IMPORTCFG_LINK, "-o"]));
        link.argv.extend([Word::path("", places::BINARY), Word::path("", places::OBJECT)]);
        link
    }

    fn stage(&self, commands: Vec<(&'static str, Command)>, artifact: Option<PathBuf>) -> Stage {
        let mut stage = tools_stage(self.context, commands);
        stage.job.files.push(self.importcfg());
        stage.job.artifact = artifact;
        stage.report = Report::OfCompiler;
        stage
    }

    /// Where the compiler finds what the program imports, and what every program does.
    fn importcfg(&self) -> InputFile {
        let imports = self.imports.iter().map(String::as_str).chain(["runtime"]);
        let files = imports.filter_map(|path| Some((path, self.library.packages.get(path)?)));
        let line = |(path, file): (&str, &String)| {
            let before = format!("packagefile {path}=");
            [Word::path(&before, Path::new(places::CACHE).join(file)), Word::from("\n")]
        };
        InputFile { path: places::IMPORTCFG.into(), text: files.flat_map(line).collect() }
    }
}
