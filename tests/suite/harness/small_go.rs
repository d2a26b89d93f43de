//! The Go toolchain with a standard library of sixty packages instead of four hundred, so that compiling it ahead
//! takes seconds. The programs in it are the real ones.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use super::command::finish;
use super::go;
use super::host::Host;

/// A small GOROOT.
pub struct SmallGo {
    place: PathBuf,
}

/// What is taken whole; the folders of tools and of package sources come on top.
const PARTS: [&str; 6] = ["bin/go", "go.env", "lib", "pkg/include", "src/go.mod", "src/vendor/modules.txt"];

/// A small program's package, and those that Underhood reads settings from.
const PACKAGES: [&str; 4] = ["fmt", "internal/buildcfg", "internal/godebugs", "internal/goexperiment"];

impl SmallGo {
    /// The one that was made before, or one that is made now, with its library compiled for this machine. Safe to call
    /// from two processes at once.
    pub fn get() -> Self {
        let version = fs::read_to_string(go::root().join("VERSION")).expect("VERSION");
        let name = format!("small-{}", version.lines().next().expect("a line").replace(' ', "-"));
        let place = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        let small = Self { place };
        if !small.goroot().is_dir() {
            let unfinished = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder");
            fill(&unfinished.path().join("go"), &version);
            // Whoever was quicker made the same.
            let _ = fs::rename(unfinished.path(), &small.place);
        }
        let mut install = Host::mine().underhood();
        install.args(["toolchain", "install", "--if-missing", "--go"]).arg(small.goroot());
        finish(small.seen_by(install, &small.place.join("data")), b"").with_code(0);
        small
    }

    /// A new data folder with the library for this machine, and no other.
    pub fn data(&self) -> TempDir {
        let data = tempfile::tempdir().expect("a folder");
        let std = data.path().join("std");
        fs::create_dir(&std).expect("made");
        for entry in fs::read_dir(self.place.join("data/std")).expect("libraries") {
            let entry = entry.expect("an entry");
            if entry.path().is_dir() {
                symlink(entry.path(), std.join(entry.file_name())).expect("linked");
            }
        }
        data
    }

    /// A command of Underhood's, with this toolchain and this data folder.
    pub fn seen_by(&self, mut command: Command, data: &Path) -> Command {
        command.env("UNDERHOOD_GO", self.goroot()).env("UNDERHOOD_DATA", data);
        command
    }

    /// Its folder.
    pub fn goroot(&self) -> PathBuf {
        self.place.join("go")
    }
}

fn fill(goroot: &Path, version: &str) {
    let whole = go::root();
    for part in PARTS {
        link(&whole.join(part), &goroot.join(part));
    }
    let tools = fs::read_dir(whole.join("pkg/tool")).expect("tools").next().expect("a folder").expect("an entry");
    for tool in ["asm", "compile", "link"] {
        link(&tools.path().join(tool), &goroot.join("pkg/tool").join(tools.file_name()).join(tool));
    }
    for package in packages() {
        link_files(&whole.join("src").join(&package), &goroot.join("src").join(&package), "");
    }
    // Package runtime includes these, without the package that they belong to.
    link_files(&whole.join("src/runtime/cgo"), &goroot.join("src/runtime/cgo"), ".h");
    // Another toolchain than the whole one. Last, since without it there is none.
    fs::write(goroot.join("VERSION"), format!("{version}small\n")).expect("written");
}

/// Those of [`PACKAGES`], and all that they import.
fn packages() -> Vec<String> {
    let home = tempfile::tempdir().expect("a folder");
    let mut list = Command::new(go::root().join("bin/go"));
    list.args(["list", "-deps"]).args(PACKAGES).env_clear().current_dir(home.path());
    list.env("HOME", home.path()).env("GOCACHE", home.path().join("cache"));
    list.envs([("GOENV", "off"), ("GOTOOLCHAIN", "local"), ("CGO_ENABLED", "0")]);
    finish(list, b"").with_code(0).stdout.lines().map(str::to_owned).collect()
}

/// A hard link, or a copy where there can be none. Folders with all that is in them.
fn link(from: &Path, to: &Path) {
    if from.is_dir() {
        for entry in fs::read_dir(from).expect("a folder") {
            let name = entry.expect("an entry").file_name();
            link(&from.join(&name), &to.join(&name));
        }
        return;
    }
    fs::create_dir_all(to.parent().expect("a parent")).expect("made");
    if fs::hard_link(from, to).is_err() {
        fs::copy(from, to).expect("copied");
    }
}

/// The files of one folder whose names end so.
fn link_files(from: &Path, to: &Path, end: &str) {
    for entry in fs::read_dir(from).expect("a folder").map(|entry| entry.expect("an entry")) {
        let is_wanted = entry.file_name().to_str().is_some_and(|name| name.ends_with(end));
        if is_wanted && entry.path().is_file() {
            link(&entry.path(), &to.join(entry.file_name()));
        }
    }
}
