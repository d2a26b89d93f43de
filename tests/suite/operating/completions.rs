//! Completions and manual pages.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use super::ends;
use crate::harness::command::finish;

/// All subcommands, as the help lists them.
fn subcommands() -> BTreeSet<String> {
    let help = ends(&["--help"], &[]).with_code(0).stdout;
    let list = help.split_once("Commands:\n").expect("a list").1.split("\n\n").next().expect("a part").to_owned();
    let first = |line: &str| {
        line.strip_prefix("  ").filter(|line| !line.starts_with(' '))?.split(' ').next().map(str::to_owned)
    };
    let all: BTreeSet<String> = list.lines().filter_map(first).collect();
    assert!(all.contains("serve") && all.contains("completions") && all.len() > 10, "{all:?}");
    all
}

fn is_there(program: &str) -> bool {
    let is_there = Path::new("/usr/bin").join(program).exists();
    if !is_there {
        eprintln!("{program} is not here: what it would say was not tried");
    }
    is_there
}

#[test]
fn every_shell_gets_completions_that_it_can_read() {
    let folder = tempfile::tempdir().expect("a folder");
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let text = ends(&["completions", shell], &[]).with_code(0).stdout;
        for name in subcommands() {
            assert!(text.contains(&name), "{name} is not completed in {shell}");
        }
        for word in ["max-runs", "allow-reduced-sandbox"] {
            assert!(text.contains(word), "{word} is not completed in {shell}");
        }
        let file = folder.path().join(shell);
        fs::write(&file, text).expect("written");
        if ["bash", "zsh", "fish"].contains(&shell) && is_there(shell) {
            let mut reader = Command::new(shell);
            reader.arg("-n").arg(&file);
            finish(reader, b"").with_code(0);
        }
    }
    ends(&["completions", "tcsh"], &[]).with_code(2).and_says("bash, elvish, fish, powershell, zsh");
    ends(&["completions"], &[]).with_code(2).and_says("<SHELL>");
}

/// Bash itself is asked what it would offer.
#[test]
fn bash_completes_what_is_typed() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("underhood.bash");
    fs::write(&file, ends(&["completions", "bash"], &[]).with_code(0).stdout).expect("written");
    let offered = |words: &[&str]| {
        let script = "source \"$1\"; shift; COMP_WORDS=(\"$@\"); COMP_CWORD=$(($# - 1)); _underhood underhood \"${!#}\" \
                      \"${COMP_WORDS[COMP_CWORD - 1]}\"; printf '%s\\n' \"${COMPREPLY[@]}\"";
        let mut bash = Command::new("bash");
        bash.args(["-c", script, "bash"]).arg(&file).args(words);
        finish(bash, b"").with_code(0).stdout
    };
    assert_eq!(offered(&["underhood", "ser"]), "serve\n");
    assert_eq!(offered(&["underhood", "serve", "--max-r"]), "--max-runs\n");
    assert_eq!(offered(&["underhood", "completions", "z"]), "zsh\n");
}

#[test]
fn manual_pages_are_there_for_every_command() {
    let folder = tempfile::tempdir().expect("a folder");
    let man = folder.path().join("share/man1");
    ends(&["man", man.to_str().expect("UTF-8")], &[]).with_code(0);
    let main = ends(&["man"], &[]).with_code(0).stdout;
    for name in subcommands().iter().filter(|name| *name != "help") {
        assert!(main.contains(&format!("underhood\\-{name}")), "{name} is not in underhood.1");
        let page = fs::read_to_string(man.join(format!("underhood-{name}.1")))
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        assert!(page.contains(".SH OPTIONS") && page.contains("Example"), "{page}");
    }
    assert!(man.join("underhood-toolchain-install.1").exists());
    let serve = man.join("underhood-serve.1");
    assert!(fs::read_to_string(&serve).expect("read").contains("UNDERHOOD_MAX_RUNS"));
    if is_there("groff") {
        for page in fs::read_dir(&man).expect("listed") {
            let mut groff = Command::new("groff");
            groff.args(["-k", "-man", "-Tutf8", "-ww", "-z"]).arg(page.expect("an entry").path());
            assert_eq!(finish(groff, b"").with_code(0).stderr, "");
        }
    }
    let file = folder.path().join("file");
    fs::write(&file, "").expect("written");
    ends(&["man", file.join("x").to_str().expect("UTF-8")], &[]).with_code(1).and_says("cannot make ");
}
