//! Which processes of the machine carry a word among their arguments.

use std::fs;
use std::time::{Duration, Instant};

/// The processes whose command line holds `token`.
pub fn with(token: &str) -> Vec<u32> {
    let entries = fs::read_dir("/proc").expect("/proc").flatten();
    let pids = entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    pids.filter(|pid| {
        fs::read(format!("/proc/{pid}/cmdline"))
            .is_ok_and(|line| line.split(|byte| *byte == 0).any(|argument| argument == token.as_bytes()))
    })
    .collect()
}

/// Fails unless they are all gone in time.
#[track_caller]
pub fn are_gone(token: &str, within: Duration) {
    let begun = Instant::now();
    while !with(token).is_empty() {
        assert!(begun.elapsed() < within, "still there after {within:?}: {:?}", with(token));
        std::thread::sleep(Duration::from_millis(5));
    }
}
