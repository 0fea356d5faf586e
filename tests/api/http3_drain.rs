//! Farewells of HTTP/3: what was asked before is answered, what comes behind was not looked at.

use std::time::Duration;

use dialgate::transport::Options;

use crate::http3_raw::{Head, Raw, client, data, speaking, status};
use crate::stand_in::{asking, intent, token};

#[test]
fn a_drain_loses_no_answer() {
    speaking(&Options::default(), |mut house| {
        let mut client = client(&house);
        assert_eq!(client.ask(&asking(intent("ACC-1"))).status, 200);
        let request = asking(intent("ACC-2"));
        let mut asked = client.open(&request).unwrap();
        let (first, rest) = request.body.split_at(5);
        client.send_piece(&mut asked, first).unwrap();
        // Its head has been read once something else of the connection was answered.
        assert_eq!(client.ask(&asking(intent("ACC-3"))).status, 200);
        std::thread::scope(|scope| {
            let draining = scope.spawn(|| house.drain(Duration::from_secs(20)));
            // GOAWAY: the client's own crate opens no more streams.
            let mut more = 0;
            while let Ok(mut late) = client.open(&asking(intent("ACC-4"))) {
                client.send_all(&mut late, &asking(intent("ACC-4")));
                // What was opened before it was heard is answered.
                assert_eq!(client.answer(&mut late).unwrap().status, 200);
                more += 1;
                assert!(more < 100_000, "no GOAWAY");
            }
            client.send_piece(&mut asked, rest).unwrap();
            client.during(async { asked.finish().await }).unwrap();
            assert_eq!(client.answer(&mut asked).unwrap().status, 200);
            assert!(client.closed().is_h3_no_error());
            draining.join().unwrap();
        });
    });
}

/// H3-3: behind the last GOAWAY a request is refused as one that was not looked at, and it was not.
#[test]
fn what_comes_after_the_last_goaway_is_not_looked_at() {
    speaking(&Options::default(), |mut house| {
        let mut raw = Raw::connect(&house);
        let body = intent("ACC-1");
        let mut head = Head::new("POST", "/api/gate/contact-intent");
        head.field("authorization", &format!("Bearer {}", token("gate:ask")));
        head.field("content-type", "application/json");
        let (head, body) = (head.frame(), data(body.as_bytes()));
        let whole = [head.as_slice(), body.as_slice()].concat();
        let (answer, end) = raw.exchange(&whole, true);
        assert_eq!((status(&answer), end), ("200", Ok(())));
        // One under way keeps the connection open.
        let (mut send, mut receive) = raw.during(async {
            let (mut send, receive) = raw.connection.open_bi().await.unwrap();
            send.write_all(&head).await.unwrap();
            (send, receive)
        });
        assert_eq!(raw.exchange(&whole, true).1, Ok(()));
        std::thread::scope(|scope| {
            let draining = scope.spawn(|| house.drain(Duration::from_secs(20)));
            let (ahead, last) = raw.during(raw.goaways());
            assert!(ahead > last, "{ahead} {last}");
            assert_eq!(last, 12, "behind the three that were looked at");
            let (answer, end) = raw.exchange(&whole, true);
            assert_eq!((answer.as_slice(), end), (b"".as_slice(), Err(Some(0x10b))));
            raw.during(async {
                send.write_all(&body).await.unwrap();
                send.finish().unwrap();
                let told = receive.read_to_end(usize::MAX).await.unwrap();
                assert_eq!(status(&told), "200");
            });
            draining.join().unwrap();
        });
        assert_eq!(house.gateway.asked.lock().unwrap().len(), 3);
    });
}
