//! Systems of record that are down, hang, break off, or become something else than HTTP.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::http::{Client, Reply, Request};
use crate::proxy::{Before, HELLO, System};

/// A port nobody listens at.
fn nobody() -> String {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    taken.local_addr().unwrap().to_string()
}

fn whl(addresses: &[String]) -> String {
    let all: Vec<String> = addresses
        .iter()
        .map(|address| format!("\"http://{address}\""))
        .collect();
    format!(
        "[sor]\nsystem = \"whl\"\npublic_host = \"gw.example\"\naddresses = [{}]\n",
        all.join(", ")
    )
}

/// A system that does this with every connection, once it has read something.
fn doing(act: fn(TcpStream)) -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let count = Arc::<AtomicUsize>::default();
    let counted = Arc::clone(&count);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let (Ok(mut stream), counted) = (stream, Arc::clone(&counted)) else {
                return;
            };
            std::thread::spawn(move || {
                let mut piece = [0_u8; 16 * 1024];
                if stream.read(&mut piece).is_ok_and(|count| count > 0) {
                    counted.fetch_add(1, Ordering::SeqCst);
                    act(stream);
                }
            });
        }
    });
    (address, count)
}

fn code(reply: &Reply) -> String {
    reply.json()["code"].as_str().unwrap_or_default().to_owned()
}

const QUIET: (&str, &str) = ("DIALGATE_SOR__HEALTH_INTERVAL_S", "0");

#[test]
fn one_that_is_down_is_left_alone_after_a_while() {
    let rules = [QUIET, ("DIALGATE_SOR__BREAKER_FAILURES", "2")];
    let before = Before::bound(&whl(&[nobody()]), &rules);
    for _ in 0..2 {
        let reply = before.get("/api/disputes");
        assert_eq!(
            (reply.status, &*code(&reply)),
            (502, "UPSTREAM_UNREACHABLE")
        );
    }
    let reply = before.get("/api/disputes");
    assert_eq!((reply.status, &*code(&reply)), (503, "UPSTREAM_BUSY"));
    assert!(reply.header("retry-after").is_some());
}

/// UPSTREAM-2: what was not sent is sent, once.
#[test]
fn what_was_not_sent_goes_to_another_address() {
    let system = System::answering(HELLO);
    let both = [nobody(), system.address.to_string()];
    let before = Before::bound(&whl(&both), &[QUIET]);
    for n in 1..=6 {
        let post = Request::new("POST", "/api/webhooks").token(&before.token);
        assert_eq!(before.server.ask(&post).status, 200);
        assert_eq!(system.asked().len(), n);
    }
}

/// UPSTREAM-2.
#[test]
fn what_was_sent_is_sent_again_only_where_that_changes_nothing() {
    let (address, count) = doing(drop);
    let before = Before::bound(
        &whl(&[address]),
        &[QUIET, ("DIALGATE_SOR__BREAKER_FAILURES", "99")],
    );
    let lost = |method, path, times| {
        let start = count.load(Ordering::SeqCst);
        let request = Request::new(method, path).token(&before.token);
        let reply = before.server.ask(&request);
        assert_eq!(
            (reply.status, &*code(&reply)),
            (502, "UPSTREAM_LOST"),
            "{path}"
        );
        assert_eq!(
            count.load(Ordering::SeqCst) - start,
            times,
            "{method} {path}"
        );
    };
    lost("POST", "/api/webhooks", 1);
    lost("GET", "/api/webhooks", 2);
    // Hands an account to an agent.
    lost("GET", "/api/queue/next/A1", 1);
}

/// UPSTREAM-1, UPSTREAM-3: one call at most, and its answer's head is not waited for without limit.
#[test]
fn one_that_hangs_costs_its_callers_only() {
    fn never(mut stream: TcpStream) {
        // Until the other side gives up.
        drop(stream.read(&mut [0_u8; 16]));
    }
    let (address, count) = doing(never);
    let rules = [
        QUIET,
        ("DIALGATE_SOR__TIMEOUT_MS", "700"),
        ("DIALGATE_SOR__CALLS_MAX", "1"),
    ];
    let before = Before::bound(&whl(&[address]), &rules);
    let mut hung = before.server.client();
    let request = Request::new("GET", "/api/disputes").token(&before.token);
    hung.stream.write_all(&request.bytes()).unwrap();
    while count.load(Ordering::SeqCst) == 0 {
        std::thread::yield_now();
    }
    let busy = before.get("/api/disputes");
    assert_eq!((busy.status, &*code(&busy)), (503, "UPSTREAM_BUSY"));
    let gate = Request::new("POST", "/api/gate/contact-intent").token(&before.token);
    assert_ne!(before.server.ask(&gate).status, 503);
    let late = hung.reply().unwrap();
    assert_eq!((late.status, &*code(&late)), (504, "UPSTREAM_TIMEOUT"));
    let next = before.get("/api/disputes");
    assert_eq!(next.status, 504, "the place is free again");
}

/// UPSTREAM-3: within an answer the next piece is waited for no longer than its head.
#[test]
fn an_answer_that_stops_midway_is_given_up() {
    fn half(mut stream: TcpStream) {
        let head = b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf ";
        stream.write_all(head).unwrap();
        drop(stream.read(&mut [0_u8; 16]));
    }
    let (address, _) = doing(half);
    let before = Before::bound(
        &whl(&[address]),
        &[QUIET, ("DIALGATE_SOR__TIMEOUT_MS", "300")],
    );
    let mut client = before.server.client();
    let request = Request::new("GET", "/api/webhooks").token(&before.token);
    // Not by the client's own patience.
    let ended = client.ask(&request).unwrap_err();
    assert_eq!(ended.kind(), std::io::ErrorKind::UnexpectedEof, "{ended}");
}

#[test]
fn an_answer_comes_piece_by_piece() {
    fn pieces(mut stream: TcpStream) {
        let head = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\ndata: 1\n\n";
        stream.write_all(head).unwrap();
        // The second piece is written when the client has read the first and gone.
        drop(stream.read(&mut [0_u8; 16]));
    }
    let (address, _) = doing(pieces);
    let before = Before::bound(&whl(&[address]), &[QUIET]);
    let mut client = before.server.client();
    let request = Request::new("GET", "/api/webhooks").token(&before.token);
    let reply = client.ask(&request).unwrap();
    assert_eq!(reply.header("content-type"), Some("text/event-stream"));
    let mut seen = Vec::new();
    while !seen.windows(7).any(|seven| seven == b"data: 1") {
        seen.extend(client.more().unwrap());
    }
}

/// A system's word that it speaks something else from here on.
fn switched_to(protocol: &str) -> Vec<u8> {
    let head = "HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: ";
    format!("{head}{protocol}\r\n\r\n").into_bytes()
}

/// A request with further headers.
fn asking_for(token: &str, headers: &str) -> Vec<u8> {
    let head = "GET /api/webhooks HTTP/1.1\r\nhost: a\r\nauthorization: Bearer ";
    format!("{head}{token}\r\n{headers}\r\n").into_bytes()
}

/// FORWARD-5: past a connection that carries requests of its own nobody looks at them.
#[test]
fn a_connection_does_not_become_another_http() {
    let system = System::answering(HELLO);
    let before = Before::bound(&whl(&[system.address.to_string()]), &[QUIET]);
    for wanted in [
        "connection: Upgrade, HTTP2-Settings\r\nupgrade: h2c\r\nhttp2-settings: AAMAAABk\r\n",
        "connection: Upgrade\r\nupgrade: h2c\r\nhttp2-settings: AAMAAABk\r\n",
        "connection: Upgrade\r\nupgrade: websocket, h2c\r\n",
        "connection: Upgrade\r\nupgrade: websocket\r\nupgrade: h2c\r\n",
        "connection: Upgrade\r\nupgrade: TLS/1.0\r\n",
        "upgrade: websocket\r\n",
    ] {
        let reply = before.raw(&asking_for(&before.token, wanted)).unwrap();
        assert_eq!(reply.status, 200, "{wanted}");
        let asked = system.asked().pop().unwrap().to_ascii_lowercase();
        for gone in ["upgrade", "http2-settings", "h2c"] {
            assert!(!asked.contains(gone), "{wanted}: {asked}");
        }
    }
}

/// FORWARD-5.
#[test]
fn a_system_changes_to_what_was_asked_for_or_is_not_heard() {
    let wanted = "connection: Upgrade\r\nupgrade: websocket\r\n";
    for (wanted, protocol) in [
        (wanted, "h2c"),
        (wanted, "websocket, h2c"),
        ("", "websocket"),
    ] {
        let system = System::answering(switched_to(protocol).leak());
        let before = Before::bound(&whl(&[system.address.to_string()]), &[QUIET]);
        let reply = before.raw(&asking_for(&before.token, wanted)).unwrap();
        let told = (reply.status, code(&reply));
        assert_eq!(told, (502, "UPSTREAM_SWITCHED".to_owned()), "{protocol}");
    }
}

/// FORWARD-4: by a header of another name, or of the same name spelt as CGI folds it.
#[test]
fn no_header_names_another_request_or_another_client() {
    let system = System::answering(HELLO);
    let before = Before::whl(&system);
    let names = [
        "X-Original-URL",
        "X-Original-URI",
        "X-Rewrite-URL",
        "X-Forwarded-URI",
        "X-HTTP-Method-Override",
        "X_HTTP_METHOD_OVERRIDE",
        "X_Forwarded_For",
        "X_Api_Key",
        "Content_Length",
    ];
    let asking = Request::new("GET", "/api/disputes").token(&before.token);
    let with = |asking: Request, name: &&str| asking.with(name, "forged");
    let asking = names.iter().fold(asking, with);
    assert_eq!(before.server.ask(&asking).status, 200);
    let asked = system.asked().concat();
    assert!(!asked.contains("forged"), "{asked}");
}

/// Who is slow with a body says nothing of the system, which waits for it as the gateway does.
#[test]
fn clients_that_are_slow_do_not_have_a_system_left_alone() {
    let system = System::answering(HELLO);
    let rules = [
        QUIET,
        ("DIALGATE_SOR__TIMEOUT_MS", "300"),
        ("DIALGATE_SOR__BREAKER_FAILURES", "5"),
    ];
    let before = Before::bound(&whl(&[system.address.to_string()]), &rules);
    let head = format!(
        "POST /api/webhooks HTTP/1.1\r\nhost: a\r\nauthorization: Bearer {}\r\n\
         content-length: 100\r\n\r\nx",
        before.token
    );
    let mut slow: Vec<Client> = (0..5).map(|_| before.server.client()).collect();
    for client in &mut slow {
        client.stream.write_all(head.as_bytes()).unwrap();
    }
    for client in &mut slow {
        let reply = client.reply().unwrap();
        assert_eq!((reply.status, &*code(&reply)), (504, "UPSTREAM_TIMEOUT"));
    }
    assert_eq!(before.get("/api/disputes").status, 200);
}

/// A route that this gateway is to answer itself, and does not know.
#[test]
fn a_route_that_is_answered_here_goes_nowhere_else() {
    let system = System::answering(HELLO);
    let routes = concat!(env!("CARGO_MANIFEST_DIR"), "/config/sor/whl.toml");
    let own = std::fs::read_to_string(routes).unwrap();
    let hot = "path = \"/api/webhooks\", class = \"hot\"";
    let edited = own.replace("path = \"/api/webhooks\", class = \"proxy\"", hot);
    assert_ne!(own, edited);
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("whl.toml"), edited).unwrap();
    let dir = dir.path().display().to_string();
    let rules = [QUIET, ("DIALGATE_SOR__DIR", &*dir)];
    let before = Before::bound(&whl(&[system.address.to_string()]), &rules);
    assert_eq!(before.get("/api/disputes").status, 200);
    let reply = before.get("/api/webhooks");
    assert_eq!((reply.status, &*code(&reply)), (404, "UNKNOWN_ROUTE"));
    assert_eq!(system.asked().len(), 1);
}

#[test]
fn a_connection_may_become_something_else() {
    fn echo(mut stream: TcpStream) {
        stream.write_all(&switched_to("WebSocket")).unwrap();
        let mut piece = [0_u8; 64];
        while let Ok(count) = stream.read(&mut piece) {
            if count == 0 || stream.write_all(&piece[..count]).is_err() {
                return;
            }
        }
    }
    let (address, _) = doing(echo);
    let before = Before::bound(&whl(&[address]), &[QUIET]);
    let mut client = Client::connect(before.server.address).unwrap();
    let wanted = "connection: Upgrade\r\nupgrade: websocket\r\n";
    let head = asking_for(&before.token, wanted);
    client.stream.write_all(&head).unwrap();
    let reply = client.reply().unwrap();
    assert_eq!(reply.status, 101);
    assert_eq!(reply.header("upgrade"), Some("websocket"));
    for word in ["one", "another"] {
        client.stream.write_all(word.as_bytes()).unwrap();
        let mut echoed = vec![0_u8; word.len()];
        client.stream.read_exact(&mut echoed).unwrap();
        assert_eq!(echoed, word.as_bytes());
    }
}

#[test]
fn a_public_route_is_the_tenants_whose_name_was_asked_for() {
    let system = System::answering(HELLO);
    let before = Before::whl(&system);
    let ask = |host: &str| {
        let bytes = format!("GET /api/oauth/providers HTTP/1.1\r\nhost: {host}\r\n\r\n");
        before.raw(bytes.as_bytes()).unwrap()
    };
    let other = ask("other.example");
    assert_eq!((other.status, &*code(&other)), (421, "MISDIRECTED"));
    assert_eq!(system.asked().len(), 0);
    assert_eq!(ask("GW.example:9033").status, 200);
    let asked = system.asked();
    assert_eq!(asked.len(), 1);
    assert!(!asked[0].contains("authorization"), "{asked:?}");
}

/// An answer whose end is said in two ways is none: what the client would be sent after it is anybody's.
#[test]
fn an_answer_that_could_be_read_as_two_is_none() {
    for answer in [
        &b"HTTP/1.1 200 OK\r\ncontent-length: 50\r\ntransfer-encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n"[..],
        b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\ntransfer-encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: gzip, chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 2\r\n\r\nhi",
        b"HTTP/1.1 200 OK\r\ncontent-length: 2, 2\r\n\r\nhi",
    ] {
        let system = System::answering(answer);
        let before = Before::whl(&system);
        let shown = String::from_utf8_lossy(answer);
        let reply = before.get("/api/disputes");
        assert_eq!((reply.status, code(&reply)), (502, "UPSTREAM_LOST".to_owned()), "{shown}");
    }
}

/// Headers about the system's own connection do not cross to the client's, nor the client's to it.
/// FORWARD-2, both ways.
#[test]
fn what_is_about_a_connection_ends_with_it() {
    let system = System::answering(
        b"HTTP/1.1 200 OK\r\nconnection: x-own\r\nx-own: 1\r\nkeep-alive: timeout=5\r\n\
          proxy-authenticate: Basic\r\nalt-svc: h3=\":1\"\r\nx-kept: 1\r\ncontent-length: 2\r\n\r\nhi",
    );
    let before = Before::whl(&system);
    let asking = Request::new("GET", "/api/disputes").token(&before.token);
    let asking = asking
        .with("te", "trailers")
        .with("proxy-authorization", "Basic x");
    let reply = before.server.ask(&asking.with("keep-alive", "timeout=9"));
    assert_eq!(reply.header("x-kept"), Some("1"));
    for gone in ["x-own", "keep-alive", "proxy-authenticate", "alt-svc"] {
        assert_eq!(reply.header(gone), None, "{gone}");
    }
    let asked = system.asked().concat().to_ascii_lowercase();
    for gone in [
        "\r\nte:",
        "proxy-authorization",
        "keep-alive",
        "\r\nconnection:",
    ] {
        assert!(!asked.contains(gone), "{gone}: {asked}");
    }
}
