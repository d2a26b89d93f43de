//! Which lines of `-m=2` explain which decision.

use std::collections::HashMap;

use super::decisions::{Decision, Line, Why};
use super::place::Place;

/// All explanations of one output, by what they explain.
#[derive(Debug, Default)]
pub struct Explanations<'a> {
    found: HashMap<(Place<'a>, &'a str), Vec<Explanation<'a>>>,
}

/// A head and its steps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation<'a> {
    /// Result or heap, and the dereferences, where a parameter leaks; `None` where something escapes.
    leaks_to: Option<(&'a str, i64)>,
    /// In order, from what escapes to where.
    pub steps: Vec<Why<'a>>,
}

/// The head of an explanation says all of an expression; the decision on a call of append does not.
const APPEND: &str = "append";

impl<'a> Explanations<'a> {
    /// Gathers them. The steps come right after their head, with its place.
    pub fn of<'b>(lines: impl IntoIterator<Item = &'b Line<'a>>) -> Self
    where
        'a: 'b,
    {
        let mut all = Self::default();
        let mut under: Option<(Place<'a>, &'a str)> = None;
        for line in lines {
            let (Some(place), Decision::Why(why)) = (line.place, &line.decision) else {
                under = None;
                continue;
            };
            let (subject, leaks_to) = match *why {
                Why::Escapes { what, .. } => (what, None),
                Why::Leaks { parameter, to, derefs, .. } => (parameter, Some((to, derefs))),
                Why::Flow(_) | Why::From { .. } | Why::Cut => {
                    let last =
                        under.filter(|(head, _)| *head == place).and_then(|key| all.found.get_mut(&key)?.last_mut());
                    if let Some(last) = last {
                        last.steps.push(why.clone());
                    }
                    continue;
                }
            };
            let subject = if subject.starts_with("append(") { APPEND } else { subject };
            under = Some((place, subject));
            all.found.entry((place, subject)).or_default().push(Explanation { leaks_to, steps: Vec::new() });
        }
        all
    }

    /// Why a decision was made, where that is told. Where it was changed on the way the last explanation holds.
    pub fn why(&self, line: &Line<'a>) -> Option<&Explanation<'a>> {
        let place = line.place?;
        let find = |subject, is_it: &dyn Fn(&Explanation<'a>) -> bool| {
            self.found.get(&(place, subject))?.iter().rev().find(|one| is_it(one))
        };
        match line.decision {
            Decision::Moved(subject) | Decision::Escapes(subject) => find(subject, &|one| one.leaks_to.is_none()),
            Decision::Leaks(parameter) => find(parameter, &|one| one.leaks_to == Some((HEAP, 0))),
            Decision::LeaksContent(parameter) => {
                find(parameter, &|one| one.leaks_to.is_some_and(|(to, derefs)| to == HEAP && derefs > 0))
            }
            Decision::LeaksToResult { parameter, result, level } => {
                find(parameter, &|one| one.leaks_to == Some((result, level)))
            }
            _ => None,
        }
    }
}

const HEAP: &str = "{heap}";

#[cfg(test)]
mod tests {
    use super::super::decisions::parse;
    use super::*;

    const SAID: &str = "\
./a.go:3:8: parameter p leaks to {heap} for f with derefs=1:
./a.go:3:8:   flow: {heap} ← *p:
./a.go:3:8:     from sink = p (assign) at ./a.go:4:7
./a.go:3:8: parameter p leaks to ~r0 for f with derefs=0:
./a.go:3:8:   flow: ~r0 ← p:
./a.go:3:8:     from return p (return) at ./a.go:5:2
./a.go:9:12: append(s, 1) escapes to heap in g:
./a.go:9:12:   flow: {heap} ← &{storage for append(s, 1)}:
./a.go:3:8: leaking param content: p
./a.go:3:8: leaking param: p to result ~r0 level=0
./a.go:3:8: leaking param: p
./a.go:9:12: append escapes to heap
./a.go:9:12: s does not escape
";

    #[test]
    fn each_decision_finds_its_own() {
        let lines: Vec<Line<'_>> = SAID.lines().map(parse).collect();
        let all = Explanations::of(&lines);
        let steps: Vec<_> = lines[8..].iter().map(|line| all.why(line).map(|why| why.steps.len())).collect();
        assert_eq!(steps, [Some(2), Some(2), None, Some(1), None]);
        let Why::From { code, .. } = &all.why(&lines[9]).unwrap().steps[1] else { panic!("no step") };
        assert_eq!(*code, "return p");
    }
}
