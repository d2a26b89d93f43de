//! The hosts that a case is tried on: the same machine, seen by services of different rights.
//!
//! `UNDERHOOD_TEST_HOSTS`, such as `root` or `root,user`, says which are to be tried; otherwise all that this process
//! can have are. Whether some are left out is told by the test `attacks::hosts::which_hosts_are_tried`.

use std::env;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use super::{go, root_folder, underhood};

/// Who runs the service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Host {
    /// Root: namespaces of its own right, a uid for every cell, control groups.
    Root,
    /// An ordinary user: user namespaces, one uid for all cells, no control groups unless they are delegated.
    User,
    /// An ordinary user in a process tree that may make no namespaces, as in a plain container: the reduced sandbox.
    NoNamespaces,
}

/// Which hosts are tried, and why the others are not.
#[derive(Debug, Default)]
pub struct Tried {
    pub hosts: Vec<Host>,
    pub left_out: Vec<(Host, String)>,
}

/// Where an ordinary user finds what the builder's home may hide. Each service has a mount namespace of its own.
const SHOWN: &str = "/mnt";

/// A uid that belongs to no one (systemd.io/UIDS-GIDS: 60578 to 61183 are unused).
pub const USER_ID: &str = "61000";

/// Shows binary, data folder, tests and GOROOT (`$4` to `$7`) below [`SHOWN`] (`$1`) and becomes the user (`$2`). What
/// `$3` says is done last; the rest is the command line. `$8` is the size of a /tmp of its own, if any.
const AS_USER: &str = r#"
set -e
shown=$1 user=$2 then=$3
mount -t tmpfs -o mode=0755 none "$shown"
mkdir "$shown/data" "$shown/tests" "$shown/go" "$shown/tmp"
chmod 1777 "$shown/tmp"
: > "$shown/underhood"
mount --bind "$4" "$shown/underhood"
mount --bind "$5" "$shown/data"
mount --bind "$6" "$shown/tests"
mount --bind "$7" "$shown/go"
if [ -n "$8" ]; then mount -t tmpfs -o mode=1777,size="$8" none /tmp; fi
shift 8
cd /
exec setpriv --reuid="$user" --regid="$user" --clear-groups -- /bin/sh -c "$then" sh "$shown/underhood" "$@"
"#;

/// Cells without mounts keep their files in /tmp, and attacks make as many as they can: no disk of a builder's is to be
/// filled.
const OWN_TMP: &str = "1g";

/// Every test is to see real builds, and what is kept would count as left behind. Tests of the caches say otherwise.
const NOTHING_KEPT: [(&str, &str); 2] = [("UNDERHOOD_CACHE_MEMORY", "0B"), ("UNDERHOOD_CACHE_DISK", "0B")];

const BE_IT: &str = r#"exec "$@""#;

/// A user namespace whose own limit forbids any in it, and no capabilities there.
const WITHOUT_NAMESPACES: &str = r#"
exec unshare --user --map-current-user --keep-caps -- /bin/sh -c '
    echo 0 > /proc/sys/user/max_user_namespaces
    exec setpriv --bounding-set=-all --inh-caps=-all --ambient-caps=-all --no-new-privs -- "$@"
' sh "$@"
"#;

/// The same for root, who keeps the rights that `$RIGHTS` names. Every id is mapped to itself, which only a process
/// outside of the namespace may do.
const ROOT_WITHOUT_NAMESPACES: &str = r#"
(
    until [ "$(readlink /proc/$$/ns/user)" != "$(readlink /proc/self/ns/user)" ]; do :; done
    echo 0 0 4294967295 > /proc/$$/uid_map
    echo 0 0 4294967295 > /proc/$$/gid_map
) > /dev/null 2>&1 &
exec unshare --user --keep-caps -- /bin/sh -c '
    until [ "$(id -u)" = 0 ] && [ "$(id -g)" = 0 ]; do :; done
    echo 0 > /proc/sys/user/max_user_namespaces
    exec setpriv --bounding-set="$RIGHTS" --inh-caps=-all --ambient-caps=-all -- "$@"
' sh "$@"
"#;

impl Host {
    /// All there are, in the order in which they are tried.
    pub const ALL: [Self; 3] = [Self::Root, Self::User, Self::NoNamespaces];

    /// The one that runs these tests.
    pub fn mine() -> Self {
        if nix::unistd::geteuid().is_root() { Self::Root } else { Self::User }
    }

    /// Those that are tried, and why the others are not.
    pub fn tried() -> &'static Tried {
        static TRIED: OnceLock<Tried> = OnceLock::new();
        TRIED.get_or_init(|| {
            let mut tried = Tried::default();
            for host in Self::ALL {
                match host.can_be_had() {
                    Ok(()) => tried.hosts.push(host),
                    Err(why) => tried.left_out.push((host, why)),
                }
            }
            tried
        })
    }

    fn can_be_had(self) -> Result<(), String> {
        let wanted = env::var("UNDERHOOD_TEST_HOSTS").ok();
        if let Some(list) = &wanted {
            let is = |host: &Self, name: &str| host.to_string() == name;
            let unknown = list.split(',').find(|name| !Self::ALL.iter().any(|host| is(host, name)));
            assert_eq!(unknown, None, "UNDERHOOD_TEST_HOSTS names a host that there is not");
            if !list.split(',').any(|name| is(&self, name)) {
                return Err("UNDERHOOD_TEST_HOSTS does not name it".to_owned());
            }
        }
        if self == Self::Root && Self::mine() == Self::User {
            assert!(wanted.is_none(), "UNDERHOOD_TEST_HOSTS names root, and an ordinary user cannot become root");
            return Err("these tests are run by an ordinary user, who cannot become root".to_owned());
        }
        let doctor = self.underhood().arg("doctor").stdin(Stdio::null()).output();
        let doctor = doctor.map_err(|error| error.to_string())?;
        if doctor.status.success() {
            return Ok(());
        }
        let said = String::from_utf8_lossy(&doctor.stdout).into_owned() + &String::from_utf8_lossy(&doctor.stderr);
        // What was asked for by name must be had.
        assert!(wanted.is_none(), "UNDERHOOD_TEST_HOSTS names {self}, which cannot be had:\n{said}");
        Err(said)
    }

    /// Tries a case on each host. A failure names the host; the others are tried all the same.
    #[track_caller]
    pub fn each(case: impl Fn(Self)) {
        let tried = &Self::tried().hosts;
        assert!(!tried.is_empty(), "there is no host to try it on");
        let failed = tried.iter().filter(|host| {
            eprintln!("--- on host {host}");
            catch_unwind(AssertUnwindSafe(|| case(**host))).is_err()
        });
        let failed: Vec<String> = failed.map(ToString::to_string).collect();
        assert!(failed.is_empty(), "failed on host {}", failed.join(" and on host "));
    }

    /// The binary, to be run on this host.
    pub fn underhood(self) -> Command {
        if self == Self::mine() {
            let mut command = Command::new(underhood());
            command.env_remove("UNDERHOOD_MODE").envs(NOTHING_KEPT);
            return command;
        }
        if self == Self::NoNamespaces {
            Self::shown_to(USER_ID, WITHOUT_NAMESPACES, OWN_TMP)
        } else {
            Self::shown_to(USER_ID, BE_IT, "")
        }
    }

    fn shown_to(user: &str, then: &str, own_tmp: &str) -> Command {
        let mut command = Command::new("unshare");
        // An ordinary user may make a mount namespace only together with a user namespace.
        if Self::mine() == Self::User {
            command.args(["--user", "--map-root-user"]);
        }
        command.args(["--mount", "--", "/bin/sh", "-c", AS_USER, "as-user", SHOWN, user, then]);
        command.arg(underhood()).arg(data_folder()).arg(root_folder()).arg(go::root()).arg(own_tmp);
        command
            .env_clear()
            .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")
            .env("UNDERHOOD_DATA", format!("{SHOWN}/data"));
        command.env("UNDERHOOD_GO", format!("{SHOWN}/go")).env("TMPDIR", format!("{SHOWN}/tmp"));
        command.envs(NOTHING_KEPT);
        command
    }

    /// The binary, to be run by root in a process tree that may make no namespaces: with these rights alone, as
    /// setpriv(1) writes them (`+kill`), or none.
    pub fn root_without_namespaces(rights: &[&str]) -> Command {
        assert_eq!(Self::mine(), Self::Root, "only root can give root's rights");
        let mut command = Self::shown_to("0", ROOT_WITHOUT_NAMESPACES, OWN_TMP);
        command.env("RIGHTS", [&["-all"], rights].concat().join(","));
        command
    }

    /// The path of a file of the tests as the service sees it.
    pub fn path(self, file: &Path) -> PathBuf {
        match file.strip_prefix(root_folder()) {
            Ok(inner) if self != Self::mine() => Path::new(SHOWN).join("tests").join(inner),
            _ => file.to_owned(),
        }
    }

    /// Whether the kernel counts all memory of a cell together. Where it does not, RLIMIT_DATA limits private memory
    /// alone.
    pub fn memory_is_hard(self) -> bool {
        self.holds("cgroup memory")
    }

    /// Whether a control of `underhood doctor` is active here.
    pub fn holds(self, control: &str) -> bool {
        let doctor = self.underhood().args(["doctor", "--json"]).stdin(Stdio::null()).output().expect("doctor runs");
        let report: serde_json::Value = serde_json::from_slice(&doctor.stdout).expect("JSON");
        let controls = report["controls"].as_array().expect("controls");
        let found = controls.iter().find(|entry| entry["name"] == control);
        found.unwrap_or_else(|| panic!("doctor does not know {control}"))["state"] == "active"
    }
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Root => "root",
            Self::User => "user",
            Self::NoNamespaces => "no-namespaces",
        })
    }
}

/// The data folder, found as the binary finds it.
pub fn data_folder() -> PathBuf {
    let set = |name| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    set("UNDERHOOD_DATA")
        .or_else(|| Some(set("XDG_DATA_HOME").filter(|path| path.is_absolute())?.join("underhood")))
        .or_else(|| Some(set("HOME")?.join(".local/share/underhood")))
        .expect("a data folder")
}
