//! One function of an assembly listing. The input's first line is the symbol, the rest is the listing.

#![no_main]

use libfuzzer_sys::fuzz_target;
use underhood::only::Part;
use underhood::plan::Only;
use underhood_fuzz::cuts;

fuzz_target!(|input: &str| {
    let (symbol, listing) = input.split_once('\n').unwrap_or((input, ""));
    let (whole, missing) = only(symbol, &[listing]);

    for cut in cuts(listing.as_bytes()) {
        // Cuts come between characters, since what is filtered is text already.
        let mut utf8 = underhood::output::Utf8::default();
        let pieces: Vec<String> = cut.into_iter().map(|piece| utf8.push(piece)).collect();
        let pieces: Vec<&str> = pieces.iter().map(String::as_str).collect();
        assert_eq!(only(symbol, &pieces), (whole.clone(), missing.clone()), "in pieces");
    }
    assert_eq!(only(symbol, &[&whole]).0, whole, "filtered twice");
    is_part(&whole, listing);

    // The compiler writes names of any kind before the word STEXT, but never one with a tab first or a newline in it.
    if symbol.is_empty() || symbol.starts_with('\t') || !listing.is_empty() && !listing.ends_with('\n') {
        return;
    }
    let block = |name: &str, kind: &str| format!("{name} {kind} size=1 args=0x0\n\t0x0000 00000 (main.go:3)\tRET\n");
    let wanted = block(symbol, "STEXT nosplit");
    let closure = block(&format!("{symbol}.func1"), "STEXT");
    let other = block(&format!("x{symbol}"), "STEXT dupok");
    let data = block(symbol, "SRODATA dupok");
    let (text, missing) = only(symbol, &[listing, &other, &wanted, &closure, &data]);
    assert_eq!(text, format!("{whole}{wanted}{closure}"));
    assert_eq!(missing, None);
    let (_, missing) = only(symbol, &[&other]);
    assert_eq!(missing, Some(vec![format!("x{symbol}")]));
});

/// What is passed, and what there is instead when the symbol is missing.
fn only(symbol: &str, pieces: &[&str]) -> (String, Option<Vec<String>>) {
    let mut part = Part::new(Only::Function(symbol.to_owned()));
    let mut text: String = pieces.iter().map(|piece| part.push(piece)).collect();
    text += &part.finish();
    let missing = part.others().map(|others| others.map(str::to_owned).collect());
    (text, missing)
}

/// Lines are left out, never changed, added or moved.
fn is_part(passed: &str, listing: &str) {
    let mut lines = listing.split_inclusive('\n');
    for line in passed.split_inclusive('\n') {
        assert!(lines.any(|other| other == line), "{line:?} is not in the listing, or not there");
    }
}
