//! What each mode can be told.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::values::{Amd64, Arch, Count, Filter, Func, Level, Switch};

/// Options of `run`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct RunOptions {
    /// The race detector.
    pub race: Switch,
}

/// Options of `escape`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct EscapeOptions {
    /// 1 for decisions, 2 for the reasons too.
    pub level: Level,
    /// Off turns inlining off (`-l`).
    pub inline: Switch,
}

/// Options of `asm`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct AsmOptions {
    /// GOARCH.
    pub arch: Arch,
    /// GOAMD64, when the architecture is amd64.
    pub goamd64: Option<Amd64>,
    /// Off turns the optimiser and inlining off (`-N -l`).
    pub optimise: Switch,
    /// On tells, beside the listing, through which calls each instruction was inlined.
    pub inlining: Switch,
    /// Show this function and its closures only, such as `main.f` or `f`.
    pub func: Option<Func>,
}

/// Options of `ssa`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SsaOptions {
    /// The function whose passes are shown: `f`, `main.f`, `(*T).Method`, or `f[int]` for an instance of a generic one.
    pub func: SsaFunc,
}

/// A function's name that GOSSAFUNC takes for nothing else: `:` would name phases, and a `+` at the end prints them too.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(try_from = "Func")]
#[schema(value_type = String, min_length = 1, max_length = 200, pattern = r"^[^:\x00-\x1f\x7f-\x9f]*[^:+\x00-\x1f\x7f-\x9f]$")]
pub struct SsaFunc(Func);

/// Options of `objdump` and `nm`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct SymbolOptions {
    /// Show this function and its closures only.
    pub func: Option<Func>,
}

/// Options of `test` and `bench`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct TestOptions {
    /// Those whose names match; all when nothing is said.
    pub filter: Option<Filter>,
    /// How many times each is run.
    pub count: Count,
}

/// Options of `build`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct BuildOptions {
    /// Leave out names and debugging information (`-s -w`).
    pub strip: Switch,
}

/// Options of `layout`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct LayoutOptions {
    /// GOARCH.
    pub arch: Arch,
}

/// Of a mode that has none.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct NoOptions {}

impl SsaFunc {
    /// The symbol's whole name.
    pub fn symbol(&self) -> String {
        self.0.symbol()
    }
}

impl TryFrom<Func> for SsaFunc {
    type Error = &'static str;

    fn try_from(func: Func) -> Result<Self, Self::Error> {
        let symbol = func.symbol();
        if symbol.contains(':') || symbol.ends_with('+') {
            return Err("func is the name of one function, without `:` and without `+` at its end");
        }
        Ok(Self(func))
    }
}

impl Default for RunOptions {
    fn default() -> Self {
        Self { race: Switch(false) }
    }
}

impl Default for BuildOptions {
    fn default() -> Self {
        Self { strip: Switch(false) }
    }
}

impl Default for EscapeOptions {
    fn default() -> Self {
        Self { level: Level::One, inline: Switch(true) }
    }
}

impl Default for AsmOptions {
    fn default() -> Self {
        Self { arch: Arch::Amd64, goamd64: None, optimise: Switch(true), inlining: Switch(false), func: None }
    }
}
