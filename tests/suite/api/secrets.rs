//! Nothing of the host is in any answer: no path, no name, no version of its parts.

use std::net::Ipv4Addr;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use crate::harness::client::{ask, get, post_with};
use crate::harness::command::HANGS;
use crate::harness::host::Host;
use crate::harness::serve::{JSON, Service};
use crate::harness::{go, root_folder, underhood};

/// What must not be told, each with what it is.
fn secrets() -> Vec<(&'static str, String)> {
    let said = |command: &str, args: &[&str]| {
        let output = Command::new(command).args(args).output().expect("said");
        String::from_utf8(output.stdout).expect("UTF-8").trim().to_owned()
    };
    let home = std::env::var("HOME").unwrap_or_default();
    let mut secrets = vec![
        ("the home folder", format!("{home}/")),
        ("where GOROOT lies", go::root().display().to_string()),
        ("the data folder", "share/underhood".to_owned()),
        ("where this was built", root_folder().display().to_string()),
        (
            "the binary's folder",
            underhood().parent().map(Path::display).map_or_else(String::new, |path| path.to_string()),
        ),
        ("the kernel's version", said("uname", &["-r"])),
        ("the kernel's build", said("uname", &["-v"])),
        ("the host's name", said("uname", &["-n"])),
        ("a registry of crates", ".cargo/registry".to_owned()),
        ("Rust's own sources", "/rustc/".to_owned()),
        ("the control groups", "/sys/fs/cgroup".to_owned()),
        ("a secret of the environment", "underhood-test-secret".to_owned()),
        ("our version", format!("underhood/{}", env!("CARGO_PKG_VERSION"))),
    ];
    secrets.retain(|(_, secret)| secret.len() > 2);
    secrets
}

#[track_caller]
fn check(what: &str, answer: &str) {
    for (name, secret) in secrets() {
        if let Some(at) = answer.find(&secret) {
            let around = &answer.as_bytes()[at.saturating_sub(80)..(at + secret.len() + 80).min(answer.len())];
            panic!("{what} tells {name} ({secret:?}): …{}…", String::from_utf8_lossy(around));
        }
    }
}

/// A service with a secret in its environment.
fn service() -> Service {
    Service::start_on(Host::mine(), &[("TEST_SECRET", "underhood-test-secret")])
}

#[test]
fn of_pages_documents_and_refusals() {
    let service = service();
    for path in [
        "/",
        "/api",
        "/api/openapi.json",
        "/api/v1/limits",
        "/api/v1/toolchains",
        "/api/v1/examples",
        "/healthz",
        "/readyz",
        "/none",
        "/api/none",
        "/search.json",
        "/-/artifact",
        "/assets/../../etc/passwd",
        "/assets/site.js",
        "/lessons/build-pipeline",
        "/sw.js",
    ] {
        let mut answer = get(service.address(), path);
        let headers = format!("{:?}", answer.headers);
        check(path, &(headers + &answer.rest()));
    }
    for what in ["DELETE /api/v1/runs", "TRACE /", "PUT /healthz"] {
        check(what, &ask(service.address(), what, &[("X-Secret", "none")]).rest());
    }
    for body in ["", "{", r#"{"mode":"run","source":"","go":"1.2"}"#, r#"{"mode":"x","source":""}"#] {
        let mut answer =
            post_with(Ipv4Addr::LOCALHOST, service.address(), "/api/v1/runs", body.as_bytes(), &[], HANGS);
        check(body, &answer.rest());
    }
}

const PANICS: &str = "package main\n\nimport \"fmt\"\n\ntype t struct{ p *t }\n\nfunc f(x *t) int { return f(x.p) + 1 }\n\n\
    func main() { fmt.Println(f(nil)) }\n";

/// Everything that a program can ask of where it is.
const CURIOUS: &str = "package main

import (
\t\"debug/buildinfo\"
\t\"fmt\"
\t\"os\"
\t\"os/user\"
\t\"runtime\"
\t\"runtime/debug\"
)

func main() {
\tfmt.Println(os.Executable())
\tfmt.Println(os.Getwd())
\tfmt.Println(os.Hostname())
\tfmt.Println(os.UserHomeDir())
\tfmt.Println(user.Current())
\tfmt.Println(os.Environ(), os.Args)
\tfmt.Println(os.TempDir(), os.Getuid(), os.Getppid())
\tfmt.Println(runtime.GOROOT(), runtime.Version())
\tfmt.Println(debug.ReadBuildInfo())
\tif path, err := os.Executable(); err == nil {
\t\tfmt.Println(buildinfo.ReadFile(path))
\t}
\tfor _, path := range []string{\"/proc/version\", \"/proc/self/environ\", \"/proc/self/mountinfo\", \"/proc/self/cgroup\",
\t\t\"/proc/self/maps\", \"/etc/hostname\", \"/etc/passwd\", \"/proc/cmdline\", \"/proc/sys/kernel/osrelease\"} {
\t\ttext, err := os.ReadFile(path)
\t\tfmt.Println(path, string(text), err)
\t}
\t_, file, line, _ := runtime.Caller(0)
\tfmt.Println(file, line)
\tpanic(\"the end\")
}
";

#[test]
fn of_what_tools_and_programs_print() {
    let service = service();
    let run = |request: Value| {
        let headers = [("Accept", JSON)];
        let body = request.to_string();
        let mut answer =
            post_with(Ipv4Addr::LOCALHOST, service.address(), "/api/v1/runs", body.as_bytes(), &headers, HANGS);
        let text = answer.rest();
        assert_eq!(answer.status, 200, "{request}: {text}");
        // As a reader sees it: `\/` and the like are undone.
        let whole: Value = serde_json::from_str(&text).expect("JSON");
        check(&request.to_string(), &format!("{:?}{text}{}{}", answer.headers, whole["stdout"], whole["stderr"]));
        whole
    };
    let broken = "package main\n\nimport (\n\t\"nosuch/package\"\n\t\"fmt\"\n)\n\nfunc main() { x }\n";
    let with = |mode: &str, source: &str| json!({"mode": mode, "source": source});
    let traced = |source: &str| json!({"mode": "run", "source": source, "env": {"GOTRACEBACK": "system", "GODEBUG": "inittrace=1,schedtrace=100"}});
    assert_eq!(run(traced(PANICS))["exit"]["status"], "failed");
    let curious = run(traced(CURIOUS));
    assert!(curious["stderr"].as_str().is_some_and(|text| text.contains("the end")), "{curious:#}");
    assert_eq!(run(with("run", broken))["exit"]["status"], "build_failed");
    for mode in ["escape", "asm", "bounds", "nm", "build", "vet", "fmt", "layout", "objdump"] {
        run(with(mode, PANICS));
        run(with(mode, broken));
    }
    run(json!({"mode": "escape", "source": PANICS, "options": {"level": 2}}));
    run(json!({"mode": "ssa", "source": PANICS, "options": {"func": "f"}}));
    let files = json!({"main.go": PANICS, "main_test.go": "package main\n\nimport \"testing\"\n\nfunc TestF(t *testing.T) { f(nil) }\n"});
    run(json!({"mode": "test", "files": files}));
    run(with("run", "package main\n\nfunc main() { f() }\n\nfunc f() { f() }\n"));
    run(with("run", "package main\n\nfunc main() { var x []byte; for { x = append(x, make([]byte, 1<<24)...) } }\n"));
}
