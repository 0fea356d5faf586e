//! The real program with a certificate and a tenant for every protocol, and ways to reach it.

use std::cell::RefCell;
use std::collections::HashMap;
use std::fs;
use std::future::Future;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use dialgate::domain::time::UnixSeconds;
use dialgate::transport::auth::{TokenKind, sign};
use quinn::crypto::rustls::QuicClientConfig;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::runtime::Runtime;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::http::{Http1, OverHttp};
use super::speaker::{Protocol, Token};
use super::told::hours;
use crate::house::{ALL, House, MAY, OPEN, SECRET, Server};

/// Longest wait for anything.
const WAIT_MAX: Duration = Duration::from_secs(20);

/// A deployment.
pub(crate) struct Site {
    pub(crate) house: House,
    pub(crate) server: RefCell<Option<Server>>,
    pub(crate) address: SocketAddr,
    cert: String,
    runtime: Runtime,
}

impl Site {
    /// With `DIALGATE_*` overrides.
    pub(crate) fn start(more: &[(&str, &str)]) -> Self {
        Self::of(Self::furnish(more))
    }

    /// What [`furnish`](Self::furnish) made, started.
    pub(crate) fn of((house, cert): (House, String)) -> Self {
        let server = house.start(Some(MAY));
        Self {
            address: server.address,
            house,
            server: RefCell::new(Some(server)),
            cert,
            runtime: tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap(),
        }
    }

    /// What a server starts with, and its certificate.
    pub(crate) fn furnish(more: &[(&str, &str)]) -> (House, String) {
        let (house, made) = House::with_tls(more);
        for protocol in Protocol::ALL {
            let name = protocol.tenant();
            let file = house.path(&format!("tenants/{name}.toml"));
            fs::write(file, OPEN.replace("\"open\"", &format!("\"{name}\""))).unwrap();
        }
        (house, made.cert.pem())
    }

    /// Runs to its end, within bounds.
    pub(crate) fn wait<T>(&self, work: impl Future<Output = T>) -> T {
        let bounded = async { tokio::time::timeout(WAIT_MAX, work).await };
        self.runtime.block_on(bounded).expect("no answer in time")
    }

    /// A token of the protocol's tenant.
    pub(crate) fn token(protocol: Protocol, token: Token) -> String {
        let mut kind = TokenKind {
            secret: SECRET.as_bytes().into(),
            issuer: "dialgate".into(),
            audience: "dialgate".into(),
        };
        let (mut tenant, mut scope, mut from) = (protocol.tenant(), ALL, 0);
        match token {
            Token::Good => {}
            Token::Narrow => scope = "audit:read",
            Token::Expired => from = -7200,
            Token::Undeclared => tenant = "nobody",
            Token::Forged => kind.secret = [7; 40].into(),
            Token::Absent => return String::new(),
        }
        let now = SystemTime::UNIX_EPOCH.elapsed().unwrap().as_secs();
        let from = UnixSeconds(i64::try_from(now).unwrap() + from);
        sign(&kind, tenant, scope, from, 3600).unwrap()
    }

    /// Brings records of the protocol's tenant, over HTTP/1.1 whichever it is.
    pub(crate) fn bring(&self, protocol: Protocol, records: &Value) {
        let token = Self::token(protocol, Token::Good);
        let path = "/api/queue/ingest/json";
        let heard = OverHttp::<Http1>::once(self, path, &token, records.to_string());
        assert_eq!(heard.1["rejected"], json!([]), "{heard:?}");
    }

    /// What is trusted.
    pub(crate) fn client(&self, alpn: &[u8]) -> ClientConfig {
        let mut roots = RootCertStore::empty();
        roots
            .add(CertificateDer::from_pem_slice(self.cert.as_bytes()).unwrap())
            .unwrap();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let mut config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        config.alpn_protocols = vec![alpn.to_vec()];
        config
    }

    /// A connection over TCP.
    pub(crate) async fn tcp(&self, alpn: &[u8]) -> std::io::Result<TlsStream<TcpStream>> {
        let connector = TlsConnector::from(Arc::new(self.client(alpn)));
        let stream = TcpStream::connect(self.address).await?;
        stream.set_nodelay(true)?;
        let name = ServerName::try_from("localhost").unwrap();
        connector.connect(name, stream).await
    }

    /// A connection over UDP. The endpoint has to be kept as long.
    pub(crate) async fn quic(
        &self,
        alpn: &[u8],
    ) -> Result<(quinn::Endpoint, quinn::Connection), quinn::ConnectionError> {
        let endpoint = quinn::Endpoint::client((Ipv4Addr::LOCALHOST, 0).into()).unwrap();
        let crypto = QuicClientConfig::try_from(self.client(alpn)).unwrap();
        let config = quinn::ClientConfig::new(Arc::new(crypto));
        let connecting = endpoint.connect_with(config, self.address, "localhost");
        let connection = connecting.unwrap().await?;
        Ok((endpoint, connection))
    }

    /// Ends the server in order, and reads the rows of each protocol's tenant, without what must
    /// differ.
    pub(crate) fn rows(self) -> Vec<(Protocol, Vec<Value>)> {
        let Self {
            house,
            server,
            runtime,
            ..
        } = self;
        // With its connections, which nobody would answer for any more.
        drop(runtime);
        let (status, lines) = server.take().unwrap().terminated();
        assert_eq!(status.code(), Some(0), "{lines:?}");
        let verified = house.ledger("verify");
        assert_eq!(verified.code, Some(0), "{}", verified.err);
        let all = house.rows();
        let of = |protocol: Protocol| {
            let own = |row: &&Value| row["tenant"] == protocol.tenant();
            let mut numbers = Numbers::default();
            let rows = all
                .iter()
                .filter(own)
                .map(|row| comparable(row, &mut numbers));
            (protocol, rows.collect())
        };
        Protocol::ALL.map(of).into()
    }
}

/// Numbers of our own, given over all tenants, in the order in which one tenant's rows name them.
#[derive(Default)]
struct Numbers(HashMap<(&'static str, u64), u64>);

impl Numbers {
    fn rename(&mut self, kind: &'static str, value: &mut Value) {
        if let Some(number) = value.as_u64() {
            let next = u64::try_from(self.0.len()).unwrap();
            *value = json!(*self.0.entry((kind, number)).or_insert(next));
        }
    }
}

/// A row without instants, salts, digests, and what a request's bytes hash to.
fn comparable(row: &Value, numbers: &mut Numbers) -> Value {
    let mut body = row["body"].clone();
    let object = body.as_object_mut().unwrap();
    for own in ["t", "sd", "policy"] {
        object.remove(own);
    }
    clear(&mut body);
    numbers.rename("account", &mut body["a"]);
    for entry in body["r"].as_array_mut().into_iter().flatten() {
        numbers.rename("account", &mut entry["a"]);
    }
    if body["k"] != "f" {
        numbers.rename("person", &mut body["p"]);
        for debt in body["d"].as_array_mut().into_iter().flatten() {
            numbers.rename("debt", debt);
        }
        // The reservation it replaced: person and seq.
        if let Some(person) = body["rp"].get_mut(0) {
            numbers.rename("person", person);
        }
    }
    let subjects = row["subjects"].as_array().unwrap().iter().map(|subject| {
        let text = subject["subject"].as_str().unwrap();
        let mut said: Value = serde_json::from_str(text).unwrap();
        if let Some(object) = said.as_object_mut() {
            object.remove("body");
        }
        said
    });
    json!({ "seq": row["seq"], "body": body, "subjects": subjects.collect::<Vec<_>>() })
}

/// Instants, as whole hours.
fn clear(value: &mut Value) {
    match value {
        Value::Array(all) => all.iter_mut().for_each(clear),
        Value::Object(all) => all.values_mut().for_each(clear),
        Value::Number(number) => {
            if let Some(at @ 1_700_000_000..=1_900_000_000) = number.as_i64() {
                *value = json!(hours(at));
            }
        }
        _ => {}
    }
}
