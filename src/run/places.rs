//! Where things lie in a cell.

/// Where GOROOT lies in a build cell. Shown to readers as `$GOROOT`.
pub const GOROOT: &str = "/usr/local/go";

/// Where the reader's files lie, and where all commands start.
pub const CODE: &str = "/code";

/// Where the linker puts the program.
pub const BINARY: &str = "/out/main";

/// Where the toolchain puts what it makes.
pub const OUT: &str = "/out";

/// A scratch folder in all kinds.
pub const TMP: &str = "/tmp";

/// Where the compiled standard library lies, which is GOCACHE to the go command.
pub const CACHE: &str = "/gocache";

/// Where tools lie that were compiled ahead.
pub const TOOLS: &str = "/tools";

/// What tells the compiler where the packages are that a program imports.
pub const IMPORTCFG: &str = "/tmp/importcfg";

/// Where the compiler's object goes. Never /dev/null: after an error the compiler removes its output file, and a reader may
/// paste the command as root.
pub const OBJECT: &str = "/out/main.o";
