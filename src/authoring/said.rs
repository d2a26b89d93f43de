//! What an output says of each line of the code, whatever the mode: it is told by the form of the line.

use super::{listing, messages};
use crate::authoring::output::Output;

/// Something said of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// The file, as a request names it.
    pub file: String,
    /// From 1.
    pub line: usize,
    /// A message; or an instruction, its op and its arguments with a space between.
    pub text: String,
}

/// All that is said.
pub fn said(output: &Output) -> Vec<Said> {
    output.stdout.lines().chain(output.stderr.lines()).filter_map(of_line).collect()
}

fn of_line(line: &str) -> Option<Said> {
    if let Some(message) = messages::message(line) {
        return Some(Said { file: message.file.to_owned(), line: message.line, text: message.text.to_owned() });
    }
    if let Some(listing::Instruction { position, op, arguments, .. }) = listing::instruction(line) {
        if matches!(op, "PCDATA" | "FUNCDATA") {
            return None;
        }
        return at(position, format!("{op} {arguments}").trim_end());
    }
    // objdump: `  main.go:9\t\t0x48ad80\t\t493b6610\t\tCMPQ SP, 0x10(R14)`
    let mut fields = line.strip_prefix("  ")?.split("\t\t");
    let (position, address, _code) = (fields.next()?, fields.next()?, fields.next()?);
    if !address.starts_with("0x") {
        return None;
    }
    at(position, fields.next()?.trim_end())
}

/// `file:line`, or `file:line[other:line]` where a `//line` says so.
fn at(position: &str, text: &str) -> Option<Said> {
    let (file, rest) = position.split_once(':')?;
    let line = rest.split('[').next()?.parse().ok()?;
    Some(Said { file: file.trim_start_matches("./").to_owned(), line, text: text.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_form_of_line_is_known() {
        for (line, expected) in [
            ("./main.go:10:2: moved to heap: u", Some(("main.go", 10, "moved to heap: u"))),
            (
                "\t0x0029 00041 (main.go:10)\tCALL\truntime.newobject(SB)",
                Some(("main.go", 10, "CALL runtime.newobject(SB)")),
            ),
            ("\t0x005e 00094 (main.go:11)\tRET", Some(("main.go", 11, "RET"))),
            ("\t0x0029 00041 (main.go:10)\tPCDATA\t$1, $0", None),
            (
                "  main.go:9\t\t0x48ad80\t\t493b6610\t\tCMPQ SP, 0x10(R14)\t",
                Some(("main.go", 9, "CMPQ SP, 0x10(R14)")),
            ),
            ("TEXT main.newUser(SB) /code/main.go", None),
            ("hello", None),
        ] {
            let said = of_line(line);
            assert_eq!(said.as_ref().map(|said| (said.file.as_str(), said.line, said.text.as_str())), expected);
        }
    }
}
