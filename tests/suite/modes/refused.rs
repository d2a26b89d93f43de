//! What the modes do not take; a refusal says what is allowed.

use super::sources::{LOOPS, TESTS};
use crate::harness::command::run_text;

#[track_caller]
fn refused(files: &str, mode: &str, options: &[&str], says: &str) {
    let run = options.iter().fold(run_text(files).mode(mode), |run, option| run.opt(option));
    run.ends().with_code(2).and_says(says);
}

#[test]
fn options_that_a_mode_does_not_have() {
    refused(LOOPS, "ssa", &[], "func: the name of one function, which must be given");
    refused(LOOPS, "ssa", &["func=sum+"], "func: the name of one function");
    refused(LOOPS, "ssa", &["func=sum:opt-prove"], "func: the name of one function");
    refused(LOOPS, "objdump", &["arch=arm64"], "allowed: func: a function's name");
    refused(LOOPS, "nm", &["sort=name"], "allowed: func: a function's name");
    refused(TESTS, "test", &["count=11"], "count: 1 to 10");
    refused(TESTS, "bench", &["benchtime=1h"], "filter: a regular expression, count: 1 to 10");
    refused(LOOPS, "build", &["ldflags=-X=a.b=c"], "allowed: strip: on or off");
    refused(LOOPS, "layout", &["arch=vax"], "arch: 386, amd64");
    refused(LOOPS, "vet", &["func=f"], "unknown field");
    refused(
        LOOPS,
        "objcopy",
        &[],
        "run, escape, asm, ssa, bounds, objdump, nm, test, bench, vet, fmt, build, layout",
    );
}

/// Wherever Go itself takes `-race` and there is none here.
#[test]
fn the_race_detector() {
    let only = "the race detector is on offer in mode \"run\" only; on a machine of your own, type: go ";
    for (mode, command, allowed) in
        [("test", "test", "filter: a"), ("bench", "test", "filter: a"), ("build", "build", "strip: on or off")]
    {
        for on in ["race=on", "race=true"] {
            refused(TESTS, mode, &[on], &format!("{only}{command} -race"));
            refused(TESTS, mode, &[on], &format!("allowed: {allowed}"));
        }
    }
    run_text(TESTS).mode("run").opt("race=off").ends().with_code(0);
    refused(TESTS, "run", &["race=perhaps"], "expected on, off");
    refused(TESTS, "vet", &["race=on"], "unknown field");
}

#[test]
fn files_that_a_mode_can_do_nothing_with() {
    refused(LOOPS, "test", &[], "_test.go files of the top folder");
    refused("-- a.txt --\nx\n", "fmt", &[], "there is no Go file to format");
    refused(&format!("{LOOPS}-- ssa.html --\nx\n"), "ssa", &["func=sum"], "ssa.html");
}

#[test]
fn variables_of_a_program_are_for_modes_that_run_one() {
    run_text(TESTS).mode("vet").env("GOGC=50").ends().with_code(2).and_says("GOEXPERIMENT");
    run_text(TESTS).mode("test").env("GOGC=50").ends().with_code(0);
}
