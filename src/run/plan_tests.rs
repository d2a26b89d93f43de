use sandbox::spec::Word;

use super::words::words;
use super::*;
use crate::toolchain::Tools;

fn lower(body: &str) -> Plan {
    try_lower(body).unwrap()
}

fn try_lower(body: &str) -> Result<Plan, Refusal> {
    let library = Library { folder: "/somewhere/std".into(), ..Library::default() };
    let go = Prepared {
        version: "go1.27.3".to_owned(),
        id: "0123456789abcdef".to_owned(),
        goroot: "/somewhere/go".into(),
        library: library.clone().into(),
        tools: Tools {
            folder: "/somewhere/tools".into(),
            names: ["objdump", "nm", "layout", "sections"].map(str::to_owned).into(),
        },
        knobs: crate::toolchain::Knobs { godebug: ["gctrace".to_owned()].into(), goexperiment: [].into() },
    };
    Plan::lower(Request::from_json(body.as_bytes()).unwrap(), &go, Some(&library), &library, &Limits::default())
}

#[test]
fn commands_to_paste() {
    let line = |body| lower(body).command;
    assert_eq!(
        line(r#"{"source": "x", "mode": "escape", "options": {"level": 2, "inline": "off"}}"#),
        "go build '-gcflags=-m=2 -l' -o /dev/null main.go"
    );
    assert_eq!(
        line(r#"{"source": "x", "mode": "run", "env": {"GODEBUG": "gctrace=1"}, "args": ["it's"]}"#),
        r"go build -o main main.go && GODEBUG=gctrace=1 ./main 'it'\''s'"
    );
    assert_eq!(
        line(r#"{"files": {"go.mod": "", "b/b.go": ""}, "mode": "escape"}"#),
        "go build -gcflags=-m -o /dev/null ."
    );
}

#[test]
fn nothing_of_the_reader_reaches_the_toolchain_but_files() {
    let plan = lower(r#"{"source": "x", "mode": "run", "env": {"GODEBUG": "gctrace=1"}, "args": ["-x"]}"#);
    let build = &plan.build.job.commands[0];
    let expected = [words(&["go", "build", "-o"]), vec![Word::path("", "/out/main")], words(&["main.go"])].concat();
    assert_eq!(build.argv, expected);
    let debug: Vec<_> = build.env.iter().filter(|(name, _)| name == "GODEBUG").collect();
    assert_eq!(debug, [&("GODEBUG".to_owned(), Word::from("goindex=0"))]);
    let run = &plan.run.unwrap().job.commands[0];
    assert_eq!(run.argv, words(&["main", "-x"]));
    assert!(run.env.contains(&("GODEBUG".to_owned(), Word::from("gctrace=1"))));
}

#[test]
fn the_compiler_is_given_a_file() {
    for files in [r#""go.mod": "", "b/b.go": """#, r#""go.mod": "", "a_test.go": """#, r#""b/b.go": """#] {
        let refused = try_lower(&format!(r#"{{"files": {{{files}}}, "mode": "asm"}}"#));
        assert!(matches!(refused, Err(Refusal::NotAllowed { .. })), "{files}");
    }
}

#[test]
fn tests_are_not_built_into_the_program() {
    let plan = lower(r#"{"files": {"b.go": "", "a.go": "", "a_test.go": "", "data.txt": ""}, "mode": "escape"}"#);
    assert_eq!(plan.build.job.commands[0].argv[5..], words(&["a.go", "b.go"]));
    // Nor do they stand in the way of the compiler.
    let plan = lower(r#"{"files": {"a.go": "package main\nfunc main() {}", "a_test.go": "?"}, "mode": "escape"}"#);
    assert_eq!(plan.build.steps, ["compile"]);
    assert!(plan.build.job.commands[0].argv.ends_with(&[Word::path("", "/code/a.go")]));
    let plan = lower(r#"{"files": {"a.go": "package main\nfunc main() {}", "a_test.go": "?"}, "mode": "test"}"#);
    assert_eq!(plan.build.steps, ["build"]);
}
