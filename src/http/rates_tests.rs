use std::net::IpAddr;

use governor::clock::FakeRelativeClock;

use super::*;

fn client(number: u32) -> Client {
    Client::at(IpAddr::from(number.to_be_bytes()))
}

fn limiter(rate: &str) -> (Limiter<FakeRelativeClock>, FakeRelativeClock) {
    let clock = FakeRelativeClock::default();
    (Limiter::by(clock.clone(), "runs", rate.parse().unwrap()), clock)
}

#[test]
fn a_whole_allowance_at_once_and_then_what_has_come_back() {
    let (runs, clock) = limiter("60/min");
    for _ in 0..60 {
        runs.charge(client(1), 1).unwrap();
    }
    let refused = runs.charge(client(1), 1).unwrap_err();
    let expected = Refusal::TooFast { rate: "60 runs a minute".into(), retry_after: Duration::from_secs(1) };
    assert_eq!(refused, expected);
    assert_eq!(refused.to_string(), "one address may have 60 runs a minute here; try again in a second");
    assert_eq!(runs.charge(client(2), 1), Ok(()), "another client pays for nothing");
    clock.advance(Duration::from_millis(2500));
    assert_eq!([1, 1, 1].map(|amount| runs.charge(client(1), amount).is_ok()), [true, true, false]);
}

#[test]
fn who_waits_as_long_as_told_is_let_in() {
    let (bytes, clock) = limiter("1000/hour");
    bytes.charge(client(1), 900).unwrap();
    let wait = bytes.charge(client(1), 500).unwrap_err().retry_after().unwrap();
    assert_eq!(wait, Duration::from_secs(400 * 36 / 10));
    assert_eq!(bytes.charge(client(1), 100), Ok(()), "what is refused is not counted");
    clock.advance(wait);
    assert!(bytes.charge(client(1), 500).is_err(), "what was taken since has to come back too");
    clock.advance(Duration::from_secs(360));
    assert_eq!(bytes.charge(client(1), 500), Ok(()));
    assert_eq!(bytes.charge(client(2), 1001), Err(Refusal::TooLarge { limit_bytes: 1000 }));
}

#[test]
fn strangers_without_end_are_not_remembered_without_end() {
    let (runs, _) = limiter("2/hour");
    let persistent = client(0);
    runs.charge(persistent, 2).unwrap();
    for number in 1..=2 * u32::try_from(REMEMBERED).unwrap() {
        runs.charge(client(number), 1).unwrap();
        if number % 1000 == 0 {
            assert!(runs.charge(persistent, 1).is_err(), "one that is still heard of was forgotten");
        }
    }
    let state = runs.cells.unwrap().into_state_store();
    assert_eq!(state.0.lock().unwrap().as_ref().unwrap().len(), REMEMBERED);
}

#[test]
fn rates_are_read_as_they_are_written() {
    for (text, told) in [
        ("60/min", Some((60, 60))),
        ("1000000000/s", Some((1_000_000_000, 1))),
        ("5/h", Some((5, 3600))),
        ("1/day", Some((1, 86_400))),
        ("off", None),
        ("0", None),
    ] {
        let rate: Rate = text.parse().unwrap();
        assert_eq!(rate.to_string().parse::<Rate>().unwrap(), rate);
        let told = told.map(|(most, seconds)| serde_json::json!({"most": most, "seconds": seconds}));
        assert_eq!(serde_json::to_value(rate.told()).unwrap(), serde_json::json!(told), "{text}");
        assert_eq!(rate.quota().is_some(), told.is_some(), "{text}");
    }
    for text in ["", "60", "60/", "/min", "0/min", "-1/min", "1.5/s", "60/week", "1000000001/s", "60 min", "on"] {
        assert!(text.parse::<Rate>().is_err(), "{text:?} was taken");
    }
}

#[test]
fn people_get_a_page_and_programs_a_document() {
    let accepts = |accept: &'static str| HeaderMap::from_iter([(header::ACCEPT, accept.parse().unwrap())]);
    let browser = accepts("text/html,application/xhtml+xml,*/*;q=0.8");
    assert!(wants_page("/lessons/x", &browser));
    assert!(!wants_page("/api/v1/limits", &browser));
    assert!(!wants_page("/assets/site.css", &accepts("text/css,*/*;q=0.1")));
    assert!(!wants_page("/", &HeaderMap::new()));
}
