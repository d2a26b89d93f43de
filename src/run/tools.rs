//! The compiler and the linker as they are called without the go command: all but their arguments, which is the same
//! for every program, so that they can be started before there is one.

use std::path::{Path, PathBuf};

use sandbox::spec::{Ahead, Command, Output, Program, Word};

use super::places;
use crate::toolchain::{Prepared, tool_folder};

/// Memory is limited, and so short a work is over before collecting pays.
const NO_COLLECTION: (&str, &str) = ("GOGC", "off");

/// The compiler, in the reader's folder.
pub fn compiler(env: &[(String, Word)]) -> Command {
    tool("compile", env)
}

/// The linker, in the folder of the compiled standard library, where the places of its importcfg lead: the one that was
/// compiled ahead, if there is one. Nothing that it says is shown.
pub fn linker(go: &Prepared, env: &[(String, Word)]) -> Command {
    const NAME: &str = "link";
    let (stdout, stderr) = (Output::File("/tmp/link-output".into()), Output::File("/tmp/link-errors".into()));
    let mut link = Command { dir: places::CACHE.into(), stdout, stderr, ..tool(NAME, env) };
    if go.tools.names.contains(NAME) {
        link.program = Program::Path(Path::new(places::TOOLS).join(NAME));
    }
    link
}

/// Both, waiting.
pub fn ahead(go: &Prepared, env: &[(String, Word)]) -> Vec<Ahead> {
    let waiting = |command: Command, pipe: &str| Ahead { command, arguments: pipe.into() };
    vec![waiting(compiler(env), "/tmp/compile-arguments"), waiting(linker(go, env), "/tmp/link-arguments")]
}

fn tool(name: &str, env: &[(String, Word)]) -> Command {
    let (variable, value) = NO_COLLECTION;
    Command {
        program: Program::Path(PathBuf::from(places::GOROOT).join(tool_folder()).join(name)),
        argv: vec![Word::from(name)],
        env: env.iter().cloned().chain([(variable.to_owned(), Word::from(value))]).collect(),
        dir: places::CODE.into(),
        stdout: Output::Stdout,
        stderr: Output::Stderr,
        may_fail: false,
    }
}
