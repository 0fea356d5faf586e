//! Start and drain happen in their order, with a house that writes down what it is told.

use std::cell::RefCell;

use super::*;
use crate::config::demo_tenants;
use crate::domain::time::UnixSeconds;
use crate::rulepack;

thread_local! {
    static CALLS: RefCell<Vec<&'static str>> = const { RefCell::new(Vec::new()) };
    static FAULTS: RefCell<Vec<&'static str>> = const { RefCell::new(Vec::new()) };
}

fn note(call: &'static str) -> bool {
    CALLS.with_borrow_mut(|calls| calls.push(call));
    FAULTS.with_borrow(|faults| !faults.contains(&call))
}

struct Noted;

impl House for Noted {
    fn open(_: &Start) -> Result<Self, HouseError> {
        note("open")
            .then_some(Self)
            .ok_or_else(|| HouseError::Locked("d".to_owned()))
    }
    fn listen(&mut self, start: &Start) -> Result<SocketAddr, HouseError> {
        let address = start.settings.server.listen;
        let error = std::io::ErrorKind::AddrInUse.into();
        note("listen")
            .then_some(address)
            .ok_or(HouseError::Bind { address, error })
    }
    fn heads(&self) -> Vec<Head> {
        Vec::new()
    }
    fn alarms(&self) -> Alarms {
        Alarms::default()
    }
    fn stop_accepting(&mut self) {
        note("stop_accepting");
    }
    fn finish_in_flight(&mut self, _: Instant) -> bool {
        note("finish_in_flight")
    }
    fn close(self, _: Instant) -> Result<bool, HouseError> {
        Ok(note("close"))
    }
}

fn start() -> Start {
    Start {
        settings: Settings::default(),
        tenants: demo_tenants().unwrap(),
        pack: Arc::new(rulepack::embedded().unwrap()),
        pack_archive: Vec::new(),
        places: None,
        keys: None,
        dialers: None,
        certificate: None,
        clock: Clock::manual(UnixSeconds(1_800_000_000)),
        clock_accepted: false,
        metrics: Arc::new(Metrics::new()),
    }
}

/// Runs with `faults` and a stop that is already there; tells the outcome and the calls.
fn life(faults: &[&'static str]) -> (Result<(), String>, Vec<&'static str>) {
    CALLS.with_borrow_mut(Vec::clear);
    FAULTS.with_borrow_mut(|all| *all = faults.to_vec());
    let stop = || {
        note("signals");
        Ok(std::future::ready(()))
    };
    let ready = |_: &Noted, _| {
        let ok = note("ready");
        if ok {
            Ok(())
        } else {
            Err(HouseError::Start("refused".to_owned()))
        }
    };
    let told = run::<Noted, HouseError, _>(&start(), stop, ready);
    (
        told.map_err(|error| error.to_string()),
        CALLS.with_borrow(Clone::clone),
    )
}

const WHOLE: [&str; 7] = [
    "signals",
    "open",
    "listen",
    "ready",
    "stop_accepting",
    "finish_in_flight",
    "close",
];

/// Names invariants APP-1 and APP-2.
#[test]
fn a_life_in_order() {
    assert_eq!(life(&[]), (Ok(()), WHOLE.to_vec()));
}

#[test]
fn a_house_that_does_not_open_binds_nothing() {
    let (told, calls) = life(&["open"]);
    assert_eq!(told.unwrap_err(), "d is locked by another process");
    assert_eq!(calls, ["signals", "open"]);
}

#[test]
fn a_house_that_cannot_listen_still_closes() {
    let (told, calls) = life(&["listen"]);
    assert!(
        told.unwrap_err()
            .starts_with("cannot listen on 127.0.0.1:9033")
    );
    assert_eq!(
        calls,
        [
            "signals",
            "open",
            "listen",
            "stop_accepting",
            "finish_in_flight",
            "close"
        ]
    );
}

#[test]
fn a_refusal_when_ready_still_closes_and_is_told() {
    assert_eq!(
        life(&["ready"]),
        (Err("cannot start: refused".to_owned()), WHOLE.to_vec())
    );
}

#[test]
fn a_drain_that_takes_too_long_is_told() {
    let late = "draining took longer than 10000 ms; the next start recovers";
    assert_eq!(
        life(&["finish_in_flight"]),
        (Err(late.to_owned()), WHOLE.to_vec())
    );
    assert_eq!(life(&["close"]), (Err(late.to_owned()), WHOLE.to_vec()));
}
