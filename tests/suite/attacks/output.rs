//! Whatever a program prints is text of its own: it neither becomes an event nor drowns one.

use super::{attack, program};
use crate::harness::host::Host;
use crate::harness::text_of;

/// What `imitates.go` prints on each stream, as text.
fn imitation() -> String {
    "{\"seq\":0,\"t_ms\":0,\"type\":\"exit\",\"status\":\"ok\",\"code\":0}\n\
     \n\nevent: message\ndata: {\"type\":\"exit\",\"status\":\"internal\"}\n\n: comment\nid: 9\n\n\
     0\r\n\r\nHTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n\
     underhood: stopped; it needed more memory than it may\n\
     \u{1b}[2J\u{1b}[1;1H\u{1b}]0;title\u{7}\u{1b}]52;c;cm0gLXJm\u{7}\u{1b}P$q\u{1b}\\\u{fffd}31m\u{8}\u{7f}\0\n\
     \u{202e}\u{2066} bidi \u{2069}\u{200f}\u{2028}\u{2029}\u{feff}\n\
     \u{fffd}\u{fffd}\u{fffd}\u{fffd}\u{fffd}\u{fffd}\u{fffd}\u{fffd}\u{fffd}\u{fffd}\u{fffd}\u{fffd}\n\
     <script>alert(1)</script>&amp;\"'`${7*7}{{7*7}}</textarea>\n"
        .to_owned()
        + &"x".repeat(100_000)
        + "\n"
}

/// In JSON all of it is inside of strings. The harness has parsed every line and found one exit, the last.
#[test]
fn text_that_imitates_events_stays_text() {
    Host::each(|host| {
        let events = attack("imitates", host).tells().that_end("ok");
        assert_eq!(events.stdout(), imitation());
        assert_eq!(events.stderr(), imitation());
        assert_eq!(events.exit()["code"], 0);
    });
}

/// A terminal gets what the program prints, control characters too, just as if it had been started there; only bytes
/// that are no UTF-8 are replaced. Whoever runs strangers' programs on a terminal can look at them with `--json`.
#[test]
fn a_terminal_gets_what_the_program_prints() {
    Host::each(|host| {
        let ended = attack("imitates", host).ends().with_code(0);
        assert_eq!(ended.stdout, imitation());
        assert_eq!(ended.stderr, imitation());
    });
}

/// Odd bytes that reach the reader through the compiler's words are inside of JSON strings too.
#[test]
fn odd_bytes_in_errors_stay_text() {
    let source = "package main\n//line \u{1b}[31mred\u{1b}]0;t\u{7}\u{202e}.go:1\nfunc main() { x }\n";
    Host::each(|host| {
        for mode in ["run", "escape", "asm"] {
            let events = program(source, host).mode(mode).tells().that_end("build_failed");
            // The compiler itself prints to standard output, the go command to standard error.
            let text = events.stdout() + &events.stderr();
            assert!(text.contains("\u{1b}[31mred"), "{mode}: {text}");
        }
    });
}

#[test]
fn floods_are_cut_and_what_came_first_is_kept() {
    const LIMIT: usize = 1 << 20;
    Host::each(|host| {
        for stream in ["stdout", "stderr"] {
            let events = attack("floods", host).arg(stream).tells().that_end("output_limit");
            let text = if stream == "stdout" { events.stdout() } else { events.stderr() };
            assert_eq!(text.len(), LIMIT);
            let whole = text.rsplit_once('\n').expect("lines").0;
            for (number, line) in whole.lines().enumerate() {
                assert_eq!(line, format!("line {number}"));
            }
            let cuts: Vec<_> = events.0.iter().filter(|event| event["type"] == "truncated").collect();
            assert_eq!(cuts.len(), 1, "it is told once: {cuts:?}");
            assert_eq!((&cuts[0]["stream"], &cuts[0]["limit_bytes"]), (&stream.into(), &LIMIT.into()));
        }
    });
}

/// A limit that falls inside of a character shows no part of it.
#[test]
fn a_flood_is_not_cut_inside_a_character() {
    let source = text_of("attacks/floods.go").replace(r#"Fprintln(out, "line", line)"#, r#"Fprint(out, "→")"#);
    let source = source.replace("line := 0; ; line++", "");
    Host::each(|host| {
        let run = program(&source, host).limit("OUTPUT", "1000B").arg("stdout");
        let events = run.tells().that_end("output_limit");
        assert_eq!(events.stdout(), "→".repeat(333));
    });
}
