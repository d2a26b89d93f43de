//! The modes beside run, escape and asm: each prints what the line that it shows prints in a terminal.

mod layout;
mod refused;
mod sources;

use serde_json::Value;

use crate::harness::command::{Ended, run_text};
use crate::harness::events::Events;
use crate::harness::go::{Folder, split};
use sources::{BAD_TESTS, BENCHMARKS, LOOPS, METHODS, TESTS, UNFORMATTED, VET_FINDS};

/// Files in txtar, a mode with its options, and what the line to paste prints where they lie as in a cell.
struct Case {
    ours: Events,
    pasted: Ended,
    folder: Folder,
}

impl Case {
    #[track_caller]
    fn of(files: &str, mode: &str, options: &[&str]) -> Self {
        let ours = tells(files, mode, options);
        let folder = Folder::with(split(files));
        let pasted = folder.paste_in_place(&line(&ours));
        Self { ours, pasted, folder }
    }

    /// Both print the same, byte for byte once what differs from run to run is taken out.
    #[track_caller]
    fn prints_the_same(self, status: &str, without: fn(&str) -> String) -> Self {
        let Self { ours, pasted, .. } = &self;
        let line = line(ours);
        for (what, ours, gos) in
            [("stdout", ours.stdout(), &pasted.stdout), ("stderr", ours.stderr(), &pasted.stderr)]
        {
            let (ours, gos) = (without(&ours), without(gos));
            if ours != gos {
                let differs = ours.lines().zip(gos.lines()).find(|(ours, gos)| ours != gos);
                let head = |text: &str| text.chars().take(1500).collect::<String>();
                panic!("{line}: {what} differs at {differs:#?}\n--- ours\n{}\n--- go's\n{}", head(&ours), head(&gos));
            }
        }
        assert_eq!(ours.status(), status, "{line}");
        assert_eq!(ours.exit()["code"].as_i64() == Some(0), pasted.code == Some(0), "{line}: {:?}", pasted.code);
        self
    }
}

fn tells(files: &str, mode: &str, options: &[&str]) -> Events {
    options.iter().fold(run_text(files).mode(mode), |run, option| run.opt(option)).tells()
}

fn line(events: &Events) -> String {
    events.first("started").expect("started")["command"].as_str().expect("a command").to_owned()
}

fn artifact<'a>(events: &'a Events, name: &str) -> &'a Value {
    let artifact = events.first("artifact").expect("an artifact");
    assert_eq!(artifact["name"], name);
    artifact
}

fn as_it_is(text: &str) -> String {
    text.to_owned()
}

/// What vet finds comes in another order now and then.
fn in_any_order(text: &str) -> String {
    let mut lines: Vec<_> = text.lines().collect();
    lines.sort_unstable();
    lines.join("\n")
}

/// `(0.01s)` and the number of a temporary folder.
fn without_times_and_numbers(text: &str) -> String {
    let mut parts = text.split("/go-build");
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        plain += "/go-build";
        plain += part.trim_start_matches(|c: char| c.is_ascii_digit());
    }
    let no_time = |line: &str| match line.rsplit_once(" (") {
        Some((before, after)) if after.ends_with("s)") => before.to_owned(),
        _ => line.to_owned(),
    };
    plain.split('\n').map(no_time).collect::<Vec<_>>().join("\n")
}

fn alone(program: &str) -> String {
    format!("-- main.go --\n{}", crate::harness::text_of(&format!("programs/{program}")))
}

/// Programs that are built without the go command, with it, and not at all.
const PROGRAMS: [&str; 6] =
    ["arithmetic.go", "generics.go", "conditions.go", "maps.go", "type_error.go", "syntax_error.go"];

const BAD: [&str; 2] = ["type_error.go", "syntax_error.go"];

fn status_of(program: &str) -> &'static str {
    if BAD.contains(&program) { "build_failed" } else { "ok" }
}

/// Each of the programs, with how its run ends.
#[track_caller]
fn each_prints_the_same(mode: &str, status_of: fn(&str) -> &'static str) {
    for program in PROGRAMS {
        Case::of(&alone(program), mode, &[]).prints_the_same(status_of(program), as_it_is);
    }
}

/// A module of several packages.
#[track_caller]
fn a_module_prints_the_same(mode: &str) {
    let module = crate::harness::text_of("programs/module.txtar");
    Case::of(&module, mode, &[]).prints_the_same("ok", as_it_is);
}

#[test]
fn bounds() {
    each_prints_the_same("bounds", status_of);
    let loops = Case::of(LOOPS, "bounds", &[]).prints_the_same("ok", as_it_is).ours.stderr();
    assert!(loops.contains("Found IsInBounds") && loops.contains("Proved IsInBounds"), "{loops}");
    a_module_prints_the_same("bounds");
}

#[test]
fn ssa() {
    for func in ["sum", "main.sum", "(*point).add", "first[int]", "main.main.func1"] {
        let func = format!("func={func}");
        let case = Case::of(LOOPS, "ssa", &[&func]).prints_the_same("ok", as_it_is);
        let page = artifact(&case.ours, "ssa.html");
        assert_eq!(page["mime"], "text/html");
        let gos = case.folder.paste_in_place("cat ssa.html").stdout;
        assert_eq!(without_stats(page["text"].as_str().expect("text")), without_stats(&gos), "{func}");
    }
    let none = Case::of(LOOPS, "ssa", &["func=nosuch"]).prints_the_same("ok", as_it_is).ours;
    assert!(none.first("artifact").is_none());
    assert_eq!(none.first("diagnostic").expect("said")["code"], "no-function");
    Case::of(&alone("type_error.go"), "ssa", &["func=main"]).prints_the_same("build_failed", as_it_is);
}

/// The passes without the time that each took.
fn without_stats(html: &str) -> String {
    let mut parts = html.split("<span class=\"stats\">");
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        plain += part.split_once("</span>").expect("an end").1;
    }
    plain
}

#[test]
fn vet() {
    each_prints_the_same("vet", |program| if BAD.contains(&program) { "failed" } else { "ok" });
    a_module_prints_the_same("vet");
    let finds = Case::of(VET_FINDS, "vet", &[]).prints_the_same("failed", in_any_order).ours.stderr();
    assert!(finds.contains("fmt.Printf format %d") && finds.contains("possible misuse of unsafe.Pointer"), "{finds}");
}

#[test]
fn fmt() {
    each_prints_the_same("fmt", |program| if program == "syntax_error.go" { "build_failed" } else { "ok" });
    let differs = Case::of(UNFORMATTED, "fmt", &[]).prints_the_same("failed", as_it_is).ours.stdout();
    assert!(differs.contains("+\tx := 1") && differs.contains("sub/b.go"), "{differs}");
}

#[test]
fn nm() {
    each_prints_the_same("nm", status_of);
    a_module_prints_the_same("nm");
    let one = Case::of(LOOPS, "nm", &["func=sum"]).prints_the_same("ok", as_it_is).ours;
    assert!(one.stdout().lines().count() == 1 && one.stdout().ends_with(" T main.sum\n"), "{}", one.stdout());
}

#[test]
fn objdump() {
    each_prints_the_same("objdump", status_of);
    a_module_prints_the_same("objdump");
    let one = Case::of(LOOPS, "objdump", &["func=(*point).add"]).prints_the_same("ok", as_it_is).ours.stdout();
    assert!(one.starts_with("TEXT main.(*point).add(SB) /code/main.go\n"), "{one}");
    assert_eq!(one.matches("TEXT ").count(), 1);
}

#[test]
fn a_method_is_found_with_and_without_its_package() {
    for func in ["box.Border", "main.box.Border"] {
        let option = format!("func={func}");
        let nm = Case::of(METHODS, "nm", &[&option]).prints_the_same("ok", as_it_is).ours.stdout();
        assert!(nm.lines().count() == 1 && nm.ends_with(" T main.box.Border\n"), "{func}: {nm}");
        let objdump = Case::of(METHODS, "objdump", &[&option]).prints_the_same("ok", as_it_is).ours.stdout();
        assert!(objdump.starts_with("TEXT main.box.Border(SB)"), "{func}: {objdump}");
        assert_eq!(objdump.matches("TEXT ").count(), 1, "{func}: {objdump}");
        let asm = tells(METHODS, "asm", &[&option]).that_end("ok").stdout();
        let heads: Vec<_> = asm.lines().filter(|line| line.contains(" STEXT ")).collect();
        assert!(heads.len() == 1 && heads[0].starts_with("main.box.Border STEXT "), "{func}: {heads:?}");
        let ssa = Case::of(METHODS, "ssa", &[&option]).prints_the_same("ok", as_it_is).ours;
        assert!(artifact(&ssa, "ssa.html")["text"].as_str().expect("text").contains("box.Border"), "{func}");
    }
    // A function of a package is named in the same way.
    let runtime = Case::of(METHODS, "objdump", &["func=runtime.main"]).prints_the_same("ok", as_it_is).ours.stdout();
    assert!(runtime.starts_with("TEXT runtime.main(SB)"), "{runtime}");
}

#[test]
fn a_function_that_is_not_there_is_said_to_be_missing() {
    for mode in ["asm", "nm", "objdump", "ssa"] {
        for func in ["nosuch", "box.nosuch", "nosuch.Border"] {
            let none = tells(METHODS, mode, &[&format!("func={func}")]).that_end("ok");
            assert_eq!(none.stdout(), "", "{mode} {func}");
            let said = none.first("diagnostic").unwrap_or_else(|| panic!("{mode} {func}: nothing is said"));
            assert_eq!(
                (&said["code"], &said["severity"]),
                (&"no-function".into(), &"warning".into()),
                "{mode} {func}"
            );
        }
        // Where there is nothing to look into, nothing is missing.
        let broken = tells(&METHODS.replace("int { return", "int { retur"), mode, &["func=nosuch"]);
        let is_of_us = |event: &Value| event["type"] == "diagnostic" && event["code"] == "no-function";
        assert!(!broken.that_end("build_failed").0.iter().any(is_of_us), "{mode}");
    }
}

#[test]
fn build() {
    // The real side has what the program imports compiled already, and not the program: as it is in a cell.
    Folder::with(split(&alone("hello.go"))).paste_in_place("go build -o main main.go");
    for options in [&[][..], &["strip=on"]] {
        for program in ["hello.go", "type_error.go"] {
            let files = format!("{}// {}\n", alone(program), crate::harness::token());
            Case::of(&files, "build", options).prints_the_same(status_of(program), without_times_and_numbers);
        }
    }
    let built = tells(&alone("hello.go"), "build", &[]);
    let told: Value =
        serde_json::from_str(artifact(&built, "sections.json")["text"].as_str().expect("text")).expect("JSON");
    let first = format!("{} main", told["bytes"]);
    assert!(built.stdout().lines().any(|line| line == first), "{first}");
    assert!(told["sections"].as_array().expect("sections").iter().any(|section| section["name"] == ".text"));
}

#[test]
fn tests() {
    Case::of(TESTS, "test", &[]).prints_the_same("ok", without_times_and_numbers);
    Case::of(TESTS, "test", &["filter=Sum/two", "count=2"]).prints_the_same("ok", without_times_and_numbers);
    let bad = Case::of(BAD_TESTS, "test", &[]).prints_the_same("failed", without_times_and_numbers);
    // The same as of `go test`, but for its last lines, which are times.
    let go = bad.folder.paste_in_place("go test -vet=off -v main.go main_test.go").stdout;
    let ours = without_times_and_numbers(&bad.ours.stdout());
    let go = without_times_and_numbers(&go);
    assert!(go.starts_with(&ours) && go[ours.len()..].starts_with("FAIL\tcommand-line-arguments"), "{go}");
    let broken = TESTS.replace("package main\n\nimport \"testing\"", "package main\n\nimport \"testin\"");
    Case::of(&broken, "test", &[]).prints_the_same("build_failed", as_it_is);
}

#[test]
fn benchmarks() {
    let ours = Case::of(BENCHMARKS, "bench", &["count=2"]);
    assert_eq!((ours.ours.status(), ours.pasted.code), ("ok", Some(0)));
    for text in [ours.ours.stdout(), ours.pasted.stdout] {
        let lines: Vec<_> = text.lines().filter(|line| line.starts_with("Benchmark")).collect();
        assert_eq!(lines.iter().filter(|line| line.starts_with("BenchmarkSum")).count(), 2, "{text}");
        assert_eq!(lines.iter().filter(|line| line.starts_with("BenchmarkAllocates")).count(), 2, "{text}");
        let allocates = |line: &&&str| line.starts_with("BenchmarkAllocates") && line.contains("1 allocs/op");
        assert_eq!(lines.iter().filter(allocates).count(), 2, "{text}");
        assert!(text.ends_with("PASS\n") && !text.contains("RUN"), "{text}");
    }
    let one = tells(BENCHMARKS, "bench", &["filter=Sum"]);
    assert!(one.stdout().contains("BenchmarkSum") && !one.stdout().contains("BenchmarkAllocates"));
}

#[test]
fn what_is_the_same_each_time_is_kept() {
    let place = tempfile::tempdir().expect("a folder");
    let told = |files: &str, mode: &str, options: &[&str]| {
        let run = run_text(files).limit("CACHE", place.path().display()).limit("CACHE_DISK", "256MiB").mode(mode);
        options.iter().fold(run, |run, option| run.opt(option)).tells()
    };
    let kept: &[(&str, &[&str])] = &[
        ("bounds", &[]),
        ("ssa", &["func=sum"]),
        ("vet", &[]),
        ("fmt", &[]),
        ("nm", &[]),
        ("objdump", &[]),
        ("build", &[]),
        ("layout", &[]),
    ];
    for (mode, options) in kept {
        let (first, second) = (told(LOOPS, mode, options), told(LOOPS, mode, options));
        assert!(!first.is_cached() && second.is_cached(), "{mode}");
        assert_eq!(first.answer(), second.answer(), "{mode}");
    }
    // What is found is kept as well as that nothing is.
    let (first, second) = (told(VET_FINDS, "vet", &[]), told(VET_FINDS, "vet", &[]));
    assert!(second.is_cached() && first.answer() == second.answer(), "{}", second.stderr());
    for (files, mode) in [(TESTS, "test"), (BENCHMARKS, "bench")] {
        assert!(![told(files, mode, &[]), told(files, mode, &[])].iter().any(Events::is_cached), "{mode}");
    }
}
