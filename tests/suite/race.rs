//! The option `race`: programs say what they say when the real `go build -race` has built them.

use std::fs;
use std::os::unix::fs::symlink;
use std::process::Command;
use std::time::Duration;

use regex::Regex;
use serde_json::json;

use crate::harness::command::{Ended, finish, run_text};
use crate::harness::events::Events;
use crate::harness::go::{self, Folder, split};
use crate::harness::host::{Host, data_folder};
use crate::harness::serve::{NDJSON, Service};

/// Time orders the two writes, and nothing else does: so the report is the same each time.
const RACE: &str = r#"-- main.go --
package main

import (
	"fmt"
	"time"
)

type counter struct{ n int }

func (c *counter) add() { c.n++ }

func main() {
	c := &counter{}
	go c.add()
	time.Sleep(50 * time.Millisecond)
	c.add()
	fmt.Println("counted", c.n)
}
"#;

/// Needs the go command, and packages that are compiled with C where there is a race detector.
const MODULE: &str = r#"-- go.mod --
module example.org/m

go 1.25
-- state/state.go --
package state

var Last map[string]int = map[string]int{}
-- main.go --
package main

import (
	"fmt"
	"net"
	"os/user"
	"time"

	"example.org/m/state"
)

func main() {
	go func() { state.Last["a"] = 1 }()
	time.Sleep(50 * time.Millisecond)
	state.Last["b"] = 2
	me, err := user.LookupId("4242")
	fmt.Println(me, err)
	_, err = net.LookupPort("tcp", "no such port")
	fmt.Println(err)
}
"#;

const NO_RACE: &str = r#"-- main.go --
package main

import (
	"os"
	"sync"
)

func main() {
	var mutex sync.Mutex
	var all sync.WaitGroup
	n := 0
	for range 100 {
		all.Go(func() {
			mutex.Lock()
			defer mutex.Unlock()
			n++
		})
	}
	all.Wait()
	println(n)
	os.Exit(3)
}
"#;

const PANIC: &str = "-- main.go --\npackage main\n\nfunc main() {\n\tvar p *int\n\t*p = 1\n}\n";

const TYPE_ERROR: &str = "-- main.go --\npackage main\n\nfunc main() { var n int = \"one\"; println(n) }\n";

const LINK_ERROR: &str = "-- main.go --\npackage main\n\nfunc missing()\n\nfunc main() { missing() }\n";

/// Addresses differ from process to process, and the numbers of goroutines with what the runtime does beside.
fn without_numbers(text: &str) -> String {
    let numbers = Regex::new(r"0x[0-9a-f]{8,}|(?i:goroutine) \d+|pc=0x[0-9a-f]+").expect("a pattern");
    numbers.replace_all(text, "N").into_owned()
}

fn with_race_detector(program: &str) -> Ended {
    run_text(program).opt("race=on").limit("BUILD_SECONDS", 60).limit("RUN_SECONDS", 60).ends()
}

#[track_caller]
fn same_as_go(program: &str, code: i32, says: &str) {
    // What is compiled ahead the first time is told on standard error.
    with_race_detector(RACE);
    let folder = Folder::with(split(program));
    let (built, binary) = folder.link_with_race_detector();
    let ours = with_race_detector(program).with_code(code).and_says(says);
    if built.code != Some(0) {
        assert_eq!((ours.stderr, code), (built.stderr, 1));
        return;
    }
    let real = folder.execute(&binary, &[], Duration::from_secs(60)).expect("it ends");
    let shown = |bytes: &[u8]| {
        let goroot = format!("{}/", go::root().display());
        without_numbers(&folder.as_in_a_cell(bytes).replace(&goroot, "$GOROOT/"))
    };
    assert_eq!(real.status.code(), Some(code));
    assert_eq!(without_numbers(&ours.stdout), shown(&real.stdout));
    assert_eq!(without_numbers(&ours.stderr), shown(&real.stderr));
}

#[test]
fn a_race_is_reported_as_go_reports_it() {
    same_as_go(RACE, 66, "==================\nWARNING: DATA RACE\nRead at 0x");
}

#[test]
fn in_a_module_and_with_packages_that_are_compiled_with_c() {
    same_as_go(MODULE, 66, "Found 1 data race(s)\n");
}

#[test]
fn a_program_without_a_race_ends_as_it_does() {
    same_as_go(NO_RACE, 3, "100\n");
    same_as_go(PANIC, 2, "[signal SIGSEGV");
}

#[test]
fn what_does_not_build_says_the_same() {
    same_as_go(TYPE_ERROR, 1, "cannot use \"one\"");
    same_as_go(LINK_ERROR, 1, "missing function body");
}

/// As it is without the race detector, where cgo is switched off.
#[test]
fn cgo_is_refused_in_the_same_words() {
    let program =
        "-- main.go --\npackage main\n\n// #include <stdlib.h>\nimport \"C\"\n\nfunc main() { C.abs(-1) }\n";
    let without = run_text(program).ends().with_code(1);
    let with = with_race_detector(program).with_code(1);
    assert_eq!((with.stdout, with.stderr), (without.stdout, without.stderr));
    let mixed = format!("{program}-- other.go --\npackage main\n\nfunc other() {{}}\n");
    let mixed =
        mixed.replace("func main() { C.abs(-1) }", "func c() { C.abs(-1) }").replace("other() {}", "main() {}");
    with_race_detector(&mixed).with_code(1).and_says("there is no C compiler here");
}

#[test]
fn the_line_to_paste_asks_for_it() {
    let events = run_text(RACE).opt("race=on").arg("x").tells().that_end("failed");
    assert_eq!(events.first("started").expect("started")["command"], "go build -race -o main main.go && ./main x");
    assert_eq!(events.exit()["code"], 66);
}

/// One program, built in two ways: what is kept of one is not taken for the other.
#[test]
fn what_is_kept_is_kept_apart() {
    with_race_detector(RACE);
    let service = Service::start_on(Host::mine(), &[("CACHE_MEMORY", "256MiB"), ("BUILD_SECONDS", "60")]);
    let run = |race: &str| service.run(&json!({"mode": "run", "source": RACE, "options": {"race": race}}));
    for _ in 0..2 {
        let (without, with) = (run("off").that_end("ok"), run("on").that_end("failed"));
        assert!(!without.stderr().contains("DATA RACE") && with.stderr().contains("DATA RACE"));
    }
    assert_eq!((run("off").steps(), run("on").steps()), (vec!["exec"], vec!["exec"]));
}

/// A data folder with the library for this machine and no other.
fn new_data() -> tempfile::TempDir {
    let data = tempfile::tempdir().expect("a folder");
    let std = data.path().join("std");
    fs::create_dir(&std).expect("made");
    for entry in fs::read_dir(data_folder().join("std")).expect("libraries").flatten() {
        if entry.file_name().to_string_lossy().ends_with("-amd64") {
            symlink(entry.path(), std.join(entry.file_name())).expect("linked");
        }
    }
    data
}

/// A service compiles it when it is first asked for it, and says so at once.
#[test]
fn a_service_says_that_it_is_being_made() {
    let data = new_data();
    let mut command = Host::mine().underhood();
    command.env("UNDERHOOD_DATA", data.path()).env("UNDERHOOD_GO", go::root());
    let service = Service::start_by(command, &[]);
    let request = json!({"mode": "run", "source": RACE, "options": {"race": "on"}}).to_string();
    let mut answer = service.post(&request, NDJSON);
    assert_eq!((answer.status, answer.header("retry-after")), (503, "15"));
    assert!(answer.rest().contains("with the race detector is being compiled"), "not said");
    let all_else = service.run(&json!({"mode": "run", "source": RACE}));
    assert_eq!(all_else.status(), "ok");
}

/// Without a C compiler it says what to install, and everything else works.
#[test]
fn without_a_c_compiler_it_says_what_to_install() {
    if Host::mine() != Host::Root {
        eprintln!("only root can hide the compiler");
        return;
    }
    let data = new_data();
    let underhood = |options: &[&str]| {
        let hide = "mount --bind /dev/null /usr/bin/gcc && exec \"$@\"";
        let mut command = Command::new("unshare");
        command.args(["--mount", "--", "/bin/sh", "-c", hide, "sh"]).arg(crate::harness::underhood());
        command.args(["run", "-"]).args(options);
        command.env("UNDERHOOD_DATA", data.path()).env("UNDERHOOD_GO", go::root());
        finish(command, RACE.as_bytes())
    };
    underhood(&[]).with_code(0);
    let refused = underhood(&["--opt", "race=on"]).with_code(2).and_says("the race detector needs a C compiler");
    refused.and_says("apt-get install gcc libc6-dev").and_says("allowed: race: off");
}

/// The dynamic linker can be told a lot by variables, so none of them is taken.
#[test]
fn no_variable_reaches_the_dynamic_linker() {
    for variable in ["LD_PRELOAD=/tmp/x.so", "LD_LIBRARY_PATH=/tmp", "GORACE=log_path=/tmp/x", "GLIBC_TUNABLES=x=1"] {
        let (name, _) = variable.split_once('=').expect("a variable");
        run_text(RACE).opt("race=on").env(variable).ends().with_code(2).and_says(name).and_says("allowed: GODEBUG");
    }
    let events: Events = run_text(
        "-- main.go --\npackage main\n\nimport (\"fmt\"; \"os\")\n\nfunc main() { fmt.Println(os.Environ()) }\n",
    )
    .opt("race=on")
    .tells();
    let without = events.that_end("ok").stdout();
    assert_eq!(without, "[HOME=/tmp PATH=/usr/local/bin:/usr/bin:/bin PWD=/code TMPDIR=/tmp USER=reader]\n");
}
