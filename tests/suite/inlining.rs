//! Through which calls instructions were inlined: what `inlining=on` tells, against the listing, `-S=2`, the linked binary, and
//! the source itself.

use std::collections::BTreeMap;

use serde_json::Value;
use underhood::findings::inlining;
use underhood::findings::listing::{self, Line};

use crate::harness::command::{finish, run_text};
use crate::harness::events::Events;
use crate::harness::go::{Folder, root};
use crate::harness::text_of;

const PROGRAM: &str = "programs/inlined_loops.go";

/// A frame as it is told: function, file, line.
type Frame = (String, String, u64);

/// The stack of each instruction, by its function and offset.
type Stacks = BTreeMap<(String, u64), Vec<Frame>>;

fn listed(program: &str, options: &[&str]) -> Events {
    let run = run_text(text_of(program)).mode("asm");
    options.iter().fold(run, |run, option| run.opt(option)).tells().that_end("ok")
}

fn stacks(events: &Events) -> Stacks {
    let artifact = events.first("artifact").expect("an artifact");
    assert_eq!((&artifact["name"], &artifact["mime"]), (&"inlining.json".into(), &"application/json".into()));
    let told: Value = serde_json::from_str(artifact["text"].as_str().expect("text")).expect("JSON");
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    let array = |value: &Value| value.as_array().expect("an array").clone();
    let mut stacks = Stacks::new();
    for function in array(&told["functions"]) {
        for instruction in array(&function["instructions"]) {
            let (pc, stack) = (instruction[0].as_u64().expect("pc"), instruction[1].as_u64().expect("a number"));
            let frames = array(&function["stacks"][usize::try_from(stack).expect("small")]);
            let frame = |frame: Value| {
                (text(&frame["function"]), text(&frame["file"]), frame["line"].as_u64().expect("line"))
            };
            stacks.insert((text(&function["symbol"]), pc), frames.into_iter().map(frame).collect());
        }
    }
    stacks
}

/// Where a listing has each instruction that takes room, by function and offset.
fn places(listing: &str) -> BTreeMap<(String, u64), (String, u64)> {
    let mut places = BTreeMap::new();
    let mut function = "";
    for line in listing.lines() {
        match listing::parse(line) {
            Line::Symbol(symbol) => function = symbol.name.trim_end_matches("<1>"),
            Line::Instruction(found) => {
                let key = (function.to_owned(), found.pc.parse().expect("a number"));
                // Of several at one offset, only the last takes room.
                match found.place.spot() {
                    Some(spot) => places.insert(key, (spot.file.to_owned(), u64::from(spot.line))),
                    None => places.remove(&key),
                };
            }
            _ => {}
        }
    }
    places
}

/// The line of each instruction of the linked binary, by function and offset.
fn disassembled(text: &str) -> BTreeMap<(String, u64), u64> {
    let mut lines = BTreeMap::new();
    let (mut function, mut start) = (String::new(), None);
    for line in text.lines() {
        if let Some(head) = line.strip_prefix("TEXT ") {
            function = head.split_once("(SB)").expect("a name").0.to_owned();
            start = None;
        } else if let [place, address, ..] = line.split_whitespace().collect::<Vec<_>>()[..] {
            let address = u64::from_str_radix(address.trim_start_matches("0x"), 16).expect("an address");
            let pc = address - *start.get_or_insert(address);
            let (_, number) = place.rsplit_once(':').expect("a line");
            lines.insert((function.clone(), pc), number.parse().expect("a number"));
        }
    }
    lines
}

/// `total` of `main.total[go.shape.int]`.
fn stem(function: &str) -> &str {
    function.trim_start_matches("main.").split('[').next().expect("a name")
}

#[test]
fn every_instruction_leads_to_the_right_lines() {
    let with = listed(PROGRAM, &["inlining=on"]);
    let plain = listed(PROGRAM, &[]);
    assert_eq!(with.stdout(), plain.stdout());
    assert_eq!(
        with.first("started").expect("started")["command"],
        plain.first("started").expect("started")["command"]
    );
    assert!(plain.first("artifact").is_none());
    let stacks = stacks(&with);

    // The first of a stack is what -S has, of each instruction; the last what -S=2 has.
    let folder = Folder::with(vec![("main.go".to_owned(), text_of(PROGRAM))]);
    let outermost = folder.compile(&["-S=2"], &[]);
    assert_eq!(outermost.code, Some(0), "{}", outermost.stderr);
    let place_of = |frame: &Frame| (frame.1.clone(), frame.2);
    let innermost: BTreeMap<_, _> = stacks.iter().map(|(at, stack)| (at.clone(), place_of(&stack[0]))).collect();
    assert_eq!(innermost, places(&plain.stdout()));
    let last = |stack: &Vec<Frame>| stack.last().map(place_of).expect("a frame");
    let outer: BTreeMap<_, _> = stacks.iter().map(|(at, stack)| (at.clone(), last(stack))).collect();
    assert_eq!(outer, places(&outermost.stdout));
    for ((symbol, pc), stack) in &stacks {
        assert_eq!(stack.last().map(|frame| &frame.0), Some(symbol), "{pc}");
    }

    // The linked binary has the innermost lines, of the functions that are in it.
    let binary = run_text(text_of(PROGRAM)).mode("objdump").tells().that_end("ok");
    let binary = disassembled(&binary.stdout());
    let mut compared = 0;
    for (at, line) in &binary {
        if let Some(stack) = stacks.get(at) {
            assert_eq!(stack[0].2, *line, "{at:?}");
            compared += 1;
        }
    }
    assert!(compared > 50 && binary.keys().any(|(name, _)| name == "main.average"), "{compared} of {}", binary.len());

    // Each line around calls what the frame before is in, by its name or as the parameter f.
    let source = text_of(PROGRAM);
    let source: Vec<&str> = source.lines().collect();
    let line = |frame: &Frame| source[usize::try_from(frame.2).expect("small") - 1];
    for (at, stack) in &stacks {
        for calls in stack.windows(2) {
            let [callee, caller] = calls else { unreachable!() };
            let name = stem(&callee.0);
            let call = match callee.0.contains(".func1") {
                true => "f(".to_owned(),
                // A wrapper of an instance has no line of its own but that of the function.
                false if stem(&caller.0) == name && !caller.0.contains(".func1") => format!("func {name}["),
                false => format!("{name}("),
            };
            assert!(line(caller).contains(&call), "{at:?}: {callee:?} is not called on {:?}", line(caller));
        }
    }
    let deepest = stacks.values().max_by_key(|stack| stack.len()).expect("a stack");
    assert_eq!(deepest.iter().map(|frame| frame.2).collect::<Vec<_>>()[..4], [6, 18, 12, 18]);
    assert_eq!(line(&deepest[0]).trim(), "return a + b");
}

#[test]
fn only_of_the_function_that_is_asked_for() {
    let one = listed(PROGRAM, &["inlining=on", "func=average"]);
    let names: Vec<String> = stacks(&one).into_keys().map(|(name, _)| name).collect();
    assert!(!names.is_empty() && names.iter().all(|name| name == "main.average"), "{names:?}");
    assert_eq!(one.stdout(), listed(PROGRAM, &["func=average"]).stdout());
}

#[test]
fn what_does_not_compile_has_none() {
    let broken = run_text("package main\n\nfunc main() { x }\n").mode("asm").opt("inlining=on").tells();
    assert_eq!(broken.status(), "build_failed");
    assert!(broken.first("artifact").is_none());
}

/// Functions of a real package: none is left out, on three architectures.
#[test]
fn all_of_package_fmt() {
    for arch in ["amd64", "arm64", "riscv64"] {
        let folder = Folder::with(Vec::new());
        let mut command = folder.command(&root().join("bin/go"));
        command.args(["build", "-gcflags=fmt=-S -d=pctab=pctoinline", "fmt"]).env("GOARCH", arch);
        let printed = finish(command, b"");
        assert_eq!(printed.code, Some(0), "{}", printed.stderr);
        let mut functions = 0;
        let mut is_code = false;
        for line in printed.stderr.lines() {
            match listing::parse(line) {
                Line::Symbol(symbol) => is_code = symbol.is_text(),
                Line::Instruction(found) if is_code && found.operation == "TEXT" => functions += 1,
                _ => {}
            }
        }
        let read = inlining::read(&printed.stderr);
        assert_eq!(read.functions.len(), functions, "{arch}");
        let deepest = read.functions.iter().flat_map(|function| &function.stacks).map(Vec::len).max();
        assert!(functions > 200 && deepest > Some(3), "{arch}: {functions}, {deepest:?}");
    }
}
