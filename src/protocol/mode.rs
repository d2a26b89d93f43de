//! The closed set of things that can be asked of the toolchain, each with typed options, never raw flags.

use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};

use super::refusal::Refusal;

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Build and run the program.
    Run(RunOptions),
    /// What the compiler says of escapes and inlining.
    Escape(EscapeOptions),
    /// The compiler's assembly listing.
    Asm(AsmOptions),
}

/// Options of `run`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct RunOptions {}

/// Options of `escape`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct EscapeOptions {
    /// 1 for decisions, 2 for the reasons too.
    pub level: Level,
    /// Off turns inlining off (`-l`).
    pub inline: Switch,
}

/// Options of `asm`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct AsmOptions {
    /// GOARCH.
    pub arch: Arch,
    /// GOAMD64, when the architecture is amd64.
    pub goamd64: Option<Amd64>,
    /// Off turns the optimiser and inlining off (`-N -l`).
    pub optimise: Switch,
    /// Show this function and its closures only, such as `main.f` or `f`.
    pub func: Option<Func>,
}

/// On or off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Switch(pub bool);

/// Verbosity of `-m`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(into = "u8")]
pub enum Level {
    /// `-m`.
    #[default]
    One,
    /// `-m=2`.
    Two,
}

/// GOARCH values that the compiler is asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Arch {
    /// Intel's 32 bits, which Go calls `386`.
    #[serde(rename = "386")]
    I386,
    /// `amd64`.
    #[default]
    Amd64,
    /// `arm`.
    Arm,
    /// `arm64`.
    Arm64,
    /// `loong64`.
    Loong64,
    /// `mips64le`.
    Mips64le,
    /// `ppc64le`.
    Ppc64le,
    /// `riscv64`.
    Riscv64,
    /// `s390x`.
    S390x,
}

/// GOAMD64 values (go.dev/wiki/MinimumRequirements#amd64).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Amd64 {
    /// Every x86-64 processor.
    V1,
    /// With SSE4.2 and POPCNT.
    V2,
    /// With AVX2, BMI and FMA.
    V3,
    /// With AVX-512.
    V4,
}

/// The name of a function as the compiler prints it, `main.` being implied.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Func(String);

/// The modes by name, in the order in which they are offered.
pub const NAMES: [&str; 3] = ["run", "escape", "asm"];

impl Mode {
    /// Reads a mode and its options.
    ///
    /// # Errors
    /// An unknown mode, an unknown option, or a value that the option does not take.
    pub fn new(name: &str, options: Map<String, Value>) -> Result<Self, Refusal> {
        match name {
            "run" => parse(name, options, &[]).map(Self::Run),
            "escape" => parse(name, options, &["level: 1 or 2", "inline: on or off"]).map(Self::Escape),
            "asm" => parse(
                name,
                options,
                &[
                    "arch: 386, amd64, arm, arm64, loong64, mips64le, ppc64le, riscv64 or s390x",
                    "goamd64: v1, v2, v3 or v4",
                    "optimise: on or off",
                    "func: a function's name",
                ],
            )
            .map(Self::Asm),
            _ => Err(Refusal::not_allowed(format!("there is no mode {name:?}"), NAMES)),
        }
    }

    /// The mode's name.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Run(_) => "run",
            Self::Escape(_) => "escape",
            Self::Asm(_) => "asm",
        }
    }
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
        ("arch", Value::Number(number)) => (key, Value::String(number.to_string())),
        (_, value) => (key, value),
    });
    serde_json::from_value(Value::Object(options.collect())).map_err(|error| {
        let error = error.to_string();
        Refusal::not_allowed(format!("options of mode {mode:?}: {error}"), allowed.iter().copied())
    })
}

impl Default for EscapeOptions {
    fn default() -> Self {
        Self { level: Level::One, inline: Switch(true) }
    }
}

impl Default for AsmOptions {
    fn default() -> Self {
        Self { arch: Arch::Amd64, goamd64: None, optimise: Switch(true), func: None }
    }
}

impl Arch {
    /// The GOARCH value.
    pub fn goarch(self) -> &'static str {
        match self {
            Self::I386 => "386",
            Self::Amd64 => "amd64",
            Self::Arm => "arm",
            Self::Arm64 => "arm64",
            Self::Loong64 => "loong64",
            Self::Mips64le => "mips64le",
            Self::Ppc64le => "ppc64le",
            Self::Riscv64 => "riscv64",
            Self::S390x => "s390x",
        }
    }
}

impl Amd64 {
    /// The GOAMD64 value.
    pub fn goamd64(self) -> &'static str {
        match self {
            Self::V1 => "v1",
            Self::V2 => "v2",
            Self::V3 => "v3",
            Self::V4 => "v4",
        }
    }
}

impl Func {
    /// The symbol's whole name.
    pub fn symbol(&self) -> String {
        if self.0.contains('.') { self.0.clone() } else { format!("main.{}", self.0) }
    }
}

impl From<Level> for u8 {
    fn from(level: Level) -> Self {
        match level {
            Level::One => 1,
            Level::Two => 2,
        }
    }
}

impl<'de> Deserialize<'de> for Level {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Value::deserialize(deserializer)? {
            Value::Number(number) if number.as_u64() == Some(1) => Ok(Self::One),
            Value::Number(number) if number.as_u64() == Some(2) => Ok(Self::Two),
            other => Err(D::Error::custom(format!("level is 1 or 2, not {other}"))),
        }
    }
}

impl<'de> Deserialize<'de> for Switch {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Value::deserialize(deserializer)? {
            Value::Bool(on) => Ok(Self(on)),
            Value::String(text) if text == "on" => Ok(Self(true)),
            Value::String(text) if text == "off" => Ok(Self(false)),
            other => Err(D::Error::custom(format!("expected on, off, true or false, not {other}"))),
        }
    }
}

impl<'de> Deserialize<'de> for Func {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        if name.is_empty() || name.len() > 200 || name.chars().any(char::is_control) {
            return Err(D::Error::custom("func is a function's name, at most 200 bytes"));
        }
        Ok(Self(name))
    }
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
        for (name, options) in [
            ("escape", json!({"level": 3})),
            ("escape", json!({"gcflags": "-cpuprofile=x"})),
            ("asm", json!({"arch": "vax"})),
            ("asm", json!({"func": "a\nb"})),
            ("run", json!({"level": 1})),
            ("objcopy", json!({})),
        ] {
            assert!(matches!(mode(name, options.clone()), Err(Refusal::NotAllowed { .. })), "{name} {options}");
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
