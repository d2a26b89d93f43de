//! The form of a snippet, as a browser without scripts sends it.

use std::collections::BTreeMap;

use crate::examples::{Catalogue, Example, Variant};
use crate::protocol::{Files, Mode, Refusal, Request};

/// A run that the form asks for.
#[derive(Debug)]
pub struct Submitted {
    /// Which example it started from.
    pub example: Example,
    /// The code, with the newlines that it had in the page.
    pub source: String,
    /// What to run.
    pub request: Request,
}

/// Reads the fields `example`, `variant`, `source`, `env.NAME` and, where the code is to be looked at in a way that
/// no variant does, `mode`: then nothing of the variant holds.
///
/// # Errors
/// Malformed when a field is missing, unknown or there twice; not allowed when there is no such example or
/// variant, or when the code cannot be taken.
pub fn read(fields: Vec<(String, String)>, examples: &Catalogue) -> Result<Submitted, Refusal> {
    let mut by_name = BTreeMap::new();
    for (name, value) in fields {
        if by_name.contains_key(&name) {
            return Err(Refusal::Malformed(format!("the form has two fields {name:?}")));
        }
        by_name.insert(name, value);
    }
    let mut field = |name: &str| {
        by_name.remove(name).ok_or_else(|| Refusal::Malformed(format!("the form has no field {name:?}")))
    };
    let (path, variant, source) = (field("example")?, field("variant")?, field("source")?);
    let example = examples.get(&path).ok_or_else(|| {
        let all = examples.iter().map(|example| example.path.clone());
        Refusal::not_allowed(format!("there is no example {path:?}"), all)
    })?;
    let variant = example.variant(&variant).ok_or_else(|| {
        let all = example.variants.iter().map(|variant| variant.name.clone());
        Refusal::not_allowed(format!("example {path:?} has no variant {variant:?}"), all)
    })?;
    let other = by_name.remove("mode").filter(|mode| !mode.is_empty());
    let env = environment(variant, example.variants.len() == 1, by_name)?;
    let (mode, env) = match other {
        Some(name) => (Mode::new(&name, serde_json::Map::new())?, BTreeMap::new()),
        None => (variant.mode.clone(), env),
    };
    // Browsers send the lines of a text area with CRLF (HTML, "constructing the entry list").
    let source = source.replace("\r\n", "\n");
    let files = Files::from_source(&source)?;
    let request = Request { files, mode, env, args: Vec::new(), stdin: String::new(), go: None };
    Ok(Submitted { example: example.clone(), source, request: request.check()? })
}

/// The variant's environment with what the reader changed. Where one input serves several variants, an empty
/// one means what the variant says; the only variant's values stand in the inputs, so there it means not set.
fn environment(
    variant: &Variant,
    is_only: bool,
    fields: BTreeMap<String, String>,
) -> Result<BTreeMap<String, String>, Refusal> {
    let mut env = variant.env.clone();
    for (field, value) in fields {
        let Some(name) = field.strip_prefix("env.") else {
            return Err(Refusal::Malformed(format!("the form has a field {field:?}, which is not known")));
        };
        let value = value.trim();
        if !value.is_empty() {
            env.insert(name.to_owned(), value.to_owned());
        } else if is_only {
            env.remove(name);
        }
    }
    Ok(env)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn submit(fields: &[(&str, &str)]) -> Result<(String, Request), Refusal> {
        let examples = Catalogue::load().unwrap();
        let fields = fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        read(fields, &examples).map(|submitted| (submitted.source, submitted.request))
    }

    fn env(example: &str, variant: &str, name: &str, value: &str) -> BTreeMap<String, String> {
        let fields = [("example", example), ("variant", variant), ("source", "package main"), (name, value)];
        submit(&fields).unwrap().1.env
    }

    #[test]
    fn newlines_are_gos_again() {
        let fields = [
            ("example", "escape/return-pointer"),
            ("variant", "why"),
            ("source", "package main\r\n\r\nfunc main() {}\r\n"),
        ];
        let (source, request) = submit(&fields).unwrap();
        assert_eq!(source, "package main\n\nfunc main() {}\n");
        assert_eq!(request.files.iter().collect::<Vec<_>>(), [("main.go", source.as_str())]);
        let Mode::Escape(options) = request.mode else { panic!("another mode") };
        assert_eq!(u8::from(options.level), 2);
    }

    #[test]
    fn an_empty_knob_means_what_the_page_says() {
        let gogc = |value: &str| BTreeMap::from([("GOGC".to_owned(), value.to_owned())]);
        assert_eq!(env("gc/gogc", "gogc-50", "env.GOGC", ""), gogc("50"));
        assert_eq!(env("gc/gogc", "gogc-50", "env.GOGC", " 75 "), gogc("75"));
        assert_eq!(env("gc/growing-heap", "trace", "env.GODEBUG", ""), BTreeMap::new());
        assert_eq!(env("gc/growing-heap", "trace", "env.GODEBUG", "gctrace=2")["GODEBUG"], "gctrace=2");
    }

    #[test]
    fn another_mode_takes_nothing_of_the_variant() {
        let asked = |mode| {
            let fields = [("example", "gc/gogc"), ("variant", "gogc-50"), ("env.GOGC", "75"), ("mode", mode)];
            submit(&[fields.as_slice(), &[("source", "package main")]].concat())
        };
        let (_, request) = asked("nm").unwrap();
        assert_eq!((request.mode.name(), request.env), ("nm", BTreeMap::new()));
        assert_eq!(asked("").unwrap().1.mode.name(), "run");
        assert!(matches!(asked("gogc-50"), Err(Refusal::NotAllowed { .. })));
    }

    #[test]
    fn bad_forms_are_refused() {
        let (example, variant, source) = (("example", "gc/trace"), ("variant", "trace"), ("source", "package main"));
        for fields in [
            vec![example, variant],
            vec![example, source],
            vec![variant, source],
            vec![example, variant, source, source],
            vec![example, variant, source, ("colour", "red")],
        ] {
            assert!(matches!(submit(&fields), Err(Refusal::Malformed(_))), "{fields:?}");
        }
        for fields in [
            [("example", "gc/nothing"), variant, source],
            [example, ("variant", "asm"), source],
            [example, variant, ("source", "-- ../x --\n")],
        ] {
            assert!(matches!(submit(&fields), Err(Refusal::NotAllowed { .. })), "{fields:?}");
        }
        let long = "x".repeat(crate::protocol::files::MAX_BYTES + 1);
        assert!(matches!(submit(&[example, variant, ("source", &long)]), Err(Refusal::TooLarge { .. })));
    }
}
