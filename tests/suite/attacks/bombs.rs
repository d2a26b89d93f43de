//! Programs that make the compiler or the linker work without end, or take what there is not. The sources are made
//! here, each as large as a request may be.

use std::fmt::Write as _;

use super::{main_of, program, says_out_of_memory};
use crate::harness::command::Run;
use crate::harness::host::Host;

/// Builds with little memory.
fn build(source: &str, host: Host) -> Run {
    program(source, host).limit("BUILD_MEMORY", "320MiB")
}

/// Fails unless the compiler was stopped: for its time, or for its memory, whichever ends first on a machine of this
/// speed. Without a memory cgroup the compiler may also say itself that memory ran out.
#[track_caller]
fn is_stopped(source: &str) {
    assert!(source.len() <= 256 * 1024, "{} bytes are more than a request may have", source.len());
    Host::each(|host| {
        let events = build(source, host).limit("BUILD_SECONDS", 2).tells();
        match events.status() {
            "timed_out" | "out_of_memory" => {}
            "build_failed" if !host.memory_is_hard() => {
                assert!(says_out_of_memory(&events.stderr()), "{}", events.stderr());
            }
            other => panic!("{other}: {}", events.stderr()),
        }
        assert!(events.stderr().len() < 64 * 1024, "a dump of {} bytes", events.stderr().len());
    });
}

/// Fails unless the compiler found it wrong, in few words.
#[track_caller]
fn is_refused(source: &str, says: &str) {
    Host::each(|host| {
        let events = build(source, host).tells().that_end("build_failed");
        let stderr = events.stderr();
        assert!(stderr.contains(says), "{says:?} is not in {stderr}");
        assert!(!stderr.contains("goroutine ") && stderr.len() < 4096, "a raw crash of the compiler: {stderr}");
    });
}

/// `line(i)` for each of the first `count` numbers.
fn lines(count: usize, line: impl Fn(usize) -> String) -> String {
    (0..count).fold(String::new(), |mut text, number| {
        writeln!(text, "{}", line(number)).expect("written");
        text
    })
}

#[test]
fn functions_in_functions() {
    is_stopped(&main_of(&("func(){".repeat(20_000) + &"}()".repeat(20_000))));
}

#[test]
fn blocks_in_blocks() {
    is_stopped(&main_of(&("{".repeat(130_000) + &"}".repeat(130_000))));
}

#[test]
fn generics_that_grow_exponentially() {
    let functions = lines(40, |i| {
        let next = i + 1;
        format!("func f{i}[A, B any]() {{ f{next}[P[A, B], A](); f{next}[B, P[A, B]]() }}")
    });
    let pair = "type P[A, B any] struct {\n\ta A\n\tb B\n}\n";
    let last = "func f40[A, B any]() { println(new(P[A, B])) }\n";
    is_stopped(&format!("{}{pair}{functions}{last}", main_of("f0[int, string]()")));
}

#[test]
fn generics_that_never_stop() {
    let source = "type P[A any] struct{ a A }\n\nfunc f[T any](n int) {\n\tif n > 0 {\n\t\tf[P[T]](n - 1)\n\t}\n}\n";
    is_refused(&(main_of("f[int](3)") + source), "instantiation cycle");
}

#[test]
fn types_that_double() {
    let types = lines(60, |i| format!("type T{} struct{{ a, b T{i} }}", i + 1));
    is_stopped(&format!("{}type T0 int\n{types}var x T60\n", main_of("println(&x)")));
}

#[test]
fn strings_that_double() {
    let constants = lines(60, |i| format!("const c{} = c{i} + c{i}", i + 1));
    is_stopped(&format!("{}const c0 = \"x\"\n{constants}", main_of("println(len(c60))")));
}

#[test]
fn numbers_that_square() {
    let constants = lines(60, |i| format!("const c{} = c{i} * c{i}", i + 1));
    is_refused(&format!("{}const c0 = 3\n{constants}", main_of("println(c60 > 0)")), "overflow");
}

#[test]
fn arrays_that_double() {
    let types = lines(60, |i| format!("type A{} [2]A{i}", i + 1));
    is_refused(&format!("{}type A0 int\n{types}var x A60\n", main_of("println(&x)")), "larger than address space");
}

#[test]
fn interfaces_in_interfaces() {
    let interfaces = lines(3000, |i| format!("type I{n} interface{{ I{i}; m{n}(I{n}) }}", n = i + 1));
    is_stopped(&format!("{}type I0 interface{{ m() }}\n{interfaces}", main_of("")));
}

/// The program calls 2 to the power of 60 functions. It builds; what has no end is its run.
#[test]
fn calls_that_double() {
    let functions = lines(60, |i| format!("func f{}() int {{ return f{i}() + f{i}() }}", i + 1));
    let source = format!("{}func f0() int {{ return 1 }}\n{functions}", main_of("println(f60())"));
    Host::each(|host| {
        let events = program(&source, host).limit("RUN_SECONDS", 1).tells().that_end("timed_out");
        assert_eq!(events.stderr(), "");
    });
}

/// 60,000 cases are more than a request holds; as many as it holds are built.
#[test]
fn cases_of_a_switch() {
    let switch =
        |count| format!("x := 3\nswitch x {{\n{}}}\nprintln(x)", lines(count, |i| format!("case {i}:x+={i}")));
    Host::each(|host| {
        let ended = program(&main_of(&switch(60_000)), host).ends().with_code(2);
        ended.and_says("larger than 262144 bytes; send a shorter program");
        let events = program(&main_of(&switch(12_000)), host).tells().that_end("ok");
        assert_eq!(events.stderr(), "6\n");
    });
}

/// The compiler dies of this one with a dump of its own goroutines, which is not for readers.
#[test]
fn an_index_that_is_too_large() {
    let source = main_of("println(len(x))") + "\nvar x = []int{1<<33: 1}\n";
    Host::each(|host| {
        let events = build(&source, host).tells();
        assert!(["build_failed", "out_of_memory"].contains(&events.status()), "{}", events.exit());
        let told =
            events.first("diagnostic").map_or_else(String::new, |diagnostic| diagnostic["message"].to_string());
        assert!((events.stderr() + &told).contains("memory"), "{}{told}", events.stderr());
        assert!(!events.stderr().contains("goroutine "), "a raw crash of the compiler: {}", events.stderr());
    });
}

#[test]
fn more_data_than_there_is_room() {
    let source = main_of("println(&x, x[0])") + "\nvar x = [512 << 20]byte{1}\n";
    is_refused(&source, "file too large");
}

/// It is linked, but larger than what is taken from the linker.
#[test]
fn a_program_that_is_too_large_is_called_so() {
    let source = main_of("println(&x, x[0])") + "\nvar x = [150 << 20]byte{1}\n";
    Host::each(|host| {
        let events = program(&source, host).tells().that_end("build_failed");
        let told =
            events.first("diagnostic").map_or_else(String::new, |diagnostic| diagnostic["message"].to_string());
        let said = events.stderr() + &told;
        assert!(!said.contains("is not a main package") && said.contains("large"), "{said}");
    });
}

/// 1 TiB on the stack: the compiler moves it to the heap, and Go's runtime says that there is no such heap.
#[test]
fn a_variable_that_is_too_large() {
    Host::each(|host| {
        let events = program(&main_of("var x [1 << 40]byte\nprintln(&x)"), host).tells().that_end("failed");
        assert!(events.stderr().contains("out of memory"), "{}", events.stderr());
    });
}
