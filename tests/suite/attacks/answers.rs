//! What the sandbox answers where its two levels differ: the table of the host's column, in one place.
//!
//! *Full*: namespaces hide the host, so what is not the cell's own is not there. *Reduced* (SECURITY.md, "Where the host
//! offers less"): the host's names can be seen, but Landlock and seccomp refuse them, and there are no sockets.

use std::time::Duration;

use crate::harness::host::{Host, USER_ID};

pub struct Answers {
    /// What `underhood run` says on standard error before anything else.
    pub warning: &'static str,
    /// To the first read of `/etc/passwd`: the cell's own file, or none.
    pub passwd: &'static str,
    /// To getuid, geteuid and getgid.
    pub ids: String,
    /// Whether the parent of a program is the first process of all that it can see.
    pub parent_is_first: bool,
    /// Whether `os.Executable` fails: the name of an unnamed file is all that it tells otherwise.
    pub executable_fails: bool,
    /// To a protocol that no program needs.
    pub odd_protocol: &'static str,
    /// To TCP on one's own loopback.
    pub own_loopback: &'static [&'static str],
    /// To descriptors sent through a socket that no one reads.
    pub in_flight: &'static str,
    /// To a change of a device's times.
    pub device_times: &'static str,
    /// Whether all files of a cell together have an end, in bytes and in number. Each of them always has.
    pub files_have_an_end: bool,
    /// To a private mapping of a file that it may read, as code. It could map a copy of it all the same.
    pub code_of_a_file: &'static str,
    /// To a workspace that takes the toolchain's own packages by the path that GOROOT has with mounts.
    pub toolchain_in_workspace: &'static str,
    /// How long after the service's death the zygote, which has to clean up, may be there.
    pub last_process: Duration,
    /// To a build that needs another linker than Go's.
    pub other_linker: &'static str,
}

const NO_SOCKETS: &str = "permission denied";

impl Answers {
    pub fn of(host: Host) -> Self {
        if host == Host::NoNamespaces { Self::reduced() } else { Self::full() }
    }

    fn full() -> Self {
        Self {
            warning: "",
            passwd: r#""reader:x:1000:1000:A reader:/tmp:/bin/false\n" <nil>"#,
            ids: "1000 1000 1000".to_owned(),
            parent_is_first: true,
            executable_fails: true,
            odd_protocol: "address family not supported by protocol",
            own_loopback: &["interface: lo", "own loopback: <nil>", "own loopback: <nil>"],
            in_flight: "sent: too many references: cannot splice",
            device_times: "read-only file system",
            files_have_an_end: true,
            code_of_a_file: "operation not permitted",
            toolchain_in_workspace: "cmd/internal/obj",
            last_process: Duration::from_secs(2),
            other_linker: "exec: \"gcc\": executable file not found",
        }
    }

    fn reduced() -> Self {
        Self {
            warning: "underhood: the sandbox is reduced, for this host grants no namespaces; see `underhood doctor`\n",
            passwd: r#""" open /etc/passwd: permission denied"#,
            ids: [USER_ID; 3].join(" "),
            parent_is_first: false,
            executable_fails: false,
            odd_protocol: NO_SOCKETS,
            own_loopback: &["own loopback: listen tcp 127.0.0.1:0: socket: permission denied"],
            in_flight: "sockets: permission denied",
            device_times: "operation not permitted",
            files_have_an_end: false,
            code_of_a_file: "<nil>",
            toolchain_in_workspace: "cannot load module /usr/local/go/src/cmd",
            // Thousands of files are to be removed, perhaps from a slow disk.
            last_process: Duration::from_secs(10),
            // The linker sets the times of a file, which Landlock does not know, before it looks for the other.
            other_linker: "operation not permitted",
        }
    }
}
