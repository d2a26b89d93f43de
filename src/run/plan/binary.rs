//! What is in the linked program.

use std::path::Path;

use sandbox::spec::{Command, Word};

use super::context::Context;
use super::words::{shell, words};
use super::{Lowered, Only, Product, Stage, direct, tool};
use crate::protocol::mode::{BuildOptions, SymbolOptions};
use crate::run::function::pattern;
use crate::run::places;

/// The reader's package: all else is megabytes.
const OWN: &str = "^main\\.";

const NM: [&str; 3] = ["-size", "-sort", "size"];

/// What `strip` asks of the linker.
const STRIP: &str = "-ldflags=-s -w";

/// The sections once more, for programs that read them.
const SECTIONS: &str = "sections.json";

impl Context<'_> {
    pub(super) fn objdump(&self, options: &SymbolOptions) -> Lowered {
        let only =
            options.func.as_ref().map_or_else(|| OWN.to_owned(), |func| format!("^{}", pattern(&func.symbol())));
        let mut argv = words(&["objdump", "-s", &only]);
        argv.push(Word::path("", places::BINARY));
        let line = format!("{} && {}", self.build_line(&[]), shell(&["go", "tool", "objdump", "-s", &only, "main"]));
        Lowered::tools(self.of_binary(("objdump", self.program(tool("objdump"), argv))), line)
    }

    pub(super) fn nm(&self, options: &SymbolOptions) -> Lowered {
        let mut argv = words(&["nm"]);
        argv.extend(words(&NM));
        argv.push(Word::path("", places::BINARY));
        let nm = shell(&[&["go", "tool", "nm"][..], &NM, &["main"]].concat());
        let mut line = format!("{} && {nm}", self.build_line(&[]));
        if let Some(func) = &options.func {
            line += &format!(" | {}", shell(&["grep", "-E", &format!(" {}", pattern(&func.symbol()))]));
        }
        let only = options.func.as_ref().map(|func| Only::Symbol(func.symbol()));
        Lowered::tools(self.of_binary(("nm", self.program(tool("nm"), argv))), line).only(only)
    }

    /// The commands of a build, what the program says of how it was built, its size, and its sections.
    pub(super) fn build(&self, options: &BuildOptions) -> Lowered {
        let flags = if options.strip.0 { &["-x", STRIP][..] } else { &["-x"][..] };
        // Into the reader's folder, as the line has it, since -x tells the place.
        let build = self.go_command("build", &[flags, &["-o", "main"], &self.package.arguments()].concat());
        let version = self.go_command("version", &["-m", "main"]);
        let json = Path::new(places::OUT).join(SECTIONS);
        let mut argv = words(&["sections", "-json"]);
        argv.extend([Word::path("", &json), Word::from("main")]);
        let sections = self.program(tool("sections"), argv);
        let commands = vec![("build", build), ("version", version), ("sections", sections)];
        let stage = Stage {
            product: Product::Text { name: SECTIONS, mime: "application/json" },
            ..self.build_stage(commands, Some(json))
        };
        let line = self.build_line(flags) + " && go version -m main && wc -c main && size -A main";
        Lowered::tools(stage, line)
    }

    /// The program is linked with its symbols, then a tool reads it.
    fn of_binary(&self, (name, command): (&'static str, Command)) -> Stage {
        let with_go = self.build_stage(vec![("build", self.go_build()), (name, command.clone())], None);
        Stage::first(direct::link_with_symbols(self, (name, command)), with_go)
    }
}
