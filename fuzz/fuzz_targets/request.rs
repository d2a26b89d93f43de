//! The body of `POST /api/v1/runs`: what is taken keeps what it said, and what is not is refused in the right way.

#![no_main]

use libfuzzer_sys::fuzz_target;
use serde_json::{Map, Value, json};
use underhood::protocol::mode::NAMES;
use underhood::protocol::request::{MAX_ARGS, MAX_BODY_BYTES};
use underhood::protocol::{Files, Mode, Refusal, Request};
use underhood_fuzz::{check_refusal, is_file_name};

fuzz_target!(|body: &[u8]| {
    match Request::from_json(body) {
        Ok(request) => taken(body, request),
        Err(refusal) => refused(body, &refusal),
    }
});

fn taken(body: &[u8], request: Request) {
    assert!(body.len() <= MAX_BODY_BYTES);
    assert!(request.files.iter().all(|(name, _)| is_file_name(name)), "{:?}", request.files);
    assert!(request.args.len() <= MAX_ARGS.0 && request.args.concat().len() <= MAX_ARGS.1);
    assert!(!request.args.concat().contains('\0'));

    let said: Value = serde_json::from_slice(body).expect("it was read before");
    let or_empty = |name: &str, empty: Value| said.get(name).cloned().unwrap_or(empty);
    assert_eq!(json!(request.args), or_empty("args", json!([])));
    assert_eq!(json!(request.env), or_empty("env", json!({})));
    assert_eq!(json!(request.stdin), or_empty("stdin", json!("")));
    assert_eq!(json!(request.go), or_empty("go", Value::Null));
    assert_eq!(json!(request.mode.name()), said["mode"]);
    let files: Map<String, Value> = request.files.iter().map(|(name, text)| (name.to_owned(), json!(text))).collect();
    if !said["files"].is_null() {
        assert_eq!(Value::Object(files.clone()), said["files"]);
        // A name that is there twice would leave one file out.
        let names = said["files"].as_object().map_or(0, Map::len);
        assert_eq!(names, keys_of_files(body), "a file was lost");
    }

    let options = match &request.mode {
        Mode::Run(options) => json!(options),
        Mode::Escape(options) => json!(options),
        Mode::Asm(options) => json!(options),
        Mode::Ssa(options) => json!(options),
        Mode::Bounds(options) | Mode::Vet(options) | Mode::Fmt(options) => json!(options),
        Mode::Objdump(options) | Mode::Nm(options) => json!(options),
        Mode::Test(options) | Mode::Bench(options) => json!(options),
        Mode::Build(options) => json!(options),
        Mode::Layout(options) => json!(options),
    };
    let again = json!({
        "files": files, "mode": request.mode.name(), "options": options, "env": request.env, "args": request.args,
        "stdin": request.stdin, "go": request.go,
    });
    let again = again.to_string();
    if again.len() <= MAX_BODY_BYTES {
        assert_eq!(Request::from_json(again.as_bytes()), Ok(request), "{again}");
    }
}

/// How many files a body has that is known to be good JSON with one object `files`.
fn keys_of_files(body: &[u8]) -> usize {
    #[derive(serde::Deserialize)]
    struct Body {
        files: Pairs,
    }
    struct Pairs(usize);
    impl<'de> serde::Deserialize<'de> for Pairs {
        fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            deserializer.deserialize_map(Count)
        }
    }
    struct Count;
    impl<'de> serde::de::Visitor<'de> for Count {
        type Value = Pairs;
        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("an object")
        }
        fn visit_map<A: serde::de::MapAccess<'de>>(self, mut map: A) -> Result<Pairs, A::Error> {
            let mut count = 0;
            while map.next_entry::<serde::de::IgnoredAny, serde::de::IgnoredAny>()?.is_some() {
                count += 1;
            }
            Ok(Pairs(count))
        }
    }
    serde_json::from_slice::<Body>(body).expect("it was read before").files.0
}

fn refused(body: &[u8], refusal: &Refusal) {
    check_refusal(refusal);
    let is_malformed = matches!(refusal, Refusal::Malformed(_));
    let Ok(Value::Object(said)) = serde_json::from_slice(body) else {
        assert!(is_malformed, "no JSON object, but {refusal:?}");
        return;
    };
    if is_malformed {
        return;
    }
    // Files come first; where they are in order, what is wrong is the mode or its options, or the arguments.
    let files = match (said.get("files"), said.get("source")) {
        (Some(Value::Object(files)), None) => {
            let text = |text: &Value| text.as_str().expect("else malformed").to_owned();
            Files::new(files.iter().map(|(name, value)| (name.clone(), text(value))))
        }
        (None, Some(Value::String(source))) => Files::from_source(source),
        // Null counts as absent.
        _ => return,
    };
    let Refusal::NotAllowed { allowed, .. } = refusal else { return };
    if files.is_err() {
        return;
    }
    let mode = said["mode"].as_str().expect("else malformed");
    let options = said.get("options").and_then(Value::as_object).cloned().unwrap_or_default();
    if !NAMES.contains(&mode) {
        assert_eq!(allowed, &NAMES, "{refusal:?}");
    } else if let Err(of_mode) = Mode::new(mode, options) {
        assert_eq!(&of_mode, refusal);
        // These have no options to list.
        assert_eq!(allowed.is_empty(), ["bounds", "vet", "fmt"].contains(&mode), "{refusal:?}");
    }
}
