//! From the bytes that programs write to the text that readers get.

use std::mem;

/// Decodes UTF-8 as it comes. A character that is cut by a read waits for its rest; what cannot become a character
/// is replaced by U+FFFD.
#[derive(Debug, Default)]
pub struct Utf8 {
    rest: Vec<u8>,
}

impl Utf8 {
    /// The whole characters so far.
    pub fn push(&mut self, bytes: &[u8]) -> String {
        let mut all = mem::take(&mut self.rest);
        all.extend_from_slice(bytes);
        let mut text = String::with_capacity(all.len());
        let mut chunks = all.utf8_chunks().peekable();
        while let Some(chunk) = chunks.next() {
            text.push_str(chunk.valid());
            let last = chunks.peek().is_none();
            if last && is_cut(chunk.invalid()) {
                self.rest = chunk.invalid().to_vec();
            } else if !chunk.invalid().is_empty() {
                text.push(char::REPLACEMENT_CHARACTER);
            }
        }
        text
    }

    /// What is left at the end.
    pub fn finish(&mut self) -> String {
        String::from_utf8_lossy(&mem::take(&mut self.rest)).into_owned()
    }
}

/// Whether bytes at the very end are the start of a longer character.
fn is_cut(bytes: &[u8]) -> bool {
    !bytes.is_empty() && std::str::from_utf8(bytes).is_err_and(|error| error.error_len().is_none())
}

/// Replaces one string by another in a stream, also where reads cut it.
#[derive(Debug)]
pub struct Replace {
    from: String,
    to: String,
    held: String,
}

impl Replace {
    /// `from` must not be empty.
    pub fn new(from: &str, to: &str) -> Self {
        Self { from: from.to_owned(), to: to.to_owned(), held: String::new() }
    }

    /// The text so far, less an end that may yet become `from`.
    pub fn push(&mut self, text: &str) -> String {
        let mut all = mem::take(&mut self.held);
        all.push_str(text);
        let mut passed = String::with_capacity(all.len());
        let mut rest = all.as_str();
        while let Some((before, after)) = rest.split_once(&self.from) {
            passed.push_str(before);
            passed.push_str(&self.to);
            rest = after;
        }
        // Only what was not put in here can become a part of the next one, though both may end alike.
        let is_held = |length: &usize| self.from.get(..*length).is_some_and(|start| rest.ends_with(start));
        let held = (1..self.from.len()).rev().find(is_held).unwrap_or(0);
        let (shown, held) = rest.split_at(rest.len() - held);
        passed.push_str(shown);
        self.held.push_str(held);
        passed
    }

    /// What is left at the end.
    pub fn finish(&mut self) -> String {
        mem::take(&mut self.held)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_are_never_cut() {
        let text = "aé→🦫z".as_bytes();
        for cut in 0..=text.len() {
            let mut utf8 = Utf8::default();
            let decoded = utf8.push(&text[..cut]) + &utf8.push(&text[cut..]) + &utf8.finish();
            assert_eq!(decoded.as_bytes(), text, "cut at {cut}");
        }
    }

    #[test]
    fn bytes_that_are_no_text_are_replaced() {
        let mut utf8 = Utf8::default();
        assert_eq!(utf8.push(b"a\xffb\xc3"), "a\u{fffd}b");
        assert_eq!(utf8.push(b"c"), "\u{fffd}c");
        assert_eq!(utf8.push(b"\xe2\x82"), "");
        assert_eq!(utf8.finish(), "\u{fffd}");
    }

    #[test]
    fn replaces_across_reads() {
        for (text, expected) in [
            (
                "x /usr/local/go/src/a.go /usr/local/gopher /usr/local/go",
                "x $GOROOT/src/a.go /usr/local/gopher /usr/local/go",
            ),
            // The slash at the end of one path could begin another.
            ("/usr/local/go/usr/local/go/x /usr/usr/local/go/", "$GOROOT/usr/local/go/x /usr$GOROOT/"),
        ] {
            for cut in 0..=text.len() {
                let mut replace = Replace::new("/usr/local/go/", "$GOROOT/");
                let replaced = replace.push(&text[..cut]) + &replace.push(&text[cut..]) + &replace.finish();
                assert_eq!(replaced, expected, "cut at {cut}");
            }
        }
    }
}
