//! Requests over HTTP/3 that are malformed, break off, or never end.

use dialgate::transport::Options;

use crate::http3::bounded;
use crate::http3_raw::{Head, Raw, data, patient, speaking, status};
use crate::stand_in::{intent, token};

#[test]
fn a_head_over_the_bound_is_431() {
    speaking(&Options::default(), |house| {
        let mut raw = Raw::connect(&house);
        let mut head = Head::new("GET", "/api/version");
        for _ in 0..17 {
            head.field("x-long", &"a".repeat(1000));
        }
        let (answer, end) = raw.exchange(&head.frame(), true);
        assert_eq!(status(&answer), "431");
        assert_eq!(end, Ok(()));
        // The connection is none the worse.
        let (answer, end) = raw.exchange(&Head::new("GET", "/api/version").frame(), true);
        assert_eq!((status(&answer), end), ("200", Ok(())));
    });
}

#[test]
fn requests_that_are_malformed_are_reset_and_cost_nobody_else() {
    speaking(&Options::default(), |house| {
        let mut raw = Raw::connect(&house);
        let plain = || Head::new("GET", "/api/version");
        let with = |name, value| {
            let mut head = plain();
            head.field(name, value);
            head.frame()
        };
        let bare = |fields: &[(&str, &str)]| {
            let mut head = Head::empty();
            for (name, value) in fields {
                head.field(name, value);
            }
            head.frame()
        };
        for (what, head) in [
            ("connection", with("connection", "close")),
            ("transfer-encoding", with("transfer-encoding", "chunked")),
            ("te", with("te", "gzip")),
            ("upper case", with("X-Upper", "a")),
            ("unknown pseudo field", with(":odd", "a")),
            ("two hosts", with("host", "other")),
            ("length", with("content-length", "1x")),
            (
                "no method",
                bare(&[(":scheme", "https"), (":authority", "gate"), (":path", "/")]),
            ),
            (
                "no path",
                bare(&[
                    (":method", "GET"),
                    (":scheme", "https"),
                    (":authority", "gate"),
                ]),
            ),
            (
                "no host",
                bare(&[(":method", "GET"), (":scheme", "https"), (":path", "/")]),
            ),
            (
                "extended connect",
                bare(&[
                    (":method", "CONNECT"),
                    (":scheme", "https"),
                    (":authority", "gate"),
                    (":path", "/"),
                    (":protocol", "websocket"),
                ]),
            ),
        ] {
            let (answer, end) = raw.exchange(&head, true);
            assert_eq!(
                (answer.as_slice(), end),
                (b"".as_slice(), Err(Some(0x10e))),
                "{what}"
            );
        }
        let (answer, end) = raw.exchange(&plain().frame(), true);
        assert_eq!((status(&answer), end), ("200", Ok(())));
    });
}

/// H3-2: what broke off is never taken for a whole body.
#[test]
fn a_body_that_breaks_off_is_refused() {
    speaking(&Options::default(), |house| {
        let mut raw = Raw::connect(&house);
        let body = intent("ACC-1");
        let head = |length: Option<usize>| {
            let mut head = Head::new("POST", "/api/gate/contact-intent");
            head.field("authorization", &format!("Bearer {}", token("gate:ask")));
            head.field("content-type", "application/json");
            if let Some(length) = length {
                head.field("content-length", &length.to_string());
            }
            head.frame()
        };
        let whole = data(body.as_bytes());
        let cut = &whole[..whole.len() - 1];
        let mut pieces = data(b"");
        pieces.extend(data(&body.as_bytes()[..9]));
        pieces.extend(data(b""));
        pieces.extend(b"\x21\x03abc");
        pieces.extend(data(&body.as_bytes()[9..]));
        pieces.extend(data(b""));
        for (what, stream, expected) in [
            ("whole", [head(None), whole.clone()].concat(), "200"),
            (
                "announced",
                [head(Some(body.len())), whole.clone()].concat(),
                "200",
            ),
            ("in odd pieces", [head(None), pieces].concat(), "200"),
            ("within a piece", [head(None), cut.to_vec()].concat(), "400"),
            (
                "short",
                [head(Some(body.len() + 1)), whole.clone()].concat(),
                "400",
            ),
            ("long", [head(Some(body.len() - 1)), whole].concat(), "400"),
        ] {
            let (answer, end) = raw.exchange(&stream, true);
            assert_eq!((status(&answer), end), (expected, Ok(())), "{what}");
        }
        assert_eq!(house.gateway.asked.lock().unwrap().len(), 3);
    });
}

/// H3-1: on a stream of requests no frame is collected without bound.
#[test]
fn a_frame_that_never_ends_costs_its_stream() {
    speaking(&patient(), |house| {
        let mut raw = Raw::connect(&house);
        // A head of a gigabyte, as announced; then a kind nobody knows before a head.
        let (answer, end) = raw.exchange(b"\x01\xc0\x00\x00\x00\x40\x00\x00\x00", false);
        assert_eq!((answer.as_slice(), end), (b"".as_slice(), Err(Some(0x10d))));
        let odd = [b"\x21\x80\x00\x10\x00".as_slice(), &[7; 4096]].concat();
        let stream = [odd, Head::new("GET", "/api/version").frame()].concat();
        let (answer, end) = raw.exchange(&stream, true);
        assert_eq!((status(&answer), end), ("200", Ok(())));
    });
}

/// H3-1: neither is one on a stream of one direction.
#[test]
fn a_frame_that_never_ends_on_the_control_stream_ends_the_connection() {
    speaking(&patient(), |house| {
        let mut raw = Raw::connect(&house);
        let (runtime, control) = (&raw.runtime, &mut raw.control);
        // A GOAWAY of a gigabyte, as announced.
        let endless = control.write_all(b"\x07\xc0\x00\x00\x00\x40\x00\x00\x00");
        runtime.block_on(bounded(endless)).unwrap();
        raw.during(async { raw.connection.closed().await });
    });
}
