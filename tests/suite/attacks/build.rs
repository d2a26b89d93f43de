//! Nothing of a reader's makes the toolchain run, read or write what it should not: directives, module files, names.

use super::{patient, program};
use crate::harness::command::run;
use crate::harness::host::Host;

/// What a build must answer.
enum Answer {
    /// It does not build, and standard error says why.
    Refused(&'static str),
    /// It builds, and nothing more happens: the program prints `ran`.
    Harmless,
}
use Answer::{Harmless, Refused};

const GO_MOD: &str = "-- go.mod --\nmodule m\ngo 1.24\n";

const RAN: &str = "-- main.go --\npackage main\nfunc main() { println(\"ran\") }\n";

/// Programs in txtar, by what they try.
fn cases() -> Vec<(&'static str, String, Answer)> {
    let module = |rest: &str| format!("{GO_MOD}{rest}{RAN}");
    let lone = |text: &str| text.to_owned();
    vec![
        // Files of the host.
        (
            "embed by an absolute path",
            lone("package main\n\nimport _ \"embed\"\n\n//go:embed /etc/passwd\nvar x string\n\nfunc main() {}\n"),
            Refused("pattern /etc/passwd: invalid pattern syntax"),
        ),
        (
            "embed the folder above",
            lone("package main\n\nimport \"embed\"\n\n//go:embed ..\nvar x embed.FS\n\nfunc main() {}\n"),
            Refused("pattern ..: invalid pattern syntax"),
        ),
        (
            "include a file in assembly",
            module("-- x.s --\n#include \"/proc/self/environ\"\n"),
            Refused("/proc/self/environ: no such file or directory"),
        ),
        (
            "include the host's password file in assembly",
            module("-- x.s --\n#include \"/etc/shadow\"\n"),
            Refused("/etc/shadow: no such file or directory"),
        ),
        (
            "replace a module by a folder outside",
            lone(
                "-- go.mod --\nmodule m\ngo 1.24\nrequire x v0.0.0\nreplace x => ../../root\n\
                 -- main.go --\npackage main\nimport _ \"x\"\nfunc main() {}\n",
            ),
            Refused("replacement directory ../../root does not exist"),
        ),
        (
            "vendor a folder outside",
            module("-- vendor/modules.txt --\n# x v0.0.0 => /etc\n## explicit\nx\n-- vendor/x/x.go --\npackage x\n"),
            Refused("inconsistent vendoring"),
        ),
        // Another toolchain, other tools.
        (
            "a newer toolchain",
            lone(
                "-- go.mod --\nmodule m\ngo 1.99\ntoolchain go1.99.9\n-- main.go --\npackage main\nfunc main() {}\n",
            ),
            Refused("GOTOOLCHAIN=local"),
        ),
        (
            "a toolchain by its path",
            lone(
                "-- go.mod --\nmodule m\ngo 1.24\ntoolchain /code/go\n-- main.go --\npackage main\nfunc main() {}\n",
            ),
            Refused("invalid toolchain version"),
        ),
        (
            "tools of the module's own",
            format!(
                "-- go.mod --\nmodule m\ngo 1.24\ntool (\n\tm/compile\n\tm/link\n\tm/asm\n)\n\
                 -- compile/main.go --\npackage main\nfunc main() {{ println(\"reached\") }}\n\
                 -- link/main.go --\npackage main\nfunc main() {{ println(\"reached\") }}\n\
                 -- asm/main.go --\npackage main\nfunc main() {{ println(\"reached\") }}\n{RAN}"
            ),
            Harmless,
        ),
        (
            "an object that needs another linker",
            module("-- x.syso --\nnot an object\n"),
            Refused("exec: \"gcc\": executable file not found"),
        ),
        ("C in the folder", module("-- x.c --\n#include \"/etc/passwd\"\n"), Harmless),
        (
            "a generator",
            lone("package main\n\n//go:generate touch /out/reached\n\nfunc main() { println(\"ran\") }\n"),
            Harmless,
        ),
        ("a checkout of a version control system", module("-- _FOSSIL_ --\nx\n"), Harmless),
        (
            "a workspace with the toolchain in it",
            lone(
                "-- go.work --\ngo 1.27\nuse .\nuse /usr/local/go/src/cmd\n-- go.mod --\nmodule m\ngo 1.27\n\
                 -- main.go --\npackage main\nimport _ \"cmd/internal/obj\"\nfunc main() {}\n",
            ),
            Refused("cmd/internal/obj"),
        ),
        (
            "the name of the standard library",
            lone("-- go.mod --\nmodule std\ngo 1.24\n-- main.go --\npackage main\nfunc main() {}\n"),
            Refused("\"std\" is not an importable package"),
        ),
        // Settings.
        (
            "files that are named like settings",
            format!("-- go.env --\nGOFLAGS=-x\nGOTOOLCHAIN=go9.9\n-- GOFLAGS --\n-x\n-- env --\nGOFLAGS=-x\n{RAN}"),
            Harmless,
        ),
        (
            "a setting that there is not",
            lone("//go:debug nosuch=1\npackage main\n\nfunc main() {}\n"),
            Refused("unknown //go:debug setting \"nosuch\""),
        ),
        (
            "a setting that is for the environment alone",
            lone("//go:debug gctrace=1\npackage main\n\nfunc main() {}\n"),
            Refused("unknown //go:debug setting \"gctrace\""),
        ),
        (
            "a test's main function",
            module("-- main_test.go --\npackage main\nimport \"testing\"\nfunc TestMain(*testing.M) { panic(1) }\n"),
            Harmless,
        ),
        // Names of the runtime.
        (
            "a name that there is not",
            lone(
                "package main\n\nimport _ \"unsafe\"\n\n//go:linkname f runtime.nosuch\nfunc f()\n\nfunc main() { f() }\n",
            ),
            Refused("relocation target runtime.nosuch not defined"),
        ),
        (
            "a name that is not given out",
            lone(
                "package main\n\nimport _ \"unsafe\"\n\n//go:linkname f runtime.mallocinit\nfunc f()\n\n\
                 func main() { f() }\n",
            ),
            Refused("runtime.mallocinit"),
        ),
    ]
}

#[test]
fn nothing_of_a_readers_steers_the_toolchain() {
    Host::each(|host| {
        for (what, text, answer) in cases() {
            let events = program(&text, host).tells();
            let (stdout, stderr) = (events.stdout(), events.stderr());
            match answer {
                Refused(says) => {
                    assert_eq!(events.status(), "build_failed", "{what}: {stdout}{stderr}");
                    assert!(stderr.contains(says), "{what}: {says:?} is not in {stderr}");
                }
                Harmless => {
                    assert_eq!((events.status(), stderr.as_str()), ("ok", "ran\n"), "{what}: {stdout}");
                }
            }
        }
    });
}

#[test]
fn tools_of_the_modules_own_do_not_stand_in_for_the_compiler() {
    let text = "-- go.mod --\nmodule m\ngo 1.24\ntool m/compile\n\
        -- compile/main.go --\npackage main\nfunc main() { println(\"reached\") }\n\
        -- main.go --\npackage main\nfunc main() {}\n";
    Host::each(|host| {
        let events = program(text, host).mode("asm").tells().that_end("ok");
        assert!(events.stdout().contains("main.main STEXT"), "{}", events.stdout());
        assert_eq!(events.stderr(), "");
    });
}

#[test]
fn nothing_of_the_host_is_built_in() {
    Host::each(|host| {
        for (file, says) in [
            ("programs/embed_outside.go", "pattern ../../etc/passwd: invalid pattern syntax"),
            ("programs/internal_import.go", "use of internal package internal/abi not allowed"),
            ("programs/cgo.go", "go: no Go source files"),
            ("attacks/linker_flags.go", "only allowed in cgo-generated code"),
        ] {
            let events = patient(run(file), host).tells().that_end("build_failed");
            assert!(events.stderr().contains(says), "{file}: {}", events.stderr());
        }
    });
}

#[test]
fn positions_that_lie_are_just_text() {
    Host::each(|host| {
        let events = patient(run("programs/line_directive_error.go"), host).tells().that_end("build_failed");
        assert!(events.stderr().contains("/etc/shadow:7"), "{}", events.stderr());
        assert!(!events.stderr().contains("root:"), "{}", events.stderr());
    });
}

/// The refusal shows the name with what is odd in it spelled out, never as the terminal would take it.
#[test]
fn names_that_a_tool_or_a_terminal_may_misread_are_refused() {
    Host::each(|host| {
        for (name, shown) in [
            ("-o.go", "\"-o.go\""),
            ("@flags", "\"@flags\""),
            (".git/config", "\".git/config\""),
            ("a=b.go", "\"a=b.go\""),
            ("a b.go", "\"a b.go\""),
            ("$(x).go", "\"$(x).go\""),
            ("\u{202e}og.x.go", "\"\\u{202e}og.x.go\""),
            ("\u{1b}[31m.go", "\"\\u{1b}[31m.go\""),
            ("a\u{0}b.go", "\"a\\0b.go\""),
            ("../up.go", "\"../up.go\""),
            ("/etc/x.go", "\"/etc/x.go\""),
        ] {
            let ended = program(&format!("-- {name} --\npackage main\n"), host).ends().with_code(2);
            ended.and_says("the file name ").and_says(shown);
        }
    });
}

#[test]
fn flags_and_variables_are_not_taken() {
    Host::each(|host| {
        let hello = || patient(run("programs/hello.go"), host);
        for variable in [
            "GOFLAGS=-toolexec=/bin/sh",
            "GOTOOLCHAIN=go1.99",
            "GOENV=/etc/passwd",
            "GOROOT=/code",
            "PATH=/code",
            "LD_PRELOAD=/code/x.so",
            "CC=/code/cc",
            "CGO_ENABLED=1",
            "GOCACHEPROG=/code/x",
            "GOGC=50\nGOFLAGS=-x",
            "GODEBUG=gctrace=1,x\u{1b}[31m=1",
            "GOTRACEBACK=wer",
            "=x",
        ] {
            hello().env(variable).ends().with_code(2).and_says("underhood: ");
        }
        for option in ["gcflags=-toolexec=x", "ldflags=-linkmode=external", "level=-1", "func=f\n-o /dev/null"] {
            hello().mode("escape").opt(option).ends().with_code(2).and_says("underhood: ");
            hello().mode("asm").opt(option).ends().with_code(2).and_says("underhood: ");
        }
    });
}
