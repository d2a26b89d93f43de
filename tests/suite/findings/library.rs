//! What a toolchain prints of its standard library.

use std::ffi::OsString;
use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::sync::mpsc::sync_channel;
use std::thread;

use super::Found;
use crate::harness::{go, underhood};

/// A toolchain.
pub struct Version {
    pub name: String,
    pub root: PathBuf,
}

/// Its standard library, and where what is printed of it is kept.
pub struct Library<'a> {
    version: &'a Version,
    folder: PathBuf,
}

/// How much is handed to a thread at a time.
const CHUNK: usize = 1 << 20;

/// How much of the end is told where a build fails, in bytes.
const END: usize = 2 << 10;

impl Version {
    /// That of all other tests.
    pub fn in_use() -> Self {
        Self::at(go::root().to_owned())
    }

    /// Of this minor release, if Underhood knows of one.
    pub fn installed(minor: &str) -> Option<Self> {
        let output = Command::new(underhood()).args(["toolchain", "list"]).output().expect("underhood runs");
        let list = String::from_utf8(output.stdout).expect("UTF-8");
        let place = list.lines().find_map(|line| {
            let mut words = line.trim_start_matches('*').split_whitespace();
            let is_it = words.next()?.strip_prefix(minor)?.starts_with('.');
            words.find(|word| word.starts_with('/')).filter(|_| is_it).map(PathBuf::from)
        });
        place.map(Self::at)
    }

    fn at(root: PathBuf) -> Self {
        let version = fs::read_to_string(root.join("VERSION")).expect("VERSION");
        let name = version.lines().next().expect("a line").replace(' ', "-");
        Self { name, root }
    }
}

impl<'a> Library<'a> {
    pub fn of(version: &'a Version) -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("findings").join(&version.name);
        // Whatever lies where the toolchain lay before would be built again beside it.
        let place = folder.join("root");
        let root = version.root.as_os_str().as_encoded_bytes();
        if fs::read(&place).ok().as_deref() != Some(root) {
            let _ = fs::remove_dir_all(&folder);
            fs::create_dir_all(&folder).expect("a folder");
            fs::write(&place, root).expect("written");
        }
        Self { version, folder }
    }

    /// Reads what the compiler prints line by line, in two threads.
    pub fn printed(&self, read: fn(&str, &mut Found)) -> Found {
        let mut gcflags = OsString::from(
            "-gcflags=all=-m=2 -S -d=ssa/check_bce,ssa/prove/debug=1,pctab=pctoinline -json=0,file://",
        );
        gcflags.push(self.log());
        let mut go = Command::new(self.version.root.join("bin/go"));
        // The go command shortens the names of folders on the way to a package where a name from here is shorter, in
        // listings too, so that from another place `/tmp` among a program's data might read `..`.
        go.current_dir(&self.version.root);
        let settings = [("GOENV", "off"), ("GOTOOLCHAIN", "local"), ("GOFLAGS", ""), ("CGO_ENABLED", "0")];
        go.env_clear().envs(std::env::var_os("PATH").map(|path| ("PATH", path))).envs(settings);
        // Packages that are built lie there until the end: a gigabyte, which a small `/tmp` may not have.
        let work = self.folder.join("work");
        let _ = fs::remove_dir_all(&work);
        fs::create_dir_all(&work).expect("a folder");
        go.env("HOME", &self.folder).env("GOCACHE", self.cache()).env("GOTMPDIR", &work);
        go.arg("build").arg(gcflags).arg("std").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut go = go.spawn().expect("go runs");
        let mut said = go.stderr.take().expect("a pipe");

        let found = Mutex::new(Found::default());
        let mut end = Vec::new();
        let (chunks, received) = sync_channel::<Vec<u8>>(4);
        let received = Mutex::new(received);
        thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| {
                    let mut own = Found::default();
                    loop {
                        let chunk = received.lock().expect("no thread panicked").recv();
                        let Ok(chunk) = chunk else { break };
                        String::from_utf8(chunk).expect("UTF-8").lines().for_each(|line| read(line, &mut own));
                    }
                    found.lock().expect("no thread panicked").add(own);
                });
            }
            let mut held = Vec::new();
            while said.by_ref().take(CHUNK as u64).read_to_end(&mut held).expect("read") > 0 {
                let whole = held.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
                let rest = held.split_off(whole);
                end.extend_from_slice(&held[held.len().saturating_sub(END)..]);
                end.drain(..end.len().saturating_sub(END));
                chunks.send(std::mem::replace(&mut held, rest)).expect("a thread listens");
            }
            chunks.send(held).expect("a thread listens");
            drop(chunks);
        });
        let status = go.wait().expect("go ends");
        let found = found.into_inner().expect("no thread panicked");
        // What the go command itself says may stand anywhere among a gigabyte of what the compiler says. No parser knows it.
        assert!(
            status.success(),
            "go build ended with {status}. What no parser knows of what it said:\n{}\nAnd the end of it:\n{}",
            found.faults.join("\n"),
            String::from_utf8_lossy(&end)
        );
        let _ = fs::remove_dir_all(work);
        found
    }

    /// Calls back with each file of the optimiser's log.
    pub fn logged(&self, mut read: impl FnMut(&Path)) {
        let mut folders = vec![self.log()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).expect("the log") {
                let path = entry.expect("an entry").path();
                if path.is_dir() { folders.push(path) } else { read(&path) }
            }
        }
    }

    fn log(&self) -> PathBuf {
        self.folder.join("log")
    }

    /// The log is written by the compiler alone, not by the go command from its cache. So without it all is built again.
    fn cache(&self) -> PathBuf {
        let cache = self.folder.join("cache");
        if !self.log().is_dir() {
            let _ = fs::remove_dir_all(&cache);
        }
        cache
    }
}
