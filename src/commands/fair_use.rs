//! Options for how much each client may ask of `serve`, and who the client is.

use crate::http::proxies::Proxies;
use crate::http::rates::{Rate, Rates};
use crate::http::remote::Network;

/// What one address may ask for.
#[derive(Clone, Debug, clap::Args)]
#[command(next_help_heading = "Fair use")]
pub struct FairUse {
    /// Runs that one address may start: as many at once, and then as they come back; `off` for no limit
    ///
    /// An address is a host or, in IPv6, a network of 64 bits. More are refused with 429 and the time to wait.
    #[arg(long, env = "UNDERHOOD_RATE_RUNS", value_name = "RATE", default_value = "60/min")]
    pub rate_runs: Rate,
    /// Requests of any kind that one address may send, pages and their parts included; `off` for no limit
    #[arg(long, env = "UNDERHOOD_RATE_REQUESTS", value_name = "RATE", default_value = "2400/min")]
    pub rate_requests: Rate,
    /// Addresses or networks of proxies in front, whose X-Forwarded-For tells whose request it is
    ///
    /// May be given several times, or with commas between. Name only proxies that set the header themselves: whoever is
    /// named can pass for anybody. Without this a request comes from whoever made the connection, so behind a proxy all
    /// readers count as one.
    #[arg(long, env = "UNDERHOOD_TRUST_PROXY", value_name = "CIDR", value_delimiter = ',')]
    pub trust_proxy: Vec<Network>,
}

impl FairUse {
    /// As limiters.
    pub fn rates(&self) -> Rates {
        Rates::new(self.rate_requests, self.rate_runs)
    }

    /// Those that are believed.
    pub fn proxies(&self) -> Proxies {
        Proxies::trusted(&self.trust_proxy)
    }
}
