//! The closed set of things that can be asked of the toolchain, each with typed options, never raw flags.

use serde::Deserialize as _;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::refusal::Refusal;

mod options;
pub mod schema;
mod values;

pub use options::{
    AsmOptions, BuildOptions, EscapeOptions, LayoutOptions, NoOptions, RunOptions, SsaFunc, SsaOptions,
    SymbolOptions, TestOptions,
};
pub use values::{Amd64, Arch, Count, Filter, Func, Level, Switch};

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Build and run the program.
    Run(RunOptions),
    /// What the compiler says of escapes and inlining.
    Escape(EscapeOptions),
    /// The compiler's assembly listing.
    Asm(AsmOptions),
    /// One function, pass by pass.
    Ssa(SsaOptions),
    /// Which bounds checks stay, and which the compiler proves away.
    Bounds(NoOptions),
    /// The linked program, disassembled.
    Objdump(SymbolOptions),
    /// The symbols of the linked program.
    Nm(SymbolOptions),
    /// The tests in `_test.go` files.
    Test(TestOptions),
    /// The benchmarks in `_test.go` files.
    Bench(TestOptions),
    /// Mistakes that compile.
    Vet(NoOptions),
    /// What gofmt would change.
    Fmt(NoOptions),
    /// How the program is built, and what is in it.
    Build(BuildOptions),
    /// Sizes, offsets and padding of struct types.
    Layout(LayoutOptions),
}

/// The modes by name, in the order in which they are offered.
pub const NAMES: [&str; 13] =
    ["run", "escape", "asm", "ssa", "bounds", "objdump", "nm", "test", "bench", "vet", "fmt", "build", "layout"];

const ARCH: &str = "arch: 386, amd64, arm, arm64, loong64, mips64le, ppc64le, riscv64 or s390x";
const FUNC: &str = "func: a function's name";
const SSA_FUNC: &str = "func: the name of one function, which must be given";
const TEST: &[&str] = &["filter: a regular expression", "count: 1 to 10"];
const RUN: &[&str] = &["race: on or off"];
const BUILD: &[&str] = &["strip: on or off"];
const ASM: &[&str] = &[ARCH, "goamd64: v1, v2, v3 or v4", "optimise: on or off", "inlining: on or off", FUNC];

impl Mode {
    /// Reads a mode and its options.
    ///
    /// # Errors
    /// An unknown mode, an unknown option, or a value that the option does not take.
    pub fn new(name: &str, options: Map<String, Value>) -> Result<Self, Refusal> {
        without_race(name, &options)?;
        match name {
            "run" => parse(name, options, RUN).map(Self::Run),
            "escape" => parse(name, options, &["level: 1 or 2", "inline: on or off"]).map(Self::Escape),
            "asm" => parse(name, options, ASM).map(Self::Asm),
            "ssa" => parse(name, options, &[SSA_FUNC]).map(Self::Ssa),
            "bounds" => parse(name, options, &[]).map(Self::Bounds),
            "objdump" => parse(name, options, &[FUNC]).map(Self::Objdump),
            "nm" => parse(name, options, &[FUNC]).map(Self::Nm),
            "test" => parse(name, options, TEST).map(Self::Test),
            "bench" => parse(name, options, TEST).map(Self::Bench),
            "vet" => parse(name, options, &[]).map(Self::Vet),
            "fmt" => parse(name, options, &[]).map(Self::Fmt),
            "build" => parse(name, options, BUILD).map(Self::Build),
            "layout" => parse(name, options, &[ARCH]).map(Self::Layout),
            _ => Err(Refusal::not_allowed(format!("there is no mode {name:?}"), NAMES)),
        }
    }

    /// The mode's name.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Run(_) => "run",
            Self::Escape(_) => "escape",
            Self::Asm(_) => "asm",
            Self::Ssa(_) => "ssa",
            Self::Bounds(_) => "bounds",
            Self::Objdump(_) => "objdump",
            Self::Nm(_) => "nm",
            Self::Test(_) => "test",
            Self::Bench(_) => "bench",
            Self::Vet(_) => "vet",
            Self::Fmt(_) => "fmt",
            Self::Build(_) => "build",
            Self::Layout(_) => "layout",
        }
    }

    /// Whether something of the reader's is executed, so that variables for a program make sense.
    pub fn runs_program(&self) -> bool {
        matches!(self, Self::Run(_) | Self::Test(_) | Self::Bench(_))
    }
}

/// Refuses the race detector where Go itself takes `-race` and it is not on offer here.
fn without_race(name: &str, options: &Map<String, Value>) -> Result<(), Refusal> {
    let (command, allowed) = match name {
        "test" | "bench" => ("test", TEST),
        "build" => ("build", BUILD),
        _ => return Ok(()),
    };
    if !options.get("race").and_then(|race| Switch::deserialize(race).ok()).is_some_and(|race| race.0) {
        return Ok(());
    }
    let detail = format!(
        "the race detector is on offer in mode \"run\" only; on a machine of your own, type: go {command} -race"
    );
    Err(Refusal::not_allowed(detail, allowed.iter().copied()))
}

/// One option as typed on a command line, where `true`, `2` and `v3` are just text.
///
/// # Errors
/// When there is no `=`.
pub fn option_from_text(text: &str) -> Result<(String, Value), String> {
    let (key, value) = text.split_once('=').ok_or_else(|| format!("{text:?} is not KEY=VALUE"))?;
    // An option whose values look like numbers but are names (arch=386) reads a number as text.
    let value = serde_json::from_str(value).unwrap_or_else(|_| Value::String(value.to_owned()));
    Ok((key.to_owned(), value))
}

fn parse<T: DeserializeOwned>(mode: &str, options: Map<String, Value>, allowed: &[&str]) -> Result<T, Refusal> {
    let options = options.into_iter().map(|(key, value)| match (key.as_str(), value) {
        ("arch" | "filter", Value::Number(number)) => (key, Value::String(number.to_string())),
        (_, value) => (key, value),
    });
    serde_json::from_value(Value::Object(options.collect())).map_err(|error| {
        let error = error.to_string();
        Refusal::not_allowed(format!("options of mode {mode:?}: {error}"), allowed.iter().copied())
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn mode(name: &str, options: Value) -> Result<Mode, Refusal> {
        let Value::Object(options) = options else { panic!("not an object") };
        Mode::new(name, options)
    }

    #[test]
    fn options_are_typed_and_closed() {
        assert_eq!(
            mode("escape", json!({"level": 2, "inline": "off"})),
            Ok(Mode::Escape(EscapeOptions { level: Level::Two, inline: Switch(false) }))
        );
        assert_eq!(mode("run", json!({"race": "on"})), Ok(Mode::Run(RunOptions { race: Switch(true) })));
        for (name, options) in [
            ("escape", json!({"level": 3})),
            ("escape", json!({"gcflags": "-cpuprofile=x"})),
            ("asm", json!({"arch": "vax"})),
            ("asm", json!({"func": "a\nb"})),
            ("run", json!({"level": 1})),
            ("test", json!({"race": "on"})),
            ("build", json!({"race": "on"})),
            ("run", json!({"race": "maybe"})),
            ("ssa", json!({})),
            ("ssa", json!({"func": "f:compile-opt"})),
            ("ssa", json!({"func": "f+"})),
            ("bounds", json!({"level": 1})),
            ("objdump", json!({"func": ""})),
            ("nm", json!({"sort": "size"})),
            ("test", json!({"count": 0})),
            ("test", json!({"count": 11})),
            ("bench", json!({"filter": "a\nb"})),
            ("vet", json!({"func": "f"})),
            ("fmt", json!({"w": true})),
            ("build", json!({"strip": 1})),
            ("layout", json!({"arch": "pdp11"})),
            ("objcopy", json!({})),
        ] {
            assert!(matches!(mode(name, options.clone()), Err(Refusal::NotAllowed { .. })), "{name} {options}");
        }
    }

    #[test]
    fn every_mode_has_its_name() {
        for name in NAMES {
            let options = if name == "ssa" { json!({"func": "f"}) } else { json!({}) };
            assert_eq!(mode(name, options).unwrap().name(), name);
        }
    }

    #[test]
    fn a_function_is_of_package_main_where_none_is_named() {
        for (func, symbol) in [
            ("f", "main.f"),
            ("runtime.main", "runtime.main"),
            ("(*T).Method", "main.(*T).Method"),
            ("f[go.shape.int]", "main.f[go.shape.int]"),
            ("main.f.func1", "main.f.func1"),
        ] {
            let Ok(Mode::Nm(options)) = mode("nm", json!({"func": func})) else { panic!("refused") };
            assert_eq!(options.func.unwrap().symbol(), symbol);
        }
    }

    #[test]
    fn options_from_a_command_line() {
        let options = ["arch=386", "optimise=off", "func=f"].map(|text| option_from_text(text).unwrap());
        let Ok(Mode::Asm(asm)) = Mode::new("asm", options.into_iter().collect()) else { panic!("refused") };
        assert_eq!(
            (asm.arch, asm.optimise, asm.func.unwrap().symbol()),
            (Arch::I386, Switch(false), "main.f".into())
        );
    }
}
