//! A target that nobody asked for before: served at once, and by the direct path as soon as its standard library is
//! compiled. On a small one, which is compiled in seconds.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::harness::command::{Ended, finish};
use crate::harness::events::Events;
use crate::harness::host::Host;
use crate::harness::processes::{below, have_ended, wait_for, with};
use crate::harness::serve::{NDJSON, SSE, Service};
use crate::harness::small_go::SmallGo;

/// As long as compiling sixty packages may take on a busy machine.
const COMPILED: Duration = Duration::from_secs(120);

const SOON: Duration = Duration::from_secs(20);

/// Needs no more than every program does.
const SOURCE: &str = "package main\n\nfunc main() { println(\"hello\") }\n";

fn request() -> Value {
    json!({"mode": "asm", "source": SOURCE, "options": {"goamd64": "v2"}})
}

fn serve(go: &SmallGo, data: &Path, limits: &[(&str, &str)]) -> Service {
    // A build that compiles what it needs shares the processors with the one that compiles all.
    let limits = [limits, &[("BUILD_SECONDS", "60")]].concat();
    Service::start_by(go.seen_by(Host::mine().underhood(), data), &limits)
}

fn run(go: &SmallGo, data: &Path, options: &[&str]) -> Ended {
    let mut command = go.seen_by(Host::mine().underhood(), data);
    command.args(["run", "--mode", "asm", "-"]).args(options);
    finish(command, SOURCE.as_bytes()).with_code(0)
}

/// The names of what lies in the folder of standard libraries.
fn libraries(data: &Path) -> Vec<String> {
    let entries = fs::read_dir(data.join("std")).expect("the folder of standard libraries");
    let mut names: Vec<_> =
        entries.map(|entry| entry.expect("an entry").file_name().into_string().expect("UTF-8")).collect();
    names.sort();
    names
}

/// The go command that compiles a standard library for a service.
fn at_work(service: &Service) -> Option<u32> {
    let ours = below(service.pid());
    with("std").into_iter().find(|pid| ours.contains(pid))
}

/// One run to its end, in a form that shows signs of life while nothing happens.
fn patiently(service: &Service) -> Events {
    let body = service.post(request().to_string(), SSE).rest();
    let data = body.lines().filter_map(|line| line.strip_prefix("data: "));
    Events::of(data.map(|line| serde_json::from_str(line).expect("JSON")).collect())
}

fn preparing(events: &Events) -> Option<&str> {
    let is_it = |event: &&Value| event["type"] == "diagnostic" && event["code"] == "preparing";
    events.0.iter().find(is_it).map(|event| event["message"].as_str().expect("a message"))
}

#[test]
fn a_new_target_is_served_at_once_and_soon_by_the_direct_path() {
    let (go, target) = (SmallGo::get(), ["--opt", "goamd64=v2"]);
    let data = go.data();
    let before = libraries(data.path());
    let service = serve(&go, data.path(), &[]);
    let first = patiently(&service).that_end("ok");
    assert_eq!(first.steps(), ["list", "compile"]);
    let message = preparing(&first).expect("it is not said");
    assert!(message.contains("linux/amd64 with GOAMD64=v2"), "{message}");

    let is_there = |name: &String| name.ends_with("-amd64-v2");
    wait_for("a library", COMPILED, || libraries(data.path()).iter().any(is_there).then_some(()));
    let direct = service.run(&request()).that_end("ok");
    assert_eq!((direct.steps(), preparing(&direct)), (vec!["compile"], None));
    assert_eq!(direct.stdout(), first.stdout(), "both paths say the same");
    let added: Vec<_> = libraries(data.path()).into_iter().filter(|name| !before.contains(name)).collect();
    assert!(matches!(&added[..], [lock, v2] if lock == ".lock" && v2.ends_with("-amd64-v2")), "{added:?}");
    assert_eq!(at_work(&service), None);

    // It is there for every process from now on.
    let ended = run(&go, data.path(), &target);
    assert_eq!((ended.stderr.as_str(), ended.stdout), ("", first.stdout()));
}

/// On the command line it is waited for, with progress, once. What lies there and cannot be read does not count.
#[test]
fn the_command_line_waits_for_it() {
    let go = SmallGo::get();
    let data = go.data();
    let [host] = &libraries(data.path())[..] else { panic!("more than one library") };
    let damaged = data.path().join("std").join(format!("{host}-v3/cache"));
    fs::create_dir_all(&damaged).expect("made");
    fs::write(damaged.join("recipe.json"), "{\"compile\":[\"-p").expect("written");
    let first = run(&go, data.path(), &["--opt", "goamd64=v3"]).and_says("GOAMD64=v3").and_says("cannot be read");
    let again = run(&go, data.path(), &["--opt", "goamd64=v3", "--json"]);
    assert_eq!(again.stderr, "");
    let again = Events::of_lines(&again.stdout);
    assert_eq!((again.steps(), again.stdout()), (vec!["compile"], first.stdout));
}

#[test]
fn with_no_targets_nothing_is_compiled_ahead() {
    let go = SmallGo::get();
    let data = go.data();
    let before = libraries(data.path());
    let service = serve(&go, data.path(), &[("TARGETS", "0")]);
    let mut answer = service.post(request().to_string(), NDJSON);
    let mut heard = String::new();
    // What is compiled ahead is so from before the start.
    while !heard.contains("\"list\"") {
        heard += &answer.line();
    }
    assert!(heard.contains("\"started\"") && !heard.contains("\"preparing\""), "{heard}");
    assert_eq!(at_work(&service), None);
    assert_eq!(libraries(data.path()), before, "not even a lock");
}

#[test]
fn a_service_that_ends_leaves_no_half_of_it() {
    let go = SmallGo::get();
    let data = go.data();
    let before = libraries(data.path());
    let service = serve(&go, data.path(), &[]);
    let mut answer = service.post(request().to_string(), NDJSON);
    while !answer.line().contains("\"preparing\"") {}
    let command = wait_for("the go command", SOON, || {
        let is_compiling =
            |pid: &u32| fs::read(format!("/proc/{pid}/cmdline")).is_ok_and(|line| line.contains(&b'v'));
        at_work(&service).filter(is_compiling)
    });
    assert!(libraries(data.path()).iter().any(|name| name.starts_with(".unfinished-")));
    drop(answer);
    let all = below(service.pid());
    assert!(all.contains(&command), "{all:?}");
    assert!(service.terminate(SOON).success());
    have_ended(&all, SOON);
    let left: Vec<_> = libraries(data.path()).into_iter().filter(|name| !before.contains(name)).collect();
    assert_eq!(left, [".lock"]);
}

/// The same request to two toolchains is two builds.
#[test]
fn another_toolchain_is_another_build() {
    let (go, place) = (SmallGo::get(), tempfile::tempdir().expect("a folder"));
    let data = go.data();
    let tells = |is_small: bool| {
        let mut command = Host::mine().underhood();
        if is_small {
            command = go.seen_by(command, data.path());
        }
        command.env("UNDERHOOD_CACHE", place.path()).env("UNDERHOOD_CACHE_DISK", "64MiB");
        command.args(["run", "--mode", "escape", "--json", "-"]);
        Events::of_lines(&finish(command, SOURCE.as_bytes()).stdout).that_end("ok")
    };
    for is_small in [true, false] {
        assert!(!tells(is_small).is_cached());
        assert!(tells(is_small).is_cached());
    }
}

/// A data folder of its own with the small library, and the compiled package fmt in it.
fn with_own_library(go: &SmallGo) -> (TempDir, PathBuf) {
    let data = tempfile::tempdir().expect("a folder");
    let shared = go.data();
    let copied = Command::new("cp").args(["-rL"]).arg(shared.path().join("std")).arg(data.path()).status();
    assert!(copied.expect("cp runs").success());
    let [library] = &libraries(data.path())[..] else { panic!("more than one library") };
    let place = fs::read_dir(data.path().join("std").join(library)).expect("the library");
    let mut folders = place.map(|entry| entry.expect("an entry").path());
    let is_cache = |path: &PathBuf| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("cache"));
    let cache = folders.find(is_cache).expect("its cache");
    let importcfg = fs::read_to_string(cache.join("importcfg.link")).expect("read");
    let file = importcfg.lines().find_map(|line| line.strip_prefix("packagefile fmt=")).expect("fmt is there");
    (data, cache.join(file))
}

const PRINTS: &str = "package main\n\nimport \"fmt\"\n\nfunc main() { fmt.Println(\"hello\") }\n";

#[test]
fn a_compiled_package_that_is_cut_is_done_without() {
    let go = SmallGo::get();
    let (data, fmt) = with_own_library(&go);
    let service = serve(&go, data.path(), &[]);
    let request = json!({"mode": "run", "source": PRINTS});
    assert_eq!(service.run(&request).that_end("ok").steps(), ["compile", "link", "exec"]);

    File::options().write(true).open(&fmt).and_then(|file| file.set_len(5000)).expect("cut");
    let without = service.run(&request).that_end("ok");
    assert_eq!((without.steps(), without.stdout().as_str()), (vec!["compile", "build", "exec"], "hello\n"));
    wait_for("a warning", SOON, || service.log().contains("damaged").then_some(()));
    // The other modes too, which do not try it any more.
    for (mode, steps) in [("escape", &["build"][..]), ("asm", &["list", "compile"])] {
        let without = service.run(&json!({"mode": mode, "source": PRINTS})).that_end("ok");
        assert_eq!(without.steps(), steps, "{mode}");
    }

    // On the command line too, and it says what to type, which helps.
    let run = || {
        let mut command = go.seen_by(Host::mine().underhood(), data.path());
        command.args(["run", "-"]).env("UNDERHOOD_BUILD_SECONDS", "60");
        finish(command, PRINTS.as_bytes()).with_code(0)
    };
    let warned = run().and_says("toolchain install --if-missing");
    assert_eq!(warned.stdout, "hello\n");
    let mut install = go.seen_by(Host::mine().underhood(), data.path());
    install.args(["toolchain", "install", "--if-missing"]);
    finish(install, b"").with_code(0);
    assert_eq!(run().stderr, "");
}

#[test]
fn a_compiled_package_that_has_changed_is_found_at_the_start() {
    let go = SmallGo::get();
    let (data, fmt) = with_own_library(&go);
    let mut content = fs::read(&fmt).expect("read");
    let middle = content.len() / 2;
    content[middle] ^= 1;
    fs::write(&fmt, content).expect("written");
    let service = serve(&go, data.path(), &[]);
    wait_for("a warning", SOON, || service.log().contains("damaged and are removed").then_some(()));
    let without = service.run(&json!({"mode": "run", "source": PRINTS})).that_end("ok");
    assert_eq!((without.steps(), without.stdout().as_str()), (vec!["build", "exec"], "hello\n"));
}
