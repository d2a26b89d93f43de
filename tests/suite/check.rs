//! `underhood check`: what an author expects, held against the real toolchain.

use crate::harness::command::finish;
use crate::harness::go;
use crate::harness::project::Project;

const RETURN_POINTER: &str = "examples-go/escape/return-pointer/main.go";
const ESCAPE: &str = "\n[[variant]]\nname = \"escape\"\nmode = \"escape\"\n";
const RUN: &str = "\n[[variant]]\nname = \"run\"\nmode = \"run\"\n";
const HELLO: &str = "package main\n\nfunc main() { println(\"hello\") }\n";

/// newUser returns a copy on the heap of its own making no more: u stays in the frame.
fn no_longer_escapes() -> Project {
    let project = Project::of(&["escape/return-pointer", "escape/flow"]);
    project.edit(RETURN_POINTER, "func newUser(name string) *user {", "func newUser(name string) user {");
    project.edit(RETURN_POINTER, "\treturn &u\n", "\treturn u\n");
    project
}

#[test]
fn our_own_examples_hold() {
    let project = Project::ours();
    let before = project.files();
    project.does("check", &[]).with_code(0);
    assert_eq!(project.files(), before, "check changed a file");
}

#[test]
fn our_examples_are_as_gofmt_and_vet_want_them_with_and_without_wants() {
    let project = Project::ours();
    for example in underhood::Catalogue::load().expect("the examples are in order").iter() {
        assert!(!example.source.contains("// want "), "{}: a want is left", example.path);
        let stripped = if example.source.starts_with("-- ") {
            go::split(&example.source)
        } else {
            vec![("main.go".to_owned(), example.source.clone())]
        };
        for (name, text) in stripped {
            project.write(&format!("stripped/{}/{name}", example.path), &text);
        }
    }
    let gofmt = |folder: &str| {
        let mut command = std::process::Command::new(go::root().join("bin/gofmt"));
        command.arg("-l").arg(project.file(folder));
        let ended = finish(command, b"").with_code(0);
        assert_eq!(ended.stdout, "", "{folder}");
    };
    gofmt("examples-go");
    gofmt("stripped");
    let mut vet = std::process::Command::new(go::root().join("bin/go"));
    vet.args(["vet", "./..."]).current_dir(project.file("examples-go"));
    vet.env("GOCACHE", std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("gocache"));
    vet.envs([("GOENV", "off"), ("GOTOOLCHAIN", "local"), ("GOFLAGS", ""), ("CGO_ENABLED", "0"), ("GOPROXY", "off")]);
    finish(vet, b"").with_code(0);
}

#[test]
fn a_variable_that_no_longer_escapes_is_told_with_its_line_and_a_diff() {
    let project = no_longer_escapes();
    let told = project.does("check", &[]).with_code(1).stdout;
    for part in [
        "examples-go/escape/return-pointer/main.go:10: want escape \"moved to heap: u\" is not met",
        "examples-go/escape/return-pointer/golden/escape.txt: variant \"escape\" does not print what its golden holds",
        "    -main.go:10:2: moved to heap: u\n",
    ] {
        assert!(told.contains(part), "{part:?} is not in {told}");
    }
    assert!(!told.contains("escape/flow/"), "another example is blamed: {told}");
}

#[test]
fn a_part_can_be_checked_from_anywhere() {
    let project = no_longer_escapes();
    project.does("check", &["examples-go/escape/flow"]).with_code(0);
    project.does("check", &["examples-go/escape/return-pointer"]).with_code(1);
    project.does("check", &["examples-go/escape/flow/main.go"]).with_code(0);
    let mut command = project.command("check");
    command.current_dir(project.file("examples-go/escape/flow"));
    let told = finish(command, b"").with_code(0);
    assert!(told.stdout.contains("1 example, "), "{}", told.stdout);
}

#[test]
fn twice_in_a_row_gives_the_same() {
    let project = no_longer_escapes();
    let times_apart = |text: String| {
        let mut report: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        report["wall_ms"] = 0.into();
        for verdict in report["verdicts"].as_array_mut().expect("verdicts") {
            verdict["wall_ms"] = 0.into();
        }
        report
    };
    let first = times_apart(project.does("check", &["--format", "json"]).with_code(1).stdout);
    let second =
        times_apart(project.does("check", &["--format", "json", "--repeat", "1", "--jobs", "3"]).with_code(1).stdout);
    assert_eq!(first, second);
    assert_eq!(first["holds"], false);
    assert_eq!(first["examples"], 2);
}

#[test]
fn a_program_is_built_once_for_all_variants_and_with_no_cache_never_taken_from_an_earlier_check() {
    let project = Project::of(&["gc/gogc"]);
    let builds = |arguments: &[&str]| {
        let mut command = project.command("check");
        command.args(arguments).env("UNDERHOOD_LOG", "underhood=info").env("UNDERHOOD_CACHE", project.file("cache"));
        // Other tests keep nothing.
        command.env_remove("UNDERHOOD_CACHE_MEMORY").env_remove("UNDERHOOD_CACHE_DISK");
        let told = finish(command, b"").with_code(0).stderr;
        let count = |source: &str| told.matches(&format!(" build={source:?} ")).count();
        ["made", "disk", "memory", "shared"].map(count)
    };
    let [made, disk, memory, shared] = builds(&[]);
    assert_eq!((made, disk, memory + shared), (1, 0, 3));
    let [made, disk, memory, shared] = builds(&[]);
    assert_eq!((made, disk + memory + shared), (0, 4));
    std::fs::remove_dir_all(project.file("cache/builds")).expect("removed");
    let [made, disk, memory, shared] = builds(&["--no-cache"]);
    assert_eq!((made, disk, memory + shared), (1, 0, 3));
    assert!(!project.file("cache/builds").exists(), "and nothing is left for a later check");
}

#[test]
fn a_compile_error_hides_no_other() {
    let project = no_longer_escapes();
    let wants = "package main\n\nfunc main() {\n\tx := 1 // want escape \"x\" asm \"MOVQ\"\n}\n";
    project.example("a/broken", &format!("{RUN}{ESCAPE}golden = false\n"), wants);
    project.example("a/meant", &format!("{RUN}exit = \"build_failed\"\n"), "package main\n\nfunc main() { x }\n");
    let told = project.does("check", &[]).with_code(1).stdout;
    // Once for all variants and wants of the example, though each prints it in its own way.
    let once = "examples-go/a/broken/main.go:4: run, escape, want escape, want asm: does not build\n    main.go:4:2: declared and not \
                used: x\n\n";
    assert!(told.contains(once), "{told}");
    assert_eq!(told.matches("a/broken/main.go").count(), 1, "{told}");
    let github = project.does("check", &["--format", "github", "examples-go/a/broken"]).with_code(1).stdout;
    assert_eq!(github.matches("::error ").count(), 1, "{github}");
    assert!(github.contains("title=a/broken run%2C escape%2C want escape%2C want asm (go"), "{github}");
    assert!(told.contains(&format!("{RETURN_POINTER}:10: want")), "{told}");
    assert!(!told.contains("a/meant/"), "{told}");
}

#[test]
fn what_the_whole_output_must_hold() {
    let project = Project::new();
    let expect = |lines: &str| format!("{RUN}[[variant.expect]]\n{lines}\n");
    for (lines, holds) in [
        ("match = '^hello$'", true),
        ("match = '^hello$'\nstream = 'stdout'", false),
        ("match = 'l'\nmin = 2\nmax = 2", true),
        ("match = 'l'\nmax = 1", false),
        ("not = 'l'", false),
        ("not = 'l'\ngo = '<1.20'", true),
        ("not = 'hello.'", true),
    ] {
        project.example("a/a", &expect(lines), HELLO);
        let told = project.does("check", &[]).with_code(i32::from(!holds)).stdout;
        assert_eq!(told.contains("examples-go/a/a/example.toml:6: variant \"run\": "), !holds, "{lines}: {told}");
    }
}

#[test]
fn a_question_that_the_run_does_not_answer_is_told() {
    let project = Project::new();
    let choices = |one: &str, two: &str| {
        format!(
            "[[variant.predict.choice]]\ntext = 'a'\nmatch = '{one}'\n[[variant.predict.choice]]\ntext = 'b'\nmatch = '{two}'"
        )
    };
    let asked = |variant: &str, keys: &str| format!("{variant}[variant.predict]\nquestion = 'Q?'\n{keys}\n");
    for (variant, keys, why) in [
        (RUN, "count = 'l'", None),
        (RUN, "count = 'x'", Some("it counts what is not in the output")),
        (RUN, "number = 'h(.*)'", Some("what the group of \"h(.*)\" finds is no number: \"ello\"")),
        (RUN, "number = '(x)'", Some("the output has \"(x)\" nowhere")),
        (RUN, &choices("hello", "bye"), None),
        (RUN, &choices("adieu", "bye"), Some("the output has the pattern of no choice")),
        (RUN, &choices("h", "e"), Some("the patterns of several choices: \"a\", \"b\"")),
        (ESCAPE, "lines = ['inline']\namong = 'main\\('", None),
        (ESCAPE, "lines = ['heap']\namong = 'main\\('", Some("nothing is said of the lines that it asks about")),
        (ESCAPE, "lines = ['inline']\namong = 'nowhere'", Some("no line of the code has what `among` asks for")),
    ] {
        let golden = if variant == ESCAPE { format!("{variant}golden = false\n") } else { variant.to_owned() };
        project.example("a/a", &asked(&golden, keys), HELLO);
        let told = project.does("check", &[]).with_code(i32::from(why.is_some())).stdout;
        if let Some(why) = why {
            let line = if variant == ESCAPE { 7 } else { 6 };
            let name = if variant == ESCAPE { "escape" } else { "run" };
            let message = format!("variant {name:?}: its question has no answer: ");
            let place = format!("examples-go/a/a/example.toml:{line}: {message}");
            assert!(told.contains(&place) && told.contains(why), "{keys}: {told}");
            let github = project.does("check", &["--format", "github"]).with_code(1).stdout;
            let annotation = format!("::error file=examples-go/a/a/example.toml,line={line},");
            assert!(github.contains(&annotation), "{keys}: {github}");
        }
    }
    for format in ["json", "junit"] {
        let told = project.does("check", &["--format", format]).with_code(1).stdout;
        assert!(told.contains("its question has no answer: no line of the code"), "{told}");
    }
}

#[test]
fn a_variant_may_be_for_some_versions() {
    let project = Project::new();
    let other = "\n[[variant]]\nname = \"other\"\nmode = \"run\"\nenv = { GODEBUG = \"nosuch=1\" }\n";
    for (go, holds) in [("", false), ("go = \"<1.20\"\n", true), ("go = \">=1.20\"\n", false)] {
        project.example("a/a", &format!("{RUN}{other}{go}"), HELLO);
        let told = project.does("check", &[]).with_code(i32::from(!holds)).stdout;
        let checks = if holds { "1 example, 1 check with" } else { "1 example, 2 checks with" };
        assert!(told.contains(checks), "{go}: {told}");
        assert_eq!(told.contains("has no GODEBUG setting \"nosuch\""), !holds, "{go}: {told}");
    }
    // A golden is neither made nor missed.
    let stack = format!("{RUN}{}golden = true\n", other.replace("nosuch=1", "").replace("GODEBUG", "GOGC"));
    project.example("a/a", &format!("{stack}go = \"<1.20\"\n"), HELLO);
    project.does("capture", &[]).with_code(0);
    assert!(!project.file("examples-go/a/a/golden/other.txt").exists());
    project.does("check", &[]).with_code(0);
    project.example("a/a", &format!("{RUN}go = \"1.20\"\n"), HELLO);
    let told = project.does("check", &[]).with_code(1).stdout;
    assert!(told.contains("example.toml:6: variant \"run\": Go versions are written as"), "{told}");
}

#[test]
fn faults_in_files_are_told_with_their_lines() {
    let project = Project::new();
    project.example("a/key", &format!("{RUN}expected = 1\n"), HELLO);
    project.example("a/knob", &format!("{RUN}knobs = [\"GOFLAGS\"]\n"), HELLO);
    project.example("a/godebug", &format!("{RUN}env = {{ GODEBUG = \"nosuch=1\" }}\n"), HELLO);
    project.example("a/stray", RUN, HELLO);
    project.write("examples-go/a/stray/notes.txt", "");
    project.write("examples-go/a/stray/golden/run.txt", "# go1.27.3: by hand\n");
    project.example("a/want", RUN, "package main\n\nfunc main() {} // want escape \"(\"\n");
    project.write("examples-go/main.go", HELLO);
    project.write("lessons/01-a.md", &lesson("a", "", &["a/nowhere"]));
    let told = project.does("check", &[]).with_code(1).stdout;
    for part in [
        "examples-go/a/key/example.toml:6: unknown field `expected`",
        "examples-go/a/knob/example.toml:6: variant \"run\": the environment variable \"GOFLAGS\" cannot be set",
        "examples-go/a/godebug/example.toml:3: variant \"run\": this toolchain has no GODEBUG setting \"nosuch\"",
        "examples-go/a/stray/notes.txt: no part of an example",
        "examples-go/a/stray/golden/run.txt: its variant has no golden",
        "examples-go/a/want/main.go:3: regex parse error",
        "examples-go/main.go: no part of the examples",
        "lessons/01-a.md:11: there is no example \"a/nowhere\"",
    ] {
        assert!(told.contains(part), "{part:?} is not in {told}");
    }
    project.write("lessons/01-a.md", &lesson("a", "", &["a/knob", "a/godebug", "a/stray", "a/want"]));
    project.example("a/key", RUN, HELLO);
    project.example("a/knob", RUN, HELLO);
    project.example("a/want", RUN, HELLO);
    let told = project.does("check", &[]).with_code(1).stdout;
    assert!(told.contains("examples-go/a/key/example.toml:1: no lesson shows this example"), "{told}");
}

#[test]
fn a_part_is_checked_with_the_lessons_that_show_it() {
    let project = Project::new();
    for path in ["a/one", "b/two"] {
        project.example(path, RUN, HELLO);
    }
    project.write("lessons/01-a.md", &lesson("a", "\"nothing\"", &["a/one"]));
    project.write("lessons/02-b.md", &lesson("b", "", &["b/two", "b/nowhere"]));
    project.write("lessons/03-c.md", &lesson("c", "\"c\"", &["a/one", "b/two"]));
    let told = |part: &str| project.does("check", &[part]).with_code(1).stdout;
    let needs = "lessons/01-a.md:1: it needs \"nothing\", but no lesson has this id";
    let nowhere = "lessons/02-b.md:14: there is no example \"b/nowhere\"";
    let circle = "lessons/03-c.md:1: it needs itself";
    for (part, faults) in [
        ("examples-go", &[needs, nowhere, circle][..]),
        ("examples-go/a", &[needs, circle]),
        ("examples-go/a/one", &[needs, circle]),
        ("examples-go/b", &[nowhere, circle]),
        ("lessons", &[needs, nowhere, circle]),
    ] {
        let told = told(part);
        for fault in [needs, nowhere, circle] {
            assert_eq!(told.contains(fault), faults.contains(&fault), "{part}: {fault}: {told}");
        }
    }
    // Nobody knows what a lesson shows that cannot be read.
    project.write("lessons/01-a.md", "+++\n");
    assert!(told("examples-go/b").contains("lessons/01-a.md:1: the front matter does not end"));
    for (file, id, needs, shows) in
        [("01-a", "a", "", "a/one"), ("02-b", "b", "\"a\"", "b/two"), ("03-c", "c", "", "a/one")]
    {
        project.write(&format!("lessons/{file}.md"), &lesson(id, needs, &[shows]));
    }
    project.does("check", &["examples-go/a"]).with_code(0);
}

/// A lesson's file, which needs others by their ids in quotes, and shows examples.
fn lesson(id: &str, needs: &str, examples: &[&str]) -> String {
    let shown: String = examples.iter().map(|path| format!("```example {path}\n```\n\n")).collect();
    format!(
        "+++\nid = \"{id}\"\ntitle = \"A\"\nsection = \"S\"\nlevel = \"Advanced\"\nminutes = 1\nneeds = [{needs}]\n\
         summary = \"Text.\"\n+++\n\n{shown}"
    )
}

#[test]
fn what_cannot_be_tried_ends_with_2() {
    let empty = tempfile::tempdir().expect("a folder");
    let project = Project::new();
    let at = empty.path().to_str().expect("UTF-8");
    project.does("check", &[at]).with_code(2).and_says("there is no folder of examples");
    project.does("check", &["nowhere"]).with_code(2).and_says("nowhere");
    project.example("a/a", RUN, HELLO);
    project.does("check", &["--go", "1.3"]).with_code(2).and_says("1.3");
    project.does("check", &["--format", "yaml"]).with_code(2);
}

#[test]
fn junit_is_read_by_a_parser_of_it() {
    let project = no_longer_escapes();
    project.example("a/odd", RUN, "package main\n\nfunc main() { panic(\"<&]]>\\x1b[1m\\x00\") }\n");
    project.write("examples-go/a/odd/notes.txt", "");
    let text = project.does("check", &["--format", "junit"]).with_code(1).stdout;
    let report = junit_parser::from_reader(text.as_bytes()).unwrap_or_else(|error| panic!("{error} in {text}"));
    let [files, suite] = &report.suites[..] else { panic!("a suite of files and one of a version, not {text}") };
    assert_eq!((report.name.as_str(), files.name.as_str()), ("underhood check", "files"));
    assert_eq!(suite.name, go_version(&project));
    let of = |class: &str, name: &str| {
        let case = suite.cases.iter().find(|c| c.classname.as_deref() == Some(class) && c.original_name == name);
        &case.unwrap_or_else(|| panic!("{class} {name} is not in {text}")).status
    };
    assert!(of("escape/flow", "escape").is_success());
    // That parser breaks text at entities and lets characters pass that XML may not hold. So the words are read by another.
    let xml = roxmltree::Document::parse(&text).unwrap_or_else(|error| panic!("{error} in {text}"));
    for (class, name, part) in [
        ("escape/return-pointer", "escape", "\n-main.go:10:2: moved to heap: u\n".to_owned()),
        ("escape/return-pointer", "want escape", format!("{RETURN_POINTER}:10: want escape \"moved")),
        ("a/odd", "run", "<&]]>".to_owned()),
    ] {
        let message = &of(class, name).failure_as_ref().message;
        let mut failures = xml.descendants().filter(|node| node.attribute("message") == Some(message));
        let text = failures.next().and_then(|failure| failure.text()).expect("a text");
        assert!(text.contains(&part) && text.starts_with(message.as_str()), "{text}");
    }
    assert!(files.cases[0].status.is_failure() && files.cases[0].original_name.ends_with("a/odd/notes.txt"));
    for suite in &report.suites {
        let failed = suite.cases.iter().filter(|case| case.status.is_failure()).count();
        assert_eq!((suite.tests, suite.failures), (suite.cases.len() as u64, failed as u64), "{}", suite.name);
    }
    assert_eq!(report.failures, files.failures + suite.failures);
    assert_eq!(report.tests, files.tests + suite.tests);
}

#[test]
fn github_annotates_the_line() {
    let project = no_longer_escapes();
    let text = project.does("check", &["--format", "github"]).with_code(1).stdout;
    let annotations: Vec<&str> = text.lines().filter(|line| line.starts_with("::error ")).collect();
    let wanted = format!(
        "::error file={RETURN_POINTER},line=10,title=escape/return-pointer want escape ({})::want escape \
         \"moved to heap: u\" is not met",
        go_version(&project)
    );
    assert!(annotations.iter().any(|line| line.starts_with(&wanted)), "{wanted} is not in {text}");
    assert!(annotations.iter().any(|line| line.contains("%0A-main.go:10:2: moved to heap: u%0A")), "{text}");
}

fn go_version(project: &Project) -> String {
    let report = project.does("check", &["--format", "json", "examples-go/escape/flow"]).with_code(0).stdout;
    let report: serde_json::Value = serde_json::from_str(&report).expect("JSON");
    report["go"][0].as_str().expect("a version").to_owned()
}

#[test]
fn what_holds_not_each_time_is_found() {
    let project = Project::new();
    let main = "package main\n\nimport \"math/rand/v2\"\n\nfunc main() { println(rand.IntN(2)) }\n";
    project.example("a/coin", &format!("{RUN}[[variant.expect]]\nmatch = '^0$'\n"), main);
    project.example("a/sure", RUN, HELLO);
    // That a coin shows the same thirty times happens once in half a billion tests.
    let told = project.does("check", &["--repeat", "30"]).with_code(1).stdout;
    assert!(
        told.contains("variant \"run\": ") && told.contains("flaky: in ") && told.contains(" of 30 rounds"),
        "{told}"
    );
    assert!(!told.contains("a/sure/"), "{told}");
}

#[test]
fn goldens_of_another_minor_version_are_not_compared() {
    let project = Project::new();
    project.example("a/a", ESCAPE, HELLO);
    project.write("examples-go/a/a/golden/escape.txt", "# go1.20.1: written by underhood capture\nother\n");
    let told = project.does("check", &[]).with_code(0).stdout;
    assert!(told.contains("its golden is of go1.20.1 and was not compared"), "{told}");
}
