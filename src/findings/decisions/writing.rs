//! Each line again, as it was read: so nothing of it was lost.

use std::fmt::{self, Display, Formatter};

use super::{Decision, Flow, Line, Why};

impl Display for Line<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if let Some(place) = &self.place {
            write!(f, "{place}: ")?;
        }
        self.decision.fmt(f)
    }
}

impl Display for Decision<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Heading(package) => write!(f, "# {package}"),
            Self::Moved(name) => write!(f, "moved to heap: {name}"),
            Self::Escapes(what) => write!(f, "{what} escapes to heap"),
            Self::Stays(what) => write!(f, "{what} does not escape"),
            Self::StaysUntouched(what) => write!(f, "{what} does not escape, mutate, or call"),
            Self::Leaks(parameter) => write!(f, "leaking param: {parameter}"),
            Self::LeaksContent(parameter) => write!(f, "leaking param content: {parameter}"),
            Self::LeaksToResult { parameter, result, level } => {
                write!(f, "leaking param: {parameter} to result {result} level={level}")
            }
            Self::Mutates { parameter, derefs } => write!(f, "mutates param: {parameter} derefs={derefs}"),
            Self::Calls { parameter, derefs } => write!(f, "calls param: {parameter} derefs={derefs}"),
            Self::AssumedUintptr(parameter) => write!(f, "assuming {parameter} is unsafe uintptr"),
            Self::MarkedUintptr { parameter, is_variadic } => {
                let dots = if *is_variadic { "..." } else { "" };
                write!(f, "marking {parameter} as escaping {dots}uintptr")
            }
            Self::Captures { function, by_reference, variable, addr, assign, width } => {
                let how = if *by_reference { "ref" } else { "value" };
                write!(f, "{function} capturing by {how}: {variable} (addr={addr} assign={assign} width={width})")
            }
            Self::SelfAssignment { function, statement } => {
                write!(f, "{function} ignoring self-assignment in {statement}")
            }
            Self::ZeroCopy => f.write_str("zero-copy string->[]byte conversion"),
            Self::Why(why) => why.fmt(f),
            Self::CanInline { function, as_what: None } => write!(f, "can inline {function}"),
            Self::CanInline { function, as_what: Some((cost, code)) } => {
                write!(f, "can inline {function} with cost {cost} as: {code}")
            }
            Self::CannotInline { function, reason } => write!(f, "cannot inline {function}: {reason}"),
            Self::CannotInlineCycle { function, into } => {
                write!(f, "cannot inline {function} into {into}: repeated recursive cycle")
            }
            Self::InlinesCall { function, score: None } => write!(f, "inlining call to {function}"),
            Self::InlinesCall { function, score: Some(score) } => {
                write!(f, "inlining call to {function} with score {score}")
            }
            Self::Big(function) => write!(f, "function {function} considered 'big'; reducing max cost of inlinees"),
            Self::SkipsInlining(call) => write!(f, "skip inlining within testing.B.loop for {call}"),
            Self::KeptAlive(what) => write!(f, "{what} will be kept alive"),
            Self::UnknownToLoop => f.write_str("expr is unknown to bloop pass"),
            Self::UnknownShape => f.write_str("unrecognized shape for assign list stmt for blank assignment"),
            Self::Devirtualises { how, call, to } => write!(f, "{}{call} to {to}", how.words()),
            Self::CannotDevirtualise { call, reason } => write!(f, "cannot devirtualize {call}: {reason}"),
            Self::ShouldNotDevirtualise { function, reason } => {
                write!(f, "should not PGO devirtualize {function}: {reason}")
            }
            Self::ImpreciseCall => f.write_str("imprecise interface call"),
            Self::BoundsElided => f.write_str("index bounds check elided"),
            Self::Other(text) => f.write_str(text),
        }
    }
}

impl Display for Why<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Escapes { what, function } => write!(f, "{what} escapes to heap in {function}:"),
            Self::Leaks { parameter, to, function, derefs } => {
                write!(f, "parameter {parameter} leaks to {to} for {function} with derefs={derefs}:")
            }
            Self::Flow(flow) => write!(f, "  {flow}"),
            Self::From { code, does, at } => write!(f, "    from {code} ({does}) at {at}"),
            Self::Cut => {
                f.write_str("  warning: truncated explanation due to assignment cycle; see golang.org/issue/35518")
            }
        }
    }
}

impl Display for Flow<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "flow: {} ← {}{}:", self.to, self.operators, self.from)
    }
}
