//! `underhood serve --watch`: what an author saves is what the pages show, mistakes too.

use std::fs;
use std::time::Duration;

use crate::harness::client::{Answer, get};
use crate::harness::project::Project;
use crate::harness::serve::Service;

const LESSON: &str = "lessons/02-escape-analysis.md";
const PAGE: &str = "/lessons/escape-analysis";
const OTHER: &str = "/lessons/garbage-collector";
const FLOW: &str = "examples-go/escape/flow";

/// A service that watches a copy of our lessons and examples.
struct Author {
    project: Project,
    service: Service,
}

/// What an open page is told.
struct OpenPage(Answer);

impl Author {
    fn of(project: Project) -> Self {
        let mut command = project.command("serve");
        command.arg("--watch");
        Self { service: Service::start_as(command), project }
    }

    fn start() -> Self {
        Self::of(Project::ours())
    }

    fn page(&self, path: &str) -> (u16, String) {
        let mut answer = get(self.service.address(), path);
        (answer.status, answer.rest())
    }

    fn opens(&self, path: &str) -> OpenPage {
        let answer = get(self.service.address(), &format!("/-/changes?page={path}"));
        assert_eq!(answer.header("content-type"), "text/event-stream");
        OpenPage(answer)
    }

    /// Does something to files, and waits until a page is as it should be.
    fn does(&self, path: &str, change: impl FnOnce(&Project), is_so: impl Fn(u16, &str) -> bool) -> String {
        let mut open = self.opens(path);
        open.mark();
        change(&self.project);
        loop {
            open.mark();
            let (status, html) = self.page(path);
            if is_so(status, &html) {
                return html;
            }
        }
    }

    /// The same, until the page says something.
    fn until_says(&self, path: &str, words: &str, change: impl FnOnce(&Project)) -> String {
        self.does(path, change, |_, html| html.contains(words))
    }
}

impl OpenPage {
    /// The next mark that is told.
    #[track_caller]
    fn mark(&mut self) -> String {
        loop {
            let line = self.0.line();
            assert!(!line.is_empty(), "the stream has ended");
            assert!(!line.starts_with(':'), "a sign of life, after fifteen seconds without a mark");
            if let Some(mark) = line.strip_prefix("data: ") {
                return mark.trim().to_owned();
            }
        }
    }
}

/// The mark that a page holds.
fn mark_of(html: &str) -> &str {
    let (_, rest) = html.split_once("<meta name=\"underhood-watch\" content=\"").expect("a mark");
    rest.split('"').next().expect("its end")
}

#[test]
fn a_lesson_that_is_saved_is_shown() {
    let author = Author::start();
    author.until_says(PAGE, "<h2 id=\"a-new-heading\">", |project| {
        let text = fs::read_to_string(project.file(LESSON)).expect("read");
        project.write(LESSON, &format!("{text}\n## A new heading\n"));
    });
    // As many editors save: another file takes the place of the old one.
    author.until_says(PAGE, "<h2 id=\"a-newer-heading\">", |project| {
        let text = fs::read_to_string(project.file(LESSON)).expect("read");
        project.write("lessons/.save~", &text.replace("A new heading", "A newer heading"));
        fs::rename(project.file("lessons/.save~"), project.file(LESSON)).expect("renamed");
    });
    let text = fs::read_to_string(author.project.file(LESSON)).expect("read");
    let text = text.replace("id = \"", "id = \"other-").replace("title = \"", "title = \"Other ");
    let (_, rest) = text.split_once("## ").expect("a heading");
    let front = &text[..text.len() - rest.len()];
    let lesson = "/lessons/other";
    assert_eq!(author.page(lesson).0, 404);
    author.does(lesson, |project| project.write("lessons/77-other.md", front), |status, _| status == 200);
    author.does(
        lesson,
        |project| fs::remove_file(project.file("lessons/77-other.md")).expect("removed"),
        |status, _| status == 404,
    );
}

#[test]
fn a_mistake_is_shown_where_it_is_until_it_is_mended() {
    let author = Author::start();
    let description = format!("{FLOW}/example.toml");
    let good = fs::read_to_string(author.project.file(&description)).expect("read");
    let bad = format!("{good}\n\"<script>alert(1)</script>\" = 1\n");
    let line = bad.lines().count();
    let html =
        author.until_says(PAGE, "<code>escape/flow</code> is not shown", |project| project.write(&description, &bad));
    let place = format!("<code class=\"mistake-place\">{description}:{line}</code>");
    assert_eq!(html.matches(&place).count(), 2, "at the top, and where the example was: {html}");
    assert!(html.contains("unknown field `&#60;script&#62;alert(1)&#60;/script&#62;`"), "{html}");
    assert!(!html.contains("<script>alert"), "{html}");
    assert!(html.contains("<go-snippet id=\"escape/return-pointer\""), "another example is hidden: {html}");
    let home = author.page("/").1;
    assert!(home.contains(&place) && home.contains("1 mistake</h2>"), "{home}");
    let (status, other) = author.page(OTHER);
    assert!(status == 200 && !other.contains("mistake-place"), "{other}");
    author.service.still_answers();

    let told =
        |author: &Author| author.service.log().matches(&format!("{description}:{line}: unknown field")).count();
    author.until_says(OTHER, "<h2 id=\"more\">", |project| {
        let lesson = "lessons/04-garbage-collector.md";
        let text = fs::read_to_string(project.file(lesson)).expect("read");
        project.write(lesson, &format!("{text}\n## More\n"));
    });

    let html =
        author.until_says(PAGE, "<go-snippet id=\"escape/flow\"", |project| project.write(&description, &good));
    assert!(!html.contains("mistake-place"), "{html}");
    author.service.logs("no mistakes\n");
    assert_eq!(told(&author), 1, "told again without need: {}", author.service.log());
}

#[test]
fn a_service_starts_with_mistakes_and_has_a_page_for_each() {
    let project = Project::ours();
    project.edit(LESSON, "level = ", "colour = 1\nlevel = ");
    project.write("examples-go/escape/flow/notes.txt", "");
    project.write("examples-go/gc/trace/notes.txt", "");
    project.write("lessons/notes.md", "");
    let author = Author::of(project);
    let stray = |of: &str| format!("examples-go/{of}/notes.txt</code>");
    let notes = "lessons/notes.md:1</code>";

    let (status, html) = author.page(PAGE);
    assert_eq!(status, 500);
    assert!(html.contains("This lesson cannot be read") && html.contains("unknown field `colour`"), "{html}");
    assert!(html.contains(&format!("{LESSON}:5</code>")) && html.contains(notes), "{html}");
    let (status, html) = author.page(OTHER);
    assert!(status == 200 && html.contains(&stray("gc/trace")) && html.contains(notes), "{html}");
    // No lesson that can be read shows escape/flow, so that its mistake is no lesson's.
    assert!(html.contains(&stray("escape/flow")) && !html.contains("colour"), "{html}");
    let home = author.page("/").1;
    for part in [&stray("gc/trace"), &stray("escape/flow"), notes, "unknown field `colour`"] {
        assert!(home.contains(part), "{part}: {home}");
    }
    assert!(home.contains(&format!("<a href=\"{PAGE}\">escape-analysis</a>")), "{home}");
    assert!(author.service.log().contains("4 mistakes\n"), "{}", author.service.log());
    author.does(PAGE, |project| project.edit(LESSON, "colour = 1\n", ""), |status, _| status == 200);
}

#[test]
fn folders_come_and_go() {
    let author = Author::start();
    author.until_says("/", "examples-go/escape/added/example.toml:1</code>", |project| {
        project.example("escape/added", "[[variant]]\nname = \"a\"\nmode = \"run\"\n", "package main\n");
    });
    author.until_says(PAGE, "<go-snippet id=\"escape/added\"", |project| {
        let text = fs::read_to_string(project.file(LESSON)).expect("read");
        project.write(LESSON, &format!("{text}\n```example escape/added\n```\n"));
    });
    author.until_says(PAGE, "package added", |project| {
        project.write("examples-go/escape/added/main.go", "package added\n");
    });
    // All at once, as a checkout of another branch does it.
    author.until_says("/", "examples-go:", |project| {
        fs::rename(project.file("examples-go"), project.file("before")).expect("renamed");
    });
    author.does(
        "/",
        |project| fs::rename(project.file("before"), project.file("examples-go")).expect("renamed"),
        |_, html| !html.contains("mistake-place"),
    );
    author.until_says("/", "no lesson shows", |project| {
        fs::remove_dir_all(project.file("lessons")).expect("removed");
        project.write("lessons/notes.txt", "");
    });
    author.does(
        PAGE,
        |project| {
            let ours = Project::ours();
            fs::remove_dir_all(project.file("lessons")).expect("removed");
            fs::remove_dir_all(project.file("examples-go/escape/added")).expect("removed");
            fs::rename(ours.file("lessons"), project.file("lessons")).expect("renamed");
        },
        |status, html| status == 200 && !html.contains("mistake-place"),
    );
    author.until_says(PAGE, "<h2 id=\"watched-again\">", |project| {
        let text = fs::read_to_string(project.file(LESSON)).expect("read");
        project.write(LESSON, &format!("{text}\n## Watched again\n"));
    });
}

#[test]
fn an_open_page_is_told_only_what_concerns_it() {
    let author = Author::start();
    let (mut page, mut other) = (author.opens(PAGE), author.opens(OTHER));
    let (before, other_before) = (page.mark(), other.mark());
    assert_eq!(mark_of(&author.page(PAGE).1), before);
    author.until_says(PAGE, "<h2 id=\"more\">", |project| {
        let text = fs::read_to_string(project.file(LESSON)).expect("read");
        project.write(LESSON, &format!("{text}\n## More\n"));
    });
    let after = page.mark();
    assert_ne!(after, before);
    assert_eq!(mark_of(&author.page(PAGE).1), after);
    assert_eq!(other.mark(), other_before);
    // To read files is no change, or it would go on for ever.
    (0..10).for_each(|_| author.service.still_answers());
    author.service.terminate(Duration::from_secs(2));
    let more = other.0.rest().matches("data: ").count();
    assert!(more < 3, "told {more} times of nothing");
}

#[test]
fn open_pages_do_not_keep_a_service_from_stopping() {
    let author = Author::start();
    let mut page = author.opens(PAGE);
    page.mark();
    // Runs in flight have three seconds; that is not waited for.
    let status = author.service.terminate(Duration::from_secs(2));
    assert!(status.success(), "{status}");
    assert_eq!(page.0.line().trim(), "");
}

#[test]
fn without_watch_nothing_reloads() {
    let service = Service::start();
    let mut page = get(service.address(), "/");
    let html = page.rest();
    assert!(html.contains("site.js") && !html.contains("watch"), "{html}");
    assert_eq!(get(service.address(), "/-/changes?page=/").status, 404);
}

#[test]
fn mistakes_are_on_their_pages_wherever_one_starts() {
    for (folder, flow, lesson) in [
        ("", "examples-go/escape/flow/", "lessons/02-"),
        ("lessons", "examples-go/escape/flow/", ">02-"),
        ("examples-go", ">escape/flow/", "lessons/02-"),
        ("examples-go/gc", "examples-go/escape/flow/", "lessons/02-"),
    ] {
        let project = Project::ours();
        project.write("examples-go/escape/flow/notes.txt", "");
        project.write(LESSON, &(fs::read_to_string(project.file(LESSON)).expect("read") + "\n# Title\n"));
        let mut command = project.command("serve");
        command.arg("--watch").current_dir(project.file(folder));
        let author = Author { service: Service::start_as(command), project };
        let html = author.page(PAGE).1;
        assert!(html.contains(&format!("{flow}notes.txt</code>")), "{folder}: {html}");
        assert!(html.contains(&format!("{lesson}escape-analysis.md:")), "{folder}: {html}");
        assert!(!author.page(OTHER).1.contains("mistake-place"), "{folder}");
    }
}

#[test]
fn there_must_be_something_to_watch() {
    let empty = tempfile::tempdir().expect("a folder");
    let project = Project::new();
    let path = empty.path().to_str().expect("UTF-8");
    project.does("serve", &["--watch", path]).with_code(1).and_says("there is no folder of examples");
    project.does("serve", &["--watch=nowhere"]).with_code(1).and_says("nowhere");
}
