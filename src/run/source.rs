//! What can be told of Go source without the go command, for sure or not at all.
//!
//! The go command reads the head of each file before it calls the compiler, and has words of its own for what is wrong
//! there. Only a head that it surely takes is read here; for everything else the answer is `None`, and the go command
//! is asked. What comes after the head is the compiler's to judge, in both cases.

use std::collections::BTreeSet;

mod scan;

use scan::{Scanner, Token};

/// A file of package main whose head is in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Source {
    /// The paths that it imports.
    pub imports: BTreeSet<String>,
    /// Whether it declares `func main`.
    pub declares_main: bool,
    /// Whether the linker might refuse what the compiler takes: because of a directive, or for want of room in the data
    /// sections. Only a guess, on the safe side.
    pub may_not_link: bool,
}

/// Directives that the compiler alone deals with.
const HARMLESS: [&str; 4] = ["//go:noinline", "//go:norace", "//go:nocheckptr", "//go:generate"];

/// Words that are no name of a package (go.dev/ref/spec#Keywords).
const KEYWORDS: [&str; 25] = [
    "break",
    "case",
    "chan",
    "const",
    "continue",
    "default",
    "defer",
    "else",
    "fallthrough",
    "for",
    "func",
    "go",
    "goto",
    "if",
    "import",
    "interface",
    "map",
    "package",
    "range",
    "return",
    "select",
    "struct",
    "switch",
    "type",
    "var",
];

/// Names that stand in brackets after `map` or a generic type, and are no length of an array.
const TYPES: [&str; 22] = [
    "any",
    "bool",
    "byte",
    "comparable",
    "complex128",
    "complex64",
    "error",
    "float32",
    "float64",
    "int",
    "int16",
    "int32",
    "int64",
    "int8",
    "rune",
    "string",
    "uint",
    "uint16",
    "uint32",
    "uint64",
    "uint8",
    "uintptr",
];

/// Data of more decimal digits of elements than this might be refused by the linker, which takes 2 GB in all. An element
/// can be large, so this is far below.
const MANY_DIGITS: f64 = 6.5;

/// More than any limit.
const UNKNOWN_DIGITS: f64 = 10.0;

impl Source {
    /// Reads a file; `None` when the go command has to be asked.
    pub fn read(text: &str) -> Option<Self> {
        // The go command refuses both, each in its own way.
        if text.contains(['\0', '\u{feff}']) {
            return None;
        }
        let mut tokens = Tokens { scanner: Scanner::new(text), directives: Vec::new() };
        let mut source = Self::default();
        let first = tokens.head(&mut source)?;
        let digits = tokens.declarations(first, &mut source)?;
        source.may_not_link = digits > MANY_DIGITS || !tokens.directives.iter().all(|text| is_harmless(text));
        Some(source)
    }
}

/// The functions that a file declares, without its methods; `None` when the text is no Go.
pub fn functions(text: &str) -> Option<Vec<&str>> {
    let mut tokens = Tokens { scanner: Scanner::new(text), directives: Vec::new() };
    let mut found = Vec::new();
    let mut depth = 0_usize;
    let mut before = Token::Semicolon;
    loop {
        let token = tokens.next()?;
        match token {
            Token::End => return Some(found),
            // What follows the keyword is the name, or the parenthesis of a receiver.
            Token::Word(name) if depth == 0 && before == Token::Word("func") => found.push(name),
            Token::Operator('(' | '{' | '[') => depth += 1,
            Token::Operator(')' | '}' | ']') => depth = depth.checked_sub(1)?,
            _ => {}
        }
        before = token;
    }
}

fn is_harmless(directive: &str) -> bool {
    HARMLESS.contains(&directive.split([' ', '\t']).next().unwrap_or_default())
}

struct Tokens<'a> {
    scanner: Scanner<'a>,
    /// `//go:` comments so far.
    directives: Vec<&'a str>,
}

impl<'a> Tokens<'a> {
    /// The next token that is no comment; the outer `None` when the text is no Go.
    fn next(&mut self) -> Option<Token<'a>> {
        loop {
            match self.scanner.next()? {
                Token::Comment(text) if text.starts_with("//go:") || text.contains("+build") => {
                    self.directives.push(text.trim_end_matches('\r'));
                }
                Token::Comment(_) => {}
                token => return Some(token),
            }
        }
    }

    /// Reads the package clause and the imports; returns the first token of the declarations, one that surely begins
    /// one, or the end.
    fn head(&mut self, source: &mut Source) -> Option<Token<'a>> {
        if self.next()? != Token::Word("package") {
            return None;
        }
        // Above the package clause they are for the go command: build constraints, settings.
        if !self.directives.is_empty() || self.next()? != Token::Word("main") {
            return None;
        }
        let mut after = self.next()?;
        loop {
            match after {
                Token::End => return Some(after),
                Token::Semicolon => {}
                _ => return None,
            }
            after = match self.next()? {
                Token::Word("import") => self.imports(source)?,
                token @ (Token::End | Token::Word("func" | "var" | "const" | "type")) => return Some(token),
                _ => return None,
            };
        }
    }

    /// Reads what follows `import`; returns what follows that.
    fn imports(&mut self, source: &mut Source) -> Option<Token<'a>> {
        let first = self.next()?;
        if first != Token::Operator('(') {
            self.import(first, source)?;
            return self.next();
        }
        loop {
            let token = match self.next()? {
                Token::Operator(')') => return self.next(),
                token => token,
            };
            self.import(token, source)?;
            match self.next()? {
                Token::Semicolon => {}
                Token::Operator(')') => return self.next(),
                _ => return None,
            }
        }
    }

    /// Reads one import, whose first token is there already.
    fn import(&mut self, first: Token<'a>, source: &mut Source) -> Option<()> {
        let path = match first {
            Token::Word(name) if name.is_ascii() && !KEYWORDS.contains(&name) => self.next()?,
            Token::Operator('.') => self.next()?,
            path => path,
        };
        let Token::Text(path) = path else { return None };
        let path = path.strip_prefix('"')?.strip_suffix('"')?;
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/_-.".contains(&byte);
        // Files to be embedded are the go command's business.
        if path == "embed" || !path.bytes().all(is_plain) {
            return None;
        }
        source.imports.insert(path.to_owned());
        Some(())
    }

    /// Reads the rest, which starts with `first`. Returns about how many decimal digits of elements the arrays of
    /// package variables might have, all together.
    fn declarations(&mut self, first: Token<'a>, source: &mut Source) -> Option<f64> {
        let mut digits = 0.0;
        let mut kind = "";
        let mut depth = 0_usize;
        // In a declaration of types or variables: what stands in the innermost brackets, the last token before them.
        let mut brackets: Vec<(Vec<Token<'a>>, bool)> = Vec::new();
        let (mut before, mut token) = (Token::Semicolon, first);
        let mut of_func = Vec::new();
        while token != Token::End {
            let is_data = matches!(kind, "var" | "type");
            match token {
                Token::Word(word @ ("func" | "var" | "const" | "type"))
                    if depth == 0 && before == Token::Semicolon =>
                {
                    kind = word;
                    of_func.clear();
                }
                Token::Operator('[') => brackets.push((Vec::new(), before == Token::Word("map"))),
                Token::Operator(']') => {
                    let (inside, of_map) = brackets.pop()?;
                    if is_data && !of_map {
                        digits += length_digits(&inside, kind == "type");
                    }
                }
                // A key of a composite literal: [...]byte{1000000: 1}
                Token::Operator(':') if is_data => {
                    if let Token::Number(number) = before {
                        digits += number_digits(number);
                    }
                }
                Token::Operator('(' | '{') => {
                    if depth == 0 && kind == "func" && of_func == [Token::Word("main")] {
                        source.declares_main = true;
                    }
                    if depth == 0 {
                        of_func.push(token);
                    }
                    depth += 1;
                }
                Token::Operator(')' | '}') => depth = depth.checked_sub(1)?,
                other if depth == 0 => of_func.push(other),
                _ => {}
            }
            if let Some((inside, _)) = brackets.last_mut()
                && token != Token::Operator('[')
            {
                inside.push(token);
            }
            (before, token) = (token, self.next()?);
        }
        Some(digits)
    }
}

/// How many digits the length of an array may have, by what stands in its brackets.
fn length_digits(inside: &[Token<'_>], of_type: bool) -> f64 {
    match inside {
        [] | [Token::Operator('.'), Token::Operator('.'), Token::Operator('.')] => 0.0,
        [Token::Number(number)] => number_digits(number),
        [Token::Word(name)] if TYPES.contains(name) => 0.0,
        // The value of a constant is not known here.
        [Token::Word(_)] => UNKNOWN_DIGITS,
        // Parameters of a type, which have a name and a constraint each, or arguments of a generic one.
        inside if !inside.iter().any(|token| is_arithmetic(token, of_type)) => 0.0,
        _ => UNKNOWN_DIGITS,
    }
}

fn is_arithmetic(token: &Token<'_>, of_type: bool) -> bool {
    match token {
        Token::Number(_) | Token::Text(_) => true,
        // Constraints are unions too.
        Token::Operator('|') => !of_type,
        Token::Operator(sign) => ".<>+-*/%^&(".contains(*sign),
        _ => false,
    }
}

fn number_digits(number: &str) -> f64 {
    let plain = number.replace('_', "").to_ascii_lowercase();
    let of_base = |digits: &str, of_each: f64| digits.len() as f64 * of_each;
    match plain.get(..2) {
        Some("0x") => of_base(&plain[2..], 1.21),
        Some("0b") => of_base(&plain[2..], 0.31),
        Some("0o") => of_base(&plain[2..], 0.91),
        _ => plain.parse::<f64>().map_or(UNKNOWN_DIGITS, |value| value.max(1.0).log10()),
    }
}

#[cfg(test)]
#[path = "source_tests.rs"]
mod tests;
