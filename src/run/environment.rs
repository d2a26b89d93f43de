//! Which environment variables a reader may set, checked against what the toolchain itself knows.
//!
//! The toolchain ignores an unknown GODEBUG key in silence, so a typing error would look like a finding.

use std::collections::BTreeMap;

use utoipa::openapi::schema::AdditionalProperties;
use utoipa::openapi::{Object, ObjectBuilder, Type};

use crate::protocol::{Mode, Refusal};
use crate::toolchain::Knobs;

/// The variables that may be set.
pub const NAMES: [&str; 6] = ["GODEBUG", "GOEXPERIMENT", "GOGC", "GOMAXPROCS", "GOMEMLIMIT", "GOTRACEBACK"];

/// The longest value in bytes.
const MAX_VALUE_BYTES: usize = 1024;

/// Checks what the reader asked for, and returns what is for the program. GOEXPERIMENT is for the toolchain, and so a part
/// of the target ([`super::plan::Plan::target`]).
///
/// # Errors
/// A variable that is not on the list, or a value that it does not take; the refusal says what is allowed.
pub fn check(env: &BTreeMap<String, String>, mode: &Mode, knobs: &Knobs) -> Result<Vec<(String, String)>, Refusal> {
    let mut of_program = Vec::new();
    for (name, value) in env {
        check_value(name, value, knobs)?;
        match (name.as_str(), mode) {
            ("GOEXPERIMENT", _) => {}
            (_, mode) if mode.runs_program() => of_program.push((name.clone(), value.clone())),
            _ => {
                let detail = format!(
                    "{name} is for the running program; mode {:?} only compiles, and takes GOEXPERIMENT",
                    mode.name()
                );
                return Err(Refusal::not_allowed(detail, ["GOEXPERIMENT"]));
            }
        }
    }
    Ok(of_program)
}

/// The same as JSON Schema, as far as it is the same for all toolchains and modes.
pub fn schema() -> Object {
    let value = |pattern: &str, says: &str| {
        let value = ObjectBuilder::new().schema_type(Type::String).max_length(Some(MAX_VALUE_BYTES));
        value.pattern(Some(pattern)).description(Some(says))
    };
    let traceback = format!("^({})$", TRACEBACKS.join("|"));
    // Each pattern takes all that `check_value` takes, and perhaps more.
    let of_name = |name: &str| match name {
        "GODEBUG" => value(
            r"^[^\x00-\x1f\x7f-\x9f]*$",
            "Settings of the runtime and the library between commas, such as `gctrace=1`; the toolchain must know each.",
        ),
        "GOEXPERIMENT" => value(r"^[a-z0-9,]*$", "Experiments between commas; the toolchain must know each."),
        "GOGC" => value(r"^(off|[+]?[0-9]+)$", "How much the heap may grow between collections, in percent."),
        "GOMAXPROCS" => value(r"^[+]?[0-9]+$", "Processors that run Go code at once, 1 to 1024."),
        "GOMEMLIMIT" => value(r"^(off|[+]?[0-9]+(B|KiB|MiB|GiB|TiB)?)$", "The memory that the collector aims at."),
        _ => value(&traceback, "How much a crash prints."),
    };
    let names = NAMES.into_iter().fold(ObjectBuilder::new(), |names, name| names.property(name, of_name(name)));
    let says = "Environment variables. GOEXPERIMENT goes with every mode, the others with those that run a program.";
    names.additional_properties(Some(AdditionalProperties::FreeForm(false))).description(Some(says)).build()
}

fn check_value(name: &str, value: &str, knobs: &Knobs) -> Result<(), Refusal> {
    if !NAMES.contains(&name) {
        return Err(Refusal::not_allowed(format!("the environment variable {name:?} cannot be set"), NAMES));
    }
    if value.len() > MAX_VALUE_BYTES || value.chars().any(char::is_control) {
        let detail =
            format!("the value of {name} is longer than {MAX_VALUE_BYTES} bytes or holds control characters");
        return Err(Refusal::not_allowed(detail, [""; 0]));
    }
    let wrong = |what: &str, allowed: &[&str]| {
        Err(Refusal::not_allowed(format!("{name}={value} is not {what}"), allowed.iter().copied()))
    };
    match name {
        "GODEBUG" => check_godebug(value, knobs),
        "GOEXPERIMENT" => check_experiments(value, knobs),
        "GOGC" if value == "off" || is_number(value, 0, i32::MAX) => Ok(()),
        "GOGC" => wrong("a percentage", &["off", "a whole number, such as 50"]),
        "GOMAXPROCS" if is_number(value, 1, 1024) => Ok(()),
        "GOMAXPROCS" => wrong("a number of processors", &["1 to 1024"]),
        "GOMEMLIMIT" if value == "off" || is_size(value) => Ok(()),
        "GOMEMLIMIT" => wrong("a size", &["off", "a whole number with B, KiB, MiB, GiB or TiB, such as 64MiB"]),
        _ if TRACEBACKS.contains(&value) => Ok(()),
        _ => wrong("a level", &TRACEBACKS),
    }
}

/// Values of GOTRACEBACK (package runtime's documentation).
const TRACEBACKS: [&str; 8] = ["none", "single", "all", "system", "crash", "0", "1", "2"];

fn check_godebug(value: &str, knobs: &Knobs) -> Result<(), Refusal> {
    for setting in value.split(',').filter(|setting| !setting.is_empty()) {
        let Some((key, _)) = setting.split_once('=') else {
            let detail = format!("GODEBUG is a list of key=value; {setting:?} has no `=`");
            return Err(Refusal::not_allowed(detail, knobs.godebug.iter().cloned()));
        };
        if !knobs.godebug.contains(key) {
            let detail = format!("this toolchain has no GODEBUG setting {key:?}");
            return Err(Refusal::not_allowed(detail, knobs.godebug.iter().cloned()));
        }
    }
    Ok(())
}

fn check_experiments(value: &str, knobs: &Knobs) -> Result<(), Refusal> {
    for name in value.split(',').filter(|name| !name.is_empty()) {
        if !knobs.goexperiment.contains(name) {
            let detail = format!("this toolchain has no experiment {name:?}");
            return Err(Refusal::not_allowed(detail, knobs.goexperiment.iter().cloned()));
        }
    }
    Ok(())
}

fn is_number(value: &str, least: i32, most: i32) -> bool {
    value.parse::<i32>().is_ok_and(|number| (least..=most).contains(&number))
}

/// A GOMEMLIMIT value (package runtime's documentation): digits and an optional unit.
fn is_size(value: &str) -> bool {
    let digits = value.trim_end_matches(|c: char| !c.is_ascii_digit());
    digits.parse::<u64>().is_ok() && ["", "B", "KiB", "MiB", "GiB", "TiB"].contains(&&value[digits.len()..])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(mode: &str, name: &str, value: &str) -> Result<Vec<(String, String)>, Refusal> {
        let set = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        let knobs = Knobs { godebug: set(&["gctrace", "schedtrace"]), goexperiment: set(&["nogreenteagc"]) };
        let mode = Mode::new(mode, serde_json::Map::new()).unwrap();
        super::check(&[(name.to_owned(), value.to_owned())].into(), &mode, &knobs)
    }

    #[test]
    fn only_what_the_toolchain_knows() {
        for (name, value) in [
            ("GODEBUG", "gctrace=1,schedtrace=100"),
            ("GODEBUG", ""),
            ("GOGC", "off"),
            ("GOGC", "50"),
            ("GOMEMLIMIT", "64MiB"),
            ("GOMEMLIMIT", "1000"),
            ("GOMAXPROCS", "2"),
            ("GOTRACEBACK", "all"),
            ("GOEXPERIMENT", "nogreenteagc"),
        ] {
            assert!(check("run", name, value).is_ok(), "{name}={value} was refused");
        }
        for (name, value) in [
            ("GODEBUG", "nosuchknob=1"),
            ("GODEBUG", "gctrace"),
            ("GOGC", "-1"),
            ("GOGC", "fast"),
            ("GOMEMLIMIT", "6 MB"),
            ("GOMEMLIMIT", "MiB"),
            ("GOMAXPROCS", "0"),
            ("GOTRACEBACK", "loud"),
            ("GOEXPERIMENT", "x"),
            ("GOFLAGS", "-x"),
            ("LD_PRELOAD", "x"),
            ("GOGC", "1\n"),
            ("GOTRACEBACK", "wer"),
        ] {
            assert!(check("run", name, value).is_err(), "{name}={value:?} was taken");
        }
    }

    #[test]
    fn a_refused_knob_lists_the_knobs() {
        let Err(Refusal::NotAllowed { allowed, .. }) = check("run", "GODEBUG", "nosuchknob=1") else {
            panic!("taken")
        };
        assert_eq!(allowed, ["gctrace", "schedtrace"]);
    }

    #[test]
    fn a_refused_variable_lists_the_variables_whatever_its_value() {
        for value in ["x", "a\nb", &"x".repeat(2000)] {
            let Err(Refusal::NotAllowed { allowed, .. }) = check("run", "GOFLAGS", value) else { panic!("taken") };
            assert_eq!(allowed, NAMES);
        }
    }

    #[test]
    fn the_program_and_the_toolchain_see_their_own() {
        assert!(check("escape", "GODEBUG", "gctrace=1").is_err());
        assert_eq!(check("escape", "GOEXPERIMENT", "nogreenteagc").unwrap(), []);
        assert_eq!(check("run", "GOGC", "50").unwrap(), [("GOGC".to_owned(), "50".to_owned())]);
    }
}
