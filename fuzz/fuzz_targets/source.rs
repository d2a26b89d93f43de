//! What is told of Go source without the go command. Whatever is taken must be what the go command surely takes, so
//! what is seen here in a simpler way must agree.

#![no_main]

use libfuzzer_sys::fuzz_target;
use underhood::source::Source;

/// Directives that are the compiler's alone, or nobody's here.
const HARMLESS: [&str; 4] = ["//go:noinline", "//go:norace", "//go:nocheckptr", "//go:generate"];

fuzz_target!(|text: &str| {
    let Some(source) = Source::read(text) else { return };
    assert!(!text.contains(['\0', '\u{feff}']));
    begins_with_package_main(text);
    for path in &source.imports {
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/_-.".contains(&byte);
        assert!(path.bytes().all(is_plain) && path != "embed", "{path:?}");
        assert!(text.contains(&format!("\"{path}\"")), "{path:?} is not there");
        assert!(text.contains("import"));
    }
    if source.declares_main {
        assert!(text.contains("func") && text.contains("main"));
    }
    // In a raw string or a long comment a line may begin with anything.
    if !text.contains('`') && !text.contains("/*") {
        let word = |line: &str| line.split([' ', '\t', '\r']).next().unwrap_or_default().to_owned();
        let is_harmful = |line: &str| line.starts_with("//go:") && !HARMLESS.contains(&word(line).as_str());
        assert!(source.may_not_link || !text.split('\n').any(is_harmful), "a directive was missed");
    }

    // Space and comments around it say nothing.
    for same in
        [format!("{text}\n"), format!("{text}\n// the end"), format!("// A program.\n\n/* It is\nlong. */{text}")]
    {
        assert_eq!(Source::read(&same).as_ref(), Some(&source), "{same:?}");
    }
    // A file that is cut off in the middle of its head is none.
    let begin = text.find("package").expect("it begins so");
    for end in 0..begin + "package ".len() {
        assert_eq!(text.get(..end).and_then(Source::read), None, "cut at {end}");
    }
});

/// After comments and space.
fn begins_with_package_main(text: &str) {
    let rest = after_comments(text).strip_prefix("package").expect("a package clause");
    let name = after_comments(rest);
    assert!(name.len() < rest.len(), "packagemain is one word");
    let rest = name.strip_prefix("main").expect("package main");
    assert!(!rest.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_' || !c.is_ascii()), "{rest:?}");
}

fn after_comments(mut text: &str) -> &str {
    loop {
        let trimmed = text.trim_start_matches([' ', '\t', '\r', '\n']);
        let rest = if let Some(comment) = trimmed.strip_prefix("//") {
            comment.find('\n').map_or("", |end| &comment[end..])
        } else if let Some(comment) = trimmed.strip_prefix("/*") {
            comment.find("*/").map_or("", |end| &comment[end + 2..])
        } else {
            return trimmed;
        };
        text = rest;
    }
}
