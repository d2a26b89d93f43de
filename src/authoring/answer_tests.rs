//! `tests/questions.json`: questions, what a run said, and the answer. `web/test/predict.test.ts` reads the same file, and
//! takes what is `asked` from it, which is what our pages hold.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::*;
use crate::examples;
use crate::protocol::event::Diagnostic;
use crate::protocol::{Event, Exit, Stream};
use crate::site::prediction;

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/questions.json");

#[derive(Deserialize, Serialize)]
struct Case {
    why: String,
    mode: String,
    toml: String,
    source: String,
    stdout: String,
    stderr: String,
    diagnostics: Vec<Value>,
    status: Ending,
    cut: bool,
    asked: Value,
    answer: Value,
}

/// `UNDERHOOD_WRITE_QUESTIONS=1 cargo test questions` writes what is asked anew.
#[test]
fn questions_are_answered_as_the_page_answers_them() {
    let mut cases: Vec<Case> = serde_json::from_str(&std::fs::read_to_string(FILE).unwrap()).unwrap();
    let is_to_write = std::env::var_os("UNDERHOOD_WRITE_QUESTIONS").is_some();
    for case in &mut cases {
        let question = question(&case.mode, &case.toml);
        let asked = serde_json::to_value(prediction(&question, &case.source)).unwrap();
        if is_to_write {
            case.asked = asked;
        } else {
            assert_eq!(asked, case.asked, "{}", case.why);
        }
        let output = Output {
            go: "go1.27.3".into(),
            stdout: case.stdout.clone(),
            stderr: case.stderr.clone(),
            diagnostics: case.diagnostics.iter().map(|one| Diagnostic::deserialize(one).unwrap()).collect(),
            command: String::new(),
            pieces: Vec::new(),
            notes: if case.cut {
                vec![Event::Truncated { stream: Stream::Stdout, limit_bytes: 1 }]
            } else {
                Vec::new()
            },
            exit: Exit::without_process(case.status),
            wall_ms: 0,
        };
        let answer = match answer(&question.kind, &case.source, &output) {
            Ok(Answer::Lines(lines)) => {
                json!({"lines": lines.iter().map(|(file, line)| format!("{file}:{line}")).collect::<Vec<_>>()})
            }
            // As JSON has it, where 3 and 3.0 are one number.
            Ok(Answer::Number(number)) => {
                json!({"number": serde_json::from_str::<Value>(&number.to_string()).unwrap()})
            }
            Ok(Answer::Choice(choice)) => json!({"choice": choice}),
            Err(_) => Value::Null,
        };
        assert_eq!(answer, case.answer, "{}", case.why);
    }
    if is_to_write {
        std::fs::write(FILE, serde_json::to_string_pretty(&cases).unwrap() + "\n").unwrap();
    }
}

fn question(mode: &str, keys: &str) -> examples::Question {
    let keys = keys.replace("[[choice]]", "[[variant.predict.choice]]");
    let description = format!(
        "title = \"T\"\n[[variant]]\nname = \"a\"\nmode = \"{mode}\"\n[variant.predict]\nquestion = \"Q?\"\n{keys}"
    );
    let files = [("t/n/example.toml", description.as_str()), ("t/n/main.go", "package main\n")];
    let mut reading = examples::read(files.map(|(name, text)| (name.to_owned(), text.as_bytes().to_vec())));
    assert!(reading.faults.is_empty(), "{keys}: {}", reading.faults[0]);
    reading.examples.swap_remove(0).variants.swap_remove(0).question.unwrap()
}
