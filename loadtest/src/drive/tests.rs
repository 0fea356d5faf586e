//! Windows against a small fake gate on a loopback socket.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::time::Duration;

use super::protocol::Protocol;
use super::{Load, Target, window};
use crate::portfolio::Portfolio;
use crate::reply::find;

/// Answers every request; every fourth is a TIMING block. `close_after` answers end a connection.
fn fake_gate(close_after: usize) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let stream = stream.unwrap();
            stream.set_nodelay(true).unwrap();
            std::thread::spawn(move || serve(stream, close_after));
        }
    });
    address
}

fn serve(mut stream: TcpStream, close_after: usize) {
    let mut buffer = vec![0; 4096];
    for asked in 1..=close_after {
        let mut filled = 0;
        loop {
            let Ok(read) = stream.read(&mut buffer[filled..]) else {
                return;
            };
            filled += read;
            // Every request of a run has a body that ends in the source system.
            if find(&buffer[..filled], b"\"loadtest\"}").is_some() {
                break;
            }
            if read == 0 {
                return;
            }
        }
        let body = if asked % 4 == 0 {
            "{\"allow\":false,\"decision\":\"BLOCK\",\"blocked_by\":[\"TIMING\"]}"
        } else {
            "{\"allow\":true,\"decision\":\"ALLOW\",\"blocked_by\":[]}"
        };
        let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", body.len());
        // Head and body apart: the client must cope with split reads.
        if stream.write_all(head.as_bytes()).is_err() || stream.write_all(body.as_bytes()).is_err()
        {
            return;
        }
    }
}

fn target(address: SocketAddr) -> Target {
    Target {
        address,
        protocol: Protocol::Http,
        token: "t".to_owned(),
        process: Some(std::process::id()),
    }
}

fn load(connections: usize, threads: usize) -> Load {
    Load {
        portfolio: Portfolio::new(1, 100),
        seed: 1,
        batch: None,
        mixed: false,
        agents: None,
        connections,
        threads,
        span: Duration::from_secs(30),
        rate: None,
        requests_max: u64::MAX,
    }
}

#[test]
fn a_closed_window_sends_its_budget_and_counts_every_verdict() {
    let load = Load {
        requests_max: 800,
        ..load(4, 2)
    };
    let window = window(&target(fake_gate(usize::MAX)), &load).unwrap();
    let summary = &window.summary;
    assert_eq!(
        (summary.requests, summary.errors, summary.unsent),
        (800, 0, 0)
    );
    // Which connection sends how much is not fixed; its own first request is not counted.
    let (allowed, blocked) = (summary.mix["ALLOW"], summary.mix["TIMING"]);
    assert_eq!(allowed + blocked, 800);
    assert!((196..=204).contains(&blocked), "{blocked}");
    assert!(window.server_cpu_us.unwrap() > 0.0 && window.client_cpu_us.unwrap() > 0.0);
    assert!(summary.p50_us > 0.0 && summary.p50_us <= summary.max_us);
}

#[test]
fn a_closed_window_ends_by_time() {
    let load = Load {
        span: Duration::from_millis(50),
        ..load(3, 1)
    };
    let window = window(&target(fake_gate(usize::MAX)), &load).unwrap();
    assert!(window.seconds >= 0.05, "{}", window.seconds);
    assert!(window.summary.requests > 0);
}

#[test]
fn an_open_window_sends_exactly_its_arrivals() {
    let span = Duration::from_millis(200);
    let load = Load {
        span,
        rate: Some(1_000.0),
        ..load(4, 2)
    };
    let window = window(&target(fake_gate(usize::MAX)), &load).unwrap();
    let summary = &window.summary;
    assert_eq!(
        (summary.requests, summary.errors, summary.unsent),
        (200, 0, 0)
    );
    assert!(window.seconds >= 0.19, "{}", window.seconds);
}

#[test]
fn an_overloaded_open_window_counts_the_waiting_from_the_schedule() {
    // One connection cannot answer 200,000 a second: each round trip alone takes over 15 us, so
    // the last arrival waits at least 0.2 s. Measured from the sending it would be a round trip.
    let span = Duration::from_millis(100);
    let load = Load {
        span,
        rate: Some(200_000.0),
        ..load(1, 1)
    };
    let window = window(&target(fake_gate(usize::MAX)), &load).unwrap();
    let summary = &window.summary;
    assert_eq!(summary.requests + summary.unsent, 20_000);
    assert!(summary.max_us > 100_000.0, "{}", summary.max_us);
    assert!(
        summary.max_us > (window.seconds - 0.1) * 900_000.0,
        "{}",
        summary.max_us
    );
}

#[test]
fn a_dropped_connection_is_an_error_and_the_lane_goes_on() {
    // One answer is spent before the window, then nine, the drop, and ten on the new connection.
    let load = Load {
        requests_max: 20,
        ..load(1, 1)
    };
    let window = window(&target(fake_gate(10)), &load).unwrap();
    assert_eq!((window.summary.requests, window.summary.errors), (19, 1));
    assert!(window.summary.first_fault.is_some());
}

#[test]
fn a_server_that_is_not_there_is_named_and_nothing_hangs() {
    let address = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let error = window(&target(address), &load(4, 2)).unwrap_err();
    assert_eq!(error.to_string(), "cannot connect");
}
