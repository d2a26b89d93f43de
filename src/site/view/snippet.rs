//! A snippet: an example as it stands in a lesson.

use std::collections::BTreeMap;

use askama::Template;
use serde::Serialize;

use super::{Mode, Prediction, PredictionKind, ScriptJson};
use crate::site::modes;

/// A runnable example, as it stands in a lesson: a caption, and a form that scripts turn into an editor.
#[derive(Debug, Clone, Template)]
#[template(path = "snippet.html")]
pub struct SnippetView {
    /// Path of the example: `escape/return-pointer`.
    pub example: String,
    /// Title of the example.
    pub title: String,
    /// What to do and what to look for; may be empty. Trusted.
    pub caption_html: String,
    /// The code: one file, or txtar.
    pub source: String,
    /// The code with its syntax marked. Trusted.
    pub marked_html: String,
    /// The ways of running it.
    pub variants: Vec<Variant>,
    /// Name of the variant to begin with.
    pub variant: String,
}

/// One way of running an example.
#[derive(Debug, Clone, Serialize)]
pub struct Variant {
    /// Name within the example.
    pub name: String,
    /// Mode of the runner.
    pub mode: String,
    /// Name for readers.
    pub label: String,
    /// Options of the mode, as a request has them.
    pub options: serde_json::Map<String, serde_json::Value>,
    /// Environment of the run.
    pub env: BTreeMap<String, String>,
    /// Variables of the environment that the reader is offered to change.
    pub knobs: Vec<String>,
    /// What is asked before it is run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub predict: Option<Prediction>,
    /// What else a request of it holds.
    #[serde(flatten)]
    pub sent_with: SentWith,
}

/// What a share may hold beside its code, and no example does.
#[derive(Debug, Clone, Default, Serialize)]
pub struct SentWith {
    /// Arguments of the program.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub args: Vec<String>,
    /// What the program reads from standard input.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub stdin: String,
    /// The Go version.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub go: Option<String>,
}

/// A knob in the form without scripts, where one input serves all variants.
struct FormKnob<'a> {
    name: &'a str,
    value: &'a str,
    placeholder: &'static str,
}

impl SnippetView {
    fn data(&self) -> ScriptJson {
        #[derive(Serialize)]
        struct Data<'a> {
            example: &'a str,
            title: &'a str,
            source: &'a str,
            variants: &'a [Variant],
            variant: &'a str,
        }
        ScriptJson::of(&Data {
            example: &self.example,
            title: &self.title,
            source: &self.source,
            variants: &self.variants,
            variant: &self.variant,
        })
    }

    /// As many as an editor shows: a newline at the end opens another one.
    fn lines(&self) -> usize {
        self.source.matches('\n').count() + 1
    }

    /// The modes that none of the variants uses, as the page's script lists them.
    fn other_modes(&self) -> Vec<Mode> {
        let mut modes = modes::all();
        modes.retain(|mode| self.variants.iter().all(|variant| variant.mode != mode.name));
        modes
    }

    /// What is asked of the variant to begin with.
    fn prediction(&self) -> Option<&Prediction> {
        self.variants.iter().find(|variant| variant.name == self.variant)?.predict.as_ref()
    }

    /// Each variable once. With one variant its value stands in the field; with several a field
    /// starts empty, which means what the chosen variant says.
    fn form_knobs(&self) -> Vec<FormKnob<'_>> {
        let only = match self.variants.as_slice() {
            [variant] => Some(variant),
            _ => None,
        };
        let mut knobs: Vec<FormKnob<'_>> = Vec::new();
        for name in self.variants.iter().flat_map(|variant| &variant.knobs) {
            if knobs.iter().any(|knob| knob.name == name) {
                continue;
            }
            let value = only.and_then(|variant| variant.env.get(name));
            knobs.push(FormKnob {
                name,
                value: value.map_or("", String::as_str),
                placeholder: if only.is_some() { "not set" } else { "as the variant" },
            });
        }
        knobs
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::site::highlight;

    fn snippet(source: &str) -> SnippetView {
        SnippetView {
            example: "escape/quote".into(),
            title: "Quotes & <tags>".into(),
            caption_html: "<p>Press Run.</p>".into(),
            source: source.into(),
            marked_html: highlight::go(source),
            variants: vec![Variant {
                name: "gc".into(),
                mode: "run".into(),
                label: "Run".into(),
                options: serde_json::Map::new(),
                env: BTreeMap::from([("GOGC".into(), "50".into())]),
                knobs: vec!["GOGC".into()],
                predict: None,
                sent_with: SentWith::default(),
            }],
            variant: "gc".into(),
        }
    }

    #[test]
    fn code_cannot_leave_the_script_or_the_text_area() {
        let html = snippet("// </script></textarea><!--\n").render().unwrap();
        assert_eq!(html.matches("</script>").count(), 1, "{html}");
        assert_eq!(html.matches("</textarea>").count(), 1, "{html}");
        assert!(!html.contains("<!--"), "{html}");
    }

    #[test]
    fn the_json_holds_the_source_unchanged() {
        let source = "package main\n\n// a < b && \"c\" </script>\n";
        let html = snippet(source).render().unwrap();
        let (_, rest) = html.split_once(r#"class="snippet-data">"#).unwrap();
        let (json, _) = rest.split_once("</script>").unwrap();
        let data: serde_json::Value = serde_json::from_str(json).unwrap();
        assert_eq!(data["source"], source);
        assert_eq!(data["variants"][0]["env"]["GOGC"], "50");
    }

    #[test]
    fn a_leading_newline_survives_the_text_area() {
        // HTML drops one newline right after <textarea>.
        let html = snippet("\npackage main\n").render().unwrap();
        let (_, rest) = html.split_once("<textarea").unwrap();
        let (_, text) = rest.split_once('>').unwrap();
        assert!(text.starts_with("\n\npackage main"), "{text}");
    }

    #[test]
    fn the_only_variants_environment_stands_in_the_form() {
        let html = snippet("package main\n").render().unwrap();
        assert!(html.contains(r#"name="env.GOGC" value="50""#), "{html}");
    }
}
