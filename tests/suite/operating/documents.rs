//! What docs/ tells operators, typed in an empty folder beside a service that runs.
//!
//! A `sh` block is run and must succeed, unless `<!-- not run: WHY -->` stands above it. Of what starts a service there is one
//! already, and the addresses of the documents stand for its address.

use std::fs;
use std::os::unix::fs::symlink;
use std::process::Command;

use crate::harness::command::finish;
use crate::harness::host::Host;
use crate::harness::serve::Service;
use crate::harness::{go, root_folder, underhood};

/// Each document with the number of its blocks that are left out.
const DOCUMENTS: [(&str, usize); 4] =
    [("running.md", 2), ("securing.md", 0), ("settings.md", 0), ("upgrading-go.md", 5)];

#[test]
fn what_operators_are_told_to_type_works() {
    go::root();
    let service = Service::start();
    let path = std::env::var("PATH").expect("a PATH");
    for (name, left_out) in DOCUMENTS {
        let folder = tempfile::tempdir().expect("a folder");
        let aside = tempfile::tempdir().expect("a folder");
        symlink(underhood(), aside.path().join("underhood")).expect("linked");
        symlink(root_folder().join("deploy"), folder.path().join("deploy")).expect("linked");
        let text = fs::read_to_string(root_folder().join("docs").join(name))
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        let (blocks, not_run) = blocks(&text);
        assert!(!blocks.is_empty(), "{name} tells of nothing to type");
        assert_eq!(not_run, left_out, "{name}: blocks that are not run");
        for (line, block) in blocks {
            let block = block.replace("127.0.0.1:8080", &service.address().to_string());
            let typed =
                block.lines().filter(|line| !line.starts_with("underhood serve")).collect::<Vec<_>>().join("\n");
            let mut bash = Command::new("bash");
            bash.args(["-euo", "pipefail", "-c", &typed]).current_dir(folder.path());
            for (name, value) in Host::mine().underhood().get_envs() {
                value.map(|value| bash.env(name, value));
            }
            bash.env("PATH", format!("{}:{path}", aside.path().display()));
            let ended = finish(bash, b"");
            assert_eq!(ended.code, Some(0), "docs/{name}:{line}: {block}\n{}{}", ended.stdout, ended.stderr);
        }
    }
}

/// The blocks to run, each with its line, and how many are not.
fn blocks(text: &str) -> (Vec<(usize, String)>, usize) {
    let (mut blocks, mut not_run) = (Vec::new(), 0);
    let mut lines = text.lines().enumerate();
    let mut is_left_out = false;
    while let Some((at, line)) = lines.next() {
        if let Some(kind) = line.strip_prefix("```") {
            let block: Vec<&str> = lines.by_ref().map(|(_, line)| line).take_while(|line| *line != "```").collect();
            match kind {
                "sh" if is_left_out => not_run += 1,
                "sh" => blocks.push((at + 2, block.join("\n"))),
                _ => assert!(!is_left_out, "line {at}: a block of {kind:?} is never run"),
            }
        }
        is_left_out = line.starts_with("<!-- not run: ");
    }
    (blocks, not_run)
}

/// What is shown as TOML are settings that there are.
#[test]
fn settings_in_documents_are_settings() {
    let keys = super::Told::by(&[], &[]);
    for (name, _) in DOCUMENTS {
        let text = fs::read_to_string(root_folder().join("docs").join(name)).expect("read");
        for block in text.split("```toml\n").skip(1) {
            let block: toml::Table = block.split("```").next().expect("a block").parse().expect("TOML");
            for key in block.keys() {
                keys.setting(key);
            }
        }
    }
}
