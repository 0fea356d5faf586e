//! A running server with one account on file, as most stories here begin.

use serde_json::{Value, json};

use crate::house::{ALL, House, MAY, Server};
use crate::http::{Reply, Request};
use crate::words::{account, disposition, facts, gate, intent};

/// The account on file.
pub(crate) const ACCOUNT: &str = "ACC-001";
/// Its number.
pub(crate) const PHONE: &str = "+18185551234";

pub(crate) struct Floor {
    pub(crate) house: House,
    pub(crate) server: Server,
    /// A credential of the tenant with every scope.
    pub(crate) token: String,
}

impl Floor {
    /// A tenant with the agency's own gates open.
    pub(crate) fn open() -> Self {
        Self::of(House::with(&[]), "open")
    }

    pub(crate) fn of(house: House, tenant: &str) -> Self {
        let server = house.start(Some(MAY));
        let token = house.token(tenant, ALL);
        let floor = Self {
            house,
            server,
            token,
        };
        floor.state(&json!([account(ACCOUNT, PHONE)]));
        floor
    }

    /// The same after `end` ended the server and another was started.
    pub(crate) fn restarted(self, clock: Option<&str>, end: impl FnOnce(Server)) -> Self {
        let Self {
            house,
            server,
            token,
        } = self;
        end(server);
        let server = house.start(clock);
        Self {
            house,
            server,
            token,
        }
    }

    /// Brings one record that changes something.
    pub(crate) fn state(&self, records: &Value) {
        let heard = self.bring(records);
        assert_eq!(
            heard,
            json!({ "applied": 1, "unchanged": 0, "rejected": [] })
        );
    }

    /// Brings records.
    pub(crate) fn bring(&self, records: &Value) -> Value {
        let heard = self.server.ask(&facts(&self.token, records));
        assert_eq!(heard.status, 200, "{:?}", heard.json());
        heard.json()
    }

    /// Asks to telephone the account.
    pub(crate) fn call(&self) -> Value {
        self.answered(&gate(&self.token, &intent(ACCOUNT, PHONE)))
    }

    /// The same under a key.
    pub(crate) fn call_as(&self, key: &str, intent: &Value) -> Reply {
        self.server
            .ask(&gate(&self.token, intent).with("Idempotency-Key", key))
    }

    /// Reports an outcome for the account.
    pub(crate) fn report(&self, said: &Value) -> Reply {
        self.server.ask(&disposition(&self.token, ACCOUNT, said))
    }

    fn answered(&self, request: &Request) -> Value {
        let heard = self.server.ask(request);
        assert_eq!(heard.status, 200, "{:?}", heard.json());
        heard.json()
    }

    /// The deep health page, as anybody may read it.
    pub(crate) fn deep(&self) -> Value {
        self.server
            .ask(&Request::new("GET", "/api/health/deep"))
            .json()
    }

    /// Rows of a kind in all chains.
    pub(crate) fn rows_of(&self, kind: &str) -> usize {
        let rows = self.house.rows();
        rows.iter().filter(|row| row["body"]["k"] == kind).count()
    }
}

/// The row an answer names.
pub(crate) fn audit(answer: &Value) -> u64 {
    answer["audit_id"].as_u64().unwrap()
}
