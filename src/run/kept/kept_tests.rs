use std::collections::HashSet;
use std::fs::{self, File};
use std::os::fd::AsRawFd as _;
use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;
use std::process::{Command, Output};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;

use tempfile::TempDir;

use super::*;

const LIMITS: KeptLimits = KeptLimits { memory_bytes: 64 << 20, disk_bytes: 64 << 20 };
/// So that what is found comes from disk.
const ON_DISK: KeptLimits = KeptLimits { memory_bytes: 0, ..LIMITS };

fn place() -> (TempDir, PathBuf) {
    let place = tempfile::tempdir().unwrap();
    let folder = place.path().join("made/when/missing");
    (place, folder)
}

fn key(name: impl ToString) -> Key {
    Key::of([name.to_string()])
}

fn told(text: impl Into<Vec<u8>>) -> Entry {
    Entry { told: text.into(), program: None }
}

fn shell() -> Program {
    let file = File::open("/bin/sh").unwrap();
    Program::new(sandbox::sealed_copy("main", file.into(), LIMITS.disk_bytes).unwrap().unwrap()).unwrap()
}

/// What stands on disk, by size.
fn files(folder: &Path) -> Vec<(String, u64)> {
    let entries = fs::read_dir(folder).unwrap().map(Result::unwrap);
    // A process that shares the folder may have removed one.
    entries
        .filter_map(|entry| Some((entry.file_name().into_string().unwrap(), entry.metadata().ok()?.len())))
        .collect()
}

#[tokio::test]
async fn an_entry_comes_back_from_memory_and_from_disk() {
    let (_place, folder) = place();
    let first = Kept::open(Some(&folder), LIMITS);
    let (one, two) = (key("one"), key("two"));
    first.keep(one, told("{}"));
    first.keep(two, told(""));
    assert_eq!(first.at_hand(&one).unwrap().told, b"{}");
    assert!(Arc::ptr_eq(&first.find(&one).await.unwrap(), &first.at_hand(&one).unwrap()));
    first.settled().await;

    let second = Kept::open(Some(&folder), LIMITS);
    assert!(second.at_hand(&one).is_none());
    let found = second.find(&one).await.unwrap();
    assert_eq!(found.told, b"{}");
    assert!(found.program.is_none());
    assert!(Arc::ptr_eq(&found, &second.at_hand(&one).unwrap()), "it is in memory from then on");
    assert_eq!(second.find(&two).await.unwrap().told, b"");
    assert!(second.find(&key("three")).await.is_none());
}

#[tokio::test]
async fn a_later_entry_takes_the_place_of_an_earlier_one() {
    let (_place, folder) = place();
    let kept = Kept::open(Some(&folder), LIMITS);
    kept.keep(key("one"), told("old"));
    kept.keep(key("one"), told("new"));
    assert_eq!(kept.at_hand(&key("one")).unwrap().told, b"new");
    kept.settled().await;
    assert_eq!(Kept::open(Some(&folder), LIMITS).find(&key("one")).await.unwrap().told, b"new");
}

#[tokio::test]
async fn a_program_from_disk_is_executed() {
    let (_place, folder) = place();
    let first = Kept::open(Some(&folder), LIMITS);
    first.keep(key("sh"), Entry { told: b"built".to_vec(), program: Some(shell()) });
    first.settled().await;

    let found = Kept::open(Some(&folder), LIMITS).find(&key("sh")).await.unwrap();
    assert_eq!(found.told, b"built");
    let program = found.program.clone().unwrap();
    assert_eq!(program.length(), fs::metadata("/bin/sh").unwrap().len());
    let path = format!("/proc/self/fd/{}", program.as_fd().as_raw_fd());
    assert_eq!(fs::read(&path).unwrap(), fs::read("/bin/sh").unwrap());
    let seals = fcntl(&program, FcntlArg::F_GET_SEALS).unwrap();
    assert_eq!(seals, fcntl(shell(), FcntlArg::F_GET_SEALS).unwrap());
    let output = Command::new(path).arg0("sh").args(["-c", "echo $((6 * 7))"]).output().unwrap();
    assert_eq!(output.stdout, b"42\n");
}

#[test]
fn a_program_that_could_change_is_refused() {
    assert!(Program::new(File::open("/bin/sh").unwrap().into()).is_err());
    let open = nix::sys::memfd::memfd_create("open", nix::sys::memfd::MFdFlags::MFD_ALLOW_SEALING).unwrap();
    assert_eq!(Program::new(open).unwrap_err().kind(), io::ErrorKind::InvalidInput);
}

#[tokio::test]
async fn a_damaged_file_is_made_anew() {
    let (_place, folder) = place();
    let kept = Kept::open(Some(&folder), ON_DISK);
    kept.keep(key("one"), told("whole"));
    kept.settled().await;
    fs::write(folder.join(key("one").to_string()), "cut").unwrap();
    assert!(kept.find(&key("one")).await.is_none());
    assert!(files(&folder).is_empty());
    kept.keep(key("one"), told("whole"));
    kept.settled().await;
    assert_eq!(kept.find(&key("one")).await.unwrap().told, b"whole");
}

#[tokio::test]
async fn without_a_folder_memory_serves() {
    let kept = Kept::open(None, LIMITS);
    kept.keep(key("one"), told("one"));
    kept.settled().await;
    assert_eq!(kept.find(&key("one")).await.unwrap().told, b"one");
    assert!(kept.find(&key("two")).await.is_none());
}

#[test]
fn a_folder_that_is_a_file_is_told_and_memory_serves() {
    if let Some(file) = logging_in_a_child() {
        return block_on(async {
            for folder in [file.clone(), file.join("below")] {
                let kept = Kept::open(Some(&folder), LIMITS);
                kept.keep(key("one"), told("one"));
                kept.settled().await;
                assert_eq!(kept.find(&key("one")).await.unwrap().told, b"one");
            }
        });
    }
    let (place, _) = place();
    let file = place.path().join("file");
    fs::write(&file, "precious").unwrap();
    let output = in_a_child(&["sh"], ":", test_name!("a_folder_that_is_a_file_is_told_and_memory_serves"), &file);
    let log = log_of(&output);
    assert_eq!(log.matches("results are kept in memory only: make this a folder").count(), 2, "{log}");
    assert_eq!(fs::read(&file).unwrap(), b"precious");
}

#[tokio::test]
async fn a_limit_of_0_turns_a_tier_off() {
    let (_place, folder) = place();
    let kept = Kept::open(Some(&folder), KeptLimits { disk_bytes: 0, ..LIMITS });
    kept.keep(key("one"), told("one"));
    kept.settled().await;
    assert!(!folder.exists());
    assert!(kept.at_hand(&key("one")).is_some());

    let kept = Kept::open(Some(&folder), ON_DISK);
    kept.keep(key("one"), told("one"));
    assert!(kept.at_hand(&key("one")).is_none());
    kept.settled().await;
    assert_eq!(kept.find(&key("one")).await.unwrap().told, b"one");
    assert!(kept.at_hand(&key("one")).is_none());
}

#[tokio::test]
async fn the_disk_is_bounded_and_the_least_recently_used_goes() {
    let (_place, folder) = place();
    let limits = KeptLimits { memory_bytes: 0, disk_bytes: 256 << 10 };
    let kept = Kept::open(Some(&folder), limits);
    let keep = async |name: u32| {
        kept.keep(key(name), told(vec![0; 15 << 10]));
        kept.settled().await;
        let bytes: u64 = files(&folder).iter().map(|(_, size)| size.next_multiple_of(4096)).sum();
        assert!(bytes <= limits.disk_bytes, "{bytes} after {name}");
    };
    for name in 0..100 {
        keep(name).await;
        assert!(kept.find(&key(0)).await.is_some(), "what is used stays, after {name}");
    }
    let left: HashSet<String> = files(&folder).into_iter().map(|(name, _)| name).collect();
    assert!((14..=16).contains(&left.len()), "{}", left.len());
    let newest = (1..100).rev().take(left.len() - 1).chain([0]);
    assert_eq!(left, newest.map(|name| key(name).to_string()).collect(), "the newest, and the one that was used");
    kept.keep(key("large"), told(vec![0; 64 << 10]));
    kept.settled().await;
    assert!(kept.find(&key("large")).await.is_none(), "more than a quarter");
}

#[tokio::test]
async fn what_is_used_in_memory_stays_on_disk() {
    let (_place, folder) = place();
    let kept = Kept::open(Some(&folder), KeptLimits { memory_bytes: 1 << 20, disk_bytes: 256 << 10 });
    for name in 0..60 {
        kept.keep(key(name), told(vec![0; 15 << 10]));
        kept.settled().await;
        assert!(kept.at_hand(&key(0)).is_some());
    }
    assert!(folder.join(key(0).to_string()).exists());
    assert!(!folder.join(key(1).to_string()).exists());
}

#[tokio::test]
async fn what_lay_there_before_is_counted() {
    let (_place, folder) = place();
    let first = Kept::open(Some(&folder), LIMITS);
    for name in 0..64 {
        first.keep(key(name), told(vec![0; 15 << 10]));
    }
    first.settled().await;
    assert_eq!(files(&folder).len(), 64);
    let second = Kept::open(Some(&folder), KeptLimits { memory_bytes: 0, disk_bytes: 256 << 10 });
    second.settled().await;
    assert_eq!(files(&folder).len(), 14, "an eighth is left free");
}

#[tokio::test]
async fn what_another_process_writes_is_counted_after_a_while() {
    let (_place, folder) = place();
    let limits = KeptLimits { memory_bytes: 0, disk_bytes: 256 << 10 };
    let stores = [Kept::open(Some(&folder), limits), Kept::open(Some(&folder), limits)];
    for (at, kept) in stores.iter().enumerate() {
        for name in 0..16 {
            kept.keep(key(100 * at + name), told(vec![0; 15 << 10]));
            kept.settled().await;
        }
    }
    let bytes: u64 = files(&folder).iter().map(|(_, size)| size.next_multiple_of(4096)).sum();
    assert!(bytes <= limits.disk_bytes / 8 * 9, "{bytes}");
}

/// Two stores with many threads each, and one thread that does damage.
#[tokio::test(flavor = "multi_thread")]
async fn two_stores_share_a_folder_and_serve_nothing_wrong() {
    const KEYS: usize = 40;
    let content = |name: usize| {
        let told = format!("{name} ").repeat(1000 + name * 50);
        let mut source = told.as_bytes();
        let image = sandbox::sealed_program("main", &mut source, 500).unwrap();
        Entry { told: told.into_bytes(), program: name.is_multiple_of(2).then(|| Program::new(image).unwrap()) }
    };
    let (_place, folder) = place();
    let limits = KeptLimits { memory_bytes: 0, disk_bytes: 128 << 10 };
    let stores = [Kept::open(Some(&folder), limits), Kept::open(Some(&folder), limits)];
    stores.iter().for_each(Kept::hurry);
    let runtime = tokio::runtime::Handle::current();
    let found: usize = std::thread::scope(|scope| {
        let (over, is_over) = mpsc::channel::<()>();
        scope.spawn({
            let folder = &folder;
            move || {
                for round in 0_u64.. {
                    for (name, size) in files(folder) {
                        // Only those that are there: a name is never filled with less than an entry by the stores.
                        if let Ok(file) = File::options().write(true).open(folder.join(name)) {
                            file.set_len(size * (round % 4) / 3).unwrap();
                        }
                    }
                    if is_over.recv_timeout(Duration::from_millis(1)) != Err(RecvTimeoutError::Timeout) {
                        break;
                    }
                }
            }
        });
        let workers: Vec<_> = (0..16)
            .map(|worker| {
                let (kept, runtime) = (&stores[worker % 2], &runtime);
                scope.spawn(move || {
                    let mut found = 0;
                    for round in 0..100 {
                        let name = (worker * 7 + round * 3) % KEYS;
                        match runtime.block_on(kept.find(&key(name))) {
                            None => kept.keep(key(name), content(name)),
                            Some(entry) => {
                                let right = content(name);
                                assert!(entry.told == right.told, "{name}");
                                let length = |entry: &Entry| entry.program.as_ref().map(Program::length);
                                assert_eq!(length(&entry), length(&right), "{name}");
                                found += 1;
                            }
                        }
                    }
                    found
                })
            })
            .collect();
        let found = workers.into_iter().map(|worker| worker.join().unwrap()).sum();
        drop(over);
        found
    });
    assert!(found > 0);
    for kept in &stores {
        kept.settled().await;
    }
    let files = files(&folder);
    let bytes: u64 = files.iter().map(|(_, size)| size.next_multiple_of(4096)).sum();
    assert!(bytes <= limits.disk_bytes / 8 * 10, "{bytes}");
    assert!(files.iter().all(|(name, _)| !name.starts_with('.')), "nothing is left half written: {files:?}");
}

/// Twice, in a process of its own: on a tmpfs of 128 KiB where namespaces or root let us mount one, and under a limit
/// on the size of files, which needs no rights.
#[test]
fn on_a_full_disk_a_warning_is_given_and_all_goes_on() {
    if let Some(folder) = logging_in_a_child() {
        return block_on(with_a_full_disk(&folder));
    }
    let this_test = test_name!("on_a_full_disk_a_warning_is_given_and_all_goes_on");
    let check = |output: &Output, error: &str| {
        let log = log_of(output);
        assert_eq!(log.matches("results cannot be kept on disk").count(), 1, "{log}");
        assert!(log.contains(error), "{log}");
    };

    let (_place, folder) = place();
    block_on(async {
        let kept = Kept::open(Some(&folder), LIMITS);
        kept.keep(key("program"), Entry { told: vec![], program: Some(shell()) });
        kept.settled().await;
    });
    check(&in_a_child(&["sh"], "trap '' XFSZ; ulimit -f 16", this_test, &folder), "File too large");

    for way in [&["unshare", "--mount", "sh"][..], &["unshare", "--user", "--map-root-user", "--mount", "sh"]] {
        let (_place, folder) = place();
        fs::create_dir_all(&folder).unwrap();
        let mount = format!("mount -t tmpfs -o size=128k none \"${CHILD}\"");
        let output = in_a_child(way, &mount, this_test, &folder);
        if String::from_utf8_lossy(&output.stdout).contains(BEGINS) {
            return check(&output, "No space left on device");
        }
    }
    eprintln!("this host lets us mount no tmpfs: not tried on one");
}

async fn with_a_full_disk(folder: &Path) {
    let kept = Kept::open(Some(folder), LIMITS);
    kept.settled().await;
    let before = files(folder);

    let large = [key("large"), key("another"), key("third")];
    for key in large {
        kept.keep(key, told(vec![b'x'; 512 << 10]));
    }
    kept.settled().await;
    assert_eq!(files(folder), before, "no part of a file is left");
    for key in large {
        assert_eq!(kept.find(&key).await.unwrap().told.len(), 512 << 10);
    }
    kept.keep(key("small"), told("small"));
    kept.settled().await;
    let other = Kept::open(Some(folder), LIMITS);
    assert_eq!(other.find(&key("small")).await.unwrap().told, b"small");

    // Where a memfd cannot be filled, that is not the file's fault.
    if before.iter().any(|(name, _)| *name == key("program").to_string()) {
        assert!(kept.find(&key("program")).await.is_none());
        assert!(folder.join(key("program").to_string()).exists());
    }
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}

/// Says to a test that it runs in its own child, and on what to work.
const CHILD: &str = "UNDERHOOD_TEST_KEPT_CHILD";
const BEGINS: &str = "the child begins";

/// The path of a test of this module, as the test program knows it.
macro_rules! test_name {
    ($name:literal) => {
        concat!(module_path!(), "::", $name).split_once("::").unwrap().1
    };
}
pub(super) use test_name;

/// Runs a test once more, alone in a process, after this line of shell. What is logged is looked at in such a child:
/// beside other tests, a subscriber of one thread may miss what another thread came to first.
pub(super) fn in_a_child(way: &[&str], first: &str, test: &str, path: &Path) -> Output {
    let script = format!("{first} && exec \"$0\" --exact {test} --nocapture");
    let mut child = Command::new(way[0]);
    child.args(&way[1..]).arg("-c").arg(script).arg(std::env::current_exe().unwrap());
    child.env(CHILD, path).output().unwrap()
}

/// In a child, the path it was given. From here on it logs.
pub(super) fn logging_in_a_child() -> Option<PathBuf> {
    let path = std::env::var_os(CHILD)?;
    println!("{BEGINS}");
    tracing_subscriber::fmt().with_ansi(false).with_writer(io::stderr).init();
    Some(path.into())
}

/// What a child logged that did well.
pub(super) fn log_of(output: &Output) -> String {
    let said = String::from_utf8_lossy(&output.stdout);
    let log = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success() && said.contains(BEGINS), "{said}{log}");
    log
}
