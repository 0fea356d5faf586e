//! How streams end, and what is true of the last answers.

use std::sync::atomic::Ordering;
use std::time::Duration;

use dialgate::transport::Options;
use dialgate::transport::auth::{Auth, Keys};
use dialgate::wire::limits::STREAM_INTENTS_MAX;
use tokio::time::Instant;

use crate::protocols::Protocol;
use crate::stand_in::{House, NOW, token_kind};
use crate::stream_client::{Duplex, OUTCOMES, assert_error, lines, opening};

crate::protocols::over_each!(
    an_expired_token_ends_it,
    a_withdrawn_key_ends_it,
    silence_ends_it_and_a_blank_line_does_not,
    draining_answers_what_was_read,
    who_goes_midway_takes_nobody_along,
);

const BRIEF: Duration = Duration::from_millis(200);

#[test]
fn an_expired_token_ends_it() {
    let house = House::open();
    let mut intents = Duplex::open(&house);
    let (_, mut outcomes) = Duplex::begin(&house, opening(OUTCOMES, "outcome:write"));
    intents.send(lines(["A"]));
    assert_eq!(intents.line().unwrap()["allow"], true);
    outcomes.send("{\n");
    assert_eq!(outcomes.line().unwrap()["status"], 422);
    house.set_wall(NOW.plus(600 + 60));
    intents.send(String::from("\n") + &lines(["B", "C", "D"]));
    let last = intents.line().unwrap();
    assert_error(&last, "token_expired", 3);
    assert_eq!(intents.line(), None, "and nothing after it");
    outcomes.send("{\n{\n");
    let last = outcomes.line().unwrap();
    assert_eq!(
        (&last["code"], &last["line"]),
        (&"token_expired".into(), &2.into())
    );
    assert_eq!(last["status"], 401);
    assert_eq!(outcomes.line(), None);
    assert_eq!(house.gateway.asked.lock().unwrap().len(), 1);
}

#[test]
fn a_withdrawn_key_ends_it() {
    let house = House::believing(Auth::new(&token_kind()).unwrap(), &Options::default());
    let mut duplex = Duplex::open(&house);
    duplex.send(lines(["A"]));
    assert_eq!(duplex.line().unwrap()["allow"], true);
    let other: &[u8] = b"another secret of thirty-two bytes";
    house.auth.replace(Keys::new(Some(other), None).unwrap());
    duplex.send(lines(["B"]));
    assert_error(&duplex.line().unwrap(), "token_expired", 2);
    assert_eq!(duplex.line(), None);
}

/// STREAM-3: the house's own time is not the client's silence; half a line is.
#[test]
fn silence_ends_it_and_a_blank_line_does_not() {
    let house = House::with(&Options {
        threads: 1,
        idle_timeout: BRIEF,
        body_timeout: BRIEF,
        ..Options::default()
    });
    let mut duplex = Duplex::open(&house);
    // Longer than body and silence may take, but answered: the house's own time is not counted.
    duplex.send(lines(["SILENT", "A"]));
    assert_error(&duplex.line().unwrap(), "COMMIT_TIMEOUT", 1);
    assert_eq!(duplex.line().unwrap()["allow"], true);
    // Blank lines alone, for twice as long as silence may last.
    let (begun, mut next) = (Instant::now(), Duration::ZERO);
    while begun.elapsed() < BRIEF * 2 {
        if begun.elapsed() >= next {
            duplex.send("\r\n");
            next += BRIEF / 8;
        }
        duplex.breathe();
    }
    duplex.send(lines(["B"]));
    assert_eq!(duplex.line().unwrap()["account_id"], "B");
    duplex.send("{\"half a line");
    assert_eq!(duplex.line(), None);
    assert_eq!(house.gateway.asked.lock().unwrap().len(), 3);
}

#[test]
fn draining_answers_what_was_read() {
    let mut house = House::open();
    let (mut idle, mut busy) = (Duplex::open(&house), Duplex::open(&house));
    idle.send(lines(["A"]));
    assert_eq!(idle.line().unwrap()["allow"], true);
    busy.send(lines(["SILENT", "B"]));
    busy.send("{\"half a line");
    while house.gateway.asked.lock().unwrap().len() < 3 {
        busy.breathe();
    }
    std::thread::scope(|scope| {
        let drained = scope.spawn(|| house.drain(Duration::from_secs(20)));
        assert_eq!(idle.line(), None);
        assert_error(&busy.line().unwrap(), "COMMIT_TIMEOUT", 1);
        assert_eq!(busy.line().unwrap()["account_id"], "B");
        assert_eq!(busy.line(), None);
        drop((idle, busy));
        drained.join().unwrap();
    });
}

#[test]
fn who_goes_midway_takes_nobody_along() {
    let house = House::open();
    let mut duplex = Duplex::open(&house);
    duplex.send(lines(["SILENT", "A", "SILENT"]));
    while house.gateway.asked.lock().unwrap().len() < 3 {
        duplex.breathe();
    }
    drop(duplex);
    let answers = Duplex::open(&house).all(lines(["B"]));
    assert_eq!(answers[0]["account_id"], "B");
}

/// Back pressure: who takes no answers is read from no more, and let go in the end.
/// STREAM-2 and STREAM-3: its lines are not read, and it does not stay for ever.
#[test]
fn a_reader_that_takes_nothing_is_let_go() {
    for protocol in [
        Protocol::Http1,
        Protocol::Http1Tls,
        Protocol::Http2,
        Protocol::Http2Tls,
    ] {
        protocol.during(|| {
            let house = House::with(&Options {
                threads: 1,
                write_timeout: BRIEF,
                ..Options::default()
            });
            let mut duplex = Duplex::open(&house);
            let many = 100_000;
            let piece = lines(std::iter::repeat_n("A", 100));
            for _ in 0..many / 100 {
                duplex.send(&piece);
            }
            while house.gateway.open.load(Ordering::Relaxed) > 0 {
                duplex.breathe();
            }
            let asked = house.gateway.asked.lock().unwrap().len();
            assert!(
                asked > STREAM_INTENTS_MAX && asked < many,
                "{asked} {protocol:?}"
            );
            let answers = Duplex::open(&house).all(lines(["B"]));
            assert_eq!(answers[0]["allow"], true);
        });
    }
}
