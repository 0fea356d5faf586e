//! Each turn has its limit, on both sides of it, under a clock moved by hand.

use super::*;

const S: Duration = Duration::from_secs(1);

/// A watch under a clock moved by hand; limits of 10, 20, 60 and 30 s.
fn watch() -> (Rc<Cell<Instant>>, Instant, Watch) {
    let start = tokio::time::Instant::now().into_std();
    let clock = Rc::new(Cell::new(start));
    let options = Options {
        header_timeout: 10 * S,
        body_timeout: 20 * S,
        idle_timeout: 60 * S,
        write_timeout: 30 * S,
        handshake_timeout: 5 * S,
        ..Options::default()
    };
    let hand = Rc::clone(&clock);
    let limits = Rc::new(Limits::new(move || hand.get(), options));
    (clock, start, Watch::new(&limits, origin()))
}

/// TRANSPORT-2: which limit holds when.
#[test]
fn each_turn_of_a_request_has_its_own_limit() {
    let (clock, start, watch) = watch();
    assert_eq!(watch.due(), Some(start + 10 * S));
    clock.set(start + 9 * S);
    watch.read_some();
    assert_eq!(watch.due(), Some(start + 19 * S));
    clock.set(start + 12 * S);
    watch.read_some();
    assert_eq!(
        watch.due(),
        Some(start + 19 * S),
        "dripping does not extend it"
    );
    assert_eq!(watch.begin_request(), start + 9 * S);
    assert_eq!(watch.due(), Some(start + 29 * S));
    watch.work();
    assert_eq!(watch.due(), None);
    watch.end_request(start + 9 * S);
    assert_eq!(watch.due(), Some(start + 69 * S));
}

#[test]
fn a_pipelined_request_begins_when_its_turn_comes() {
    let (clock, start, watch) = watch();
    watch.read_some();
    watch.begin_request();
    watch.end_request(start);
    clock.set(start + 3 * S);
    assert_eq!(watch.begin_request(), start + 3 * S);
}

#[test]
fn streams_are_limited_by_piece_and_as_a_whole() {
    let (clock, start, watch) = watch();
    watch.read_some();
    watch.begin_request();
    clock.set(start + 15 * S);
    watch.expect_piece(start + 100 * S);
    assert_eq!(watch.due(), Some(start + 35 * S));
    watch.expect_piece(start + 30 * S);
    assert_eq!(watch.due(), Some(start + 30 * S));
}

#[test]
fn a_client_that_takes_nothing_is_given_the_write_limit() {
    let (clock, start, watch) = watch();
    watch.end_request(start);
    clock.set(start + S);
    watch.write_blocked();
    assert_eq!(watch.due(), Some(start + 31 * S));
    clock.set(start + 2 * S);
    watch.write_blocked();
    assert_eq!(watch.due(), Some(start + 31 * S));
    watch.wrote_some();
    assert_eq!(watch.due(), Some(start + 62 * S));
}

#[test]
fn a_client_that_takes_nothing_while_we_work_is_given_the_write_limit_too() {
    let (clock, start, watch) = watch();
    watch.begin_request();
    watch.work();
    watch.write_blocked();
    assert_eq!(watch.due(), Some(start + 30 * S));
    clock.set(start + S);
    watch.wrote_some();
    assert_eq!(watch.due(), None);
}

#[test]
fn a_handshake_has_its_own_limit_and_then_a_head_is_waited_for() {
    let (clock, start, watch) = watch();
    watch.shake_hands();
    watch.read_some();
    assert_eq!(watch.due(), Some(start + 5 * S));
    clock.set(start + 2 * S);
    watch.greeted();
    assert_eq!(watch.due(), Some(start + 12 * S));
}

#[test]
fn bytes_do_not_end_the_quiet_of_a_multiplexed_connection() {
    let (clock, start, watch) = watch();
    watch.share();
    watch.read_some();
    assert_eq!(watch.due(), Some(start + 10 * S));
    watch.quiet();
    clock.set(start + 59 * S);
    watch.read_some();
    assert_eq!(watch.due(), Some(start + 60 * S));
    let stream = watch.of_stream();
    assert_eq!(stream.due(), Some(start + 79 * S));
    assert_eq!(stream.begin_request(), start + 59 * S);
}

fn origin() -> Origin {
    Origin::new(std::net::Ipv4Addr::LOCALHOST.into(), false)
}
