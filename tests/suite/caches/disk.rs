//! What is kept on the disk: found by the next process, and never trusted.

use std::fs::{self, File};
use std::os::unix::fs::{FileExt as _, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use serde_json::json;
use tempfile::TempDir;

use super::{POINTER, SETTINGS, TYPE_ERROR, is_new, is_retold};
use crate::harness::command::{Ended, Run, finish, run_text};
use crate::harness::events::Events;
use crate::harness::host::Host;
use crate::harness::processes::wait_for;
use crate::harness::serve::Service;

const DAMAGED: &str = "a kept result was damaged and is removed";
const NOT_KEPT: &str = "results cannot be kept on disk";
const IN_MEMORY: &str = "results are kept in memory only";

const HELLO: &str = "package main\n\nimport \"fmt\"\n\nfunc main() { fmt.Println(\"hello\") }\n";

/// A place for a cache.
fn place() -> TempDir {
    tempfile::tempdir().expect("a folder")
}

/// `underhood run` that keeps what it built there, and nothing in memory.
fn kept_in(place: &Path, mode: &str, source: &str) -> Run {
    run_text(source).mode(mode).limit("CACHE", place.display()).limit("CACHE_DISK", "256MiB")
}

/// All that lies there.
fn files(place: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(place.join("builds")).expect("the folder of builds");
    entries.map(|entry| entry.expect("an entry").path()).collect()
}

#[test]
fn the_next_process_finds_it() {
    let place = place();
    let tells = |mode, source| kept_in(place.path(), mode, source).tells();
    let first = [("escape", POINTER), ("asm", POINTER), ("escape", TYPE_ERROR), ("run", TYPE_ERROR)].map(|case| {
        let first = tells(case.0, case.1);
        is_new(&first);
        (case, first)
    });
    let program = tells("run", SETTINGS).that_end("ok");
    assert_eq!(program.steps(), ["compile", "link", "exec"]);
    assert_eq!(files(place.path()).len(), 5);

    let service = Service::start_on(Host::mine(), &of_service(place.path()));
    for ((mode, source), first) in &first {
        is_retold(&tells(mode, source), first);
        is_retold(&service.run(&json!({"mode": mode, "source": source})), first);
        is_new(&kept_in(place.path(), mode, source).argument("--no-cache").tells());
    }
    let mut said = vec![program.stdout()];
    for env in ["GOGC=50", "GOGC=50", "GODEBUG=gctrace=0"] {
        let again = kept_in(place.path(), "run", SETTINGS).env(env).tells().that_end("ok");
        assert_eq!((again.steps(), again.is_cached()), (vec!["exec"], false));
        said.push(again.stdout());
    }
    let again = service.run(&json!({"mode": "run", "source": SETTINGS})).that_end("ok");
    assert_eq!((again.steps(), again.is_cached()), (vec!["exec"], false));
    said.push(again.stdout());
    let built = kept_in(place.path(), "run", SETTINGS).argument("--no-cache").tells();
    assert_eq!(built.steps(), ["compile", "link", "exec"]);
    said.sort();
    said.dedup();
    assert_eq!(said.len(), 5, "a run was replayed");
}

fn of_service(place: &Path) -> [(&'static str, &str); 2] {
    [("CACHE", place.to_str().expect("UTF-8")), ("CACHE_DISK", "256MiB")]
}

#[test]
fn a_service_keeps_it_for_the_next() {
    let place = place();
    let request = json!({"mode": "asm", "source": POINTER});
    let service = Service::start_on(Host::mine(), &of_service(place.path()));
    let first = service.run(&request);
    is_new(&first);
    let is_there = || files(place.path()).iter().any(|path| is_entry(path)).then_some(());
    wait_for("a file", Duration::from_secs(20), is_there);
    service.kill();
    is_retold(&Service::start_on(Host::mine(), &of_service(place.path())).run(&request), &first);
}

fn is_entry(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.len() == 64)
}

/// A build under other limits might have come out in another way.
#[test]
fn other_limits_are_another_build() {
    let place = place();
    is_new(&kept_in(place.path(), "escape", POINTER).tells());
    let limits = [
        ("BUILD_SECONDS", "11"),
        ("BUILD_MEMORY", "900MiB"),
        ("BUILD_PIDS", "255"),
        ("BUILD_FILES", "300MiB"),
        ("OUTPUT", "2MiB"),
        ("BINARY", "99MiB"),
    ];
    for (name, value) in limits {
        let tells = || kept_in(place.path(), "escape", POINTER).limit(name, value).tells();
        let first = tells();
        assert!(!first.is_cached(), "{name} is not in the key");
        is_retold(&tells(), &first);
    }
}

/// A way to do damage to a file; the other one is as good.
type Damage = (&'static str, fn(&Path, &Path));

const DAMAGES: [Damage; 10] = [
    ("cut in half", |file, _| cut(file, 2)),
    ("cut to nothing", |file, _| cut(file, u64::MAX)),
    ("with a bit of its head flipped", |file, _| flip(file, |_| 9)),
    ("with a bit of its middle flipped", |file, _| flip(file, |length| length / 2)),
    ("with its last bit flipped", |file, _| flip(file, |length| length - 1)),
    ("with more at its end", |file, _| {
        let length = length(file);
        writable(file).write_all_at(b"more", length).expect("written");
    }),
    ("of another key", |file, other| {
        fs::copy(other, file).expect("copied");
    }),
    ("a folder", |file, _| replace(file, |file| fs::create_dir(file).expect("made"))),
    ("a fifo", |file, _| {
        replace(file, |file| assert!(Command::new("mkfifo").arg(file).status().expect("mkfifo").success()));
    }),
    ("a link", |file, other| replace(file, |file| symlink(other, file).expect("linked"))),
];

fn writable(file: &Path) -> File {
    File::options().write(true).open(file).expect("a file")
}

fn length(file: &Path) -> u64 {
    fs::metadata(file).expect("a file").len()
}

fn cut(file: &Path, by: u64) {
    writable(file).set_len(length(file) / by).expect("cut");
}

fn flip(file: &Path, at: fn(u64) -> u64) {
    let at = at(length(file));
    let mut byte = [0];
    File::open(file).and_then(|file| file.read_exact_at(&mut byte, at)).expect("read");
    writable(file).write_all_at(&[byte[0] ^ 1], at).expect("written");
}

fn replace(file: &Path, by: impl FnOnce(&Path)) {
    fs::remove_file(file).expect("removed");
    by(file);
}

/// For an answer that is kept whole, and for a program.
#[test]
fn what_is_damaged_is_not_used_and_goes() {
    let place = place();
    let cases = [("escape", POINTER), ("run", HELLO)].map(|(mode, source)| {
        let before: Vec<_> = if mode == "escape" { Vec::new() } else { files(place.path()) };
        let ended = kept_in(place.path(), mode, source).ends().with_code(0);
        let file = files(place.path()).into_iter().find(|file| !before.contains(file)).expect("a file");
        (mode, source, ended, file)
    });
    for (at, (mode, source, whole, file)) in cases.iter().enumerate() {
        let other = place.path().join("other");
        fs::copy(&cases[1 - at].3, &other).expect("copied");
        for (damage, does) in DAMAGES {
            does(file, &other);
            let again = kept_in(place.path(), mode, source).ends().with_code(0).and_says(DAMAGED);
            assert_eq!(again.stdout, whole.stdout, "{mode}, {damage}");
            assert!(again.stderr.ends_with(&whole.stderr), "{mode}, {damage}: {}", again.stderr);
            assert!(fs::symlink_metadata(file).is_ok_and(|now| now.is_file()), "{mode}, {damage}: not made anew");
            let third = kept_in(place.path(), mode, source).tells().that_end("ok");
            let steps: &[&str] = if *mode == "run" { &["exec"] } else { &[] };
            assert_eq!(third.steps(), steps, "{mode}, {damage}");
            assert_eq!((third.stdout(), third.stderr()), (whole.stdout.clone(), whole.stderr.clone()));
        }
    }
}

#[test]
fn what_is_damaged_and_cannot_go_is_told_each_time() {
    let place = place();
    let run = || kept_in(place.path(), "run", HELLO).ends().with_code(0);
    let whole = run();
    let file = files(place.path()).remove(0);
    replace(&file, |file| fs::create_dir_all(file.join("full")).expect("made"));
    for _ in 0..2 {
        let again = run().and_says("damaged and not used, but cannot be removed");
        assert_eq!(again.stdout, whole.stdout);
    }
    assert_eq!(files(place.path()), [file], "nothing half written is left");
}

/// In a service a damaged file is told in the log and nowhere else.
#[test]
fn a_service_goes_on_with_a_damaged_file() {
    let place = place();
    let service = Service::start_on(Host::mine(), &of_service(place.path()));
    let request = json!({"mode": "escape", "source": POINTER});
    let first = service.run(&request);
    let entry = || files(place.path()).into_iter().find(|path| is_entry(path));
    let file = wait_for("a file", Duration::from_secs(20), entry);
    is_retold(&service.run(&request), &first);
    cut(&file, 2);
    let again = service.run(&request);
    is_new(&again);
    assert_eq!(again.answer(), first.answer());
    assert!(service.log().contains(DAMAGED), "{}", service.log());
    wait_for("a whole file", Duration::from_secs(20), || {
        let events: Events = service.run(&request);
        events.is_cached().then_some(())
    });
}

#[test]
fn a_cache_that_is_no_folder() {
    let place = place();
    let file = place.path().join("file");
    fs::write(&file, "precious").expect("written");
    // Nobody makes a folder in /proc, not even root.
    for cache in [&file, &file.join("below"), Path::new("/proc/underhood")] {
        let ended = kept_in(cache, "run", HELLO).ends().with_code(0).and_says(IN_MEMORY);
        assert_eq!(ended.stdout, "hello\n");
        let limits = [&of_service(cache)[..], &[("CACHE_MEMORY", "64MiB")]].concat();
        let service = Service::start_on(Host::mine(), &limits);
        assert!(service.log().contains(IN_MEMORY), "{}", service.log());
        let request = json!({"mode": "escape", "source": POINTER});
        let first = service.run(&request).that_end("ok");
        is_retold(&service.run(&request), &first);
    }
    assert_eq!(fs::read_to_string(file).expect("a file"), "precious");
}

/// Mounts a file system of this size at `$1`, makes it what `$2` says, and goes on with the rest.
const ON_A_FILE_SYSTEM: &str = r#"
set -e
place=$1 then=$2
shift 2
mount -t tmpfs -o size=64k none "$place"
eval "$then"
"#;

/// The binary with a small file system at `place`, which others do not see; `None`, and it says so, where none can be
/// mounted. What is left there is told at the end, unless it is a service.
fn on_a_small_disk(place: &Path, prepare: &str, is_service: bool) -> Option<Command> {
    if Host::mine() != Host::Root {
        eprintln!("not tried: an ordinary user mounts no file system");
        return None;
    }
    let underhood = Host::Root.underhood();
    let then = if is_service {
        r#"exec "$@""#
    } else {
        r#""$@" || exit $?; echo "left: $(ls -A "$place/builds" | wc -l)" >&2"#
    };
    let mut command = Command::new("unshare");
    command.args(["--mount", "--", "/bin/sh", "-c", ON_A_FILE_SYSTEM, "sh"]);
    command.arg(place).arg(format!("{prepare}\n{then}")).arg(underhood.get_program());
    command.envs(underhood.get_envs().filter_map(|(name, value)| Some((name, value?))));
    command.env("UNDERHOOD_CACHE", place).env("UNDERHOOD_CACHE_DISK", "256MiB");
    Some(command)
}

fn hello(mut command: Command) -> Ended {
    command.args(["run", "-"]);
    finish(command, HELLO.as_bytes()).with_code(0)
}

#[test]
fn a_full_disk() {
    let place = place();
    let Some(command) = on_a_small_disk(place.path(), "", false) else { return };
    // A program takes more than a megabyte.
    let ended = hello(command).and_says(NOT_KEPT).and_says("No space left on device").and_says("left: 0\n");
    assert_eq!(ended.stdout, "hello\n");

    let command = on_a_small_disk(place.path(), "", true).expect("as before");
    let service = Service::start_by(command, &[]);
    let request = json!({"mode": "run", "source": HELLO});
    for _ in 0..2 {
        let events = service.run(&request).that_end("ok");
        assert_eq!((events.stdout(), events.steps()), ("hello\n".to_owned(), vec!["compile", "link", "exec"]));
    }
    wait_for("a warning", Duration::from_secs(20), || service.log().contains(NOT_KEPT).then_some(()));
    // What is small finds room.
    let request = json!({"mode": "escape", "source": POINTER});
    let first = service.run(&request).that_end("ok");
    wait_for("room", Duration::from_secs(20), || {
        let events = service.run(&request);
        assert_eq!(events.answer(), first.answer());
        events.is_cached().then_some(())
    });
}

#[test]
fn a_disk_that_can_only_be_read() {
    let place = place();
    let cases =
        [("", IN_MEMORY), ("mkdir -m 700 \"$place/builds\"\n", NOT_KEPT), ("mkdir \"$place/builds\"\n", IN_MEMORY)];
    for (prepare, says) in cases {
        let prepare = format!("{prepare}mount -o remount,ro \"$place\"");
        let Some(command) = on_a_small_disk(place.path(), &prepare, false) else { return };
        let ended = hello(command).and_says(says).and_says("Read-only file system");
        assert_eq!(ended.stdout, "hello\n");
    }
}
