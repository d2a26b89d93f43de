//! Values that options take.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

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
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
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

/// The name of a function as the compiler prints it, `main.` being implied where there is no dot, and left out or not where
/// there is one: `f`, `box.Border`, `main.box.Border`, `runtime.main`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(value_type = String, min_length = 1, max_length = 200, pattern = r"^[^\x00-\x1f\x7f-\x9f]*$")]
pub struct Func(String);

/// Which tests or benchmarks are run: a regular expression, as `go test -run` takes it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Filter(String);

/// How many times each is run, 1 to 10.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Count(u8);

/// The most that [`Count`] may be.
pub(super) const MAX_COUNT: u8 = 10;

/// The longest name or filter, in bytes.
pub(super) const MAX_TEXT_BYTES: usize = 200;

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
        // What instances are made with, and receivers, have dots of their own.
        let before = self.0.split(['[', '(']).next().unwrap_or_default();
        if before.contains('.') { self.0.clone() } else { format!("main.{}", self.0) }
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
        if name.is_empty() || !is_short_line(&name) {
            return Err(D::Error::custom("func is a function's name, at most 200 bytes"));
        }
        Ok(Self(name))
    }
}

fn is_short_line(text: &str) -> bool {
    text.len() <= MAX_TEXT_BYTES && !text.chars().any(char::is_control)
}

impl Filter {
    /// The expression.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<'de> Deserialize<'de> for Filter {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        if !is_short_line(&text) {
            return Err(D::Error::custom("filter is a regular expression, at most 200 bytes"));
        }
        Ok(Self(text))
    }
}

impl Count {
    /// As a number.
    pub fn get(self) -> u8 {
        self.0
    }
}

impl Default for Count {
    fn default() -> Self {
        Self(1)
    }
}

impl<'de> Deserialize<'de> for Count {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        let count = value.as_u64().and_then(|count| u8::try_from(count).ok());
        match count.filter(|count| (1..=MAX_COUNT).contains(count)) {
            Some(count) => Ok(Self(count)),
            None => Err(D::Error::custom(format!("count is 1 to {MAX_COUNT}, not {value}"))),
        }
    }
}
