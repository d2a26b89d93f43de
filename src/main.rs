//! Underhood.
fn main() -> std::process::ExitCode {
    if std::env::args_os().next().is_some_and(|name| name == sandbox::zygote::PROCESS_NAME) {
        return sandbox::zygote::main();
    }
    std::process::ExitCode::SUCCESS
}
