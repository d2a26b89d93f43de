//! The Go toolchain on its own: what it prints is what Underhood has to print.

use std::fs;
use std::os::unix::process::CommandExt as _;
use std::path::{Component, Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::time::Duration;

use tempfile::TempDir;

use super::command::{Ended, Raw, finish, finish_within};
use super::{suite, text_of, underhood};

/// The GOROOT that Underhood uses too.
pub fn root() -> &'static Path {
    static ROOT: OnceLock<PathBuf> = OnceLock::new();
    ROOT.get_or_init(|| {
        let output = Command::new(underhood()).args(["toolchain", "path"]).output().expect("underhood runs");
        let path = String::from_utf8(output.stdout).expect("UTF-8");
        let path = PathBuf::from(path.trim_end());
        assert!(
            output.status.success() && path.join("bin/go").is_file(),
            "there is no Go toolchain: run make test, or underhood toolchain install\n{}",
            String::from_utf8_lossy(&output.stderr)
        );
        path
    })
}

/// A reader's folder on the host, with the files of a program in it.
pub struct Folder {
    folder: TempDir,
    home: TempDir,
    names: Vec<String>,
}

impl Folder {
    /// The files of `programs/NAME.go`, or of a txtar.
    pub fn of(program: &str) -> Self {
        let text = text_of(program);
        let files = if Path::new(program).extension().is_some_and(|extension| extension == "txtar") {
            split(&text)
        } else {
            let name = suite(program).file_name().and_then(|name| name.to_str()).expect("a name").to_owned();
            vec![(name, text)]
        };
        Self::with(files)
    }

    /// These files, by name.
    pub fn with(files: Vec<(String, String)>) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        for (name, text) in &files {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
            fs::write(path, text).expect("written");
        }
        let mut names: Vec<String> = files.into_iter().map(|(name, _)| name).collect();
        names.sort();
        Self { folder, home: tempfile::tempdir().expect("a folder"), names }
    }

    pub fn is_module(&self) -> bool {
        self.names.iter().any(|name| name == "go.mod")
    }

    /// `go build -gcflags=FLAGS -o /dev/null FILES`.
    pub fn build(&self, gcflags: &str) -> Ended {
        let flags = format!("-gcflags={gcflags}");
        let mut command = self.go();
        command.args(["build", &flags, "-o", "/dev/null"]).args(self.package());
        self.shown(finish(command, b""))
    }

    /// `go build -o BINARY FILES`; the binary is a file outside of the folder.
    pub fn link(&self) -> (Ended, PathBuf) {
        self.link_with(&[], &[])
    }

    /// The same with the race detector, for which the go command calls the C compiler.
    pub fn link_with_race_detector(&self) -> (Ended, PathBuf) {
        self.link_with(&["-race"], &[("CGO_ENABLED", "1")])
    }

    fn link_with(&self, flags: &[&str], env: &[(&str, &str)]) -> (Ended, PathBuf) {
        let binary = self.home.path().join("main");
        let mut command = self.go();
        command.arg("build").args(flags).arg("-o").arg(&binary).args(self.package()).envs(env.iter().copied());
        (self.shown(finish(command, b"")), binary)
    }

    /// What `go build -o main FILES && ./main` runs, in an environment like that of a cell. `None` if it takes longer.
    pub fn execute(&self, binary: &Path, env: &[(&str, &str)], limit: Duration) -> Option<Raw> {
        let mut command = Command::new(binary);
        command.arg0("main").current_dir(self.folder.path()).env_clear().env("PWD", self.folder.path());
        command.env("HOME", self.home.path()).env("TMPDIR", self.home.path()).env("USER", "reader");
        // Without a zone's file, as in a cell, the local time is UTC.
        command.env("PATH", "/usr/local/bin:/usr/bin:/bin").env("TZ", "").envs(env.iter().copied());
        finish_within(command, b"", limit)
    }

    /// A program's words with the names that folders have in a cell.
    pub fn as_in_a_cell(&self, bytes: &[u8]) -> String {
        let text = String::from_utf8_lossy(bytes);
        let place = |folder: &Path| folder.display().to_string();
        text.replace(&place(self.folder.path()), "/code").replace(&place(self.home.path()), "/tmp")
    }

    /// `go tool compile -p main -S FLAGS -trimpath=$PWD -importcfg=… -o OBJECT FILES`.
    ///
    /// The object is a file of our own, never /dev/null: after an error the compiler removes its output, and as root
    /// that takes the machine's /dev/null away.
    pub fn compile(&self, flags: &[&str], env: &[(&str, &str)]) -> Ended {
        let mut list = self.go();
        let packages = "-f={{if .Export}}packagefile {{.ImportPath}}={{.Export}}{{end}}";
        list.args(["list", "-e", "-export", "-deps", packages]).args(self.package()).envs(env.iter().copied());
        let importcfg = self.home.path().join("importcfg");
        fs::write(&importcfg, finish(list, b"").stdout).expect("written");
        let mut command = self.go();
        command.args(["tool", "compile", "-p", "main", "-S"]).args(flags);
        command.arg(format!("-trimpath={}", self.folder.path().display()));
        command.arg(format!("-importcfg={}", importcfg.display())).arg("-o").arg(self.home.path().join("object"));
        command.args(self.sources()).envs(env.iter().copied());
        self.shown(finish(command, b""))
    }

    /// A line that is pasted into a shell.
    pub fn paste(&self, line: &str) -> Ended {
        let mut command = self.command(Path::new("/bin/sh"));
        command.args(["-c", line]);
        self.shown(finish(command, b""))
    }

    /// The same where folder and GOROOT lie as in a cell, since a linked program holds their paths.
    pub fn paste_in_place(&self, line: &str) -> Ended {
        let mut command = self.command(Path::new("/usr/bin/bwrap"));
        for folder in ["/bin", "/lib", "/lib64", "/usr/bin", "/usr/lib"] {
            if Path::new(folder).exists() {
                command.args(["--ro-bind", folder, folder]);
            }
        }
        let cache = Path::new(env!("CARGO_TARGET_TMPDIR")).join("gocache-in-place");
        fs::create_dir_all(&cache).expect("a folder");
        command.args(["--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp", "--chdir", "/code", "--bind"]);
        command.arg(self.folder.path()).arg("/code").arg("--bind").arg(cache).arg("/gocache");
        command.arg("--ro-bind").arg(root()).args(["/usr/local/go", "/bin/sh", "-c", line]);
        command.env("PATH", "/usr/local/go/bin:/usr/bin:/bin").env("PWD", "/code").env("HOME", "/tmp");
        command.env("GOCACHE", "/gocache");
        let ended = finish(command, b"");
        let show = |text: String| text.replace("/usr/local/go/", "$GOROOT/");
        Ended { code: ended.code, stdout: show(ended.stdout), stderr: show(ended.stderr) }
    }

    /// Paths in GOROOT as the contract shows them, and the folder under the name that it has in a cell.
    fn shown(&self, ended: Ended) -> Ended {
        let goroot = format!("{}/", root().display());
        // The go command prints a path relative to its folder where that is shorter, which depends on the machine.
        let nearby = format!("{}/", relative(self.folder.path(), root()).display());
        let folder = self.folder.path().display().to_string();
        let show =
            |text: String| text.replace(&nearby, "$GOROOT/").replace(&goroot, "$GOROOT/").replace(&folder, "/code");
        Ended { code: ended.code, stdout: show(ended.stdout), stderr: show(ended.stderr) }
    }

    fn package(&self) -> Vec<&str> {
        if self.is_module() { vec!["."] } else { self.sources() }
    }

    fn sources(&self) -> Vec<&str> {
        let is_source = |name: &&str| !name.contains('/') && name.ends_with(".go") && !name.ends_with("_test.go");
        self.names.iter().map(String::as_str).filter(is_source).collect()
    }

    /// The go command, for what runs no program. It says the same however seldom it collects, and is done sooner.
    fn go(&self) -> Command {
        let mut command = self.command(&root().join("bin/go"));
        command.env("GOGC", "400");
        command
    }

    /// The toolchain's or another command in the folder, with nothing of the tests' own environment.
    pub fn command(&self, program: &Path) -> Command {
        let path = format!("{}:/usr/bin:/bin", root().join("bin").display());
        let cache = Path::new(env!("CARGO_TARGET_TMPDIR")).join("gocache");
        let mut command = Command::new(program);
        command.current_dir(self.folder.path()).env_clear().env("PWD", self.folder.path()).env("PATH", path);
        command.env("HOME", self.home.path()).env("GOCACHE", cache);
        for (name, value) in
            [("GOENV", "off"), ("GOTOOLCHAIN", "local"), ("GOFLAGS", ""), ("CGO_ENABLED", "0"), ("GOPROXY", "off")]
        {
            command.env(name, value);
        }
        command
    }
}

/// The files of a txtar whose first line is a marker.
pub fn split(text: &str) -> Vec<(String, String)> {
    let mut files: Vec<(String, String)> = Vec::new();
    for line in text.split_inclusive('\n') {
        let name = line.trim_end().strip_prefix("-- ").and_then(|rest| rest.strip_suffix(" --"));
        match (name, files.last_mut()) {
            (Some(name), _) => files.push((name.to_owned(), String::new())),
            (None, Some((_, text))) => text.push_str(line),
            (None, None) => panic!("a program in txtar starts with a marker, not {line:?}"),
        }
    }
    files
}

/// The path `to` as seen from the folder `from`; both absolute.
fn relative(from: &Path, to: &Path) -> PathBuf {
    let shared = from.components().zip(to.components()).take_while(|(one, other)| one == other).count();
    let up = from.components().skip(shared).map(|_| Component::ParentDir);
    up.chain(to.components().skip(shared)).collect()
}
