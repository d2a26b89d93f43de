//! Options, environment and file through the whole program. What clap is told is tested beside `src/commands/settings.rs`.

use std::fs;
use std::path::PathBuf;

use serde_json::{Value, json};
use tempfile::TempDir;

use super::{Told, command, ends};
use crate::harness::client::get;
use crate::harness::serve::Service;

struct File {
    _folder: TempDir,
    path: PathBuf,
}

impl File {
    fn new(text: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("under hood.toml");
        fs::write(&path, text).expect("written");
        Self { _folder: folder, path }
    }

    fn name(&self) -> &str {
        self.path.to_str().expect("UTF-8")
    }
}

#[test]
fn each_place_goes_before_the_next() {
    let file = File::new(
        "queue = 1\nrun-seconds = 11\nbuild-seconds = 21\n# a comment\nallow-origin = [\"https://a.example\"]\n",
    );
    let variables = [("UNDERHOOD_CONFIG", file.name()), ("UNDERHOOD_QUEUE", "2"), ("UNDERHOOD_RUN_SECONDS", "12")];
    let told = Told::by(&["--queue", "3", "--max-runs=4"], &variables);
    let origin = |key| &told.setting(key)["origin"];
    assert_eq!((told.value("queue"), origin("queue")), (&json!(3), &json!({"from": "option", "name": "--queue"})));
    let environment = json!({"from": "environment", "name": "UNDERHOOD_RUN_SECONDS"});
    assert_eq!((told.value("run-seconds"), origin("run-seconds")), (&json!(12), &environment));
    let of_file = |line: u32| json!({"from": "file", "file": file.name(), "line": line});
    assert_eq!((told.value("build-seconds"), origin("build-seconds")), (&json!(21), &of_file(3)));
    assert_eq!((told.value("allow-origin"), origin("allow-origin")), (&json!(["https://a.example"]), &of_file(5)));
    assert_eq!((told.value("run-memory"), origin("run-memory")), (&json!("256MiB"), &json!({"from": "default"})));
}

#[test]
fn what_depends_on_the_machine_is_told_as_it_is() {
    let told = Told::by(&["--max-runs=2", "--run-memory=64MiB", "--build-memory=64MiB"], &[]);
    assert_eq!((told.value("pool"), told.value("total-memory")), (&json!(4), &json!(format!("{}B", 128 << 20))));
    let less =
        Told::by(&["--max-runs=8", "--run-memory=64MiB", "--build-memory=64MiB", "--total-memory=128MiB"], &[]);
    assert_eq!(less.value("max-runs"), &json!(8));
    assert!(
        less.setting("max-runs")["note"].as_str().is_some_and(|note| note.starts_with("2 in force")),
        "{:?}",
        less.0
    );
    let own = Told::by(&[], &[("UNDERHOOD_DATA", "/srv/data"), ("XDG_CACHE_HOME", "/srv/cache")]);
    assert_eq!((own.value("data"), own.value("cache")), (&json!("/srv/data"), &json!("/srv/cache/underhood")));
}

#[test]
fn what_is_printed_is_a_file_that_says_the_same() {
    let words =
        ["config", "--queue=3", "--allow-origin=https://a.example,https://b.example", "--cache=/a \"quoted\" place"];
    let printed = ends(&words, &[("UNDERHOOD_RUN_SECONDS", "12")]).with_code(0).stdout;
    for line in [
        "queue = 3                                     # --queue\n",
        "run-seconds = 12                              # from the environment: UNDERHOOD_RUN_SECONDS\n",
        "build-seconds = 10                            # default\n",
        "# watch: not set ",
        "\n# Limits of a run\n",
    ] {
        let squeezed = |text: &str| text.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
        assert!(squeezed(&printed).contains(&squeezed(line)), "{line:?} is not in\n{printed}");
    }
    let file = File::new(&printed);
    let again = ends(&["config", "--config", file.name()], &[]).with_code(0).stdout;
    let values = |text: &str| text.parse::<toml::Table>().unwrap_or_else(|error| panic!("{error}\n{text}"));
    assert_eq!(values(&again), values(&printed));
    let line = 1 + printed.lines().position(|line| line.starts_with("queue = ")).expect("a line");
    assert!(again.contains(&format!("under hood.toml:{line}\n")), "{again}");
}

#[test]
fn a_file_that_is_wrong_is_told_line_by_line() {
    let file = File::new("lisen = \"127.0.0.1:0\"\nmax-runs = 5000\nrun-memory = \"1KiB\"\nlisten = \"8080\"\n");
    for subcommand in ["serve", "config"] {
        let ended = ends(&[subcommand, "--config", file.name()], &[]).with_code(2);
        let name = file.name();
        for (line, told) in [
            (1, "there is no setting \"lisen\"; \"listen\" is one"),
            (2, "invalid value '5000' for '--max-runs <N>': 5000 is not in 1..=1024"),
            (3, "less than 16.0 MiB starts no Go program"),
            (4, "an address has a host and a port, such as 127.0.0.1:8080"),
        ] {
            let found = ended.stderr.lines().find(|text| text.starts_with(&format!("underhood: {name}:{line}: ")));
            assert!(found.is_some_and(|text| text.contains(told)), "{line}: {told} is not in\n{}", ended.stderr);
        }
        ends(&[subcommand, "--config", "/nowhere.toml"], &[])
            .with_code(2)
            .and_says("cannot read the settings in /nowhere.toml");
    }
    // Others take no file, and so none is read for them.
    ends(&["doctor"], &[("UNDERHOOD_CONFIG", file.name())]);
    ends(&["run", "--config", file.name(), "x.go"], &[]).with_code(2).and_says("unexpected argument '--config'");
}

#[test]
fn the_service_does_what_its_file_says() {
    let file = File::new("listen = \"192.0.2.1:1\"\nrun-seconds = 3\noutput = \"8KiB\"\n");
    // The address of the file is nobody's: the one that is typed is taken.
    let service = Service::start_as(command(&["serve", "--config", file.name()], &[("UNDERHOOD_OUTPUT", "4KiB")]));
    let limits: Value = serde_json::from_str(&get(service.address(), "/api/v1/limits").rest()).expect("JSON");
    assert_eq!((&limits["run"]["run"]["seconds"], &limits["run"]["output_bytes"]), (&json!(3), &json!(4096)));
    assert!(service.log().contains("settings are read from "), "{}", service.log());
}
