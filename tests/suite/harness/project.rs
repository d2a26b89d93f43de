//! A folder of examples of its own, and what authors do with it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use super::command::{Ended, finish};
use super::host::Host;
use super::{examples, go, root_folder};

/// A copy of examples in a folder of its own.
pub struct Project {
    folder: TempDir,
}

impl Project {
    /// An empty module of examples.
    pub fn new() -> Self {
        let project = Self { folder: tempfile::tempdir().expect("a folder") };
        project.write("examples-go/go.mod", "module example/go\n\ngo 1.25\n");
        project
    }

    /// Copies of some of our examples, without lessons.
    pub fn of(paths: &[&str]) -> Self {
        let project = Self::new();
        for path in paths {
            project.copy(&examples().join(path), &format!("examples-go/{path}"));
        }
        project
    }

    /// All of ours, and the lessons.
    pub fn ours() -> Self {
        let project = Self { folder: tempfile::tempdir().expect("a folder") };
        for folder in ["examples-go", "lessons"] {
            project.copy(&root_folder().join(folder), folder);
        }
        project
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    pub fn file(&self, name: &str) -> PathBuf {
        self.path().join(name)
    }

    pub fn write(&self, name: &str, text: &str) {
        let file = self.file(name);
        fs::create_dir_all(file.parent().expect("a parent")).expect("a folder");
        fs::write(file, text).expect("written");
    }

    /// An example of one file, with these lines below the title.
    pub fn example(&self, path: &str, description: &str, main: &str) {
        self.write(&format!("examples-go/{path}/example.toml"), &format!("title = \"T\"\n{description}"));
        self.write(&format!("examples-go/{path}/main.go"), main);
    }

    /// Puts one text in the place of another, which must be there once.
    pub fn edit(&self, name: &str, old: &str, new: &str) {
        let text = fs::read_to_string(self.file(name)).expect("read");
        assert_eq!(text.matches(old).count(), 1, "{old:?} in {text}");
        self.write(name, &text.replace(old, new));
    }

    /// `underhood SUBCOMMAND` in the folder.
    pub fn command(&self, subcommand: &str) -> Command {
        go::root();
        let mut command = Host::mine().underhood();
        command.arg(subcommand).current_dir(self.path());
        command
    }

    /// The same with arguments, run to its end.
    pub fn does(&self, subcommand: &str, arguments: &[&str]) -> Ended {
        let mut command = self.command(subcommand);
        command.args(arguments);
        finish(command, b"")
    }

    /// Every file with its bytes.
    pub fn files(&self) -> BTreeMap<String, Vec<u8>> {
        let mut files = BTreeMap::new();
        collect(self.path(), self.path(), &mut files);
        files
    }

    fn copy(&self, from: &Path, to: &str) {
        let mut files = BTreeMap::new();
        collect(from, from, &mut files);
        for (name, bytes) in files {
            let file = self.file(to).join(name);
            fs::create_dir_all(file.parent().expect("a parent")).expect("a folder");
            fs::write(file, bytes).expect("written");
        }
    }
}

fn collect(root: &Path, folder: &Path, files: &mut BTreeMap<String, Vec<u8>>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            collect(root, &path, files);
        } else {
            let name = path.strip_prefix(root).expect("inside").to_str().expect("UTF-8").to_owned();
            files.insert(name, fs::read(&path).expect("read"));
        }
    }
}
