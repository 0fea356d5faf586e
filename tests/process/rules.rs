//! Rules of a state as tenants take them on: one rule that the pack only records, seen by a tenant
//! that leaves it so, by one that has it noted and by one that has it block; then replayed.

use std::fs;

use serde_json::{Value, json};

use crate::floor::audit;
use crate::house::{ALL, House, MAY, OPEN, Server};
use crate::http::Request;
use crate::words::{account, facts, gate, intent};

/// Three sales calls in twenty-four hours; a collector is no seller, so it is off by default.
const RULE: &str = "OK-TM-FREQUENCY";
const PHONE: &str = "+14055551234";

struct Story {
    house: House,
    server: Server,
}

/// The file of a tenant that says this of the rule.
fn file(name: &str, key: Option<&str>) -> String {
    let own = key.map_or_else(String::new, |key| {
        format!("[rules]\n{key} = [\"{RULE}\"]\n")
    });
    OPEN.replace("\"open\"", &format!("\"{name}\"")) + &own
}

impl Story {
    fn begin() -> Self {
        let house = House::with(&[]);
        for (name, key) in [("noting", "flag"), ("taking", "enforce")] {
            let path = house.path(&format!("tenants/{name}.toml"));
            fs::write(path, file(name, Some(key))).unwrap();
        }
        let server = house.start(Some(MAY));
        let story = Self { house, server };
        for tenant in ["open", "noting", "taking"] {
            let mut record = account("ACC-1", PHONE);
            (record["state"], record["zip"]) = (json!("OK"), json!("73102"));
            let token = story.house.token(tenant, ALL);
            let heard = story.server.ask(&facts(&token, &json!([record])));
            assert_eq!(heard.json()["applied"], 1, "{tenant}");
        }
        story
    }

    /// Asks to telephone.
    fn call(&self, tenant: &str) -> Value {
        let token = self.house.token(tenant, ALL);
        let heard = self.server.ask(&gate(&token, &intent("ACC-1", PHONE)));
        assert_eq!(heard.status, 200, "{tenant}");
        heard.json()
    }

    /// What the route about a state says of the rule.
    fn in_force(&self, tenant: &str) -> Value {
        let token = self.house.token(tenant, ALL);
        let asked = Request::new("GET", "/api/compliance/state-rules/OK").token(&token);
        let heard = self.server.ask(&asked).json();
        let mut rules = heard["rules"].as_array().into_iter().flatten();
        let rule = rules.find(|rule| rule["id"] == RULE).unwrap();
        json!([rule["default"], rule["in_force"]])
    }

    /// The same after a stop, with another file for a tenant.
    fn restarted_with(self, name: &str, key: Option<&str>) -> Self {
        let (status, _) = self.server.terminated();
        assert!(status.success());
        let path = self.house.path(&format!("tenants/{name}.toml"));
        fs::write(path, file(name, key)).unwrap();
        let server = self.house.start(Some(MAY));
        Self {
            house: self.house,
            server,
        }
    }

    /// The row of an answer.
    fn row(rows: &[Value], tenant: &str, answer: &Value) -> Value {
        let seq = audit(answer);
        let mut found = rows
            .iter()
            .filter(|row| row["tenant"] == tenant && row["seq"] == seq);
        found.next().unwrap()["body"].clone()
    }
}

/// The rules behind what an answer blocks by, and those it notes.
fn rules(answer: &Value) -> (Vec<&str>, Vec<&str>) {
    let gates = answer["gates"].as_array().into_iter().flatten();
    let codes = gates.flat_map(|gate| gate["codes"].as_array().into_iter().flatten());
    let flags = answer["flags"].as_array().into_iter().flatten();
    (
        codes.filter_map(|code| code["rule"].as_str()).collect(),
        flags.filter_map(|flag| flag["rule"].as_str()).collect(),
    )
}

#[test]
fn one_rule_is_off_noted_or_blocks_as_the_tenants_file_says_and_replays_so() {
    let story = Story::begin();
    for (tenant, in_force) in [("open", "off"), ("noting", "flag"), ("taking", "enforce")] {
        assert_eq!(story.in_force(tenant), json!(["off", in_force]), "{tenant}");
        for _ in 0..3 {
            let answer = story.call(tenant);
            assert_eq!(answer["allow"], true, "{answer}");
            assert_eq!(rules(&answer), (vec![], vec![]));
        }
    }
    let off = story.call("open");
    assert_eq!(
        (&off["allow"], rules(&off)),
        (&json!(true), (vec![], vec![]))
    );
    let noted = story.call("noting");
    assert_eq!(noted["allow"], true);
    assert_eq!(rules(&noted), (vec![], vec![RULE]));
    let taken = story.call("taking");
    assert_eq!(
        (&taken["allow"], &taken["blocked_by"]),
        (&json!(false), &json!(["TIMING"]))
    );
    assert_eq!(rules(&taken), (vec![RULE], vec![]));
    // A full day after the first of the three.
    assert_eq!(taken["next_allowed_at"], "2026-05-06T18:00:00Z");

    // What one file had noted blocks under the next, and what blocked is off.
    let story = story.restarted_with("noting", Some("enforce"));
    let blocked = story.call("noting");
    assert_eq!(rules(&blocked), (vec![RULE], vec![]));
    let story = story.restarted_with("taking", None);
    let allowed = story.call("taking");
    assert_eq!(
        (&allowed["allow"], rules(&allowed)),
        (&json!(true), (vec![], vec![]))
    );

    let (house, server) = (story.house, story.server);
    drop(server);
    let rows = house.rows();
    let flags = |tenant, answer| Story::row(&rows, tenant, answer)["f"].clone();
    assert_eq!(flags("open", &off), Value::Null);
    assert_eq!(flags("noting", &noted).as_array().map(Vec::len), Some(1));
    assert_eq!(flags("noting", &blocked), Value::Null);
    // Each row is decided again by the file its activation names, not by the one that lies there now.
    let replayed = house.ledger("replay");
    assert_eq!(replayed.code, Some(0), "{replayed:?}");
    let counted = replayed
        .out
        .starts_with("14 decisions equal, 0 not re-decided");
    assert!(counted, "{replayed:?}");
    assert_eq!(house.ledger("verify").code, Some(0));
}

#[test]
fn a_file_that_names_an_unknown_rule_or_notes_an_enforced_one_stops_the_start() {
    for (key, rule) in [("enforce", "OK-NOTHING"), ("flag", "FL-HOURS")] {
        let house = House::with(&[]);
        let text = file("noting", Some(key)).replace(RULE, rule);
        fs::write(house.path("tenants/noting.toml"), text).unwrap();
        let config = house.arg("dialgate.toml");
        let ran = house.run(&["serve", "--config", &config]);
        assert_ne!(ran.code, Some(0), "{ran:?}");
        assert!(ran.err.contains(rule), "{ran:?}");
    }
}
