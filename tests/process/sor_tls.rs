//! Systems of record behind TLS: who is believed, and which HTTP is spoken.

use std::fs;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use crate::http::Request;
use crate::proxy::Before;

/// A system behind TLS that writes down what it gets: version, method, address, body.
struct System {
    address: SocketAddr,
    certificate: String,
    connections: Arc<AtomicUsize>,
    asked: Arc<Mutex<Vec<String>>>,
}

impl System {
    /// Speaks one protocol of ALPN.
    fn speaking(protocol: &'static [u8]) -> Self {
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let (certificate, key) = (made.cert.pem(), made.signing_key.serialize_pem());
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let mut tls = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(
                vec![CertificateDer::from_pem_slice(certificate.as_bytes()).unwrap()],
                PrivateKeyDer::from_pem_slice(key.as_bytes()).unwrap(),
            )
            .unwrap();
        tls.alpn_protocols = vec![protocol.to_vec()];
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let address = listener.local_addr().unwrap();
        let (connections, asked) = (Arc::<AtomicUsize>::default(), Arc::default());
        let (count, kept) = (Arc::clone(&connections), Arc::clone(&asked));
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap();
            runtime.block_on(async move {
                let listener = tokio::net::TcpListener::from_std(listener).unwrap();
                let accepts = tokio_rustls::TlsAcceptor::from(Arc::new(tls));
                while let Ok((socket, _)) = listener.accept().await {
                    let (accepts, kept) = (accepts.clone(), Arc::clone(&kept));
                    let count = Arc::clone(&count);
                    tokio::spawn(greeted(accepts, socket, (protocol, kept, count)));
                }
            });
        });
        Self {
            address,
            certificate,
            connections,
            asked,
        }
    }

    /// A gateway before it that believes a certificate.
    fn before(&self, believed: &str) -> Before {
        let sor = format!(
            "[sor]\nsystem = \"whl\"\naddresses = [\"https://localhost:{}\"]\n",
            self.address.port()
        );
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("ca.pem");
        fs::write(&file, believed).unwrap();
        let file = file.display().to_string();
        // Probes make connections of their own.
        let environment = [
            ("DIALGATE_SOR__CA_FILE", &*file),
            ("DIALGATE_SOR__HEALTH_INTERVAL_S", "0"),
            ("DIALGATE_SERVER__THREADS", "1"),
        ];
        Before::bound(&sor, &environment)
    }
}

async fn greeted(
    accepts: tokio_rustls::TlsAcceptor,
    socket: tokio::net::TcpStream,
    (protocol, kept, count): (&'static [u8], Kept, Arc<AtomicUsize>),
) {
    // Who does not believe the certificate goes away.
    if let Ok(stream) = accepts.accept(socket).await {
        count.fetch_add(1, Ordering::SeqCst);
        serve(TokioIo::new(stream), protocol, kept).await;
    }
}

type Kept = Arc<Mutex<Vec<String>>>;

async fn serve<I>(io: I, protocol: &[u8], kept: Kept)
where
    I: hyper::rt::Read + hyper::rt::Write + Unpin + Send + 'static,
{
    let service = service_fn(move |request| answer(request, Arc::clone(&kept)));
    // Whoever asked may be gone.
    if protocol == b"h2" {
        let executor = hyper_util::rt::TokioExecutor::new();
        let builder = hyper::server::conn::http2::Builder::new(executor);
        drop(builder.serve_connection(io, service).await);
    } else {
        let builder = hyper::server::conn::http1::Builder::new();
        drop(builder.serve_connection(io, service).await);
    }
}

async fn answer(
    request: hyper::Request<Incoming>,
    kept: Kept,
) -> Result<hyper::Response<Full<Bytes>>, hyper::Error> {
    let (head, body) = request.into_parts();
    let body = body.collect().await?.to_bytes();
    let host = head.headers.get("host").and_then(|host| host.to_str().ok());
    let said = format!(
        "{:?} {} {} host {:?} body {}",
        head.version,
        head.method,
        head.uri,
        host.unwrap_or_default(),
        String::from_utf8_lossy(&body)
    );
    kept.lock().unwrap().push(said);
    let mut response = hyper::Response::new(Full::from(Bytes::from_static(b"{\"a\":1}")));
    response
        .headers_mut()
        .insert("x-sor", http::HeaderValue::from_static("1"));
    Ok(response)
}

/// Three calls of a gateway, each on a connection of its own to it.
fn ask(before: &Before) {
    let calls = [
        Request::new("GET", "/api/disputes/D%2f1?b=2&&a=%C3%A9").token(&before.token),
        Request::new("POST", "/api/webhooks")
            .token(&before.token)
            .json("{\"url\":\"x\"}"),
        Request::new("GET", "/api/webhooks").token(&before.token),
    ];
    for call in &calls {
        let reply = before.server.ask(call);
        assert_eq!(reply.status, 200, "{reply:?}");
        assert_eq!(reply.header("x-sor"), Some("1"));
        assert_eq!(reply.json()["a"], 1);
    }
}

#[test]
fn http2_is_spoken_where_it_is_offered_on_one_connection() {
    let system = System::speaking(b"h2");
    let before = system.before(&system.certificate);
    ask(&before);
    let at = format!("localhost:{}", system.address.port());
    let asked = system.asked.lock().unwrap().clone();
    assert_eq!(
        asked,
        [
            format!("HTTP/2.0 GET https://{at}/api/disputes/D%2f1?b=2&&a=%C3%A9 host \"\" body "),
            format!("HTTP/2.0 POST https://{at}/api/webhooks host \"\" body {{\"url\":\"x\"}}"),
            format!("HTTP/2.0 GET https://{at}/api/webhooks host \"\" body "),
        ]
    );
    assert_eq!(system.connections.load(Ordering::SeqCst), 1);
}

#[test]
fn http1_is_spoken_behind_tls_too() {
    let system = System::speaking(b"http/1.1");
    let before = system.before(&system.certificate);
    ask(&before);
    let at = format!("localhost:{}", system.address.port());
    let asked = system.asked.lock().unwrap().clone();
    assert_eq!(asked.len(), 3);
    assert_eq!(
        asked[1],
        format!("HTTP/1.1 POST /api/webhooks host \"{at}\" body {{\"url\":\"x\"}}")
    );
}

#[test]
fn a_certificate_nobody_vouches_for_is_told_nothing() {
    let system = System::speaking(b"h2");
    let other = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let before = system.before(&other.cert.pem());
    let reply = before.get("/api/webhooks");
    assert_eq!(
        (reply.status, &reply.json()["code"]),
        (502, &"UPSTREAM_UNREACHABLE".into())
    );
    assert_eq!(system.asked.lock().unwrap().len(), 0);
}
