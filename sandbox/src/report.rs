//! What the sandbox can do on this host, told by the zygote at its start.

use std::fmt;

use serde::{Deserialize, Serialize};

/// How well a control holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// It holds.
    Active,
    /// Something weaker stands in for it.
    Degraded,
    /// It is not there.
    Missing,
}

/// How strong the whole is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Namespaces, Landlock and seccomp.
    Full,
    /// Landlock and seccomp without sockets, where the host grants no namespaces.
    Reduced,
    /// No safe way to run a stranger's program.
    None,
}

/// One mechanism of the kernel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Control {
    /// The kernel's name for it.
    pub name: String,
    /// How well it holds.
    pub state: State,
    /// What it does here, or why it cannot.
    pub detail: String,
}

/// All controls of this host.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// What they add up to.
    pub level: Level,
    /// One by one.
    pub controls: Vec<Control>,
}

impl Control {
    pub(crate) fn new(name: &str, state: State, detail: String) -> Self {
        Self { name: name.to_owned(), state, detail }
    }
}

impl Report {
    /// The control that makes the difference between full and reduced.
    pub(crate) const NAMESPACES: &str = "namespaces";

    /// Whose uid stands behind a cell.
    pub(crate) const IDENTITY: &str = "identity";

    /// How what a dead process leaves behind is found, where no pid namespace ends it.
    pub(crate) const CHILDREN: &str = "/proc children";

    pub(crate) fn of(level: Level, controls: Vec<Control>) -> Self {
        Self { level, controls }
    }

    /// Missing controls that stand between this host and a better level.
    pub fn lacking(&self) -> impl Iterator<Item = &Control> {
        let decides = |name: &str| name == Self::NAMESPACES || Level::NEEDED.contains(&name);
        self.controls.iter().filter(move |control| control.state == State::Missing && decides(&control.name))
    }
}

impl Level {
    /// The controls without which strangers' programs are not run at all.
    const NEEDED: [&str; 4] = ["Landlock", "seccomp", Report::IDENTITY, Report::CHILDREN];

    /// What these controls add up to.
    pub(crate) fn of(controls: &[Control]) -> Self {
        let is_missing = |name: &str| controls.iter().any(|c| c.name == name && c.state == State::Missing);
        if Self::NEEDED.into_iter().any(is_missing) {
            Self::None
        } else if is_missing(Report::NAMESPACES) {
            Self::Reduced
        } else {
            Self::Full
        }
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Active => "active",
            Self::Degraded => "degraded",
            Self::Missing => "missing",
        })
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Full => "full",
            Self::Reduced => "reduced",
            Self::None => "none",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_namespaces_the_children_must_be_known() {
        let control = |name, state| Control::new(name, state, String::new());
        let mut controls =
            vec![control(Report::NAMESPACES, State::Missing), control(Report::IDENTITY, State::Degraded)];
        assert_eq!(Level::of(&controls), Level::Reduced);
        controls.push(control(Report::CHILDREN, State::Active));
        assert_eq!(Level::of(&controls), Level::Reduced);
        controls[2].state = State::Missing;
        assert_eq!(Level::of(&controls), Level::None);
    }
}
