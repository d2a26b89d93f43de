//! What programs and tools write, in whatever pieces it comes: the text is that of the whole.

#![no_main]

use libfuzzer_sys::fuzz_target;
use underhood::output::{Replace, Utf8};
use underhood::places::GOROOT;
use underhood_fuzz::cuts;

const TO: &str = "$GOROOT/";

fuzz_target!(|bytes: &[u8]| {
    let from = format!("{GOROOT}/");
    let decoded = String::from_utf8_lossy(bytes);
    let replaced = decoded.replace(&from, TO);
    for cut in cuts(bytes) {
        let mut utf8 = Utf8::default();
        let mut paths = Replace::new(&from, TO);
        let (mut text, mut shown) = (String::new(), String::new());
        for piece in cut {
            let decoded = utf8.push(piece);
            let passed = paths.push(&decoded);
            // Readers see it as it comes: what no path holds is not kept back for one.
            if decoded.ends_with(|c| !from.contains(c)) {
                assert!(passed.ends_with(decoded.chars().next_back().unwrap_or_default()), "held back: {decoded:?}");
            }
            text += &decoded;
            shown += &passed;
        }
        let rest = utf8.finish();
        text += &rest;
        shown += &paths.push(&rest);
        shown += &paths.finish();
        assert_eq!(text, decoded);
        assert_eq!(shown, replaced);
    }
});
