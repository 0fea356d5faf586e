//! Files brought in parts: broken off on either side and taken up again, nothing twice, nothing lost.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::io::Read as _;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::Value;

use crate::house::{ALL, House, MAY, PROGRAM, Ran};

const ACCOUNTS: usize = 1_500;
/// Small parts, so that a file has many.
const PART_BYTES: &str = "4096";

/// A line of the file: every hundredth is refused.
fn ndjson(from: usize) -> String {
    let mut text = String::new();
    for n in from..from + ACCOUNTS {
        let state = if n % 100 == 50 { "XX" } else { "CA" };
        let phone = format!("+1818{:07}", 2_000_000 + n);
        writeln!(
            text,
            "{{\"account_id\":\"I-{n}\",\"state\":\"{state}\",\"phones\":[{{\"number\":\"{phone}\"}}]}}"
        )
        .unwrap();
    }
    text
}

fn refused() -> String {
    let lines = (1..=ACCOUNTS).filter(|line| (line - 1) % 100 == 50);
    lines.fold(String::new(), |mut all, line| {
        writeln!(all, "line {line}: state: UNKNOWN_WORD").unwrap();
        all
    })
}

/// A relay between a client and the server, so that either can be cut off after a number of bytes.
/// It leads to whatever server runs, under one address.
struct Relay {
    address: SocketAddr,
    to: Arc<AtomicU64>,
}

impl Relay {
    /// Leads to a port of loopback; nobody is there for port 0.
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let to = Arc::new(AtomicU64::new(0));
        let told = Arc::clone(&to);
        std::thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                let port = u16::try_from(told.load(Ordering::SeqCst)).unwrap();
                let Ok(server) = TcpStream::connect(("127.0.0.1", port)) else {
                    continue;
                };
                join(client, server);
            }
        });
        Self { address, to }
    }

    fn lead_to(&self, address: SocketAddr) {
        self.to.store(address.port().into(), Ordering::SeqCst);
    }
}

/// Passes bytes both ways until either side ends.
fn join(client: TcpStream, server: TcpStream) {
    let pass = |mut from: TcpStream, mut to: TcpStream| {
        std::thread::spawn(move || {
            // Whichever way it ends, the other direction ends too.
            let _ended = std::io::copy(&mut from, &mut to);
            let _closed = from.shutdown(std::net::Shutdown::Both);
            let _closed = to.shutdown(std::net::Shutdown::Both);
        });
    };
    pass(client.try_clone().unwrap(), server.try_clone().unwrap());
    pass(server, client);
}

struct Desk {
    house: House,
    relay: Relay,
    token: String,
    file: PathBuf,
}

impl Desk {
    fn new(name: &str, text: &str) -> Self {
        Self::of(House::with(&[]), name, text)
    }

    fn of(house: House, name: &str, text: &str) -> Self {
        let token = house.token("open", ALL);
        let file = house.path(name);
        fs::write(&file, text).unwrap();
        Self {
            relay: Relay::start(),
            house,
            token,
            file,
        }
    }

    fn start(&self) -> crate::house::Server {
        let server = self.house.start(Some(MAY));
        self.relay.lead_to(server.address);
        server
    }

    fn args(&self, more: &[&str]) -> Vec<String> {
        let url = format!("http://{}", self.relay.address);
        let file = self.file.display().to_string();
        let mut all: Vec<String> = ["import", &file, "--tenant", "open", "--server", &url]
            .map(str::to_owned)
            .into();
        all.extend(["--token", &self.token].map(str::to_owned));
        if !more.contains(&"--part-bytes") {
            all.extend(["--part-bytes", PART_BYTES].map(str::to_owned));
        }
        all.extend(more.iter().map(|arg| (*arg).to_owned()));
        all
    }

    fn import(&self, more: &[&str]) -> Ran {
        let args = self.args(more);
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        self.house.run(&args)
    }

    fn spawn(&self, more: &[&str]) -> Child {
        let mut command = self.house.command(PROGRAM);
        command.args(self.args(more)).stdin(Stdio::null());
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        command.spawn().unwrap()
    }

    fn journal(&self) -> PathBuf {
        let mut path = self.file.clone().into_os_string();
        path.push(".dialgate-progress");
        path.into()
    }

    /// Waits until so many parts are noted; false when the import ended before.
    fn noted(&self, parts: usize, import: &mut Child) -> bool {
        loop {
            let text = fs::read_to_string(self.journal()).unwrap_or_default();
            if text.lines().count() > parts {
                return true;
            }
            if import.try_wait().unwrap().is_some() {
                return false;
            }
            std::thread::yield_now();
        }
    }

    /// How often each account stands in the chain as changed.
    fn changed(&self) -> BTreeMap<String, u32> {
        let mut all = BTreeMap::new();
        for row in self.house.rows() {
            if row["body"]["k"] != "f" {
                continue;
            }
            for one in row["subjects"].as_array().unwrap() {
                let subject: Value =
                    serde_json::from_str(one["subject"].as_str().unwrap()).unwrap();
                let id = subject[0].as_str().unwrap().to_owned();
                *all.entry(id).or_default() += 1;
            }
        }
        all
    }

    /// Every sound record changed something exactly once, and the chain is whole.
    fn assert_once(&self) {
        let changed = self.changed();
        let sound: Vec<String> = (0..ACCOUNTS)
            .filter(|n| n % 100 != 50)
            .map(|n| format!("I-{n}"))
            .collect();
        assert_eq!(changed.len(), sound.len());
        for id in &sound {
            assert_eq!(changed.get(id), Some(&1), "{id}");
        }
        assert_eq!(self.house.ledger("verify").code, Some(0));
        let replayed = self.house.ledger("replay");
        assert_eq!(replayed.code, Some(0), "{replayed:?}");
    }
}

/// `applied + unchanged` and the lines that follow.
fn told(ran: &Ran) -> (u64, String) {
    let (first, rest) = ran.out.split_once('\n').unwrap();
    let numbers = first.split([' ', ',']).filter_map(|word| word.parse().ok());
    let numbers: Vec<u64> = numbers.collect();
    assert_eq!(numbers.len(), 3, "{ran:?}");
    assert_eq!(numbers[2], 15, "{ran:?}");
    (numbers[0] + numbers[1], rest.to_owned())
}

fn assert_whole(ran: &Ran) {
    assert_eq!(ran.code, Some(1), "{ran:?}");
    assert_eq!(told(ran), (1_485, refused()), "{ran:?}");
}

#[test]
fn a_killed_import_goes_on_where_it_was() {
    let desk = Desk::new("f.ndjson", &ndjson(0));
    let server = desk.start();
    let mut kills = 0;
    for parts in [1, 4, 9, 14] {
        let mut import = desk.spawn(&[]);
        if desk.noted(parts, &mut import) {
            import.kill().unwrap();
            kills += 1;
        }
        import.wait().unwrap();
        if !desk.journal().exists() {
            break;
        }
    }
    assert!(kills > 0, "every import was over before it could be killed");
    if desk.journal().exists() {
        let ran = desk.import(&[]);
        assert_whole(&ran);
        assert!(ran.err.contains("going on behind line"), "{ran:?}");
    }
    assert!(!desk.journal().exists());
    drop(server);
    desk.assert_once();
}

#[test]
fn an_import_outlives_servers_that_are_killed_under_it() {
    let desk = Desk::new("f.ndjson", &ndjson(0));
    let mut server = desk.start();
    let mut import = desk.spawn(&["--retry-for", "120", "--quiet"]);
    for parts in [2, 7, 12] {
        if !desk.noted(parts, &mut import) {
            break;
        }
        server.started.kill();
        server = desk.start();
    }
    let mut out = String::new();
    import
        .stdout
        .take()
        .unwrap()
        .read_to_string(&mut out)
        .unwrap();
    let mut err = String::new();
    import
        .stderr
        .take()
        .unwrap()
        .read_to_string(&mut err)
        .unwrap();
    let code = import.wait().unwrap().code();
    assert_whole(&Ran { code, out, err });
    drop(server);
    desk.assert_once();
}

#[test]
fn a_server_that_lost_what_it_acknowledged_gets_the_whole_file() {
    let desk = Desk::new("f.ndjson", &ndjson(0));
    let server = desk.start();
    let mut import = desk.spawn(&[]);
    assert!(desk.noted(5, &mut import), "too quick to be killed");
    import.kill().unwrap();
    import.wait().unwrap();
    server.started.kill();
    // As after a restore from before the import; it has rows of its own meanwhile.
    fs::remove_dir_all(desk.house.path("data")).unwrap();
    let server = desk.start();
    for n in 0..40 {
        let record = crate::words::account(&format!("O-{n}"), "+18185550100");
        let facts = crate::words::facts(&desk.token, &serde_json::json!([record]));
        assert_eq!(server.ask(&facts).status, 200);
    }
    let ran = desk.import(&[]);
    assert_whole(&ran);
    assert!(ran.err.contains("not there any more"), "{ran:?}");
    drop(server);
    let changed = desk.changed();
    assert_eq!(changed.len(), 1_485 + 40);
}

#[test]
fn a_file_that_changed_begins_anew_and_one_that_grew_goes_on() {
    let desk = Desk::new("f.ndjson", &ndjson(0));
    let server = desk.start();
    let mut import = desk.spawn(&[]);
    assert!(desk.noted(3, &mut import), "too quick to be killed");
    import.kill().unwrap();
    import.wait().unwrap();
    let left = fs::read(desk.journal()).unwrap();
    let mut text = ndjson(0);
    text.push_str("{\"account_id\":\"I-new\",\"state\":\"CA\"}\n");
    fs::write(&desk.file, &text).unwrap();
    let ran = desk.import(&[]);
    assert!(ran.err.contains("going on behind line"), "{ran:?}");
    assert_eq!(told(&ran).0, 1_486);
    // The same journal, but what was read is not there any more.
    fs::write(desk.journal(), &left).unwrap();
    fs::write(&desk.file, text.replacen("I-0\"", "I-0b\"", 1)).unwrap();
    let ran = desk.import(&[]);
    assert!(ran.err.contains("has changed"), "{ran:?}");
    assert!(ran.out.starts_with("applied 1, unchanged 1485"), "{ran:?}");
    // And where it could go on, it need not.
    fs::write(desk.journal(), &left).unwrap();
    fs::write(&desk.file, &text).unwrap();
    let ran = desk.import(&["--no-resume"]);
    assert!(!ran.err.contains("going on"), "{ran:?}");
    assert!(ran.out.starts_with("applied 0, unchanged 1486"), "{ran:?}");
    drop(server);
}

#[test]
fn a_file_into_stopped_data_goes_on_too() {
    let desk = Desk::new("f.csv", "");
    let mut csv = "account_id,state,phone_1\n".to_owned();
    for n in 0..ACCOUNTS {
        let state = if n % 100 == 49 { "XX" } else { "CA" };
        writeln!(csv, "I-{n},{state},+1818{:07}", 2_000_000 + n).unwrap();
    }
    fs::write(&desk.file, &csv).unwrap();
    let file = desk.file.display().to_string();
    let (data, config) = (desk.house.arg("data"), desk.house.arg("dialgate.toml"));
    let args = [
        "import",
        &file,
        "--tenant",
        "open",
        "--data-dir",
        &data,
        "--config",
        &config,
        "--part-bytes",
        "512",
    ];
    let mut command = desk.house.command(PROGRAM);
    let mut import = command
        .args(args)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    assert!(desk.noted(6, &mut import), "too quick to be killed");
    import.kill().unwrap();
    import.wait().unwrap();
    let ran = desk.house.run(&args);
    assert!(ran.err.contains("going on behind line"), "{ran:?}");
    assert_eq!(ran.code, Some(1));
    let (sum, lines) = told(&ran);
    assert_eq!(sum, 1_485);
    assert_eq!(lines.lines().next(), Some("line 51: state: UNKNOWN_WORD"));
    assert_eq!(lines.lines().last(), Some("line 1451: state: UNKNOWN_WORD"));
    assert_eq!(desk.changed().len(), 1_485);
    assert_eq!(desk.house.ledger("verify").code, Some(0));
}

#[test]
fn a_head_the_chain_does_not_hold_takes_nothing_in() {
    let desk = Desk::new("f.ndjson", "");
    let server = desk.start();
    let record = |id: &str| serde_json::json!([crate::words::account(id, "+18185550100")]);
    let first = server.ask(&crate::words::facts(&desk.token, &record("H-1")));
    let head = first.header("dialgate-head").unwrap().to_owned();
    let second = server.ask(&crate::words::facts(&desk.token, &record("H-2")));
    assert_ne!(second.header("dialgate-head"), Some(&*head));
    let behind = |head: &str, id: &str| {
        let request = crate::words::facts(&desk.token, &record(id)).with("dialgate-if-head", head);
        server.ask(&request)
    };
    assert_eq!(
        behind(&head, "H-3").status,
        200,
        "an older row of the chain"
    );
    let newest = second.header("dialgate-head").unwrap();
    let (seq, hash) = newest.split_once(':').unwrap();
    let seq: u64 = seq.parse().unwrap();
    let other = hash.replace(|digit: char| digit.is_ascii_digit(), "e");
    for wrong in [
        format!("{seq}:{other}"),
        format!("{}:{hash}", seq - 1),
        format!("{}:{hash}", seq + 100),
    ] {
        let answer = behind(&wrong, "H-4");
        assert_eq!(
            (answer.status, &answer.json()["code"]),
            (412, &"HEAD_UNKNOWN".into())
        );
    }
    let answer = behind("17", "H-4");
    assert_eq!(
        (answer.status, &answer.json()["code"]),
        (422, &"INVALID_HEADER".into())
    );
    drop(server);
    assert_eq!(desk.changed().len(), 3);
}

#[test]
fn pages_of_the_longest_records_fit_their_rows() {
    let attempts = |phone: &str| -> Value {
        let one = |n: usize| {
            serde_json::json!({
                "at": format!("2026-04-{:02}T{:02}:{:02}:00Z", 1 + n % 28, 16 + n / 28, n % 60),
                "channel": "phone", "action_type": "call", "phone": phone, "outcome": "no_answer",
            })
        };
        (0..130).map(one).collect()
    };
    let mut text = String::new();
    for n in 0..70 {
        let phone = format!("+1818{:07}", 2_000_000 + n);
        let mut record = crate::words::account(&format!("L-{n}"), &phone);
        record["attempts"] = attempts(&phone);
        let line = record.to_string();
        assert!((14_000..16_384).contains(&line.len()), "{}", line.len());
        writeln!(text, "{line}").unwrap();
    }
    let desk = Desk::of(House::with(&[]), "f.ndjson", &text);
    let server = desk.start();
    let ran = desk.import(&["--part-bytes", "8388608"]);
    assert_eq!(ran.out, "applied 70, unchanged 0, rejected 0\n", "{ran:?}");
    drop(server);
    assert_eq!(desk.changed().len(), 70);
}
