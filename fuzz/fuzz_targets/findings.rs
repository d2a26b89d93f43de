//! What tools say of code: each parser gives every line back as it was, and what is told of files is true to the text.

#![no_main]

use libfuzzer_sys::fuzz_target;
use underhood::findings::decisions::Flow;
use underhood::findings::place::Place;
use underhood::findings::{
    Reading, Sources, bounds, compile_errors, decisions, diagnostics, inlining, listing, optimiser_log,
};

const READINGS: [Reading; 4] = [Reading::Errors, Reading::Decisions, Reading::Bounds, Reading::Vet];

fuzz_target!(|text: &str| {
    is_whole(text, |line| decisions::parse(line).to_string());
    is_whole(text, |line| listing::parse(line).to_string());
    is_whole(text, |line| inlining::parse(line).to_string());
    stacks(text);
    is_whole(text, |line| bounds::parse(line).to_string());
    is_whole(text, |line| compile_errors::parse(line).to_string());
    text.split('\n').for_each(logged);
    text.split('\n').for_each(in_its_place);
    READINGS.into_iter().for_each(|reading| told(reading, text));
});

fn is_whole(text: &str, read: fn(&str) -> String) {
    let again: Vec<String> = text.split('\n').map(read).collect();
    assert_eq!(again.join("\n"), text);
}

/// Each instruction has a stack that there is, whose last frame is in its own function.
fn stacks(text: &str) {
    for function in inlining::read(text).functions {
        assert!(text.contains(&format!("funcpctab {} [valfunc=pctoinline]", function.symbol)));
        for (pc, stack) in function.instructions {
            let last = function.stacks[stack].last().expect("a frame");
            assert_eq!(last.function, function.symbol, "{pc}");
        }
    }
}

/// Nothing of an entry is lost, and asking what it says does no harm.
fn logged(line: &str) {
    let again = match optimiser_log::parse(line) {
        optimiser_log::Line::Other(other) => return assert_eq!(other, line),
        optimiser_log::Line::Header(header) => serde_json::to_value(header),
        optimiser_log::Line::Entry(entry) => {
            let _ = entry.said();
            for related in &entry.related_information {
                if let Some(optimiser_log::Step::Flow(flow)) = related.step() {
                    assert!(related.message.ends_with(&flow.to_string()), "{flow}");
                }
            }
            // No explanation is the same as an empty one.
            let mut value = serde_json::to_value(&entry).expect("JSON");
            if entry.related_information.is_empty() && line.contains("relatedInformation") {
                value["relatedInformation"] = serde_json::json!([]);
            }
            Ok(value)
        }
    };
    // What is skipped by one reader is skipped by the other.
    if let Ok(whole) = serde_json::from_str::<serde_json::Value>(line) {
        assert_eq!(again.expect("JSON"), whole, "{line}");
    }
}

/// Any text where the compiler writes names and code is found there again.
fn in_its_place(text: &str) {
    let line = format!("./a.go:3:7: {text}");
    let (place, said) = Place::split(&line).expect("a place");
    assert_eq!((place.to_string().as_str(), said), ("./a.go:3:7", text));

    let flow = format!("flow: {{heap}} ← &{text}:");
    assert_eq!(Flow::parse(&flow), Some(Flow { to: "{heap}", operators: "&", from: text }));

    let relocation = format!("\trel 3+4 t=R_CALL {text}+-5");
    let listing::Line::Relocation { target, add: "-5", .. } = listing::parse(&relocation) else {
        panic!("{relocation:?}")
    };
    assert_eq!(target, text);

    let instruction = format!("\t0x000a 00010 (a.go:3)\tCALL\t{text}");
    let listing::Line::Instruction(found) = listing::parse(&instruction) else { panic!("{instruction:?}") };
    assert_eq!(found.operands, Some(text));

    if !text.starts_with(['\t', '#']) {
        let head = format!("{text} STEXT dupok nosplit size=9 align=0x0 leaf");
        let listing::Line::Symbol(symbol) = listing::parse(&head) else { panic!("{head:?}") };
        assert_eq!((symbol.name, symbol.attributes, symbol.is_text()), (text, "dupok nosplit", true));
    }
}

/// Each diagnostic is about a file that was sent, and its words stand in the text.
fn told(reading: Reading, text: &str) {
    let sources = Sources::new("/code/", ["main.go", "a.go", "sub/x.go"]);
    for has_failed in [false, true] {
        for diagnostic in diagnostics(reading, text, has_failed, &sources) {
            let file = diagnostic.file.expect("a file");
            assert!(["main.go", "a.go", "sub/x.go"].contains(&file.as_str()));
            let line = diagnostic.line.expect("a line");
            assert!(text.contains(&format!("{file}:{line}")), "{file}:{line}");
            for part in diagnostic.message.lines() {
                assert!(text.contains(part), "{part:?}");
            }
            let is_error = diagnostic.code == "compile-error";
            assert_eq!(is_error, diagnostic.severity == "error");
            assert!(!is_error || has_failed || reading == Reading::Vet);
        }
    }
}
