//! `underhood run`: exit codes, options, input and events.

use std::fs;

use crate::harness::command::{run, run_text};
use crate::harness::{examples, suite};

/// A program of one statement.
fn main_of(statement: &str) -> String {
    format!("package main\n\nfunc main() {{ {statement} }}\n")
}

#[test]
fn output_goes_where_the_program_sends_it() {
    let program = "package main\n\nimport \"os\"\n\n\
        func main() { os.Stdout.WriteString(\"out\\n\"); os.Stderr.WriteString(\"err\\n\") }\n";
    let ended = run_text(program).ends().with_code(0);
    assert_eq!((ended.stdout.as_str(), ended.stderr.as_str()), ("out\n", "err\n"));
}

#[test]
fn the_code_is_the_programs_own() {
    let exit = |code| format!("package main\n\nimport \"os\"\n\nfunc main() {{ os.Exit({code}) }}\n");
    for code in [0, 1, 3, 255] {
        run_text(exit(code)).ends().with_code(code);
    }
    run_text(main_of(r#"panic("down")"#)).ends().with_code(2).and_says("panic: down\n");
    run_text(main_of("var p *int; *p = 1")).ends().with_code(2).and_says("[signal SIGSEGV");
    run_text(main_of("select {}")).ends().with_code(2).and_says("all goroutines are asleep - deadlock!");
}

#[test]
fn what_does_not_build_ends_with_1() {
    let ended = run("programs/type_error.go").ends().with_code(1).and_says("./type_error.go:5:34: ");
    assert_eq!(ended.stdout, "");
    run_text("func main() {}\n").ends().with_code(1).and_says("expected 'package'");
    run("programs/not_main.go").ends().with_code(1).and_says("is not a main package");
}

#[test]
fn a_program_that_sleeps_ends_with_124() {
    let program = "package main\n\nimport \"time\"\n\nfunc main() { println(\"before\"); time.Sleep(time.Hour) }\n";
    run_text(program).ends().with_code(124).and_says("before\n").and_says("ran longer than it may");
}

#[test]
fn a_program_that_eats_memory_ends_with_137() {
    let eat =
        "var kept [][]byte; for { b := make([]byte, 1<<20); for i := range b { b[i] = 1 }; kept = append(kept, b) }";
    run_text(main_of(eat)).ends().with_code(137).and_says("more memory than it may");
}

#[test]
fn a_program_that_prints_without_end_is_cut() {
    let ended = run_text(main_of(r#"for { println("again") }"#)).ends().with_code(141);
    assert!(ended.stderr.starts_with("again\nagain\n"), "what came first is not kept");
    let (printed, said) = ended.stderr.split_at(1 << 20);
    assert!(printed.lines().rev().skip(1).all(|line| line == "again"), "something else stands in between");
    assert_eq!(said.matches("stopped; a run may print 1048576 bytes").count(), 1, "{said:?}");
}

#[test]
fn bad_usage_ends_with_2_and_says_what_is_allowed() {
    let hello = || run("programs/hello.go");
    hello().mode("objcopy").ends().with_code(2).and_says("run, escape, asm");
    hello().mode("escape").opt("level=3").ends().with_code(2).and_says("level: 1 or 2");
    hello().mode("escape").opt("gcflags=-x").ends().with_code(2).and_says("inline: on or off");
    hello().opt("level").ends().with_code(2).and_says("KEY=VALUE");
    hello().env("LD_PRELOAD=x").ends().with_code(2).and_says("GODEBUG, GOEXPERIMENT, GOGC");
    hello().env("GOFLAGS=-toolexec=x").ends().with_code(2).and_says("GOMAXPROCS");
    hello().mode("escape").env("GOGC=50").ends().with_code(2).and_says("GOEXPERIMENT");
    hello().argument("--no-such-flag").ends().with_code(2).and_says("--no-such-flag");
    run("programs/nowhere.go").ends().with_code(2).and_says("nowhere.go");
    run_text(b"package main // \xff\n").ends().with_code(2).and_says("UTF-8");
    run_text("-- ../up.go --\npackage main\n").ends().with_code(2).and_says("`..`");
}

#[test]
fn an_unknown_knob_is_refused_with_the_list() {
    let ended = run("programs/hello.go").env("GODEBUG=nosuchknob=1").ends().with_code(2).and_says("nosuchknob");
    for knob in ["gctrace", "schedtrace", "inittrace", "madvdontneed"] {
        assert!(ended.stderr.contains(knob), "{knob} is not in {}", ended.stderr);
    }
}

#[test]
fn arguments_and_standard_input_reach_the_program() {
    let program = "package main\n\nimport (\n\t\"fmt\"\n\t\"io\"\n\t\"os\"\n)\n\nfunc main() {\n\
        \tall, _ := io.ReadAll(os.Stdin)\n\tfmt.Printf(\"%q %q\\n\", os.Args[1:], all)\n}\n";
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("input");
    fs::write(&file, "a line\n").expect("written");
    let told = run_text(program).arg("-x").arg("it's ü").argument("--stdin").argument(&file).ends().with_code(0);
    assert_eq!(told.stdout, "[\"-x\" \"it's ü\"] \"a line\\n\"\n");
    let nothing = run_text(program).ends().with_code(0);
    assert_eq!(nothing.stdout, "[] \"\"\n");
}

#[test]
fn several_files_in_every_way() {
    let text = fs::read_to_string(suite("programs/several_files.txtar")).expect("read");
    assert_eq!(run_text(text).ends().with_code(0).stdout, "hello\n");
    let folder = tempfile::tempdir().expect("a folder");
    let (a, b) = (folder.path().join("a.go"), folder.path().join("b.go"));
    fs::write(&a, "package main\n\nfunc main() { println(b()) }\n").expect("written");
    fs::write(&b, "package main\n\nfunc b() int { return 7 }\n").expect("written");
    assert_eq!(run(a).argument(b).ends().with_code(0).stderr, "7\n");
    run("programs/module.txtar").ends().with_code(0);
}

#[test]
fn events_tell_the_whole_story() {
    let events = run("programs/hello.go").tells().that_end("ok");
    assert_eq!(events.stdout(), "hello\n");
    let started = events.first("started").expect("started");
    assert_eq!((&started["mode"], &started["cached"]), (&"run".into(), &false.into()));
    assert!(started["go"].as_str().is_some_and(|go| go.starts_with("go1.")), "{started}");
    assert_eq!(started["command"], "go build -o main hello.go && ./main");
    let steps: Vec<_> = events.0.iter().filter(|event| event["type"] == "step").map(|step| &step["name"]).collect();
    assert_eq!(steps, ["compile", "compile", "link", "link", "exec", "exec"], "each begins and ends");
    assert_eq!(events.exit()["code"], 0);
    assert!(events.exit()["max_rss_bytes"].as_u64().is_some_and(|bytes| bytes > 100_000), "{}", events.exit());
}

#[test]
fn events_of_what_goes_wrong() {
    let failed = run_text(main_of("panic(1)")).tells().that_end("failed");
    assert_eq!(failed.exit()["code"], 2);
    let not_built = run("programs/type_error.go").mode("asm").tells().that_end("build_failed");
    assert!(not_built.stdout().contains("type_error.go:5"), "{}", not_built.stdout());
    let kill = "package main\n\nimport \"syscall\"\n\n\
        func main() { syscall.Kill(syscall.Getpid(), syscall.SIGKILL); select {} }\n";
    let killed = run_text(kill).tells().that_end("signalled");
    assert_eq!((&killed.exit()["signal"], &killed.exit()["code"]), (&"SIGKILL".into(), &().into()));
    let invalid = "package main\n\nimport \"os\"\n\nfunc main() { os.Stdout.WriteString(\"a\\xffz\") }\n";
    assert_eq!(run_text(invalid).tells().that_end("ok").stdout(), "a\u{fffd}z");
}

#[test]
fn the_collectors_trace_is_the_runtimes() {
    let events = run(examples().join("gc/trace/main.go")).env("GODEBUG=gctrace=1").tells().that_end("ok");
    let stderr = events.stderr();
    // A cycle may end with the program: its line, which the runtime writes in pieces, is cut off then.
    let whole = stderr.split_inclusive('\n').filter_map(|line| line.strip_suffix('\n'));
    let cycles: Vec<_> = whole.filter(|line| line.starts_with("gc ")).collect();
    assert!(cycles.len() >= 3, "hardly a collection: {stderr}");
    for (index, line) in cycles.iter().enumerate() {
        assert!(is_cycle(line, index + 1), "{line:?} is not what runtime/mgc.go prints");
    }
    assert_eq!(run(examples().join("gc/trace/main.go")).ends().with_code(0).stderr, "", "a trace nobody asked for");
}

/// `gc # @#s #%: #+#+# ms clock, #+#/#/#+# ms cpu, #->#-># MB, # MB goal, # MB stacks, # MB globals, # P`, perhaps
/// with a word on why at the end (package runtime's documentation).
fn is_cycle(line: &str, number: usize) -> bool {
    let mut digits = false;
    let mut shape = String::new();
    for character in line.chars() {
        let is_digit = character.is_ascii_digit() || (character == '.' && digits);
        if is_digit && !digits {
            shape.push('#');
        } else if !is_digit {
            shape.push(character);
        }
        digits = is_digit;
    }
    let grammar =
        "gc # @#s #%: #+#+# ms clock, #+#/#/#+# ms cpu, #->#-># MB, # MB goal, # MB stacks, # MB globals, # P";
    let counted = line.split(' ').nth(1) == Some(&number.to_string());
    counted && shape.strip_prefix(grammar).is_some_and(|rest| rest.is_empty() || rest.starts_with(" ("))
}

/// A read that fills the buffer exactly must not make the runner wait for that stream alone.
#[test]
fn one_quiet_stream_does_not_hold_up_the_other() {
    let source = "package main\n\nimport (\n\t\"os\"\n\t\"strings\"\n)\n\nfunc main() {\n\
                  \tos.Stdout.WriteString(strings.Repeat(\"o\", 16384))\n\
                  \tfor range 200 {\n\t\tos.Stderr.WriteString(strings.Repeat(\"e\", 1024))\n\t}\n}\n";
    let events = run_text(source).tells().that_end("ok");
    assert_eq!((events.stdout().len(), events.stderr().len()), (16384, 200 * 1024));
}

#[test]
fn the_limit_cuts_no_character_and_is_the_last_word() {
    let source = "package main\n\nimport (\n\t\"os\"\n\t\"strings\"\n)\n\n\
                  func main() { os.Stdout.WriteString(\"a\" + strings.Repeat(\"é\", 700_000)) }\n";
    let events = run_text(source).tells().that_end("output_limit");
    assert_eq!(events.stdout().len(), (1 << 20) - 1);
    assert!(!events.stdout().contains(char::REPLACEMENT_CHARACTER));
}
