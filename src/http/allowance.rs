//! How much each client may add in a day. What it does not use today it does not have tomorrow.

use std::num::NonZeroU32;
use std::time::Duration;

use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

use crate::protocol::Refusal;
use crate::run::Client;

/// What each client may add, in units of the caller's.
#[derive(Debug)]
pub struct Allowance {
    /// `None` when nothing may be added.
    limiter: Option<DefaultKeyedRateLimiter<Client>>,
}

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Clients are remembered up to this number; then those go whose allowance is whole again.
const MOST_CLIENTS: usize = 16 * 1024;

impl Allowance {
    /// So many units a day, all at once if it wants; the next then comes bit by bit.
    pub fn a_day(units: u64) -> Self {
        let burst = NonZeroU32::new(u32::try_from(units).unwrap_or(u32::MAX));
        let quota = burst.and_then(|burst| Quota::new(burst, DAY));
        Self { limiter: quota.map(RateLimiter::keyed) }
    }

    /// Takes units of a client's. Nothing is taken when there are too few.
    ///
    /// # Errors
    /// Too much when the client has too few left: it says when there are enough.
    pub fn charge(&self, client: Client, units: u64) -> Result<(), Refusal> {
        let units = NonZeroU32::new(u32::try_from(units).unwrap_or(u32::MAX)).unwrap_or(NonZeroU32::MIN);
        let Some(limiter) = &self.limiter else { return Err(Refusal::Spent { retry_after: DAY }) };
        if limiter.len() >= MOST_CLIENTS {
            limiter.retain_recent();
        }
        match limiter.check_key_n(&client, units) {
            Ok(Ok(())) => Ok(()),
            Ok(Err(not_until)) => {
                let wait = not_until.wait_time_from(DefaultClock::default().now());
                // Whole seconds, never too early.
                let retry_after = Duration::from_secs(wait.as_secs() + 1);
                Err(Refusal::Spent { retry_after })
            }
            // More than a day gives: no waiting helps, but nor does it harm.
            Err(_) => Err(Refusal::Spent { retry_after: DAY }),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    fn client(last: u8) -> Client {
        Client::at(Ipv4Addr::new(127, 0, 0, last).into())
    }

    #[test]
    fn each_client_has_its_own() {
        let allowance = Allowance::a_day(4);
        assert_eq!(allowance.charge(client(1), 3), Ok(()));
        let Err(Refusal::Spent { retry_after }) = allowance.charge(client(1), 2) else { panic!("taken") };
        // One more is due in a quarter of a day.
        assert!(retry_after <= DAY / 4 + Duration::from_secs(1), "{retry_after:?}");
        assert!(retry_after > DAY / 4 - Duration::from_secs(60), "{retry_after:?}");
        assert_eq!(allowance.charge(client(1), 1), Ok(()), "what was refused cost nothing");
        assert_eq!(allowance.charge(client(2), 4), Ok(()));
        assert_eq!(allowance.charge(client(3), 5), Err(Refusal::Spent { retry_after: DAY }));
        assert_eq!(Allowance::a_day(0).charge(client(1), 1), Err(Refusal::Spent { retry_after: DAY }));
    }
}
