//! `underhood toolchain`: what messages tell somebody to type helps.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use crate::harness::command::{Ended, finish};
use crate::harness::host::Host;
use crate::harness::small_go::SmallGo;
use crate::harness::underhood;

/// Whatever is downloaded goes through here, where nobody listens.
const NOWHERE: &str = "http://127.0.0.1:9";

const SOURCE: &str = "package main\n\nfunc main() { println(\"hello\") }\n";

/// Programs that a shell needs, and no go.
const PATH: &str = "/usr/bin:/bin";

/// A data folder in which the small toolchain is installed under a name of its own, beside its libraries, which may be
/// left out.
fn installed(go: &SmallGo, with_libraries: bool) -> TempDir {
    let data = if with_libraries { go.data() } else { tempfile::tempdir().expect("a folder") };
    fs::create_dir(data.path().join("toolchains")).expect("made");
    symlink(go.goroot(), data.path().join("toolchains/go-small")).expect("linked");
    data
}

fn with(mut command: Command, data: &Path) -> Command {
    command.env("UNDERHOOD_DATA", data).env_remove("UNDERHOOD_GO").env("PATH", PATH);
    command.envs(["HTTPS_PROXY", "https_proxy", "PIP_PROXY"].map(|name| (name, NOWHERE)));
    command
}

fn does(data: &Path, arguments: &[&str]) -> Ended {
    let mut command = with(Host::mine().underhood(), data);
    command.args(arguments);
    finish(command, SOURCE.as_bytes())
}

/// Types what a message ends with.
fn typed(data: &Path, said: &str) -> Ended {
    let (_, line) = said.trim_end().rsplit_once("type: ").unwrap_or_else(|| panic!("nothing is to be typed: {said}"));
    let line = line.replacen("underhood", underhood().to_str().expect("UTF-8"), 1);
    let mut shell = Command::new("sh");
    shell.args(["-c", &line]);
    finish(with(shell, data), b"")
}

fn library(data: &Path) -> PathBuf {
    let mut libraries =
        fs::read_dir(data.join("std")).expect("libraries").map(|entry| entry.expect("an entry").path());
    libraries.find(|path| path.is_dir()).expect("a library")
}

#[test]
fn a_version_that_is_there_is_not_installed_again() {
    let go = SmallGo::get();
    let data = installed(&go, true);
    let version = fs::read_to_string(go.goroot().join("VERSION")).expect("read");
    let release = version.lines().next().and_then(|line| line.strip_prefix("go")).expect("a release");
    let minor = release.rsplit_once('.').expect("a patch").0;
    for wanted in [minor, release] {
        let ended = does(data.path(), &["toolchain", "install", wanted, "--if-missing"]).with_code(0);
        assert!(ended.stderr.contains("its standard library was already compiled"), "{}", ended.stderr);
        does(data.path(), &["toolchain", "install", "--if-missing", wanted]).with_code(0);
    }
    // Another one is not there, and nothing can be downloaded.
    does(data.path(), &["toolchain", "install", "1.25", "--if-missing"]).with_code(1).and_says("1.25");
    does(data.path(), &["toolchain", "install", "1.3", "--if-missing"]).with_code(1).and_says("Go 1.3 is not among");
}

#[test]
fn a_library_that_is_not_compiled_is_so_once_one_has_typed_what_is_said() {
    let go = SmallGo::get();
    for named in [&[][..], &["--go", "1"]] {
        let data = installed(&go, false);
        let version = fs::read_to_string(go.goroot().join("VERSION")).expect("read");
        let minor = version.trim_start_matches("go").rsplit_once('.').expect("a patch").0.to_owned();
        let named: Vec<&str> = named.iter().map(|word| if *word == "1" { minor.as_str() } else { word }).collect();
        let run = |with: &[&str]| does(data.path(), &[&["run"], with, &["-"]].concat());
        let said = run(&named).with_code(2).stderr;
        typed(data.path(), &said).with_code(0);
        assert_eq!(run(&named).with_code(0).stderr, "hello\n");
    }
}

#[test]
fn a_library_that_cannot_be_read_is_compiled_anew() {
    let go = SmallGo::get();
    let data = installed(&go, false);
    does(data.path(), &["toolchain", "install", "--if-missing"]).with_code(0);
    let library = library(data.path());
    let caches = fs::read_dir(&library).expect("the library").map(|entry| entry.expect("an entry").path());
    for cache in caches.filter(|path| path.join("recipe.json").is_file()) {
        fs::write(cache.join("recipe.json"), "{").expect("written");
    }
    let said = does(data.path(), &["run", "-"]).with_code(2).stderr;
    assert!(said.contains("cannot be read"), "{said}");
    typed(data.path(), &said).with_code(0);
    assert_eq!(does(data.path(), &["run", "-"]).with_code(0).stderr, "hello\n");
}
