//! How HTTP/3 is found and greeted: certificates, sessions that are taken up again, `alt-svc`.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use dialgate::transport::Options;
use dialgate::transport::tls::Reread;
use quinn::crypto::rustls::QuicClientConfig;
use rustls::NamedGroup;
use rustls::client::{
    ClientSessionMemoryCache, ClientSessionStore, Resumption, Tls12ClientSessionValue,
    Tls13ClientSessionValue,
};
use rustls::pki_types::ServerName;

use crate::certificates::Pair;
use crate::client::Request;
use crate::http3::{Http3, bounded, endpoint, greeting, runtime};
use crate::http3_raw::{client, pair, speaking};
use crate::protocols::Protocol;
use crate::stand_in::{House, NOW, asking, intent};

#[test]
fn a_renewed_certificate_greets_new_connections_and_keeps_the_old_ones() {
    speaking(&Options::default(), |house| {
        let mut open = client(&house);
        let request = asking(intent("ACC-1"));
        assert_eq!(open.ask(&request).status, 200);
        let greeting_of_house = house.greeting.as_ref().unwrap();
        let fresh = Pair::new();
        fresh.write(greeting_of_house.dir.path());
        let renewed = greeting_of_house.certificate.reread(NOW);
        assert!(matches!(renewed, Reread::Renewed(_)));
        assert_eq!(open.ask(&request).status, 200);
        let mut new = Http3::connect(house.address(), &fresh);
        assert_eq!(new.ask(&request).status, 200);
        let old = Http3::try_connect(house.address(), greeting(pair(&house), b"h3"));
        assert!(old.is_err(), "the old certificate still greets");
    });
}

/// Remembers sessions, and how many were taken up again.
#[derive(Debug)]
struct Sessions {
    kept: ClientSessionMemoryCache,
    taken: AtomicUsize,
}

impl ClientSessionStore for Sessions {
    fn set_kx_hint(&self, name: ServerName<'static>, group: NamedGroup) {
        self.kept.set_kx_hint(name, group);
    }

    fn kx_hint(&self, name: &ServerName<'_>) -> Option<NamedGroup> {
        self.kept.kx_hint(name)
    }

    fn set_tls12_session(&self, _: ServerName<'static>, _: Tls12ClientSessionValue) {}

    fn tls12_session(&self, _: &ServerName<'_>) -> Option<Tls12ClientSessionValue> {
        None
    }

    fn remove_tls12_session(&self, _: &ServerName<'static>) {}

    fn insert_tls13_ticket(&self, name: ServerName<'static>, value: Tls13ClientSessionValue) {
        self.kept.insert_tls13_ticket(name, value);
    }

    fn take_tls13_ticket(&self, name: &ServerName<'static>) -> Option<Tls13ClientSessionValue> {
        let ticket = self.kept.take_tls13_ticket(name);
        let found = usize::from(ticket.is_some());
        self.taken.fetch_add(found, Ordering::Relaxed);
        ticket
    }
}

/// QUIC-1.
#[test]
fn who_resumes_a_session_gets_no_early_data() {
    speaking(&Options::default(), |house| {
        let sessions = Arc::new(Sessions {
            kept: ClientSessionMemoryCache::new(8),
            taken: AtomicUsize::new(0),
        });
        let mut tls = pair(&house).client(&[b"h3"]).as_ref().clone();
        tls.resumption = Resumption::store(Arc::clone(&sessions) as _);
        tls.enable_early_data = true;
        let tls = Arc::new(QuicClientConfig::try_from(tls).unwrap());
        let greeting = quinn::ClientConfig::new(tls);
        let mut first = Http3::try_connect(house.address(), greeting.clone()).unwrap();
        assert_eq!(first.ask(&asking(intent("ACC-1"))).status, 200);
        runtime().block_on(async {
            let endpoint = endpoint(house.address());
            let name = Pair::name().to_str().into_owned();
            let again = endpoint.connect_with(greeting, house.address(), &name);
            let again = again.unwrap().into_0rtt();
            assert_eq!(sessions.taken.load(Ordering::Relaxed), 1, "no ticket");
            let connecting = again.err().expect("early data is offered");
            bounded(connecting).await.unwrap();
        });
    });
}

#[test]
fn alt_svc_is_said_over_tcp_and_tls_only() {
    speaking(&Options::default(), |house| {
        let port = house.address().port();
        let expected = format!("h3=\":{port}\"; ma=86400");
        let asked = Request::new("GET", "/api/version");
        assert_eq!(house.ask(&asked).header("alt-svc"), None);
        for protocol in [Protocol::Http1Tls, Protocol::Http2Tls] {
            protocol.during(|| {
                assert_eq!(house.ask(&asked).header("alt-svc"), Some(&*expected));
            });
        }
    });
    Protocol::Http1Tls.during(|| {
        let house = House::with(&Options {
            http3: false,
            ..Options::default()
        });
        let heard = house.ask(&Request::new("GET", "/api/version"));
        assert_eq!(heard.header("alt-svc"), None);
        let refused = Http3::try_connect(house.address(), greeting(pair(&house), b"h3"));
        assert!(refused.is_err(), "h3 is spoken though it is off");
    });
}
