//! What a standard library is compiled for.

use std::collections::BTreeMap;

use sha2::{Digest as _, Sha256};

use super::{archive::hex, goroot::goarch};

/// What the compiler is asked for, and so what decides which compiled standard library fits. GOOS is always linux.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Target {
    goarch: String,
    goamd64: Option<String>,
    goexperiment: String,
    has_race_detector: bool,
}

impl Target {
    /// `None` stands for this machine's GOARCH and for the lowest GOAMD64; no experiment is an empty text.
    pub fn new(goarch: Option<&str>, goamd64: Option<&str>, goexperiment: &str) -> Self {
        let goarch = goarch.unwrap_or(self::goarch()).to_owned();
        let goamd64 = goamd64.filter(|level| goarch == "amd64" && *level != "v1").map(str::to_owned);
        Self { goarch, goamd64, goexperiment: normal(goexperiment), has_race_detector: false }
    }

    /// This machine, as Go takes it when nothing is said.
    pub fn host() -> Self {
        Self::new(None, None, "")
    }

    /// The same, with the race detector in it or without.
    pub fn with_race_detector(self, has_race_detector: bool) -> Self {
        Self { has_race_detector, ..self }
    }

    /// Whether the race detector is in it. Then packages of the standard library are compiled with a C compiler, and a
    /// program is linked against the C library of the host.
    pub fn has_race_detector(&self) -> bool {
        self.has_race_detector
    }

    /// The flags that ask for it, beside the variables.
    pub fn flags(&self) -> &'static [&'static str] {
        if self.has_race_detector { &["-race"] } else { &[] }
    }

    /// What the go command is told beside that when it builds here, and not what it takes by itself on a reader's machine.
    pub fn settings(&self) -> [(&'static str, &'static str); 2] {
        // Without cgo there is no race detector on linux (cmd/go/internal/work, init.go).
        let (cgo, flags) = if self.has_race_detector { ("1", "-race") } else { ("0", "") };
        [("CGO_ENABLED", cgo), ("GOFLAGS", flags)]
    }

    /// The variables that ask for it; none for this machine.
    pub fn env(&self) -> Vec<(String, String)> {
        let mut env = Vec::new();
        let mut set = |name: &str, value: &str| env.push((name.to_owned(), value.to_owned()));
        if self.goarch != goarch() {
            set("GOARCH", &self.goarch);
        }
        if let Some(level) = &self.goamd64 {
            set("GOAMD64", level);
        }
        if !self.goexperiment.is_empty() {
            set("GOEXPERIMENT", &self.goexperiment);
        }
        env
    }

    /// For a person, such as `linux/arm64`.
    pub fn words(&self) -> String {
        let mut words = format!("linux/{}", self.goarch);
        if let Some(level) = &self.goamd64 {
            words += &format!(" with GOAMD64={level}");
        }
        if !self.goexperiment.is_empty() {
            words += &format!(" with GOEXPERIMENT={}", self.goexperiment);
        }
        if self.has_race_detector {
            words += " with the race detector";
        }
        words
    }

    /// A file name, different for each target.
    pub(super) fn file_name(&self) -> String {
        let mut name = self.goarch.clone();
        if let Some(level) = &self.goamd64 {
            name += &format!("-{level}");
        }
        if self.has_race_detector {
            name += "-race";
        }
        if !self.goexperiment.is_empty() {
            let hash = hex(&Sha256::digest(&self.goexperiment));
            name += &format!("{EXPERIMENT}{}", &hash[..16]);
        }
        name
    }

    /// Whether a file name is that of a target with experiments.
    pub(super) fn is_experiment(name: &str) -> bool {
        name.contains(EXPERIMENT)
    }

    /// Whether it has experiments, of which there are as many as a reader can think of.
    pub fn has_experiments(&self) -> bool {
        !self.goexperiment.is_empty()
    }
}

/// What stands before the hash of the experiments.
const EXPERIMENT: &str = "-x";

/// One spelling for all that mean the same: the go command reads words in order, `none` forgets those before it, and the
/// last of `word` and `noword` counts (internal/buildcfg, ParseGOEXPERIMENT).
fn normal(goexperiment: &str) -> String {
    let mut words: BTreeMap<&str, &str> = BTreeMap::new();
    let mut is_from_none = false;
    for word in goexperiment.split(',').filter(|word| !word.is_empty()) {
        if word == "none" {
            words.clear();
            is_from_none = true;
        } else {
            words.insert(word.strip_prefix("no").unwrap_or(word), word);
        }
    }
    let first = is_from_none.then_some("none");
    first.into_iter().chain(words.into_values()).collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_go_takes_by_itself_is_the_same_target() {
        assert_eq!(Target::new(Some(goarch()), None, ""), Target::host());
        assert_eq!(Target::new(Some("amd64"), Some("v1"), ""), Target::new(Some("amd64"), None, ""));
        assert_eq!(Target::new(Some("arm64"), Some("v3"), ""), Target::new(Some("arm64"), None, ""));
        assert!(Target::host().env().is_empty());
    }

    #[test]
    fn experiments_have_one_spelling() {
        for (text, expected) in [
            ("", ""),
            (",b,,a,", "a,b"),
            ("a,a,noa", "noa"),
            ("noa,b,a", "a,b"),
            ("b,none,noa", "none,noa"),
            ("none,none", "none"),
        ] {
            assert_eq!(normal(text), expected, "{text}");
        }
    }

    #[test]
    fn targets_have_names_of_their_own() {
        let all = [
            Target::new(Some("amd64"), None, ""),
            Target::new(Some("amd64"), Some("v3"), ""),
            Target::new(Some("arm64"), None, ""),
            Target::new(Some("arm64"), None, "a,b"),
            Target::new(Some("arm64"), None, "../b"),
            Target::new(Some("amd64"), None, "").with_race_detector(true),
            Target::new(Some("amd64"), None, "a").with_race_detector(true),
            Target::new(Some("amd64"), None, "a"),
        ];
        for (at, one) in all.iter().enumerate() {
            assert!(!one.file_name().contains(['/', '.', ',']), "{}", one.file_name());
            assert!(all[..at].iter().all(|other| other.file_name() != one.file_name()), "{}", one.file_name());
        }
    }
}
