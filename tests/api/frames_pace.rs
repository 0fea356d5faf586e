//! What only streams of frames have: order, windows, slow readers.

use std::time::Duration;

use dialgate::transport::Options;
use dialgate::wire::frame::{Kind, Reason};
use dialgate::wire::limits::FRAME_WINDOW_INTENTS;

use crate::framed::{
    Line, accounts_asked, asking, batch, connect, connect_with, disposition, framing, intent, ping,
    soon,
};

/// What came together is one slice, in its order, whatever the cuts.
/// FRAMES-3.
#[test]
fn what_comes_together_is_asked_together() {
    framing(&Options::default(), async |house| {
        let connection = connect(house).await;
        let mut line = Line::welcomed(&connection, "gate:ask").await;
        let names: Vec<String> = (0..100).map(|n| format!("A-{n}")).collect();
        let frames = (1..).zip(&names).map(|(n, name)| asking(n, &intent(name)));
        let bytes: Vec<u8> = frames.flatten().collect();
        for part in bytes.chunks(7_001) {
            line.say(part).await;
        }
        let mut numbers = Vec::new();
        for _ in 0..100 {
            numbers.push(line.hear().await.header.correlation);
        }
        numbers.sort_unstable();
        assert!(numbers.into_iter().eq(1..=100));
        assert_eq!(accounts_asked(house), names);
        let slices = house.gateway.slices.lock().unwrap();
        assert!(slices.len() < 50, "{slices:?}");
        assert!(
            slices.iter().all(|many| (1..=32).contains(many)),
            "{slices:?}"
        );
    });
}

/// While others ask, slices wait for their turn and keep their order.
/// FRAMES-3 under other tenants' load.
#[test]
fn slices_that_wait_for_a_turn_keep_their_order() {
    framing(&Options::default(), async |house| {
        *house.gateway.others_ask.lock().unwrap() = Some(Duration::from_millis(20));
        let connection = connect(house).await;
        let mut line = Line::welcomed(&connection, "gate:ask").await;
        let names: Vec<String> = (0..300).map(|n| format!("A-{n}")).collect();
        for (n, name) in (1..).zip(&names) {
            line.say(asking(n, &intent(name))).await;
        }
        for _ in 0..300 {
            line.hear().await;
        }
        assert_eq!(accounts_asked(house), names);
    });
}

/// What is said behind intents that wait for a turn is taken behind them.
/// FRAMES-3: batches and dispositions.
#[test]
fn nothing_overtakes_a_slice_that_waits_for_its_turn() {
    framing(&Options::default(), async |house| {
        *house.gateway.others_ask.lock().unwrap() = Some(Duration::from_millis(20));
        let connection = connect(house).await;
        let mut line = Line::welcomed(&connection, "gate:ask outcome:write").await;
        let report = br#"{"account_id":"A","audit_id":482,"outcome":"no_answer"}"#;
        let (mut bytes, mut names, mut before) = (Vec::new(), Vec::new(), Vec::new());
        for round in 0..6 {
            for n in 0..40 {
                let name = format!("A-{round}-{n}");
                bytes.extend(asking(n, &intent(&name)));
                names.push(name);
            }
            if round % 2 == 0 {
                bytes.extend(disposition(40, report));
                before.push(names.len());
            } else {
                let name = format!("B-{round}");
                bytes.extend(batch(40, &[intent(&name)]));
                names.push(name);
            }
        }
        line.say(bytes).await;
        for _ in 0..6 * 41 {
            line.hear().await;
        }
        assert_eq!(*house.gateway.asked_before.lock().unwrap(), before);
        assert_eq!(accounts_asked(house), names);
    });
}

/// Under the window a ping behind silent intents is heard at once; at it, not before one is answered.
#[test]
fn beyond_the_window_nothing_is_read() {
    for (silent, first) in [
        (FRAME_WINDOW_INTENTS - 1, Kind::Pong),
        (FRAME_WINDOW_INTENTS, Kind::Decision),
    ] {
        framing(&Options::default(), async |house| {
            let connection = connect(house).await;
            let mut line = Line::welcomed(&connection, "gate:ask").await;
            let mut bytes = Vec::new();
            for number in 1..=silent {
                bytes.extend(asking(u64::try_from(number).unwrap(), &intent("SILENT")));
            }
            bytes.extend(ping(0));
            let (recv, send) = (&mut line.recv, &mut line.send);
            let said = send.write_all(&bytes);
            let heard = recv.read_chunk(usize::MAX, true);
            let (said, heard) = tokio::join!(soon(said), soon(heard));
            said.unwrap();
            let chunk = heard.unwrap().unwrap();
            assert_eq!(chunk.bytes.get(5), Some(&(first as u8)), "{silent}");
        });
    }
}

/// A client that takes no answers is read from no more; the stream beside it goes on.
#[test]
fn a_slow_reader_slows_its_own_stream_only() {
    framing(&Options::default(), async |house| {
        let narrow = quinn::VarInt::from_u32(16 * 1024);
        let connection = connect_with(house, |transport| {
            transport.stream_receive_window(narrow);
        })
        .await;
        let mut slow = Line::welcomed(&connection, "gate:ask").await;
        let mut fast = Line::welcomed(&connection, "gate:ask").await;
        let bytes: Vec<u8> = (0..200).flat_map(|_| asking(1, &intent("A-1"))).collect();
        let mut stuck = false;
        for _ in 0..100 {
            let written = slow.send.write_all(&bytes);
            if tokio::time::timeout(Duration::from_millis(300), written)
                .await
                .is_err()
            {
                stuck = true;
                break;
            }
        }
        assert!(stuck, "what nobody takes is read for ever");
        let before = house.gateway.asked.lock().unwrap().len();
        for number in 0..500 {
            fast.say(asking(number, &intent("A-2"))).await;
            assert_eq!(fast.hear().await.header.correlation, number);
        }
        let after = house.gateway.asked.lock().unwrap().len();
        assert_eq!(after - before, 500, "the slow stream was read");
        // Once it takes them, it has them all.
        assert_eq!(slow.hear().await.header.kind, Kind::Decision);
    });
}

#[test]
fn who_takes_no_answers_is_cut_off() {
    let options = Options {
        write_timeout: Duration::from_millis(200),
        ..Options::default()
    };
    framing(&options, async |house| {
        let narrow = quinn::VarInt::from_u32(4 * 1024);
        let connection = connect_with(house, |transport| {
            transport.stream_receive_window(narrow);
        })
        .await;
        let mut line = Line::welcomed(&connection, "gate:ask").await;
        let bytes: Vec<u8> = (0..200).flat_map(|_| asking(1, &intent("A-1"))).collect();
        line.say(bytes).await;
        assert_eq!(line.stopped().await, Some(Reason::WriteTimeout));
        let mut other = Line::welcomed(&connection, "gate:ask").await;
        other.say(ping(1)).await;
        assert_eq!(other.hear().await.header.kind, Kind::Pong);
    });
}

/// A client that finishes its side has its answers first.
/// FRAMES-1: seventy frames have seventy answers, none a second one.
#[test]
fn who_has_said_everything_hears_everything() {
    framing(&Options::default(), async |house| {
        let connection = connect(house).await;
        let mut line = Line::welcomed(&connection, "gate:ask").await;
        let bytes: Vec<u8> = (1..=70).flat_map(|n| asking(n, &intent("A-1"))).collect();
        line.say(bytes).await;
        line.send.finish().unwrap();
        assert_eq!(line.rest().await.len(), 70);
        let asked = house.gateway.asked.lock().unwrap();
        assert_eq!(asked.len(), 70);
    });
}
