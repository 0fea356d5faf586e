//! The gateway under test: three tenants, each bound to a system of another kind.

use std::fs;

use dialgate::sor::route::{Class, System};
use serde_json::{Value, json};

use crate::house::{ALL, House, MAY, OPEN, Server};
use crate::http::{Reply, Request};
use crate::recorder::{Recorder, Seen};
use crate::rows::{self, EMAIL, PHONE, account};

/// What the tenants with a key of their own are believed by.
pub(crate) const KEY: &str = "key-of-the-tenant";
/// What a login is answered with.
pub(crate) const EXCHANGED: &str = "exchanged-token";

/// A running gateway and the systems behind it.
pub(crate) struct Gate {
    pub(crate) server: Server,
    tenants: Vec<Tenant>,
    _house: House,
}

struct Tenant {
    system: System,
    system_of_record: Recorder,
    token: String,
    /// A token that may read and nothing else.
    reader: String,
}

impl Gate {
    /// Brings the accounts first and binds the tenants then: bound, what is uploaded goes on.
    pub(crate) fn open() -> Self {
        let house = House::with(&[("DIALGATE_SOR__HEALTH_INTERVAL_S", "0")]);
        let (mut bonds, mut tenants) = (Vec::new(), Vec::new());
        for system in System::ALL {
            let recorder = Recorder::start(own);
            bonds.push(bond(&house, *system, &recorder));
            write_tenant(&house, *system, "");
            let token = house.token(system.as_str(), ALL);
            let reader = house.token(system.as_str(), "audit:read");
            tenants.push(Tenant {
                system: *system,
                system_of_record: recorder,
                token,
                reader,
            });
        }
        let server = house.start(Some(MAY));
        for tenant in &tenants {
            bring_accounts(&server, tenant);
        }
        let (status, lines) = server.terminated();
        assert!(status.success(), "{lines:?}");
        for (system, bond) in System::ALL.iter().zip(bonds) {
            write_tenant(&house, *system, &bond);
        }
        let server = house.start(Some(MAY));
        Self {
            server,
            tenants,
            _house: house,
        }
    }

    fn tenant(&self, system: System) -> &Tenant {
        self.tenants
            .iter()
            .find(|tenant| tenant.system == system)
            .unwrap()
    }

    pub(crate) fn token(&self, system: System) -> &str {
        &self.tenant(system).token
    }

    pub(crate) fn reader(&self, system: System) -> &str {
        &self.tenant(system).reader
    }

    /// What arrived at a system since the last time.
    pub(crate) fn arrived(&self, system: System) -> Vec<Seen> {
        self.tenant(system).system_of_record.take()
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
    let tapped = rows::all()
        .into_iter()
        .filter(|row| row.system == tenant.system);
    let tapped = tapped.filter(|row| row.route.class == Class::Tapped);
    records.extend(
        tapped.map(|row| json!({ "account_id": row.account, "state": "CA", "zip": "91502" })),
    );
    let body = Value::Array(records).to_string();
    let request = Request::new("POST", "/api/queue/ingest/json")
        .token(&tenant.token)
        .json(body);
    let heard = server.ask(&request);
    let rejected = heard.json()["rejected"] == json!([]);
    assert!(heard.status == 200 && rejected, "{:?}", heard.json());
}

fn write_tenant(house: &House, system: System, bond: &str) {
    let name = system.as_str();
    let agency = OPEN.replace("name = \"open\"", &format!("name = \"{name}\""));
    fs::write(
        house.path(&format!("tenants/{name}.toml")),
        format!("{agency}{bond}"),
    )
    .unwrap();
}

/// The section of a tenant's file that binds it, and the secrets it names.
fn bond(house: &House, system: System, recorder: &Recorder) -> String {
    let name = system.as_str();
    let secrets = house.path(&format!("data/dialgate/secrets/sor/{name}"));
    fs::create_dir_all(&secrets).unwrap();
    let credential = match system {
        System::Whl => "",
        System::Scollect => "key_file = \"key\"\npin_file = \"pin\"\n",
        System::Portal => "key_file = \"key\"\n",
    };
    fs::write(secrets.join("key"), KEY).unwrap();
    fs::write(secrets.join("pin"), "C2C").unwrap();
    let address = recorder.address;
    format!(
        "[sor]\nsystem = \"{name}\"\naddresses = [\"http://{address}\"]\npublic_host = \"gate\"\n{credential}"
    )
}

/// What the gateway asks a system of its own accord: a login, and whose a letter or dispute is. It holds
/// no accounts besides.
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
