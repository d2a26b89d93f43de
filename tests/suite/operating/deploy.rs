//! The files of `deploy/`, held against the program and its routes.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;

use regex::Regex;
use serde_json::Value;

use super::{Told, ends};
use crate::harness::client::get;
use crate::harness::command::finish;
use crate::harness::root_folder;
use crate::harness::serve::Service;

fn text_of(name: &str) -> String {
    fs::read_to_string(root_folder().join("deploy").join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn path_of(name: &str) -> String {
    root_folder().join("deploy").join(name).to_str().expect("UTF-8").to_owned()
}

#[test]
fn the_settings_to_begin_with_are_good() {
    let file = path_of("underhood.toml");
    let told = Told::by(&["--config", &file], &[]);
    assert_eq!(told.value("data"), "/var/lib/underhood");
    // What is commented out is a setting too, with the value that it has then if it says no other.
    let form = Regex::new("(?m)^# ([a-z-]+ = )").expect("a pattern");
    let all = form.replace_all(&text_of("underhood.toml"), "$1").into_owned();
    assert!(form.find_iter(&text_of("underhood.toml")).count() > 10);
    let folder = tempfile::tempdir().expect("a folder");
    let with_all = folder.path().join("all.toml");
    fs::write(&with_all, all).expect("written");
    let with_all = Told::by(&["--config", with_all.to_str().expect("UTF-8")], &[]);
    for setting in told.0["settings"].as_array().expect("settings") {
        let key = setting["key"].as_str().expect("a key");
        let is_example =
            ["allow-origin", "go", "max-runs", "pool", "shares", "total-memory", "trust-proxy"].contains(&key);
        assert!(
            is_example || with_all.value(key) == &setting["value"],
            "{key}: {} is not the default",
            with_all.value(key)
        );
    }
}

#[test]
fn the_unit_starts_what_there_is() {
    let unit = text_of("underhood.service");
    let line = |name: &str| {
        let found = unit.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix('='));
        found.unwrap_or_else(|| panic!("no {name}"))
    };
    let words: Vec<&str> = line("ExecStart").split(' ').collect();
    assert_eq!(words, ["/usr/local/bin/underhood", "serve", "--config", "/etc/underhood.toml"]);
    assert!(unit.contains("install -m 644 deploy/underhood.toml /etc/underhood.toml"));
    // The folders that systemd makes for it are those that the settings name.
    let told = Told::by(&["--config", &path_of("underhood.toml")], &[]);
    assert_eq!(told.value("data"), &format!("/var/lib/{}", line("StateDirectory")));
    assert_eq!(told.value("cache"), &format!("/var/cache/{}", line("CacheDirectory")));
    assert_eq!((line("Delegate"), line("OOMPolicy"), line("NoNewPrivileges")), ("yes", "continue", "yes"));
    for forbidden in [
        "RestrictNamespaces",
        "ProtectHostname",
        "ProtectControlGroups",
        "PrivateUsers",
        "RestrictSUIDSGID",
        "ProcSubset",
    ] {
        assert!(
            !unit.lines().any(|line| line.starts_with(forbidden)),
            "{forbidden} takes away what cells are made with"
        );
    }

    let mut analyze = Command::new("systemd-analyze");
    if analyze.arg("--version").output().is_err() {
        eprintln!("systemd-analyze is not here: the unit was not verified");
        return;
    }
    // With a program that is there.
    let folder = tempfile::tempdir().expect("a folder");
    let here = folder.path().join("underhood.service");
    fs::write(&here, unit.replace("/usr/local/bin/underhood", "/bin/true")).expect("written");
    let mut verify = Command::new("systemd-analyze");
    verify.args(["verify", "--man=no"]).arg(&here);
    let said = finish(verify, b"").with_code(0);
    assert!(!said.stderr.contains("underhood.service"), "{}", said.stderr);
}

/// What a container is built of is here, and what it starts is understood. No engine builds it in this test.
#[test]
fn the_image_is_built_of_what_there_is() {
    let text = text_of("Dockerfile").replace("\\\n", " ");
    let mut stages = Vec::new();
    let mut entry: Vec<String> = Vec::new();
    let mut user = None;
    for line in text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let (instruction, rest) = line.split_once(' ').unwrap_or_else(|| panic!("{line}"));
        match instruction {
            "FROM" => {
                let words: Vec<&str> = rest.split(' ').collect();
                assert!(words[0].contains(':') && !words[0].ends_with(":latest"), "{line}: no version");
                stages.push(words.get(2).map(|name| (*name).to_owned()));
                user = None;
            }
            "COPY" => {
                let words: Vec<&str> = rest.split(' ').filter(|word| !word.starts_with("--chown")).collect();
                match words[0].strip_prefix("--from=") {
                    Some(stage) => {
                        assert!(stages.iter().flatten().any(|name| name == stage), "{line}: there is no such stage");
                        let made = ["/src/target/release/underhood", "/var/lib/underhood"].contains(&words[1]);
                        assert!(made, "{line}: nothing makes it");
                    }
                    None => words[..words.len() - 1].iter().for_each(|source| {
                        assert!(root_folder().join(source).exists(), "{line}: {source} is not there");
                    }),
                }
            }
            "ENTRYPOINT" | "CMD" => entry.extend(serde_json::from_str::<Vec<String>>(rest).expect("a list")),
            "USER" => user = Some(rest.to_owned()),
            "ENV" => {
                let (name, value) = rest.split_once('=').expect("a variable");
                let told = Told::by(&["--config", &path_of("underhood.toml")], &[(name, value)]);
                assert_eq!(
                    (told.value("listen"), &told.setting("listen")["origin"]["name"]),
                    (&value.into(), &name.into())
                );
            }
            "EXPOSE" => assert_eq!(rest, "8080"),
            "RUN" | "WORKDIR" | "STOPSIGNAL" => {}
            _ => panic!("{line}: is not known here"),
        }
    }
    assert_eq!(entry, ["/usr/local/bin/underhood", "serve", "--config", "/etc/underhood.toml"]);
    assert_eq!(user.as_deref(), Some("10001:10001"), "the last stage does not run as root");
    let makefile = fs::read_to_string(root_folder().join("Makefile")).expect("read");
    assert!(text.contains("RUN make release\n") && makefile.contains("\nrelease: "));
    // What is built in the image is not taken from outside.
    let left_out = fs::read_to_string(root_folder().join(".dockerignore")).expect("read");
    assert!(["target", "web/node_modules", "web/dist"].iter().all(|name| left_out.lines().any(|line| line == *name)));
}

#[test]
fn the_manifest_fits_together_and_its_probes_are_answered() {
    let documents: Vec<Value> = serde_saphyr::from_multiple(&text_of("kubernetes.yaml")).expect("YAML");
    let by_kind: BTreeMap<&str, &Value> =
        documents.iter().map(|document| (document["kind"].as_str().expect("a kind"), document)).collect();
    let kinds: Vec<&str> = by_kind.keys().copied().collect();
    assert_eq!(kinds, ["ConfigMap", "Deployment", "NetworkPolicy", "PodDisruptionBudget", "Service"]);
    assert!(documents.iter().all(|document| document["metadata"]["name"] == "underhood"));

    // All that select pods select those of the deployment.
    let deployment = &by_kind["Deployment"]["spec"];
    let labels = &deployment["template"]["metadata"]["labels"];
    assert!(labels.as_object().is_some_and(|labels| !labels.is_empty()));
    for selector in [
        &deployment["selector"]["matchLabels"],
        &by_kind["Service"]["spec"]["selector"],
        &by_kind["PodDisruptionBudget"]["spec"]["selector"]["matchLabels"],
        &by_kind["NetworkPolicy"]["spec"]["podSelector"]["matchLabels"],
    ] {
        assert_eq!(selector, labels);
    }
    let replicas = deployment["replicas"].as_u64().expect("a number");
    assert!(by_kind["PodDisruptionBudget"]["spec"]["minAvailable"].as_u64().expect("a number") < replicas);

    let pod = &deployment["template"]["spec"];
    assert_eq!(pod["hostUsers"], false);
    assert_eq!((&pod["enableServiceLinks"], &pod["automountServiceAccountToken"]), (&false.into(), &false.into()));
    assert_eq!(pod["securityContext"]["runAsNonRoot"], true);
    let container = &pod["containers"][0];
    for each in [container, &pod["initContainers"][0]] {
        let context = &each["securityContext"];
        assert_eq!((&context["privileged"], &context["capabilities"]["add"]), (&Value::Null, &Value::Null));
        assert_eq!(context["capabilities"]["drop"][0], "ALL");
        assert_eq!(
            (&context["allowPrivilegeEscalation"], &context["readOnlyRootFilesystem"]),
            (&false.into(), &true.into())
        );
        assert!(
            each["resources"]["limits"]["memory"].is_string() && each["resources"]["requests"]["cpu"].is_string()
        );
        for mount in each["volumeMounts"].as_array().expect("mounts") {
            assert!(
                pod["volumes"].as_array().expect("volumes").iter().any(|volume| volume["name"] == mount["name"]),
                "{mount}"
            );
        }
    }

    // The settings are read, name what is mounted, and stay below the pod's limit.
    let folder = tempfile::tempdir().expect("a folder");
    let settings = folder.path().join("underhood.toml");
    fs::write(&settings, by_kind["ConfigMap"]["data"]["underhood.toml"].as_str().expect("a text")).expect("written");
    let told = Told::by(&["--config", settings.to_str().expect("UTF-8")], &[]);
    let mounted = |path: &Value| {
        container["volumeMounts"].as_array().expect("mounts").iter().any(|mount| mount["mountPath"] == *path)
    };
    assert!(mounted(told.value("data")) && mounted(told.value("cache")) && mounted(&"/tmp".into()));
    assert_eq!(container["args"], serde_json::json!(["serve", "--config", "/etc/underhood/underhood.toml"]));
    assert!(mounted(&"/etc/underhood".into()));
    let bytes = |text: &Value| {
        let text = text.as_str().expect("a size").trim_end_matches('B').to_owned() + "B";
        text.parse::<bytesize::ByteSize>().expect("a size").as_u64()
    };
    assert!(bytes(told.value("total-memory")) * 3 / 2 <= bytes(&container["resources"]["limits"]["memory"]));
    let port = &container["ports"][0];
    let listens = told.value("listen").as_str().expect("an address");
    assert_eq!(listens, format!("0.0.0.0:{}", port["containerPort"]));
    let target = &by_kind["Service"]["spec"]["ports"][0]["targetPort"];
    assert_eq!(
        (target, &by_kind["NetworkPolicy"]["spec"]["ingress"][0]["ports"][0]["port"]),
        (&port["name"], &port["name"])
    );

    let service = Service::start();
    for (probe, path) in [("startupProbe", "/readyz"), ("readinessProbe", "/readyz"), ("livenessProbe", "/healthz")] {
        let asked = &container[probe]["httpGet"];
        assert_eq!((&asked["path"], &asked["port"]), (&path.into(), &port["name"]), "{probe}");
        assert_eq!(get(service.address(), asked["path"].as_str().expect("a path")).status, 200, "{probe}");
    }
}

#[test]
fn a_release_is_packed_whole_and_the_same_each_time() {
    let folder = tempfile::tempdir().expect("a folder");
    // Calls the program, and is packed sooner than one with all that a debugger wants.
    let binary = folder.path().join("underhood");
    fs::write(&binary, format!("#!/bin/sh\nexec '{}' \"$@\"\n", crate::harness::underhood().display()))
        .expect("written");
    fs::set_permissions(&binary, fs::Permissions::from_mode(0o755)).expect("made executable");
    let pack = |out: &str| {
        let mut script = Command::new(root_folder().join("scripts/release.sh"));
        script.arg(&binary).arg("x86_64-unknown-linux-musl").arg(folder.path().join(out));
        finish(script, b"").with_code(0);
        fs::read_to_string(folder.path().join(out).join("SHA256SUMS")).expect("read")
    };
    let sums = pack("one");
    assert_eq!(sums, pack("two"));
    let version = ends(&["--version"], &[]).stdout.trim_end().replace(' ', "-");
    let name = format!("{version}-x86_64-unknown-linux-musl");
    assert!(sums.ends_with(&format!("  {name}.tar.gz\n")) && sums.lines().count() == 1, "{sums}");
    let mut check = Command::new("sha256sum");
    check.args(["--check", "SHA256SUMS"]).current_dir(folder.path().join("one"));
    finish(check, b"").with_code(0);
    let mut list = Command::new("tar");
    list.args(["--extract", "--file"])
        .arg(folder.path().join(format!("one/{name}.tar.gz")))
        .arg("--directory")
        .arg(folder.path());
    finish(list, b"").with_code(0);
    let inside = folder.path().join(name);
    for file in [
        "bin/underhood",
        "share/bash-completion/completions/underhood",
        "share/zsh/site-functions/_underhood",
        "share/fish/vendor_completions.d/underhood.fish",
        "share/man/man1/underhood.1",
        "share/man/man1/underhood-serve.1",
        "share/doc/underhood/deploy/underhood.service",
        "share/doc/underhood/docs/running.md",
        "share/doc/underhood/LICENSE-MIT",
    ] {
        assert!(fs::metadata(inside.join(file)).is_ok_and(|file| file.len() > 0), "{file}");
    }
    let mut packed = Command::new(inside.join("bin/underhood"));
    packed.arg("--version");
    finish(packed, b"").with_code(0);
    let mut script = Command::new(root_folder().join("scripts/release.sh"));
    script.arg("one");
    finish(script, b"").with_code(2).and_says("scripts/release.sh BINARY TARGET OUT");
}
