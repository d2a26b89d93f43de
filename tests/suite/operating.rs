//! What operators use: settings, completions, manual pages, the files of `deploy/`, and what docs/ tells of them.

mod completions;
mod config;
mod deploy;
mod documents;

use std::ffi::OsStr;
use std::process::Command;

use serde_json::Value;

use crate::harness::command::{Ended, finish};
use crate::harness::host::Host;

/// `underhood config --json` with these words and variables: each setting with its value and origin.
struct Told(Value);

fn command(words: &[impl AsRef<OsStr>], variables: &[(&str, &str)]) -> Command {
    let mut command = Host::mine().underhood();
    // Whatever the machine of the tests says of limits.
    for (name, _) in std::env::vars_os() {
        if name.as_encoded_bytes().starts_with(b"UNDERHOOD_")
            && !name.as_encoded_bytes().starts_with(b"UNDERHOOD_TEST")
        {
            command.env_remove(name);
        }
    }
    command.args(words).envs(variables.iter().copied());
    command
}

fn ends(words: &[impl AsRef<OsStr>], variables: &[(&str, &str)]) -> Ended {
    finish(command(words, variables), b"")
}

impl Told {
    #[track_caller]
    fn by(words: &[&str], variables: &[(&str, &str)]) -> Self {
        let ended = ends(&[&["config", "--json"], words].concat(), variables).with_code(0);
        Self(serde_json::from_str(&ended.stdout).expect("JSON"))
    }

    fn setting(&self, key: &str) -> &Value {
        let settings = self.0["settings"].as_array().expect("settings");
        settings.iter().find(|setting| setting["key"] == key).unwrap_or_else(|| panic!("no {key} in {:?}", self.0))
    }

    fn value(&self, key: &str) -> &Value {
        &self.setting(key)["value"]
    }
}
