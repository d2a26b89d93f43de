//! Through which calls each instruction was inlined: what `-S -d=pctab=pctoinline` prints.
//!
//! Before the listing it prints, for each function, a table from instructions to nodes of a tree of calls
//! (cmd/internal/obj/pcln.go, `funcpctab`), and the tree (inl.go, `dumpInlTree`). The listing has the innermost place of each
//! instruction, the tree has the places of the calls around it: only together they are the whole stack.
//!
//! Held against the whole standard library of 1.25, 1.26 and 1.27.

mod table;

use std::collections::{HashMap, VecDeque};

use serde::Serialize;

use super::listing::{self, Instruction, Symbol};
use super::place::Place;
pub use table::{Line, Node, Row, parse};

/// The functions of a listing, in its order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Inlining {
    /// Those that have instructions. A name may come twice, for two calling conventions.
    pub functions: Vec<Function>,
}

/// A function that was compiled, and where its instructions come from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Function {
    /// As the listing names it.
    pub symbol: String,
    /// Each once.
    pub stacks: Vec<Vec<Frame>>,
    /// The instructions that take room, as offset in the function in bytes and index of the stack. Left out are those whose
    /// place the compiler does not know.
    pub instructions: Vec<(u64, usize)>,
}

/// A place in a function. The first of a stack is that of the instruction, each next one is where the function of the one
/// before was called, and the last is in the function that was compiled.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct Frame {
    /// The function's name.
    pub function: String,
    /// A path, as the listing has it.
    pub file: String,
    /// From 1.
    pub line: u32,
    /// In bytes, from 1. Known of calls only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<u32>,
}

/// The table and the tree of a function.
#[derive(Default)]
struct Table<'a> {
    rows: Vec<Row<'a>>,
    nodes: Vec<Node<'a>>,
}

/// Reads all that was printed. A function whose table is not of its listing, as in text that was cut, is left out.
pub fn read(text: &str) -> Inlining {
    let mut tables: HashMap<&str, VecDeque<Table<'_>>> = HashMap::new();
    let mut listed: Vec<(Symbol<'_>, Vec<Instruction<'_>>)> = Vec::new();
    let mut of = "";
    for line in text.lines() {
        let last = tables.get_mut(of).and_then(VecDeque::back_mut);
        match (parse(line), last) {
            (Line::Table(name), _) => {
                of = name;
                tables.entry(name).or_default().push_back(Table::default());
            }
            (Line::Row(row), Some(table)) => table.rows.push(row),
            (Line::Node(node), Some(table)) => table.nodes.push(node),
            (Line::Listed(listing::Line::Symbol(symbol)), _) => listed.push((symbol, Vec::new())),
            (Line::Listed(listing::Line::Instruction(instruction)), _) => {
                if let Some((_, instructions)) = listed.last_mut() {
                    instructions.push(instruction);
                }
            }
            _ => {}
        }
    }
    let function = |(symbol, instructions): (Symbol<'_>, Vec<Instruction<'_>>)| {
        if instructions.is_empty() {
            return None;
        }
        let table = tables.get_mut(symbol.name)?.pop_front()?;
        table.is_of(&instructions).then(|| table.function(&symbol, &instructions))
    };
    Inlining { functions: listed.into_iter().filter_map(function).collect() }
}

impl<'a> Table<'a> {
    /// The first row is printed twice.
    fn rows(&self) -> &[Row<'a>] {
        self.rows.get(1..).unwrap_or_default()
    }

    fn is_of(&self, instructions: &[Instruction<'_>]) -> bool {
        let pcs = self.rows().iter().map(|row| row.pc);
        pcs.eq(instructions.iter().map(|instruction| instruction.pc))
    }

    fn function(&self, symbol: &Symbol<'_>, instructions: &[Instruction<'_>]) -> Function {
        let mut function = Function { symbol: symbol.name.to_owned(), stacks: Vec::new(), instructions: Vec::new() };
        let mut numbers = HashMap::new();
        let mut node = None;
        for (at, (row, instruction)) in self.rows().iter().zip(instructions).enumerate() {
            node = row.node.or(node);
            let Ok(pc) = row.pc.parse::<u64>() else { continue };
            let end = instructions.get(at + 1).map_or(Ok(symbol.size.unsigned_abs()), |next| next.pc.parse());
            // The table says nothing of what takes no room.
            if end.is_ok_and(|end| end <= pc) {
                continue;
            }
            let Some(stack) = self.stack(symbol.name, &instruction.place, node) else { continue };
            let next = function.stacks.len();
            let number = *numbers.entry(stack).or_insert_with_key(|stack| {
                function.stacks.push(stack.clone());
                next
            });
            function.instructions.push((pc, number));
        }
        function
    }

    /// The frames of an instruction at `place` that comes from a node of the tree, or from none of it.
    fn stack(&self, symbol: &str, place: &Place<'_>, node: Option<i32>) -> Option<Vec<Frame>> {
        let mut stack = Vec::new();
        let mut place = *place;
        let mut node = node.unwrap_or(-1);
        loop {
            let spot = place.spot()?;
            let inlined = usize::try_from(node).ok();
            let call = match inlined {
                Some(index) => Some(self.nodes.get(index)?),
                None => None,
            };
            let function = call.map_or(symbol, |call| call.function).to_owned();
            stack.push(Frame { function, file: spot.file.to_owned(), line: spot.line, column: spot.column });
            let Some(call) = call else { return Some(stack) };
            // A call stands in a node that came before: a tree without that would have no end.
            if call.parent >= node {
                return None;
            }
            (place, node) = (call.place, call.parent);
        }
    }
}

#[cfg(test)]
#[path = "inlining_tests.rs"]
mod tests;
