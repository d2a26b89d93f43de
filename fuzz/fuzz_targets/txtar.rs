//! One text that may be several files: against a second reading of the format, and written and read again.

#![no_main]

use std::collections::BTreeMap;

use libfuzzer_sys::fuzz_target;
use underhood::protocol::Files;
use underhood::protocol::files::{MAIN, MAX_BYTES, MAX_FILES};
use underhood_fuzz::{check_refusal, is_file_name};

fuzz_target!(|source: &str| {
    let expected = read(source);
    match Files::from_source(source) {
        Ok(files) => {
            let files: Vec<(&str, &str)> = files.iter().collect();
            assert!(files.iter().all(|(name, _)| is_file_name(name)), "{files:?}");
            assert!(files.is_sorted_by(|a, b| a.0 < b.0), "{files:?}");
            assert_eq!(files, sorted(&expected), "a file was lost or changed");
            written_and_read(&files);
        }
        Err(refusal) => {
            check_refusal(&refusal);
            let names: BTreeMap<&str, &str> = expected.iter().copied().collect();
            let is_nested = names.keys().any(|name| names.keys().any(|other| other.starts_with(&format!("{name}/"))));
            let has_cause = names.len() < expected.len()
                || names.len() > MAX_FILES
                || !names.keys().all(|name| is_file_name(name))
                || is_nested
                || names.values().map(|text| text.len()).sum::<usize>() > MAX_BYTES;
            assert!(has_cause, "refused for no reason: {refusal:?}");
        }
    }
});

/// The format as golang.org/x/tools/txtar describes it: a marker is a line that begins with `-- `, ends with ` --` and
/// has a name between. What stands before the first is `main.go`, unless it is blank and there are others.
fn read(source: &str) -> Vec<(&str, &str)> {
    let mut files = vec![(MAIN, 0, 0)];
    let mut start = 0;
    while start < source.len() {
        let end = source[start..].find('\n').map_or(source.len(), |at| start + at + 1);
        let line = source[start..end].trim_end_matches(['\r', '\n']);
        if line.starts_with("-- ") && line.ends_with(" --") && line.len() > 6 {
            let name = line[3..line.len() - 3].trim();
            if !name.is_empty() {
                files.last_mut().expect("there is always one").2 = start;
                files.push((name, end, 0));
            }
        }
        start = end;
    }
    files.last_mut().expect("there is always one").2 = source.len();
    let mut files: Vec<_> = files.into_iter().map(|(name, from, to)| (name, &source[from..to])).collect();
    if files.len() > 1 && files[0].1.trim().is_empty() {
        files.remove(0);
    }
    files
}

fn sorted<'a>(files: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let mut files = files.to_vec();
    files.sort_unstable();
    files
}

/// The format cannot say that a file ends without a newline, but for the last.
fn written_and_read(files: &[(&str, &str)]) {
    let with_newline = |text: &str| if text.is_empty() || text.ends_with('\n') { "" } else { "\n" };
    let owned: Vec<(&str, String)> =
        files.iter().map(|(name, text)| (*name, format!("{text}{}", with_newline(text)))).collect();
    let text: String = owned.iter().map(|(name, text)| format!("-- {name} --\n{text}")).collect();
    // A file whose last line lacks its newline may become a marker by being given one; no other can.
    match Files::from_source(&text) {
        Ok(again) if text.len() <= MAX_BYTES => {
            let owned: Vec<_> = owned.iter().map(|(name, text)| (*name, text.as_str())).collect();
            assert_eq!(again.iter().collect::<Vec<_>>(), owned);
        }
        Ok(_) => {}
        Err(refusal) => assert!(text.len() > MAX_BYTES, "{refusal:?}"),
    }
}
