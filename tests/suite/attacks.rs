//! Programs that try to get out, or to take more than they may. Each has to fail, and to be told so as an event.
//!
//! A case is a Go program beside these files, `attacks/NAME.go`, which really tries, and a test, which asserts that
//! the attack was not reached and that the reader is told in words that can be understood. Every case is tried on every
//! host that can be had ([`Host`]): as root, and as an ordinary user on the same machine. Where the hosts differ, the
//! test says what each has to answer, by the table of [`Answers`].
//!
//! | what is attacked | where |
//! |---|---|
//! | what the hosts answer where they differ | `answers` |
//! | which hosts the cases are tried on | `hosts` |
//! | the host's files; disk, names, descriptors of the cell; what is left when it ends | `files` |
//! | other processes, signals, threads, exit codes, resource limits | `processes` |
//! | memory: heap, shared, stack, files, sockets, page tables | `memory` |
//! | the kernel: system calls, sockets, what all cells share | `kernel` |
//! | what the race detector adds to a cell: files of the host's C library | `race` |
//! | floods, text that imitates events, terminals, odd bytes | `output` |
//! | the toolchain: directives, module files, names, flags | `build` |
//! | the compiler: programs that make it work without end | `bombs` |
//! | the service: many at once, clients that hang up or do not read, crafted requests | `over_http` |
//! | readers of ours: pages of other sites in their browsers | `other_origins` |
//!
//! To add one: write the program so that it prints the kernel's answer to each thing it tries, and assert those lines.

mod answers;
mod bombs;
mod build;
mod files;
mod hosts;
mod kernel;
mod memory;
mod other_origins;
mod output;
mod over_http;
mod processes;
mod race;

use self::answers::Answers;
use crate::harness::command::{Run, run, run_text};
use crate::harness::events::Events;
use crate::harness::host::Host;

/// `underhood run attacks/NAME.go` on a host.
fn attack(name: &str, host: Host) -> Run {
    patient(run(format!("attacks/{name}.go")), host)
}

/// `underhood run -` with this program on a host.
fn program(text: &str, host: Host) -> Run {
    patient(run_text(text), host)
}

/// With time enough for what ends by itself, however busy the machine is. Cases of what does not end set less.
fn patient(run: Run, host: Host) -> Run {
    run.on(host).limit("BUILD_SECONDS", 60).limit("RUN_SECONDS", 60)
}

/// Fails unless the program printed just these lines.
#[track_caller]
fn prints(events: &Events, lines: &[&str]) {
    assert_eq!(events.stdout().lines().collect::<Vec<_>>(), lines, "stderr: {}", events.stderr());
}

/// Whether Go's runtime says that it got no memory. Its words depend on which of its own needs was refused.
fn says_out_of_memory(stderr: &str) -> bool {
    let words = ["fatal error: out of memory", "runtime: out of memory", "runtime: cannot allocate memory"];
    words.iter().any(|words| stderr.contains(words))
}

/// A Go program whose main function has this body.
fn main_of(body: &str) -> String {
    format!("package main\n\nfunc main() {{\n{body}\n}}\n")
}
