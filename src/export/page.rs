//! A page as the service shows it, changed to lie among files.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use askama::Template as _;
use lol_html::errors::RewritingError;
use lol_html::html_content::{ContentType, Element};
use lol_html::{RewriteStrSettings, element, rewrite_str, text};
use serde::Deserialize;
use serde::de::IgnoredAny;

use super::Api;
use super::capture::{Captured, CapturedVariant, Captures};
use crate::http::CONTENT_SECURITY_POLICY;

/// What changes a page.
pub struct Exporting<'a> {
    /// The site's folder as seen from the page, with a slash at its end.
    pub root: &'a str,
    /// Addresses that there will be, without queries.
    pub known: &'a BTreeSet<String>,
    /// What was captured.
    pub captures: &'a Captures,
    /// The sentence for each exit status.
    pub endings: &'a BTreeMap<String, String>,
    /// What runs what readers send.
    pub api: Option<&'a Api>,
}

/// The part of a snippet's own data that says what it shows.
#[derive(Deserialize)]
struct Snippet {
    example: String,
    title: String,
    variants: Vec<Named>,
    variant: String,
}

#[derive(Deserialize)]
struct Named {
    name: String,
    /// What is asked before it is run.
    predict: Option<IgnoredAny>,
}

/// Stands in the place of Run where nothing runs. The page's script says the same.
const SHOW: &str = "<button type=\"button\" class=\"button show\">Show output</button>";
const SHOW_HINT: &str = "Answer, then press Show output. Or just press Show output to see.";

/// A link into the site that would lead nowhere.
#[derive(Debug, thiserror::Error)]
#[error("there would be no file for the address {0:?}")]
struct LeadsNowhere(String);

type Handled = Result<(), Box<dyn std::error::Error + Send + Sync>>;

impl Exporting<'_> {
    /// The page among files.
    ///
    /// # Errors
    /// When a link of it would lead nowhere.
    pub fn rewrite(&self, html: &str) -> Result<String, RewritingError> {
        let data = Rc::new(RefCell::new(String::new()));
        let (begun, heard) = (Rc::clone(&data), Rc::clone(&data));
        let settings = RewriteStrSettings::new()
            .append_element_content_handler(element!("meta[charset]", |meta| {
                meta.after(&self.policy(), ContentType::Html);
                Ok(())
            }))
            .append_element_content_handler(element!("[href]", |element| self.relative(element, "href")))
            .append_element_content_handler(element!("[src]", |element| self.relative(element, "src")))
            .append_element_content_handler(element!("script.snippet-data", move |_| {
                begun.borrow_mut().clear();
                Ok(())
            }))
            .append_element_content_handler(text!("script.snippet-data", move |chunk| {
                heard.borrow_mut().push_str(chunk.as_str());
                Ok(())
            }))
            .append_element_content_handler(element!("go-snippet form", {
                let data = Rc::clone(&data);
                move |form| {
                    form.remove_attribute("action");
                    form.remove_attribute("method");
                    form.append(&self.captured(&data.borrow())?, ContentType::Html);
                    Ok(())
                }
            }));
        let settings = match self.api {
            Some(_) => settings.append_element_content_handler(element!("go-snippet .snippet-actions", |actions| {
                // Without scripts, what is left of the form would do nothing.
                actions.set_attribute("class", "snippet-actions scripted")?;
                Ok(())
            })),
            None => self.nothing_runs(settings, data),
        };
        rewrite_str(html, settings)
    }

    /// Takes away what only a service could do. What was captured answers the questions.
    fn nothing_runs<'h>(
        &'h self,
        settings: RewriteStrSettings<'h, 'h>,
        data: Rc<RefCell<String>>,
    ) -> RewriteStrSettings<'h, 'h> {
        let asks = Rc::clone(&data);
        settings
            .append_element_content_handler(element!("go-snippet textarea", |code| {
                code.set_attribute("readonly", "")?;
                Ok(())
            }))
            .append_element_content_handler(element!("go-snippet .other-modes", |modes| {
                modes.remove();
                Ok(())
            }))
            .append_element_content_handler(element!("go-snippet .predict", move |question| {
                if !self.asks_first(&asks.borrow())? {
                    question.remove();
                }
                Ok(())
            }))
            .append_element_content_handler(element!("go-snippet .predict-hint", |hint| {
                hint.set_inner_content(SHOW_HINT, ContentType::Text);
                Ok(())
            }))
            .append_element_content_handler(element!("go-snippet .snippet-actions", move |actions| {
                if self.asks_first(&data.borrow())? {
                    actions.set_attribute("class", "snippet-actions scripted")?;
                    actions.set_inner_content(SHOW, ContentType::Html);
                } else {
                    actions.remove();
                }
                Ok(())
            }))
    }

    /// Whether the variant to begin with has a question, and an output that answers it.
    fn asks_first(&self, data: &str) -> Result<bool, serde_json::Error> {
        let Snippet { example, variants, variant, .. } = serde_json::from_str(data)?;
        let first = variants.iter().find(|named| named.name == variant);
        let is_asked = first.is_some_and(|named| named.predict.is_some());
        Ok(is_asked && self.captures.get(&example, &variant).is_there())
    }

    /// The headers that a server of files does not send. What a frame may do cannot be said this way.
    fn policy(&self) -> String {
        let directives = CONTENT_SECURITY_POLICY.split("; ").filter(|said| !said.starts_with("frame-ancestors"));
        let directives: Vec<String> = directives
            .map(|said| match (said, self.api) {
                ("connect-src 'self'", Some(api)) => format!("{said} {}", api.origin),
                ("form-action 'self'", _) => "form-action 'none'".to_owned(),
                _ => said.to_owned(),
            })
            .collect();
        format!(
            "\n<meta http-equiv=\"Content-Security-Policy\" content=\"{}\">\n<meta name=\"referrer\" content=\"same-origin\">",
            directives.join("; ")
        )
    }

    fn relative(&self, element: &mut Element<'_, '_>, attribute: &str) -> Handled {
        let address = element.get_attribute(attribute).unwrap_or_default();
        // Other hosts, and places on the same page.
        if !address.starts_with('/') || address.starts_with("//") {
            return Ok(());
        }
        let (path, rest) = address.split_at(address.find(['?', '#']).unwrap_or(address.len()));
        if !self.known.contains(path) {
            return Err(LeadsNowhere(address).into());
        }
        let is_file = path.rsplit('/').next().is_some_and(|name| name.contains('.'));
        let path = if is_file { path.to_owned() } else { super::folder_of(path) };
        element.set_attribute(attribute, &format!("{}{}{rest}", self.root, &path[1..]))?;
        Ok(())
    }

    fn captured(&self, data: &str) -> Result<String, Box<dyn std::error::Error + Send + Sync>> {
        let snippet: Snippet = serde_json::from_str(data)?;
        let mut variants: Vec<&Named> = snippet.variants.iter().collect();
        variants.sort_by_key(|named| named.name != snippet.variant);
        let html = Captured {
            title: &snippet.title,
            variants: variants
                .into_iter()
                .map(|named| CapturedVariant {
                    name: &named.name,
                    capture: self.captures.get(&snippet.example, &named.name),
                    is_asked: named.predict.is_some(),
                })
                .collect(),
            endings: self.endings,
        };
        Ok(html.render()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::authoring::golden::Golden;
    use crate::examples::Catalogue;
    use crate::export::capture::Capture;

    fn exported(html: &str, api: Option<&str>) -> Result<String, String> {
        exported_with(html, api, &Captures::default())
    }

    fn exported_with(html: &str, api: Option<&str>, captures: &Captures) -> Result<String, String> {
        let known = ["/", "/map", "/assets/site.css"].map(str::to_owned).into();
        let api: Option<Api> = api.map(|api| api.parse().unwrap());
        let exporting =
            Exporting { root: "../", known: &known, captures, endings: &BTreeMap::new(), api: api.as_ref() };
        exporting.rewrite(html).map_err(|error| error.to_string())
    }

    #[test]
    fn links_are_relative_and_none_leads_nowhere() {
        let html = exported(
            "<a href=\"/\"></a><a href='/map?a#b'></a><a href=\"#c\"></a><a href=\"https://go.dev/x\"></a>\
             <link href=\"/assets/site.css?v=1\"><svg><path d=\"/x\"/></svg>",
            None,
        );
        assert_eq!(
            html.unwrap(),
            "<a href=\"../\"></a><a href=\"../map/?a#b\"></a><a href=\"#c\"></a><a href=\"https://go.dev/x\"></a>\
             <link href=\"../assets/site.css?v=1\"><svg><path d=\"/x\"/></svg>"
        );
        for html in ["<a href=\"/run\">", "<img src=\"/assets/none.png\">"] {
            assert!(exported(html, None).unwrap_err().contains("there would be no file"), "{html}");
        }
    }

    #[test]
    fn a_form_gives_way_to_what_was_captured() {
        let snippet = "<go-snippet><script class=\"snippet-data\">{\"example\": \"a/b\", \"title\": \"T\", \
            \"variants\": [{\"name\": \"x\"}, {\"name\": \"y\"}], \"variant\": \"y\"}</script><form method=\"post\" \
            action=\"/run\"><textarea></textarea><div class=\"snippet-actions\"></div></form></go-snippet>";
        let html = exported(snippet, None).unwrap();
        assert!(html.contains("<form><textarea readonly=\"\"></textarea>\n<section"), "{html}");
        assert!(html.find("data-variant=\"y\"") < html.find("data-variant=\"x\""), "{html}");
        let html = exported(snippet, Some("https://run.example.org")).unwrap();
        assert!(html.contains("<form><textarea></textarea><div class=\"snippet-actions scripted\">"), "{html}");
    }

    #[test]
    fn a_question_stays_where_something_answers_it_and_comes_before_that() {
        let snippet = "<go-snippet><script class=\"snippet-data\">{\"example\": \"escape/return-pointer\", \"title\": \"T\", \
            \"variants\": [{\"name\": \"escape\", \"predict\": {}}], \"variant\": \"escape\"}</script><form><fieldset \
            class=\"predict\"><p class=\"predict-hint\">Run</p></fieldset><div class=\"snippet-actions\">Run</div></form></go-snippet>";
        let examples = Catalogue::load().unwrap();
        let example = examples.get("escape/return-pointer").unwrap();
        let golden = Golden { go: "go1.27.3".into(), body: "main.go:10:2: moved to heap: u\n".into() };
        let mut captures = Captures::default();
        let capture = Capture::of_golden(&golden, example, example.variant("escape").unwrap(), None);
        captures.insert(&example.path, "escape", capture);
        let html = exported_with(snippet, None, &captures).unwrap();
        assert!(
            html.contains(SHOW) && html.contains(SHOW_HINT) && html.contains("class=\"captured asked\""),
            "{html}"
        );
        // What the page's script marks an answer by.
        assert!(html.contains("\"code\":\"heap\"") && html.contains("\"line\":10"), "{html}");
        let html = exported(snippet, None).unwrap();
        assert!(!html.contains("fieldset") && !html.contains("snippet-actions") && !html.contains("asked"), "{html}");
    }

    #[test]
    fn the_policy_names_the_service_and_nothing_else() {
        let policy = exported("<meta charset=\"utf-8\">", Some("https://run.example.org/a")).unwrap();
        assert!(policy.contains("connect-src 'self' https://run.example.org; "), "{policy}");
        assert!(policy.contains("form-action 'none'") && !policy.contains("frame-ancestors"), "{policy}");
        assert!(exported("<meta charset=\"utf-8\">", None).unwrap().contains("connect-src 'self';"));
    }
}
