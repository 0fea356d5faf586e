//! FRAME-5: what a stream may say, from every state.

use super::*;
use crate::wire::limits::FRAME_WINDOW_INTENTS;

fn hear(talk: &mut Talk, kind: Kind) -> Result<Act, Reason> {
    talk.hear(&Header {
        kind,
        correlation: 1,
        payload_bytes: 0,
    })
}

fn open() -> Talk {
    let mut talk = Talk::default();
    assert_eq!(hear(&mut talk, Kind::Hello), Ok(Act::Greet));
    talk.welcomed();
    talk
}

const ASKS: [(Kind, Act); 4] = [
    (Kind::Intent, Act::Decide),
    (Kind::Intents, Act::Decide),
    (Kind::Disposition, Act::Report),
    (Kind::Ping, Act::Pong),
];

#[test]
fn nothing_is_taken_before_a_hello() {
    for (kind, _) in ASKS {
        let mut talk = Talk::default();
        assert_eq!(hear(&mut talk, kind), Err(Reason::HelloExpected));
        assert!(!talk.listens() && talk.is_over());
        assert_eq!(hear(&mut talk, Kind::Hello), Err(Reason::Done));
    }
}

#[test]
fn a_welcomed_stream_takes_everything_and_a_refused_one_nothing() {
    let mut talk = open();
    for (kind, act) in ASKS {
        assert_eq!(hear(&mut talk, kind), Ok(act));
    }
    let mut refused = Talk::default();
    assert_eq!(hear(&mut refused, Kind::Hello), Ok(Act::Greet));
    assert!(!refused.takes(), "nobody reads on meanwhile");
    refused.refused();
    assert!(refused.is_over());
    for (kind, _) in ASKS {
        assert_eq!(hear(&mut refused, kind), Err(Reason::Done));
    }
}

#[test]
fn a_second_hello_renews_or_closes() {
    let mut talk = open();
    talk.lapse();
    assert_eq!(hear(&mut talk, Kind::Hello), Ok(Act::Greet));
    talk.welcomed();
    assert_eq!(hear(&mut talk, Kind::Intent), Ok(Act::Decide));
    assert_eq!(hear(&mut talk, Kind::Hello), Ok(Act::Greet));
    talk.refused();
    assert_eq!(hear(&mut talk, Kind::Intent), Err(Reason::Done));
}

#[test]
fn a_lapsed_stream_answers_until_the_next_hello() {
    let mut talk = open();
    talk.lapse();
    assert!(talk.takes());
    assert_eq!(hear(&mut talk, Kind::Intent), Ok(Act::Lapsed));
    assert_eq!(hear(&mut talk, Kind::Intents), Ok(Act::Lapsed));
    assert_eq!(hear(&mut talk, Kind::Disposition), Ok(Act::Report));
    assert_eq!(hear(&mut talk, Kind::Ping), Ok(Act::Pong));
    // Only what is open lapses.
    let mut new = Talk::default();
    new.lapse();
    assert!(new.is_new());
}

#[test]
fn what_the_gateway_says_closes_a_stream_when_a_client_says_it() {
    for kind in Kind::ALL.into_iter().filter(|kind| !kind.is_of_clients()) {
        for mut talk in [Talk::default(), open()] {
            assert_eq!(hear(&mut talk, kind), Err(Reason::NotFromClient));
            assert!(talk.is_over());
        }
    }
}

#[test]
fn the_window_stops_reading_at_its_bound() {
    let mut talk = open();
    talk.begun(FRAME_WINDOW_INTENTS - 1);
    assert!(talk.takes());
    talk.begun(1);
    assert!(!talk.takes() && talk.listens());
    talk.answered(1);
    assert!(talk.takes());
    assert_eq!(talk.under_way(), FRAME_WINDOW_INTENTS - 1);
}

#[test]
fn a_drain_takes_nothing_and_owes_what_is_under_way() {
    let mut talk = open();
    talk.begun(2);
    assert!(talk.drain(), "the client is told");
    assert!(!talk.listens() && !talk.is_over());
    assert_eq!(hear(&mut talk, Kind::Intent), Ok(Act::Drop));
    assert!(!talk.drain() || talk.under_way() == 2);
    talk.answered(2);
    assert!(talk.is_over());
    let mut new = Talk::default();
    assert!(!new.drain(), "nobody was welcomed");
    assert!(new.is_over());
}

#[test]
fn a_fault_owes_what_is_under_way() {
    let mut talk = open();
    talk.begun(1);
    talk.close();
    assert!(!talk.is_over());
    talk.welcomed();
    assert_eq!(hear(&mut talk, Kind::Intent), Err(Reason::Done));
    talk.answered(1);
    assert!(talk.is_over());
    assert!(!talk.drain());
}
