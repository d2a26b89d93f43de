use super::*;

fn try_render(body: &str) -> Result<Rendered, String> {
    let examples = Catalogue::load().unwrap();
    let told = "<title id=\"a-title\">A</title><desc id=\"a-desc\">B</desc>";
    let drawing = |path: &str| match path {
        "drawings/a.svg" => Some(format!("<svg viewBox=\"0 0 1 1\">{told}<g/></svg>")),
        "drawings/silent.svg" => Some("<svg viewBox=\"0 0 1 1\"><g/></svg>".to_owned()),
        _ => None,
    };
    let broken = Broken::from([("a/broken".to_owned(), vec![mistake("a/broken/main.go:3", "<script>")])]);
    let done = render(body, ("01-a.md", 1), Sources { examples: &examples, drawing: &drawing, broken: &broken });
    let errors: Vec<_> = done.errors.iter().map(|error| format!("{}: {}", error.line, error.flaw)).collect();
    if errors.is_empty() { Ok(done) } else { Err(errors.join("\n") + "\n" + &done.html) }
}

fn mistake(place: &str, what: &str) -> Mistake {
    Mistake { at: None, place: place.to_owned(), what: what.to_owned() }
}

#[test]
fn headings_have_unique_ids_and_the_second_level_is_listed() {
    let done =
        try_render("## What -m says\n\n### Down\n\n## What `-m` says\n\n## It's *all*\n\n## …\n\n## Main\n").unwrap();
    let contents: Vec<_> = done.contents.iter().map(|entry| (entry.id.as_str(), entry.text.as_str())).collect();
    assert_eq!(
        contents,
        [
            ("what-m-says", "What -m says"),
            ("what-m-says-2", "What -m says"),
            ("its-all", "It's all"),
            ("section", "…"),
            ("main-2", "Main"),
        ]
    );
    assert!(done.html.contains("<h2 id=\"what-m-says-2\">What <code>-m</code> says</h2>"), "{}", done.html);
    assert!(done.html.contains("<h3 id=\"down\">"), "{}", done.html);
}

#[test]
fn a_fenced_example_becomes_a_snippet() {
    let done = try_render("```example escape/return-pointer why\nPress `Run` & look.\n```\n").unwrap();
    assert_eq!(done.examples, ["escape/return-pointer"]);
    assert!(done.html.contains("<go-snippet id=\"escape/return-pointer\""), "{}", done.html);
    assert!(done.html.contains("<p>Press <code>Run</code> &amp; look.</p>"), "{}", done.html);
    assert!(done.html.contains("value=\"why\" checked>"), "{}", done.html);
    let plain = try_render("```go\nx < y\n```\n").unwrap();
    assert_eq!(plain.html, "<pre><code class=\"language-go\">x &lt; y\n</code></pre>\n");
}

#[test]
fn what_a_variant_asks_stands_in_its_snippet() {
    let html = try_render("```example escape/sharing-down\n```\n").unwrap().html;
    assert!(html.contains("<span class=\"predict-place\">19</span><code>c := point{5, 6}</code>"), "{html}");
    assert!(html.contains("\"predict\":{\"question\":\"All three"), "{html}");
    let other = try_render("```example escape/sharing-down why\n```\n").unwrap().html;
    assert!(!other.contains("class=\"predict\""), "{other}");
}

#[test]
fn a_drawing_is_part_of_the_page() {
    let done = try_render("Text.\n\n![A `b` c](drawings/a.svg \"Caption\")\n").unwrap();
    let figure = "<figure><svg role=\"img\" aria-labelledby=\"a-title a-desc\" viewBox=\"0 0 1 1\">\
                  <title id=\"a-title\">A</title><desc id=\"a-desc\">B</desc><g/></svg>\
                  <figcaption>Caption</figcaption></figure>";
    assert!(done.html.contains(figure), "{}", done.html);
    assert!(!done.html.contains("<p><figure>"), "{}", done.html);
}

#[test]
fn tables_and_html_pass() {
    let html =
        try_render("| a |\n|---|\n| b |\n\n<details><summary>Q</summary>\n\nA *b*\n\n</details>\n").unwrap().html;
    assert!(
        html.contains("<table>") && html.contains("<summary>Q</summary>") && html.contains("<em>b</em>"),
        "{html}"
    );
}

#[test]
fn what_is_wrong_is_told_with_its_line() {
    for (body, expected) in [
        ("Text.\n\n# Title\n", "3: headings start"),
        ("```example\n```\n", "1: an example is written as"),
        ("a\n\n```example escape/nothing\nb\n```\n", "3: there is no example \"escape/nothing\""),
        (
            "```example escape/flow size\n```\n",
            "1: example \"escape/flow\" has no variant \"size\"; it has why, escape, run",
        ),
        ("```example escape/flow\n```\n\n```example escape/flow\n```\n", "4: the id \"escape/flow\""),
        ("![a](drawings/b.svg)\n", "1: there is no file lessons/drawings/b.svg"),
        ("![a](drawings/silent.svg)\n", "1: drawings/silent.svg: it has no `<title id="),
        ("![a](drawings/a.svg)\n\n![a](drawings/a.svg)\n", "3: the id \"a-title\""),
        ("![a](drawings/../a.svg)\n", "1: only drawings/NAME.svg"),
        ("![a](https://example.org/a.svg)\n", "1: only drawings/NAME.svg"),
        ("Text ![a](drawings/a.svg)\n", "1: an image stands"),
        ("- ![a](drawings/a.svg)\n", "1: an image stands"),
    ] {
        let error = try_render(body).unwrap_err();
        assert!(error.starts_with(expected), "{body}: {error}");
    }
}

#[test]
fn what_is_wrong_stands_in_the_place_of_the_block_and_hides_no_other() {
    let body = "Before.\n\n# T\n\n```example a/broken\nCaption.\n```\n\n![](drawings/silent.svg)\n\nAfter <b>.\n";
    let told = try_render(body).unwrap_err();
    let (errors, html) = told.split_once("\n<p>Before").unwrap();
    let lines: Vec<_> = errors.lines().map(|line| line.split_once(':').unwrap().0).collect();
    assert_eq!(lines, ["3", "5", "9"]);
    let places = ["01-a.md:3", "a/broken/main.go:3", "01-a.md:9"];
    let at = places.map(|place| html.find(&format!(">{place}<")).unwrap_or_else(|| panic!("{place}: {html}")));
    assert!(at.is_sorted() && html.find("After").unwrap() > at[2], "{html}");
    assert!(html.contains("&#60;script&#62;") && !html.contains("<script"), "{html}");
}

#[test]
fn what_it_says_is_told_part_by_part() {
    let body = "Before `-gcflags=-m`\nall.\n\n![Alt](drawings/a.svg \"Caption\")\n\n## A *b*\n\n| x | `y` |\n|---|---|\n| 1 | 2 |\n\n\
                ```example gc/trace\nSet `GOGC`.\n```\n\n- one\n- two\n\n<details id=\"q\"><summary>Is <em>x</em> &lt; y?</summary>\n\n\
                Secret.\n\n</details>\n\n### Down\n\nEnd.\n";
    let parts = try_render(body).unwrap().parts;
    let said: Vec<_> =
        parts.iter().map(|part| (part.id.as_str(), part.heading.as_str(), part.text.as_str())).collect();
    let (example, caption) = (said[2].1, said[2].2);
    assert_eq!(said[0], ("", "", "Before -gcflags=-m all. A B Caption"));
    assert_eq!(said[1], ("a-b", "A b", "1 2 · one · two · Is x < y?"));
    assert_eq!((parts[2].id.as_str(), parts[2].example), ("gc/trace", true));
    assert!(
        !example.is_empty() && caption.starts_with("Set GOGC. ") && caption.contains("GODEBUG=gctrace=1"),
        "{caption}"
    );
    assert_eq!(said[3..], [("down", "Down", "End.")]);
}

#[test]
fn long_code_in_a_table_can_be_broken() {
    let long = "`/memory/classes<x>:bytes`";
    let done = try_render(&format!("{long}\n\n| a | b |\n|---|---|\n| {long} | `GOGC=100` |\n")).unwrap();
    assert!(done.html.contains("<p><code>/memory/classes&lt;x&gt;:bytes</code></p>"), "{}", done.html);
    assert!(
        done.html.contains("<td><code>/<wbr>memory/<wbr>classes&lt;x&gt;:<wbr>bytes</code></td>"),
        "{}",
        done.html
    );
    assert!(done.html.contains("<td><code>GOGC=100</code></td>"), "{}", done.html);
    assert!(done.parts[0].text.ends_with("/memory/classes<x>:bytes GOGC=100"), "{:?}", done.parts);
}
