//! The kernel says no to what no program here may have, and what all cells share cannot be used up.

use std::io::ErrorKind;
use std::net::TcpListener;
use std::os::linux::net::SocketAddrExt as _;
use std::os::unix::net::{SocketAddr, UnixListener};

use super::{attack, prints};
use crate::harness::host::Host;
use crate::harness::token;

#[test]
fn the_hosts_network_is_not_there() {
    Host::each(|host| {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a listener");
        let name = token();
        let address = SocketAddr::from_abstract_name(&name).expect("a name");
        let abstract_listener = UnixListener::bind_addr(&address).expect("a listener");
        let port = listener.local_addr().expect("an address").port().to_string();
        let events = attack("network", host).arg(&port).arg(&format!("@{name}")).tells().that_end("ok");
        let (tcp, socket) = (["tcp: true"; 4], ["socket: true"; 5]);
        let rest = ["interface: lo", "own loopback: <nil>", "own loopback: <nil>"];
        prints(&events, &[&tcp[..], &["abstract: true"], &socket, &rest].concat());
        listener.set_nonblocking(true).expect("set");
        assert_eq!(listener.accept().expect_err("nobody").kind(), ErrorKind::WouldBlock, "it reached the host");
        abstract_listener.set_nonblocking(true).expect("set");
        let reached = abstract_listener.accept().expect_err("nobody").kind();
        assert_eq!(reached, ErrorKind::WouldBlock, "it reached the host");
    });
}

/// The kernel would load the module of a protocol for whoever asks.
#[test]
fn there_is_no_protocol_but_tcp_and_udp() {
    let protocols = ["mptcp", "mptcp6", "sctp", "sctp by kind", "dccp", "udplite", "l2tp", "smc", "ping", "ping6"];
    let mut lines: Vec<String> = protocols
        .iter()
        .chain(&["raw", "upper half"])
        .map(|protocol| format!("{protocol}: address family not supported by protocol"))
        .collect();
    for option in [
        "SO_SNDBUFFORCE",
        "SO_RCVBUFFORCE",
        "SO_MARK",
        "SO_BINDTODEVICE",
        "SO_DEBUG",
        "IP_TRANSPARENT",
        "IPT_SO_SET_REPLACE",
        "EBT_SO_SET_ENTRIES",
        "TCP_ULP",
    ] {
        lines.push(format!("{option}: true"));
    }
    lines.push("new device: operation not permitted".to_owned());
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    Host::each(|host| prints(&attack("sockets", host).tells().that_end("ok"), &lines));
}

#[test]
fn the_kernel_says_no() {
    const EPERM: &str = "1";
    const ENOTTY: &str = "25";
    const ENOSYS: &str = "38";
    Host::each(|host| {
        let events = attack("system_calls", host).tells().that_end("ok");
        let stdout = events.stdout();
        let mut calls = 0;
        for line in stdout.lines() {
            let (call, errno) = line.split_once(' ').expect("a call and its answer");
            let expected = match call {
                "memfd_secret" | "shmget" | "mq_open" | "openat2" | "fsopen" => ENOSYS,
                "tiocsti" => ENOTTY,
                _ => EPERM,
            };
            assert_eq!(errno, expected, "{call}");
            calls += 1;
        }
        assert_eq!(calls, 36, "{stdout}");
    });
}

#[test]
fn what_all_cells_share_cannot_be_used_up_or_locked() {
    let expected = [
        "inotify: operation not permitted",
        "few timers: true",
        "flock: operation not permitted",
        "fcntl lock: operation not permitted",
        "times of a device: chtimes /dev/null: read-only file system",
        "write: <nil>",
    ];
    Host::each(|host| prints(&attack("shared_counts", host).tells().that_end("ok"), &expected));
}

#[test]
fn epolls_do_not_nest_without_end() {
    Host::each(|host| {
        let events = attack("epoll_nests", host).tells().that_end("ok");
        prints(&events, &["few: true too many levels of symbolic links", "itself: invalid argument"]);
    });
}
