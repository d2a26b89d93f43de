//! Programs that wait for their arguments.

use std::fs::OpenOptions;
use std::io::{self, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::sys::signal::{Signal, kill};
use nix::sys::stat::Mode;
use nix::unistd::Pid;
use rustix::fs::OFlags;
use rustix::process::{WaitId, WaitIdOptions, waitid};

use crate::layout::Layout;
use crate::spec::{Ahead, Command, Output, Word};

/// A program that was started for [`Ahead`].
#[derive(Debug)]
pub(super) struct Held {
    pid: Pid,
    command: Command,
    pipe: PathBuf,
}

/// How long one may take until it asks for its arguments. It began before another could, so it is not given up soon.
const PATIENCE: Duration = Duration::from_secs(1);

/// What a pipe takes at once, whoever reads it (pipe(7), 16 pages).
const PIPE_BYTES: usize = 64 * 1024;

/// The pipe of a program that is about to be started, and its whole command.
pub(super) fn make_pipe(ahead: &Ahead, layout: &Layout) -> io::Result<Command> {
    let pipe = layout.place(&ahead.arguments);
    nix::unistd::mkfifo(&pipe, Mode::S_IRUSR)?;
    // Whatever the umask.
    std::fs::set_permissions(&pipe, std::fs::Permissions::from_mode(0o644))?;
    let mut command = ahead.command.clone();
    command.argv.push(Word::path("@", &ahead.arguments));
    Ok(command)
}

impl Held {
    pub(super) fn new(pid: Pid, ahead: &Ahead, layout: &Layout) -> Self {
        Self { pid, command: ahead.command.clone(), pipe: layout.place(&ahead.arguments) }
    }

    /// Whether it is what `command` is about.
    pub(super) fn is_for(&self, command: &Command) -> bool {
        is_same(&self.command, command)
    }

    /// Gives it the arguments of `command` and returns its pid; `None` when it cannot have them.
    pub(super) fn release(&self, command: &Command, layout: &Layout) -> Option<Pid> {
        let arguments = command.argv.get(1..)?.iter().map(|word| layout.word(word));
        let text = told(arguments)?;
        let begun = Instant::now();
        let mut pipe = loop {
            // Refused unless it has the pipe open or waits in open(2), so this cannot hang and nothing is lost.
            let flags = OFlags::NONBLOCK.bits().cast_signed();
            match OpenOptions::new().write(true).custom_flags(flags).open(&self.pipe) {
                Err(error) if error.raw_os_error() == Some(Errno::ENXIO as i32) => {}
                opened => break opened.ok()?,
            }
            if !self.is_alive() || begun.elapsed() > PATIENCE {
                return None;
            }
            std::thread::sleep(Duration::from_micros(200));
        };
        pipe.write_all(text.as_bytes()).ok()?;
        Some(self.pid)
    }

    fn is_alive(&self) -> bool {
        let flags = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
        let id = rustix::process::Pid::from_raw(self.pid.as_raw());
        // One that died may be reaped already.
        id.is_some_and(|id| matches!(waitid(WaitId::Pid(id), flags), Ok(None)))
    }

    /// Ends it, and removes what another in its place would make anew.
    pub(super) fn dismiss(self, layout: &Layout) {
        for output in [&self.command.stdout, &self.command.stderr] {
            if let Output::File(path) = output {
                // If it is still there the other says so.
                let _ = std::fs::remove_file(layout.place(path));
            }
        }
        // It may have died, but its number is its own until it is reaped, and none is handed out again so soon.
        let _ = kill(self.pid, Signal::SIGKILL);
    }
}

/// Whether a command is another but for its arguments.
pub(super) fn is_same(ahead: &Command, command: &Command) -> bool {
    let Command { program, argv, env, dir, stdout, stderr, may_fail: _ } = ahead;
    *program == command.program
        && argv.first() == command.argv.first()
        && *env == command.env
        && *dir == command.dir
        && *stdout == command.stdout
        && *stderr == command.stderr
}

/// Arguments as the file after an `@` holds them, a line each. `None` where one would be read as anything else.
fn told(arguments: impl Iterator<Item = String>) -> Option<String> {
    let is_odd = |argument: &str| {
        argument.is_empty()
            || argument.starts_with('@')
            || argument.trim() != argument
            || argument.contains(|char: char| char.is_control() || char == '\\')
    };
    let mut text = String::new();
    for argument in arguments {
        if is_odd(&argument) {
            return None;
        }
        text += &argument;
        text.push('\n');
    }
    (!text.is_empty() && text.len() <= PIPE_BYTES).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_arguments_are_told_in_a_file() {
        let told = |arguments: &[&str]| told(arguments.iter().map(|argument| (*argument).to_owned()));
        assert_eq!(told(&["-p", "main", "a b=>", "größe.go"]).as_deref(), Some("-p\nmain\na b=>\ngröße.go\n"));
        for odd in ["", "@x", " x", "x\u{a0}", "a\nb", "a\\nb", "a\rb"] {
            assert_eq!(told(&["-m", odd]), None, "{odd:?}");
        }
        assert_eq!(told(&[]), None);
        assert_eq!(told(&["x"; 40_000]), None);
    }
}
