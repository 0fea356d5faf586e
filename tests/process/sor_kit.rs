//! A system of record by script, and a gateway before it.

use std::fs;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use crate::house::{ALL, House, MAY, OPEN, Server};
use crate::http::{Reply, Request};
use crate::words::{account, codes, facts, gate, intent};

pub(crate) const PHONE: &str = "+14155550123";
pub(crate) const ADDRESS: &str = "c@example.com";

/// A status and a body.
pub(crate) type Answer = (u16, &'static str);
/// It never answers.
pub(crate) const SILENT: Answer = (0, "");
/// What a system answers to a request line.
pub(crate) type Answers = fn(&str) -> Answer;
/// What a system answers to a request, from its first byte to its last.
type Hearing = dyn Fn(&str) -> Answer + Send + Sync;

/// A system of record that keeps what it reads and answers by script.
pub(crate) struct Script {
    pub(crate) address: SocketAddr,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Script {
    pub(crate) fn of(answers: Answers) -> Self {
        Self::hearing(move |request| answers(request.lines().next().unwrap_or_default()))
    }

    /// One that looks at whole requests.
    pub(crate) fn hearing(answers: impl Fn(&str) -> Answer + Send + Sync + 'static) -> Self {
        let answers: Arc<Hearing> = Arc::new(answers);
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let asked = Arc::<Mutex<Vec<String>>>::default();
        let kept = Arc::clone(&asked);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let (Ok(stream), kept) = (stream, Arc::clone(&kept)) else {
                    return;
                };
                let answers = Arc::clone(&answers);
                std::thread::spawn(move || serve(stream, &kept, &*answers));
            }
        });
        Self { address, asked }
    }

    /// The requests whose line begins so, each from its first byte to its last.
    pub(crate) fn asked(&self, line: &str) -> Vec<String> {
        let all = self.asked.lock().unwrap();
        let those = all.iter().filter(|one| one.starts_with(line));
        those.cloned().collect()
    }
}

fn serve(mut stream: TcpStream, kept: &Mutex<Vec<String>>, answers: &Hearing) {
    let mut read: Vec<u8> = Vec::new();
    loop {
        let Some(end) = whole(&read) else {
            let mut piece = [0_u8; 8 * 1024];
            match stream.read(&mut piece) {
                Ok(0) | Err(_) => return,
                Ok(count) => read.extend_from_slice(&piece[..count]),
            }
            continue;
        };
        let request: Vec<u8> = read.drain(..end).collect();
        let request = String::from_utf8_lossy(&request).into_owned();
        let answer = answers(&request);
        kept.lock().unwrap().push(request);
        if answer == SILENT {
            // Held open until the other side gives up.
            let mut rest = [0_u8; 1024];
            while stream.read(&mut rest).is_ok_and(|count| count > 0) {}
            return;
        }
        let (status, body) = answer;
        let length = body.len();
        let text = format!(
            "HTTP/1.1 {status} X\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}"
        );
        if stream.write_all(text.as_bytes()).is_err() {
            return;
        }
    }
}

/// Where the first request ends, once all of it is there.
pub(crate) fn whole(read: &[u8]) -> Option<usize> {
    let head = read.windows(4).position(|four| four == b"\r\n\r\n")? + 4;
    let text = String::from_utf8_lossy(&read[..head]).to_ascii_lowercase();
    if text.contains("transfer-encoding: chunked") {
        let mut rest = read[head..].windows(5);
        return Some(head + rest.position(|five| five == b"0\r\n\r\n")? + 5);
    }
    let length = text.split("content-length: ").nth(1);
    let length = length.and_then(|rest| rest.split("\r\n").next()?.parse::<usize>().ok());
    let end = head + length.unwrap_or(0);
    (read.len() >= end).then_some(end)
}

/// A gateway before a system by script.
pub(crate) struct Gate {
    pub(crate) house: House,
    pub(crate) server: Server,
    pub(crate) token: String,
    pub(crate) system: Script,
}

impl Gate {
    /// The tenant `open` bound to a WHL, holding account `A` with a number and an address.
    pub(crate) fn whl(answers: Answers) -> Self {
        Self::of(answers, |address| {
            format!(
                "[sor]\nsystem = \"whl\"\naddresses = [\"http://{address}\"]\npublic_host = \"gate\"\n"
            )
        })
    }

    pub(crate) fn of(answers: Answers, sor: impl Fn(SocketAddr) -> String) -> Self {
        let system = Script::of(answers);
        let house = House::with(&[
            ("DIALGATE_SOR__TIMEOUT_MS", "300"),
            ("DIALGATE_SOR__UPLOAD_TIMEOUT_MS", "1000"),
        ]);
        let tenant = format!("{OPEN}{}", sor(system.address));
        fs::write(house.path("tenants/open.toml"), tenant).unwrap();
        let secrets = house.path("data/dialgate/secrets/sor/open");
        fs::create_dir_all(&secrets).unwrap();
        for (name, secret) in [("key", "sandbox-key"), ("pin", "SBX")] {
            fs::write(secrets.join(name), secret).unwrap();
        }
        let server = house.start(Some(MAY));
        let token = house.token("open", ALL);
        let gate = Self {
            house,
            server,
            token,
            system,
        };
        let mut record = account("A", PHONE);
        record["emails"] = json!([{ "address": ADDRESS, "from_consumer": true }]);
        record["address"] = json!("on_file");
        record["facts"] = json!([
            { "fact": "consent", "address": ADDRESS, "consent": ["email"], "given_to": "collector",
              "at": "2026-04-01T00:00:00Z" },
            { "fact": "notice_sent", "notice": "validation", "at": "2026-04-20T00:00:00Z" },
        ]);
        let brought = gate.server.ask(&facts(&gate.token, &json!([record])));
        // Where the system takes portfolios the answer is its own.
        let applied = brought.header("dialgate-applied").map(str::to_owned);
        let applied = applied.unwrap_or_else(|| brought.json()["applied"].to_string());
        assert_eq!(
            (brought.status, &*applied),
            (200, "1"),
            "{:?}",
            brought.json()
        );
        gate
    }

    pub(crate) fn post(&self, path: &str, body: &Value) -> Reply {
        let request = Request::new("POST", path).token(&self.token);
        self.server.ask(&request.json(body.to_string()))
    }

    /// On a public route: without a token, by the name every request here carries.
    pub(crate) fn publicly(&self, method: &'static str, path: &str, body: &Value) -> Reply {
        let request = Request::new(method, path);
        self.server.ask(&request.json(body.to_string()))
    }

    /// What keeps a telephone call to the account from being made.
    pub(crate) fn stops(&self) -> Vec<String> {
        let intent = intent("A", PHONE);
        codes(&self.server.ask(&gate(&self.token, &intent)).json())
    }

    /// The bodies of all rows of a kind, once the server has ended.
    pub(crate) fn rows(self, kind: &str) -> Vec<Value> {
        let Self { house, server, .. } = self;
        server.terminated();
        let rows = house.rows().into_iter().map(|row| row["body"].clone());
        rows.filter(|body| body["k"] == kind).collect()
    }
}
