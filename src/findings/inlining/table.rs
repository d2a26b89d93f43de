//! The lines of what `-d=pctab=pctoinline` prints, one at a time.

use std::fmt::{self, Display, Formatter};

use super::super::listing;
use super::super::place::{Place, number};

/// A line. Prints as it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Line<'a> {
    /// The table of a function begins.
    Table(&'a str),
    /// An instruction.
    Row(Row<'a>),
    /// The table ends, at this offset in hexadecimal.
    Done(&'a str),
    /// What the table was packed into: how many bytes, and where the compiler had them.
    Wrote {
        /// In decimal.
        bytes: &'a str,
        /// In hexadecimal, with `0x`.
        place: &'a str,
    },
    /// Those bytes, each with a space before it.
    Packed(&'a str),
    /// The tree of the function whose table came before begins. One without inlined calls has none.
    Tree(&'a str),
    /// A call that was inlined.
    Node(Node<'a>),
    /// The tree ends.
    End,
    /// Of the listing.
    Listed(listing::Line<'a>),
}

/// An instruction in a table. Its operands are as in the listing, its place is the outermost one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row<'a> {
    /// Where it lies, in hexadecimal digits.
    pub hex: &'a str,
    /// The node of the tree from here on, -1 for none; absent where it stays as it was.
    pub node: Option<i32>,
    /// Where it lies, in decimal digits.
    pub pc: &'a str,
    /// Where the outermost call stands.
    pub place: Place<'a>,
    /// The instruction with its operands.
    pub code: &'a str,
}

/// A call that was inlined.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node<'a> {
    /// Counts from 0 in its tree.
    pub index: i32,
    /// The call in which it stands, -1 for none.
    pub parent: i32,
    /// What was called. A closure's name may have a hash between two `#`.
    pub function: &'a str,
    /// Where the call stands, with its column.
    pub place: Place<'a>,
    /// Where the code of the call begins, as an offset in the function.
    pub pc: i64,
}

const TABLE_END: &str = " [valfunc=pctoinline]";

/// Numbers are padded to this width.
const WIDTH: usize = 6;

/// Reads one line, without its newline.
pub fn parse(line: &str) -> Line<'_> {
    let known = match line.as_bytes().first() {
        // Most lines of all are of the listing.
        Some(b'\t') => None,
        Some(b'w') => wrote(line),
        Some(b'-') if line == "--" => Some(Line::End),
        Some(b'-') => {
            line.strip_prefix("-- inlining tree for ").and_then(|rest| rest.strip_suffix(':')).map(Line::Tree)
        }
        _ => row(line).map(Line::Row).or_else(|| table(line)).or_else(|| done(line)).or_else(|| node(line)),
    };
    known.or_else(|| packed(line)).unwrap_or_else(|| Line::Listed(listing::parse(line)))
}

fn table(line: &str) -> Option<Line<'_>> {
    line.strip_prefix("funcpctab ")?.strip_suffix(TABLE_END).map(Line::Table)
}

fn row(line: &str) -> Option<Row<'_>> {
    let (hex, rest) = padded(line)?;
    let (node, rest) = match rest.strip_prefix(' ')?.strip_prefix("       ") {
        Some(rest) => (None, rest),
        None => {
            let (node, rest) = padded(rest.strip_prefix(' ')?)?;
            (Some(number::<i32>(node)?), rest.strip_prefix(' ')?)
        }
    };
    let (pc, rest) = rest.split_once(" (")?;
    let (place, code) = rest.split_once(")\t")?;
    let is_known = listing::is_hex(hex) && pc.len() >= 5 && pc.bytes().all(|byte| byte.is_ascii_digit());
    let row = Row { hex, node, pc, place: Place::parse(place)?, code };
    is_known.then_some(row)
}

/// What stands right-aligned at the head of a line, and what follows.
fn padded(line: &str) -> Option<(&str, &str)> {
    let text = line.trim_start_matches(' ');
    let spaces = line.len() - text.len();
    let (word, rest) = text.split_at(text.find(' ')?);
    (spaces == WIDTH.saturating_sub(word.len())).then_some((word, rest))
}

fn done(line: &str) -> Option<Line<'_>> {
    let (hex, rest) = padded(line)?;
    (listing::is_hex(hex) && rest == " done").then_some(Line::Done(hex))
}

fn wrote(line: &str) -> Option<Line<'_>> {
    let (bytes, place) = line.strip_prefix("wrote ")?.split_once(" bytes to ")?;
    let is_known = number::<u64>(bytes).is_some() && place.strip_prefix("0x").is_some_and(listing::is_hex);
    is_known.then_some(Line::Wrote { bytes, place })
}

fn packed(line: &str) -> Option<Line<'_>> {
    let is_byte = |part: &[u8]| matches!(part, [b' ', digits @ ..] if digits.len() == 2 && digits.iter().all(u8::is_ascii_hexdigit));
    line.as_bytes().chunks(3).all(is_byte).then_some(Line::Packed(line))
}

fn node(line: &str) -> Option<Line<'_>> {
    let (index, rest) = line.split_once(" | ")?;
    let (parent, rest) = rest.split_once(" | ")?;
    let (rest, pc) = rest.rsplit_once(") pc=")?;
    let (function, place) = rest.rsplit_once(" (")?;
    Some(Line::Node(Node {
        index: number(index)?,
        parent: number(parent)?,
        function,
        place: Place::parse(place)?,
        pc: number(pc)?,
    }))
}

impl Display for Line<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Table(name) => write!(f, "funcpctab {name}{TABLE_END}"),
            Self::Row(row) => row.fmt(f),
            Self::Done(hex) => write!(f, "{hex:>WIDTH$} done"),
            Self::Wrote { bytes, place } => write!(f, "wrote {bytes} bytes to {place}"),
            Self::Packed(bytes) => f.write_str(bytes),
            Self::Tree(name) => write!(f, "-- inlining tree for {name}:"),
            Self::Node(node) => node.fmt(f),
            Self::End => f.write_str("--"),
            Self::Listed(line) => line.fmt(f),
        }
    }
}

impl Display for Row<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { hex, node, pc, place, code } = self;
        write!(f, "{hex:>WIDTH$} ")?;
        match node {
            Some(node) => write!(f, "{node:>WIDTH$}")?,
            None => write!(f, "{:>WIDTH$}", "")?,
        }
        write!(f, " {pc} ({place})\t{code}")
    }
}

impl Display for Node<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { index, parent, function, place, pc } = self;
        write!(f, "{index} | {parent} | {function} ({place}) pc={pc}")
    }
}
