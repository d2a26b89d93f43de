//! What `-S` prints of each symbol (cmd/internal/obj/objfile.go, `writeSymDebug`; util.go, `Prog.InnermostString`).
//!
//! Held against the whole standard library of 1.25, 1.26 and 1.27.

use std::fmt::{self, Display, Formatter};

use super::place::{Place, number};

/// A line. Prints as it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Line<'a> {
    /// `# importpath`, by the go command.
    Heading(&'a str),
    /// A symbol begins. Symbols come in no order of the source.
    Symbol(Symbol<'a>),
    /// Of a function.
    Instruction(Instruction<'a>),
    /// Up to 16 bytes of the symbol.
    Data {
        /// From the symbol's start, in hexadecimal.
        offset: &'a str,
        /// Two digits each, padded with spaces.
        bytes: &'a str,
        /// The same as text; a dot for what is none.
        text: &'a str,
    },
    /// Where the linker fills something in.
    Relocation {
        /// From the symbol's start, in bytes.
        offset: i64,
        /// In bytes.
        size: u32,
        /// Such as `R_CALL`.
        kind: &'a str,
        /// A symbol; may be empty.
        target: &'a str,
        /// In decimal, or in hexadecimal for arm and ppc64.
        add: &'a str,
    },
    /// A line of another kind.
    Other(&'a str),
}

/// The head of a symbol.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Symbol<'a> {
    /// May be empty, or hold any words. `-S=2` adds an ABI, as `<1>`.
    pub name: &'a str,
    /// Such as `STEXT` (cmd/internal/objabi/symkind.go).
    pub kind: &'a str,
    /// Those of `static dupok cfunc nosplit topframe asm` that hold, in this order.
    pub attributes: &'a str,
    /// In bytes; 0 for a function that was inlined wherever it is called.
    pub size: i64,
    /// ` align=0x0 args=0x8 …`, with the space before it.
    pub rest: &'a str,
}

/// One instruction in Go's assembly language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Instruction<'a> {
    /// Where it lies, in hexadecimal digits. Branches name the same in decimal.
    pub hex: &'a str,
    /// The same in decimal digits.
    pub pc: &'a str,
    /// The innermost one where code was inlined; without a column.
    pub place: Place<'a>,
    /// Such as `MOVQ`; arm64 adds suffixes, and that of wasm is of small letters too.
    pub operation: &'a str,
    /// The operands, if there are any.
    pub operands: Option<&'a str>,
}

const ATTRIBUTES: [&str; 6] = ["static", "dupok", "cfunc", "nosplit", "topframe", "asm"];

/// Columns of 16 bytes, each with a space before it.
const BYTES_WIDTH: usize = 16 * 3;

/// Reads one line, without its newline.
pub fn parse(line: &str) -> Line<'_> {
    let known = match line.strip_prefix('\t') {
        Some(inner) => match inner.strip_prefix("rel ") {
            Some(relocated) => relocation(relocated),
            None => instruction(inner).map(Line::Instruction).or_else(|| data(inner)),
        },
        None => match line.strip_prefix("# ") {
            Some(package) => Some(Line::Heading(package)),
            None => symbol(line).map(Line::Symbol),
        },
    };
    known.unwrap_or(Line::Other(line))
}

/// The head of a symbol, such as `main.f STEXT nosplit size=9 align=0x0`. The name may hold any words, such as those of
/// `main.f[go.shape.struct { SIZE int }]`, but what follows it cannot: so the line is read from its end.
pub fn symbol(line: &str) -> Option<Symbol<'_>> {
    let (before, after) = line.rsplit_once(" size=")?;
    let (size, rest) = after.split_at(after.find(' ').unwrap_or(after.len()));
    if !rest.split_terminator(' ').skip(1).all(|fact| fact == "leaf" || fact.contains("=0x")) {
        return None;
    }
    let mut named = before;
    let attributes = loop {
        let (left, word) = named.rsplit_once(' ')?;
        if !ATTRIBUTES.contains(&word) {
            break before[named.len()..].trim_start_matches(' ');
        }
        named = left;
    };
    let (name, kind) = named.rsplit_once(' ')?;
    let is_kind = kind.len() > 3
        && kind.starts_with('S')
        && kind.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_');
    is_kind.then_some(Symbol { name, kind, attributes, size: number(size)?, rest })
}

fn instruction(inner: &str) -> Option<Instruction<'_>> {
    let (hex, rest) = inner.strip_prefix("0x")?.split_once(' ')?;
    let (pc, rest) = rest.split_once(" (")?;
    let (place, rest) = rest.split_once(")\t")?;
    let (operation, operands) = rest.split_once('\t').map_or((rest, None), |(name, rest)| (name, Some(rest)));
    let is_known = is_hex(hex)
        && pc.len() >= 5
        && pc.bytes().all(|byte| byte.is_ascii_digit())
        && operation.starts_with(|c: char| c.is_ascii_alphabetic())
        && !operation.contains(' ');
    is_known.then_some(Instruction { hex, pc, place: Place::parse(place)?, operation, operands })
}

fn data(inner: &str) -> Option<Line<'_>> {
    let digits = inner.strip_prefix("0x")?;
    let (offset, _) = digits.split_once(' ')?;
    let (bytes, text) = digits[offset.len()..].split_at_checked(BYTES_WIDTH)?;
    let text = text.strip_prefix("  ")?;
    let is_known = is_hex(offset)
        && bytes.as_bytes().chunks(3).enumerate().all(|(number, column)| match column {
            b"   " => number >= text.len(),
            [b' ', digits @ ..] => number < text.len() && digits.iter().all(u8::is_ascii_hexdigit),
            _ => false,
        });
    is_known.then_some(Line::Data { offset, bytes, text })
}

fn relocation(text: &str) -> Option<Line<'_>> {
    let (lies, rest) = text.split_once(" t=")?;
    let (offset, size) = lies.split_once('+')?;
    let (kind, rest) = rest.split_once(' ')?;
    let (target, add) = rest.rsplit_once('+')?;
    let magnitude = add.strip_prefix('-').unwrap_or(add);
    let is_known = is_hex(magnitude) && !kind.is_empty();
    is_known.then_some(Line::Relocation { offset: number(offset)?, size: number(size)?, kind, target, add })
}

pub(super) fn is_hex(digits: &str) -> bool {
    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
}

impl Symbol<'_> {
    /// Whether it is code (`SymKind.IsText`).
    pub fn is_text(&self) -> bool {
        self.kind.starts_with("STEXT")
    }
}

impl Display for Line<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Heading(package) => write!(f, "# {package}"),
            Self::Symbol(symbol) => symbol.fmt(f),
            Self::Instruction(instruction) => instruction.fmt(f),
            Self::Data { offset, bytes, text } => write!(f, "\t0x{offset}{bytes}  {text}"),
            Self::Relocation { offset, size, kind, target, add } => {
                write!(f, "\trel {offset}+{size} t={kind} {target}+{add}")
            }
            Self::Other(line) => f.write_str(line),
        }
    }
}

impl Display for Symbol<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { name, kind, attributes, size, rest } = self;
        let space = if attributes.is_empty() { "" } else { " " };
        write!(f, "{name} {kind}{space}{attributes} size={size}{rest}")
    }
}

impl Display for Instruction<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { hex, pc, place, operation, operands } = self;
        write!(f, "\t0x{hex} {pc} ({place})\t{operation}")?;
        operands.map_or(Ok(()), |operands| write!(f, "\t{operands}"))
    }
}

#[cfg(test)]
#[path = "listing_tests.rs"]
mod tests;
