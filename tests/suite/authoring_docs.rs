//! docs/authoring.md is run as it stands, by one shell in an empty folder.
//!
//! Of a `console` block each line `$ COMMAND` is run, and what follows is what it prints, standard output and standard error
//! together, where `…` stands for any text: in a line for a part of it, alone for any lines. A `sh` block is run and must
//! succeed. `<!-- not run: WHY -->` above a block says that it cannot be run here. Other blocks show files.

use std::fs;
use std::os::unix::fs::symlink;
use std::process::Command;

use regex::Regex;

use crate::harness::command::finish;
use crate::harness::host::Host;
use crate::harness::{go, root_folder, token, underhood};

/// How many blocks may be left out. A document that is not run is not tested.
const MAY_BE_LEFT_OUT: usize = 2;

/// The release that the document names; what another prints is compared as if it were this one.
const RELEASE: &str = "go1.27.3";

/// Who commits.
const GIT_CONFIG: &str = "[user]\nname = An Author\nemail = author@example.org\n[init]\ndefaultBranch = main\n";

struct Step {
    line: usize,
    command: String,
    /// What it prints; anything, but with success, where it is not told.
    prints: Option<String>,
}

#[test]
fn what_authors_are_taught_is_so() {
    let text = fs::read_to_string(root_folder().join("docs/authoring.md")).expect("read");
    let (steps, left_out) = steps(&text);
    assert!(left_out <= MAY_BE_LEFT_OUT, "{left_out} blocks are not run");
    for taught in ["capture", "check", "new example", "--repeat", "--format junit", "--format github", "--dry-run"] {
        assert!(steps.iter().any(|step| step.command.contains(taught)), "nothing shows underhood {taught}");
    }

    let folder = tempfile::tempdir().expect("a folder");
    let aside = tempfile::tempdir().expect("a folder");
    symlink(underhood(), aside.path().join("underhood")).expect("linked");
    fs::write(aside.path().join("gitconfig"), GIT_CONFIG).expect("written");
    let version = fs::read_to_string(go::root().join("VERSION")).expect("read");
    let version = version.lines().next().expect("a version");
    let mark = token();
    // Told after each command, on a line of its own, with its status, which the next command may ask for.
    let script: String = steps
        .iter()
        .map(|step| format!("{}\nstatus=$?; printf '\\n{mark} %s\\n' $status; (exit $status)\n", step.command))
        .collect();
    let mut shell = Command::new("bash");
    shell.arg("-c").arg(format!("exec 2>&1\n{script}")).current_dir(folder.path());
    for (name, value) in Host::mine().underhood().get_envs() {
        value.map(|value| shell.env(name, value));
    }
    shell.env("GIT_CONFIG_GLOBAL", aside.path().join("gitconfig")).env("GIT_CONFIG_NOSYSTEM", "1");
    let path = std::env::var("PATH").expect("a PATH");
    shell.env("PATH", format!("{}:{path}", aside.path().display())).env_remove("UNDERHOOD_GO");
    let told = finish(shell, b"").stdout;

    let mut rest = told.as_str();
    for Step { line, command, prints } in steps {
        let (printed, after) =
            rest.split_once(&format!("\n{mark} ")).unwrap_or_else(|| panic!("line {line}: {rest}"));
        let (status, after) = after.split_once('\n').expect("a status");
        rest = after;
        let printed = without_progress(printed).replace(version, RELEASE);
        match prints {
            None => assert_eq!(status, "0", "docs/authoring.md:{line}: {command}\n{printed}"),
            Some(expected) => assert!(
                pattern(&expected).is_match(&printed),
                "docs/authoring.md:{line}: $ {command}\nprinted:\n{printed}\nand not:\n{expected}"
            ),
        }
    }
}

/// The commands of the document in order, and how many blocks are left out.
fn steps(text: &str) -> (Vec<Step>, usize) {
    let (mut steps, mut left_out) = (Vec::new(), 0);
    let mut lines = text.lines().enumerate().map(|(index, line)| (index + 1, line));
    let mut is_left_out = false;
    while let Some((at, line)) = lines.next() {
        let Some(kind) = line.strip_prefix("```") else {
            is_left_out = line.starts_with("<!-- not run: ");
            continue;
        };
        let block: Vec<(usize, &str)> = lines.by_ref().take_while(|(_, line)| *line != "```").collect();
        if is_left_out {
            left_out += 1;
        } else if kind == "sh" {
            let command = block.iter().map(|(_, line)| format!("{line}\n")).collect::<String>();
            steps.push(Step { line: at, command: format!("(\nset -e\n{command})"), prints: None });
        } else if kind == "console" {
            for (line, text) in block {
                match (text.strip_prefix("$ "), steps.last_mut()) {
                    (Some(command), _) => {
                        steps.push(Step { line, command: command.to_owned(), prints: Some(String::new()) });
                    }
                    (None, Some(Step { prints: Some(prints), .. })) => *prints += &format!("{text}\n"),
                    (None, _) => panic!("docs/authoring.md:{line}: there is no command before it"),
                }
            }
        } else {
            assert!(["text", "go"].contains(&kind), "docs/authoring.md:{at}: a block of {kind:?} is not run");
        }
        is_left_out = false;
    }
    (steps, left_out)
}

/// What is left where standard error is a terminal: there a bar shows progress, and goes.
fn without_progress(printed: &str) -> String {
    let progress = Regex::new(r"(?m)^checking …\n(?:  \d+ of \d+\n)*  \d+ after \d+ s\n").expect("a pattern");
    progress.replace_all(printed, "").into_owned()
}

fn pattern(expected: &str) -> Regex {
    let line = |line: &str| match line {
        "…" => "(?:.*\n)*".to_owned(),
        _ => regex::escape(line).replace('…', ".*") + "\n",
    };
    let all: String = expected.lines().map(line).collect();
    Regex::new(&format!("^{all}$")).expect("a pattern")
}
