use std::os::unix::fs::symlink;

use sha2::{Digest as _, Sha256};
use tempfile::TempDir;

use super::super::Program;
use super::super::tests::{in_a_child, log_of, logging_in_a_child, test_name};
use super::*;

const LIMIT: u64 = 1 << 20;

fn open() -> (TempDir, Folder) {
    let place = tempfile::tempdir().unwrap();
    let folder = Folder::open(&place.path().join("kept"), LIMIT).unwrap();
    (place, folder)
}

fn key(name: &str) -> Key {
    Key::of([name])
}

fn small() -> Entry {
    let image = sandbox::sealed_program("main", &mut &b"\x7fELF and more"[..], 13).unwrap();
    Entry { told: b"{\"told\":1}".to_vec(), program: Some(Program::new(image).unwrap()) }
}

fn told(length: usize) -> Entry {
    Entry { told: vec![b'x'; length], program: None }
}

/// After this, an entry under the key is one that is not served, and gone when asked for.
fn assert_dropped(folder: &Folder, key: &Key, case: &str) {
    assert!(folder.path_of(key).symlink_metadata().is_ok(), "{case}: nothing to look at");
    assert!(folder.read(key).is_none(), "{case}: served");
    assert!(folder.path_of(key).symlink_metadata().is_err(), "{case}: still there");
}

fn names(folder: &Folder) -> Vec<String> {
    let entries = fs::read_dir(&folder.path).unwrap();
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

/// A file as the format's description has it, with a digest that matches whatever the rest says.
fn file(key: &Key, version: u8, told: u64, program: u64, rest: &[u8]) -> Vec<u8> {
    let mut bytes = b"UHKEPT\0".to_vec();
    bytes.push(version);
    bytes.extend(told.to_le_bytes());
    bytes.extend(program.to_le_bytes());
    bytes.extend(rest);
    let digest = Sha256::new().chain_update(key.as_bytes()).chain_update(&bytes).finalize();
    bytes.extend(digest);
    bytes
}

#[test]
fn a_file_is_as_described_and_for_its_owner_only() {
    let (_place, folder) = open();
    let key = key("one");
    folder.write(&key, &small(), SystemTime::now()).unwrap();
    let path = folder.path_of(&key);
    assert_eq!(fs::read(&path).unwrap(), file(&key, 1, 10, 13, b"{\"told\":1}\x7fELF and more"));
    assert_eq!(format::length(&small()), path.metadata().unwrap().len());
    assert_eq!(path.metadata().unwrap().mode() & 0o7777, 0o600);
    assert_eq!(folder.path.metadata().unwrap().mode() & 0o7777, 0o700);
    assert_eq!(names(&folder), [key.to_string()]);
}

#[test]
fn no_flip_of_a_byte_is_served() {
    let (_place, folder) = open();
    let key = key("one");
    folder.write(&key, &small(), SystemTime::now()).unwrap();
    let path = folder.path_of(&key);
    let whole = fs::read(&path).unwrap();
    for at in 0..whole.len() {
        for flip in [0x01, 0x80, 0xff] {
            let mut flipped = whole.clone();
            flipped[at] ^= flip;
            fs::write(&path, flipped).unwrap();
            assert_dropped(&folder, &key, &format!("byte {at} ^ {flip}"));
        }
    }
    fs::write(&path, whole).unwrap();
    assert_eq!(folder.read(&key).unwrap().told, small().told);
}

#[test]
fn no_cut_and_no_addition_is_served() {
    let (_place, folder) = open();
    let key = key("one");
    folder.write(&key, &small(), SystemTime::now()).unwrap();
    let path = folder.path_of(&key);
    let whole = fs::read(&path).unwrap();
    for length in 0..whole.len() {
        fs::write(&path, &whole[..length]).unwrap();
        assert_dropped(&folder, &key, &format!("cut to {length}"));
    }
    for added in [1, 32, 5000] {
        fs::write(&path, [&whole[..], &vec![0; added]].concat()).unwrap();
        assert_dropped(&folder, &key, &format!("{added} more"));
    }
}

#[test]
fn lengths_and_versions_are_not_believed_even_with_a_matching_digest() {
    let (_place, folder) = open();
    let key = key("one");
    let none = u64::MAX;
    fs::write(folder.path_of(&key), file(&key, 1, 4, none, b"told")).unwrap();
    assert_eq!(folder.read(&key).unwrap().told, b"told", "this is how a good one looks");
    let cases = [
        ("another version", file(&key, 2, 4, none, b"told")),
        ("more than there is", file(&key, 1, 5, none, b"told")),
        ("less than there is", file(&key, 1, 3, none, b"told")),
        ("half the address space", file(&key, 1, 1 << 63, none, b"told")),
        ("a sum that overflows", file(&key, 1, none - 40, 60, b"told")),
        ("a program that is not there", file(&key, 1, 4, none - 1, b"told")),
    ];
    for (case, bytes) in cases {
        fs::write(folder.path_of(&key), bytes).unwrap();
        assert_dropped(&folder, &key, case);
    }
    // What is larger than an entry may be is not even read; the first is whole but for that.
    let large = vec![0; usize::try_from(LIMIT / 4).unwrap()];
    fs::write(folder.path_of(&key), file(&key, 1, LIMIT / 4, none, &large)).unwrap();
    assert_dropped(&folder, &key, "more than a quarter");
    let sparse = File::create(folder.path_of(&key)).unwrap();
    sparse.set_len(1 << 40).unwrap();
    assert_dropped(&folder, &key, "a terabyte of nothing");
}

#[test]
fn an_entry_under_another_key_is_not_served() {
    let (_place, folder) = open();
    let (one, two) = (key("one"), key("two"));
    folder.write(&one, &small(), SystemTime::now()).unwrap();
    fs::rename(folder.path_of(&one), folder.path_of(&two)).unwrap();
    assert_dropped(&folder, &two, "renamed");
}

#[test]
fn only_regular_files_are_read() {
    let (place, folder) = open();
    let key = key("one");
    let path = folder.path_of(&key);
    folder.write(&key, &small(), SystemTime::now()).unwrap();
    let aside = place.path().join("aside");
    fs::rename(&path, &aside).unwrap();

    symlink(&aside, &path).unwrap();
    assert_dropped(&folder, &key, "a link to a good one");
    assert!(aside.exists());
    symlink("nowhere", &path).unwrap();
    assert_dropped(&folder, &key, "a link to nowhere");
    nix::unistd::mkfifo(&path, nix::sys::stat::Mode::S_IRWXU).unwrap();
    assert_dropped(&folder, &key, "a fifo that nobody writes to");
    let _socket = std::os::unix::net::UnixListener::bind(&path).unwrap();
    assert_dropped(&folder, &key, "a socket");
    fs::create_dir(&path).unwrap();
    assert_dropped(&folder, &key, "a folder");

    fs::create_dir(&path).unwrap();
    fs::write(path.join("somebody's"), "").unwrap();
    assert!(folder.read(&key).is_none());
    assert!(folder.write(&key, &small(), SystemTime::now()).is_err());
    assert!(path.join("somebody's").exists(), "what is not ours is let be");
    assert_eq!(names(&folder), [key.to_string()], "no part of a file is left");
}

#[test]
fn a_file_that_may_not_be_read_is_dropped() {
    if nix::unistd::geteuid().is_root() {
        eprintln!("root may read all: not tried");
        return;
    }
    let (_place, folder) = open();
    let key = key("one");
    folder.write(&key, &small(), SystemTime::now()).unwrap();
    fs::set_permissions(folder.path_of(&key), Permissions::from_mode(0)).unwrap();
    assert_dropped(&folder, &key, "mode 0");
}

#[test]
fn each_damage_is_told_but_a_flood_is_not() {
    if let Some(path) = logging_in_a_child() {
        let folder = Folder::open(&path, LIMIT).unwrap();
        for at in 0..50 {
            let key = key(&at.to_string());
            fs::write(folder.path_of(&key), "cut").unwrap();
            assert_dropped(&folder, &key, "cut");
        }
        return;
    }
    let (_place, folder) = open();
    let this_test = test_name!("each_damage_is_told_but_a_flood_is_not");
    let log = log_of(&in_a_child(&["sh"], ":", this_test, &folder.path));
    assert_eq!(log.lines().count(), 10, "{log}");
    for (at, line) in log.lines().enumerate() {
        let key = key(&at.to_string());
        assert!(line.contains(" WARN ") && line.contains(&key.to_string()) && line.contains("made anew"), "{line}");
    }
}

/// `minutes` before the present.
fn ago(minutes: u64) -> SystemTime {
    SystemTime::now() - Duration::from_secs(60 * minutes)
}

#[test]
fn the_least_recently_used_is_removed_when_there_is_too_much() {
    let (_place, folder) = open();
    let size = 64 << 10;
    let keys: Vec<Key> = (0..16).map(|at| key(&at.to_string())).collect();
    for (at, key) in keys.iter().enumerate() {
        folder.write(key, &told(size - 56), ago(100 - at as u64)).unwrap();
    }
    assert_eq!(folder.trim(LIMIT, &HashMap::new()).unwrap(), LIMIT, "what just fits stays");
    // The first was read, the second is known to be of use from memory, the third was marked.
    assert!(folder.read(&keys[0]).is_some());
    let now = SystemTime::now();
    folder.touch(&keys[2], now);
    assert_eq!(folder.trim(LIMIT - 1, &HashMap::from([(keys[1], now)])).unwrap(), LIMIT / 8 * 7);
    let stay: Vec<bool> = keys.iter().map(|key| folder.path_of(key).exists()).collect();
    assert_eq!(stay, (0..16).map(|at| at != 3 && at != 4).collect::<Vec<_>>());
    assert_eq!(folder.path_of(&keys[1]).metadata().unwrap().modified().unwrap(), now, "other processes are told");
}

#[test]
fn left_overs_are_removed_and_what_is_not_ours_is_let_be() {
    let (_place, folder) = open();
    let put = |name: &str, minutes| {
        let file = File::create(folder.path.join(name)).unwrap();
        file.set_modified(ago(minutes)).unwrap();
    };
    put(".new-killed", 61);
    put(".new-at-work", 59);
    put("README", 1000);
    folder.trim(0, &HashMap::new()).unwrap();
    let mut left = names(&folder);
    left.sort();
    assert_eq!(left, [".new-at-work", "README"]);
}

#[test]
fn a_folder_that_went_away_is_made_anew() {
    let (_place, folder) = open();
    fs::remove_dir(&folder.path).unwrap();
    assert!(folder.read(&key("one")).is_none());
    assert!(folder.trim(0, &HashMap::new()).is_err());
    folder.write(&key("one"), &small(), SystemTime::now()).unwrap();
    assert_eq!(folder.read(&key("one")).unwrap().told, small().told);
    assert_eq!(folder.path.metadata().unwrap().mode() & 0o7777, 0o700);
}

#[test]
fn a_folder_that_others_could_write_to_is_closed_and_another_users_is_refused() {
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("open");
    fs::create_dir(&path).unwrap();
    fs::set_permissions(&path, Permissions::from_mode(0o777)).unwrap();
    Folder::open(&path, LIMIT).unwrap();
    assert_eq!(path.metadata().unwrap().mode() & 0o7777, 0o700);
    if nix::unistd::geteuid().is_root() {
        std::os::unix::fs::chown(&path, Some(12345), None).unwrap();
        assert!(Folder::open(&path, LIMIT).is_err());
    }
}
