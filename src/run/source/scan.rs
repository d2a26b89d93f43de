//! Go's tokens (go.dev/ref/spec#Lexical_elements), as far as [`super::Source`] tells them apart.

/// A token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Token<'a> {
    /// A keyword or an identifier.
    Word(&'a str),
    /// A number.
    Number(&'a str),
    /// A string or a character, with its quotes.
    Text(&'a str),
    /// One character of an operator or a delimiter.
    Operator(char),
    /// A semicolon that was written, or that a line's end stands for.
    Semicolon,
    /// A comment, with its slashes.
    Comment(&'a str),
    /// The end of the file.
    End,
}

/// Takes a text apart.
#[derive(Debug)]
pub struct Scanner<'a> {
    rest: &'a str,
    /// Whether the end of this line stands for a semicolon.
    ends_statement: bool,
}

/// Words at whose end no statement can end. All other keywords are taken for names: after `if` no line ends, and what
/// ends after `return` is a statement.
const OPENING: [&str; 20] = [
    "package",
    "import",
    "func",
    "var",
    "const",
    "type",
    "case",
    "chan",
    "default",
    "defer",
    "else",
    "for",
    "go",
    "goto",
    "if",
    "interface",
    "map",
    "range",
    "select",
    "struct",
];

impl<'a> Scanner<'a> {
    /// At the start of `text`.
    pub fn new(text: &'a str) -> Self {
        Self { rest: text, ends_statement: false }
    }

    /// The next token; `None` where there is none in Go.
    pub fn next(&mut self) -> Option<Token<'a>> {
        if let Some(token) = self.skip_space() {
            return Some(token);
        }
        let Some(first) = self.rest.chars().next() else {
            // The last line need not end.
            let token = if self.ends_statement { Token::Semicolon } else { Token::End };
            self.ends_statement = false;
            return Some(token);
        };
        if self.rest.starts_with("//") {
            // The line's end is not the comment's.
            let length = self.rest.find('\n').unwrap_or(self.rest.len());
            return Some(Token::Comment(self.take(length)));
        }
        if self.rest.starts_with("/*") {
            let length = self.rest.get(2..)?.find("*/")? + 4;
            let comment = self.take(length);
            // One that holds a line's end is one.
            if comment.contains('\n') && self.ends_statement {
                self.ends_statement = false;
                return Some(Token::Semicolon).filter(|_| !comment.contains("+build"));
            }
            return Some(Token::Comment(comment));
        }
        let token = match first {
            'a'..='z' | 'A'..='Z' | '_' | '\u{80}'.. => {
                Token::Word(self.take_while(|c| c.is_ascii_alphanumeric() || c == '_' || !c.is_ascii()))
            }
            '0'..='9' => self.number(),
            '.' if self.rest[1..].starts_with(|c: char| c.is_ascii_digit()) => self.number(),
            '"' | '\'' => self.quoted(first)?,
            '`' => {
                let length = self.rest[1..].find('`')? + 2;
                Token::Text(self.take(length))
            }
            ';' => {
                self.take(1);
                Token::Semicolon
            }
            _ => Token::Operator(self.take(first.len_utf8()).chars().next()?),
        };
        self.ends_statement = match token {
            Token::Word(word) => !OPENING.contains(&word),
            Token::Number(_) | Token::Text(_) => true,
            // `++` and `--` end one; a line that ends with one plus is no statement's end, but nothing here depends on it.
            Token::Operator(sign) => matches!(sign, ')' | ']' | '}' | '+' | '-'),
            _ => false,
        };
        Some(token)
    }

    /// Skips white space, up to a line's end that is a semicolon.
    fn skip_space(&mut self) -> Option<Token<'a>> {
        while let Some(space) = self.rest.chars().next().filter(|c| matches!(c, ' ' | '\t' | '\r' | '\n')) {
            self.take(1);
            if space == '\n' && std::mem::replace(&mut self.ends_statement, false) {
                return Some(Token::Semicolon);
            }
        }
        None
    }

    fn number(&mut self) -> Token<'a> {
        let mut sign_may_follow = false;
        let is_hexadecimal = self.rest.starts_with("0x") || self.rest.starts_with("0X");
        Token::Number(self.take_while(|c| {
            let taken =
                c.is_ascii_alphanumeric() || matches!(c, '_' | '.') || (sign_may_follow && matches!(c, '+' | '-'));
            sign_may_follow = matches!((c, is_hexadecimal), ('e' | 'E', false) | ('p' | 'P', true));
            taken
        }))
    }

    fn quoted(&mut self, quote: char) -> Option<Token<'a>> {
        let mut escaped = false;
        for (at, c) in self.rest.char_indices().skip(1) {
            match c {
                '\n' => return None,
                _ if escaped => escaped = false,
                '\\' => escaped = true,
                c if c == quote => return Some(Token::Text(self.take(at + 1))),
                _ => {}
            }
        }
        None
    }

    fn take_while(&mut self, mut is_taken: impl FnMut(char) -> bool) -> &'a str {
        let length = self.rest.find(|c| !is_taken(c)).unwrap_or(self.rest.len());
        self.take(length)
    }

    fn take(&mut self, length: usize) -> &'a str {
        let (taken, rest) = self.rest.split_at(length);
        self.rest = rest;
        taken
    }
}
