//! Whether a tool came to grief by itself, and not over what the reader wrote.

/// How lines begin in which Go's runtime says that a tool has crashed (runtime/panic.go, runtime/signal_unix.go) or has
/// not been given what it needs.
const BEGINNINGS: [&str; 7] =
    ["panic: ", "fatal error: ", "unexpected fault address ", "runtime: ", "[signal ", "fork/exec ", "SIG"];

/// What lines hold in which the compiler, the linker or the go command say so themselves.
const WORDS: [&str; 5] = [
    "internal compiler error",
    "signal: ",
    "resource temporarily unavailable",
    "cannot allocate memory",
    "no space left on device",
];

/// What the compiler says of a package that is not there, or damaged, where all imports are surely there.
const NO_IMPORT: &str = ": could not import ";

/// Whether what the compiler said is about such a package.
pub fn lacks_import<'a>(said: impl IntoIterator<Item = &'a str>) -> bool {
    said.into_iter().any(|text| text.contains(NO_IMPORT))
}

/// Looks for signs of that in what tools said. A reader's own words may look alike: what hangs on the answer may be
/// slower for it, never wrong.
pub fn is_crash<'a>(said: impl IntoIterator<Item = &'a str>) -> bool {
    said.into_iter().flat_map(str::lines).any(|line| {
        BEGINNINGS.iter().any(|beginning| line.starts_with(beginning)) || WORDS.iter().any(|word| line.contains(word))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn crashes_are_told_from_what_is_found_in_a_program() {
        for said in [
            "# command-line-arguments\npanic: runtime error: index out of range\n",
            "unexpected fault address 0x7f0000000000\nfatal error: fault\n",
            "./main.go:3:8: internal compiler error: x\n",
            "go: error obtaining buildID: fork/exec /x: resource temporarily unavailable\n",
        ] {
            assert!(is_crash([said]), "{said}");
        }
        for said in ["", "./main.go:3:8: undefined: x\n", "./a.go:1:1: \"panic: \" escapes to heap\n"] {
            assert!(!is_crash([said]), "{said}");
        }
    }
}
