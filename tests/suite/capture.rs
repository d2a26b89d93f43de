//! `underhood capture`: goldens written anew, whole or not at all.

use std::fs;
use std::process::Stdio;
use std::time::Duration;

use crate::harness::command::finish;
use crate::harness::host::Host;
use crate::harness::project::Project;

const FLOW: &str = "examples-go/escape/flow/main.go";
const GOLDEN: &str = "examples-go/escape/return-pointer/golden/escape.txt";

#[test]
fn only_what_changed_is_written_and_then_all_holds() {
    let project = Project::of(&["escape/return-pointer", "escape/flow"]);
    let main = "examples-go/escape/return-pointer/main.go";
    project.edit(main, "func newUser(name string) *user {", "func newUser(name string) user {");
    project.edit(main, "\treturn &u\n", "\treturn u\n");
    project.edit(main, " // want escape \"moved to heap: u\" asm \"CALL runtime.(newobject|mallocgc)\"", "");
    let question = "examples-go/escape/return-pointer/example.toml";
    project.edit(question, "[\"heap\"]\namong = '^\\s+(u := user|return)'", "[\"leak\"]\namong = 'func'");
    let before = project.files();
    let shown = project.does("capture", &["--dry-run"]).with_code(1).stdout;
    assert!(shown.contains("-main.go:10:2: moved to heap: u"), "{shown}");
    assert_eq!(project.files(), before, "a dry run wrote something");
    let told = project.does("capture", &[]).with_code(0).stdout;
    let after = project.files();
    let mut changed: Vec<&str> = after
        .iter()
        .filter(|(name, bytes)| before.get(*name) != Some(bytes))
        .map(|(name, _)| name.as_str())
        .collect();
    changed.sort_unstable();
    let of = |name| format!("examples-go/escape/return-pointer/golden/{name}.txt");
    assert_eq!(changed, [of("asm"), GOLDEN.to_owned(), of("why")]);
    assert!(changed.iter().all(|name| told.contains(&format!("wrote {name}\n"))), "{told}");
    project.does("check", &[]).with_code(0);
    project.does("capture", &["--dry-run"]).with_code(0);
    let again = project.does("capture", &[]).with_code(0);
    assert_eq!(again.stdout, "");
    assert_eq!(project.files(), after);
}

#[test]
fn equal_but_for_its_form_keeps_the_old_file() {
    let project = Project::of(&["escape/return-pointer"]);
    let golden = fs::read_to_string(project.file(GOLDEN)).expect("read");
    let (head, body) = golden.split_once('\n').expect("a first line");
    // Another release of the same minor version made it.
    let (minor, _) = head.rsplit_once('.').expect("a version");
    let older = format!("{minor}.0: written by underhood capture\n{body}");
    project.write(GOLDEN, &older);
    project.does("capture", &[]).with_code(0);
    assert_eq!(fs::read_to_string(project.file(GOLDEN)).expect("read"), older);
}

#[test]
fn what_does_not_build_is_not_captured() {
    let project = Project::of(&["escape/return-pointer", "escape/flow"]);
    let golden = fs::read(project.file("examples-go/escape/flow/golden/escape.txt")).expect("read");
    project.edit(FLOW, "\tcurrent = next\n", "\tcurrent = next + nothing\n");
    let told = project.does("capture", &[]).with_code(1).and_says("examples-go/escape/flow/main.go:12: ").stderr;
    assert_eq!(told.matches("does not build").count(), 1, "it is told for each golden: {told}");
    assert_eq!(fs::read(project.file("examples-go/escape/flow/golden/escape.txt")).expect("read"), golden);
}

#[test]
fn a_killed_capture_leaves_whole_files() {
    let project = Project::new();
    // Many goldens of one run.
    let variant = |number| format!("\n[[variant]]\nname = \"v{number}\"\nmode = \"escape\"\n");
    let variants: String = (0..60).map(variant).collect();
    project.example("a/a", &variants, "package main\n\nfunc main() { println(new(int)) }\n");
    project.does("capture", &[]).with_code(0);
    let whole = project.files();
    let is_golden = |name: &str| name.contains("/golden/");
    let goldens = || whole.keys().filter(|name| is_golden(name));
    let mut unfinished = 0;
    for delay in 0..12 {
        for golden in goldens().map(|name| project.file(name)).filter(|golden| golden.exists()) {
            fs::remove_file(golden).expect("removed");
        }
        let mut command = project.command("capture");
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("started");
        // Until it has begun to write, and then a little further each time.
        while child.try_wait().expect("asked").is_none() && !goldens().any(|name| project.file(name).exists()) {
            std::thread::sleep(Duration::from_micros(100));
        }
        std::thread::sleep(Duration::from_micros(delay * 400));
        child.kill().expect("killed");
        child.wait().expect("reaped");
        let left = project.files();
        unfinished += usize::from(left.keys().filter(|name| is_golden(name)).count() < goldens().count());
        for (name, bytes) in left.iter().filter(|(name, _)| !name.contains("/golden/.")) {
            assert_eq!(Some(bytes), whole.get(name), "{name} is not whole");
        }
    }
    assert!(unfinished > 0, "none was killed at work");
    project.does("capture", &[]).with_code(0);
    assert_eq!(project.files(), whole, "something is left of what was killed");
}

#[test]
fn a_new_example_holds_once_it_is_captured() {
    let empty = tempfile::tempdir().expect("a folder");
    let begin = |path: &str| {
        let mut command = Host::mine().underhood();
        command.args(["new", "example", path]).current_dir(empty.path());
        finish(command, b"")
    };
    begin("heap/one-number").with_code(0);
    begin("heap/one-number").with_code(2).and_says("is there already");
    begin("../up").with_code(2).and_says("TOPIC/NAME");
    begin("heap/another").with_code(0);
    let at = empty.path().to_str().expect("UTF-8");
    let project = Project::new();
    project.does("check", &[at]).with_code(1);
    project.does("capture", &[at]).with_code(0);
    let told = project.does("check", &[at]).with_code(0).stdout;
    assert!(told.contains("2 examples, 6 checks"), "{told}");
}

#[test]
fn a_table_of_knobs_is_filled_in_and_held_against_the_toolchain() {
    let project = Project::new();
    let escape = "\n[[variant]]\nname = \"run\"\nmode = \"run\"\n";
    project.example("a/a", escape, "package main\n\nfunc main() { println(\"hello\") }\n");
    let lesson = "lessons/01-a.md";
    let front = "+++\nid = \"a\"\ntitle = \"A\"\nsection = \"S\"\nlevel = \"Advanced\"\nminutes = 1\nneeds = []\n\
                 summary = \"Text.\"\n+++\n";
    let table = "<!-- knobs: begin -->\n| GODEBUG | means |\n|---|---|\n| `gctrace=1` | a line each |\n\
                 <!-- knobs: end -->\n";
    project.write(lesson, &format!("{front}\n```example a/a\n```\n\n{table}"));
    let told = project.does("check", &[]).with_code(1).stdout;
    assert!(
        told.contains("lessons/01-a.md:14: its tables of knobs are not what the toolchain says; underhood capture")
    );
    assert!(told.contains("+| `gctrace=1` | `0` | a line each |"), "{told}");
    let shown = project.does("capture", &["--dry-run"]).with_code(1).stdout;
    assert!(shown.contains("+| `gctrace=1` | `0` | a line each |"), "{shown}");
    assert_eq!(project.does("capture", &[]).with_code(0).stdout, "wrote lessons/01-a.md\n");
    project.does("check", &[]).with_code(0);

    // A default that is another now.
    project.edit(lesson, "| `0` |", "| `1` |");
    project.does("check", &[]).with_code(1);
    // It is not another's to judge.
    let made = fs::read_to_string(project.file(lesson)).expect("read");
    let (_, version) = made.split_once("knobs: begin, ").expect("a stamp");
    let version = version.split_once(':').expect("a stamp").0;
    project.edit(lesson, version, "go1.20.1");
    project.does("check", &[]).with_code(0);
    project.edit(lesson, "go1.20.1", version);

    project.edit(lesson, "gctrace", "gctrance");
    for (command, arguments) in [("check", [].as_slice()), ("capture", &["--dry-run"])] {
        let ended = project.does(command, arguments).with_code(1);
        let told = ended.stdout + &ended.stderr;
        assert!(told.contains("lessons/01-a.md:17: "), "{told}");
        assert!(told.contains("knows no such GODEBUG: gctrance=1"), "{told}");
    }
}
