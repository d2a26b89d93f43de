//! What the compiler says of the reader's package: its decisions, its listing, its passes.

use std::path::Path;

use sandbox::spec::{Output, Word};

use super::context::Context;
use super::words::{shell, words};
use super::{Lowered, Only, Product, Stage, direct};
use crate::protocol::mode::{AsmOptions, EscapeOptions, Func, Level, SsaOptions};
use crate::run::places;

/// Lists the compiled packages that the reader's package imports, as the compiler's -importcfg wants them.
const LIST: [&str; 5] =
    ["list", "-e", "-export", "-deps", "-f={{if .Export}}packagefile {{.ImportPath}}={{.Export}}{{end}}"];

/// Where the compiler puts what GOSSAFUNC asks for, in the folder where it is started.
pub(super) const SSA_FILE: &str = "ssa.html";

/// Both halves: the checks that stay, and those that are proved away, with what is known of loops.
const BOUNDS: &str = "-d=ssa/check_bce,ssa/prove/debug=1";

/// What prints a listing.
const LISTING: &str = "-S";

/// Beside the listing, tables of the calls that instructions were inlined through.
const INLINING: &str = "-d=pctab=pctoinline";

impl Context<'_> {
    pub(super) fn escape(&self, options: &EscapeOptions) -> Lowered {
        let mut flags = match options.level {
            Level::One => vec!["-m"],
            Level::Two => vec!["-m=2"],
        };
        if !options.inline.0 {
            flags.push("-l");
        }
        self.decisions(&flags)
    }

    pub(super) fn bounds(&self) -> Lowered {
        self.decisions(&[BOUNDS])
    }

    /// `go build -gcflags=FLAGS`.
    fn decisions(&self, flags: &[&str]) -> Lowered {
        let gcflags = format!("-gcflags={}", flags.join(" "));
        let arguments = [&gcflags, "-o", "/dev/null"];
        let arguments = [&arguments[..], &self.package.arguments()].concat();
        let line = self.line(&[&["go", "build"][..], &arguments].concat());
        let with_go = self.build_stage(vec![("build", self.go_command("build", &arguments))], None);
        Lowered::tools(Stage::first(direct::decisions(self, flags), with_go), line)
    }

    pub(super) fn asm(&self, options: &AsmOptions) -> Lowered {
        let mut flags = vec!["-p", "main", LISTING];
        if !options.optimise.0 {
            flags.extend(["-N", "-l"]);
        }
        let only = options.func.as_ref().map(Func::symbol).map(Only::Function);
        let mut lowered = self.compile(&flags, None);
        if options.inlining.0 {
            also_inlining(&mut lowered.build);
            lowered.build.otherwise.as_deref_mut().map(also_inlining);
        }
        lowered.only(only)
    }

    pub(super) fn ssa(&self, options: &SsaOptions) -> Lowered {
        let mut lowered = self.compile(&["-p", "main"], Some(("GOSSAFUNC", options.func.symbol())));
        let with_file = |stage: &mut Stage| {
            stage.job.artifact = Some(Path::new(places::CODE).join(SSA_FILE));
            stage.product = Product::Text { name: SSA_FILE, mime: "text/html" };
        };
        with_file(&mut lowered.build);
        lowered.build.otherwise.as_deref_mut().map(with_file);
        lowered
    }

    /// `go tool compile FLAGS`, in the reader's folder, with a variable of its own.
    fn compile(&self, flags: &[&str], variable: Option<(&str, String)>) -> Lowered {
        let sources: Vec<&str> = self.files.go_files().collect();
        let assigned = variable.as_ref().map(|(name, value)| ((*name).to_owned(), value.clone()));
        let assigned = super::words::assignments(assigned.as_slice());
        let line = format!(
            "{}; {assigned}{} -trimpath=\"$PWD\" -importcfg importcfg -o main.o {}",
            self.list_line(),
            self.line(&[&["go", "tool", "compile"][..], flags].concat()),
            shell(&sources),
        );
        let with_variable = |mut stage: Stage| {
            if let (Some((name, value)), Some(compile)) = (&variable, stage.job.commands.last_mut()) {
                compile.env.push(((*name).to_owned(), Word::from(value)));
            }
            stage
        };
        let with_go = with_variable(self.listing(flags, &sources));
        let direct = direct::listing(self, flags, &sources).map(with_variable);
        Lowered::tools(Stage::first(direct, with_go), line)
    }

    /// What a reader types for the compiler's -importcfg.
    pub(super) fn list_line(&self) -> String {
        self.line(&[&["go"][..], &LIST, &self.package.arguments()].concat()) + " > importcfg"
    }

    fn listing(&self, flags: &[&str], sources: &[&str]) -> Stage {
        let mut compile = self.go_command("tool", &[&["compile"], flags].concat());
        compile.argv.push(Word::path("-trimpath=", places::CODE));
        for (flag, file) in [("-importcfg", places::IMPORTCFG), ("-o", places::OBJECT)] {
            compile.argv.extend([Word::from(flag), Word::path("", file)]);
        }
        compile.argv.extend(words(sources));
        self.build_stage(vec![("list", self.list()), ("compile", compile)], None)
    }

    /// Writes the compiler's -importcfg.
    pub(super) fn list(&self) -> sandbox::spec::Command {
        let mut list = self.go_command(LIST[0], &[&LIST[1..], &self.package.arguments()].concat());
        list.stdout = Output::File(places::IMPORTCFG.into());
        // What is wrong with the reader's files is the compiler's to say, in the next command.
        list.stderr = Output::File("/tmp/list-errors".into());
        list.may_fail = true;
        list
    }
}

/// The compiler once more, into a file: what it prints for the reader stays that of `-S` alone.
fn also_inlining(stage: &mut Stage) {
    let Some(mut again) = stage.job.commands.last().cloned() else { return };
    let after = again.argv.iter().position(|word| *word == Word::from(LISTING)).map_or(again.argv.len(), |at| at + 1);
    again.argv.insert(after, Word::from(INLINING));
    let file = Path::new(places::OUT).join("inlining");
    again.stdout = Output::File(file.clone());
    stage.job.commands.push(again);
    stage.steps.push("inlining");
    stage.job.artifact = Some(file);
    stage.product = Product::Inlining;
}
