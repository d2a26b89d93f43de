//! A tool of Go's that ran out of memory prints its own goroutines; a reader is told in words instead.

use std::mem;

/// How Go's runtime begins such a crash (runtime/malloc.go, runtime/mem_linux.go).
const BEGINNINGS: [&str; 4] = [
    "runtime: out of memory: ",
    "fatal error: out of memory",
    "fatal error: runtime: out of memory",
    "fatal error: runtime: cannot allocate memory",
];

/// Passes a stream up to the line where the crash begins, also where reads cut it.
#[derive(Debug)]
pub struct Exhaustion {
    held: String,
    at_line_start: bool,
    is_found: bool,
}

impl Default for Exhaustion {
    fn default() -> Self {
        Self { held: String::new(), at_line_start: true, is_found: false }
    }
}

impl Exhaustion {
    /// The text so far, less an end that may yet become the crash.
    pub fn push(&mut self, text: &str) -> String {
        let mut passed = String::new();
        if self.is_found {
            return passed;
        }
        let all = mem::take(&mut self.held) + text;
        for line in all.split_inclusive('\n') {
            if self.at_line_start && BEGINNINGS.iter().any(|beginning| line.starts_with(beginning)) {
                self.is_found = true;
                break;
            }
            if self.at_line_start && BEGINNINGS.iter().any(|beginning| beginning.starts_with(line)) {
                self.held = line.to_owned();
                break;
            }
            passed.push_str(line);
            self.at_line_start = line.ends_with('\n');
        }
        passed
    }

    /// What is left at the end.
    pub fn finish(&mut self) -> String {
        mem::take(&mut self.held)
    }

    /// Whether there was a crash.
    pub fn is_found(&self) -> bool {
        self.is_found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pass(text: &str, cut: usize) -> (String, bool) {
        let mut filter = Exhaustion::default();
        let passed = filter.push(&text[..cut]) + &filter.push(&text[cut..]) + &filter.finish();
        (passed, filter.is_found())
    }

    #[test]
    fn a_crash_is_cut_off_wherever_reads_cut_it() {
        let text = "# command-line-arguments\nfatal error: runtime: out of memory\n\nruntime stack:\n";
        for cut in 0..=text.len() {
            assert_eq!(pass(text, cut), ("# command-line-arguments\n".to_owned(), true), "cut at {cut}");
        }
    }

    #[test]
    fn what_only_looks_like_it_passes() {
        for text in ["fatal error: out of mem", "./a.go:1: fatal error: out of memory\nx", "runtime", ""] {
            for cut in 0..=text.len() {
                assert_eq!(pass(text, cut), (text.to_owned(), false), "cut at {cut}");
            }
        }
    }
}
