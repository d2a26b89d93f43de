//! What the tests are told in: a run on the command line, a running service, the Go toolchain itself.

pub mod client;
pub mod command;
pub mod events;
pub mod go;
pub mod processes;
pub mod serve;

use std::path::PathBuf;

/// A file beside the tests, such as `programs/hello.go`.
pub fn suite(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/suite").join(name)
}

/// The examples' folder.
pub fn examples() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("examples-go")
}

/// The text of a file beside the tests.
pub fn text_of(name: &str) -> String {
    let path = suite(name);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// A word that no other test of this machine uses, to know a process by.
pub fn token() -> String {
    let nanos = std::time::SystemTime::UNIX_EPOCH.elapsed().expect("the clock is past 1970").as_nanos();
    format!("token-{}-{nanos}", std::process::id())
}
