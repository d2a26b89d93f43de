//! What the targets hold results against. Written from the contract, not from the code under test.

use underhood::protocol::Refusal;

/// Whether a file of this name may be taken: up to ten parts of letters, digits and `_ - . + @`, none of which a tool
/// could take for a flag, a file of flags, a hidden file or another folder.
pub fn is_file_name(name: &str) -> bool {
    let is_part = |part: &str| {
        part.starts_with(|c: char| c.is_ascii_alphanumeric() || "_+".contains(c))
            && part.chars().all(|c| c.is_ascii_alphanumeric() || "_-.+@".contains(c))
    };
    name.len() <= 200 && name.split('/').count() <= 10 && name.split('/').all(is_part)
}

/// Every refusal has its status and says something.
///
/// # Panics
/// When this one does not.
pub fn check_refusal(refusal: &Refusal) {
    let status = match refusal {
        Refusal::Malformed(_) => 400,
        Refusal::TooLarge { .. } => 413,
        Refusal::NotAllowed { .. } => 422,
        other => panic!("{other:?} is no answer to what a request says"),
    };
    assert_eq!(underhood::status(refusal), status, "{refusal:?}");
    assert!(!refusal.to_string().trim().is_empty(), "{refusal:?}");
    if let Refusal::NotAllowed { allowed, .. } = refusal {
        assert!(allowed.iter().all(|one| !one.is_empty()), "{refusal:?}");
    }
}

/// The same bytes in many cuts: in pieces of one size each, and in pieces whose sizes hang on the bytes.
pub fn cuts(bytes: &[u8]) -> impl Iterator<Item = Vec<&[u8]>> {
    let even = [1, 3, 16].into_iter().map(|size| bytes.chunks(size).collect());
    even.chain([1, 7].into_iter().map(|seed| uneven(bytes, seed)))
}

fn uneven(mut bytes: &[u8], seed: u32) -> Vec<&[u8]> {
    // FNV-1a, so that another input is cut elsewhere.
    let mut state = bytes.iter().fold(seed, |hash, byte| (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193));
    let mut pieces = Vec::new();
    while !bytes.is_empty() {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        // An empty read among them does no harm either.
        let (piece, rest) = bytes.split_at((state >> 24) as usize % (bytes.len().min(40) + 1));
        pieces.push(piece);
        bytes = rest;
    }
    pieces
}

/// The commands of a line as a POSIX shell reads it, for lines of plain words, single quotes and backslashes (Shell
/// Command Language, 2.2); `None` when there is anything else in it that a shell would act on, or a quote is left open.
/// An operator such as `&&` is a word by itself.
pub fn shell_words(line: &str) -> Option<Vec<String>> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut rest = line.chars();
    while let Some(c) = rest.next() {
        match c {
            ' ' => words.extend(word.take()),
            '\'' => {
                let word = word.get_or_insert_default();
                loop {
                    match rest.next()? {
                        '\'' => break,
                        c => word.push(c),
                    }
                }
            }
            '\\' => word.get_or_insert_default().push(rest.next()?),
            '&' | ';' | '>' | '|' => {
                words.extend(word.take());
                match words.last_mut() {
                    Some(operator) if c == '&' && operator == "&" => operator.push(c),
                    _ => words.push(c.to_string()),
                }
            }
            c if c.is_ascii_alphanumeric() || "_-+=.,/:@%".contains(c) => word.get_or_insert_default().push(c),
            _ => return None,
        }
    }
    words.extend(word);
    Some(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cut_loses_nothing() {
        let bytes: Vec<u8> = (0..=255).cycle().take(5000).collect();
        for cut in cuts(&bytes) {
            assert_eq!(cut.concat(), bytes);
        }
    }

    #[test]
    fn words_as_a_shell_reads_them() {
        let words = |line| shell_words(line).unwrap();
        assert_eq!(
            words(r"a=b  go 'x y'z && ./main 'it'\''s' ''"),
            ["a=b", "go", "x yz", "&&", "./main", "it's", ""]
        );
        for line in ["a $b", "'", "`x`", "a # b", "\\"] {
            assert_eq!(shell_words(line), None, "{line}");
        }
    }
}
