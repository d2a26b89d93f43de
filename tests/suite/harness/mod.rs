//! What the tests are told in: a run on the command line, a running service, the Go toolchain itself.

pub mod client;
pub mod command;
pub mod endless;
pub mod events;
pub mod go;
pub mod host;
pub mod metrics;
pub mod processes;
pub mod project;
pub mod serve;
pub mod small_go;
pub mod socket;

use std::env;
use std::path::PathBuf;

/// The binary under test. `UNDERHOOD_TEST_BINARY` names another than the one that was built with these tests.
pub fn underhood() -> PathBuf {
    env::var_os("UNDERHOOD_TEST_BINARY").map_or_else(|| env!("CARGO_BIN_EXE_underhood").into(), PathBuf::from)
}

/// The folder that holds `tests/suite` and `examples-go`. `UNDERHOOD_TEST_ROOT` names it where the tests are not run
/// where they were built.
pub fn root_folder() -> PathBuf {
    env::var_os("UNDERHOOD_TEST_ROOT").map_or_else(|| env!("CARGO_MANIFEST_DIR").into(), PathBuf::from)
}

/// A file beside the tests, such as `programs/hello.go`.
pub fn suite(name: &str) -> PathBuf {
    root_folder().join("tests/suite").join(name)
}

/// The examples' folder.
pub fn examples() -> PathBuf {
    root_folder().join("examples-go")
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
