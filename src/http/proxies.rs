//! Whose request it is, where proxies stand in front.
//!
//! A proxy adds the address that it was called from to `X-Forwarded-For`, on the right. What stands further left came
//! with the request, and anyone can write anything there. So the list is read from the right, and only as far as each
//! address was added by a proxy that the operator trusts.
//!
//! `Forwarded` (RFC 7239) is not read. A proxy that knows one of the two passes the other on as the client wrote it, so
//! who believes both can be lied to.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use axum::http::{HeaderMap, HeaderName};

use super::remote::Network;

/// The proxies that are believed. Without any, a request comes from whoever made the connection.
#[derive(Clone, Debug, Default)]
pub struct Proxies(Vec<Network>);

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

impl Proxies {
    /// These and no others.
    pub fn trusted(proxies: &[Network]) -> Self {
        Self(proxies.to_vec())
    }

    /// The address that a request with these headers comes from, when the connection comes from `peer`. Where something
    /// in the list is no address, that is the last one before.
    pub fn client(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let mut client = peer.to_canonical();
        // Several headers of one name are one list, in their order (RFC 9110, 5.3).
        let mut hops = headers.get_all(FORWARDED_FOR).iter().rev().flat_map(|value| {
            // What is no text has no address in it, and nothing left of it is believed.
            value.to_str().unwrap_or_default().rsplit(',')
        });
        while self.are_trusted(client) {
            let Some(before) = hops.next().and_then(address) else { break };
            client = before;
        }
        client
    }

    /// Whether it is the address of one that is believed.
    pub fn are_trusted(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(address))
    }
}

/// The address of a hop; some proxies write its port too.
fn address(hop: &str) -> Option<IpAddr> {
    let hop = hop.trim();
    let bare = |hop: &str| hop.parse::<IpAddr>().ok();
    let with_port = |hop: &str| hop.parse::<SocketAddr>().ok().map(|address| address.ip());
    let in_brackets =
        |hop: &str| hop.strip_prefix('[')?.strip_suffix(']')?.parse::<Ipv6Addr>().ok().map(IpAddr::from);
    bare(hop).or_else(|| with_port(hop)).or_else(|| in_brackets(hop)).map(|address| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROXY: &str = "10.0.0.1";

    /// The client of a request that comes from `peer` with these lists, where 10.0.0.0/8 and fd00::/8 are trusted.
    fn client(peer: &str, lists: &[&[u8]]) -> String {
        let proxies = ["10.0.0.0/8", "fd00::/8"].map(|proxy| proxy.parse().unwrap());
        let mut headers = HeaderMap::new();
        for list in lists {
            headers.append(FORWARDED_FOR, (*list).try_into().unwrap());
        }
        Proxies::trusted(&proxies).client(peer.parse().unwrap(), &headers).to_string()
    }

    #[test]
    fn a_stranger_is_not_believed() {
        assert_eq!(client("192.0.2.9", &[b"198.51.100.7"]), "192.0.2.9");
        assert_eq!(client("192.0.2.9", &[b"10.0.0.1", b"127.0.0.1"]), "192.0.2.9");
        let headers = HeaderMap::from_iter([(FORWARDED_FOR, "198.51.100.7".parse().unwrap())]);
        let loopback = IpAddr::from([127, 0, 0, 1]);
        assert_eq!(Proxies::default().client(loopback, &headers), loopback, "nobody is trusted unasked");
    }

    #[test]
    fn a_proxy_is_believed_as_far_as_it_can_know() {
        assert_eq!(client(PROXY, &[b"198.51.100.7"]), "198.51.100.7");
        assert_eq!(client(PROXY, &[]), PROXY);
        // What a client wrote itself stands on the left.
        assert_eq!(client(PROXY, &[b"203.0.113.5, 198.51.100.7"]), "198.51.100.7");
        assert_eq!(client(PROXY, &[b"203.0.113.5", b"198.51.100.7"]), "198.51.100.7");
        assert_eq!(client(PROXY, &[b"10.9.9.9, 198.51.100.7"]), "198.51.100.7");
        assert_eq!(client(PROXY, &[b"203.0.113.5, 198.51.100.7, 10.2.2.2 ,10.3.3.3"]), "198.51.100.7");
        assert_eq!(client(PROXY, &[b"203.0.113.5, 198.51.100.7", b"10.2.2.2"]), "198.51.100.7");
        assert_eq!(client(PROXY, &[b"10.4.4.4, 10.2.2.2"]), "10.4.4.4", "a client of the operator's own network");
    }

    #[test]
    fn garbage_is_believed_no_further() {
        for garbage in
            ["", " ", "unknown", "_hidden", "for=198.51.100.7", "1.2.3", "1.2.3.4.5", "1.2.3.4:", "[::1", "::1]"]
        {
            let list = format!("198.51.100.7, {garbage}");
            assert_eq!(client(PROXY, &[list.as_bytes()]), PROXY, "{garbage:?}");
            let list = format!("198.51.100.7, {garbage}, 10.2.2.2");
            assert_eq!(client(PROXY, &[list.as_bytes()]), "10.2.2.2", "{garbage:?}");
        }
        assert_eq!(client(PROXY, &[b"198.51.100.7", b"\xff"]), PROXY);
    }

    #[test]
    fn addresses_are_read_in_every_way_they_are_written() {
        for (hop, expected) in [
            ("198.51.100.7:4711", "198.51.100.7"),
            ("2001:db8::7", "2001:db8::7"),
            ("[2001:db8::7]", "2001:db8::7"),
            ("[2001:db8::7]:4711", "2001:db8::7"),
            ("::ffff:198.51.100.7", "198.51.100.7"),
            ("[::ffff:198.51.100.7]:4711", "198.51.100.7"),
        ] {
            assert_eq!(client(PROXY, &[hop.as_bytes()]), expected);
        }
        assert_eq!(client("::ffff:10.0.0.1", &[b"198.51.100.7, ::ffff:10.2.2.2"]), "198.51.100.7");
        assert_eq!(client("fd00::1", &[b"198.51.100.7"]), "198.51.100.7");
    }

    #[test]
    fn proxies_are_addresses_or_networks() {
        for (text, expected) in
            [("10.0.0.7", "10.0.0.7/32"), (" 10.1.2.3/8", "10.0.0.0/8"), ("::1", "::1/128"), ("fd00::/8", "fd00::/8")]
        {
            assert_eq!(text.parse::<Network>().unwrap().to_string(), expected);
        }
        for text in ["", "10.0.0.0/33", "10.0.0", "proxy.example", "10.0.0.1:80", "*", "10.0.0.1,10.0.0.2"] {
            assert!(text.parse::<Network>().is_err(), "{text:?} was taken");
        }
    }
}
