//! Wants behind lines of Go: what is taken out of a file leaves the rest as it was, and any pattern can be written.

#![no_main]

use libfuzzer_sys::fuzz_target;
use regex::RegexBuilder;
use underhood::wants::{Stripped, WantFlaw, strip};

const MARK: &str = "// want ";

fuzz_target!(|text: &str| {
    taken_out(text);
    written(text);
});

/// Every line keeps its place and all that stands before its want; what cannot be read is told with its line.
fn taken_out(text: &str) {
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let has_mark = |line: usize| lines[line - 1].contains(MARK);
    let Stripped { text: left, wants } = match strip("a.go", text) {
        Ok(stripped) => stripped,
        Err(flaws) => {
            assert!(!flaws.is_empty() && flaws.is_sorted_by(|a, b| a.0 < b.0), "{flaws:?}");
            assert!(
                flaws.iter().all(|(line, flaw)| has_mark(*line) && !flaw.to_string().trim().is_empty()),
                "{flaws:?}"
            );
            return;
        }
    };
    assert!(wants.is_sorted_by_key(|want| want.line) && wants.iter().all(|want| has_mark(want.line)), "{wants:?}");
    let rest: Vec<&str> = left.split_inclusive('\n').collect();
    assert_eq!(rest.len(), lines.len(), "{text:?}");
    for (number, (line, rest)) in (1..).zip(lines.into_iter().zip(rest)) {
        if wants.iter().any(|want| want.line == number) {
            let end = &line[line.trim_end_matches(['\r', '\n']).len()..];
            let code = rest.strip_suffix(end).expect("the same end");
            assert!(line.starts_with(code) && !code.is_empty(), "{line:?}: {rest:?}");
            assert!(line[code.len()..].trim_start_matches([' ', '\t']).starts_with(MARK), "{line:?}: {rest:?}");
        } else if !line.contains(MARK) {
            assert_eq!(rest, line);
        }
    }
    assert_eq!(strip("a.go", &left).expect("nothing is left"), Stripped { text: left.clone(), wants: Vec::new() });
}

/// Any pattern of one line can be written in quotes, and without a backquote as a raw string.
fn written(pattern: &str) {
    if pattern.contains(['\n', '\r']) {
        return;
    }
    let quoted = format!("\"{}\"", pattern.replace('\\', r"\\").replace('"', "\\\""));
    let raw = (!pattern.contains('`')).then(|| format!("`{pattern}`"));
    let is_regex = RegexBuilder::new(pattern).multi_line(true).build().is_ok();
    for string in [quoted].into_iter().chain(raw) {
        let text = format!("package main\nf() // A note. // want escape@v-1 go>=1.26 -{string} \"end\"\ng()\n");
        match strip("a.go", &text) {
            Ok(Stripped { text, wants }) => {
                assert_eq!(text, "package main\nf() // A note.\ng()\n");
                let [want, end] = &wants[..] else { panic!("{wants:?}") };
                assert_eq!((want.pattern.as_str(), want.is_not, want.line), (pattern, true, 2));
                assert_eq!(
                    (want.mode.as_str(), want.variant.as_deref(), want.file.as_str()),
                    ("escape", Some("v-1"), "a.go")
                );
                assert!(want.go.hold_for("go1.26.1") && !want.go.hold_for("go1.25.1"));
                assert_eq!((end.pattern.as_str(), end.is_not, &end.go), ("end", false, &want.go));
                assert!(is_regex, "{pattern:?}");
            }
            Err(flaws) => {
                assert!(matches!(flaws[..], [(2, WantFlaw::Pattern(_))]), "{flaws:?}");
                assert!(!is_regex, "{pattern:?}");
            }
        }
    }
}
