//! The gateway under test: three tenants, each bound to a system of another kind.

use std::fs;
use std::sync::Arc;

use dialgate::clock::Clock;
use dialgate::domain::time::UnixSeconds;
use dialgate::sor::catalogue::Catalogues;
use dialgate::sor::route::{Class, System};
use dialgate::sor::sandbox::{API_KEY, Options, PIN, Sandbox};
use serde_json::{Value, json};

use crate::house::{ALL, House, MAY, OPEN, Server};
use crate::http::{Reply, Request};
use crate::recorder::{Recorder, Seen};
use crate::rows::{self, EMAIL, PHONE, account};

/// What a login is answered with.
pub(crate) const EXCHANGED: &str = "exchanged-token";

/// A running gateway and what is behind it.
pub(crate) struct Gate {
    pub(crate) server: Server,
    tenants: Vec<Tenant>,
    recorders: Vec<Recorder>,
    /// What runs and lies here as long as the gate stands.
    _kept: (Option<Sandbox>, House),
}

struct Tenant {
    system: System,
    token: String,
    /// A token that may read and nothing else.
    reader: String,
}

impl Gate {
    /// Before systems that record what arrives.
    pub(crate) fn recorded() -> Self {
        let recorders: Vec<Recorder> = System::ALL.iter().map(|_| Recorder::start(own)).collect();
        let addresses: Vec<String> = recorders
            .iter()
            .map(|one| one.address.to_string())
            .collect();
        Self::bound(addresses, recorders, None)
    }

    /// Before the sandbox.
    pub(crate) fn sandboxed() -> Self {
        let sandbox = Sandbox::start(Options {
            listen: ([127, 0, 0, 1], 0).into(),
            data_dir: None,
            catalogues: Arc::new(Catalogues::read(None).unwrap()),
            clock: Clock::starting_at(UnixSeconds::parse(MAY).unwrap()),
        })
        .unwrap();
        let address = sandbox.address();
        let mounted = System::ALL
            .iter()
            .map(|system| format!("{address}{}", system.mount()));
        Self::bound(mounted.collect(), Vec::new(), Some(sandbox))
    }

    /// Brings the accounts first and binds the tenants then: bound, what is uploaded goes on.
    fn bound(addresses: Vec<String>, recorders: Vec<Recorder>, sandbox: Option<Sandbox>) -> Self {
        let house = House::with(&[
            ("DIALGATE_SOR__HEALTH_INTERVAL_S", "0"),
            ("DIALGATE_SOR__HYDRATE_PER_SECOND", "0"),
        ]);
        let mut tenants = Vec::new();
        for system in System::ALL {
            write_tenant(&house, *system, "");
        }
        for system in System::ALL {
            tenants.push(Tenant {
                system: *system,
                token: house.token(system.as_str(), ALL),
                reader: house.token(system.as_str(), "audit:read"),
            });
        }
        let server = house.start(Some(MAY));
        for tenant in &tenants {
            bring_accounts(&server, tenant);
        }
        let (status, lines) = server.terminated();
        assert!(status.success(), "{lines:?}");
        for (system, address) in System::ALL.iter().zip(addresses) {
            write_tenant(&house, *system, &bond(&house, *system, &address));
        }
        let server = house.start(Some(MAY));
        Self {
            server,
            tenants,
            recorders,
            _kept: (sandbox, house),
        }
    }

    fn tenant(&self, system: System) -> &Tenant {
        let mut tenants = self.tenants.iter();
        tenants.find(|tenant| tenant.system == system).unwrap()
    }

    pub(crate) fn token(&self, system: System) -> &str {
        &self.tenant(system).token
    }

    pub(crate) fn reader(&self, system: System) -> &str {
        &self.tenant(system).reader
    }

    /// What arrived at a system since the last time.
    pub(crate) fn arrived(&self, system: System) -> Vec<Seen> {
        self.recorders[usize::from(system.number())].take()
    }

    /// Asks over a connection of its own.
    pub(crate) fn ask(&self, request: &Request) -> Reply {
        self.server.client().ask(request).unwrap()
    }
}

/// An account that may be written to by letter, e-mail and text, and one for each route that changes
/// an account.
fn bring_accounts(server: &Server, tenant: &Tenant) {
    let consent = |kind: &str, name: &str, point: &str| json!({ "fact": "consent", "consent": [kind], name: point, "given_to": "collector", "written": true });
    let mut records = vec![json!({
        "account_id": account(tenant.system), "state": "CA", "zip": "91502",
        "phones": [{ "number": PHONE, "line_type": "wireless" }],
        "emails": [{ "address": EMAIL, "from_consumer": true }],
        "facts": [consent("email", "address", EMAIL), consent("text", "phone", PHONE)],
    })];
    let rows = rows::all().into_iter();
    let tapped = rows.filter(|row| row.system == tenant.system && row.route.class == Class::Tapped);
    records.extend(
        tapped.map(|row| json!({ "account_id": row.account, "state": "CA", "zip": "91502" })),
    );
    let request = Request::new("POST", "/api/queue/ingest/json").token(&tenant.token);
    let heard = server.ask(&request.json(Value::Array(records).to_string()));
    let rejected = heard.json()["rejected"] == json!([]);
    assert!(heard.status == 200 && rejected, "{:?}", heard.json());
}

fn write_tenant(house: &House, system: System, bond: &str) {
    let name = system.as_str();
    let agency = OPEN.replace("name = \"open\"", &format!("name = \"{name}\""));
    let path = house.path(&format!("tenants/{name}.toml"));
    fs::write(path, format!("{agency}{bond}")).unwrap();
}

/// The section of a tenant's file that binds it, and the secrets it names.
fn bond(house: &House, system: System, address: &str) -> String {
    let name = system.as_str();
    let secrets = house.path(&format!("data/dialgate/secrets/sor/{name}"));
    fs::create_dir_all(&secrets).unwrap();
    let credential = match system {
        System::Whl => "",
        System::Scollect => "key_file = \"key\"\npin_file = \"pin\"\n",
        System::Portal => "key_file = \"key\"\n",
    };
    fs::write(secrets.join("key"), API_KEY).unwrap();
    fs::write(secrets.join("pin"), PIN).unwrap();
    format!(
        "[sor]\nsystem = \"{name}\"\naddresses = [\"http://{address}\"]\npublic_host = \"gate\"\n{credential}"
    )
}

/// What the gateway asks a system of its own accord: a login, and whose a letter or dispute is. It
/// holds no accounts besides.
fn own(seen: &Seen) -> Option<Value> {
    let path = seen.line.split(' ').nth(1)?;
    if path.ends_with("/login") {
        return Some(json!({ "result": { "access_token": EXCHANGED }, "state": "SUCCESS" }));
    }
    if let Some(letter) = path.strip_prefix("/api/letters/") {
        let whose = if letter == "NOBODY" {
            "NOBODY"
        } else {
            account(System::Whl)
        };
        return Some(json!({ "letter_id": letter, "account_id": whose }));
    }
    let dispute = path.strip_prefix("/api/disputes/")?;
    Some(json!({ "dispute_id": dispute, "account_id": dispute }))
}
