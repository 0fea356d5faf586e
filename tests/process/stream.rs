//! NDJSON against the real program: ten thousand lines, a kill in their midst, and a client in another
//! language.

use std::collections::HashSet;
use std::io::Write as _;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::floor::{ACCOUNT, Floor, PHONE, audit};
use crate::house::{ALL, House};
use crate::http::{Client, Request};
use crate::words::{account, disposition, facts, intent};

/// Lines of a long stream.
const LINES: usize = 10_000;
/// Answers after which the server is killed.
const KILLED_AFTER: usize = 3_000;

/// The answer of a stream, line by line.
struct Answers {
    client: Client,
    raw: Vec<u8>,
    text: Vec<u8>,
    ended: bool,
}

impl Answers {
    /// The next line; `None` at the end, however it came.
    fn next(&mut self) -> Option<Value> {
        loop {
            if let Some(end) = self.text.iter().position(|byte| *byte == b'\n') {
                let line: Vec<u8> = self.text.drain(..=end).collect();
                return Some(serde_json::from_slice(&line).unwrap());
            }
            if self.ended {
                return None;
            }
            match self.client.more() {
                Ok(more) => self.raw.extend(more),
                Err(_killed) => self.ended = true,
            }
            self.unchunk();
        }
    }

    fn unchunk(&mut self) {
        while let Some(end) = self.raw.windows(2).position(|two| two == b"\r\n") {
            let size = std::str::from_utf8(&self.raw[..end]).unwrap();
            let size = usize::from_str_radix(size, 16).unwrap();
            if self.raw.len() < end + size + 4 {
                break;
            }
            self.text
                .extend_from_slice(&self.raw[end + 2..end + 2 + size]);
            self.raw.drain(..end + size + 4);
            self.ended = size == 0;
        }
    }
}

/// Opens a stream and sends `text` as its body, from a thread of its own; gives the answers.
fn stream(floor: &Floor, path: &'static str, text: String) -> Answers {
    let mut client = floor.server.client();
    let request = Request::new("POST", path).token(&floor.token);
    let mut request = request.typed("application/x-ndjson", text).bytes();
    let mut sending = client.stream.try_clone().unwrap();
    std::thread::spawn(move || {
        // In pieces that end anywhere; a server that was killed takes no more.
        for piece in request.chunks_mut(10_007) {
            if sending.write_all(piece).is_err() {
                return;
            }
        }
    });
    assert_eq!(client.reply().unwrap().status, 200);
    Answers {
        client,
        raw: Vec::new(),
        text: Vec::new(),
        ended: false,
    }
}

fn asked(n: usize) -> Value {
    let mut asked = intent(&format!("NOBODY-{n}"), PHONE);
    asked["request_id"] = json!(format!("r-{n}"));
    asked
}

fn lines(numbers: std::ops::Range<usize>) -> String {
    numbers.map(|n| asked(n).to_string() + "\n").collect()
}

/// Rows of decisions by their place in the tenant's chain.
fn decided(floor: &Floor) -> HashSet<u64> {
    let rows = floor.house.rows();
    let decisions = rows.iter().filter(|row| row["body"]["k"] == "d");
    decisions
        .map(|row| row["body"]["q"].as_u64().unwrap())
        .collect()
}

#[test]
fn of_ten_thousand_lines_every_answered_one_is_on_record_though_killed_midway() {
    let floor = Floor::open();
    let mut answers = stream(&floor, "/api/gate/stream", lines(0..LINES));
    let mut told = Vec::new();
    for n in 0..LINES {
        let answer = answers.next().unwrap();
        assert_eq!(answer["account_id"], format!("NOBODY-{n}"));
        assert_eq!(
            (&answer["allow"], &answer["error"]),
            (&json!(false), &Value::Null)
        );
        told.push(audit(&answer));
    }
    assert!(answers.next().is_none());
    assert!(told.is_sorted(), "decided in the order of the lines");
    let mut answers = stream(&floor, "/api/gate/stream", lines(LINES..2 * LINES));
    for _ in 0..KILLED_AFTER {
        told.push(audit(&answers.next().unwrap()));
    }
    let floor = floor.restarted(Some(crate::house::MAY), |server| {
        server.started.kill();
        while let Some(answer) = answers.next() {
            told.push(audit(&answer));
        }
    });
    assert!(told.len() < 2 * LINES, "killed midway");
    let rows = decided(&floor);
    let lost: Vec<_> = told.iter().filter(|row| !rows.contains(row)).collect();
    assert_eq!(lost, Vec::<&u64>::new());
    assert_eq!(told.iter().collect::<HashSet<_>>().len(), told.len());
    // A line that is repeated is the same decision.
    let end = told.len() - 1;
    let again = lines(0..1) + &lines(end..end + 1);
    let mut answers = stream(&floor, "/api/gate/stream", again);
    assert_eq!(audit(&answers.next().unwrap()), told[0]);
    assert_eq!(audit(&answers.next().unwrap()), told[end]);
}

#[test]
fn outcomes_by_the_line_are_those_of_the_route() {
    let floor = Floor::open();
    let allowed = floor.call();
    let said =
        json!({ "account_id": ACCOUNT, "audit_id": audit(&allowed), "outcome": "no_answer" });
    let text = format!(
        "{said}\n{said}\n{}\n",
        json!({ "account_id": "NOBODY", "phone": PHONE, "outcome": "busy" })
    );
    let mut answers = stream(&floor, "/api/dispositions/stream", text);
    let (first, second) = (answers.next().unwrap(), answers.next().unwrap());
    assert_eq!(first["status"], 200, "{first}");
    assert_eq!(second["audit_id"], first["audit_id"], "said before");
    let unknown = answers.next().unwrap();
    assert_eq!(
        (&unknown["status"], &unknown["line"]),
        (&json!(404), &json!(3))
    );
    assert!(answers.next().is_none());
    // One for the call, however often it is reported, and one for the account nobody knows.
    assert_eq!(floor.rows_of("o"), 2);
    let mut alone = floor
        .server
        .ask(&disposition(&floor.token, ACCOUNT, &said))
        .json();
    alone["status"] = json!(200);
    assert_eq!(alone, second);
}

#[test]
#[expect(clippy::print_stderr, reason = "a test that asks nothing says so")]
fn an_ivr_in_python_dials_only_what_is_allowed() {
    let python = Command::new("python3").arg("--version").output();
    if python.is_err() {
        eprintln!("skipped: there is no python3");
        return;
    }
    // On the machine's clock, as a client's is: letters have no hours.
    let house = House::with(&[]);
    let server = house.start(None);
    let token = house.token("open", ALL);
    let brought = server.ask(&facts(&token, &json!([account(ACCOUNT, PHONE)])));
    assert_eq!(brought.json()["applied"], 1);
    let letter = |account: &str| {
        json!({ "account_id": account, "channel": "mail", "action_type": "letter",
            "source_system": "ivr" })
    };
    let address = server.address;
    let ask = |intents: &[Value]| {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/ivr.py");
        let mut child = Command::new("python3")
            .args([script, &format!("http://{address}")])
            .env("GATE_TOKEN", &token)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut input = child.stdin.take().unwrap();
        for intent in intents {
            writeln!(input, "{intent}").unwrap();
        }
        drop(input);
        let said = child.wait_with_output().unwrap();
        assert!(said.status.success());
        String::from_utf8(said.stdout).unwrap()
    };
    let mut dry = letter(ACCOUNT);
    dry["dry_run"] = true.into();
    let said = ask(&[
        letter(ACCOUNT),
        letter("NOBODY"),
        json!({}),
        letter(ACCOUNT),
        dry,
    ]);
    let said: Vec<&str> = said.lines().collect();
    assert_eq!(said.len(), 5);
    assert!(said[4].starts_with("HOLD ACC-001 "), "{said:?}");
    assert!(said[0].starts_with("DIAL ACC-001 until "), "{said:?}");
    assert_eq!(said[1], "HOLD NOBODY Blocked by: ACCOUNT", "{said:?}");
    assert_eq!(said[2], "HOLD None Blocked by: SYSTEM_ERROR");
    assert!(
        said[3].starts_with("DIAL ACC-001 until "),
        "the stream goes on: {said:?}"
    );
    server.started.kill();
    assert_eq!(
        ask(&[letter(ACCOUNT)]),
        "HOLD ACC-001 no answer: ConnectionRefusedError\n"
    );
}
