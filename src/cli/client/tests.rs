//! The client against a server of one answer, over loopback.

use super::*;

fn server(url: &str, token: &str) -> Result<Server, Failure> {
    Server::new(url, token, None)
}

#[test]
fn a_server_is_an_http_or_https_origin() {
    for good in [
        "http://127.0.0.1:9033",
        "http://gate.example/",
        "http://[::1]:80",
    ] {
        assert!(server(good, "t").is_ok(), "{good}");
    }
    for bad in [
        "",
        "127.0.0.1:9033",
        "ftp://gate.example",
        "http://gate.example/x",
        "https://gate.example/x",
    ] {
        assert_eq!(server(bad, "t").unwrap_err().exit, Exit::Usage, "{bad}");
    }
}

/// Answers one request with `answer` and gives back what was sent.
fn serve_once(answer: &'static str) -> (String, std::thread::JoinHandle<String>) {
    use std::io::{BufRead as _, BufReader, Read as _, Write as _};
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let served = std::thread::spawn(move || {
        let mut stream = listener.accept().unwrap().0;
        let mut reader = BufReader::new(stream.try_clone().unwrap());
        let (mut sent, mut length) = (String::new(), 0);
        while !sent.ends_with("\r\n\r\n") {
            let from = sent.len();
            reader.read_line(&mut sent).unwrap();
            let line = sent.get(from..).unwrap();
            length = line
                .strip_prefix("content-length: ")
                .map_or(length, |n| n.trim().parse().unwrap());
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body).unwrap();
        stream.write_all(answer.as_bytes()).unwrap();
        sent + &String::from_utf8(body).unwrap()
    });
    (url, served)
}

#[test]
fn a_post_carries_credential_type_and_whole_body() {
    let (url, request) = serve_once("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}");
    let server = server(&url, " token\n").unwrap();
    let body = Upload::text("x".repeat(200_000));
    let answer = block_on(server.post("/api/queue/ingest", Content::Csv, body)).unwrap();
    assert_eq!(
        answer,
        Answer {
            status: 200,
            body: Bytes::from_static(b"{}")
        }
    );
    let sent = request.join().unwrap();
    assert!(
        sent.starts_with("POST /api/queue/ingest HTTP/1.1\r\n"),
        "{sent:.200}"
    );
    assert!(sent.contains("\r\nauthorization: Bearer token\r\n"));
    assert!(sent.contains("\r\ncontent-type: text/csv\r\n"));
    assert!(sent.ends_with(&format!("\r\n\r\n{}", "x".repeat(200_000))));
}

#[test]
fn a_server_that_is_not_there_is_unreachable() {
    let free = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let server = server(&format!("http://{free}"), "t").unwrap();
    let told = block_on(server.post("/x", Content::Json, Upload::text("{}".into())));
    assert_eq!(told.unwrap_err().exit, Exit::Unreachable);
}

#[test]
fn a_status_has_its_exit_code() {
    let exit = |status| {
        Answer {
            status,
            body: Bytes::new(),
        }
        .failure()
        .exit
    };
    assert_eq!(exit(401), Exit::NoPermission);
    assert_eq!(exit(403), Exit::NoPermission);
    assert_eq!(exit(422), Exit::BadInput);
    assert_eq!(exit(503), Exit::TemporaryFailure);
    let body = Bytes::from_static(b"{\"title\":\"T\",\"detail\":\"column x\"}");
    let told = Answer { status: 422, body }.failure().message;
    assert_eq!(told, "the server answered 422 column x");
}

#[test]
fn trust_comes_from_the_file_alone_or_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("ca.pem");
    let told = |text: &str| {
        std::fs::write(&path, text).unwrap();
        let refused = Server::new("https://gate.example", "t", Some(&path));
        refused
            .map(|_| ())
            .map_err(|failure| (failure.exit, failure.message))
    };
    let place = format!("--ca-file {}: ", path.display());
    let refused = |what: &str| Err((Exit::InputOutput, format!("{place}{what}")));
    assert_eq!(
        told("no certificate"),
        refused("holds no CERTIFICATE section")
    );
    let section =
        |text: &str| format!("-----BEGIN CERTIFICATE-----\n{text}\n-----END CERTIFICATE-----\n");
    assert_eq!(told(&section("***")), refused("holds a broken PEM section"));
    assert_eq!(
        told(&section("AAAA")),
        refused("holds a certificate that cannot be read")
    );
    let made = rcgen::generate_simple_self_signed(["gate.test".to_owned()]).unwrap();
    assert_eq!(told(&made.cert.pem()), Ok(()));
    std::fs::remove_file(&path).unwrap();
    let absent = Server::new("https://gate.example", "t", Some(&path));
    assert_eq!(
        absent.unwrap_err().message,
        format!("{place}cannot be read")
    );
}
