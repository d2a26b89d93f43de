//! Choosing among toolchains that are laid out in temporary folders.

use std::{fs, io::Write, path::Path};

use tempfile::TempDir;

use super::{super::goroot::tests::write, *};

/// A data folder with toolchains of these versions installed.
fn data(versions: &[&str]) -> (TempDir, DataDir) {
    let folder = tempfile::tempdir().unwrap();
    let data = DataDir::at(folder.path());
    for version in versions {
        write(&data.toolchains().join(format!("go{version}")), version, "installed");
    }
    (folder, data)
}

/// A folder to stand on PATH, whose `go` is a script with this body.
fn path_with(body: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    program(&folder.path().join("go"), format!("#!/bin/sh\n{body}\n").as_bytes());
    folder
}

/// Writes a program that can be started at once. Another process writes it: a handle of ours
/// that a child of another test has inherited would make the system say that the file is busy.
fn program(path: &Path, content: &[u8]) {
    let mut install =
        Command::new("install").args(["-m755", "/dev/stdin"]).arg(path).stdin(Stdio::piped()).spawn().unwrap();
    install.stdin.take().unwrap().write_all(content).unwrap();
    assert!(install.wait().unwrap().success());
}

/// PATH with a `go` that belongs to a toolchain of `version`.
fn path_of(version: &str) -> (TempDir, TempDir) {
    let goroot = tempfile::tempdir().unwrap();
    write(goroot.path(), version, "path");
    let path = path_with(&format!("echo '{}'", goroot.path().display()));
    (path, goroot)
}

fn os(path: &TempDir) -> Option<&OsStr> {
    Some(path.path().as_os_str())
}

#[test]
fn go_on_path_wins_when_new_enough() {
    let (_keep, data) = data(&["1.27.3"]);
    let pinned = pins::default().version;
    let (path, goroot) = path_of(&format!("{}.0", pinned.language()));
    let choice = unnamed(os(&path), &data).unwrap();
    assert_eq!(choice.origin, Origin::Path);
    assert_eq!(choice.toolchain.goroot(), fs::canonicalize(goroot.path()).unwrap());
}

#[test]
fn an_old_or_broken_go_on_path_is_passed_over_with_the_reason() {
    let (_keep, data) = data(&["1.27.3"]);
    let (old, _goroot) = path_of("1.19.8");
    let choice = unnamed(os(&old), &data).unwrap();
    assert_eq!(choice.origin, Origin::Installed);
    assert!(choice.passed_over[0].contains("1.19.8, older than"), "{:?}", choice.passed_over);
    let choice = unnamed(os(&path_with("exit 3")), &data).unwrap();
    assert!(choice.passed_over[0].contains("`go env GOROOT` failed"), "{:?}", choice.passed_over);
    let choice = unnamed(os(&path_with("echo /nowhere/at/all")), &data).unwrap();
    assert!(choice.passed_over[0].contains("/nowhere/at/all"), "{:?}", choice.passed_over);
}

#[test]
fn the_pinned_release_is_preferred_among_the_installed() {
    let (_keep, data) = data(&["1.26.6", "1.27.3", "1.99.0"]);
    let choice = unnamed(None, &data).unwrap();
    assert_eq!(choice.toolchain.version(), &pins::default().version);
}

#[test]
fn with_nothing_the_error_says_what_to_type() {
    let (_keep, data) = data(&[]);
    let error = unnamed(None, &data).unwrap_err().to_string();
    let remedy = format!("type: underhood toolchain install {}", pins::default().version);
    assert!(error.contains("no go on PATH") && error.ends_with(&remedy), "{error}");
}

#[test]
fn a_version_names_an_installed_one() {
    let (_keep, data) = data(&["1.26.1", "1.26.6", "1.27.3"]);
    let pick = |name: &str| named(name, None, &data).unwrap().toolchain.version().to_string();
    assert_eq!((pick("1.26"), pick("go1.26.1"), pick("1.27.3")), ("1.26.6".into(), "1.26.1".into(), "1.27.3".into()));
    let error = named("1.25", None, &data).unwrap_err().to_string();
    assert!(error.contains("type: underhood toolchain install 1.25."), "{error}");
    let error = named("1.13", None, &data).unwrap_err().to_string();
    assert!(error.contains("can install only 1.27.3"), "{error}");
}

#[test]
fn a_path_names_a_goroot_or_its_go() {
    let (keep, data) = data(&["1.27.3"]);
    let goroot = data.toolchains().join("go1.27.3");
    let choice = named(goroot.to_str().unwrap(), None, &data).unwrap();
    assert_eq!(choice.origin, Origin::Named);
    let (path, behind) = path_of("1.26.6");
    let choice = named(path.path().join("go").to_str().unwrap(), None, &data).unwrap();
    assert_eq!(choice.toolchain.goroot(), fs::canonicalize(behind.path()).unwrap());
    let error = named("/no/such/go", None, &data).unwrap_err().to_string();
    assert!(error.contains("GOROOT folder, its bin/go, or a version"), "{error}");
    let error = named(keep.path().to_str().unwrap(), None, &data).unwrap_err().to_string();
    assert!(error.contains("no whole Go toolchain"), "{error}");
}

#[test]
fn a_program_of_another_machine_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let go = folder.path().join("go");
    write(folder.path(), "1.27.3", "x");
    let mut mips = fs::read(folder.path().join("bin/go")).unwrap();
    mips[18] = 8; // EM_MIPS
    program(&go, &mips);
    let error = named(go.to_str().unwrap(), None, &DataDir::at("/none")).unwrap_err().to_string();
    assert!(error.contains("no program for this machine"), "{error}");
}

#[test]
fn broken_installed_ones_do_not_hide_good_ones() {
    let (_keep, data) = data(&["1.27.3"]);
    fs::create_dir_all(data.toolchains().join("go1.28.0")).unwrap();
    let choice = unnamed(None, &data).unwrap();
    assert_eq!(choice.toolchain.version().to_string(), "1.27.3");
    assert!(choice.passed_over.iter().any(|why| why.contains("go1.28.0")), "{:?}", choice.passed_over);
    assert!(Path::new(&data.toolchains()).is_dir());
}
