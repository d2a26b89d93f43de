//! Who a request comes from, and how much of that is written down.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use ipnet::{IpNet, Ipv4Net, Ipv6Net};

/// Both ends of the way a request took. Every request has one as an extension.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Remote {
    /// Who made the connection.
    pub peer: IpAddr,
    /// Whose request it is: another only if the peer is a proxy that the operator trusts.
    pub client: IpAddr,
}

/// An address, or all of a network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network(IpNet);

/// Why a text is no network.
#[derive(Debug, thiserror::Error)]
#[error("{0:?} is neither an address such as 10.0.0.7 nor a network such as 10.0.0.0/8 or fd00::/8")]
pub struct NoNetwork(String);

/// How much of a client's address is in the log.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum LoggedClients {
    /// All of it
    Full,
    /// The network that it is in: 24 bits, or 48 in IPv6
    #[default]
    Network,
    /// Nothing
    None,
}

impl Remote {
    /// Of a request that came without a proxy.
    #[cfg(test)]
    pub fn direct(peer: IpAddr) -> Self {
        let peer = peer.to_canonical();
        Self { peer, client: peer }
    }

    /// Whether a proxy that the operator trusts stands between.
    pub fn is_by_proxy(&self) -> bool {
        self.peer != self.client
    }
}

impl Network {
    /// This machine.
    pub const LOOPBACK: [Self; 2] = [
        Self(IpNet::V4(Ipv4Net::new_assert(std::net::Ipv4Addr::new(127, 0, 0, 0), 8))),
        Self(IpNet::V6(Ipv6Net::new_assert(std::net::Ipv6Addr::LOCALHOST, 128))),
    ];

    /// Whether an address belongs to it. One of IPv4 does so too when it is written as one of IPv6.
    pub fn contains(&self, address: IpAddr) -> bool {
        self.0.contains(&address.to_canonical())
    }
}

impl FromStr for Network {
    type Err = NoNetwork;

    fn from_str(text: &str) -> Result<Self, NoNetwork> {
        let text = text.trim();
        let one = || text.parse::<IpAddr>().map(|address| IpNet::from(address.to_canonical()));
        let network = text.parse::<IpNet>().map(canonical).or_else(|_| one());
        network.map(|network| Self(network.trunc())).map_err(|_| NoNetwork(text.to_owned()))
    }
}

/// A network of IPv4 addresses that are written as those of IPv6 (RFC 4291, 2.5.5.2) is one of IPv4.
fn canonical(network: IpNet) -> IpNet {
    match (network, network.addr().to_canonical()) {
        (IpNet::V6(_), IpAddr::V4(address)) if network.prefix_len() >= 96 => {
            IpNet::V4(Ipv4Net::new_assert(address, network.prefix_len() - 96))
        }
        _ => network,
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl LoggedClients {
    /// What is written of an address.
    pub fn shown(self, address: IpAddr) -> Option<Network> {
        let bits = match (self, address) {
            (Self::None, _) => return None,
            (Self::Full, IpAddr::V4(_)) => 32,
            (Self::Full, IpAddr::V6(_)) => 128,
            (Self::Network, IpAddr::V4(_)) => 24,
            (Self::Network, IpAddr::V6(_)) => 48,
        };
        IpNet::new(address, bits).ok().map(|network| Network(network.trunc()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn networks_are_read_and_hold_what_is_in_them() {
        let network = |text: &str| text.parse::<Network>();
        assert!(network("10.0.0.0/8").unwrap().contains(address("10.9.8.7")));
        assert!(network("10.0.0.7").unwrap().contains(address("::ffff:10.0.0.7")));
        assert!(network("::ffff:10.0.0.7").unwrap().contains(address("10.0.0.7")));
        assert!(network("::ffff:10.0.0.0/104").unwrap().contains(address("10.0.0.7")));
        assert!(!network("10.0.0.7").unwrap().contains(address("10.0.0.8")));
        assert!(network(" fd00::/8 ").unwrap().contains(address("fdff::1")));
        assert!(Network::LOOPBACK.iter().any(|network| network.contains(address("::1"))));
        assert!(!Network::LOOPBACK.iter().any(|network| network.contains(address("::2"))));
        for bad in ["", "localhost", "10.0.0.0/33", "10.0.0.0/", "*"] {
            assert!(network(bad).is_err(), "{bad:?} was taken");
        }
    }

    #[test]
    fn an_address_is_shortened_before_it_is_written() {
        let shown = |how: LoggedClients, text| how.shown(address(text)).map(|network| network.to_string());
        assert_eq!(shown(LoggedClients::Network, "192.0.2.77").as_deref(), Some("192.0.2.0/24"));
        assert_eq!(shown(LoggedClients::Network, "2001:db8:1:2::3").as_deref(), Some("2001:db8:1::/48"));
        assert_eq!(shown(LoggedClients::Full, "192.0.2.77").as_deref(), Some("192.0.2.77/32"));
        assert_eq!(shown(LoggedClients::None, "192.0.2.77"), None);
    }
}
