//! Underhood: see how Go programs really run.

mod commands;
mod examples;
mod http;
mod protocol;
mod run;
mod site;
mod toolchain;

use std::process::ExitCode;

fn main() -> ExitCode {
    if std::env::args_os().next().is_some_and(|name| name == sandbox::spec::ZYGOTE_NAME) {
        return sandbox::zygote::main();
    }
    commands::main()
}
