//! A call of every catalogued route: its path with parameters filled in, its body, and for what
//! contacts somebody the same call once for an account that may be contacted and once for none.

use dialgate::sor::catalogue::{Catalogues, Route};
use dialgate::sor::route::{Class, Duty, System};
use serde_json::{Value, json};

/// The account that may be contacted, as each system calls it.
pub(crate) fn account(system: System) -> &'static str {
    match system {
        System::Whl => "ACC-1",
        System::Scollect => "R1000",
        System::Portal => "1",
    }
}

/// Where it may be written to.
pub(crate) const EMAIL: &str = "consumer@example.com";
/// Its number.
pub(crate) const PHONE: &str = "8185551234";

/// A documented route and how it is called.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    pub(crate) system: System,
    pub(crate) route: Route,
    /// The account it is about.
    pub(crate) account: String,
    /// At the system.
    pub(crate) path: String,
    pub(crate) body: Option<Sent>,
}

/// A body and what it says it is.
#[derive(Debug, Clone)]
pub(crate) struct Sent {
    pub(crate) kind: &'static str,
    pub(crate) text: String,
}

impl Row {
    /// The path at the gateway.
    pub(crate) fn at_the_gateway(&self) -> String {
        format!("{}{}", self.system.mount(), self.path)
    }

    /// The method, as requests are built with it.
    pub(crate) fn method(&self) -> &'static str {
        let known = ["GET", "POST", "PUT", "PATCH", "DELETE"];
        known
            .into_iter()
            .find(|name| *name == &*self.route.method)
            .unwrap()
    }

    /// The same call about an account nobody knows; only what contacts somebody differs.
    pub(crate) fn about_nobody(&self) -> Self {
        let mut row = self.clone();
        row.body = body(&self.route, self.system, "NOBODY");
        row.path = row.path.replace(&encoded(&self.account), "NOBODY");
        row
    }
}

/// Every route the three systems document, in the order of their numbers.
pub(crate) fn all() -> Vec<Row> {
    let catalogues = Catalogues::read(None).unwrap();
    let mut rows = Vec::new();
    for (system, last) in [
        (System::Whl, 269),
        (System::Scollect, 28),
        (System::Portal, 149),
    ] {
        let routes = catalogues.of(system).routes().iter();
        rows.extend(routes.filter(|route| route.no <= last).map(|route| {
            let account = account_of(route, system);
            Row {
                system,
                path: path(route, &account),
                body: body(route, system, &account),
                route: route.clone(),
                account,
            }
        }));
    }
    rows
}

/// What changes an account has one of its own: a dispute stops the contacts of the next route.
fn account_of(route: &Route, system: System) -> String {
    if route.class != Class::Tapped {
        return account(system).to_owned();
    }
    match system {
        System::Whl => format!("TAP-{}", route.no),
        System::Scollect => format!("R2{:03}", route.no),
        System::Portal => format!("1{:03}", route.no),
    }
}

/// The template with the account's name in every parameter. What need not be encoded is, so that a
/// gateway that writes paths anew is found out; where it answers itself, it reads the name.
fn path(route: &Route, account: &str) -> String {
    let segments = route.template.split('/').map(|segment| {
        let name = segment
            .strip_prefix('{')
            .and_then(|rest| rest.strip_suffix('}'));
        match name {
            None => segment.to_owned(),
            Some("phone") => PHONE.to_owned(),
            Some("state") => "CA".to_owned(),
            Some(_) => encoded(account),
        }
    });
    segments.collect::<Vec<_>>().join("/")
}

/// With its first letter as an escape.
fn encoded(name: &str) -> String {
    let (first, rest) = name.split_at(1);
    format!("%{:02x}{rest}", first.as_bytes()[0])
}

fn body(route: &Route, system: System, account: &str) -> Option<Sent> {
    if matches!(&*route.method, "GET" | "DELETE") {
        return None;
    }
    let json = |text: String| Sent {
        kind: "application/json",
        text,
    };
    Some(match route.duty.filter(|_| route.class != Class::Hot) {
        Some(Duty::IngestCsv) => Sent {
            kind: "text/csv",
            text: format!("account_id,state,zip\n{account},CA,91502\n"),
        },
        Some(Duty::IngestJson) => {
            json(json!([{ "account_id": account, "state": "CA", "zip": "91502" }]).to_string())
        }
        Some(duty) => json(by_duty(duty, system, account).to_string()),
        // Blanks and the order of keys are the caller's own.
        None => json(format!("{{ \"z\": 1,  \"account_id\":\"{account}\" }}")),
    })
}

fn by_duty(duty: Duty, system: System, account: &str) -> Value {
    match (duty, system) {
        (Duty::SendEmail, _) => {
            json!({ "account_id": account, "to": EMAIL, "subject": "x", "body": "x" })
        }
        (Duty::SendCode, _) => json!({ "account_id": account, "email": EMAIL }),
        (Duty::SendTemplateEmail, _) => json!({
            "sendType": "email", "emailTemplate": "x", "referenceNumbers": [account], "updateap": false,
        }),
        (Duty::SendTemplateText, _) => json!({
            "filenumber": account, "textTemplate": "x", "messageType": "Multicast", "sbt_env": "LIVE",
        }),
        (Duty::CreateCorrespondence | Duty::SendCorrespondence, _) => {
            let client = account
                .parse::<u64>()
                .map_or_else(|_name| json!(999_999), Value::from);
            let kind = if duty == Duty::SendCorrespondence {
                "email"
            } else {
                "letter"
            };
            json!({
                "client_id": client, "type": kind,
                "email": { "to": EMAIL, "subject": "x", "body": "x" },
                "letter": { "postal_address": "x", "content": "x" },
            })
        }
        (_, System::Scollect) => json!({
            "filenumber": account, "phonenumber": "818-555-1234", "phonetype": "UNKNOWN", "phonestatus": "UNKNOWN",
            "fieldname": "firstname", "fieldvalue": "X", "dispo": "SPOKE TO DEBTOR", "agent": "x", "type": "MANUAL",
            "paymentdate": "2026-06-15", "paymentamount": "9.00", "paymentstatus": "PENDING",
        }),
        (_, System::Portal) => {
            json!({ "email": EMAIL, "attributes": { "FirstName": "X" }, "type": "add", "attachment_id": 1 })
        }
        _ => json!({ "account_id": account, "reason": "x", "amount": 1 }),
    }
}
