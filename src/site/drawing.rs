//! SVG drawings, put into the page itself so that its styles reach them.

use askama::Template;

/// What is wrong with a drawing.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum DrawingError {
    /// The page would lay it out as some other element.
    #[error("it does not start with `<svg ` and end with `</svg>`")]
    NotSvg,
    /// The Content-Security-Policy of the pages would drop it, or it would reach the rest of the page.
    #[error("it holds `{0}`, which pages do not take; use classes and presentation attributes")]
    Forbidden(&'static str),
    /// A reader who cannot see it gets nothing.
    #[error("it has no `<{0} id=\"…\">` with text, which is what is read aloud")]
    Silent(&'static str),
    /// The template failed.
    #[error("it cannot be rendered: {0}")]
    Render(String),
}

#[derive(Template)]
#[template(
    ext = "html",
    source = "<figure><svg role=\"img\" aria-labelledby=\"{{ title }} {{ desc }}\" {{ rest|safe }}\
              {% if !caption.is_empty() %}<figcaption>{{ caption }}</figcaption>{% endif %}</figure>\n"
)]
struct Figure<'a> {
    title: &'a str,
    desc: &'a str,
    rest: &'a str,
    caption: &'a str,
}

const FORBIDDEN: [&str; 6] = ["<script", "<style", " style=", "<foreignObject", " onload=", "<image"];

/// The figure of a drawing, with a caption below it. Its own `<title>` and `<desc>` say what it shows.
///
/// # Errors
/// When pages cannot take it.
pub fn figure(svg: &str, caption: &str) -> Result<String, DrawingError> {
    let svg = svg.trim();
    let rest = svg.strip_prefix("<svg ").filter(|rest| rest.ends_with("</svg>")).ok_or(DrawingError::NotSvg)?;
    if let Some(found) = FORBIDDEN.into_iter().find(|part| svg.contains(part)) {
        return Err(DrawingError::Forbidden(found));
    }
    let ((title, _), (desc, _)) = (told(svg, "title")?, told(svg, "desc")?);
    Figure { title, desc, rest, caption }.render().map_err(|error| DrawingError::Render(error.to_string()))
}

/// What a drawing shows, in the words of its `<title>` and its `<desc>`.
pub fn words(svg: &str) -> impl Iterator<Item = &str> {
    ["title", "desc"].into_iter().filter_map(|name| told(svg, name).ok()).map(|(_, text)| text)
}

/// The id and the text of the first element of this name.
fn told<'a>(svg: &'a str, name: &'static str) -> Result<(&'a str, &'a str), DrawingError> {
    let element = svg.split_once(&format!("<{name} id=\"")).and_then(|(_, rest)| rest.split_once("\">"));
    let told = element.map(|(id, rest)| (id, rest.split('<').next().unwrap_or_default().trim()));
    told.filter(|(id, text)| !id.is_empty() && !text.is_empty()).ok_or(DrawingError::Silent(name))
}

/// The ids that a drawing brings into the page.
pub fn ids(svg: &str) -> impl Iterator<Item = &str> {
    svg.split(" id=\"").skip(1).filter_map(|rest| rest.split('"').next())
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOLD: &str = "<title id=\"a-title\">A</title><desc id=\"a-desc\">B</desc>";

    #[test]
    fn a_drawing_becomes_a_figure() {
        let svg = format!("<svg viewBox=\"0 0 1 1\">{TOLD}<marker id=\"a-tip\"/></svg>\n");
        assert_eq!(
            figure(&svg, "x < y").unwrap(),
            format!(
                "<figure><svg role=\"img\" aria-labelledby=\"a-title a-desc\" viewBox=\"0 0 1 1\">{TOLD}\
                 <marker id=\"a-tip\"/></svg><figcaption>x &#60; y</figcaption></figure>\n"
            )
        );
        assert_eq!(ids(&svg).collect::<Vec<_>>(), ["a-title", "a-desc", "a-tip"]);
    }

    #[test]
    fn what_pages_cannot_take_is_found() {
        for (svg, what) in [
            (format!("<?xml version=\"1.0\"?><svg viewBox=\"\">{TOLD}</svg>"), "start with"),
            (format!("<svg viewBox=\"\">{TOLD}"), "end with"),
            (format!("<svg viewBox=\"\">{TOLD}<script></script></svg>"), "`<script`"),
            (format!("<svg viewBox=\"\">{TOLD}<path style=\"fill:red\"/></svg>"), "` style=`"),
            ("<svg viewBox=\"\"><desc id=\"a\">B</desc></svg>".to_owned(), "`<title id="),
            ("<svg viewBox=\"\"><title id=\"a\">A</title></svg>".to_owned(), "`<desc id="),
            ("<svg viewBox=\"\"><title>A</title><desc id=\"b\">B</desc></svg>".to_owned(), "`<title id="),
            (TOLD.replace('B', " ").replace("<title", "<svg ><title") + "</svg>", "`<desc id="),
        ] {
            let error = figure(&svg, "").unwrap_err().to_string();
            assert!(error.contains(what), "{svg}: {error}");
        }
    }
}
