//! What was compared and what was found, so that no program is left out in silence.

use std::collections::BTreeMap;

use super::real::Mode;

/// What was found.
#[derive(Default)]
pub struct Tally {
    pub compared: BTreeMap<Mode, usize>,
    /// Of these, how many did not build.
    pub refused: BTreeMap<Mode, usize>,
    pub asked_again: BTreeMap<Mode, usize>,
    pub left_out: BTreeMap<(Mode, String), Vec<String>>,
    /// How often each row of steps served a mode: `build` is the go command's, `compile` and `link` are the direct path's.
    pub steps: BTreeMap<(Mode, String), usize>,
    pub differences: Vec<String>,
}

impl Tally {
    /// How many were compared in each mode, which steps served them, and what was left out.
    pub fn print(&self) {
        for mode in Mode::ALL {
            let count = |of: &BTreeMap<Mode, usize>| of.get(&mode).copied().unwrap_or(0);
            let (compared, refused, again) = (count(&self.compared), count(&self.refused), count(&self.asked_again));
            eprintln!("{}: {compared} compared, of which {refused} do not build; {again} asked twice", mode.name());
            for ((_, steps), count) in self.steps.iter().filter(|((of, _), _)| *of == mode) {
                eprintln!("    {count} by: {steps}");
            }
            for ((_, reason), names) in self.left_out.iter().filter(|((of, _), _)| *of == mode) {
                eprintln!("    {} left out, {reason}: {}", names.len(), names.join(" "));
            }
        }
    }

    /// What differs, a line each, and the first three whole; all were told when they were found.
    pub fn told(&self) -> String {
        let titles = self.differences.iter().filter_map(|difference| difference.lines().next());
        let titles: Vec<&str> = titles.collect();
        let first: Vec<&str> = self.differences.iter().take(3).map(String::as_str).collect();
        format!("{} differences\n{}\n\n{}", titles.len(), titles.join("\n"), first.join("\n\n"))
    }
}
