//! Go release numbers, and what a reader may ask for.

use std::{fmt, str::FromStr};

/// A Go release such as `1.27.3`. Ordered as Go orders its releases:
/// betas, then release candidates, then the release itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version {
    /// The `1` of 1.27.3.
    pub major: u32,
    /// The `27` of 1.27.3; what goldens and language versions hang on.
    pub minor: u32,
    /// The `3` of 1.27.3.
    pub patch: u32,
    stage: Stage,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Stage {
    Beta(u32),
    Candidate(u32),
    Release,
}

/// What someone asked for: one release, or the newest of a minor version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// `1.27`
    Minor(u32, u32),
    /// `1.27.3`
    Exact(Version),
}

/// A text that is no Go version.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("{0:?} is no Go version; write it like 1.27 or 1.27.3")]
pub struct NotAVersion(String);

impl Version {
    /// The minor version as it is written: `1.27`.
    pub fn language(&self) -> String {
        format!("{}.{}", self.major, self.minor)
    }

    /// Whether this is at least as new as the minor version of `other`.
    pub fn reaches_minor_of(&self, other: &Version) -> bool {
        (self.major, self.minor) >= (other.major, other.minor)
    }
}

impl Wanted {
    /// Whether `version` is what was asked for.
    pub fn accepts(&self, version: &Version) -> bool {
        match self {
            Wanted::Minor(major, minor) => (version.major, version.minor) == (*major, *minor),
            Wanted::Exact(exact) => exact == version,
        }
    }
}

impl FromStr for Version {
    type Err = NotAVersion;

    /// Reads `go1.27.3`, `1.27.3`, `1.27` (the .0 of old releases) and `1.28rc1`.
    fn from_str(text: &str) -> Result<Self, NotAVersion> {
        parse(text).map(|(version, _)| version).ok_or_else(|| NotAVersion(text.to_owned()))
    }
}

impl FromStr for Wanted {
    type Err = NotAVersion;

    fn from_str(text: &str) -> Result<Self, NotAVersion> {
        match parse(text) {
            Some((v, true)) => Ok(Wanted::Exact(v)),
            Some((v, false)) => Ok(Wanted::Minor(v.major, v.minor)),
            None => Err(NotAVersion(text.to_owned())),
        }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)?;
        match self.stage {
            Stage::Release => write!(f, ".{}", self.patch),
            Stage::Candidate(n) => write!(f, "rc{n}"),
            Stage::Beta(n) => write!(f, "beta{n}"),
        }
    }
}

impl fmt::Display for Wanted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Wanted::Minor(major, minor) => write!(f, "{major}.{minor}"),
            Wanted::Exact(version) => version.fmt(f),
        }
    }
}

/// The version, and whether it names one release rather than a minor version.
fn parse(text: &str) -> Option<(Version, bool)> {
    let text = text.strip_prefix("go").unwrap_or(text);
    let (major, rest) = text.split_once('.')?;
    let major = number(major)?;
    let staged = |minor: &str, stage: Stage| {
        let minor = number(minor)?;
        let version = Version { major, minor, patch: 0, stage };
        Some((version, stage != Stage::Release))
    };
    if let Some((minor, n)) = rest.split_once("rc") {
        return staged(minor, Stage::Candidate(number(n)?));
    }
    if let Some((minor, n)) = rest.split_once("beta") {
        return staged(minor, Stage::Beta(number(n)?));
    }
    let Some((minor, patch)) = rest.split_once('.') else {
        return staged(rest, Stage::Release);
    };
    let version = Version { major, minor: number(minor)?, patch: number(patch)?, stage: Stage::Release };
    Some((version, true))
}

/// Plain digits without a sign or a leading zero.
fn number(text: &str) -> Option<u32> {
    let plain = text.bytes().all(|b| b.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    plain.then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(text: &str) -> Version {
        text.parse().unwrap()
    }

    #[test]
    fn reads_what_go_writes() {
        for (text, shown) in [
            ("go1.27.3", "1.27.3"),
            ("1.27.3", "1.27.3"),
            ("go1.20", "1.20.0"),
            ("go1.28rc2", "1.28rc2"),
            ("go1.28beta1", "1.28beta1"),
        ] {
            assert_eq!(version(text).to_string(), shown);
        }
        assert_eq!(version("go1.27.3").language(), "1.27");
    }

    #[test]
    fn refuses_the_rest() {
        for text in
            ["", "go", "1", "1.", "1.x", "1.27.3.4", "1.27.-3", "1.027", "v1.27.3", "../1.27", "1.27.3 ", "1.28rc"]
        {
            assert_eq!(text.parse::<Version>(), Err(NotAVersion(text.to_owned())));
        }
    }

    #[test]
    fn orders_as_releases_come_out() {
        let order = ["1.9.9", "1.25.5", "1.27beta1", "1.27rc1", "1.27rc2", "1.27.0", "1.27.3", "1.27.10", "1.28.0"];
        assert!(order.map(version).is_sorted_by(|a, b| a < b));
        assert!(version("1.27.0").reaches_minor_of(&version("1.27.3")));
        assert!(!version("1.26.6").reaches_minor_of(&version("1.27.3")));
    }

    #[test]
    fn a_minor_version_accepts_each_of_its_releases() {
        let minor: Wanted = "1.27".parse().unwrap();
        assert!(minor.accepts(&version("1.27.3")) && !minor.accepts(&version("1.26.3")));
        let exact: Wanted = "go1.27.2".parse().unwrap();
        assert!(exact.accepts(&version("1.27.2")) && !exact.accepts(&version("1.27.3")));
        assert_eq!((minor.to_string(), exact.to_string()), ("1.27".into(), "1.27.2".into()));
    }
}
