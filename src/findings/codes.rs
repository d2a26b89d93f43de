//! The codes of diagnostics: names that stay as they are, whatever words a release of Go chooses.

/// What kind of finding it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Code {
    /// A variable or a value is on the heap.
    Heap,
    /// A value or what a parameter points to stays on the stack.
    Stack,
    /// A parameter, or what it points to, outlives the call.
    Leak,
    /// What a function does with what a parameter points to.
    ParameterUse,
    /// A parameter is taken for a pointer in disguise.
    Uintptr,
    /// A closure captures a variable.
    Capture,
    /// An assignment of a thing to itself is left out of escape analysis.
    SelfAssignment,
    /// A conversion without a copy.
    ZeroCopy,
    /// A function can be inlined.
    Inline,
    /// A function, or a call, is not inlined.
    NoInline,
    /// A call is inlined.
    InlinedCall,
    /// A function is so large that less is inlined into it.
    BigFunction,
    /// A value is kept alive in the loop of a benchmark.
    KeptAlive,
    /// A call is made a direct one.
    Devirtualised,
    /// A call is not made a direct one.
    NotDevirtualised,
    /// A bounds check is in the program.
    BoundsKept,
    /// A bounds check is not needed.
    BoundsProved,
    /// A bounds check fails whenever it is reached.
    BoundsFails,
    /// The range of a loop's variable.
    LoopRange,
    /// Something else was proved.
    Proved,
    /// It does not build.
    CompileError,
    /// Vet found it.
    Vet,
}

impl Code {
    /// All of them.
    pub const ALL: [Self; 22] = [
        Self::Heap,
        Self::Stack,
        Self::Leak,
        Self::ParameterUse,
        Self::Uintptr,
        Self::Capture,
        Self::SelfAssignment,
        Self::ZeroCopy,
        Self::Inline,
        Self::NoInline,
        Self::InlinedCall,
        Self::BigFunction,
        Self::KeptAlive,
        Self::Devirtualised,
        Self::NotDevirtualised,
        Self::BoundsKept,
        Self::BoundsProved,
        Self::BoundsFails,
        Self::LoopRange,
        Self::Proved,
        Self::CompileError,
        Self::Vet,
    ];

    /// As the API has it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Heap => "heap",
            Self::Stack => "stack",
            Self::Leak => "leak",
            Self::ParameterUse => "parameter-use",
            Self::Uintptr => "uintptr",
            Self::Capture => "capture",
            Self::SelfAssignment => "self-assignment",
            Self::ZeroCopy => "zero-copy",
            Self::Inline => "inline",
            Self::NoInline => "no-inline",
            Self::InlinedCall => "inlined-call",
            Self::BigFunction => "big-function",
            Self::KeptAlive => "kept-alive",
            Self::Devirtualised => "devirtualised",
            Self::NotDevirtualised => "not-devirtualised",
            Self::BoundsKept => "bounds-kept",
            Self::BoundsProved => "bounds-proved",
            Self::BoundsFails => "bounds-fails",
            Self::LoopRange => "loop-range",
            Self::Proved => "proved",
            Self::CompileError => "compile-error",
            Self::Vet => "vet",
        }
    }

    /// The code of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|code| code.name() == name)
    }

    /// `error`, `warning`, `information` for what costs something when the program runs, else `hint`.
    pub fn severity(self) -> &'static str {
        match self {
            Self::CompileError => "error",
            Self::Vet | Self::BoundsFails => "warning",
            Self::Heap | Self::Leak | Self::BoundsKept => "information",
            _ => "hint",
        }
    }
}

/// Their names, for messages and schemas.
pub fn names() -> [&'static str; 22] {
    Code::ALL.map(Code::name)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn all_are_documented_and_no_others() {
        let row = |line: &str| {
            let cells: Vec<&str> = line.split('|').map(str::trim).collect();
            let code = cells.get(1)?.strip_prefix('`')?.strip_suffix('`')?;
            Some((code.to_owned(), (*cells.get(2)?).to_owned()))
        };
        let documented: BTreeSet<_> = include_str!("../../docs/diagnostics.md").lines().filter_map(row).collect();
        let all: BTreeSet<_> =
            Code::ALL.iter().map(|code| (code.name().to_owned(), code.severity().to_owned())).collect();
        assert_eq!(documented, all);
        assert_eq!(all.len(), Code::ALL.len());
    }
}
