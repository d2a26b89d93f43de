//! For a person: what is wrong, place by place; what changed between versions; a summary.

use super::{Report, seconds};

/// How many of the slowest are named.
const SLOWEST: usize = 3;

/// The report as text.
pub fn render(report: &Report) -> String {
    let mut text = String::new();
    let several = report.go.len() > 1;
    for told in report.told() {
        let verdict = told.verdicts.first().filter(|_| several);
        let go = verdict.map_or_else(String::new, |verdict| format!("[{}] ", verdict.go));
        text += &format!("{}: {go}{}\n", told.complaint.place(), told.message());
        for line in told.complaint.diff.iter().flat_map(|diff| diff.lines()) {
            text += &format!("    {line}\n");
        }
        text += "\n";
    }
    for change in &report.changes {
        text += &format!("{} {}: changed from {} to {}\n", change.example, change.variant, change.from, change.to);
        change.diff.lines().for_each(|line| text += &format!("    {line}\n"));
        text += "\n";
    }
    let mut notes: Vec<String> = Vec::new();
    for note in report.verdicts.iter().filter_map(|verdict| verdict.note.as_ref().map(|note| (verdict, note))) {
        notes.push(format!("{} {} ({}): {}", note.0.example, note.0.variant, note.0.go, note.1));
    }
    // With several versions a golden is of one of them.
    if !several {
        notes.iter().for_each(|note| text += &format!("{note}\n"));
    }
    let mut slowest: Vec<_> = report.verdicts.iter().collect();
    slowest.sort_by_key(|verdict| std::cmp::Reverse(verdict.wall_ms));
    let slowest = slowest.iter().take(SLOWEST);
    let slowest: Vec<_> = slowest.map(|v| format!("{} {} {} s", v.example, v.variant, seconds(v.wall_ms))).collect();
    text += &report.summary();
    text += "\n";
    if !slowest.is_empty() {
        text += &format!("slowest: {}\n", slowest.join(", "));
    }
    text
}
