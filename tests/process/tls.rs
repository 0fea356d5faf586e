//! TLS as an operator meets it: configured, renewed under a running server, refused when it is wrong.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use serde_json::Value;
use tokio::time::Instant;

use crate::house::{ALL, House, MAY, Server};

/// Longest wait for a server to have looked at its files.
const LOOKED_MAX: Duration = Duration::from_secs(30);

/// Makes a pair for `localhost` and puts it where the house looks; the certificate alone with
/// `parts = 1`.
fn renew(house: &House, parts: usize) -> String {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let (cert, key) = (made.cert.pem(), made.signing_key.serialize_pem());
    for (name, text) in [("cert.pem", &cert), ("key.pem", &key)].iter().take(parts) {
        fs::write(house.path("fresh"), text).unwrap();
        fs::rename(house.path("fresh"), house.path(name)).unwrap();
    }
    cert
}

/// A connection that believes one certificate.
struct Believing(StreamOwned<ClientConnection, TcpStream>);

impl Believing {
    fn connect(server: &Server, cert: &str) -> std::io::Result<Self> {
        let mut roots = RootCertStore::empty();
        roots
            .add(CertificateDer::from_pem_slice(cert.as_bytes()).unwrap())
            .unwrap();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        let name = ServerName::try_from("localhost").unwrap();
        let mut session = ClientConnection::new(Arc::new(config), name).unwrap();
        let mut stream = TcpStream::connect(server.address)?;
        stream.set_read_timeout(Some(LOOKED_MAX))?;
        while session.is_handshaking() {
            session.complete_io(&mut stream)?;
        }
        Ok(Self(StreamOwned::new(session, stream)))
    }

    /// What health says of TLS.
    fn told(&mut self) -> Value {
        let request = b"GET /api/health/deep HTTP/1.1\r\nhost: localhost\r\n\r\n";
        self.0.write_all(request).unwrap();
        let (mut heard, mut piece) = (Vec::new(), [0; 16 * 1024]);
        loop {
            let count = self.0.read(&mut piece).unwrap();
            assert!(count > 0, "closed within an answer");
            heard.extend_from_slice(&piece[..count]);
            let text = String::from_utf8_lossy(&heard);
            if let Some((_, body)) = text.split_once("\r\n\r\n")
                && let Ok(body) = serde_json::from_str::<Value>(body)
            {
                return body["tls"].clone();
            }
        }
    }
}

/// Asks until it is so; the wait is the server's, to have looked.
fn until<T>(mut asked: impl FnMut() -> Option<T>) -> T {
    let end = Instant::now() + LOOKED_MAX;
    loop {
        if let Some(found) = asked() {
            return found;
        }
        assert!(Instant::now() < end, "the server has not looked");
        std::thread::yield_now();
    }
}

#[test]
fn a_certificate_is_renewed_on_a_hangup_and_no_connection_is_lost() {
    let (house, old) = House::with_tls(&[("DIALGATE_TLS__RELOAD_INTERVAL_S", "0")]);
    let old = old.cert.pem();
    let server = house.start(Some(MAY));
    let mut open = Believing::connect(&server, &old).unwrap();
    let told = open.told();
    assert_eq!(
        (&told["state"], &told["refused"]),
        (&"on".into(), &Value::Null)
    );
    assert_eq!(told["certificate"], "current");
    assert_eq!(told["not_after"], "4096-01-01T00:00:00Z");

    // The certificate without its key: the old pair stays.
    renew(&house, 1);
    server.signal("HUP");
    let told = until(|| Some(open.told()).filter(|told| told["state"] == "refused"));
    assert_eq!(
        told["refused"]["why"],
        "tls.key_file: is not the key of the certificate in tls.cert_file"
    );
    assert_eq!(
        Believing::connect(&server, &old).unwrap().told()["state"],
        "refused"
    );

    let new = renew(&house, 2);
    server.signal("HUP");
    until(|| Believing::connect(&server, &new).ok());
    assert!(Believing::connect(&server, &old).is_err());
    // What is told of it follows the certificate.
    until(|| Some(open.told()).filter(|told| told["state"] == "on"));

    let (status, lines) = server.terminated();
    assert_eq!(status.code(), Some(0));
    let count = |text: &str| lines.iter().filter(|line| line.contains(text)).count();
    assert_eq!(count("a new certificate is refused: the old one stays"), 1);
    assert_eq!(count("a new certificate is in force"), 1);
    assert!(lines.iter().all(|line| !line.contains("PRIVATE KEY")));
}

#[test]
fn a_certificate_is_renewed_by_itself() {
    let (house, old) = House::with_tls(&[("DIALGATE_TLS__RELOAD_INTERVAL_S", "1")]);
    let old = old.cert.pem();
    let server = house.start(Some(MAY));
    let mut open = Believing::connect(&server, &old).unwrap();
    let new = renew(&house, 2);
    until(|| Believing::connect(&server, &new).ok());
    assert_eq!(open.told()["state"], "on");
}

#[test]
fn commands_believe_the_file_they_are_given() {
    let (house, _) = House::with_tls(&[]);
    let server = house.start(Some(MAY));
    fs::write(house.path("token"), house.token("open", ALL)).unwrap();
    let url = format!("https://localhost:{}", server.address.port());
    let kill = |ca_file: &str| {
        house.run(&[
            "kill",
            "on",
            "state",
            "NV",
            "--tenant",
            "open",
            "--server",
            &url,
            "--token-file",
            "token",
            "--ca-file",
            ca_file,
        ])
    };
    let ran = kill("cert.pem");
    assert_eq!((ran.code, &*ran.out), (Some(0), "done\n"), "{ran:?}");
    let other = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    fs::write(house.path("other.pem"), other.cert.pem()).unwrap();
    assert_eq!(kill("other.pem").code, Some(69));
    assert_eq!(kill("absent.pem").code, Some(74));
}

#[test]
fn a_start_is_refused_with_every_finding() {
    let (house, _) = House::with_tls(&[]);
    renew(&house, 1);
    let config = house.arg("dialgate.toml");
    let ran = house.run(&["serve", "--config", &config, "--clock", MAY]);
    assert_eq!(ran.code, Some(64));
    let told =
        "dialgate: key.pem: tls.key_file: is not the key of the certificate in tls.cert_file\n";
    assert_eq!(ran.err, told);
    assert!(!house.path("data").exists());

    // Cleartext where others listen in, by configuration and by command line.
    for (environment, listen) in [
        (vec![("DIALGATE_SERVER__LISTEN", "0.0.0.0:0")], None),
        (vec![], Some("[::]:0")),
    ] {
        let house = House::with(&environment);
        let config = house.arg("dialgate.toml");
        let mut args = vec!["serve", "--config", &config];
        args.extend(listen.iter().flat_map(|listen| ["--listen", listen]));
        let ran = house.run(&args);
        assert_eq!(ran.code, Some(64), "{ran:?}");
        let told = "dialgate.toml: server.listen: is not a loopback address";
        assert!(ran.err.contains(told), "{ran:?}");
        assert!(!house.path("data").exists());
    }
}

#[test]
fn a_hangup_stops_nothing_where_nothing_is_watched() {
    let house = House::with(&[]);
    let server = house.start(Some(MAY));
    server.signal("HUP");
    let (status, lines) = server.terminated();
    assert_eq!(status.code(), Some(0));
    assert!(lines.iter().any(|line| line.contains("stopped")));
}
