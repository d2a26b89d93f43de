//! The workflow of releases, as GitHub reads it (docs.github.com, "Workflow syntax for GitHub Actions"): what is not of the forms
//! used here does not parse.

use std::collections::BTreeMap;
use std::process::Command;

use regex::Regex;
use serde::Deserialize;

use super::text_of;
use crate::harness::command::finish;
use crate::harness::root_folder;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Workflow {
    name: String,
    on: On,
    permissions: BTreeMap<String, String>,
    concurrency: Concurrency,
    jobs: BTreeMap<String, Job>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct On {
    push: Push,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Push {
    tags: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Concurrency {
    group: String,
    cancel_in_progress: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Job {
    needs: Option<String>,
    runs_on: String,
    timeout_minutes: u32,
    #[serde(default)]
    permissions: BTreeMap<String, String>,
    #[serde(default)]
    env: BTreeMap<String, String>,
    steps: Vec<Step>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Step {
    name: Option<String>,
    uses: Option<String>,
    #[serde(default)]
    with: BTreeMap<String, serde_json::Value>,
    run: Option<String>,
    #[serde(default)]
    env: BTreeMap<String, String>,
}

fn workflow() -> Workflow {
    serde_saphyr::from_str(&text_of(".github/workflows/release.yml")).unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn a_release_is_made_of_tested_code_with_few_rights() {
    let Workflow { name, on, permissions, concurrency, jobs } = workflow();
    assert_eq!((name.as_str(), on.push.tags), ("Release", vec!["v[0-9]+.[0-9]+.[0-9]+".to_owned()]));
    assert_eq!(permissions, BTreeMap::from([("contents".to_owned(), "read".to_owned())]));
    assert!(concurrency.group.starts_with("release-") && !concurrency.cancel_in_progress);
    let version = Regex::new(r"^actions/[a-z-]+@v\d+\.\d+\.\d+$").expect("a pattern");
    for (name, job) in &jobs {
        assert!(job.timeout_minutes <= 120 && job.runs_on == "ubuntu-24.04", "{name}");
        let rights: Vec<&str> = job.permissions.keys().map(String::as_str).collect();
        match name.as_str() {
            "test" => assert_eq!((job.needs.as_deref(), rights.len()), (None, 0)),
            // To attest, and to publish.
            "release" => {
                assert_eq!(
                    (job.needs.as_deref(), rights),
                    (Some("test"), vec!["attestations", "contents", "id-token"])
                );
            }
            _ => panic!("{name} is not known here"),
        }
        for step in &job.steps {
            let of = step.name.as_deref().or(step.uses.as_deref()).expect("a name");
            assert!(step.run.is_some() != step.uses.is_some(), "{of}: a step either runs or uses something");
            assert!(step.uses.as_ref().is_none_or(|uses| version.is_match(uses)), "{of}: not a full version");
            let checkout = step.uses.as_ref().is_some_and(|uses| uses.starts_with("actions/checkout@"));
            assert_eq!(checkout, step.with.contains_key("persist-credentials"), "{of}: git keeps no token");
            // What somebody calls a tag must not become a part of a script.
            assert!(step.run.as_ref().is_none_or(|run| !run.contains("${{")), "{of}: an expression in a script");
            for variable in step.env.keys().filter(|name| *name != "GH_TOKEN") {
                assert!(
                    step.run.as_ref().is_some_and(|run| run.contains(variable)),
                    "{of}: nothing reads {variable}"
                );
            }
            let Some(run) = &step.run else { continue };
            let mut bash = Command::new("bash");
            bash.args(["-n", "-c", run]);
            finish(bash, b"").with_code(0);
        }
    }
    let mut test = jobs["test"].steps.iter().filter_map(|step| step.run.as_deref());
    assert_eq!(test.next_back(), Some("make test"), "as .ci/run does");
}

#[test]
fn what_a_release_is_packed_with_is_there() {
    let workflow = workflow();
    let job = &workflow.jobs["release"];
    let runs: Vec<&str> = job.steps.iter().filter_map(|step| step.run.as_deref()).collect();
    let after = |text: &str| runs.iter().position(|run| run.contains(text)).unwrap_or_else(|| panic!("no {text}"));
    // Each needs what the one before it has made.
    let order =
        ["make web", "readelf", "mv underhood.cdx.json dist/", "scripts/release.sh", "gh release create"].map(after);
    assert!(order.is_sorted(), "{order:?}");
    assert!(root_folder().join("scripts/release.sh").exists() && text_of("Makefile").contains("\nweb: "));
    assert_eq!(job.env["TARGET"], "x86_64-unknown-linux-musl");
    let attested: Vec<_> = job
        .steps
        .iter()
        .filter(|step| step.uses.as_ref().is_some_and(|uses| uses.starts_with("actions/attest@")))
        .collect();
    assert!(attested.iter().all(|step| step.with["subject-checksums"] == "dist/SHA256SUMS"));
    assert!(
        attested.iter().any(|step| step.with.get("sbom-path").is_some_and(|path| path == "dist/underhood.cdx.json"))
    );
    assert!(attested.iter().any(|step| !step.with.contains_key("sbom-path")), "where it comes from");
}
