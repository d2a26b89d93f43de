//! Who may run now. A permit is a value: it exists only when it was given, and is given back when it is dropped.
//!
//! Fair between the clients of a service: one that has runs at work takes another place only while more than twice as
//! many are free as it has already, so that a few greedy ones leave room for a newcomer; and what a client used lately
//! lowers the weight of its runs.

use std::collections::{HashMap, VecDeque};
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::time::{Instant, timeout};

use crate::protocol::Refusal;

/// Whose runs are counted together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Client {
    /// This very machine: the command line, the service's own check.
    Local,
    /// A host or, in IPv6, a network.
    Address(IpAddr),
}

impl Client {
    /// The client at this address. A household has a whole IPv6 network of 64 bits (RFC 6177), so that counts as one.
    pub fn at(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V6(address) => {
                let network = address.to_bits() >> 64 << 64;
                Self::Address(Ipv6Addr::from_bits(network).into())
            }
            address @ IpAddr::V4(_) => Self::Address(address),
        }
    }
}

/// How many run at once, and how many may wait.
#[derive(Clone, Debug)]
pub struct Admission {
    state: Arc<Mutex<State>>,
}

#[derive(Debug)]
struct State {
    places: usize,
    /// How many builds may begin at once: those beyond would only make all of them slower, and nobody could be told.
    builds: usize,
    begun: Vec<Begun>,
    queue: usize,
    running: usize,
    next_id: u64,
    starts: u64,
    /// In the order in which they came.
    waiting: VecDeque<Waiter>,
    clients: HashMap<Client, Share>,
}

/// A build that has just begun.
#[derive(Debug)]
struct Begun {
    id: u64,
    client: Client,
    at: Instant,
}

#[derive(Debug)]
struct Waiter {
    id: u64,
    client: Client,
    turn: oneshot::Sender<()>,
}

/// What one client has of the whole.
#[derive(Debug)]
struct Share {
    running: usize,
    waiting: usize,
    /// The number of its latest start among all starts; 0 before the first.
    latest: u64,
    /// CPU seconds, as they counted at `since`.
    used: f64,
    since: Instant,
}

/// A place in the queue, or already beyond it.
#[derive(Debug)]
pub struct Ticket {
    admission: Admission,
    client: Client,
    id: u64,
    /// How many were ahead, this one included; 0 when there was room at once.
    pub position: usize,
    turn: Option<oneshot::Receiver<()>>,
    is_used: bool,
}

/// The right to run. To be dropped only when the run's last process is reaped.
#[derive(Debug)]
pub struct Permit {
    admission: Admission,
    client: Client,
    id: u64,
}

/// When a client that was turned away may try again.
const RETRY_AFTER: Duration = Duration::from_secs(5);

/// What a client used counts half after so long.
const HALF_LIFE: Duration = Duration::from_secs(10);

/// A build that takes longer than this is no small one any more: it goes on, and holds back nobody.
const BRIEF: Duration = Duration::from_millis(500);

/// How much more CPU time than another a client may have used of late, in seconds, and yet hold its build back. Beyond
/// that the other's has so much more weight that it need not wait.
const LIKE: f64 = 0.5;

/// Clients that are remembered although they have no run; beyond that, those whose use hardly counts any more go.
const REMEMBERED: usize = 4096;

impl Admission {
    /// `places` runs at once, of which `builds` may begin at a time; `queue` more may wait. Where nobody may wait, as many
    /// begin as there are places.
    pub fn new(places: usize, builds: usize, queue: usize) -> Self {
        let builds = if queue == 0 { places } else { builds };
        let (waiting, clients, begun) = (VecDeque::new(), HashMap::new(), Vec::new());
        let state = State { places, builds, begun, queue, running: 0, next_id: 0, starts: 0, waiting, clients };
        Self { state: Arc::new(Mutex::new(state)) }
    }

    /// Joins the queue.
    ///
    /// # Errors
    /// [`Refusal::NoRoom`] when it is full, [`Refusal::TooMany`] when this client has taken its share of it.
    pub fn enter(&self, client: Client) -> Result<Ticket, Refusal> {
        let mut state = self.state();
        state.forget();
        let id = state.next_id;
        state.next_id += 1;
        let ticket = |position, turn| Ticket { admission: self.clone(), client, id, position, turn, is_used: false };
        if state.may_run(client) {
            state.start(client, id);
            return Ok(ticket(0, None));
        }
        let room = state.queue - state.waiting.len();
        if room == 0 {
            return Err(Refusal::NoRoom { retry_after: RETRY_AFTER });
        }
        let share = state.share(client);
        if share.waiting >= room {
            return Err(Refusal::TooMany { retry_after: RETRY_AFTER });
        }
        share.waiting += 1;
        let (turn, on_turn) = oneshot::channel();
        state.waiting.push_back(Waiter { id, client, turn });
        Ok(ticket(state.waiting.len(), Some(on_turn)))
    }

    /// How many run, and how many wait.
    pub fn counts(&self) -> (usize, usize) {
        let state = self.state();
        (state.running, state.waiting.len())
    }

    /// Takes a place at once, beyond the last one if there is none free. What is to be asked of the service even when it
    /// is full needs this; it gives more than there is, so it is for one at a time, and that one small.
    pub fn enter_ahead(&self, client: Client) -> Ticket {
        let mut state = self.state();
        let id = state.next_id;
        state.next_id += 1;
        state.start(client, id);
        Ticket { admission: self.clone(), client, id, position: 0, turn: None, is_used: false }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn share(&mut self, client: Client) -> &mut Share {
        self.clients.entry(client).or_insert(Share {
            running: 0,
            waiting: 0,
            latest: 0,
            used: 0.0,
            since: Instant::now(),
        })
    }

    fn may_run(&self, client: Client) -> bool {
        let free = self.places.saturating_sub(self.running);
        let running = self.clients.get(&client).map_or(0, |share| share.running);
        let is_fair = match client {
            // A command has this process for itself.
            Client::Local => free > 0,
            Client::Address(_) => running * 2 < free,
        };
        is_fair && self.building_beside(client) < self.builds
    }

    /// Builds that have begun, and have to be waited for by this client.
    fn building_beside(&self, client: Client) -> usize {
        let used = |client: Client| self.clients.get(&client).map_or(0.0, Share::used_now);
        let most = used(client) + LIKE;
        let is_beside = |begun: &&Begun| begun.at.elapsed() < BRIEF && used(begun.client) <= most;
        self.begun.iter().filter(is_beside).count()
    }

    fn start(&mut self, client: Client, id: u64) {
        self.begun.push(Begun { id, client, at: Instant::now() });
        self.running += 1;
        self.starts += 1;
        let latest = self.starts;
        let share = self.share(client);
        share.running += 1;
        share.latest = latest;
    }

    fn built(&mut self, id: u64) {
        self.begun.retain(|begun| begun.id != id);
        self.call();
    }

    fn end(&mut self, client: Client, id: u64) {
        self.begun.retain(|begun| begun.id != id);
        self.running -= 1;
        self.share(client).running -= 1;
        self.call();
    }

    /// Gives free places to clients that wait, in turn: first to the one with the fewest runs, then to the one whose
    /// latest start is the longest ago.
    fn call(&mut self) {
        loop {
            let had = |waiter: &Waiter| {
                self.clients.get(&waiter.client).map_or((0, 0), |share| (share.running, share.latest))
            };
            let able = self.waiting.iter().enumerate().filter(|(_, waiter)| self.may_run(waiter.client));
            let Some(next) = able.min_by_key(|(_, waiter)| had(waiter)).map(|(index, _)| index) else { return };
            let Some(waiter) = self.waiting.remove(next) else { return };
            self.share(waiter.client).waiting -= 1;
            self.start(waiter.client, waiter.id);
            // A ticket that is dropped takes itself out of the queue, so someone still listens.
            let _ = waiter.turn.send(());
        }
    }

    fn forget(&mut self) {
        if self.clients.len() > REMEMBERED {
            self.clients.retain(|_, share| share.running + share.waiting > 0 || share.used_now() > 0.1);
        }
    }
}

impl Share {
    fn used_now(&self) -> f64 {
        self.used * 0.5_f64.powf(self.since.elapsed().as_secs_f64() / HALF_LIFE.as_secs_f64())
    }
}

impl Ticket {
    /// Waits for its turn.
    pub async fn admit(mut self) -> Permit {
        if let Some(turn) = &mut self.turn {
            // Nobody tells when a build is no small one any more.
            while timeout(BRIEF / 5, &mut *turn)
                .await
                .map(|turn| turn.expect("a waiter is called before it is dropped"))
                .is_err()
            {
                self.admission.state().call();
            }
        }
        self.is_used = true;
        Permit { admission: self.admission.clone(), client: self.client, id: self.id }
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        if self.is_used {
            return;
        }
        let mut state = self.admission.state();
        match state.waiting.iter().position(|waiter| waiter.id == self.id) {
            Some(index) => {
                state.waiting.remove(index);
                state.share(self.client).waiting -= 1;
            }
            // It was called, or never had to wait.
            None => state.end(self.client, self.id),
        }
    }
}

impl Permit {
    /// Its build is over, and its program begins.
    pub fn built(&self) {
        self.admission.state().built(self.id);
    }

    /// Counts CPU time against the client.
    pub fn charge(&self, cpu: Duration) {
        let mut state = self.admission.state();
        let share = state.share(self.client);
        share.used = share.used_now() + cpu.as_secs_f64();
        share.since = Instant::now();
    }

    /// `weight` as far as the client still deserves it: a quarter after one second of CPU time lately, a hundredth after
    /// nine. At least 1. It falls with the square, so that a few who use much leave most to many who use little.
    pub fn weigh(&self, weight: u64) -> u64 {
        let used = self.admission.state().share(self.client).used_now();
        ((weight as f64 / (1.0 + used).powi(2)) as u64).max(1)
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        self.admission.state().end(self.client, self.id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(last: u8) -> Client {
        Client::at(IpAddr::from([127, 0, 0, last]))
    }

    #[tokio::test]
    async fn refusals_mint_no_capacity() {
        let admission = Admission::new(1, 1, 1);
        let first = admission.enter(Client::Local).unwrap().admit().await;
        let second = admission.enter(Client::Local).unwrap();
        assert_eq!(second.position, 1);
        for _ in 0..5 {
            assert!(matches!(admission.enter(client(1)), Err(Refusal::NoRoom { .. })));
        }
        drop(first);
        let second = second.admit().await;
        assert!(admission.enter(client(1)).is_ok_and(|ticket| ticket.position == 1), "a place was taken twice");
        drop(second);
        assert!(admission.enter(client(1)).is_ok_and(|ticket| ticket.position == 0));
    }

    #[tokio::test]
    async fn a_command_has_all_places() {
        let admission = Admission::new(2, 2, 4);
        let [first, second, third] = [(); 3].map(|()| admission.enter(Client::Local).unwrap());
        assert_eq!([first.position, second.position, third.position], [0, 0, 1]);
    }

    #[tokio::test]
    async fn one_beyond_the_last_place_takes_none_from_others_for_good() {
        let admission = Admission::new(1, 1, 1);
        let first = admission.enter(client(1)).unwrap().admit().await;
        let ahead = admission.enter_ahead(Client::Local).admit().await;
        let second = admission.enter(client(2)).unwrap();
        assert_eq!(second.position, 1);
        drop(first);
        drop(ahead);
        drop(second.admit().await);
        assert!(admission.enter(client(1)).is_ok_and(|ticket| ticket.position == 0));
    }

    #[tokio::test]
    async fn four_greedy_clients_leave_a_place_for_a_newcomer() {
        let admission = Admission::new(8, 8, 64);
        let mut held = Vec::new();
        for attacker in 1..=4 {
            for _ in 0..20 {
                if let Ok(ticket) = admission.enter(client(attacker)) {
                    held.push(ticket);
                }
            }
        }
        assert!(admission.enter(client(9)).is_ok_and(|ticket| ticket.position == 0));
    }

    #[tokio::test(start_paused = true)]
    async fn who_would_only_slow_down_the_builds_of_others_waits_for_one_of_them() {
        let admission = Admission::new(8, 2, 8);
        let [one, two] = [1, 2].map(|last| admission.enter(client(last)).unwrap());
        let (one, two) = (one.admit().await, two.admit().await);
        let third = admission.enter(client(3)).unwrap();
        assert_eq!(third.position, 1);
        one.built();
        let third = third.admit().await;
        let (fourth, begun) = (admission.enter(client(4)).unwrap(), Instant::now());
        assert_eq!(fourth.position, 1);
        let fourth = fourth.admit().await;
        assert!((BRIEF..BRIEF * 2).contains(&begun.elapsed()), "one that takes long holds back nobody");
        drop((one, two, third, fourth));
        assert!(admission.state().begun.is_empty());
    }

    #[tokio::test]
    async fn who_has_used_much_holds_back_nobody_who_has_not() {
        let admission = Admission::new(8, 1, 8);
        let greedy = admission.enter(client(1)).unwrap().admit().await;
        greedy.charge(Duration::from_secs(3));
        assert_eq!(admission.enter(client(1)).unwrap().position, 1);
        assert_eq!(admission.enter(client(2)).unwrap().position, 0);
    }

    #[tokio::test]
    async fn a_hundred_clicks_do_not_delay_anothers_one() {
        let admission = Admission::new(1, 1, 256);
        let running = admission.enter(client(1)).unwrap().admit().await;
        let mut many: Vec<_> = (0..100).map(|_| admission.enter(client(1)).unwrap()).collect();
        let one = admission.enter(client(2)).unwrap();
        drop(running);
        drop(one.admit().await);
        drop(many.remove(0).admit().await);
    }

    #[tokio::test]
    async fn no_client_fills_the_queue() {
        let admission = Admission::new(1, 1, 8);
        let _running = admission.enter(client(1)).unwrap().admit().await;
        let waiting: Vec<_> = std::iter::from_fn(|| admission.enter(client(1)).ok()).collect();
        assert_eq!(waiting.len(), 4);
        assert!(matches!(admission.enter(client(1)), Err(Refusal::TooMany { .. })));
        assert!(admission.enter(client(2)).is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn use_weighs_less_with_time() {
        let permit = Admission::new(1, 1, 0).enter(Client::Local).unwrap().admit().await;
        assert_eq!(permit.weigh(1000), 1000);
        permit.charge(Duration::from_secs(9));
        assert_eq!(permit.weigh(1000), 10);
        tokio::time::advance(HALF_LIFE * 20).await;
        assert!(permit.weigh(1000) >= 999);
    }

    #[test]
    fn an_ipv6_network_is_one_client() {
        let at = |text: &str| Client::at(text.parse().unwrap());
        assert_eq!(at("2001:db8::1"), at("2001:db8::ffff:1"));
        assert_ne!(at("2001:db8::1"), at("2001:db8:0:1::1"));
        assert_eq!(at("::ffff:10.0.0.1"), at("10.0.0.1"));
    }
}
