//! What is forwarded to a system of record that writes down what it gets, byte for byte.

use std::fs;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use serde_json::json;

use crate::house::{ALL, House, MAY, Server};
use crate::http::{Client, Reply, Request};
use crate::sor_kit::whole;

/// A system of record by script: it keeps what it reads and answers what it is told.
pub(crate) struct System {
    pub(crate) address: SocketAddr,
    requests: Arc<Mutex<Vec<Vec<u8>>>>,
}

impl System {
    /// Answers every request, of whatever path, with these bytes. One connection after another is
    /// served by a thread of its own, until the test ends.
    pub(crate) fn answering(answer: &'static [u8]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let requests = Arc::<Mutex<Vec<Vec<u8>>>>::default();
        let kept = Arc::clone(&requests);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let (Ok(stream), kept) = (stream, Arc::clone(&kept)) else {
                    return;
                };
                std::thread::spawn(move || serve(stream, &kept, answer));
            }
        });
        Self { address, requests }
    }

    /// What it was asked so far, each request from its first byte to its last.
    pub(crate) fn asked(&self) -> Vec<String> {
        let all = self.requests.lock().unwrap();
        all.iter()
            .map(|one| String::from_utf8_lossy(one).into_owned())
            .collect()
    }
}

/// Reads requests and answers each; ends with the connection.
fn serve(mut stream: TcpStream, kept: &Mutex<Vec<Vec<u8>>>, answer: &[u8]) {
    let mut read: Vec<u8> = Vec::new();
    loop {
        let Some(end) = whole(&read) else {
            let mut piece = [0_u8; 16 * 1024];
            match stream.read(&mut piece) {
                Ok(0) | Err(_) => return,
                Ok(count) => read.extend_from_slice(&piece[..count]),
            }
            continue;
        };
        kept.lock().unwrap().push(read.drain(..end).collect());
        if stream.write_all(answer).is_err() {
            return;
        }
    }
}

/// A gateway before such a system, the tenant `open` bound to it.
pub(crate) struct Before {
    pub(crate) house: House,
    pub(crate) server: Server,
    pub(crate) token: String,
}

impl Before {
    pub(crate) fn bound(sor: &str, environment: &[(&str, &str)]) -> Self {
        // What arrives is counted: the gateway reads nothing of its own accord.
        let quiet = [("DIALGATE_SOR__HYDRATE_PER_SECOND", "0")];
        let environment: Vec<(&str, &str)> = quiet.iter().chain(environment).copied().collect();
        let house = House::with(&environment);
        let tenant = format!("{}{sor}", crate::house::OPEN);
        fs::write(house.path("tenants/open.toml"), tenant).unwrap();
        let server = house.start(Some(MAY));
        let token = house.token("open", ALL);
        Self {
            house,
            server,
            token,
        }
    }

    pub(crate) fn whl(system: &System) -> Self {
        let sor = format!(
            "[sor]\nsystem = \"whl\"\naddresses = [\"http://{}\"]\npublic_host = \"gw.example\"\n",
            system.address
        );
        Self::bound(&sor, &[])
    }

    pub(crate) fn get(&self, path: &str) -> Reply {
        self.server
            .ask(&Request::new("GET", path).token(&self.token))
    }

    /// Sends bytes and reads one answer, on a connection of its own.
    pub(crate) fn raw(&self, bytes: &[u8]) -> std::io::Result<Reply> {
        let mut client = Client::connect(self.server.address)?;
        client.stream.write_all(bytes)?;
        client.reply()
    }
}

pub(crate) const HELLO: &[u8] =
    b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nx-sor: 1\r\n\
    connection: keep-alive\r\nkeep-alive: timeout=5\r\ncontent-length: 11\r\n\r\n{\"a\":\"b c\"}";

/// SOR-2.
#[test]
fn a_read_reaches_the_system_byte_for_byte_and_its_answer_comes_back() {
    let system = System::answering(HELLO);
    let before = Before::whl(&system);
    let path = "/api/disputes/D%2f1%20x?b=2&a=%C3%A9&&q=a+b%2B";
    let reply = before.get(path);
    assert_eq!(reply.status, 200, "{reply:?}");
    assert_eq!(reply.json(), json!({ "a": "b c" }));
    assert_eq!(reply.header("x-sor"), Some("1"));
    assert!(reply.header("x-request-id").is_some());
    assert_eq!(reply.header("keep-alive"), None);
    let asked = system.asked();
    assert_eq!(asked.len(), 1);
    let lines: Vec<&str> = asked[0].split("\r\n").collect();
    assert_eq!(lines[0], format!("GET {path} HTTP/1.1"));
    for expected in [
        format!("host: {}", system.address),
        "via: 1.1 dialgate".to_owned(),
        "x-forwarded-for: 127.0.0.1".to_owned(),
        "x-forwarded-proto: http".to_owned(),
        format!("authorization: Bearer {}", before.token),
    ] {
        assert!(lines.contains(&expected.as_str()), "{expected}: {lines:?}");
    }
}

/// SOR-1: what no catalogue has is asked of nobody.
#[test]
fn what_is_in_no_catalogue_or_carries_no_token_reaches_nobody() {
    let system = System::answering(HELLO);
    let before = Before::whl(&system);
    for (path, status, code) in [
        ("/api/disputes/", 404, "UNKNOWN_ROUTE"),
        ("/api/nothing", 404, "UNKNOWN_ROUTE"),
        ("/api/disputes/../login", 404, "UNKNOWN_ROUTE"),
        ("/api/disputes/%2e%2e/stats", 404, "UNKNOWN_ROUTE"),
        ("/scollect/getaccount/R1000", 404, "NO_SYSTEM_OF_RECORD"),
    ] {
        let reply = before.get(path);
        assert_eq!(reply.status, status, "{path}");
        assert_eq!(reply.json()["code"], code, "{path}");
    }
    let bare = before.server.ask(&Request::new("GET", "/api/disputes"));
    assert_eq!(bare.status, 401);
    let guarded = before.house.token("guarded", ALL);
    let other = before
        .server
        .ask(&Request::new("GET", "/api/disputes").token(&guarded));
    assert_eq!(other.json()["code"], "NO_SYSTEM_OF_RECORD");
    assert_eq!(system.asked(), Vec::<String>::new());
}

/// What stands between the request line and the credential, and what stands after the head: each is a
/// way to have two readers see two requests where one was checked.
const AMBIGUOUS: [(&str, &str, &str); 10] = [
    (
        "two lengths",
        "host: a\r\ncontent-length: 0\r\ncontent-length: 5\r\n",
        "GET /",
    ),
    (
        "an unknown coding",
        "host: a\r\ntransfer-encoding: xchunked\r\n",
        "0\r\n\r\n",
    ),
    (
        "coded twice",
        "host: a\r\ntransfer-encoding: gzip, chunked\r\n",
        "0\r\n\r\n",
    ),
    ("a signed length", "host: a\r\ncontent-length: +1\r\n", "x"),
    (
        "two hosts",
        "host: a\r\nhost: b\r\ncontent-length: 1\r\n",
        "x",
    ),
    ("no host", "content-length: 1\r\n", "x"),
    (
        "a folded line",
        "host: a\r\nx-a: b\r\n content-length: 1\r\n",
        "",
    ),
    (
        "a space before the colon",
        "host: a\r\ncontent-length : 1\r\n",
        "x",
    ),
    (
        "a bare line end in a value",
        "host: a\r\nx-a: b\rx-evil: c\r\n",
        "",
    ),
    ("a nought in a value", "host: a\r\nx-a: b\0c\r\n", ""),
];

/// FORWARD-1: said in two ways, refused.
#[test]
fn what_could_be_read_as_two_requests_reaches_nobody() {
    let system = System::answering(HELLO);
    let before = Before::whl(&system);
    let auth = format!("authorization: Bearer {}\r\n\r\n", before.token);
    for (name, lines, body) in AMBIGUOUS {
        let bytes = format!("POST /api/disputes HTTP/1.1\r\n{lines}{auth}{body}");
        // A connection that is just closed is as good.
        if let Ok(reply) = before.raw(bytes.as_bytes()) {
            assert_eq!(reply.status, 400, "{name}: {reply:?}");
            assert_eq!(reply.header("connection"), Some("close"), "{name}");
        }
        assert_eq!(system.asked(), Vec::<String>::new(), "{name}");
    }
}

/// A system that takes `_method` for the method would be asked for another route than was looked up.
/// FORWARD-4: in a query, a form or an object.
#[test]
fn what_names_another_method_reaches_nobody_whole() {
    let system = System::answering(HELLO);
    let before = Before::whl(&system);
    let post = |path: &str, kind: Option<&str>, body: &str| {
        let request = Request::new("POST", path).token(&before.token);
        let request = match kind {
            Some(kind) => request.typed(kind, body),
            None => request,
        };
        before.server.ask(&request)
    };
    let form = "application/x-www-form-urlencoded";
    let parts =
        "--X\r\nContent-Disposition: form-data; name=\"_method\"\r\n\r\nDELETE\r\n--X--\r\n";
    for (path, kind, body) in [
        ("/api/webhooks?_method=DELETE", None, ""),
        ("/api/webhooks?a=b&%5fMethod=PUT", None, ""),
        ("/api/webhooks", Some(form), "a=b&_method=DELETE"),
        ("/api/webhooks", Some(""), "_method=DELETE"),
        (
            "/api/webhooks",
            Some("application/json"),
            "{\"_method\":\"DELETE\"}",
        ),
        (
            "/api/webhooks",
            Some("multipart/form-data; boundary=X"),
            parts,
        ),
        // One that is tapped, and one that is guarded.
        (
            "/api/disputes",
            Some("application/json"),
            "{\"_method\":\"DELETE\"}",
        ),
        (
            "/api/email/send",
            Some(form),
            "to=c@example.com&_method=PUT",
        ),
    ] {
        let reply = post(path, kind, body);
        assert_eq!(
            (reply.status, &reply.json()["code"]),
            (400, &json!("METHOD_OVERRIDE")),
            "{path} {kind:?} {body}"
        );
        assert_eq!(system.asked(), Vec::<String>::new(), "{path} {kind:?}");
    }
    let encoded = Request::new("POST", "/api/webhooks").token(&before.token);
    let encoded = encoded.with("content-encoding", "gzip").typed(form, "x");
    assert_eq!(before.server.ask(&encoded).status, 415);
    let get = before.get("/api/webhooks?_method=DELETE");
    assert_eq!(get.status, 400);
    assert_eq!(system.asked(), Vec::<String>::new());
    // The same words elsewhere are nobody's method.
    for (path, kind, body) in [
        ("/api/webhooks?payment_method=card", None, ""),
        ("/api/webhooks", Some(form), "payment_method=_method"),
        (
            "/api/webhooks",
            Some("application/json"),
            "{\"a\":{\"_method\":1}}",
        ),
        ("/api/webhooks", Some("text/plain"), "_method=DELETE"),
    ] {
        assert_eq!(post(path, kind, body).status, 200, "{path} {kind:?}");
    }
    assert_eq!(system.asked().len(), 4);
}

/// The coding counts (RFC 9112, 6.3), what follows is no request, and the system sees one framing.
/// FORWARD-1: framing is written anew.
#[test]
fn a_length_beside_a_coding_is_one_request_and_the_connections_last() {
    let system = System::answering(HELLO);
    let before = Before::whl(&system);
    let bytes = format!(
        "POST /api/webhooks HTTP/1.1\r\nhost: a\r\nauthorization: Bearer {}\r\ncontent-length: 4\r\n\
         transfer-encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\nGET /api/disputes HTTP/1.1\r\nhost: a\r\n\r\n",
        before.token
    );
    let reply = before.raw(bytes.as_bytes()).unwrap();
    assert_eq!(reply.status, 200);
    assert_eq!(reply.header("connection"), Some("close"));
    let asked = system.asked();
    assert_eq!(asked.len(), 1, "{asked:?}");
    assert!(!asked[0].contains("content-length"), "{asked:?}");
    assert!(
        asked[0].ends_with("\r\n\r\n2\r\nhi\r\n0\r\n\r\n"),
        "{asked:?}"
    );
}

/// TRANSPORT-3: with every line of the log switched on, none holds what a client sent or where it is.
#[test]
fn the_log_says_nothing_of_what_clients_send() {
    let system = System::answering(HELLO);
    let sor = format!(
        "[sor]\nsystem = \"whl\"\naddresses = [\"http://{}\"]\n",
        system.address
    );
    let before = Before::bound(&sor, &[("DIALGATE_LOG__LEVEL", "warn,dialgate=trace")]);
    let good = format!("authorization: Bearer {}", before.token);
    let (bad, none) = ("authorization: Bearer marker.token", "x-a: b");
    let mut addresses = Vec::new();
    for (line, credential) in [
        ("POST /api/gate/contact-intent?marker-query", &*good),
        ("POST /api/gate/contact-intents?marker-query", bad),
        ("POST /api/gate/stream?marker-query", none),
        ("POST /api/dialer/webhook/convoso?key=marker-query", none),
        ("POST /api/queue/account/marker-path/disposition", &good),
        ("POST /api/webhooks?marker-query", &good),
        ("POST /api/disputes?marker-query", &good),
        ("POST /api/disputes/marker-path", &good),
        ("POST /api/webhooks?_method=marker", &good),
        ("POST /marker-path", bad),
        ("MARKER /marker-path", none),
    ] {
        let body = "{\"account_id\":\"marker-body\",\"phone\":\"marker";
        let request = format!(
            "{line} HTTP/1.1\r\nhost: marker-host\r\nx-request-id: marker-header\r\n\
             content-type: application/json\r\ncookie: marker-header\r\nconnection: close\r\n\
             {credential}\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        );
        let mut client = before.server.client();
        addresses.push(client.stream.local_addr().unwrap().to_string());
        client.stream.write_all(request.as_bytes()).unwrap();
        assert!(client.reply().unwrap().status >= 200, "{line}");
    }
    let mut client = before.server.client();
    addresses.push(client.stream.local_addr().unwrap().to_string());
    client
        .stream
        .write_all(b"marker\x00garbage\r\n\r\n")
        .unwrap();
    // Refused, or just closed.
    drop(client.reply());
    let (_, log) = before.server.terminated();
    let log = log.join("\n").to_lowercase();
    assert!(log.contains("\"ready\""), "{log}");
    assert!(!log.contains("marker"), "{log}");
    assert!(addresses.iter().all(|one| !log.contains(one)), "{log}");
}
