//! What other people's repositories use: the GitHub Action, the hook of pre-commit, and docs/ci.md.

mod action;
mod release;

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use regex::Regex;
use serde::Deserialize;
use serde_json::Value;
use tempfile::TempDir;

use self::action::Action;
use crate::harness::command::{Ended, finish};
use crate::harness::host::{Host, data_folder};
use crate::harness::project::Project;
use crate::harness::{go, root_folder, underhood};

/// A folder of examples whose name holds all that has a meaning in an annotation.
const ODD: &str = "100%: mine, yours";

/// A program that prints what would end a line of an annotation.
const PRINTS_RETURNS: &str = "package main\n\nfunc main() { print(\"50%: a,b\\r\\n::warning::no\\n\") }\n";

fn text_of(file: &str) -> String {
    fs::read_to_string(root_folder().join(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
}

/// Somebody's repository: no git, and their own name for the folder.
fn somebody_s() -> Project {
    let project = Project::new();
    fs::rename(project.file("examples-go"), project.file(ODD)).expect("renamed");
    let variants = "\n[[variant]]\nname = \"run\"\nmode = \"run\"\n[[variant.expect]]\nmatch = 'a,b'\n";
    project.write(&format!("{ODD}/a/b/example.toml"), &format!("title = \"T\"\n{variants}"));
    project.write(&format!("{ODD}/a/b/main.go"), PRINTS_RETURNS);
    let front = "+++\nid = \"a\"\ntitle = \"A\"\nsection = \"S\"\nlevel = \"Advanced\"\nminutes = 1\nneeds = []\n\
                 summary = \"Text.\"\n+++\n";
    project.write("lessons/01-a.md", &format!("{front}\n```example a/b\nPress Run.\n```\n"));
    project
}

fn break_it(project: &Project) {
    project.edit(&format!("{ODD}/a/b/example.toml"), "match = 'a,b'", "match = 'c,d'");
}

/// The machine that the action runs on.
struct Runner {
    action: Action,
    folder: TempDir,
}

impl Runner {
    /// With what the step before has built, and the toolchains that are here.
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let place = folder.path().join("underhood");
        fs::create_dir_all(place.join("bin")).expect("a folder");
        symlink(underhood(), place.join("bin/underhood")).expect("linked");
        symlink(data_folder(), place.join("data")).expect("linked");
        Self { action: Action::read(&text_of("action.yml")), folder }
    }

    /// Runs a step's script as GitHub does (docs.github.com, "Workflow syntax", `shell`).
    fn step(&self, name: &str, with: &[(&str, &str)], here: &Path) -> Ended {
        let step = self.action.step(name);
        let script = self.folder.path().join("script.sh");
        fs::write(&script, step.run.as_deref().expect("a script")).expect("written");
        let mut command = Command::new("bash");
        command.args(["--noprofile", "--norc", "-eo", "pipefail"]).arg(script).current_dir(here);
        for (name, value) in Host::mine().underhood().get_envs() {
            value.map(|value| command.env(name, value));
        }
        command.env_remove("UNDERHOOD_DATA").env("GITHUB_OUTPUT", self.folder.path().join("output"));
        let temporary = self.folder.path().to_str().expect("UTF-8");
        for (name, value) in &step.env {
            command.env(name, self.action.filled_in(value, with, temporary));
        }
        finish(command, b"")
    }
}

#[test]
fn the_action_is_of_the_documented_form() {
    let action = Action::read(&text_of("action.yml"));
    action.is_sound();
    // What it builds is there to be built.
    let folder = root_folder();
    let runner = Runner::new();
    runner.step("Name what is to be built", &[], &folder).with_code(0);
    let sum = fs::read_to_string(runner.folder.path().join("output")).expect("read");
    assert!(Regex::new("^sum=[0-9a-f]{64}\n$").expect("a pattern").is_match(&sum), "{sum:?}");
    assert!(action.step("Build Underhood").run.as_ref().is_some_and(|run| run.starts_with("make release\n")));
    assert!(text_of("Makefile").contains("\nrelease: "));
}

#[test]
fn the_action_passes_and_fails_with_annotations() {
    go::root();
    let project = somebody_s();
    let runner = Runner::new();
    let check = |with: &[(&str, &str)]| runner.step("Check", with, project.path());
    runner.step("Install Go toolchains", &[], project.path()).with_code(0);
    let told = check(&[]).with_code(0).stdout;
    assert!(told.starts_with("1 example, 1 check with go"), "{told}");
    break_it(&project);
    let told = check(&[]).with_code(1).stdout;
    let [annotation] = &annotations(&told)[..] else { panic!("one annotation, not {told}") };
    let [file, line, title, message] = annotation.each_ref().map(String::as_str);
    assert_eq!((file, line), (format!("{ODD}/a/b/example.toml").as_str(), "6"));
    assert!(title.starts_with("a/b run (go1."), "{title}");
    assert!(
        message.starts_with("variant \"run\": the output has \"c,d\" nowhere, expected at least once\n"),
        "{message}"
    );
    assert!(message.contains("50%: a,b"), "{message}");
    assert!(!told.lines().any(|line| line.trim_start().starts_with("::warning")), "a program annotates: {told}");

    let with = [("path", ODD), ("format", "json"), ("args", " --repeat 2  --jobs 1")];
    let report: Value = serde_json::from_str(&check(&with).with_code(1).stdout).expect("JSON");
    assert_eq!(report["rounds"], 2);
    check(&[("path", "nowhere")]).with_code(2).and_says("nowhere");
}

/// File, line, title and message of each annotation, in the form that GitHub documents ("Workflow commands for GitHub
/// Actions"): properties with commas between and values that hold neither commas nor colons, all on one line.
fn annotations(told: &str) -> Vec<[String; 4]> {
    let form = Regex::new("^::error file=([^,:\r]+),line=([0-9]+),title=([^,:\r]+)::([^\r]+)$").expect("a pattern");
    let plain = |text: &str| {
        let text = text.replace("%3A", ":").replace("%2C", ",").replace("%0A", "\n").replace("%0D", "\r");
        text.replace("%25", "%")
    };
    let of = |line: &str| {
        let parts = form.captures(line).unwrap_or_else(|| panic!("{line:?} is no annotation"));
        parts.extract().1.map(plain)
    };
    told.split('\n').filter(|line| line.starts_with("::")).map(of).collect()
}

/// A hook as pre-commit knows it (pre-commit.com, "Creating new hooks"); only what is needed here, and nothing unknown.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Hook {
    id: String,
    name: String,
    description: String,
    entry: String,
    language: String,
    files: String,
    pass_filenames: bool,
    require_serial: bool,
}

fn hook() -> Hook {
    let mut hooks: Vec<Hook> = serde_saphyr::from_str(&text_of(".pre-commit-hooks.yaml")).expect("YAML");
    assert_eq!(hooks.len(), 1);
    hooks.remove(0)
}

#[test]
fn the_hook_checks_what_is_committed() {
    let hook = hook();
    assert!(!hook.name.is_empty() && !hook.description.is_empty());
    // Nothing is installed for it, and its files are not arguments.
    assert_eq!((hook.language.as_str(), hook.pass_filenames, hook.require_serial), ("system", false, true));
    let files = Regex::new(&hook.files).expect("a pattern");
    for (file, is_meant) in [
        ("examples-go/a/b/main.go", true),
        ("mine/a/b/example.toml", true),
        ("mine/a/b/golden/run.txt", true),
        ("mine/go.mod", true),
        ("mine/a/b/testdata/x", true),
        ("lessons/01-a.md", true),
        ("lessons/drawings/a.svg", true),
        ("README.md", false),
        ("notes/golden.txt", false),
    ] {
        assert_eq!(files.is_match(file), is_meant, "{file}");
    }
    let project = somebody_s();
    let commit = || {
        let words: Vec<&str> = hook.entry.split(' ').collect();
        let ["underhood", arguments @ ..] = &words[..] else { panic!("{words:?}") };
        let mut command = Host::mine().underhood();
        command.args(arguments).current_dir(project.path());
        finish(command, b"")
    };
    commit().with_code(0);
    break_it(&project);
    commit().with_code(1);
}

#[test]
fn what_is_written_about_build_servers_is_so() {
    let text = text_of("docs/ci.md");
    let blocks: Vec<Value> = text
        .split("```yaml\n")
        .skip(1)
        .map(|rest| serde_saphyr::from_str(rest.split("```").next().expect("a block")).expect("YAML"))
        .collect();
    let [workflow, step, hooks] = &blocks[..] else { panic!("{} blocks", blocks.len()) };
    assert_eq!(workflow["jobs"]["check"]["steps"][1]["uses"], "OWNER/underhood@main");
    assert_eq!(step[0]["uses"], "OWNER/underhood@main");
    assert_eq!(hooks["repos"][0]["hooks"][0]["id"], hook().id);

    let runner = Runner::new();
    let with: BTreeMap<String, String> = serde_json::from_value(step[0]["with"].clone()).expect("texts");
    for input in runner.action.inputs.keys() {
        assert!(text.contains(&format!("| `{input}` |")), "{input} is not in the table");
    }
    // Where it is, and with which Go, is another's; the rest is tried.
    assert!(with.keys().all(|name| runner.action.inputs.contains_key(name)), "{with:?}");
    runner.step("Check", &[("args", &with["args"])], somebody_s().path()).with_code(0);
}

#[test]
fn anybody_s_folder_is_found_from_where_they_are() {
    let project = somebody_s();
    let from = |folder: &str, path: &str| {
        let mut command = Host::mine().underhood();
        command.args(["check", path]).current_dir(project.file(folder));
        finish(command, b"")
    };
    fs::create_dir_all(project.file("course/notes")).expect("a folder");
    let absolute = |name: &str| project.file(name).to_str().expect("UTF-8").to_owned();
    let inner = format!("{ODD}/a/b");
    for (folder, path) in [
        (".", "."),
        (".", ODD),
        (".", "lessons"),
        (".", "lessons/01-a.md"),
        ("lessons", "."),
        ("lessons", ".."),
        (ODD, "."),
        (ODD, "a/b/main.go"),
        (&inner, "."),
        (&inner, "../../.."),
        ("/", &absolute(".")),
        ("/", &absolute(&inner)),
        ("course/notes", "../.."),
        ("course/notes", &format!("../../{ODD}/a")),
    ] {
        let told = from(folder, path).with_code(0).stdout;
        assert!(told.starts_with("1 example, 1 check "), "check {path} in {folder}: {told}");
    }
    // Without a repository around it, what lies beside a folder above is somebody else's.
    from("course/notes", ".").with_code(2).and_says("there is no folder of examples");
    fs::create_dir(project.file(".git")).expect("a folder");
    from("course/notes", ".").with_code(0);
    // Files are named from where one stands, so that an editor and GitHub find them.
    break_it(&project);
    for (folder, shown) in [(".", format!("{ODD}/a/b/example.toml:6: ")), (ODD, "a/b/example.toml:6: ".to_owned())] {
        let told = from(folder, ".").with_code(1).stdout;
        assert!(told.starts_with(&shown), "{told}");
    }
}
