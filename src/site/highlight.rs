//! Go as HTML with its syntax marked, so that code is coloured before a script has come.

use std::fmt::Write as _;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;

use askama::filters::{Html, escape};
use tree_sitter_highlight::{Error, Highlight, HighlightConfiguration, HighlightEvent, Highlighter};

/// What is marked: the name in [`QUERY`], and the class in the page. A class is a colour of `web/src/styles/tokens.css`.
const MARKS: [(&str, &str); 6] = [
    ("keyword", "hl-keyword"),
    ("string", "hl-string"),
    ("number", "hl-number"),
    ("comment", "hl-comment"),
    ("type", "hl-type"),
    ("func", "hl-func"),
];

/// The same parts that the editor colours (`web/src/editor-theme.ts`), so that nothing changes its colour when it comes.
const QUERY: &str = r#"
[
  "break" "case" "chan" "const" "continue" "default" "defer" "else" "fallthrough" "for" "func" "go" "goto" "if"
  "import" "interface" "map" "package" "range" "return" "select" "struct" "switch" "type" "var"
] @keyword
[(interpreted_string_literal) (raw_string_literal) (rune_literal)] @string
[(int_literal) (float_literal) (imaginary_literal) (true) (false) (nil)] @number
(comment) @comment
(type_identifier) @type
(function_declaration name: (identifier) @func)
(call_expression function: (identifier) @func)
"#;

static GO: LazyLock<HighlightConfiguration> = LazyLock::new(|| {
    let go = HighlightConfiguration::new(tree_sitter_go::LANGUAGE.into(), "go", QUERY, "", "");
    let mut go = go.expect("the query is a constant, and a test reads it");
    go.configure(&MARKS.map(|(name, _)| name));
    go
});

/// The code, escaped, with a `<span>` around what is marked. Code that is not Go is only escaped as far as it is not.
pub fn go(code: &str) -> String {
    // It fails when it is cancelled, which nobody does, or when a parser of another version is linked.
    marked(code, None).unwrap_or_else(|_| escaped(code))
}

/// More of a stranger's code gets no colours: where one punctuation mark follows another, the query looks at all of them
/// for each, and nothing can interrupt that. 64 KiB of parentheses take seconds, a quarter of that a sixteenth.
const MOST_OF_A_STRANGER: usize = 16 * 1024;

/// The same of code that anyone may have written. What is long, or takes the parser longer than this, is only escaped.
pub fn go_within(code: &str, time: Duration) -> String {
    if code.len() > MOST_OF_A_STRANGER {
        return escaped(code);
    }
    let is_late = AtomicUsize::new(0);
    let coloured = std::thread::scope(|scope| {
        let (done, is_done) = mpsc::channel::<()>();
        let is_late = &is_late;
        // The other end is dropped when it is done.
        scope.spawn(move || {
            if is_done.recv_timeout(time) == Err(RecvTimeoutError::Timeout) {
                is_late.store(1, Ordering::Relaxed);
            }
        });
        let coloured = marked(code, Some(is_late));
        drop(done);
        coloured
    });
    coloured.unwrap_or_else(|_| escaped(code))
}

fn marked(code: &str, is_late: Option<&AtomicUsize>) -> Result<String, Error> {
    let mut highlighter = Highlighter::new();
    let mut html = String::with_capacity(2 * code.len());
    for event in highlighter.highlight(&GO, code.as_bytes(), is_late, |_| None)? {
        match event? {
            HighlightEvent::Source { start, end } => html.push_str(&escaped(&code[start..end])),
            HighlightEvent::HighlightStart(Highlight(mark)) => {
                // Writing to a string cannot fail.
                let _ = write!(html, "<span class=\"{}\">", MARKS[mark].1);
            }
            HighlightEvent::HighlightEnd => html.push_str("</span>"),
        }
    }
    Ok(html)
}

fn escaped(code: &str) -> String {
    escape(code, Html).map(|safe| safe.to_string()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_has_its_mark() {
        let html = go("package main\n\n// é\nfunc f(u *user) int { return len(\"a\") + 1 }\n");
        for part in [
            r#"<span class="hl-keyword">package</span> main"#,
            r#"<span class="hl-comment">// é</span>"#,
            r#"<span class="hl-keyword">func</span> <span class="hl-func">f</span>(u *<span class="hl-type">user</span>)"#,
            r#"<span class="hl-func">len</span>("#,
            r#" + <span class="hl-number">1</span> }"#,
        ] {
            assert!(html.contains(part), "{part} in {html}");
        }
    }

    #[test]
    fn what_takes_too_long_is_plain() {
        let quick = "package main\n";
        assert_eq!(go_within(quick, Duration::from_secs(600)), go(quick));
        let mut bomb = format!("package main\n{}", "(".repeat(MOST_OF_A_STRANGER - 13));
        // As when the time is over: how soon a thread sees that is the machine's affair.
        assert!(marked(&bomb, Some(&AtomicUsize::new(1))).is_err());
        bomb.push('(');
        assert_eq!(go_within(&bomb, Duration::from_secs(600)), bomb);
    }

    #[test]
    fn all_of_the_text_is_there_and_none_of_it_is_markup() {
        let span = regex::Regex::new("</?span[^>]*>").unwrap();
        for code in ["x // </pre><script> & \"\n", "-- a.go --\nfunc <-\n", "\n\n", "", "`é", "\u{feff}x\r\n"] {
            let html = go(code);
            let text = span.replace_all(&html, "");
            assert_eq!(text, escaped(code));
        }
    }
}
