//! `dialgate::client` against the program: permits, blocks, answers that get lost, servers that die
//! or hang.
//!
//! The server goes by the machine's clock here, as the client does: intents are letters, which know
//! no hours.

use std::collections::BTreeSet;
use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use dialgate::client::{
    Client, Disposition, Intent, Outcome, Permit, Protocol, Reason, ReportError, Settings,
    TokenSource, Verdict,
};
use dialgate::domain::verdict::Gate;
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::house::{ALL, House, Server};
use crate::words::facts;

/// Accounts on file.
const ACCOUNTS: usize = 40;
/// Far longer than anything here takes.
pub(crate) const PATIENCE: Duration = Duration::from_mins(1);

/// A server by the machine's clock, on a port that a second start finds free again.
pub(crate) struct Gateway {
    pub(crate) house: House,
    pub(crate) server: Server,
    pub(crate) token: String,
}

pub(crate) fn account(n: usize) -> String {
    format!("L-{n}")
}

pub(crate) fn free_port() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap()
}

impl Gateway {
    pub(crate) fn open(environment: &[(&str, &str)]) -> Self {
        let at = free_port().to_string();
        let mut all = vec![("DIALGATE_SERVER__LISTEN", &*at)];
        all.extend(environment);
        let house = House::with(&all);
        Self::of(house)
    }

    pub(crate) fn of(house: House) -> Self {
        let server = house.start(None);
        let token = house.token("open", ALL);
        Self {
            house,
            server,
            token,
        }
    }

    /// Brings the accounts; over cleartext.
    pub(crate) fn filled(self) -> Self {
        let heard = self.server.ask(&facts(&self.token, &portfolio()));
        assert_eq!(heard.json()["applied"], ACCOUNTS, "{:?}", heard.json());
        self
    }

    fn settings(&self) -> Settings {
        let url = format!("http://{}", self.server.address);
        Settings::new(&url, TokenSource::fixed(&self.token)).deadline(PATIENCE)
    }

    pub(crate) fn decisions(&self) -> usize {
        let rows = self.house.rows();
        rows.iter().filter(|row| row["body"]["k"] == "d").count()
    }
}

pub(crate) fn portfolio() -> Value {
    let record = |n| {
        json!({ "account_id": account(n), "state": "GA", "zip": "30303",
                "address": "on_file" })
    };
    (0..ACCOUNTS).map(record).collect()
}

pub(crate) fn letter(n: usize) -> Intent {
    Intent::letter(&account(n), "mailer")
}

pub(crate) fn run<T>(work: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(work)
}

pub(crate) fn granted(verdict: Verdict) -> Permit {
    match verdict {
        Verdict::Permit(permit) => permit,
        Verdict::Block(block) => panic!("{block:?}"),
    }
}

pub(crate) fn reason(verdict: &Verdict) -> Reason {
    verdict.block().unwrap().reason().clone()
}

/// One permit used and reported, one contact refused, many at once: whatever the line.
pub(crate) fn works(client: &Client) {
    run(async {
        let permit = granted(client.ask(&letter(0)).await);
        let audit_id = permit.audit_id();
        let spent = permit.spend(client.now()).unwrap();
        let said = spent.became(Outcome::Sent);
        let reported = client.report(&said).await.unwrap();
        assert_eq!((reported.audit_id, reported.kept), (Some(audit_id), false));
        assert!(reported.row_id.unwrap() > audit_id);
        let again = client.report(&said).await.unwrap();
        assert_eq!(again.row_id, None, "reported once");

        let blocked = client.ask(&Intent::letter("nobody", "mailer")).await;
        let Reason::Gates(gates) = reason(&blocked) else {
            panic!("{blocked:?}");
        };
        assert!(gates.has(Gate::Account), "{gates}");
        assert!(blocked.block().unwrap().audit_id().is_some());

        let mut many: Vec<Intent> = (1..8).map(letter).collect();
        many.insert(3, Intent::letter("nobody", "mailer"));
        many.push(Intent::letter("", "mailer"));
        let verdicts = client.ask_all(&many).await;
        assert_eq!(reason(&verdicts[3]), reason(&blocked));
        assert_eq!(reason(&verdicts[8]), Reason::Unusable("account_id"));
        let mut ids = BTreeSet::new();
        for (n, verdict) in verdicts.into_iter().enumerate() {
            if let Verdict::Permit(permit) = verdict {
                ids.insert(permit.audit_id());
                assert_eq!(permit.give_back("test").account_id, many[n].account_id);
            }
        }
        assert_eq!(ids.len(), 7);

        let named = Intent {
            request_id: Some("one-name".to_owned()),
            ..letter(9)
        };
        let first = granted(client.ask(&named).await).audit_id();
        assert_eq!(granted(client.ask(&named).await).audit_id(), first);

        let unknown = Disposition::of_decision(&account(0), 999_999, Outcome::Sent);
        let refused = client.report(&unknown).await.unwrap_err();
        assert!(
            matches!(&refused, ReportError::Refused { status: 404, code } if code.as_str() == "UNKNOWN_DECISION"),
            "{refused}"
        );
    });
}

#[test]
fn over_http_1_and_2_in_cleartext() {
    for protocol in [Protocol::Http1, Protocol::Http2] {
        let gate = Gateway::open(&[]).filled();
        works(&Client::new(gate.settings().protocol(protocol)).unwrap());
        assert_eq!(gate.decisions(), 1 + 1 + 8 + 1);
    }
}

/// A server under TLS with the accounts on file, and its port.
fn under_tls() -> (Gateway, u16) {
    let at = free_port();
    let (house, _) = House::with_tls(&[("DIALGATE_SERVER__LISTEN", &at.to_string())]);
    fs::write(house.path("portfolio.json"), lines(&portfolio())).unwrap();
    house.import("portfolio.json", "open");
    let gate = Gateway::of(house);
    fs::write(gate.house.path("token"), &gate.token).unwrap();
    (gate, at.port())
}

/// Asks it over frames.
fn framed(gate: &Gateway, port: u16) -> Settings {
    let url = format!("quic://127.0.0.1:{port}");
    Settings::new(&url, TokenSource::file(gate.house.path("token")))
        .ca_file(gate.house.path("cert.pem"))
        .connections(2)
        .deadline(PATIENCE)
}

#[test]
fn over_frames() {
    let (gate, port) = under_tls();
    works(&Client::new(framed(&gate, port)).unwrap());
    assert_eq!(gate.decisions(), 1 + 1 + 8 + 1);
}

#[test]
fn over_frames_a_server_killed_in_mid_flight_answers_all_and_reserves_once() {
    let (gate, port) = under_tls();
    let settings = framed(&gate, port).window(2).tries(8).retry_percent(300);
    survives(gate, &Client::new(settings).unwrap());
}

#[test]
fn over_frames_a_refused_token_is_exchanged_once() {
    let (gate, port) = under_tls();
    let url = format!("quic://127.0.0.1:{port}");
    let settings = |source| {
        Settings::new(&url, source)
            .ca_file(gate.house.path("cert.pem"))
            .connections(1)
            .deadline(PATIENCE)
    };
    let (given, good) = (AtomicUsize::new(0), gate.token.clone());
    let source = TokenSource::given_by(move || {
        let first = given.fetch_add(1, Ordering::Relaxed) == 0;
        Ok(if first {
            "x.y.z".to_owned()
        } else {
            good.clone()
        })
    });
    let client = Client::new(settings(source)).unwrap();
    assert!(granted(run(client.ask(&letter(0)))).audit_id() > 0);
    let stranger = Client::new(settings(TokenSource::fixed("x.y.z"))).unwrap();
    let told = reason(&run(stranger.ask(&letter(1))));
    assert!(
        matches!(told, Reason::Refused { status: 401, .. }),
        "{told}"
    );
}

#[test]
fn over_tls_believing_one_file() {
    let (gate, port) = under_tls();
    let url = format!("https://localhost:{port}");
    let settings = |ca: &str| {
        Settings::new(&url, TokenSource::file(gate.house.path("token")))
            .ca_file(gate.house.path(ca))
            .deadline(PATIENCE)
    };
    works(&Client::new(settings("cert.pem")).unwrap());
    let one = settings("cert.pem").protocol(Protocol::Http1);
    let verdict = run(async { Client::new(one).unwrap().ask(&letter(20)).await });
    assert!(verdict.permit().is_some());

    let other = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    fs::write(gate.house.path("other.pem"), other.cert.pem()).unwrap();
    let fooled = settings("other.pem").deadline(Duration::from_millis(500));
    let verdict = run(async { Client::new(fooled).unwrap().ask(&letter(21)).await });
    assert_eq!(reason(&verdict), Reason::Unreachable);
}

fn lines(records: &Value) -> String {
    let records = records.as_array().unwrap().iter();
    records.fold(String::new(), |all, record| {
        all + &record.to_string() + "\n"
    })
}

#[test]
fn a_token_that_is_refused_is_exchanged_once() {
    let gate = Gateway::open(&[]).filled();
    let url = format!("http://{}", gate.server.address);
    let (given, good) = (Arc::new(AtomicUsize::new(0)), gate.token.clone());
    let count = Arc::clone(&given);
    let source = TokenSource::given_by(move || {
        let first = count.fetch_add(1, Ordering::Relaxed) == 0;
        Ok(if first {
            "x.y.z".to_owned()
        } else {
            good.clone()
        })
    });
    let client = Client::new(Settings::new(&url, source).deadline(PATIENCE)).unwrap();
    let permit = granted(run(client.ask(&letter(0))));
    assert_eq!(
        (permit.audit_id() > 0, given.load(Ordering::Relaxed)),
        (true, 2)
    );
    let stranger = Settings::new(&url, TokenSource::fixed("x.y.z")).deadline(PATIENCE);
    let verdict = run(async { Client::new(stranger).unwrap().ask(&letter(1)).await });
    let told = reason(&verdict).to_string();
    assert_eq!(told, "refused with status 401: TOKEN_MALFORMED");
    assert_eq!(gate.decisions(), 1);
}

/// A way to the server that takes the first `lost` answers away.
pub(crate) fn losing(to: SocketAddr, lost: usize) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let at = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for (n, client) in listener.incoming().map_while(Result::ok).enumerate() {
            let server = TcpStream::connect(to).unwrap();
            let (mut up_from, mut up_to) =
                (client.try_clone().unwrap(), server.try_clone().unwrap());
            std::thread::spawn(move || drop(std::io::copy(&mut up_from, &mut up_to)));
            let (mut server, mut client) = (server, client);
            std::thread::spawn(move || {
                if n < lost {
                    // It was decided and is on disk once something comes back.
                    let mut piece = [0; 4096];
                    drop(server.read(&mut piece));
                    drop(client.shutdown(std::net::Shutdown::Both));
                } else {
                    drop(std::io::copy(&mut server, &mut client));
                }
            });
        }
    });
    at
}

/// CLIENT-5: a repeat of the call is the same question.
#[test]
fn a_lost_answer_is_heard_again_and_reserves_once() {
    let gate = Gateway::open(&[]).filled();
    for (lost, ask_all) in [(1, false), (3, false), (2, true)] {
        let before = gate.decisions();
        let url = format!("http://{}", losing(gate.server.address, lost));
        let settings = Settings::new(&url, TokenSource::fixed(&gate.token))
            .deadline(PATIENCE)
            .tries(8);
        let client = Client::new(settings).unwrap();
        let n = lost * 10;
        if ask_all {
            let both = [letter(n), letter(n + 1)];
            let verdicts = run(client.ask_all(&both));
            assert!(
                verdicts
                    .into_iter()
                    .all(|verdict| verdict.permit().is_some())
            );
            assert_eq!(gate.decisions(), before + 2);
        } else {
            let permit = granted(run(client.ask(&letter(n))));
            assert!(permit.is_alive(client.now()));
            assert_eq!(gate.decisions(), before + 1, "{lost} answers lost");
        }
    }
}

#[test]
fn a_report_whose_answer_is_lost_counts_once() {
    let gate = Gateway::open(&[]).filled();
    let url = format!("http://{}", losing(gate.server.address, 2));
    let settings = Settings::new(&url, TokenSource::fixed(&gate.token)).deadline(PATIENCE);
    let client = Client::new(settings).unwrap();
    let unasked = Disposition::of_call(&account(1), "+14045550101", Outcome::NoAnswer);
    let reported = run(client.report(&unasked)).unwrap();
    assert_eq!(reported.row_id, None, "it was on disk already");
    let rows = gate.house.rows();
    assert_eq!(rows.iter().filter(|row| row["body"]["k"] == "o").count(), 1);
}

/// All ask while the server is killed and started again; every one hears, nothing is reserved twice.
pub(crate) fn survives(gate: Gateway, client: &Client) {
    let Gateway { house, server, .. } = gate;
    let heard = Arc::new(AtomicUsize::new(0));
    let (told, waits) = std::sync::mpsc::sync_channel(1);
    let killer = {
        let heard = Arc::clone(&heard);
        std::thread::spawn(move || {
            waits.recv_timeout(PATIENCE).unwrap();
            server.started.kill();
            assert!(
                heard.load(Ordering::Relaxed) < ACCOUNTS,
                "killed too late to show anything"
            );
            let server = house.start(None);
            (house, server)
        })
    };
    let mut permits = BTreeSet::new();
    run(async {
        let mut asked = tokio::task::JoinSet::new();
        for n in 0..ACCOUNTS {
            let (client, heard, told) = (client.clone(), Arc::clone(&heard), told.clone());
            asked.spawn(async move {
                let verdict = client.ask(&letter(n)).await;
                if heard.fetch_add(1, Ordering::Relaxed) == 4 {
                    // Nobody else tells.
                    let _full = told.try_send(());
                }
                verdict
            });
        }
        while let Some(verdict) = asked.join_next().await {
            permits.insert(granted(verdict.unwrap()).audit_id());
        }
    });
    let (house, server) = killer.join().unwrap();
    assert_eq!(permits.len(), ACCOUNTS, "each heard of its own row");
    let rows = house.rows();
    let decided: BTreeSet<u64> = rows
        .iter()
        .filter(|row| row["body"]["k"] == "d")
        .map(|row| {
            row["body"]["s"]
                .as_u64()
                .or_else(|| row["seq"].as_u64())
                .unwrap()
        })
        .collect();
    assert_eq!(decided, permits, "no row that nobody heard of");
    assert_eq!(house.ledger("verify").code, Some(0));
    drop(server);
}

#[test]
fn a_server_killed_in_mid_flight_and_started_again_answers_all_and_reserves_once() {
    let gate = Gateway::open(&[]).filled();
    let settings = gate.settings().connections(2).tries(8).retry_percent(300);
    let client = Client::new(settings).unwrap();
    survives(gate, &client);
}

/// A server that does something to everyone who connects.
fn rude(does: impl Fn(TcpStream) + Send + Sync + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        let does = Arc::new(does);
        for stream in listener.incoming().map_while(Result::ok) {
            let does = Arc::clone(&does);
            std::thread::spawn(move || does(stream));
        }
    });
    url
}

/// Takes what comes until the other end goes.
fn listen_on(mut stream: TcpStream) {
    let mut piece = [0; 4096];
    while stream.read(&mut piece).is_ok_and(|count| count > 0) {}
}

/// Answers the first request with these bytes.
fn saying(answer: String) -> String {
    rude(move |mut stream| {
        let mut piece = [0; 4096];
        if stream.read(&mut piece).is_ok() {
            drop(stream.write_all(answer.as_bytes()));
        }
    })
}

#[test]
fn a_server_that_hangs_is_a_block_within_the_deadline() {
    let deadline = Duration::from_millis(300);
    for protocol in [Protocol::Http1, Protocol::Http2] {
        let url = rude(listen_on);
        let settings = Settings::new(&url, TokenSource::fixed("t"))
            .protocol(protocol)
            .deadline(deadline);
        let client = Client::new(settings.connections(1).window(1)).unwrap();
        run(async {
            let began = Instant::now();
            // The second has no place until the first has given up, and no time then.
            let intents = (letter(0), letter(1));
            let (one, other) = tokio::join!(client.ask(&intents.0), client.ask(&intents.1));
            let took = began.elapsed();
            assert_eq!(reason(&one), Reason::Timeout);
            let other = reason(&other);
            assert!(matches!(other, Reason::Busy | Reason::Timeout), "{other}");
            assert!((deadline..deadline * 5).contains(&took), "{took:?}");
            let all = client.ask_all(&[letter(0), letter(1)]).await;
            assert!(all.iter().all(|verdict| reason(verdict) == Reason::Timeout));
            let said = Disposition::of_decision("A", 1, Outcome::Sent);
            let told = client.report(&said).await.unwrap_err();
            assert_eq!(told, ReportError::Unheard(Reason::Timeout));
        });
    }
}

/// CLIENT-3, by whoever sits at the address.
#[test]
fn whatever_else_answers_permits_nothing() {
    let asked = |url: &str| {
        let settings = Settings::new(url, TokenSource::fixed("t"))
            .deadline(Duration::from_secs(5))
            .tries(2);
        let client = Client::new(settings).unwrap();
        reason(&run(client.ask(&letter(0))))
    };
    let free = format!("http://{}", free_port());
    assert_eq!(asked(&free), Reason::Unreachable);
    assert_eq!(asked(&rude(drop)), Reason::Disconnected);
    let ok = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}";
    assert_eq!(asked(&saying(ok.to_owned())).as_str(), "garbled");
    // An ALLOW of which the last byte never comes.
    let allow = format!(
        "{{\"allow\":true,\"decision\":\"ALLOW\",\"blocked_by\":[],\"audit_id\":1,\
         \"account_id\":\"{}\",\"channel\":\"mail\",\"source_system\":\"mailer\",\
         \"expires_at\":\"2999-01-02T00:00:00Z\"}}",
        account(0)
    );
    let head = |length: usize| {
        format!(
            "HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\
             dialgate-use-by: 2999-01-01T00:01:00Z\r\nconnection: close\r\n\r\n"
        )
    };
    let cut = format!("{}{allow}", head(allow.len() + 1));
    assert_eq!(asked(&saying(cut)), Reason::Disconnected);
    let mut whole = format!("{}{allow}", head(allow.len()));
    let settings = Settings::new(&saying(whole.clone()), TokenSource::fixed("t"));
    let verdict = run(async { Client::new(settings).unwrap().ask(&letter(0)).await });
    assert!(verdict.permit().is_some(), "the same whole is one");
    whole = whole.replace("2999-01-01T00:01:00Z", "2020-01-01T00:01:00Z");
    assert_eq!(asked(&saying(whole)), Reason::Late);
    let long = format!("HTTP/1.1 200 OK\r\n\r\n{}", "x".repeat(100_000));
    assert_eq!(asked(&saying(long)).as_str(), "garbled");
}
