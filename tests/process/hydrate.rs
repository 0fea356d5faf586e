//! Accounts read from a system of record, and what the system is told, with the real program.

use std::collections::HashMap;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use serde_json::json;
use tokio::time::Instant;

use crate::house::MAY;
use crate::http::Request;
use crate::proxy::Before;
use crate::words::{codes, disposition, gate, intent};

/// Longest wait for a request that has to come.
pub(crate) const COMES_MAX: Duration = Duration::from_mins(1);

/// One request as the system read it.
#[derive(Debug)]
pub(crate) struct Asked {
    pub(crate) line: String,
    key: Option<String>,
    pub(crate) body: String,
}

#[derive(Default)]
struct Script {
    /// By method and path, with or without query: what is answered; 404 for everything else.
    answers: Mutex<HashMap<String, String>>,
    /// By method and path: the status of what is answered; 200 for everything else there is.
    statuses: Mutex<HashMap<String, u16>>,
    /// Such requests wait until nobody holds them.
    held: Mutex<Option<&'static str>>,
    /// Every method and path so far.
    seen: Mutex<Vec<String>>,
    freed: Condvar,
}

/// A system of record that answers by a script and tells what it was asked to change.
pub(crate) struct System {
    address: SocketAddr,
    script: Arc<Script>,
    changes: Receiver<Asked>,
}

impl System {
    pub(crate) fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let script = Arc::<Script>::default();
        let (tell, changes) = channel();
        let kept = Arc::clone(&script);
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let (script, tell) = (Arc::clone(&kept), tell.clone());
                std::thread::spawn(move || serve(stream, &script, &tell));
            }
        });
        Self {
            address,
            script,
            changes,
        }
    }

    pub(crate) fn has(&self, account: &str) {
        let card = json!({ "account_id": account, "state": "CA", "zip": "91502",
            "phones": [{ "number": "8185551234", "type": "mobile" }] });
        let path = format!("GET /api/queue/account/{account}");
        self.answer(&path, &card.to_string());
    }

    pub(crate) fn answer(&self, what: &str, body: &str) {
        let mut answers = self.script.answers.lock().unwrap();
        answers.insert(what.to_owned(), body.to_owned());
    }

    /// Answers so from now on.
    pub(crate) fn fails(&self, what: &str, status: u16) {
        let mut statuses = self.script.statuses.lock().unwrap();
        statuses.insert(what.to_owned(), status);
    }

    /// How many requests so far are these.
    pub(crate) fn seen(&self, line: &str) -> usize {
        let seen = self.script.seen.lock().unwrap();
        seen.iter().filter(|one| *one == line).count()
    }

    /// Whether a request so far began so.
    pub(crate) fn has_seen(&self, line: &str) -> bool {
        let seen = self.script.seen.lock().unwrap();
        seen.iter().any(|one| one.starts_with(line))
    }

    pub(crate) fn until_seen(&self, line: &str) {
        let began = Instant::now();
        while self.seen(line) == 0 {
            assert!(began.elapsed() < COMES_MAX, "never asked: {line}");
            std::thread::yield_now();
        }
    }

    /// Lets requests that begin so wait.
    pub(crate) fn hold(&self, what: &'static str) {
        *self.script.held.lock().unwrap() = Some(what);
    }

    pub(crate) fn free(&self) {
        *self.script.held.lock().unwrap() = None;
        self.script.freed.notify_all();
    }

    /// The next request that was to change something.
    pub(crate) fn change(&self) -> Asked {
        self.changes.recv_timeout(COMES_MAX).unwrap()
    }

    pub(crate) fn before(&self, environment: &[(&str, &str)]) -> Before {
        let address = self.address;
        let sor = format!("[sor]\nsystem = \"whl\"\naddresses = [\"http://{address}\"]\n");
        Before::bound(&sor, environment)
    }
}

/// Answers one request a connection.
fn serve(mut stream: TcpStream, script: &Script, tell: &Sender<Asked>) {
    let Some(asked) = read(&mut stream) else {
        return;
    };
    let line = asked.line.clone();
    script.seen.lock().unwrap().push(line.clone());
    if line.starts_with("POST") {
        // The test may be over.
        drop(tell.send(asked));
    }
    let held = script.held.lock().unwrap();
    let waits = |held: &mut Option<&str>| held.is_some_and(|what| line.starts_with(what));
    drop(script.freed.wait_while(held, |held| waits(held)).unwrap());
    let answers = script.answers.lock().unwrap();
    let what = line.split('?').next().unwrap_or_default();
    let (status, body) = match answers.get(&line).or_else(|| answers.get(what)) {
        Some(body) => (200, body.as_str()),
        None => (404, "{}"),
    };
    let statuses = script.statuses.lock().unwrap();
    let status = statuses.get(what).copied().unwrap_or(status);
    let length = body.len();
    let answer = format!(
        "HTTP/1.1 {status} X\r\ncontent-type: application/json\r\nconnection: close\r\n\
         content-length: {length}\r\n\r\n{body}"
    );
    // Whoever asked may be gone.
    drop(stream.write_all(answer.as_bytes()));
}

fn read(stream: &mut TcpStream) -> Option<Asked> {
    let mut bytes = Vec::new();
    loop {
        let mut piece = [0_u8; 4096];
        let head = bytes.windows(4).position(|four| four == b"\r\n\r\n");
        if let Some(head) = head {
            let text = String::from_utf8_lossy(&bytes[..head]).into_owned();
            let header = |name: &str| {
                let mut lines = text.split("\r\n");
                lines.find_map(|line| line.strip_prefix(name).map(str::to_owned))
            };
            let length = header("content-length: ");
            let length = length.map_or(0, |length| length.parse().unwrap());
            if bytes.len() >= head + 4 + length {
                let first = text.split("\r\n").next()?;
                let line = first.rsplit_once(' ')?.0.to_owned();
                let body = &bytes[head + 4..head + 4 + length];
                return Some(Asked {
                    line,
                    key: header("idempotency-key: "),
                    body: String::from_utf8_lossy(body).into_owned(),
                });
            }
        }
        match stream.read(&mut piece) {
            Ok(0) | Err(_) => return None,
            Ok(count) => bytes.extend_from_slice(&piece[..count]),
        }
    }
}

/// HYDRATE-1: what was read stands in rows.
#[test]
fn an_account_nobody_knows_is_read_before_it_is_decided_about() {
    let system = System::open();
    system.has("ACC-7");
    let before = system.before(&[("DIALGATE_SOR__HYDRATE_TIMEOUT_MS", "30000")]);
    let ask = gate(&before.token, &intent("ACC-7", "+18185551234"));
    let heard = before.server.ask(&ask);
    assert_eq!(heard.status, 200, "{heard:?}");
    let found = codes(&heard.json());
    assert!(!found.contains(&"UNKNOWN_ACCOUNT".to_owned()), "{found:?}");
    // One that the system does not have either: a row, and the gate's own word for it.
    let ask = gate(&before.token, &intent("ACC-8", "+18185551234"));
    let heard = before.server.ask(&ask);
    assert_eq!(codes(&heard.json()), ["UNKNOWN_ACCOUNT"]);
    // Each of a batch.
    system.has("ACC-9");
    let intents = json!({ "intents": [
        intent("ACC-8", "+18185551234"), intent("ACC-9", "+18185551234"),
        intent("ACC-7", "+18185551234"),
    ]});
    let batch = Request::new("POST", "/api/gate/contact-intents").token(&before.token);
    let heard = before.server.ask(&batch.json(intents.to_string()));
    assert_eq!(heard.status, 200, "{heard:?}");
    let (status, said) = before.server.terminated();
    assert!(status.success(), "{said:?}");
    let known: Vec<bool> = decisions_of(&before.house);
    // Of the batch, those whose accounts had to be read come after the others.
    assert_eq!(known, [true, false, true, false, true]);
    // HYDRATE-1: a row for each that was read.
    let rows = before.house.rows();
    let taken = rows.iter().filter(|row| row["body"]["k"] == "f");
    assert_eq!(taken.count(), 2);
}

/// HYDRATE-3: whoever waits for an account waits for the same read.
#[test]
fn an_account_many_wait_for_is_read_once() {
    let system = System::open();
    system.has("ACC-7");
    system.hold("GET /api/queue/account/");
    let patient = [
        ("DIALGATE_SOR__HYDRATE_TIMEOUT_MS", "30000"),
        ("DIALGATE_SOR__TIMEOUT_MS", "30000"),
    ];
    let before = system.before(&patient);
    let ask = gate(&before.token, &intent("ACC-7", "+18185551234"));
    let mut waiting: Vec<_> = (0..8)
        .map(|_| {
            let mut client = before.server.client();
            client.stream.write_all(&ask.bytes()).unwrap();
            client
        })
        .collect();
    system.until_seen("GET /api/queue/account/ACC-7");
    system.free();
    for client in &mut waiting {
        let heard = client.reply().unwrap();
        let found = codes(&heard.json());
        assert!(!found.contains(&"UNKNOWN_ACCOUNT".to_owned()), "{found:?}");
    }
    assert_eq!(system.seen("GET /api/queue/account/ACC-7"), 1);
}

fn decisions_of(house: &crate::house::House) -> Vec<bool> {
    let rows = house.rows();
    let decided = rows.iter().filter(|row| row["body"]["k"] == "d");
    decided.map(|row| row["body"].get("a").is_some()).collect()
}

#[test]
fn a_system_that_hangs_blocks_with_one_row_and_the_next_intent_finds_the_account() {
    let system = System::open();
    system.has("ACC-7");
    system.hold("GET /api/queue/account/");
    let before = system.before(&[("DIALGATE_SOR__HYDRATE_TIMEOUT_MS", "3000")]);
    let ask = gate(&before.token, &intent("ACC-7", "+18185551234"));
    let heard = before.server.ask(&ask);
    assert_eq!(codes(&heard.json()), ["UNKNOWN_ACCOUNT"]);
    // The read goes on, and the next one waits for the same.
    system.free();
    let heard = before.server.ask(&ask);
    let found = codes(&heard.json());
    assert!(!found.contains(&"UNKNOWN_ACCOUNT".to_owned()), "{found:?}");
    assert!(before.server.terminated().0.success());
    assert_eq!(decisions_of(&before.house), [false, true]);
}

/// OUTBOX-1, OUTBOX-2, OUTBOX-3, with the real program.
#[test]
fn a_letter_that_was_sent_and_not_confirmed_is_sent_again_after_a_kill_by_the_same_key() {
    let system = System::open();
    system.has("ACC-7");
    let path = "POST /api/queue/account/ACC-7/disposition";
    system.answer(path, "{\"ok\":true}");
    let before = system.before(&[("DIALGATE_SOR__HYDRATE_TIMEOUT_MS", "30000")]);
    let ask = gate(&before.token, &intent("ACC-7", "+18185551234"));
    assert_eq!(before.server.ask(&ask).status, 200);
    system.hold("POST");
    for (call, word) in [("c-1", "no_answer"), ("c-2", "voicemail")] {
        let said = json!({ "outcome": word, "call_id": call, "phone": "+18185551234" });
        let report = disposition(&before.token, "ACC-7", &said);
        let heard = before.server.ask(&report);
        assert_eq!(heard.status, 200, "{heard:?}");
    }
    let first = system.change();
    assert_eq!(first.line, path);
    assert!(first.body.contains("c-1"), "{first:?}");
    let Before { house, server, .. } = before;
    server.started.kill();
    system.free();
    let server = house.start(Some(MAY));
    let again = system.change();
    assert_eq!((&again.key, &again.body), (&first.key, &first.body));
    assert!(again.key.is_some_and(|key| key.starts_with("open/")));
    // In order: the second only after the first was confirmed.
    let second = system.change();
    assert!(second.body.contains("c-2"), "{second:?}");
    assert_ne!(second.key, first.key);
    drop(server);
}

/// OUTBOX-6: what was given up is kept.
#[test]
fn a_letter_that_is_refused_is_kept_listed_and_tried_again() {
    let system = System::open();
    system.has("ACC-7");
    let before = system.before(&[("DIALGATE_SOR__HYDRATE_TIMEOUT_MS", "30000")]);
    let ask = gate(&before.token, &intent("ACC-7", "+18185551234"));
    assert_eq!(before.server.ask(&ask).status, 200);
    let report = |call: &str| {
        let said = json!({ "outcome": "no_answer", "call_id": call, "phone": "+18185551234" });
        let report = disposition(&before.token, "ACC-7", &said);
        assert_eq!(before.server.ask(&report).status, 200);
    };
    // Nothing is there for it: 404.
    report("c-1");
    let first = system.change();
    report("c-2");
    // Sent once the first has been given up.
    let second = system.change();
    assert_ne!(first.key, second.key);
    let list = Request::new("GET", "/api/sor/outbox").token(&before.token);
    let path = "POST /api/queue/account/ACC-7/disposition";
    system.answer(path, "{\"ok\":true}");
    let retry = Request::new("POST", "/api/sor/outbox/retry").token(&before.token);
    let heard = before.server.ask(&retry.json("{}"));
    assert_eq!(heard.status, 200, "{heard:?}");
    assert!(heard.json()["retried"].as_u64() >= Some(1), "{heard:?}");
    let again = system.change();
    assert_eq!((again.key, again.body), (first.key, first.body));
    let page = before.server.ask(&list);
    assert_eq!(page.status, 200, "{page:?}");
    let told =
        Request::new("GET", "/api/sor/outbox").token(&before.house.token("guarded", "admin"));
    assert_eq!(before.server.ask(&told).status, 404);
}

const EXPORT: &str = "GET /api/exports/accounts?format=json";
const NEXT: &str = "GET /api/exports/accounts?format=json&cursor=c2";

/// HYDRATE-4: what was noted is not read twice.
#[test]
fn reading_everything_goes_on_after_a_kill_where_it_was() {
    let system = System::open();
    system.has("ACC-1");
    system.has("ACC-2");
    system.answer(
        EXPORT,
        r#"{"accounts":[{"account_id":"ACC-1"}],"next_cursor":"c2"}"#,
    );
    system.answer(NEXT, r#"{"accounts":[{"account_id":"ACC-2"}]}"#);
    system.hold(NEXT);
    let before = system.before(&[("DIALGATE_SOR__HYDRATE_PER_SECOND", "1000")]);
    // Asked for when the first page is noted as done.
    system.until_seen(NEXT);
    let Before { house, server, .. } = before;
    server.started.kill();
    system.free();
    let server = house.start(Some(MAY));
    system.until_seen("GET /api/queue/account/ACC-2");
    drop(server);
    assert_eq!(system.seen(EXPORT), 1);
    assert_eq!(system.seen("GET /api/queue/account/ACC-1"), 1);
}

/// HYDRATE-4: a step whose accounts are not taken in is made again.
#[test]
fn reading_everything_goes_no_further_than_what_was_taken_in() {
    let system = System::open();
    system.has("ACC-1");
    system.has("ACC-2");
    system.answer(
        EXPORT,
        r#"{"accounts":[{"account_id":"ACC-1"}],"next_cursor":"c2"}"#,
    );
    system.answer(NEXT, r#"{"accounts":[{"account_id":"ACC-2"}]}"#);
    system.hold("GET /api/queue/account/");
    let before = system.before(&[("DIALGATE_SOR__HYDRATE_PER_SECOND", "1000")]);
    system.until_seen("GET /api/queue/account/ACC-1");
    let Before { house, server, .. } = before;
    server.started.kill();
    system.free();
    let server = house.start(Some(MAY));
    system.until_seen("GET /api/queue/account/ACC-2");
    drop(server);
    assert_eq!(system.seen(EXPORT), 2);
}

#[test]
fn facts_that_are_old_block_until_they_were_read_again() {
    let system = System::open();
    system.has("ACC-7");
    system.answer(EXPORT, r#"{"accounts":[{"account_id":"ACC-7"}]}"#);
    let address = system.address;
    let tenant = format!(
        "[infrastructure]\nfacts_age_max_s = 7200\n\
         [sor]\nsystem = \"whl\"\naddresses = [\"http://{address}\"]\n"
    );
    let reading = [
        ("DIALGATE_SOR__HYDRATE_PER_SECOND", "1000"),
        ("DIALGATE_SOR__HYDRATE_AGE_S", "3600"),
        ("DIALGATE_SOR__HYDRATE_TIMEOUT_MS", "30000"),
    ];
    let before = Before::bound(&tenant, &reading);
    let ask = gate(&before.token, &intent("ACC-7", "+18185551234"));
    let stale = "FACTS_STALE".to_owned();
    let found = codes(&before.server.ask(&ask).json());
    assert!(!found.contains(&stale), "{found:?}");
    let Before { house, server, .. } = before;
    assert!(server.terminated().0.success());
    system.hold("GET");
    // A day later, at the same hour.
    let server = house.start(Some("2026-05-06T18:00:00Z"));
    let answer = server.ask(&ask).json();
    assert!(codes(&answer).contains(&stale), "{answer}");
    let gates = answer["blocked_by"].as_array().unwrap();
    assert!(gates.contains(&json!("INFRASTRUCTURE")), "{answer}");
    system.free();
    let began = Instant::now();
    while codes(&server.ask(&ask).json()).contains(&stale) {
        assert!(began.elapsed() < COMES_MAX, "never read again");
    }
}

pub(crate) const CARD: &str = "GET /api/queue/account/ACC-7";
const PLAN: &str = "POST /api/payments/plans";
pub(crate) const DEAD: &str = r#"{"account_id":"ACC-7","deceased":true,"state":"CA","zip":"91502",
    "phones":["8185551234"]}"#;
pub(crate) const GONE: &str = "CREDITOR_HOLD";

/// Asks until the answer has a code, or has it no longer.
pub(crate) fn until(server: &crate::house::Server, token: &str, code: &str, wanted: bool) {
    let ask = gate(token, &intent("ACC-7", "+18185551234"));
    let began = Instant::now();
    loop {
        let found = codes(&server.ask(&ask).json());
        if found.iter().any(|known| known == code) == wanted {
            return;
        }
        assert!(began.elapsed() < COMES_MAX, "{code} {wanted}: {found:?}");
    }
}

/// A house that has read ACC-7, before a system that takes plans.
pub(crate) fn read_once(system: &System) -> Before {
    system.has("ACC-7");
    system.answer(PLAN, "{}");
    let before = system.before(&[("DIALGATE_SOR__HYDRATE_TIMEOUT_MS", "30000")]);
    until(&before.server, &before.token, "UNKNOWN_ACCOUNT", false);
    until(&before.server, &before.token, "DECEASED", false);
    before
}

/// A call after which the account is read again.
pub(crate) fn plan(server: &crate::house::Server, token: &str) {
    let call = Request::new("POST", "/api/payments/plans").token(token);
    let heard = server.ask(&call.json(json!({ "account_id": "ACC-7" }).to_string()));
    assert_eq!(heard.status, 200, "{heard:?}");
}

/// Names invariant AGAIN-2.
#[test]
fn what_a_call_changed_is_read_again_after_a_kill() {
    let system = System::open();
    let before = read_once(&system);
    system.hold(CARD);
    plan(&before.server, &before.token);
    let Before {
        house,
        server,
        token,
    } = before;
    server.started.kill();
    system.answer(CARD, DEAD);
    system.free();
    let server = house.start(Some(MAY));
    until(&server, &token, "DECEASED", true);
}

/// Names invariant AGAIN-2.
#[test]
fn an_answer_that_could_not_be_read_leaves_the_mark() {
    let system = System::open();
    let before = read_once(&system);
    let seen = system.seen(CARD);
    system.fails(CARD, 500);
    plan(&before.server, &before.token);
    let began = Instant::now();
    while system.seen(CARD) == seen {
        assert!(began.elapsed() < COMES_MAX, "never read again");
    }
    let Before {
        house,
        server,
        token,
    } = before;
    assert!(server.terminated().0.success());
    system.answer(CARD, DEAD);
    system.fails(CARD, 200);
    let server = house.start(Some(MAY));
    until(&server, &token, "DECEASED", true);
}

#[test]
fn an_account_its_system_has_no_longer_is_held_until_it_has_it_again() {
    let system = System::open();
    let before = read_once(&system);
    system.fails(CARD, 404);
    plan(&before.server, &before.token);
    until(&before.server, &before.token, GONE, true);
    system.fails(CARD, 200);
    plan(&before.server, &before.token);
    until(&before.server, &before.token, GONE, false);
    // One the gate does not hold stays unknown: nothing is made of its absence.
    let ask = gate(&before.token, &intent("ACC-8", "+18185551234"));
    let heard = before.server.ask(&ask);
    assert_eq!(codes(&heard.json()), ["UNKNOWN_ACCOUNT"]);
}

/// Also where the system has no list, and where it lists other accounts.
#[test]
fn accounts_that_are_held_are_read_again_when_old() {
    for listed in [None, Some(r#"{"accounts":[]}"#)] {
        let system = System::open();
        if let Some(listed) = listed {
            system.answer(EXPORT, listed);
        }
        let before = read_once(&system);
        let Before {
            house,
            server,
            token,
        } = before;
        assert!(server.terminated().0.success());
        system.answer(CARD, DEAD);
        let server = house.start(Some("2026-05-06T18:00:00Z"));
        until(&server, &token, "DECEASED", true);
        drop(server);
    }
}
