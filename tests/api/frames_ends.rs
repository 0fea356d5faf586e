//! How streams of frames end: by a fault, in silence, with a credential, with the house.

use std::time::Duration;

use dialgate::transport::Options;
use dialgate::wire::frame::{Intents, Kind, RawFrame, Reason, push};
use serde_json::json;

use crate::auth::{published as published_key, verifying};
use crate::framed::{
    Line, all_published, asking, batch, believing, closed, connect, disposition, error, framing,
    hello, intent, ping, published, reported, soon,
};
use crate::protocols::Protocol;
use crate::stand_in::{House, NOW, token};

/// A frame of every way to be wrong: its stream ends with the reason; what it asked before is answered,
/// and the stream beside it goes on.
/// FRAMES-1 and FRAMES-4: a fault of the stream takes no answer away and doubles none.
#[test]
fn a_bad_frame_ends_its_own_stream_with_a_reason() {
    framing(&Options::default(), async |house| {
        let connection = connect(house).await;
        let mut beside = Line::welcomed(&connection, "gate:ask").await;
        let good = asking(7, &intent("A-1"));
        let with = |at: usize, byte: u8| {
            let mut bytes = good.clone();
            bytes[at] = byte;
            bytes
        };
        let mut large = good.clone();
        large[..4].copy_from_slice(&65_537_u32.to_le_bytes());
        let mut damaged = good.clone();
        damaged.truncate(20);
        damaged[..4].copy_from_slice(&4_u32.to_le_bytes());
        let mut in_batch = Vec::new();
        let broken = Intents {
            intents: vec![vec![1, 2, 3]],
        };
        assert!(push(&mut in_batch, Kind::Intents, 7, &broken));
        for (bytes, reason, correlation) in [
            (with(4, 9), Reason::BadVersion, 0),
            (with(6, 1), Reason::BadHeader, 7),
            (with(5, 99), Reason::UnknownKind, 7),
            (with(5, 66), Reason::NotFromClient, 7),
            (large, Reason::FrameTooLarge, 7),
            (damaged, Reason::BadPayload, 7),
            (in_batch, Reason::BadPayload, 7),
        ] {
            let mut line = Line::welcomed(&connection, "gate:ask").await;
            line.say([asking(1, &intent("A-1")), bytes, ping(8)].concat())
                .await;
            let rest = line.rest().await;
            let mut decided = rest
                .iter()
                .filter(|frame| frame.header.kind == Kind::Decision);
            assert_eq!(decided.next().unwrap().header.correlation, 1);
            assert!(decided.next().is_none(), "{reason}");
            let mut errors = rest.iter().filter(|frame| frame.header.kind == Kind::Error);
            let told = errors.next().unwrap();
            assert_eq!(error(told), Some((reason.as_str().to_owned(), None)));
            assert_eq!(told.header.correlation, correlation, "{reason}");
            assert_eq!(rest.len(), 2, "{reason}");
            assert_eq!(line.stopped().await, Some(reason));
            beside.say(ping(1)).await;
            assert_eq!(beside.hear().await.header.kind, Kind::Pong);
        }
    });
}

#[test]
fn nothing_comes_before_a_hello_and_half_a_frame_is_none() {
    framing(&Options::default(), async |house| {
        let connection = connect(house).await;
        for bytes in [asking(5, &intent("A-1")), ping(5), disposition(5, b"{}")] {
            let mut line = Line::open(&connection).await;
            line.say(bytes).await;
            let rest = line.rest().await;
            assert_eq!(error(&rest[0]).unwrap().0, "HELLO_EXPECTED");
            assert_eq!(line.stopped().await, Some(Reason::HelloExpected));
        }
        let mut line = Line::welcomed(&connection, "gate:ask").await;
        line.say(&asking(1, &intent("A-1"))[..50]).await;
        line.send.finish().unwrap();
        let rest = line.rest().await;
        assert_eq!(error(&rest[0]).unwrap().0, "TRUNCATED");
        assert!(house.gateway.asked.lock().unwrap().is_empty());
        // A stream that says nothing and ends is nobody's fault.
        let mut line = Line::open(&connection).await;
        line.send.finish().unwrap();
        assert!(line.rest().await.is_empty());
    });
}

#[test]
fn hellos_come_in_time_and_silent_streams_end() {
    let options = Options {
        header_timeout: Duration::from_millis(200),
        idle_timeout: Duration::from_millis(400),
        ..Options::default()
    };
    framing(&options, async |house| {
        let connection = connect(house).await;
        let mut silent = Line::open(&connection).await;
        silent.say(&hello(1, &token("gate:ask"))[..9]).await;
        let rest = silent.rest().await;
        assert_eq!(error(&rest[0]).unwrap().0, "HELLO_TIMEOUT");
        let mut idle = Line::welcomed(&connection, "gate:ask").await;
        let rest = idle.rest().await;
        assert_eq!(error(&rest[0]).unwrap().0, "IDLE_TIMEOUT");
        assert_eq!(idle.stopped().await, Some(Reason::IdleTimeout));
    });
}

#[test]
fn a_unidirectional_stream_ends_the_connection() {
    framing(&Options::default(), async |house| {
        let connection = connect(house).await;
        let mut one = soon(connection.open_uni()).await.unwrap();
        soon(one.write_all(b"x")).await.unwrap();
        assert_eq!(closed(&connection).await, Some(Reason::UnexpectedStream));
    });
}

fn lapsed(frame: &RawFrame) -> bool {
    let told = published(frame, &intent("A-1"), "demo");
    let lapsed = told["error"]["code"] == "token_expired";
    assert_eq!(told["allow"], !lapsed);
    lapsed
}

/// FRAMES-2: a slice, a batch and a disposition each look at the credential again.
#[test]
fn an_expired_token_answers_blocks_until_a_new_hello() {
    framing(&Options::default(), async |house| {
        let connection = connect(house).await;
        let mut line = Line::welcomed(&connection, "gate:ask outcome:write").await;
        let mut other = Line::welcomed(&connection, "gate:ask").await;
        house.set_wall(NOW.plus(659));
        line.say(asking(1, &intent("A-1"))).await;
        assert_eq!(
            published(&line.hear().await, &intent("A-1"), "demo")["allow"],
            true
        );
        house.set_wall(NOW.plus(660));
        for number in 2..4 {
            line.say(asking(number, &intent("A-1"))).await;
            assert!(lapsed(&line.hear().await));
        }
        other.say(batch(4, &[intent("A-1"), intent("A-2")])).await;
        let told = all_published(&other.hear().await, &[intent("A-1"), intent("A-2")], "demo");
        assert!(
            told.iter()
                .all(|told| told["error"]["code"] == "token_expired")
        );
        line.say(disposition(5, b"{}")).await;
        let (status, problem) = reported(&line.hear().await);
        assert_eq!((status, &problem["code"]), (401, &json!("token_expired")));
        // Not even if the clock goes back.
        house.set_wall(NOW);
        line.say(asking(6, &intent("A-1"))).await;
        assert!(lapsed(&line.hear().await));
        assert_eq!(house.gateway.asked.lock().unwrap().len(), 1);
        line.say([hello(7, &token("gate:ask")), asking(8, &intent("A-1"))].concat())
            .await;
        assert_eq!(line.hear().await.header.kind, Kind::Welcome);
        assert_eq!(
            published(&line.hear().await, &intent("A-1"), "demo")["allow"],
            true
        );
    });
}

/// FRAMES-2: also where its key was withdrawn.
#[test]
fn a_withdrawn_key_answers_blocks_until_a_new_hello() {
    let (signer, auth) = verifying();
    Protocol::Http1Tls.during(|| {
        believing(House::believing(auth, &Options::default()), async |house| {
            let connection = connect(house).await;
            let mut line = Line::open(&connection).await;
            let old = signer.sign("demo", "gate:ask", NOW, 600).unwrap();
            line.say([hello(1, &old), asking(2, &intent("A-1"))].concat())
                .await;
            assert_eq!(line.hear().await.header.kind, Kind::Welcome);
            assert!(!lapsed(&line.hear().await));
            let (signer, keys) = published_key();
            house.auth.replace(keys);
            line.say(asking(3, &intent("A-1"))).await;
            assert!(lapsed(&line.hear().await));
            let new = signer.sign("demo", "gate:ask", NOW, 600).unwrap();
            line.say([hello(4, &new), asking(5, &intent("A-1"))].concat())
                .await;
            assert_eq!(line.hear().await.header.kind, Kind::Welcome);
            assert!(!lapsed(&line.hear().await));
            assert_eq!(house.gateway.asked.lock().unwrap().len(), 2);
        });
    });
}

/// FRAMES-4: a drain takes no answer away.
#[test]
fn a_drain_answers_what_was_read_and_says_so() {
    framing(&Options::default(), async |house| {
        let connection = connect(house).await;
        let mut busy = Line::welcomed(&connection, "gate:ask").await;
        let mut quiet = Line::welcomed(&connection, "gate:ask").await;
        // Its answer is a commit that comes too late: still under way when the house closes.
        busy.say([asking(1, &intent("SILENT")), ping(2)].concat())
            .await;
        assert_eq!(busy.hear().await.header.kind, Kind::Pong);
        let serving = house.take_serving();
        let draining = std::thread::spawn(move || serving.drain(Duration::from_secs(10)));
        let rest = quiet.rest().await;
        assert_eq!(rest.len(), 1);
        assert_eq!(rest[0].header.kind, Kind::Drain);
        assert_eq!(quiet.stopped().await, Some(Reason::Draining));
        let kinds: Vec<Kind> = busy
            .rest()
            .await
            .iter()
            .map(|frame| frame.header.kind)
            .collect();
        assert_eq!(kinds, [Kind::Drain, Kind::Decision]);
        assert_eq!(closed(&connection).await, Some(Reason::Draining));
        draining.join().unwrap().unwrap();
    });
}
