//! Where the race detector can be had: it asks more of a host than other programs do.

use std::time::Duration;

use sandbox::report::{Level, Report};

use super::shelf::Shelf;
use crate::protocol::Refusal;
use crate::toolchain::{Libraries, Target};

/// How long somebody may well wait before asking again.
const RETRY_AFTER: Duration = Duration::from_secs(15);

/// Refuses a program with the race detector where the sandbox cannot hold one.
///
/// # Errors
/// In words that say what the host lacks.
pub fn check_host(report: &Report) -> Result<(), Refusal> {
    if report.level == Level::Full {
        return Ok(());
    }
    // Where nothing is mounted a program would find the host's own C library, if any.
    Err(refused(
        "the race detector cannot be had here: its programs are given a C library, and this host grants no namespaces in \
         which to show it; see `underhood doctor`",
    ))
}

/// Why there is no standard library with the race detector, while `shelf` is asked for one.
pub fn not_there(shelf: &Shelf, toolchain: usize, target: &Target) -> Refusal {
    if let Err(error) = Libraries::obstacle(target) {
        return refused(&error.to_string());
    }
    match shelf.want(toolchain, target) {
        Some((done, total)) => {
            let far = if total > 0 { format!(", {done} of {total} packages so far") } else { String::new() };
            let detail =
                format!("the standard library with the race detector is being compiled, once for this machine{far}");
            Refusal::NotYet { detail, retry_after: RETRY_AFTER }
        }
        None => refused(
            "the race detector needs a standard library of its own, which is not compiled: that has failed, as the log \
             says, or there is no room for another (--targets)",
        ),
    }
}

fn refused(why: &str) -> Refusal {
    Refusal::not_allowed(why, ["race: off"])
}
