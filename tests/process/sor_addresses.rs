//! Several addresses of one system, addresses that change, and a stop while something is on its way.

use std::fs;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::time::Instant;

use crate::house::OPEN;
use crate::http::Request;
use crate::proxy::Before;
use crate::sor_kit::{Answer, SILENT, Script};

/// Longest wait for something that has to happen.
const COMES_MAX: Duration = Duration::from_mins(1);
const NO_PROBES: (&str, &str) = ("DIALGATE_SOR__HEALTH_INTERVAL_S", "0");

fn sor(addresses: &[&Script], more: &str) -> String {
    let all: Vec<String> = addresses
        .iter()
        .map(|system| format!("\"http://{}\"", system.address))
        .collect();
    format!(
        "[sor]\nsystem = \"whl\"\naddresses = [{}]\n{more}",
        all.join(", ")
    )
}

fn until(what: &str, happened: impl Fn() -> bool) {
    let began = Instant::now();
    while !happened() {
        assert!(began.elapsed() < COMES_MAX, "never: {what}");
        std::thread::yield_now();
    }
}

fn hanging(line: &str) -> Answer {
    if line.contains("/stats") {
        SILENT
    } else {
        (200, "{}")
    }
}

#[test]
fn a_call_goes_where_fewest_are_under_way() {
    let (one, two) = (Script::of(hanging), Script::of(hanging));
    let rules = [NO_PROBES, ("DIALGATE_SOR__TIMEOUT_MS", "60000")];
    let before = Before::bound(&sor(&[&one, &two], ""), &rules);
    let stats = Request::new("GET", "/api/queue/stats").token(&before.token);
    let mut hung = before.server.client();
    hung.stream.write_all(&stats.bytes()).unwrap();
    let at = |system: &Script| system.asked("GET /api/queue/stats").len();
    until("a call that hangs", || at(&one) + at(&two) == 1);
    for _ in 0..6 {
        assert_eq!(before.get("/api/webhooks").status, 200);
    }
    let (busy, idle) = if at(&one) == 1 {
        (&one, &two)
    } else {
        (&two, &one)
    };
    let passed = |system: &Script| system.asked("GET /api/webhooks").len();
    assert_eq!((passed(busy), passed(idle)), (0, 6));
}

#[test]
fn an_address_whose_probe_fails_is_passed_over_until_it_answers() {
    let ill = Arc::new(AtomicBool::new(true));
    let says = Arc::clone(&ill);
    let one = Script::hearing(move |request| {
        let is_ill = says.load(Ordering::SeqCst) && request.starts_with("GET /ready");
        (if is_ill { 503 } else { 200 }, "{}")
    });
    let two = Script::of(|_| (200, "{}"));
    let rules = [("DIALGATE_SOR__HEALTH_INTERVAL_S", "1")];
    let before = Before::bound(&sor(&[&one, &two], "health_path = \"/ready\"\n"), &rules);
    // The second probe begins when the first has been noted.
    until("two probes", || one.asked("GET /ready").len() >= 2);
    for _ in 0..4 {
        assert_eq!(before.get("/api/webhooks").status, 200);
    }
    assert_eq!(one.asked("GET /api").len(), 0);
    assert_eq!(two.asked("GET /api").len(), 4);
    ill.store(false, Ordering::SeqCst);
    let probed = one.asked("GET /ready").len();
    until("two more", || one.asked("GET /ready").len() >= probed + 2);
    for _ in 0..4 {
        assert_eq!(before.get("/api/webhooks").status, 200);
    }
    assert_eq!(one.asked("GET /api").len(), 2, "they take turns again");
}

#[test]
fn a_tenant_file_that_changes_binds_anew_and_what_is_on_its_way_ends_where_it_went() {
    let (freed, held) = channel::<()>();
    let held = Mutex::new(held);
    let waits = Arc::new(AtomicBool::new(false));
    let is_there = Arc::clone(&waits);
    let one = Script::hearing(move |request| {
        if request.starts_with("GET /api/queue/stats") {
            is_there.store(true, Ordering::SeqCst);
            // Until the test says so, or is over.
            let _freed_or_over = held.lock().unwrap().recv();
        }
        (200, r#"{"at":1}"#)
    });
    let two = Script::of(|_| (200, r#"{"at":2}"#));
    let rules = [NO_PROBES, ("DIALGATE_SOR__TIMEOUT_MS", "60000")];
    let before = Before::bound(&sor(&[&one], ""), &rules);
    assert_eq!(before.get("/api/webhooks").json()["at"], 1);
    let stats = Request::new("GET", "/api/queue/stats").token(&before.token);
    let mut waiting = before.server.client();
    waiting.stream.write_all(&stats.bytes()).unwrap();
    until("a call that waits", || waits.load(Ordering::SeqCst));
    let file = before.house.path("tenants/open.toml");
    fs::write(&file, format!("{OPEN}{}", sor(&[&two], ""))).unwrap();
    signal(&before, "HUP");
    until("the other address", || {
        before.get("/api/webhooks").json()["at"] == 2
    });
    freed.send(()).unwrap();
    assert_eq!(waiting.reply().unwrap().json()["at"], 1);
    let seen = one.asked("GET /api/webhooks").len();
    // What is wrong binds nobody anew.
    let wrong = sor(&[&one], "key_file = \"absent\"\ncredential = \"key\"\n");
    fs::write(&file, format!("{OPEN}{wrong}")).unwrap();
    signal(&before, "HUP");
    let deep = Request::new("GET", "/api/health/deep").token(&before.token);
    until("a finding", || {
        let deep = before.server.ask(&deep).json().to_string();
        deep.contains("sor.key_file")
    });
    assert_eq!(before.get("/api/webhooks").json()["at"], 2);
    assert_eq!(one.asked("GET /api/webhooks").len(), seen);
}

fn signal(before: &Before, name: &str) {
    let pid = before.server.started.child.id().to_string();
    let sent = Command::new("sh")
        .args(["-c", &format!("kill -{name} \"$0\""), &pid])
        .status();
    assert!(sent.unwrap().success());
}

#[test]
fn a_stop_lets_an_answer_that_has_begun_come_to_its_end() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let (go_on, goes_on) = channel::<()>();
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        assert!(stream.read(&mut [0_u8; 16 * 1024]).unwrap() > 0);
        let head = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nfirst\r\n";
        stream.write_all(head).unwrap();
        let _told_or_over = goes_on.recv();
        stream.write_all(b"6\r\nsecond\r\n0\r\n\r\n").unwrap();
        drop(stream.read(&mut [0_u8; 16]));
    });
    let sor = format!("[sor]\nsystem = \"whl\"\naddresses = [\"http://{address}\"]\n");
    let before = Before::bound(&sor, &[NO_PROBES]);
    let mut client = before.server.client();
    let request = Request::new("GET", "/api/webhooks").token(&before.token);
    client.stream.write_all(&request.bytes()).unwrap();
    let mut seen = Vec::new();
    let mut more = |seen: &mut Vec<u8>, what: &[u8]| {
        while !seen.windows(what.len()).any(|part| part == what) {
            let mut piece = [0_u8; 1_024];
            let count = client.stream.read(&mut piece).unwrap();
            assert!(count > 0, "ended early: {}", String::from_utf8_lossy(seen));
            seen.extend_from_slice(&piece[..count]);
        }
    };
    more(&mut seen, b"first");
    let gateway = before.server.address;
    signal(&before, "TERM");
    until("nobody listens", || TcpStream::connect(gateway).is_err());
    go_on.send(()).unwrap();
    more(&mut seen, b"second");
    more(&mut seen, b"0\r\n\r\n");
    let Before { mut server, .. } = before;
    let (status, said) = server.started.ended();
    assert!(status.success(), "{said:?}");
}
