//! What a page says of how a run ended, and of what it cost.

use std::collections::BTreeMap;

use crate::protocol::{Ending, Event, Exit};
use crate::run::limits::Limits;

/// The sentence for each exit status, by its name. `{code}` and `{signal}` are left to be filled in.
pub fn sentences(limits: &Limits) -> BTreeMap<String, String> {
    Ending::ALL.into_iter().map(|ending| (ending.name().to_owned(), sentence(ending, limits))).collect()
}

/// The sentence for an exit, with its blanks filled in.
pub fn filled(exit: &Exit, sentences: &BTreeMap<String, String>) -> String {
    let sentence = sentences.get(exit.status.name()).map_or("It has ended.", String::as_str);
    let code = exit.code.map_or_else(|| "unknown".to_owned(), |code| code.to_string());
    sentence.replace("{code}", &code).replace("{signal}", exit.signal.as_deref().unwrap_or("unknown"))
}

/// What an event says of the run as a whole, beside its ending.
pub fn note(event: &Event) -> Option<String> {
    match event {
        // What is said of a file is there in the tools' own words.
        Event::Diagnostic(diagnostic) => diagnostic.file.is_none().then(|| diagnostic.message.clone()),
        Event::Truncated { limit_bytes, .. } => {
            let limit = size(*limit_bytes);
            Some(format!("The output was cut after {limit}. What came later was thrown away."))
        }
        Event::Artifact { name, mime, .. } if mime == "text/html" => {
            Some(format!("It made {name}, which the API hands out"))
        }
        _ => None,
    }
}

/// Names and values of what a run cost.
pub fn costs(exit: &Exit) -> Vec<(String, String)> {
    [("Wall", time(exit.wall_ms)), ("CPU", time(exit.cpu_ms)), ("Memory", size(exit.max_rss_bytes))]
        .map(|(name, value)| (name.to_owned(), value))
        .to_vec()
}

/// A size in binary units, as Go's own traces have them: `512 B`, `1.5 MiB`, `24 MiB`.
pub fn size(bytes: u64) -> String {
    let (mut tenths, mut unit) = (bytes.saturating_mul(10), 0);
    while tenths >= 10 * 1024 && unit < 3 {
        tenths = (tenths + 512) / 1024;
        unit += 1;
    }
    let unit = ["B", "KiB", "MiB", "GiB"][unit];
    match (tenths / 10, tenths % 10) {
        (whole, 0) => format!("{whole} {unit}"),
        (whole @ 10.., part) => format!("{} {unit}", whole + u64::from(part >= 5)),
        (whole, part) => format!("{whole}.{part} {unit}"),
    }
}

fn time(ms: u64) -> String {
    match ms {
        ..1000 => format!("{ms} ms"),
        1000..10_000 => format!("{}.{:02} s", ms / 1000, ms % 1000 / 10),
        _ => format!("{} s", (ms + 500) / 1000),
    }
}

fn sentence(ending: Ending, limits: &Limits) -> String {
    let (build, run) = (&limits.build, &limits.run);
    let own = match ending {
        Ending::Ok => "Finished without an error.",
        Ending::BuildFailed => {
            "It does not build. Standard error says where and why; change the code and press Run again."
        }
        Ending::Failed => "It ended with exit code {code}. Look at the end of standard error for the reason.",
        Ending::Signalled => "It was ended by signal {signal}. Look at the end of standard error for the reason.",
        Ending::Cancelled => "Stopped before its end. Press Run to start again.",
        Ending::Internal => {
            "The server failed here, not your code. Press Run again, and tell its operator if that does not help."
        }
        Ending::TimedOut => {
            return format!(
                "Stopped: the time was up. {} Look for a loop without an end, or give it less to do.",
                shares(&format!("{} s", run.seconds), &format!("{} s", build.seconds))
            );
        }
        Ending::OutOfMemory => {
            return format!(
                "Stopped: the memory was used up. {} Hold less at a time.",
                shares(&size(run.memory_bytes), &size(build.memory_bytes))
            );
        }
        Ending::OutputLimit => {
            return format!(
                "Stopped: it printed more than {}, which is as much as a run may print. Print less.",
                size(limits.output_bytes)
            );
        }
    };
    own.to_owned()
}

fn shares(program: &str, build: &str) -> String {
    if program == build {
        format!("A program may have {program}, and so may its build.")
    } else {
        format!("A program may have {program}, its build {build}.")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_ending_has_a_sentence_without_strange_blanks() {
        let sentences = sentences(&Limits::default());
        assert_eq!(sentences.len(), Ending::ALL.len());
        for (name, sentence) in &sentences {
            let rest = sentence.replace("{code}", "").replace("{signal}", "");
            assert!(rest.ends_with('.') && !rest.contains(['{', '}']), "{name}: {sentence}");
        }
        assert!(sentences["timed_out"].contains("10 s"), "{}", sentences["timed_out"]);
        assert!(sentences["out_of_memory"].contains("256 MiB, its build 1 GiB"), "{}", sentences["out_of_memory"]);
        assert!(sentences["output_limit"].contains("1 MiB"), "{}", sentences["output_limit"]);
    }

    #[test]
    fn blanks_are_filled_in() {
        let sentences = sentences(&Limits::default());
        let exit = Exit { code: Some(3), ..Exit::without_process(Ending::Failed) };
        assert!(filled(&exit, &sentences).contains("exit code 3"));
        let exit = Exit { signal: Some("SIGSEGV".into()), ..Exit::without_process(Ending::Signalled) };
        assert!(filled(&exit, &sentences).contains("signal SIGSEGV"));
    }

    #[test]
    fn numbers_are_short() {
        assert_eq!(
            [512, 1024, 1536, 25_480_000, 1 << 30].map(size),
            ["512 B", "1 KiB", "1.5 KiB", "24 MiB", "1 GiB"]
        );
        assert_eq!([0, 999, 1240, 12_400].map(time), ["0 ms", "999 ms", "1.24 s", "12 s"]);
    }
}
