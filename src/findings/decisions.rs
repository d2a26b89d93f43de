//! What `-m` and `-m=2` say: the compiler's decisions on escape, inlining and calls, with the flow that explains them.
//!
//! Printed by cmd/compile/internal, in the folders escape, inline, devirtualize, bloop and walk. Names of functions and
//! texts of expressions hold spaces, commas, brackets and arrows, so lines are read from what is fixed at their ends.
//! Held against the whole standard library of 1.25, 1.26 and 1.27.

mod reading;
mod writing;

pub use reading::parse;

use super::place::Place;

/// A line. Prints as it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line<'a> {
    /// The outermost call site, where code was inlined. Some lines have none.
    pub place: Option<Place<'a>>,
    /// What is said of it.
    pub decision: Decision<'a>,
}

/// What the compiler says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision<'a> {
    /// `# importpath`, by the go command.
    Heading(&'a str),
    /// A variable: `moved to heap: x`.
    Moved(&'a str),
    /// A value: `&T{...} escapes to heap`.
    Escapes(&'a str),
    /// A value or a parameter: `x does not escape`.
    Stays(&'a str),
    /// The same where more is asked for: `x does not escape, mutate, or call`.
    StaysUntouched(&'a str),
    /// `leaking param: p`.
    Leaks(&'a str),
    /// What it points to: `leaking param content: p`.
    LeaksContent(&'a str),
    /// `leaking param: p to result r level=1`.
    LeaksToResult {
        /// The parameter.
        parameter: &'a str,
        /// The result.
        result: &'a str,
        /// How often it is dereferenced on the way.
        level: i64,
    },
    /// `mutates param: p derefs=0`.
    Mutates {
        /// The parameter.
        parameter: &'a str,
        /// How often it is dereferenced.
        derefs: i64,
    },
    /// `calls param: p derefs=0`.
    Calls {
        /// The parameter.
        parameter: &'a str,
        /// How often it is dereferenced.
        derefs: i64,
    },
    /// `assuming p is unsafe uintptr`.
    AssumedUintptr(&'a str),
    /// `marking p as escaping uintptr`, or `...uintptr`.
    MarkedUintptr {
        /// The parameter.
        parameter: &'a str,
        /// Whether it stands for several.
        is_variadic: bool,
    },
    /// `f capturing by ref: x (addr=false assign=true width=8)`.
    Captures {
        /// Whose variable it is.
        function: &'a str,
        /// Or by value.
        by_reference: bool,
        /// The variable.
        variable: &'a str,
        /// Whether its address is taken.
        addr: bool,
        /// Whether it is assigned to again.
        assign: bool,
        /// Its size in bytes.
        width: i64,
    },
    /// `f ignoring self-assignment in x.a = x.a`.
    SelfAssignment {
        /// In which function.
        function: &'a str,
        /// What is ignored.
        statement: &'a str,
    },
    /// `zero-copy string->[]byte conversion`.
    ZeroCopy,
    /// A step of an explanation, or its head.
    Why(Why<'a>),
    /// `can inline f`; with `-m=2` more.
    CanInline {
        /// The function.
        function: &'a str,
        /// `with cost 3 as: func() { return }`: the cost, and the function's type and body.
        as_what: Option<(i64, &'a str)>,
    },
    /// `cannot inline f: reason`.
    CannotInline {
        /// The function.
        function: &'a str,
        /// In the compiler's words.
        reason: &'a str,
    },
    /// `cannot inline f into g: repeated recursive cycle`.
    CannotInlineCycle {
        /// The function.
        function: &'a str,
        /// Who calls it.
        into: &'a str,
    },
    /// `inlining call to f`.
    InlinesCall {
        /// The function.
        function: &'a str,
        /// `with score N`, which the experiment `newinliner` adds.
        score: Option<i64>,
    },
    /// `function f considered 'big'; reducing max cost of inlinees`.
    Big(&'a str),
    /// `skip inlining within testing.B.loop for for loop`, in 1.25.
    SkipsInlining(&'a str),
    /// `x will be kept alive`, in the body of a loop over `testing.B.Loop`, from 1.26.
    KeptAlive(&'a str),
    /// `expr is unknown to bloop pass`.
    UnknownToLoop,
    /// `unrecognized shape for assign list stmt for blank assignment`.
    UnknownShape,
    /// `devirtualizing x.m to T`.
    Devirtualises {
        /// Which form of it.
        how: Devirtualising,
        /// The call.
        call: &'a str,
        /// Whose method, or which function, is called.
        to: &'a str,
    },
    /// `cannot devirtualize x.m(): shaped receiver T`.
    CannotDevirtualise {
        /// The call.
        call: &'a str,
        /// In the compiler's words.
        reason: &'a str,
    },
    /// `should not PGO devirtualize f: reason`.
    ShouldNotDevirtualise {
        /// The function.
        function: &'a str,
        /// In the compiler's words.
        reason: &'a str,
    },
    /// `imprecise interface call`.
    ImpreciseCall,
    /// `index bounds check elided`: the index cannot be out of an array's or a constant string's bounds.
    BoundsElided,
    /// A line of another kind.
    Other(&'a str),
}

/// Why something escapes or leaks. All lines of one explanation have the place of its head.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Why<'a> {
    /// The head: `x escapes to heap in f:`.
    Escapes {
        /// A variable or an expression.
        what: &'a str,
        /// The function that has it.
        function: &'a str,
    },
    /// The head: `parameter p leaks to {heap} for f with derefs=0:`.
    Leaks {
        /// The parameter.
        parameter: &'a str,
        /// A result, or `{heap}`.
        to: &'a str,
        /// Whose parameter it is.
        function: &'a str,
        /// How often it is dereferenced on the way.
        derefs: i64,
    },
    /// `flow: to ← &from:`.
    Flow(Flow<'a>),
    /// `from x := &y (assign) at ./main.go:3:4`.
    From {
        /// The code.
        code: &'a str,
        /// What it does.
        does: &'a str,
        /// Where it stands.
        at: Place<'a>,
    },
    /// `warning: truncated explanation due to assignment cycle; see golang.org/issue/35518`.
    Cut,
}

/// From where to where a value flows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Flow<'a> {
    /// `{heap}`, a variable, or `{storage for x}`.
    pub to: &'a str,
    /// `&`, or as many `*` as there are dereferences.
    pub operators: &'a str,
    /// What flows.
    pub from: &'a str,
}

/// How a call through an interface, or of a function value, becomes a direct one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Devirtualising {
    /// There is but one type that it can be.
    Whole,
    /// An interface within that type is what is called.
    Partial,
    /// A profile says which method it is most often.
    ProfiledInterface,
    /// A profile says which function it is most often.
    ProfiledFunction,
}

impl Devirtualising {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Whole, Self::Partial, Self::ProfiledInterface, Self::ProfiledFunction];

    /// What a line of it begins with.
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::Whole => "devirtualizing ",
            Self::Partial => "partially devirtualizing ",
            Self::ProfiledInterface => "PGO devirtualizing interface call ",
            Self::ProfiledFunction => "PGO devirtualizing function call ",
        }
    }
}
