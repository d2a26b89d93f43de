//! From a line to what it says.

use super::{Decision, Devirtualising, Flow, Line, Why};
use crate::findings::place::{Place, number};

/// Reads one line, without its newline. What is not known is [`Decision::Other`].
pub fn parse(line: &str) -> Line<'_> {
    if let Some(package) = line.strip_prefix("# ") {
        return Line { place: None, decision: Decision::Heading(package) };
    }
    if let Some((place, said)) = Place::split(line) {
        return Line { place: Some(place), decision: decision(said).unwrap_or(Decision::Other(said)) };
    }
    // An explanation always has a place, if only an unknown one.
    let decision = decision(line).filter(|decision| !matches!(decision, Decision::Why(_)));
    Line { place: None, decision: decision.unwrap_or(Decision::Other(line)) }
}

fn decision(said: &str) -> Option<Decision<'_>> {
    let fixed = match said {
        "zero-copy string->[]byte conversion" => Some(Decision::ZeroCopy),
        "imprecise interface call" => Some(Decision::ImpreciseCall),
        "index bounds check elided" => Some(Decision::BoundsElided),
        "expr is unknown to bloop pass" => Some(Decision::UnknownToLoop),
        "unrecognized shape for assign list stmt for blank assignment" => Some(Decision::UnknownShape),
        _ => None,
    };
    // An expression may begin with any word, such as a variable called `parameter`. So what begins in one way but does not
    // go on so is tried in the next.
    fixed
        .or_else(|| why(said).map(Decision::Why))
        .or_else(|| inlining(said))
        .or_else(|| calls(said))
        .or_else(|| parameters(said))
        .or_else(|| variables(said))
        .or_else(|| escapes(said))
}

fn why(said: &str) -> Option<Why<'_>> {
    if let Some(step) = said.strip_prefix("  ") {
        return if let Some(from) = step.strip_prefix("  from ") {
            from.rmatch_indices(" at ").find_map(|(end, mark)| {
                let (code, does) = from[..end].strip_suffix(')')?.rsplit_once(" (")?;
                Some(Why::From { code, does, at: Place::parse(&from[end + mark.len()..])? })
            })
        } else if step == "warning: truncated explanation due to assignment cycle; see golang.org/issue/35518" {
            Some(Why::Cut)
        } else {
            Flow::parse(step).map(Why::Flow)
        };
    }
    let head = said.strip_suffix(':')?;
    let leaks = || {
        let (rest, derefs) = head.strip_prefix("parameter ")?.rsplit_once(" with derefs=")?;
        // The name of a parameter holds no space, and neither does that of a result.
        let (parameter, rest) = rest.split_once(" leaks to ")?;
        let (to, function) = rest.split_once(" for ")?;
        Some(Why::Leaks { parameter, to, function, derefs: number(derefs)? })
    };
    let escapes = || {
        let (what, function) = head.rsplit_once(" escapes to heap in ")?;
        Some(Why::Escapes { what, function })
    };
    leaks().or_else(escapes)
}

impl<'a> Flow<'a> {
    /// `flow: to ← &from:`.
    pub fn parse(text: &'a str) -> Option<Self> {
        let (to, rest) = text.strip_prefix("flow: ")?.strip_suffix(':')?.split_once(" ← ")?;
        let from = rest.strip_prefix('&').unwrap_or_else(|| rest.trim_start_matches('*'));
        Some(Self { to, operators: &rest[..rest.len() - from.len()], from })
    }
}

fn inlining(said: &str) -> Option<Decision<'_>> {
    if let Some(rest) = said.strip_prefix("can inline ") {
        let costs = rest.match_indices(" with cost ").find_map(|(at, mark)| {
            let (cost, code) = rest[at + mark.len()..].split_once(" as: ")?;
            Some(Decision::CanInline { function: &rest[..at], as_what: Some((number(cost)?, code)) })
        });
        return Some(costs.unwrap_or(Decision::CanInline { function: rest, as_what: None }));
    }
    if let Some(rest) = said.strip_prefix("cannot inline ") {
        let cycle = rest.strip_suffix(": repeated recursive cycle").and_then(|rest| split_outside(rest, " into "));
        if let Some((function, into)) = cycle {
            return Some(Decision::CannotInlineCycle { function, into });
        }
        let (function, reason) = split_outside(rest, ": ")?;
        return Some(Decision::CannotInline { function, reason });
    }
    if let Some(rest) = said.strip_prefix("inlining call to ") {
        let scored = rest.rsplit_once(" with score ").and_then(|(function, score)| Some((function, number(score)?)));
        let (function, score) = scored.map_or((rest, None), |(function, score)| (function, Some(score)));
        return Some(Decision::InlinesCall { function, score });
    }
    if let Some(call) = said.strip_prefix("skip inlining within testing.B.loop for ") {
        return Some(Decision::SkipsInlining(call));
    }
    if let Some(what) = said.strip_suffix(" will be kept alive") {
        return Some(Decision::KeptAlive(what));
    }
    let function = said.strip_prefix("function ")?;
    function.strip_suffix(" considered 'big'; reducing max cost of inlinees").map(Decision::Big)
}

fn calls(said: &str) -> Option<Decision<'_>> {
    if let Some(rest) = said.strip_prefix("cannot devirtualize ") {
        let reason = [": shaped receiver ", ": shaped interface "].into_iter().find_map(|mark| rest.rfind(mark))?;
        return Some(Decision::CannotDevirtualise { call: &rest[..reason], reason: &rest[reason + 2..] });
    }
    if let Some(rest) = said.strip_prefix("should not PGO devirtualize ") {
        let (function, reason) = split_outside(rest, ": ")?;
        return Some(Decision::ShouldNotDevirtualise { function, reason });
    }
    Devirtualising::ALL.into_iter().find_map(|how| {
        let (call, to) = said.strip_prefix(how.words())?.rsplit_once(" to ")?;
        Some(Decision::Devirtualises { how, call, to })
    })
}

fn parameters(said: &str) -> Option<Decision<'_>> {
    if let Some(rest) = said.strip_prefix("leaking param: ") {
        let to_result = || {
            let (parameter, rest) = rest.split_once(" to result ")?;
            let (result, level) = rest.rsplit_once(" level=")?;
            Some(Decision::LeaksToResult { parameter, result, level: number(level)? })
        };
        return Some(to_result().unwrap_or(Decision::Leaks(rest)));
    }
    if let Some(parameter) = said.strip_prefix("leaking param content: ") {
        return Some(Decision::LeaksContent(parameter));
    }
    let with_derefs = |prefix| {
        let (parameter, derefs) = said.strip_prefix(prefix)?.rsplit_once(" derefs=")?;
        Some((parameter, number(derefs)?))
    };
    if let Some((parameter, derefs)) = with_derefs("mutates param: ") {
        return Some(Decision::Mutates { parameter, derefs });
    }
    if let Some((parameter, derefs)) = with_derefs("calls param: ") {
        return Some(Decision::Calls { parameter, derefs });
    }
    let between = |prefix, suffix| said.strip_prefix(prefix)?.strip_suffix(suffix);
    if let Some(parameter) = between("assuming ", " is unsafe uintptr") {
        return Some(Decision::AssumedUintptr(parameter));
    }
    let marked = |suffix, is_variadic| {
        between("marking ", suffix).map(|parameter| Decision::MarkedUintptr { parameter, is_variadic })
    };
    marked(" as escaping uintptr", false).or_else(|| marked(" as escaping ...uintptr", true))
}

fn variables(said: &str) -> Option<Decision<'_>> {
    if let Some((function, statement)) = said.split_once(" ignoring self-assignment in ") {
        return Some(Decision::SelfAssignment { function, statement });
    }
    let (rest, facts) = said.strip_suffix(')')?.rsplit_once(" (addr=")?;
    let (addr, rest_of_facts) = facts.split_once(" assign=")?;
    let (assign, width) = rest_of_facts.split_once(" width=")?;
    let by = |mark| rest.split_once(mark);
    let (by_reference, (function, variable)) = by(" capturing by ref: ")
        .map(|both| (true, both))
        .or_else(|| by(" capturing by value: ").map(|both| (false, both)))?;
    Some(Decision::Captures {
        function,
        by_reference,
        variable,
        addr: addr.parse().ok()?,
        assign: assign.parse().ok()?,
        width: number(width)?,
    })
}

fn escapes(said: &str) -> Option<Decision<'_>> {
    if let Some(name) = said.strip_prefix("moved to heap: ") {
        return Some(Decision::Moved(name));
    }
    let ends = |suffix, decision: fn(_) -> _| said.strip_suffix(suffix).map(decision);
    ends(" does not escape", Decision::Stays)
        .or_else(|| ends(" escapes to heap", Decision::Escapes))
        .or_else(|| ends(" does not escape, mutate, or call", Decision::StaysUntouched))
}

/// Splits at the first mark that no bracket or quote encloses: a type among a function's type arguments may have tags.
fn split_outside<'a>(text: &'a str, mark: &str) -> Option<(&'a str, &'a str)> {
    let (mut depth, mut quote, mut is_escaped) = (0_u32, None, false);
    for (at, c) in text.char_indices() {
        if let Some(open) = quote {
            match c {
                _ if is_escaped => is_escaped = false,
                '\\' if open == '"' => is_escaped = true,
                _ if c == open => quote = None,
                _ => {}
            }
            continue;
        }
        if depth == 0 && text[at..].starts_with(mark) {
            return Some((&text[..at], &text[at + mark.len()..]));
        }
        match c {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth = depth.saturating_sub(1),
            '"' | '`' => quote = Some(c),
            _ => {}
        }
    }
    None
}

#[cfg(test)]
#[path = "reading_tests.rs"]
mod tests;
