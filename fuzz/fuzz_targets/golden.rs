//! Goldens: what is read is written again as it was, whatever the output, and what is comparable stays so.

#![no_main]

use libfuzzer_sys::fuzz_target;
use underhood::golden::{Golden, diff};
use underhood::messages;
use underhood_fuzz::is_file_name;

fuzz_target!(|text: &str| {
    match Golden::read(text) {
        Some(golden) => {
            let (head, body) = text.split_once('\n').expect("a first line");
            assert_eq!(golden.body, body);
            assert!(head.starts_with(&format!("# {}: ", golden.go)), "{head:?}");
            assert!(golden.is_for(&golden.go), "{golden:?}");
            kept(&golden);
        }
        None => kept(&Golden { go: "go1.27.3".to_owned(), body: text.to_owned() }),
    }
    let lines: Vec<&str> = text.lines().filter(|line| is_said(line)).collect();
    let comparable = messages::normalise(&lines.join("\n"));
    assert_eq!(messages::normalise(&comparable), comparable, "{text:?}");
    let turned: Vec<&str> = lines.into_iter().rev().collect();
    has_the_same_words(&comparable, &messages::normalise(&turned.join("\n")));
});

/// What a compiler may say: a place in a file of a name that can be sent, and something about it.
fn is_said(line: &str) -> bool {
    let is_whole = !line.ends_with('\r');
    is_whole
        && messages::message(line).is_none_or(|message| {
            is_file_name(message.file)
                && message.text.trim_start_matches(' ').starts_with(|c: char| c.is_ascii_graphic())
        })
}

fn kept(golden: &Golden) {
    assert_eq!(Golden::read(&golden.text()).as_ref(), Some(golden));
    assert_eq!(diff(("old", &golden.body), ("new", &golden.body)), "");
    let other = format!("{}\nmore", golden.body);
    assert_ne!(diff(("old", &golden.body), ("new", &other)), "");
}

/// Whatever the order in which a compiler speaks, nothing is lost.
fn has_the_same_words(one: &str, other: &str) {
    let words = |text: &str| {
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        lines.sort();
        lines.dedup();
        lines
    };
    assert_eq!(words(one), words(other));
}
