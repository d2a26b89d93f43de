//! For which Go versions an expectation holds: `>=1.26`, or `>=1.25, <1.27`.

use semver::{Version, VersionReq};
use serde::{Serialize, Serializer};

/// A set of Go's minor versions; as text it is what an author writes, or `*` for all.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Versions(VersionReq);

/// What is wrong with a text that should name versions.
#[derive(Debug, thiserror::Error)]
#[error("Go versions are written as \">=1.26\" or \">=1.25, <1.27\", not {0:?}")]
pub struct VersionsError(String);

impl Versions {
    /// Reads comparisons between commas, each with its operator: semver takes a bare number for anything compatible, which
    /// would be all of Go 1.
    ///
    /// # Errors
    /// A text that is no list of comparisons, or one with a bare number, a patch or a wildcard in it.
    pub fn parse(text: &str) -> Result<Self, VersionsError> {
        let wrong = || VersionsError(text.to_owned());
        let is_clear = |part: &str| {
            let number = part.trim().trim_start_matches(['<', '>', '=']).trim();
            part.trim().starts_with(['<', '>', '='])
                && number.split('.').count() == 2
                && number.split('.').all(|digits| digits.parse::<u32>().is_ok())
        };
        if !text.split(',').all(is_clear) {
            return Err(wrong());
        }
        VersionReq::parse(text).map(Self).map_err(|_| wrong())
    }

    /// Whether a toolchain, such as `go1.27.3` or `go1.28rc1`, is one of them.
    pub fn hold_for(&self, go: &str) -> bool {
        minor(go).is_some_and(|(major, minor)| self.0.matches(&Version::new(major, minor, 0)))
    }
}

impl Serialize for Versions {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

/// The language version of a toolchain: 1 and 27 of `go1.27.3`.
pub fn minor(go: &str) -> Option<(u64, u64)> {
    let (major, rest) = go.strip_prefix("go")?.split_once('.')?;
    let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    Some((major.parse().ok()?, rest[..digits].parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn minor_versions_are_compared() {
        for (text, go, holds) in [
            (">=1.26", "go1.26.0", true),
            (">=1.26", "go1.25.5", false),
            (">=1.26", "go1.28rc1", true),
            (">1.26", "go1.26.6", false),
            ("<1.27", "go1.26.6", true),
            ("<=1.26", "go1.26.6", true),
            ("=1.26", "go1.26.6", true),
            (">=1.25, <1.27", "go1.27.3", false),
            (">=1.25,<1.27", "go1.26.3", true),
        ] {
            assert_eq!(Versions::parse(text).unwrap().hold_for(go), holds, "{text} {go}");
        }
        assert!(Versions::default().hold_for("go1.22.1"));
    }

    #[test]
    fn what_would_be_read_in_another_way_is_refused() {
        for text in ["", "1.26", ">=1", ">=1.26.3", "^1.26", "=1.*", ">= go1.26", ">=1.26,"] {
            assert!(Versions::parse(text).is_err(), "{text:?} was taken");
        }
    }
}
