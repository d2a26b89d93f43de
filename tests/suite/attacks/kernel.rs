//! The kernel says no to what no program here may have, and what all cells share cannot be used up.

use std::collections::BTreeSet;
use std::fs;
use std::io::ErrorKind;
use std::net::TcpListener;
use std::os::linux::net::SocketAddrExt as _;
use std::os::unix::net::{SocketAddr, UnixListener};
use std::path::PathBuf;
use std::time::Duration;

use super::{Answers, attack, prints};
use crate::harness::host::Host;
use crate::harness::processes::{children, named, wait_for};
use crate::harness::serve::Service;
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
        prints(&events, &[&tcp[..], &["abstract: true"], &socket, Answers::of(host).own_loopback].concat());
        listener.set_nonblocking(true).expect("set");
        assert_eq!(listener.accept().expect_err("nobody").kind(), ErrorKind::WouldBlock, "it reached the host");
        abstract_listener.set_nonblocking(true).expect("set");
        let reached = abstract_listener.accept().expect_err("nobody").kind();
        assert_eq!(reached, ErrorKind::WouldBlock, "it reached the host");
    });
}

/// Compilers may share a network, since they have no sockets and it has no address; programs share none.
#[test]
fn compilers_have_no_network_and_programs_one_each() {
    Host::each(|host| {
        if !host.holds("namespaces") {
            return;
        }
        let service = Service::start_on(host, &[]);
        let network = |pid: &u32| fs::read_link(format!("/proc/{pid}/ns/net")).expect("its network namespace");
        let distinct = |pids: &[u32]| pids.iter().map(network).collect::<BTreeSet<PathBuf>>();
        // Below the zygote each prepared cell has an init, and that a stub, which for tools becomes a compiler soon.
        let (compilers, own) = wait_for("programs with a network each", Duration::from_secs(20), || {
            let zygote = *named(service.pid(), "underhood-zyg").first()?;
            let held = children(zygote).into_iter().flat_map(children);
            let compilers = named(service.pid(), "compile");
            let stubs: Vec<u32> = held.filter(|pid| !compilers.contains(pid)).collect();
            let own = distinct(&stubs);
            let are_apart = own.len() == stubs.len() && own.is_disjoint(&distinct(&compilers));
            (compilers.len() >= 2 && stubs.len() >= 2 && are_apart).then_some((compilers, own))
        });
        let host = network(&std::process::id());
        for compiler in &compilers {
            assert_ne!(network(compiler), host, "the compiler has the host's network");
            let routes = fs::read_to_string(format!("/proc/{compiler}/net/fib_trie")).expect("its routes");
            assert!(!routes.contains("127.0.0.1"), "{routes}");
        }
        assert!(!own.contains(&host), "a program has the host's network");
    });
}

/// The kernel would load the module of a protocol for whoever asks.
#[test]
fn there_is_no_protocol_but_tcp_and_udp() {
    let protocols = [
        "mptcp",
        "mptcp6",
        "sctp",
        "sctp by kind",
        "dccp",
        "udplite",
        "l2tp",
        "smc",
        "ping",
        "ping6",
        "raw",
        "upper half",
    ];
    const OPTIONS: [&str; 9] = [
        "SO_SNDBUFFORCE",
        "SO_RCVBUFFORCE",
        "SO_MARK",
        "SO_BINDTODEVICE",
        "SO_DEBUG",
        "IP_TRANSPARENT",
        "IPT_SO_SET_REPLACE",
        "EBT_SO_SET_ENTRIES",
        "TCP_ULP",
    ];
    Host::each(|host| {
        let odd = Answers::of(host).odd_protocol;
        let mut lines: Vec<String> = protocols.map(|protocol| format!("{protocol}: {odd}")).to_vec();
        if host == Host::NoNamespaces {
            // Not even the common ones are there, so there is nothing to set options of.
            lines.push(format!("tcp: {odd}"));
        } else {
            lines.extend(OPTIONS.map(|option| format!("{option}: true")));
            lines.push("new device: operation not permitted".to_owned());
        }
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        prints(&attack("sockets", host).tells().that_end("ok"), &lines);
    });
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
    Host::each(|host| {
        let expected = [
            "inotify: operation not permitted",
            "few timers: true",
            "flock: operation not permitted",
            "fcntl lock: operation not permitted",
            &format!("times of a device: chtimes /dev/null: {}", Answers::of(host).device_times),
            "write: <nil>",
        ];
        prints(&attack("shared_counts", host).tells().that_end("ok"), &expected);
    });
}

#[test]
fn epolls_do_not_nest_without_end() {
    Host::each(|host| {
        let events = attack("epoll_nests", host).tells().that_end("ok");
        prints(&events, &["few: true too many levels of symbolic links", "itself: invalid argument"]);
    });
}
