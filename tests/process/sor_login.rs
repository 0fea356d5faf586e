//! Tenants whose secret is exchanged for a token: logging in, keeping the token, logging in again.

use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::house::{ALL, House, MAY, OPEN, Server};
use crate::http::{Reply, Request};
use crate::sor_kit::{Answer, Script};

const UNAUTHENTICATED: Answer = (401, r#"{"message":"Unauthenticated."}"#);
/// The answers of a login, the first one first.
const TOKENS: [&str; 2] = [
    r#"{"token":"t-1","user":{"id":1}}"#,
    r#"{"token":"t-2","user":{"id":1}}"#,
];

/// A gateway before a system that gives tokens.
struct Gate {
    house: House,
    server: Server,
    token: String,
    system: Script,
    /// The number of the token that is good, from 1.
    good: Arc<AtomicUsize>,
}

impl Gate {
    /// `key` is `sandbox-key`; `logs_in` says whether a login's request is right.
    fn of(system: &str, pin: Option<&str>, logs_in: fn(&str) -> bool) -> Self {
        let (good, given) = (Arc::new(AtomicUsize::new(1)), AtomicUsize::new(0));
        let is_good = Arc::clone(&good);
        let script = Script::hearing(move |request| {
            if logs_in(request) {
                let nth = given.fetch_add(1, Ordering::SeqCst);
                return (200, TOKENS[nth.min(1)]);
            }
            let bearer = format!(
                "authorization: Bearer t-{}\r\n",
                is_good.load(Ordering::SeqCst)
            );
            if request.contains(&bearer) {
                (200, r#"{"data":[]}"#)
            } else {
                UNAUTHENTICATED
            }
        });
        let house = House::with(&[("DIALGATE_SOR__HYDRATE_PER_SECOND", "0")]);
        let mut tenant = format!(
            "{OPEN}[sor]\nsystem = \"{system}\"\naddresses = [\"http://{}\"]\n\
             credential = \"exchange\"\nkey_file = \"key\"\npublic_host = \"gate\"\n",
            script.address
        );
        let secrets = house.path("data/dialgate/secrets/sor/open");
        fs::create_dir_all(&secrets).unwrap();
        fs::write(secrets.join("key"), "sandbox-key").unwrap();
        if let Some(pin) = pin {
            fs::write(secrets.join("pin"), pin).unwrap();
            tenant.push_str("pin_file = \"pin\"\n");
        }
        fs::write(house.path("tenants/open.toml"), tenant).unwrap();
        let server = house.start(Some(MAY));
        let token = house.token("open", ALL);
        Self {
            house,
            server,
            token,
            system: script,
            good,
        }
    }

    fn get(&self, path: &str) -> Reply {
        let request = Request::new("GET", path).token(&self.token);
        self.server.ask(&request)
    }

    /// Logs in once for two reads, and once more when the token is good no longer.
    fn walks(&self, login: &str, path: &str) {
        for _ in 0..2 {
            assert_eq!(self.get(path).status, 200);
        }
        assert_eq!(self.system.asked(login).len(), 1);
        self.good.store(2, Ordering::SeqCst);
        assert_eq!(self.get(path).status, 200);
        assert_eq!(self.system.asked(login).len(), 2);
        // One that a fresh token does not help is not asked a third time.
        self.good.store(3, Ordering::SeqCst);
        let before = self.system.asked("GET").len();
        assert_eq!(self.get(path).status, 401);
        let seen = self.system.asked("GET").len() - before;
        assert_eq!((seen, self.system.asked(login).len()), (2, 3));
    }
}

/// UPSTREAM-2: with a fresh token once more, and not a third time.
#[test]
fn a_user_of_the_portal_logs_in_with_the_key_beside() {
    fn logs_in(request: &str) -> bool {
        request.starts_with("POST /auth/login ")
            && request.contains("x-api-key: sandbox-key\r\n")
            && request.ends_with(r#"{"email":"user@example.com","password":"p:w"}"#)
    }
    let gate = Gate::of("portal", Some("user@example.com:p:w"), logs_in);
    gate.walks("POST /auth/login", "/portal/clients");
    let asked = gate.system.asked("GET /clients");
    let keyed = asked
        .iter()
        .filter(|one| one.contains("x-api-key: sandbox-key"));
    assert_eq!(keyed.count(), asked.len(), "{asked:?}");
    // Nobody's own token gets there.
    let own = asked.iter().filter(|one| one.contains(&gate.token));
    assert_eq!(own.count(), 0);
}

#[test]
fn a_public_operation_of_the_portal_carries_the_key_and_no_token() {
    let gate = Gate::of("portal", Some("user@example.com:pw"), |_| false);
    let request = Request::new("POST", "/portal/auth/login").json("{}");
    assert_eq!(gate.server.ask(&request).status, 401);
    let asked = gate.system.asked("POST /auth/login");
    assert_eq!(asked.len(), 1);
    assert!(asked[0].contains("x-api-key: sandbox-key\r\n"), "{asked:?}");
    assert!(!asked[0].contains("authorization"), "{asked:?}");
}

#[test]
fn a_login_that_fails_sends_nothing_and_is_not_repeated_at_once() {
    let gate = Gate::of("portal", Some("user@example.com:pw"), |_| false);
    for _ in 0..2 {
        let reply = gate.get("/portal/clients");
        assert_eq!(
            (reply.status, &reply.json()["code"]),
            (502, &"UPSTREAM_LOGIN".into())
        );
    }
    assert_eq!(gate.system.asked("GET /clients").len(), 0);
    assert_eq!(gate.system.asked("POST /auth/login").len(), 1);
}

#[test]
fn a_key_of_whl_is_exchanged() {
    fn logs_in(request: &str) -> bool {
        request.starts_with("POST /auth/token ")
            && request.ends_with(r#"{"api_key":"sandbox-key"}"#)
    }
    let gate = Gate::of("whl", None, logs_in);
    gate.walks("POST /auth/token", "/api/queue/stats");
}

#[test]
fn what_cannot_be_exchanged_is_a_finding_of_the_check() {
    for (credential, pin) in [("exchange", "no colon"), ("key", "user@example.com:pw")] {
        let gate = Gate::of("portal", Some("user@example.com:pw"), |_| false);
        let Gate { house, server, .. } = gate;
        server.terminated();
        let secrets = house.path("data/dialgate/secrets/sor/open");
        fs::write(secrets.join("pin"), pin).unwrap();
        let file = house.path("tenants/open.toml");
        let text = fs::read_to_string(&file).unwrap();
        let text = text.replace("\"exchange\"", &format!("\"{credential}\""));
        fs::write(&file, text).unwrap();
        let mut started = house.spawn(Some(MAY));
        assert!(started.ready.recv().is_err(), "it listens");
        let (status, said) = started.ended();
        assert!(!status.success());
        let said = said.join("\n");
        assert!(said.contains("sor.pin_file"), "{said}");
        assert!(!said.contains(pin), "{said}");
    }
}
