//! What `-d=ssa/check_bce` and `-d=ssa/prove/debug=1` say: which bounds checks are kept, and what was proved.
//!
//! Printed by cmd/compile/internal/ssa: checkbce.go, prove.go, loopbce.go and downward_counting_loop.go. Held against
//! the whole standard library of 1.25, 1.26 and 1.27.

use std::fmt::{self, Display, Formatter};

use super::place::{Place, number};

/// A line. Prints as it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line<'a> {
    /// The outermost call site, where code was inlined.
    pub place: Option<Place<'a>>,
    /// What is said of it.
    pub fact: Fact<'a>,
}

/// What is checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Check {
    /// An index: `a[i]`.
    Index,
    /// The bounds of a slice expression: `a[i:j]`.
    Slice,
}

/// What is said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fact<'a> {
    /// `# importpath`, by the go command.
    Heading(&'a str),
    /// `Found IsInBounds`: the check is in the program.
    Kept(Check),
    /// `Proved IsInBounds`: it is not needed. A loop that goes by blocks adds ` for blocked indexing` or ` for blocked
    /// reslicing`.
    Needless(Check, Option<&'a str>),
    /// `Disproved IsInBounds`: it always fails.
    Fails(Check),
    /// `Proved Less64`: a condition is always true.
    Always(&'a str),
    /// `Disproved Less64`: it is always false.
    Never(&'a str),
    /// `Proved Lsh64x64 bounded`: of an operation.
    Proved {
        /// The operation.
        operation: &'a str,
        /// What was proved of it.
        what: &'a str,
    },
    /// `Proved v12 is a no-op And64`.
    NoOp {
        /// A value's number, such as `v12`.
        value: &'a str,
        /// The operation.
        operation: &'a str,
    },
    /// `Proved slicemask not needed`, perhaps with ` (by limit)`.
    SliceMask {
        /// Whether it was.
        by_limit: bool,
    },
    /// `Proved v12's arg 1 (v3) is constant 7`.
    Constant {
        /// A value's number.
        value: &'a str,
        /// Which of its operands.
        argument: u32,
        /// The operand's number.
        of: &'a str,
        /// What it always is.
        constant: i64,
    },
    /// `Proved sm,SM=0,9 um,UM=0,9 (v86)`: what a value lies between.
    Limits {
        /// Signed and unsigned.
        limits: &'a str,
        /// A value's number.
        value: &'a str,
    },
    /// `Induction variable: limits [0,?), increment 1`.
    Induction {
        /// `[` or `]` with what belongs to it; `?` is not known.
        limits: &'a str,
        /// Of one turn of the loop.
        increment: i64,
    },
    /// `Inverted loop iteration`.
    Inverted,
    /// `Rewrote Mul v126 into CondSelect; v28 is bool`.
    Rewrote(&'a str),
    /// A line of another kind.
    Other(&'a str),
}

/// What can be proved of an operation beside that it is true.
const PROVED: [&str; 5] = ["bounded", "is unsigned", "does not need fix-up", "non-zero", "shifts to zero"];

/// Why a check is not needed beside that it was proved.
const BLOCKED: [&str; 2] = ["blocked indexing", "blocked reslicing"];

/// Reads one line, without its newline.
pub fn parse(line: &str) -> Line<'_> {
    if let Some(package) = line.strip_prefix("# ") {
        return Line { place: None, fact: Fact::Heading(package) };
    }
    let (place, said) = Place::split(line).map_or((None, line), |(place, said)| (Some(place), said));
    Line { place, fact: fact(said).unwrap_or(Fact::Other(said)) }
}

fn fact(said: &str) -> Option<Fact<'_>> {
    if let Some(check) = said.strip_prefix("Found ") {
        return Check::parse(check).map(Fact::Kept);
    }
    if let Some(condition) = said.strip_prefix("Disproved ") {
        return Check::parse(condition).map(Fact::Fails).or_else(|| operation(condition).map(Fact::Never));
    }
    if let Some(rest) = said.strip_prefix("Proved ") {
        return proved(rest);
    }
    if let Some(rest) = said.strip_prefix("Induction variable: limits ") {
        let (limits, increment) = rest.split_once(", increment ")?;
        let (from, to) = limits.split_once(',')?;
        let is_known = from.starts_with(['[', '(']) && to.ends_with([']', ')']);
        return is_known.then_some(Fact::Induction { limits, increment: number(increment)? });
    }
    if let Some(rest) = said.strip_prefix("Rewrote ") {
        let is_known =
            rest.starts_with("Mul v") && rest.contains(" into ") || rest.contains(" argument is boolean-like");
        return is_known.then_some(Fact::Rewrote(rest));
    }
    (said == "Inverted loop iteration").then_some(Fact::Inverted)
}

fn proved(rest: &str) -> Option<Fact<'_>> {
    match rest {
        "slicemask not needed" => return Some(Fact::SliceMask { by_limit: false }),
        "slicemask not needed (by limit)" => return Some(Fact::SliceMask { by_limit: true }),
        _ => {}
    }
    if let Some(check) = Check::parse(rest) {
        return Some(Fact::Needless(check, None));
    }
    if let Some((check, blocked)) = rest.split_once(" for ") {
        let known = BLOCKED.contains(&blocked);
        return Check::parse(check).filter(|_| known).map(|check| Fact::Needless(check, Some(blocked)));
    }
    if let Some((value, of_which)) = rest.split_once(" is a no-op ") {
        return Some(Fact::NoOp { value: self::value(value)?, operation: operation(of_which)? });
    }
    if let Some((value, rest)) = rest.split_once("'s arg ") {
        let (rest, constant) = rest.split_once(") is constant ")?;
        let (argument, of) = rest.split_once(" (")?;
        return Some(Fact::Constant {
            value: self::value(value)?,
            argument: number(argument)?,
            of: self::value(of)?,
            constant: number(constant)?,
        });
    }
    if let Some((limits, value)) = rest.strip_suffix(')').and_then(|rest| rest.rsplit_once(" (")) {
        return limits.starts_with("sm,SM=").then_some(Fact::Limits { limits, value: self::value(value)? });
    }
    match rest.split_once(' ') {
        Some((name, what)) => PROVED.contains(&what).then_some(Fact::Proved { operation: operation(name)?, what }),
        None => operation(rest).map(Fact::Always),
    }
}

/// Such as `Rsh64Ux64`.
fn operation(text: &str) -> Option<&str> {
    let is_one =
        text.starts_with(|c: char| c.is_ascii_uppercase()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
    is_one.then_some(text)
}

/// Such as `v12`.
fn value(text: &str) -> Option<&str> {
    number::<u32>(text.strip_prefix('v')?).map(|_| text)
}

impl Check {
    fn parse(text: &str) -> Option<Self> {
        match text {
            "IsInBounds" => Some(Self::Index),
            "IsSliceInBounds" => Some(Self::Slice),
            _ => None,
        }
    }
}

impl Display for Line<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if let Some(place) = &self.place {
            write!(f, "{place}: ")?;
        }
        self.fact.fmt(f)
    }
}

impl Display for Check {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Index => "IsInBounds",
            Self::Slice => "IsSliceInBounds",
        })
    }
}

impl Display for Fact<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Heading(package) => write!(f, "# {package}"),
            Self::Kept(check) => write!(f, "Found {check}"),
            Self::Needless(check, None) => write!(f, "Proved {check}"),
            Self::Needless(check, Some(blocked)) => write!(f, "Proved {check} for {blocked}"),
            Self::Fails(check) => write!(f, "Disproved {check}"),
            Self::Always(operation) => write!(f, "Proved {operation}"),
            Self::Never(operation) => write!(f, "Disproved {operation}"),
            Self::Proved { operation, what } => write!(f, "Proved {operation} {what}"),
            Self::NoOp { value, operation } => write!(f, "Proved {value} is a no-op {operation}"),
            Self::SliceMask { by_limit } => {
                write!(f, "Proved slicemask not needed{}", if *by_limit { " (by limit)" } else { "" })
            }
            Self::Constant { value, argument, of, constant } => {
                write!(f, "Proved {value}'s arg {argument} ({of}) is constant {constant}")
            }
            Self::Limits { limits, value } => write!(f, "Proved {limits} ({value})"),
            Self::Induction { limits, increment } => {
                write!(f, "Induction variable: limits {limits}, increment {increment}")
            }
            Self::Inverted => f.write_str("Inverted loop iteration"),
            Self::Rewrote(what) => write!(f, "Rewrote {what}"),
            Self::Other(text) => f.write_str(text),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn real_lines() {
        for (line, expected) in [
            ("a.go:3:7: Found IsInBounds", Fact::Kept(Check::Index)),
            ("<autogenerated>:1: Found IsSliceInBounds", Fact::Kept(Check::Slice)),
            ("a.go:3:7: Proved IsInBounds", Fact::Needless(Check::Index, None)),
            (
                "bytes.go:1127:22: Proved IsSliceInBounds for blocked reslicing",
                Fact::Needless(Check::Slice, Some("blocked reslicing")),
            ),
            ("a.go:3:7: Disproved IsInBounds", Fact::Fails(Check::Index)),
            ("a.go:3:7: Proved Less64U", Fact::Always("Less64U")),
            ("a.go:3:7: Disproved Eq64", Fact::Never("Eq64")),
            (
                "abi.go:91:5: Proved Div64 does not need fix-up",
                Fact::Proved { operation: "Div64", what: "does not need fix-up" },
            ),
            ("cpu.go:71:22: Proved v125 is a no-op And32", Fact::NoOp { value: "v125", operation: "And32" }),
            ("a.go:3: Proved slicemask not needed (by limit)", Fact::SliceMask { by_limit: true }),
            (
                "a.go:3: Proved v9's arg 1 (v3) is constant -7",
                Fact::Constant { value: "v9", argument: 1, of: "v3", constant: -7 },
            ),
            (
                "hkdf.go:80:30: Proved sm,SM=-9,9 um,UM=0,18 (v86)",
                Fact::Limits { limits: "sm,SM=-9,9 um,UM=0,18", value: "v86" },
            ),
            (
                "cpu.go:255:13: Induction variable: limits [0,?), increment 1",
                Fact::Induction { limits: "[0,?)", increment: 1 },
            ),
            ("a.go:3: Inverted loop iteration", Fact::Inverted),
            (
                "symtab.go:1045:26: Rewrote Mul v496 into CondSelect; v28 is bool",
                Fact::Rewrote("Mul v496 into CondSelect; v28 is bool"),
            ),
            ("# internal/cpu", Fact::Heading("internal/cpu")),
            ("a.go:3:7: undefined: x", Fact::Other("undefined: x")),
            ("a.go:3:7: Proved it to myself", Fact::Other("Proved it to myself")),
            ("Found nothing", Fact::Other("Found nothing")),
        ] {
            let parsed = parse(line);
            assert_eq!(parsed.to_string(), line);
            assert_eq!(parsed.fact, expected);
        }
    }
}
