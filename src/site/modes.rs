//! The modes of the runner, in readers' words.

use super::view::Mode;
use crate::protocol::mode::NAMES;

/// All of them, in the order shown.
pub fn all() -> Vec<Mode> {
    NAMES.map(|name| Mode { name: name.to_owned(), label: label(name).to_owned() }).to_vec()
}

/// What readers call a mode.
pub fn label(mode: &str) -> &str {
    match mode {
        "run" => "Run",
        "escape" => "Escape analysis",
        "asm" => "Assembly",
        "ssa" => "Compiler passes",
        "bounds" => "Bounds checks",
        "objdump" => "Disassembly",
        "nm" => "Symbols",
        "test" => "Tests",
        "bench" => "Benchmarks",
        "vet" => "Vet",
        "fmt" => "Formatting",
        "build" => "Build",
        "layout" => "Struct layout",
        other => other,
    }
}
