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
    /// The controls without which strangers' programs are not run.
    const NEEDED: [&str; 3] = ["namespaces", "Landlock", "seccomp"];

    pub(crate) fn of(controls: Vec<Control>) -> Self {
        let mut report = Self { level: Level::Full, controls };
        if report.lacking().next().is_some() {
            report.level = Level::None;
        }
        report
    }

    /// Needed controls that are missing.
    pub fn lacking(&self) -> impl Iterator<Item = &Control> {
        self.controls
            .iter()
            .filter(|control| control.state == State::Missing && Self::NEEDED.contains(&control.name.as_str()))
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
            Self::None => "none",
        })
    }
}
