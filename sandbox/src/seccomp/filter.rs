//! From rules to a BPF program: a binary search over system call numbers, since a chain of 200 comparisons would
//! be paid on every call of the program and at every load.

use std::collections::BTreeMap;

use nix::libc;
use seccompiler::sock_filter;

/// What happens to one system call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Rule {
    /// It is made.
    Allow,
    /// It fails with this errno.
    Deny(i32),
    /// It is made when all tests of one of the groups hold, and fails with the errno otherwise.
    AllowIf { any: Vec<Vec<Test>>, or: i32 },
}

/// A comparison of the lower 32 bits of one argument. Every argument tested is a 32-bit value to the kernel, so the
/// upper half, which a program may fill at will, must not count (CVE-2019-10063).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Test {
    /// Which argument, 0 to 5.
    pub argument: u8,
    /// Bits that are compared.
    pub mask: u32,
    /// What they must be.
    pub equals: u32,
}

/// What a call gets that no rule names.
const UNNAMED: Rule = Rule::Deny(libc::ENOSYS);

/// Rules by system call number.
#[derive(Debug)]
pub(crate) struct Filter {
    rules: BTreeMap<u32, Rule>,
}

// Offsets in struct seccomp_data (linux/seccomp.h).
const NUMBER: u32 = 0;
const ARCHITECTURE: u32 = 4;
const ARGUMENTS: u32 = 16;

/// AUDIT_ARCH_X86_64 (linux/audit.h).
const X86_64: u32 = 0xc000_003e;

// Instruction codes (linux/bpf_common.h).
const LOAD: u16 = 0x20;
const AND: u16 = 0x54;
const JUMP: u16 = 0x05;
const JUMP_EQUAL: u16 = 0x15;
const JUMP_AT_LEAST: u16 = 0x35;
const RETURN: u16 = 0x06;

impl Filter {
    pub(crate) fn new(rules: impl IntoIterator<Item = (i64, Rule)>) -> Self {
        let number = |number| u32::try_from(number).expect("system call numbers are small");
        Self { rules: rules.into_iter().map(|(name, rule)| (number(name), rule)).collect() }
    }

    pub(crate) fn compile(&self) -> Vec<sock_filter> {
        let mut program = vec![
            op(LOAD, ARCHITECTURE),
            jump(JUMP_EQUAL, X86_64, 1, 0),
            op(RETURN, libc::SECCOMP_RET_KILL_PROCESS),
            op(LOAD, NUMBER),
        ];
        program.extend(search(&self.stretches()));
        program
    }

    /// All numbers there are, as stretches that get the same answer: where each begins, and what it gets.
    fn stretches(&self) -> Vec<(u32, &Rule)> {
        let mut stretches: Vec<(u32, &Rule)> = vec![(0, &UNNAMED)];
        let mut begin = |number, rule| match stretches.last_mut() {
            Some((_, before)) if *before == rule => {}
            Some((start, before)) if *start == number => *before = rule,
            _ => stretches.push((number, rule)),
        };
        for (number, rule) in &self.rules {
            begin(*number, rule);
            if !self.rules.contains_key(&(number + 1)) {
                begin(number + 1, &UNNAMED);
            }
        }
        stretches
    }
}

/// Every load compiles the program anew and then tries it on each number, so it is kept short: neighbours with the same
/// answer are one leaf.
fn search(stretches: &[(u32, &Rule)]) -> Vec<sock_filter> {
    if let [(_, rule)] = stretches {
        return verdict(rule);
    }
    let (low, high) = stretches.split_at(stretches.len() / 2);
    let (start, low) = (high[0].0, search(low));
    let mut block = match u8::try_from(low.len()) {
        Ok(skip) => vec![jump(JUMP_AT_LEAST, start, skip, 0)],
        Err(_) => vec![
            jump(JUMP_AT_LEAST, start, 0, 1),
            op(JUMP, u32::try_from(low.len()).expect("a filter has at most 4096 instructions")),
        ],
    };
    block.extend(low);
    block.extend(search(high));
    block
}

fn verdict(rule: &Rule) -> Vec<sock_filter> {
    match rule {
        Rule::Allow => vec![op(RETURN, libc::SECCOMP_RET_ALLOW)],
        Rule::Deny(errno) => vec![deny(*errno)],
        Rule::AllowIf { any, or } => {
            let mut block: Vec<_> = any.iter().flat_map(|tests| group(tests)).collect();
            block.push(deny(*or));
            block
        }
    }
}

/// Three instructions a test, then the allow; a test that fails jumps past the group's end.
fn group(tests: &[Test]) -> Vec<sock_filter> {
    let mut block = Vec::new();
    for (index, test) in tests.iter().enumerate() {
        let rest = u8::try_from((tests.len() - index - 1) * 3 + 1).expect("a group is short");
        block.push(op(LOAD, ARGUMENTS + 8 * u32::from(test.argument)));
        block.push(op(AND, test.mask));
        block.push(jump(JUMP_EQUAL, test.equals, 0, rest));
    }
    block.push(op(RETURN, libc::SECCOMP_RET_ALLOW));
    block
}

fn deny(errno: i32) -> sock_filter {
    op(RETURN, libc::SECCOMP_RET_ERRNO | errno.cast_unsigned())
}

fn op(code: u16, k: u32) -> sock_filter {
    sock_filter { code, jt: 0, jf: 0, k }
}

fn jump(code: u16, k: u32, jt: u8, jf: u8) -> sock_filter {
    sock_filter { code, jt, jf, k }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seccomp::policy;
    use crate::spec::{Network, Processes};

    /// What the kernel would answer: an interpreter of the instructions that we use.
    fn answer(program: &[sock_filter], architecture: u32, number: u32, arguments: [u64; 6]) -> u32 {
        let (mut at, mut register) = (0, 0);
        loop {
            let sock_filter { code, jt, jf, k } = program[at];
            at += 1;
            match code {
                LOAD if k == NUMBER => register = number,
                LOAD if k == ARCHITECTURE => register = architecture,
                LOAD => register = arguments[(k - ARGUMENTS) as usize / 8] as u32,
                AND => register &= k,
                JUMP => at += k as usize,
                JUMP_EQUAL => at += usize::from(if register == k { jt } else { jf }),
                JUMP_AT_LEAST => at += usize::from(if register >= k { jt } else { jf }),
                RETURN => return k,
                other => panic!("no such instruction: {other:#x}"),
            }
        }
    }

    fn errno(errno: i32) -> u32 {
        libc::SECCOMP_RET_ERRNO | errno.cast_unsigned()
    }

    #[test]
    fn every_number_gets_the_answer_of_its_rule() {
        let kinds = [
            (Processes::ThreadsOnly, Network::None),
            (Processes::ThreadsOnly, Network::Loopback),
            (Processes::Children, Network::Loopback),
        ];
        for (processes, network) in kinds {
            let filter = Filter::new(policy::rules(processes, network));
            let program = filter.compile();
            assert!(program.len() < 4096, "the kernel's limit");
            for number in (0..1000).chain([0x4000_0000, 0x4000_0001, u32::MAX]) {
                let answer = answer(&program, X86_64, number, [u64::MAX; 6]);
                let expected = match filter.rules.get(&number) {
                    None => errno(libc::ENOSYS),
                    Some(Rule::Allow) => libc::SECCOMP_RET_ALLOW,
                    Some(Rule::Deny(code) | Rule::AllowIf { or: code, .. }) => errno(*code),
                };
                assert_eq!(answer, expected, "system call {number}");
            }
        }
    }

    #[test]
    fn arguments_decide_on_their_lower_half() {
        let program = Filter::new(policy::rules(Processes::ThreadsOnly, Network::Loopback)).compile();
        let ask = |number: i64, arguments| answer(&program, X86_64, number as u32, arguments);
        let first = |value: u64| [value, 0, 0, 0, 0, 0];

        let thread = (libc::CLONE_VM | libc::CLONE_THREAD | libc::CLONE_SIGHAND) as u64;
        assert_eq!(ask(libc::SYS_clone, first(thread)), libc::SECCOMP_RET_ALLOW);
        assert_eq!(ask(libc::SYS_clone, first(libc::SIGCHLD as u64)), errno(libc::EPERM));
        assert_eq!(ask(libc::SYS_clone, first(thread | libc::CLONE_NEWUSER as u64)), errno(libc::EPERM));

        let tiocsti = |upper: u64| [0, upper << 32 | 0x5412, 0, 0, 0, 0];
        assert_eq!(ask(libc::SYS_ioctl, tiocsti(0)), errno(libc::ENOTTY));
        assert_eq!(ask(libc::SYS_ioctl, tiocsti(1)), errno(libc::ENOTTY));

        let kind = (libc::SOCK_STREAM | libc::SOCK_NONBLOCK | libc::SOCK_CLOEXEC) as u64;
        let socket = |domain: i32, protocol| [domain as u64, kind, protocol, 0, 0, 0];
        for protocol in [0, libc::IPPROTO_TCP as u64] {
            assert_eq!(ask(libc::SYS_socket, socket(libc::AF_INET, protocol)), libc::SECCOMP_RET_ALLOW);
            assert_eq!(ask(libc::SYS_socket, socket(libc::AF_INET6, protocol)), libc::SECCOMP_RET_ALLOW);
        }
        for protocol in [libc::IPPROTO_MPTCP, libc::IPPROTO_SCTP, libc::IPPROTO_UDP] {
            assert_eq!(ask(libc::SYS_socket, socket(libc::AF_INET, protocol as u64)), errno(libc::EAFNOSUPPORT));
        }
        assert_eq!(ask(libc::SYS_socket, socket(libc::AF_NETLINK, 0)), libc::SECCOMP_RET_ALLOW);
        assert_eq!(ask(libc::SYS_socket, socket(libc::AF_NETLINK, 12)), errno(libc::EAFNOSUPPORT));
        assert_eq!(ask(libc::SYS_socket, socket(libc::AF_VSOCK, 0)), errno(libc::EAFNOSUPPORT));
        assert_eq!(ask(libc::SYS_prlimit64, first(1)), errno(libc::EPERM));
    }

    #[test]
    fn children_may_be_made_but_no_namespaces() {
        let program = Filter::new(policy::rules(Processes::Children, Network::Loopback)).compile();
        let ask = |flags: u64| answer(&program, X86_64, libc::SYS_clone as u32, [flags, 0, 0, 0, 0, 0]);
        assert_eq!(ask(libc::SIGCHLD as u64), libc::SECCOMP_RET_ALLOW);
        assert_eq!(ask((libc::CLONE_VM | libc::CLONE_VFORK) as u64), libc::SECCOMP_RET_ALLOW);
        for namespace in [libc::CLONE_NEWNS, libc::CLONE_NEWUSER, libc::CLONE_NEWPID, libc::CLONE_NEWNET] {
            assert_eq!(ask(namespace as u64), errno(libc::EPERM));
        }
    }

    #[test]
    fn without_a_network_there_is_no_socket() {
        for network in [Network::None, Network::Loopback] {
            let program = Filter::new(policy::rules(Processes::ThreadsOnly, network)).compile();
            for domain in [libc::AF_UNIX, libc::AF_INET, libc::AF_INET6, libc::AF_NETLINK] {
                let arguments = [domain as u64, libc::SOCK_STREAM as u64, 0, 0, 0, 0];
                let expected = if network == Network::None { errno(libc::EACCES) } else { libc::SECCOMP_RET_ALLOW };
                for call in [libc::SYS_socket, libc::SYS_socketpair] {
                    assert_eq!(answer(&program, X86_64, call as u32, arguments), expected, "{network:?} {domain}");
                }
            }
        }
    }

    #[test]
    fn a_foreign_architecture_is_killed() {
        let program = Filter::new(policy::rules(Processes::ThreadsOnly, Network::Loopback)).compile();
        assert_eq!(answer(&program, 0x4000_0003, 1, [0; 6]), libc::SECCOMP_RET_KILL_PROCESS);
    }
}
