//! Commands of a GitHub workflow: `::error file=…,line=…,title=…::text`
//! (docs.github.com, "Workflow commands for GitHub Actions").

use super::Report;

/// An annotation for each complaint, and the summary as plain text.
pub fn render(report: &Report) -> String {
    let mut text = String::new();
    for told in report.told() {
        let complaint = told.complaint;
        let file = property(&complaint.file.to_string_lossy());
        // An annotation without a line stands at the file's first.
        let line = complaint.line.unwrap_or(1);
        let title = told.verdicts.first().map_or_else(
            || "Underhood".to_owned(),
            |verdict| format!("{} {} ({})", verdict.example, told.variants(), verdict.go),
        );
        let diff = complaint.diff.as_ref().map_or_else(String::new, |diff| format!("\n{diff}"));
        let message = data(&format!("{}{diff}", complaint.message));
        text += &format!("::error file={file},line={line},title={}::{message}\n", property(&title));
    }
    text + &report.summary() + "\n"
}

/// What stands behind `::`, on one line (actions/toolkit, packages/core/src/command.ts).
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// The value of a property, which ends at a comma or a colon.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_cannot_end_its_command() {
        assert_eq!(data("50%: a,b\r\nc"), "50%25: a,b%0D%0Ac");
        assert_eq!(property("50%: a,b\nc"), "50%25%3A a%2Cb%0Ac");
    }
}
