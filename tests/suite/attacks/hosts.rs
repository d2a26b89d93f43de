//! Which hosts the cases are tried on. Nothing is left out in silence.

use std::env;

use crate::harness::host::{Host, Tried};

#[test]
fn which_hosts_are_tried() {
    let Tried { hosts: tried, left_out } = Host::tried();
    for host in tried {
        let memory = if host.memory_is_hard() { "a hard limit" } else { "a soft limit" };
        eprintln!("host {host}: every attack is tried; memory has {memory}");
    }
    for (host, why) in left_out {
        eprintln!("host {host}: NOT TRIED: {why}");
    }
    assert!(tried.contains(&Host::mine()) || env::var_os("UNDERHOOD_TEST_HOSTS").is_some(), "not even its own host");
    // Root can become anyone, so as root all must be had, unless the caller has chosen.
    let may_lack = Host::mine() == Host::User || env::var_os("UNDERHOOD_TEST_HOSTS").is_some();
    assert!(left_out.is_empty() || may_lack, "left out although root runs the tests: {left_out:?}");
}
