//! A `-S` listing (cmd/internal/obj/objfile.go writes it) without what changes from build to build.

use std::collections::{BTreeMap, BTreeSet};

use crate::findings::listing;

/// An instruction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Instruction<'a> {
    /// Offset in its function.
    pub pc: u64,
    /// `file:line`, or another position that the compiler has.
    pub position: &'a str,
    /// What it does.
    pub op: &'a str,
    /// What it does that with; may be empty.
    pub arguments: &'a str,
}

/// The instruction of a line such as `\t0x0004 00004 (main.go:9)\tJLS\t95`.
pub fn instruction(line: &str) -> Option<Instruction<'_>> {
    let (hex, rest) = line.strip_prefix("\t0x")?.split_once(' ')?;
    let (decimal, rest) = rest.split_once(" (")?;
    // A position may hold brackets, and an argument too; what follows a position is a tab.
    let (position, rest) = rest.split_once(")\t")?;
    let (op, arguments) = rest.split_once('\t').unwrap_or((rest, ""));
    let pc = u64::from_str_radix(hex, 16).ok()?;
    (decimal.parse() == Ok(pc)).then_some(Instruction { pc, position, op, arguments })
}

/// The functions of the program's own package by name, each with its instructions and labels for the targets of its
/// branches. Left out is what the collector and the debugger read, machine code, relocations, data, and the attributes and
/// sizes of symbols.
pub fn normalise(listing: &str) -> String {
    let mut functions: BTreeMap<&str, Vec<Instruction<'_>>> = BTreeMap::new();
    let mut current = None;
    for line in listing.lines() {
        if !line.starts_with('\t') {
            current = own_function(line);
            if let Some(name) = current {
                functions.entry(name).or_default();
            }
        } else if let (Some(name), Some(instruction)) = (current, instruction(line))
            && !matches!(instruction.op, "PCDATA" | "FUNCDATA")
        {
            functions.entry(name).or_default().push(instruction);
        }
    }
    let mut text = String::new();
    for (name, instructions) in functions {
        text += &format!("{name}\n");
        function(&instructions, &mut text);
    }
    text
}

fn function(instructions: &[Instruction<'_>], text: &mut String) {
    let pcs: BTreeSet<u64> = instructions.iter().map(|instruction| instruction.pc).collect();
    let targets = instructions.iter().filter_map(|instruction| target(instruction, &pcs));
    let labels: BTreeMap<u64, usize> = targets.collect::<BTreeSet<_>>().into_iter().zip(0..).collect();
    let mut last = None;
    for instruction in instructions {
        let Instruction { pc, position, op, arguments } = instruction;
        if last.replace(pc) != Some(pc)
            && let Some(label) = labels.get(pc)
        {
            *text += &format!("L{label}:\n");
        }
        match target(instruction, &pcs).and_then(|target| labels.get(&target)) {
            Some(label) => {
                let before =
                    arguments.rsplit_once(", ").map_or_else(String::new, |(before, _)| format!("{before}, "));
                *text += &format!("\t({position})\t{op}\t{before}L{label}\n");
            }
            None if arguments.is_empty() => *text += &format!("\t({position})\t{op}\n"),
            None => *text += &format!("\t({position})\t{op}\t{arguments}\n"),
        }
    }
}

/// Where a branch goes: a bare number as the last argument, since all other numbers have a `$` or brackets.
fn target(instruction: &Instruction<'_>, pcs: &BTreeSet<u64>) -> Option<u64> {
    let last = instruction.arguments.rsplit(", ").next()?;
    last.parse().ok().filter(|target| pcs.contains(target))
}

/// The name of a function of package main that has code, of the head of a symbol.
fn own_function(line: &str) -> Option<&str> {
    let symbol = listing::symbol(line).filter(|symbol| symbol.is_text() && symbol.size != 0)?;
    symbol.name.starts_with("main.").then_some(symbol.name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instruction_is_taken_apart() {
        let of = |line| instruction(line).map(|i| (i.pc, i.position, i.op, i.arguments));
        assert_eq!(of("\t0x0004 00004 (main.go:9)\tJLS\t95"), Some((4, "main.go:9", "JLS", "95")));
        assert_eq!(of("\t0x005e 00094 (a.go:1[b.go:2])\tRET"), Some((94, "a.go:1[b.go:2]", "RET", "")));
        assert_eq!(of("\t0x0000 49 3b 66 10 76 59 55 48  I;f.(YUH)\t."), None);
        assert_eq!(of("\trel 32+4 t=R_PCREL type:main.user+0"), None);
    }

    #[test]
    fn what_changes_from_build_to_build_is_left_out() {
        let listing = "main.g STEXT size=9 args=0x0\n\t0x0000 00000 (m.go:3)\tTEXT\tmain.g(SB), $0\n\
            \t0x0000 00000 (m.go:3)\tFUNCDATA\t$0, gclocals·x==(SB)\n\t0x0002 00002 (m.go:3)\tJLS\t8\n\
            \t0x0004 00004 (m.go:4)\tMOVQ\t$8, AX\n\t0x0006 00006 (m.go:4)\tTBZ\t$1, R0, 2\n\
            \t0x0008 00008 (m.go:4)\tPCDATA\t$1, $0\n\t0x0008 00008 (m.go:5)\tXCHGL\tAX, AX\n\
            \t0x0008 00008 (m.go:5)\tJMP\t0\n\t0x0000 49 3b 66 10  I;f.\n\trel 3+4 t=R_CALL f+0\n\
            main.f.func1 STEXT size=0 args=0x0\nmain.f STEXT dupok nosplit size=1 align=0x0\n\
            \t0x0000 00000 (m.go:1)\tRET\ngo:cuinfo.producer.main SDWARFCUINFO dupok size=0\n\t0x0000 2d 4e  -N\n\
            type:.eq.main.t STEXT size=1\n\t0x0000 00000 (<autogenerated>:1)\tRET\n";
        let expected = "main.f\n\t(m.go:1)\tRET\nmain.g\nL0:\n\t(m.go:3)\tTEXT\tmain.g(SB), $0\nL1:\n\
            \t(m.go:3)\tJLS\tL2\n\t(m.go:4)\tMOVQ\t$8, AX\n\t(m.go:4)\tTBZ\t$1, R0, L1\nL2:\n\
            \t(m.go:5)\tXCHGL\tAX, AX\n\t(m.go:5)\tJMP\tL0\n";
        assert_eq!(normalise(listing), expected);
    }
}
