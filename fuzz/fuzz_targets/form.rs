//! The form that a browser without scripts sends.

#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use underhood::protocol::{Files, Mode, Refusal};
use underhood::{Catalogue, form};
use underhood_fuzz::check_refusal;

static EXAMPLES: LazyLock<Catalogue> = LazyLock::new(|| Catalogue::load().expect("the examples are in order"));

fuzz_target!(|body: &[u8]| {
    let Ok(fields) = serde_urlencoded::from_bytes::<Vec<(String, String)>>(body) else { return };
    let named = |name: &str| values(&fields, name).into_iter();
    let example = named("example").next().and_then(|path| EXAMPLES.get(path));
    let other =
        named("mode").next().filter(|mode| !mode.is_empty()).map(|mode| Mode::new(mode, serde_json::Map::new()));
    match form::read(fields.clone(), &EXAMPLES) {
        Ok(submitted) => {
            assert_eq!(Some(&submitted.example.path), example.map(|example| &example.path));
            let variant = submitted.example.variant(named("variant").next().expect("it was taken"));
            let variant = variant.expect("it was taken");
            // Of another mode than the variant's, nothing of the variant holds.
            match &other {
                Some(mode) => {
                    assert_eq!(Ok(&submitted.request.mode), mode.as_ref());
                    assert!(submitted.request.env.is_empty());
                }
                None => assert_eq!(submitted.request.mode, variant.mode),
            }
            let said = named("source").next().expect("it was taken");
            assert!(lines(said).eq(submitted.source.split('\n')), "{said:?} became {:?}", submitted.source);
            assert_eq!(Ok(submitted.request.files), Files::from_source(&submitted.source));
            for (name, value) in &submitted.request.env {
                let said = named(&format!("env.{name}")).next().map(str::trim).filter(|said| !said.is_empty());
                assert_eq!(Some(value.as_str()), said.or(variant.env.get(name).map(String::as_str)), "{name}");
            }
            assert!(submitted.request.args.is_empty() && submitted.request.stdin.is_empty());
            assert!(
                fields.iter().enumerate().all(|(at, (name, _))| !fields[..at].iter().any(|other| &other.0 == name))
            );
        }
        Err(refusal) => {
            check_refusal(&refusal);
            if let Refusal::NotAllowed { allowed, .. } = &refusal {
                match example {
                    None => assert_eq!(allowed.len(), EXAMPLES.iter().count(), "{refusal:?}"),
                    Some(example) if named("variant").all(|variant| example.variant(variant).is_none()) => {
                        let names: Vec<_> = example.variants.iter().map(|variant| variant.name.clone()).collect();
                        assert_eq!(allowed, &names, "{refusal:?}");
                    }
                    Some(_) => {
                        let is_of_the_mode = other.as_ref().is_some_and(|mode| mode.as_ref() == Err(&refusal));
                        assert!(allowed.is_empty() || is_of_the_mode, "{refusal:?}");
                    }
                }
            }
        }
    }
});

/// The lines of a text area as the page had them: what ends one is CRLF, or LF from something that is no browser.
fn lines(text: &str) -> impl Iterator<Item = &str> {
    let last = text.matches('\n').count();
    text.split('\n').enumerate().map(move |(at, line)| match line.strip_suffix('\r') {
        Some(line) if at < last => line,
        _ => line,
    })
}

fn values<'a>(fields: &'a [(String, String)], name: &str) -> Vec<&'a str> {
    fields.iter().filter(|(field, _)| field == name).map(|(_, value)| value.as_str()).collect()
}
