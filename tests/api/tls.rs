//! Certificates and handshakes: what is greeted with, what changes while it runs, what is bounded.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::Duration;

use dialgate::gateway::door::Handshake;
use dialgate::transport::Options;
use dialgate::transport::tls::{PemFile, Reread, TlsReason};
use rustls::{ClientConfig, ClientConnection, HandshakeKind, ProtocolVersion, StreamOwned};

use crate::certificates::Pair;
use crate::client::{Client, Request};
use crate::protocols::Protocol;
use crate::stand_in::{House, NOW, asking, intent};

type Tls = StreamOwned<ClientConnection, TcpStream>;

/// A house that greets, in what a case needs of it.
fn greeting(options: &Options, case: impl FnOnce(House)) {
    Protocol::Http1Tls.during(|| case(House::with(options)));
}

/// Shakes hands.
fn shake(house: &House, config: Arc<ClientConfig>) -> std::io::Result<Tls> {
    let mut stream = TcpStream::connect(house.address())?;
    stream.set_read_timeout(Some(Duration::from_secs(20)))?;
    let mut session = ClientConnection::new(config, Pair::name()).unwrap();
    while session.is_handshaking() {
        session.complete_io(&mut stream)?;
    }
    Ok(StreamOwned::new(session, stream))
}

/// What comes until the server hangs up, with or without a word.
fn rest(tls: &mut Tls) -> String {
    let mut heard = Vec::new();
    if let Err(error) = tls.read_to_end(&mut heard) {
        assert_eq!(error.kind(), ErrorKind::UnexpectedEof, "{error}");
    }
    String::from_utf8_lossy(&heard).into_owned()
}

/// One request over a session, to its answer's last byte.
fn asked(tls: &mut Tls) -> String {
    let request = Request::new("GET", "/api/version").with("connection", "close");
    tls.write_all(&request.bytes()).unwrap();
    let mut heard = String::new();
    tls.read_to_string(&mut heard).unwrap();
    heard
}

#[test]
fn a_renewed_certificate_greets_new_connections_and_keeps_the_old_ones() {
    greeting(&Options::default(), |house| {
        let greeting = house.greeting.as_ref().unwrap();
        let mut open = house.client();
        let mut open_http2 = None;
        Protocol::Http2Tls.during(|| open_http2 = Some(house.client()));
        let request = asking(intent("ACC-1"));
        assert_eq!(open.ask(&request).status, 200);
        assert_eq!(greeting.certificate.reread(NOW), Reread::Unchanged);

        let fresh = Pair::new();
        fresh.write(greeting.dir.path());
        let renewed = greeting.certificate.reread(NOW);
        assert_eq!(renewed, Reread::Renewed(greeting.certificate.validity()));
        assert_eq!(greeting.certificate.reread(NOW), Reread::Unchanged);

        assert_eq!(open.ask(&request).status, 200);
        assert_eq!(open_http2.unwrap().ask(&request).status, 200);
        let mut new = Client::connect(house.address(), Some(&fresh));
        assert_eq!(new.ask(&request).status, 200);
        let old = shake(&house, greeting.pair.client(&[]));
        assert!(old.is_err(), "the old certificate still greets");
    });
}

#[test]
fn a_pair_that_does_not_fit_is_refused_once_and_the_old_one_stays() {
    greeting(&Options::default(), |house| {
        let greeting = house.greeting.as_ref().unwrap();
        let (certificate, dir) = (&greeting.certificate, greeting.dir.path());
        let fresh = Pair::new();
        std::fs::write(dir.join("cert.pem"), &fresh.cert).unwrap();
        let Reread::Refused(fault) = certificate.reread(NOW) else {
            panic!("the new certificate does not fit the old key");
        };
        assert_eq!(
            (fault.file, &fault.reason),
            (PemFile::Key, &TlsReason::Mismatch)
        );
        assert_eq!(certificate.reread(NOW.plus(9)), Reread::StillRefused);
        let refused = certificate.refused().unwrap();
        assert_eq!((refused.fault, refused.at), (fault, NOW));
        assert_eq!(house.ask(&asking(intent("ACC-1"))).status, 200);

        // The key follows, or the old certificate comes back: either ends the refusal.
        std::fs::write(dir.join("key.pem"), &fresh.key).unwrap();
        assert!(matches!(certificate.reread(NOW), Reread::Renewed(_)));
        assert_eq!(certificate.refused(), None);
        std::fs::write(dir.join("key.pem"), "no key").unwrap();
        assert!(matches!(certificate.reread(NOW), Reread::Refused(_)));
        std::fs::write(dir.join("key.pem"), &fresh.key).unwrap();
        assert_eq!(certificate.reread(NOW), Reread::Unchanged);
        assert_eq!(certificate.refused(), None);
        std::fs::remove_file(dir.join("cert.pem")).unwrap();
        let Reread::Refused(fault) = certificate.reread(NOW) else {
            panic!("there is no certificate");
        };
        assert_eq!(fault.reason, TlsReason::Unreadable(ErrorKind::NotFound));
        assert_eq!(certificate.reread(NOW), Reread::StillRefused);
        let mut new = Client::connect(house.address(), Some(&fresh));
        assert_eq!(new.ask(&asking(intent("ACC-1"))).status, 200);
    });
}

#[test]
fn sessions_are_resumed_until_the_certificate_changes() {
    greeting(&Options::default(), |house| {
        let greeting = house.greeting.as_ref().unwrap();
        let config = greeting.pair.client(&[]);
        let kind = || {
            let mut tls = shake(&house, Arc::clone(&config)).unwrap();
            assert!(asked(&mut tls).starts_with("HTTP/1.1 200 "));
            tls.conn.handshake_kind().unwrap()
        };
        assert_eq!(kind(), HandshakeKind::Full);
        assert_eq!(kind(), HandshakeKind::Resumed);
        Pair::new().write(greeting.dir.path());
        assert!(matches!(
            greeting.certificate.reread(NOW),
            Reread::Renewed(_)
        ));
        // Were the ticket still good, nobody would look at the certificate, which is not trusted.
        assert!(shake(&house, Arc::clone(&config)).is_err());
    });
}

#[test]
fn versions_and_protocols_are_agreed_on() {
    greeting(&Options::default(), |house| {
        let pair = &house.greeting.as_ref().unwrap().pair;
        for (version, expected) in [
            (&rustls::version::TLS12, ProtocolVersion::TLSv1_2),
            (&rustls::version::TLS13, ProtocolVersion::TLSv1_3),
        ] {
            for offered in [
                &[b"h2".as_slice(), b"http/1.1"],
                &[b"http/1.1", b"h2".as_slice()],
            ] {
                let tls = shake(&house, pair.client_of(offered, &[version])).unwrap();
                assert_eq!(tls.conn.protocol_version(), Some(expected));
                assert_eq!(tls.conn.alpn_protocol(), Some(b"h2".as_slice()));
            }
            let mut tls = shake(&house, pair.client_of(&[], &[version])).unwrap();
            assert_eq!(tls.conn.alpn_protocol(), None);
            assert!(asked(&mut tls).starts_with("HTTP/1.1 200 "));
        }
        assert!(shake(&house, pair.client(&[b"spdy/3"])).is_err());
        // Without ALPN the preface of HTTP/2 is no request.
        let mut tls = shake(&house, pair.client(&[])).unwrap();
        tls.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").unwrap();
        let heard = rest(&mut tls);
        assert!(
            heard.is_empty() || heard.starts_with("HTTP/1.1 400 "),
            "{heard}"
        );
    });
}

#[test]
fn cleartext_is_not_heard_where_tls_is_spoken() {
    greeting(&Options::default(), |house| {
        let mut stream = TcpStream::connect(house.address()).unwrap();
        stream.write_all(&asking(intent("ACC-1")).bytes()).unwrap();
        let mut heard = Vec::new();
        if let Err(error) = stream.read_to_end(&mut heard) {
            assert_eq!(error.kind(), ErrorKind::ConnectionReset);
        }
        assert!(!heard.starts_with(b"HTTP"), "{heard:?}");
        assert!(house.gateway.asked.lock().unwrap().is_empty());
    });
}

/// TRANSPORT-2: greeting.
#[test]
fn handshakes_are_bounded_in_time_and_number() {
    let options = Options {
        threads: 1,
        handshake_timeout: Duration::from_millis(40),
        handshakes_max: 1,
        ..Options::default()
    };
    let closed = |mut stream: TcpStream| {
        assert_eq!(stream.read(&mut [0; 64]).unwrap(), 0);
    };
    greeting(&options, |house| {
        let slow = TcpStream::connect(house.address()).unwrap();
        let too_many = TcpStream::connect(house.address()).unwrap();
        closed(too_many);
        closed(slow);
        assert_eq!(house.ask(&asking(intent("ACC-1"))).status, 200);
        let counted = house.gateway.handshakes.lock().unwrap();
        assert_eq!(
            *counted,
            [Handshake::TooMany, Handshake::TooSlow, Handshake::Done]
        );
    });
}

#[test]
fn silence_after_the_handshake_ends_too() {
    let options = Options {
        threads: 1,
        header_timeout: Duration::from_millis(40),
        ..Options::default()
    };
    greeting(&options, |house| {
        for protocol in [Protocol::Http1Tls, Protocol::Http2Tls] {
            let pair = &house.greeting.as_ref().unwrap().pair;
            let alpn: &[&[u8]] = if protocol.is_http2() { &[b"h2"] } else { &[] };
            let mut tls = shake(&house, pair.client(alpn)).unwrap();
            // HTTP/2's own settings may come first; then the server hangs up.
            assert!(!rest(&mut tls).starts_with("HTTP"));
        }
    });
}
