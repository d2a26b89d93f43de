//! Whose files cells see, where the zygote shows them a copy on huge pages.

use std::fs;
use std::net::Ipv4Addr;
use std::path::Path;
use std::time::Duration;

use serde_json::json;

use crate::harness::host::Host;
use crate::harness::processes::{children, named, wait_for};
use crate::harness::serve::Service;

const PATIENCE: Duration = Duration::from_secs(30);

/// Mounts of a process, or of this one (proc(5)), that are the compiler on huge pages.
fn copies(process: &str) -> usize {
    let mounts = fs::read_to_string(format!("/proc/{process}/mountinfo")).unwrap_or_default();
    mounts.lines().filter(|line| line.contains("pkg/tool/") && line.contains("huge=always")).count()
}

/// Whether a process has pages of a tmpfs that are mapped as huge ones.
fn is_on_huge_pages(pid: u32) -> bool {
    let maps = fs::read_to_string(format!("/proc/{pid}/smaps")).unwrap_or_default();
    maps.lines().any(|line| line.starts_with("ShmemPmdMapped:") && !line.ends_with(" 0 kB"))
}

#[test]
fn the_compiler_is_started_from_a_copy_on_huge_pages() {
    let are_there = nix::unistd::geteuid().is_root() && Path::new("/sys/kernel/mm/transparent_hugepage").exists();
    let service = Service::start_on(Host::mine(), &[]);
    let answer = |number: usize| {
        let source = format!("package main\n\nfunc main() {{\n\tx := new(int)\n\tprintln(x, {number})\n}}\n");
        let request = json!({"source": source, "mode": "escape"});
        let whole = service.whole(Ipv4Addr::LOCALHOST, &request, &[]).expect("an answer");
        (whole["stdout"].clone(), whole["stderr"].clone())
    };
    let from_the_host = answer(0);
    let [zygote] = children(service.pid())[..] else { panic!("not one zygote") };
    if are_there {
        wait_for("the copy", PATIENCE, || (copies(&zygote.to_string()) == 1).then_some(()));
    } else {
        std::thread::sleep(Duration::from_secs(2));
        assert_eq!(copies(&zygote.to_string()), 0, "without the right to mount");
    }
    // Cells that were prepared before have the host's file, and are used up first.
    let answers: Vec<_> = (1..16).map(answer).collect();
    assert!(answers.iter().all(|answer| *answer == from_the_host), "{from_the_host:?}, {answers:?}");
    if are_there {
        let waiting = || named(zygote, "compile").into_iter().find(|pid| is_on_huge_pages(*pid));
        let compiler = wait_for("a compiler on huge pages", PATIENCE, waiting);
        assert_eq!(copies(&compiler.to_string()), 1, "in its cell");
    }
    assert_eq!(copies("self"), 0, "the host sees nothing of it");
}
