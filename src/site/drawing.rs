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
    #[error("the image has no text that says what it shows; write it between the brackets")]
    NoText,
    /// The template failed.
    #[error("it cannot be rendered: {0}")]
    Render(String),
}

#[derive(Template)]
#[template(
    ext = "html",
    source = "<figure><svg role=\"img\" aria-label=\"{{ alt }}\" {{ rest|safe }}\
              {% if !caption.is_empty() %}<figcaption>{{ caption }}</figcaption>{% endif %}</figure>\n"
)]
struct Figure<'a> {
    alt: &'a str,
    rest: &'a str,
    caption: &'a str,
}

const FORBIDDEN: [&str; 6] = ["<script", "<style", " style=", "<foreignObject", " onload=", "<image"];

/// The figure of a drawing: `alt` says what it shows, `caption` stands below it.
///
/// # Errors
/// When pages cannot take it.
pub fn figure(svg: &str, alt: &str, caption: &str) -> Result<String, DrawingError> {
    let svg = svg.trim();
    let rest = svg.strip_prefix("<svg ").filter(|rest| rest.ends_with("</svg>")).ok_or(DrawingError::NotSvg)?;
    if let Some(found) = FORBIDDEN.into_iter().find(|part| svg.contains(part)) {
        return Err(DrawingError::Forbidden(found));
    }
    if alt.trim().is_empty() {
        return Err(DrawingError::NoText);
    }
    Figure { alt, rest, caption }.render().map_err(|error| DrawingError::Render(error.to_string()))
}

/// The ids that a drawing brings into the page.
pub fn ids(svg: &str) -> impl Iterator<Item = &str> {
    svg.split(" id=\"").skip(1).filter_map(|rest| rest.split('"').next())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_drawing_becomes_a_figure() {
        let svg = "<svg viewBox=\"0 0 1 1\"><marker id=\"a-tip\"/></svg>\n";
        assert_eq!(
            figure(svg, "a \"b\" <c>", "x < y").unwrap(),
            "<figure><svg role=\"img\" aria-label=\"a &#34;b&#34; &#60;c&#62;\" viewBox=\"0 0 1 1\">\
             <marker id=\"a-tip\"/></svg><figcaption>x &#60; y</figcaption></figure>\n"
        );
        assert_eq!(ids(svg).collect::<Vec<_>>(), ["a-tip"]);
    }

    #[test]
    fn what_pages_cannot_take_is_found() {
        for (svg, alt) in [
            ("<?xml version=\"1.0\"?><svg viewBox=\"\"></svg>", "a"),
            ("<svg viewBox=\"\">", "a"),
            ("<svg viewBox=\"\"><script></script></svg>", "a"),
            ("<svg viewBox=\"\"><path style=\"fill:red\"/></svg>", "a"),
            ("<svg viewBox=\"\"></svg>", " "),
        ] {
            assert!(figure(svg, alt, "").is_err(), "{svg} was taken");
        }
    }
}
