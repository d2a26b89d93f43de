//! `underhood export`: the whole site as files, and what is left where that fails.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use regex::Regex;
use serde_json::Value;
use tempfile::TempDir;

use crate::harness::command::{Ended, finish};
use crate::harness::host::Host;
use crate::harness::project::Project;
use crate::harness::{examples, go};

fn export(arguments: &[&str], folder: &Path) -> Ended {
    go::root();
    let mut command: Command = Host::mine().underhood();
    command.arg("export").arg(folder).args(arguments);
    finish(command, b"")
}

/// An exported site as a server of files sees it.
struct Site {
    folder: PathBuf,
    /// HTML by the file's name.
    pages: BTreeMap<String, String>,
    _kept: TempDir,
}

impl Site {
    fn export(arguments: &[&str]) -> Self {
        let kept = tempfile::tempdir().expect("a folder");
        let folder = kept.path().join("site");
        export(arguments, &folder).with_code(0).and_says("files, ");
        let mut pages = BTreeMap::new();
        for entry in walkdir::WalkDir::new(&folder) {
            let path = entry.expect("an entry").into_path();
            if path.extension().is_some_and(|extension| extension == "html") {
                let name = path.strip_prefix(&folder).expect("inside").to_str().expect("UTF-8").to_owned();
                pages.insert(name, fs::read_to_string(path).expect("read"));
            }
        }
        Self { folder, pages, _kept: kept }
    }

    /// The file that a server answers with when a link of a page is followed, which lies below `/base/`.
    fn file_of(&self, page: &str, link: &str) -> Option<String> {
        let mut path: Vec<&str> = page.split('/').collect();
        path.pop();
        let link = link.split(['?', '#']).next().unwrap_or_default();
        let link = match link.strip_prefix('/') {
            Some(absolute) => {
                path.clear();
                absolute.strip_prefix("base/")?
            }
            None if link.is_empty() => return Some(page.to_owned()),
            None => link,
        };
        for part in link.split('/') {
            match part {
                "." | "" => {}
                ".." => drop(path.pop()?),
                name => path.push(name),
            }
        }
        let is_folder = link.is_empty() || link.ends_with('/') || link.ends_with('.');
        let file = if is_folder { [&path[..], &["index.html"]].concat().join("/") } else { path.join("/") };
        self.folder.join(&file).is_file().then_some(file)
    }

    /// The page and the HTML of each snippet.
    fn snippets(&self) -> impl Iterator<Item = (&str, &str)> {
        self.pages.iter().flat_map(|(page, html)| {
            let snippets = html.split("<go-snippet ").skip(1);
            snippets.map(move |snippet| (page.as_str(), snippet.split("</go-snippet>").next().expect("its end")))
        })
    }
}

fn attributes<'a>(html: &'a str, names: &str) -> Vec<&'a str> {
    let pattern = Regex::new(&format!(r#"\s(?:{names})="([^"]*)""#)).expect("it is constant");
    pattern.captures_iter(html).map(|found| found.get(1).expect("a value").as_str()).collect()
}

#[test]
fn every_link_holds_and_every_example_shows_what_was_captured() {
    let site = Site::export(&["--base", "/base"]);
    assert!(site.pages.len() >= 16, "{:?}", site.pages.keys());
    let loads =
        Regex::new(r#"<(?:script|link|img|iframe|source|video|audio|object|embed)\b[^>]*"#).expect("it is constant");
    let mut shown = BTreeSet::new();
    for (page, html) in &site.pages {
        for link in attributes(html, "href|src") {
            if link.starts_with("https://") {
                continue;
            }
            let file = site.file_of(page, link);
            let file = file.unwrap_or_else(|| panic!("{page}: {link:?} leads nowhere"));
            if let Some((_, anchor)) = link.split_once('#') {
                let ids = attributes(&site.pages[&file], "id");
                assert!(ids.contains(&anchor), "{page}: {link:?}: {file} has no such place");
            }
        }
        // What a browser asks for by itself is the site's own.
        for element in loads.find_iter(html) {
            assert!(!element.as_str().contains("//"), "{page}: {}", element.as_str());
        }
        let policy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; ";
        assert!(html.contains(policy), "{page} has no policy");
        for gone in ["action=", "method=", "/run\"", "type=\"submit\"", "class=\"button run\""] {
            assert!(!html.contains(gone), "{page} has {gone}");
        }
        assert_eq!(html.contains("href=\"/base/map/\""), page == "404.html", "{page}");
    }
    for (page, snippet) in site.snippets() {
        let (_, json) = snippet.split_once("class=\"snippet-data\">").expect("its data");
        let data: Value = serde_json::from_str(json.split("</script>").next().expect("its end")).expect("JSON");
        let example = data["example"].as_str().expect("a path");
        for variant in data["variants"].as_array().expect("variants") {
            let name = variant["name"].as_str().expect("a name");
            let (_, captured) = snippet.split_once(&format!("data-variant=\"{name}\"")).expect("a capture");
            let captured = captured.split("data-variant=").next().expect("the first");
            let place = format!("{page}: {example} {name}");
            assert!(captured.contains("<b>Captured</b>") && captured.contains("go1."), "{place}: {captured}");
            assert!(captured.contains("class=\"status-text\">"), "{place}: {captured}");
            assert!(
                captured.contains("<span class=\"") || captured.contains("printed nothing"),
                "{place}: {captured}"
            );
            // The very words of the golden.
            let golden = examples().join(example).join(format!("golden/{name}.txt"));
            let varies = captured.contains("output of one run");
            assert_eq!(varies, !golden.exists(), "{place}");
            if let Ok(golden) = fs::read_to_string(golden) {
                let (_, body) = golden.split_once('\n').expect("a first line");
                let mut lines = body.lines().filter(|line| *line != "-- standard error --");
                let first = lines.next().unwrap_or_default();
                let first = first.replace('&', "&#38;").replace('<', "&#60;").replace('>', "&#62;");
                let first = first.replace('"', "&#34;").replace('\'', "&#39;");
                assert!(captured.contains(&first), "{place}: {first:?} is not in {captured}");
            }
        }
        shown.insert(example.to_owned());
    }
    let all =
        walkdir::WalkDir::new(examples()).into_iter().flatten().filter(|file| file.file_name() == "example.toml");
    assert_eq!(shown.len(), all.count(), "not every example is shown");
    for asset in ["assets/site.js", "assets/site.css", "sw.js", "embed.js", "search.json", "index.html", "404.html"] {
        assert!(site.folder.join(asset).is_file(), "{asset}");
    }
    assert!(!site.folder.join("assets/watch.js").exists());
}

#[test]
fn without_a_toolchain_goldens_are_shown_and_what_has_none_says_so() {
    let kept = tempfile::tempdir().expect("a folder");
    let mut command = Host::mine().underhood();
    command
        .arg("export")
        .arg(kept.path().join("site"))
        .arg("--no-run")
        .env("UNDERHOOD_DATA", kept.path().join("none"));
    command.env("PATH", "/nowhere").env_remove("UNDERHOOD_GO");
    finish(command, b"").with_code(0);
    let page = fs::read_to_string(kept.path().join("site/lessons/garbage-collector/index.html")).expect("read");
    assert!(page.contains("<b>Not captured</b> since it varies") && page.contains("<b>Captured</b> with go1."));
}

#[test]
fn with_a_service_the_policy_and_the_page_name_it() {
    let site = Site::export(&["--no-run", "--api", "https://run.example.org/go/"]);
    let page = &site.pages["lessons/escape-analysis/index.html"];
    assert!(page.contains("connect-src 'self' https://run.example.org; "));
    assert!(page.contains(r#""exported":{"api":"https://run.example.org/go"}"#));
    assert!(page.contains("<b>Captured</b>") && !page.contains("These pages run nothing"));
    for (option, wrong) in [("--api", "run.example.org"), ("--api", "https://a/?q"), ("--base", "site")] {
        export(&[option, wrong], &site.folder).with_code(2).and_says("is not");
    }
}

/// An author's own folder, with an example whose output varies.
fn course() -> Project {
    let project = Project::new();
    let main = "package main\n\nfunc main() { println(\"of the course\") }\n";
    project.example(
        "a/b",
        "[[variant]]\nname = \"run\"\nmode = \"run\"\n[[variant.expect]]\nmatch = \"course\"\n",
        main,
    );
    let front = "id = \"x\"\ntitle = \"X\"\nsection = \"S\"\nlevel = \"Advanced\"\nminutes = 1\nneeds = []\nsummary = \"Y.\"\n";
    project.write("lessons/01-x.md", &format!("+++\n{front}+++\n\n```example a/b\nSee.\n```\n"));
    project
}

#[test]
fn a_folder_is_exported_and_one_that_is_wrong_leaves_the_last_whole() {
    let project = course();
    let site = project.file("site");
    let from = project.path().to_str().expect("UTF-8").to_owned();
    export(&["--from", &from], &site).with_code(0);
    let page = || fs::read_to_string(site.join("lessons/x/index.html")).expect("read");
    let before = page();
    assert!(before.contains("of the course</span>") && before.contains("output of one run, go1."), "{before}");

    project.edit("examples-go/a/b/main.go", "of the course", "of another");
    export(&["--from", &from], &site).with_code(1).and_says("\"course\" nowhere");
    assert_eq!(page(), before);
    project.edit("examples-go/a/b/main.go", "of another", "of the course, again");
    project.edit("lessons/01-x.md", "example a/b", "example a/c");
    export(&["--from", &from], &site).with_code(1).and_says("there is no example \"a/c\"");
    assert_eq!(page(), before);
    project.edit("lessons/01-x.md", "example a/c", "example a/b");
    project.write("site/CNAME", "pages.example\n");
    export(&["--from", &from], &site).with_code(2).and_says("CNAME");
    assert_eq!(page(), before);
    fs::remove_file(site.join("CNAME")).expect("removed");
    export(&["--from", &from], &site).with_code(0);
    assert!(page().contains("of the course, again"));
    export(&["--from", &from], &project.file("lessons")).with_code(2).and_says("was not made by underhood export");
}
