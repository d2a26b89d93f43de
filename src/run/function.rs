//! The name of a function as somebody asks for it, and the symbols that it stands for.

use crate::protocol::Event;
use crate::protocol::event::Diagnostic;

/// What every program's own symbols begin with.
pub const OWN: &str = "main.";

/// What may follow the name: an instance, a closure, what wraps it for an interface or another calling convention.
const PARTS: [&str; 3] = ["[", ".func", "-"];

/// Whether a symbol is that function, an instance of it, a closure in it, or what wraps it. A name with a dot is looked for
/// as it is and in package main: `box.Border` is a function of a package box, or a method of our own type box.
pub fn is_of(symbol: &str, function: &str) -> bool {
    let begins = |symbol: &str| {
        let rest = symbol.strip_prefix(function);
        rest.is_some_and(|rest| rest.is_empty() || PARTS.iter().any(|part| rest.starts_with(part)))
    };
    begins(symbol) || may_be_ours(function) && symbol.strip_prefix(OWN).is_some_and(begins)
}

/// The same as a regular expression, in the syntax of Go's and of `grep -E`, for what begins where it is put.
pub fn pattern(function: &str) -> String {
    let ours = if may_be_ours(function) { format!("({})?", escaped(OWN)) } else { String::new() };
    let parts = PARTS.map(escaped).join("|");
    format!("{ours}{}($|{parts})", escaped(function))
}

/// What is told where there is no such function.
pub fn missing(message: String) -> Event {
    let (severity, code) = ("warning".into(), "no-function".into());
    Event::Diagnostic(Diagnostic { severity, code, message, ..Diagnostic::default() })
}

/// Whether it may lie in package main though it names that not.
fn may_be_ours(function: &str) -> bool {
    !function.starts_with(OWN)
}

fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for c in text.chars() {
        if r"\.+*?()|[]{}^$".contains(c) {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    const SYMBOLS: [&str; 12] = [
        "main.f",
        "main.f[go.shape.struct { A int }]",
        "main.f.func1",
        "main.f-fm",
        "main.fg",
        "f",
        "main.box.Border",
        "main.(*box).Border",
        "main.box.Border.func2",
        "box.Border",
        "runtime.main",
        "main.runtime.main",
    ];

    #[test]
    fn a_function_with_all_that_is_made_of_it() {
        for (function, symbols) in [
            ("main.f", &["main.f", "main.f[go.shape.struct { A int }]", "main.f.func1", "main.f-fm"][..]),
            ("main.box.Border", &["main.box.Border", "main.box.Border.func2"]),
            ("box.Border", &["main.box.Border", "main.box.Border.func2", "box.Border"]),
            ("main.(*box).Border", &["main.(*box).Border"]),
            ("runtime.main", &["runtime.main", "main.runtime.main"]),
            ("box", &[]),
        ] {
            let found: Vec<_> = SYMBOLS.into_iter().filter(|symbol| is_of(symbol, function)).collect();
            assert_eq!(found, symbols, "{function}");
        }
    }

    #[test]
    fn the_expression_says_the_same() {
        for function in ["main.f", "box.Border", "main.box.Border", "main.(*box).Border", "runtime.main", "a+b.c$"] {
            let expression = regex::Regex::new(&format!("^{}", pattern(function))).unwrap();
            for symbol in SYMBOLS {
                assert_eq!(expression.is_match(symbol), is_of(symbol, function), "{function} {symbol}");
            }
        }
    }
}
