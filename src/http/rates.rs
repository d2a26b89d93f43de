//! How much one client may ask for in how long, by the generic cell rate algorithm: a whole period's allowance at once,
//! and then as much as has come back since.
//!
//! The memory of clients has an end. When it is full, the one that was heard of for the longest time is forgotten, and
//! has all of its allowance again. Whoever has more addresses than are remembered has that in any case.

use std::fmt;
use std::num::NonZeroU32;
use std::str::FromStr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use governor::clock::{Clock, MonotonicClock};
use governor::middleware::NoOpMiddleware;
use governor::nanos::Nanos;
use governor::state::StateStore;
use governor::{Quota, RateLimiter};
use lru::LruCache;
use serde::Serialize;
use utoipa::ToSchema;

use super::App;
use super::problem::Problem;
use crate::protocol::Refusal;
use crate::run::Client;

/// So much in a period.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rate {
    /// As much as one likes.
    Unlimited,
    /// At most.
    Most {
        /// How much, which may also be taken at once.
        most: NonZeroU32,
        /// In how long all of it has come back.
        period: Period,
    },
}

/// In how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Period {
    /// A second.
    Second,
    /// 60 of them.
    Minute,
    /// 60 of these.
    Hour,
    /// 24 of these.
    Day,
}

/// Why a text is no rate.
#[derive(Debug, thiserror::Error)]
#[error("{0:?} is not a rate such as 60/min, 10/s, 1000/hour or 5000/day, and not `off`")]
pub struct NoRate(String);

/// Counts what each client asks for. Cheap: one lock and one look-up.
pub struct Limiter<C: Clock = MonotonicClock> {
    /// What is counted, for people: a plural.
    what: &'static str,
    rate: Rate,
    cells: Option<RateLimiter<Client, Recent, C, NoOpMiddleware<C::Instant>>>,
}

/// The limiters of the service.
#[derive(Debug)]
pub struct Rates {
    /// Of requests of any kind.
    pub requests: Limiter,
    /// Of what runs something.
    pub runs: Limiter,
}

/// Clients that are remembered by each limiter; about a hundred bytes each.
const REMEMBERED: usize = 16 * 1024;

/// Faster than this is no limit, and one that is counted in nanoseconds.
const MOST: u32 = 1_000_000_000;

impl Rates {
    /// With these rates.
    pub fn new(requests: Rate, runs: Rate) -> Self {
        Self { requests: Limiter::new("requests", requests), runs: Limiter::new("runs", runs) }
    }
}

impl Limiter {
    /// Of things that are called `what`, in the plural.
    pub fn new(what: &'static str, rate: Rate) -> Self {
        Self::by(MonotonicClock, what, rate)
    }
}

impl<C: Clock> Limiter<C> {
    fn by(clock: C, what: &'static str, rate: Rate) -> Self {
        let cells = rate.quota().map(|quota| RateLimiter::new(quota, Recent::default(), clock));
        Self { what, rate, cells }
    }

    /// How much each client may have.
    pub fn rate(&self) -> Rate {
        self.rate
    }

    /// Counts so much against the client: one request, or as many as there are bytes. Nothing is counted that is
    /// refused.
    ///
    /// # Errors
    /// [`Refusal::TooFast`] when it is more than the client may have now, [`Refusal::TooLarge`] when it is more than it
    /// may ever have at once.
    pub fn charge(&self, client: Client, amount: u32) -> Result<(), Refusal> {
        let (Some(cells), Some(amount)) = (&self.cells, NonZeroU32::new(amount)) else { return Ok(()) };
        match cells.check_key_n(&client, amount) {
            Ok(Ok(())) => Ok(()),
            Ok(Err(not_until)) => {
                let wait = not_until.wait_time_from(cells.clock().now());
                let retry_after = Duration::from_secs(wait.as_millis().div_ceil(1000).max(1) as u64);
                Err(Refusal::TooFast { rate: self.rate.of(self.what), retry_after })
            }
            Err(capacity) => Err(Refusal::TooLarge { limit_bytes: capacity.0 as usize }),
        }
    }
}

impl<C: Clock> fmt::Debug for Limiter<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Limiter").field("what", &self.what).field("rate", &self.rate).finish_non_exhaustive()
    }
}

/// When each client will have its whole allowance again, those heard of last first.
#[derive(Default)]
struct Recent(Mutex<Option<LruCache<Client, Nanos>>>);

impl StateStore for Recent {
    type Key = Client;

    fn measure_and_replace<T, F, E>(&self, client: &Client, measure: F) -> Result<T, E>
    where
        F: Fn(Option<Nanos>) -> Result<(T, Nanos), E>,
    {
        let mut clients = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // Not with its capacity, since that would be taken at once.
        let clients = clients.get_or_insert_with(LruCache::unbounded);
        let (outcome, full_again) = measure(clients.get(client).copied())?;
        clients.put(*client, full_again);
        if clients.len() > REMEMBERED {
            clients.pop_lru();
        }
        Ok(outcome)
    }
}

/// Counts each request, whatever it asks for, and turns away those that are too many.
pub async fn of_requests(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let charged = match request.extensions().get::<Client>() {
        Some(client) => app.rates.requests.charge(*client, 1),
        None => Ok(()),
    };
    match charged {
        Ok(()) => next.run(request).await,
        Err(refusal) => {
            app.runner.refused(&refusal);
            let answer = match wants_page(request.uri().path(), request.headers()) {
                true => app.pages.refused(refusal),
                false => Problem::from(refusal).into_response(),
            };
            app.origins.early(request, answer).await
        }
    }
}

/// Whether the answer is for a person's eyes. Programs, and scripts and styles of pages, do not ask for HTML.
fn wants_page(path: &str, headers: &HeaderMap) -> bool {
    let accepts = |value: &header::HeaderValue| value.as_bytes().windows(9).any(|word| word == b"text/html");
    !path.starts_with("/api/") && headers.get_all(header::ACCEPT).iter().any(accepts)
}

impl Rate {
    /// So much in this period; unlimited for 0.
    pub const fn new(most: u32, period: Period) -> Self {
        match NonZeroU32::new(most) {
            Some(most) => Self::Most { most, period },
            None => Self::Unlimited,
        }
    }

    fn quota(self) -> Option<Quota> {
        let Self::Most { most, period } = self else { return None };
        Quota::with_period(Duration::from_secs(period.seconds()) / most.get()).map(|quota| quota.allow_burst(most))
    }

    /// Such as `60 runs a minute`.
    fn of(self, what: &str) -> String {
        match self {
            Self::Unlimited => format!("any number of {what}"),
            Self::Most { most: NonZeroU32::MIN, period } => {
                format!("1 {} {}", what.strip_suffix('s').unwrap_or(what), period.words())
            }
            Self::Most { most, period } => format!("{most} {what} {}", period.words()),
        }
    }
}

impl Period {
    const ALL: [Self; 4] = [Self::Second, Self::Minute, Self::Hour, Self::Day];

    const fn seconds(self) -> u64 {
        match self {
            Self::Second => 1,
            Self::Minute => 60,
            Self::Hour => 60 * 60,
            Self::Day => 24 * 60 * 60,
        }
    }

    /// The first is the one that is written.
    const fn names(self) -> [&'static str; 3] {
        match self {
            Self::Second => ["s", "sec", "second"],
            Self::Minute => ["min", "m", "minute"],
            Self::Hour => ["hour", "h", "hr"],
            Self::Day => ["day", "d", "24h"],
        }
    }

    const fn words(self) -> &'static str {
        match self {
            Self::Second => "a second",
            Self::Minute => "a minute",
            Self::Hour => "an hour",
            Self::Day => "a day",
        }
    }
}

impl FromStr for Rate {
    type Err = NoRate;

    fn from_str(text: &str) -> Result<Self, NoRate> {
        if matches!(text, "off" | "0") {
            return Ok(Self::Unlimited);
        }
        let error = || NoRate(text.to_owned());
        let (most, name) = text.split_once('/').ok_or_else(error)?;
        let most = most.trim().parse().ok().filter(|most| (1..=MOST).contains(most)).ok_or_else(error)?;
        let is_named = |period: &Period| period.names().contains(&name.trim());
        Period::ALL.into_iter().find(is_named).map(|period| Self::new(most, period)).ok_or_else(error)
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unlimited => f.write_str("off"),
            Self::Most { most, period } => write!(f, "{most}/{}", period.names()[0]),
        }
    }
}

/// A rate as numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = Rate)]
pub struct Told {
    /// How much, which may also be taken at once.
    #[schema(minimum = 1)]
    most: u32,
    /// In how many seconds all of it has come back.
    seconds: u64,
}

impl Rate {
    /// As numbers; nothing where there is no limit.
    pub fn told(self) -> Option<Told> {
        match self {
            Self::Unlimited => None,
            Self::Most { most, period } => Some(Told { most: most.get(), seconds: period.seconds() }),
        }
    }
}

#[cfg(test)]
#[path = "rates_tests.rs"]
mod tests;
