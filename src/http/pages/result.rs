//! The page of a run without scripts, written event by event.

use askama::Template;

use crate::examples::Example;
use crate::protocol::{Ending, Event, Exit, Stream};
use crate::site::endings;
use crate::site::view::{Link, OutputPiece, Page, ResultHead, ResultTail, Site};

/// What has been written so far.
#[derive(Debug)]
pub struct ResultPage {
    title: String,
    back: Link,
    source: String,
    has_head: bool,
    /// The stretch of output that is open, and whether a newline at its end is held back.
    last: Option<(Stream, bool)>,
    notes: Vec<String>,
}

impl ResultPage {
    /// A page of which nothing is written. `place` is where the example stands.
    pub fn new(example: &Example, place: Option<Link>, source: String) -> Self {
        let back = place.unwrap_or_else(|| Link { href: "/".to_owned(), text: "Lessons".to_owned() });
        Self { title: example.title.clone(), back, source, has_head: false, last: None, notes: Vec::new() }
    }

    /// The HTML that an event adds, which may be none.
    pub fn piece(&mut self, event: Event, site: &Site) -> String {
        match event {
            Event::Started { command, .. } => self.head(command, site),
            Event::Stdout { text } => self.output(Stream::Stdout, &text),
            Event::Stderr { text } => self.output(Stream::Stderr, &text),
            Event::Exit(exit) => self.tail(&exit, site),
            other => {
                self.notes.extend(endings::note(&other));
                String::new()
            }
        }
    }

    fn head(&mut self, command: String, site: &Site) -> String {
        self.has_head = true;
        let source = std::mem::take(&mut self.source);
        let (title, back) = (self.title.clone(), self.back.clone());
        rendered(&ResultHead { page: self.page(site), title, back, source, command })
    }

    fn output(&mut self, stream: Stream, text: &str) -> String {
        let (body, newline) = match text.strip_suffix('\n') {
            Some(body) => (body, true),
            None => (text, false),
        };
        let before = self.last.replace((stream, newline));
        let is_same = before.is_some_and(|(last, _)| last == stream);
        rendered(&OutputPiece {
            closes: before.is_some() && !is_same,
            newline: before.is_some_and(|(_, newline)| newline),
            opens: !is_same,
            stderr: stream == Stream::Stderr,
            text: body,
        })
    }

    fn tail(&mut self, exit: &Exit, site: &Site) -> String {
        let mut html = String::new();
        if !self.has_head {
            html += &self.head(String::new(), site);
        }
        if self.last.take().is_some() {
            html += "</span>";
        }
        html += &rendered(&ResultTail {
            page: self.page(site),
            ending: endings::filled(exit, &site.endings),
            ok: exit.status == Ending::Ok,
            costs: endings::costs(exit),
            notes: std::mem::take(&mut self.notes),
            back: self.back.clone(),
        });
        html
    }

    fn page<'a>(&self, site: &'a Site) -> Page<'a> {
        Page::new(site, "/run", &self.title, &format!("What the Go toolchain printed for “{}”.", self.title))
    }
}

/// The page is on its way already, so that an error can only be logged.
fn rendered(template: &impl Template) -> String {
    template.render().unwrap_or_else(|error| {
        tracing::error!(%error, "a part of a result page cannot be rendered");
        String::new()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::pages::Pages;
    use crate::run::limits::Limits;

    fn page() -> (Pages, ResultPage) {
        let pages = Pages::load("go1.27.3", &Limits::default(), sandbox::report::Level::Full).unwrap();
        let content = pages.content();
        let example = content.examples().get("gc/trace").unwrap();
        let place = content.place("gc/trace");
        let page = ResultPage::new(example, place, "// </code><script>\n".to_owned());
        (pages, page)
    }

    #[test]
    fn each_event_adds_its_piece_at_once() {
        let (pages, mut page) = page();
        let mut piece = |event| page.piece(event, &pages.site);
        let out = |text: &str| Event::output(Stream::Stdout, text.to_owned());
        assert_eq!(piece(Event::Queued { position: 1 }), "");
        let command = "GODEBUG='<x>' go run main.go".to_owned();
        let head = piece(Event::Started { go: "go1.27.3".into(), mode: "run".into(), cached: false, command });
        assert!(head.contains("GODEBUG=&#39;&#60;x&#62;&#39; go run main.go"), "{head}");
        assert!(head.contains("// &#60;/code&#62;&#60;script&#62;"), "{head}");
        assert!(head.contains("href=\"/lessons/garbage-collector#gc/trace\""), "{head}");
        assert_eq!(piece(out("a </pre>")), "<span class=\"out\">a &#60;/pre&#62;");
        assert_eq!(piece(out("b\n")), "b");
        assert_eq!(piece(out("\n")), "\n");
        assert_eq!(
            piece(Event::output(Stream::Stderr, "c\n".to_owned())),
            "</span>\n<span class=\"err\">c",
            "the mark of one stream reaches the other's line"
        );
        assert_eq!(piece(Event::Truncated { stream: Stream::Stderr, limit_bytes: 1 << 20 }), "");
        let exit = Exit { code: Some(2), wall_ms: 38, ..Exit::without_process(Ending::Failed) };
        let tail = piece(Event::Exit(exit));
        assert!(tail.starts_with("</span>") && tail.contains("</pre>") && tail.contains("exit code 2"), "{tail}");
        assert!(tail.contains("cut after 1 MiB") && tail.contains("38 ms") && tail.contains("</html>"), "{tail}");
    }

    #[test]
    fn an_end_without_a_start_is_a_whole_page() {
        let (pages, mut page) = page();
        let html = page.piece(Event::Exit(Exit::without_process(Ending::Internal)), &pages.site);
        assert!(html.starts_with("<!doctype html>") && html.trim_end().ends_with("</html>"), "{html}");
    }
}
