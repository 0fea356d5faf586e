//! Rule pack and tenant files that change under a running server.

use std::fs;
use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};

use crate::floor::{ACCOUNT, Floor, PHONE, audit};
use crate::house::{ALL, House, MAY, OPEN};
use crate::http::Request;
use crate::words::{account, codes, gate, intent};

/// Looks before a change counts as not noticed, and the time between them: half a minute.
const LOOKS_MAX: u32 = 1_500;
const BETWEEN_LOOKS: Duration = Duration::from_millis(20);
/// Forbids every telephone call of the tenant `open`.
const LETTERS_ONLY: &str = "\n[strategy]\nchannels = [\"mail\"]\n";

impl House {
    /// With rules of its own, to be changed.
    fn with_own_rules(environment: &[(&str, &str)]) -> Self {
        let mut all = environment.to_vec();
        all.push(("DIALGATE_RULES__DIR", "rules"));
        let house = Self::with(&all);
        fs::create_dir(house.path("rules")).unwrap();
        let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("config/rules");
        for file in fs::read_dir(shipped).unwrap() {
            let file = file.unwrap();
            fs::copy(file.path(), house.path("rules").join(file.file_name())).unwrap();
        }
        house
    }
}

/// A server that reads its files again only when told.
fn told_floor() -> Floor {
    Floor::of(
        House::with_own_rules(&[("DIALGATE_RULES__RELOAD_INTERVAL_S", "0")]),
        "open",
    )
}

impl Floor {
    /// Sends SIGHUP.
    fn hang_up(&self) {
        self.server.signal("HUP");
    }

    fn deep_as(&self, token: &str) -> Value {
        let asked = Request::new("GET", "/api/health/deep").token(token);
        self.server.ask(&asked).json()
    }

    /// Looks at deep health until it shows what is wanted.
    fn until(&self, wanted: impl Fn(&Value) -> bool) -> Value {
        for _ in 0..LOOKS_MAX {
            let deep = self.deep();
            if wanted(&deep) {
                return deep;
            }
            std::thread::sleep(BETWEEN_LOOKS);
        }
        panic!("not noticed: {}", self.deep());
    }

    /// Has the files read again, and waits until they were.
    fn reread(&self) -> Value {
        let before = self.looked();
        self.hang_up();
        self.until(|_| self.looked() != before);
        self.deep()
    }

    /// How often changed files were taken up or refused.
    fn looked(&self) -> Vec<String> {
        let page = self.server.ask(&Request::new("GET", "/metrics")).body;
        let page = String::from_utf8(page).unwrap();
        let lines = page.lines().map(str::to_owned);
        let mut all: Vec<String> = lines
            .filter(|line| line.starts_with("dialgate_rules_reloads_total"))
            .collect();
        all.sort();
        all
    }

    fn write(&self, file: &str, text: &str) {
        fs::write(self.house.path(file), text).unwrap();
    }

    /// Replaces `old` in a file of the pack.
    fn edit(&self, file: &str, old: &str, new: &str) {
        let path = self.house.path("rules").join(file);
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains(old), "{old}");
        fs::write(path, text.replacen(old, new, 1)).unwrap();
    }

    fn rows_like(&self, tenant: &str, kind: &str) -> Vec<Value> {
        let rows = self.house.rows().into_iter();
        rows.filter(|row| row["tenant"] == tenant && row["body"]["k"] == kind)
            .collect()
    }

    fn verified(&self) {
        for what in ["verify", "replay"] {
            let ran = self.house.ledger(what);
            assert_eq!(ran.code, Some(0), "{ran:?}");
        }
    }
}

#[test]
fn a_policy_decides_the_very_next_question_and_no_stored_answer_outlives_it() {
    let floor = told_floor();
    let first = floor.call_as("K", &intent(ACCOUNT, PHONE));
    assert_eq!(first.json()["allow"], true);
    assert_eq!(floor.call_as("K", &intent(ACCOUNT, PHONE)).body, first.body);
    floor.write("tenants/open.toml", &format!("{OPEN}{LETTERS_ONLY}"));
    floor.reread();
    let again = floor.call_as("K", &intent(ACCOUNT, PHONE)).json();
    assert_eq!(codes(&again), ["CHANNEL_NOT_PERMITTED"]);
    // Its reservation was replaced: the repeat is a question of its own.
    assert_eq!(audit(&again), audit(&first.json()) + 2);
    floor.write("tenants/open.toml", OPEN);
    floor.reread();
    let back = floor.call_as("K", &intent(ACCOUNT, PHONE)).json();
    assert_eq!(back["allow"], true, "{back}");
    assert_eq!(floor.rows_like("open", "v").len(), 3);
    assert_eq!(floor.rows_like("guarded", "v").len(), 1, "not concerned");
    floor.verified();
    let floor = floor.restarted(Some(MAY), |server| server.started.kill());
    assert_eq!(
        floor.rows_like("open", "v").len(),
        3,
        "nothing new at a start"
    );
    floor.verified();
}

#[test]
fn a_pack_decides_in_every_chain_without_a_restart() {
    let house = House::with_own_rules(&[("DIALGATE_RULES__RELOAD_INTERVAL_S", "1")]);
    let floor = Floor::of(house, "open");
    let old = floor.deep()["rules"]["hash"].take();
    assert_eq!(floor.call()["allow"], true);
    floor.edit("pack.toml", "version = \"", "version = \"next-");
    floor.edit("federal.toml", SEVEN, NONE);
    let deep = floor.until(|deep| deep["rules"]["hash"] != old);
    assert_eq!(deep["rules"]["files"]["state"], "in_force");
    let version = floor
        .server
        .ask(&Request::new("GET", "/api/version"))
        .json();
    assert_eq!(version["rules"]["hash"], deep["rules"]["hash"]);
    let blocked = floor.call();
    assert_eq!(codes(&blocked), ["CALL_7_IN_7"]);
    for tenant in ["open", "guarded"] {
        let rows = floor.rows_like(tenant, "v");
        assert_eq!(rows.len(), 2, "{tenant}");
        assert_eq!(rows[0]["body"]["pack"], old);
        assert_eq!(rows[1]["body"]["pack"], deep["rules"]["hash"]);
    }
    floor.verified();
}

const SEVEN: &str = "limit = 7";
const NONE: &str = "limit = 1";

#[test]
fn what_is_malformed_is_refused_whole_and_the_old_stays() {
    let floor = told_floor();
    let old = floor.deep()["rules"]["hash"].take();
    floor.edit("pack.toml", "version = \"", "version = 7 # \"");
    floor.write(
        "tenants/open.toml",
        &format!("{OPEN}{LETTERS_ONLY}[timing]\nstate_counts = \"some\"\n"),
    );
    // A new tenant waits for its neighbours to be right.
    floor.write("tenants/third.toml", "name = \"third\"\n");
    let deep = floor.reread();
    let files = &deep["rules"]["files"];
    assert_eq!(
        (&files["state"], &files["findings_total"]),
        (&json!("refused"), &json!(2)),
        "{deep}"
    );
    let shown = files["findings"].as_array().unwrap();
    assert_eq!(shown.len(), 1, "a tenant's finding is not everybody's");
    assert!(
        shown[0].as_str().unwrap().contains("pack.toml:3: version:"),
        "{deep}"
    );
    assert_eq!(deep["rules"]["hash"], old);
    let admin = floor.deep_as(&floor.token)["rules"]["files"]["findings"].take();
    assert!(
        admin[1]
            .as_str()
            .unwrap()
            .contains("open.toml: timing.state_counts"),
        "{admin}"
    );
    assert_eq!(floor.call()["allow"], true, "the old policy decides");
    let third = floor.house.token("third", ALL);
    assert_eq!(floor.server.ask(&gate(&third, &json!({}))).status, 403);
    // The same bytes are not refused again and again.
    floor.edit("pack.toml", "version = 7 # \"", "version = \"");
    floor.reread();
    assert_eq!(floor.call()["allow"], true);
    floor.write("tenants/open.toml", OPEN);
    let deep = floor.reread();
    assert_eq!(deep["rules"]["files"]["findings"], json!([]), "{deep}");
    assert_eq!(deep["rules"]["files"]["state"], "in_force");
    assert_eq!(floor.rows_like("open", "v").len(), 1);
    assert_eq!(floor.rows_like("third", "v").len(), 1);
    floor.verified();
}

#[test]
fn tenants_come_and_go_while_it_runs_and_keep_their_chains() {
    let floor = told_floor();
    let third = floor.house.token("third", ALL);
    let ask = |floor: &Floor| floor.server.ask(&gate(&third, &intent(ACCOUNT, PHONE)));
    assert_eq!(ask(&floor).status, 403);
    // It sorts before the others, and takes no number of theirs.
    floor.write("tenants/a-third.toml", "name = \"a-third\"\n");
    floor.write("tenants/third.toml", &OPEN.replace("\"open\"", "\"third\""));
    floor.reread();
    assert_eq!(codes(&ask(&floor).json()), ["UNKNOWN_ACCOUNT"]);
    let heard = floor.server.ask(&crate::words::facts(
        &third,
        &json!([account(ACCOUNT, PHONE)]),
    ));
    assert_eq!(heard.status, 200);
    assert_eq!(ask(&floor).json()["allow"], true);
    assert_eq!(floor.call()["allow"], true, "whoever was there still is");
    fs::remove_file(floor.house.path("tenants/third.toml")).unwrap();
    floor.reread();
    let gone = ask(&floor);
    assert_eq!((gone.status, &gone.json()["allow"]), (403, &json!(false)));
    assert_eq!(floor.call()["allow"], true);
    let floor = floor.restarted(Some(MAY), |server| server.started.kill());
    assert_eq!(ask(&floor).status, 403);
    floor.write("tenants/third.toml", &OPEN.replace("\"open\"", "\"third\""));
    floor.reread();
    let again = ask(&floor).json();
    assert_eq!(
        (&again["allow"], &again["audit_id"]),
        (&json!(true), &json!(7))
    );
    let kinds: Vec<Value> = (floor.house.rows().iter())
        .filter(|row| row["tenant"] == "third")
        .map(|row| row["body"]["k"].clone())
        .collect();
    assert_eq!(kinds, ["v", "d", "f", "d", "a", "v", "d"]);
    floor.verified();
}

#[test]
fn a_channel_that_was_stopped_is_stopped_for_tenants_declared_later() {
    let floor = told_floor();
    let kill = |on: bool| {
        let kill = json!({ "record": "kill", "on": on, "scope": "channel", "value": "phone",
            "reason": "tested" });
        crate::words::facts(&floor.house.token("open", ALL), &json!([kill]))
    };
    assert_eq!(floor.server.ask(&kill(true)).status, 200);
    floor.write("tenants/third.toml", &OPEN.replace("\"open\"", "\"third\""));
    floor.reread();
    let third = floor.house.token("third", ALL);
    let file = crate::words::facts(&third, &json!([account(ACCOUNT, PHONE)]));
    assert_eq!(floor.server.ask(&file).status, 200);
    let ask = |floor: &Floor| {
        floor
            .server
            .ask(&gate(&third, &intent(ACCOUNT, PHONE)))
            .json()
    };
    assert_eq!(codes(&ask(&floor)), ["KILL_SWITCH"]);
    let off = kill(false);
    let floor = floor.restarted(Some(MAY), |server| server.started.kill());
    assert_eq!(codes(&ask(&floor)), ["KILL_SWITCH"]);
    assert_eq!(floor.server.ask(&off).status, 200);
    assert_eq!(ask(&floor)["allow"], true);
    floor.verified();
}

#[test]
fn a_pack_announced_for_later_waits_through_a_kill_and_then_decides() {
    let floor = told_floor();
    let old = floor.deep()["rules"]["hash"].take();
    assert_eq!(floor.call()["allow"], true);
    floor.edit(
        "pack.toml",
        "version = \"",
        "effective_from = 2026-05-05T18:10:00Z\nversion = \"later-",
    );
    floor.edit("federal.toml", SEVEN, NONE);
    let deep = floor.reread();
    let pending = &deep["rules"]["pending"];
    assert_eq!(pending["effective_from"], "2026-05-05T18:10:00Z", "{deep}");
    assert_eq!(deep["rules"]["hash"], old);
    let new = pending["hash"].clone();
    assert_eq!(floor.call()["allow"], true);
    for tenant in ["open", "guarded"] {
        let rows = floor.rows_like(tenant, "p");
        assert_eq!(rows.len(), 1);
        assert_eq!(rows[0]["body"]["pack"], new);
    }
    let floor = floor.restarted(Some("2026-05-05T18:05:00Z"), |server| server.started.kill());
    let deep = floor.deep();
    assert_eq!(
        (&deep["rules"]["hash"], &deep["rules"]["pending"]["hash"]),
        (&old, &new)
    );
    assert_eq!(floor.call()["allow"], true);
    // Its instant comes while the server runs.
    let floor = floor.restarted(Some("2026-05-05T18:09:56Z"), |server| server.started.kill());
    assert_eq!(floor.rows_like("open", "p").len(), 1, "announced once");
    let mut looks = 0;
    let mut dry = intent(ACCOUNT, PHONE);
    dry["dry_run"] = json!(true);
    while floor.server.ask(&gate(&floor.token, &dry)).json()["allow"] == true {
        looks += 1;
        assert!(looks < LOOKS_MAX);
        std::thread::sleep(BETWEEN_LOOKS);
    }
    let deep = floor.deep();
    assert_eq!(
        (&deep["rules"]["hash"], &deep["rules"]["pending"]),
        (&new, &Value::Null)
    );
    let from = 1_778_004_600;
    let rows = floor.house.rows();
    for tenant in ["open", "guarded"] {
        let active = rows
            .iter()
            .filter(|row| row["tenant"] == tenant && row["body"]["k"] == "v");
        let active: Vec<(bool, bool)> = active
            .map(|row| {
                let later = row["body"]["t"].as_i64().unwrap() >= from;
                (row["body"]["pack"] == new, later)
            })
            .collect();
        assert_eq!(active, [(false, false), (true, true)], "{tenant}");
    }
    for row in rows.iter().filter(|row| row["body"]["k"] == "d") {
        let late = row["body"]["t"].as_i64().unwrap() >= from;
        assert_eq!(row["body"]["b"] != 0, late, "{row}");
    }
    floor.verified();
    let floor = floor.restarted(Some("2026-05-05T18:11:00Z"), |server| server.started.kill());
    assert_eq!(floor.deep()["rules"]["hash"], new);
    assert_eq!(floor.rows_like("open", "v").len(), 2);
    floor.verified();
}

#[test]
fn a_pack_whose_instant_comes_while_stopped_decides_at_the_start() {
    let floor = told_floor();
    floor.edit(
        "pack.toml",
        "version = \"",
        "effective_from = 2026-05-05T18:10:00Z\nversion = \"later-",
    );
    let new = floor.reread()["rules"]["pending"]["hash"].take();
    let floor = floor.restarted(Some("2026-05-05T18:10:00Z"), |server| server.started.kill());
    assert_eq!(floor.deep()["rules"]["hash"], new);
    assert_eq!(floor.call()["allow"], true);
    floor.verified();
}

#[test]
fn another_pack_is_tried_on_decisions_already_made_beside_the_server() {
    let floor = told_floor();
    let first = floor.call_as("A", &intent(ACCOUNT, PHONE)).json();
    let second = floor.call();
    assert_eq!(
        (&first["allow"], &second["allow"]),
        (&json!(true), &json!(true))
    );
    let tried = |last: &str, tenant: &str| {
        let args = [
            "rules",
            "diff",
            &floor.house.arg("new"),
            "--last",
            last,
            "--data-dir",
            &floor.house.arg("data"),
            "--tenant",
            tenant,
        ];
        floor.house.run(&args)
    };
    fs::create_dir(floor.house.path("new")).unwrap();
    for file in fs::read_dir(floor.house.path("rules")).unwrap() {
        let file = file.unwrap();
        fs::copy(file.path(), floor.house.path("new").join(file.file_name())).unwrap();
    }
    let same = tried("9", "open");
    let told = "2 decisions asked again, 0 would change, 0 not re-decided\nALLOW -> ALLOW: 2\n";
    assert_eq!((same.code, &*same.out), (Some(0), told), "{same:?}");
    floor.edit("../new/federal.toml", SEVEN, NONE);
    let stricter = tried("9", "open");
    let changed = format!(
        "2 decisions asked again, 1 would change, 0 not re-decided\n\
         ALLOW -> BLOCK: 1\nALLOW -> ALLOW: 1\n\
         gained CALL_7_IN_7[CALL_7_IN_7]: 1\n\
         open {}: ALLOW -> BLOCK +CALL_7_IN_7[CALL_7_IN_7]\n",
        audit(&second)
    );
    assert_eq!(
        (stricter.code, &*stricter.out),
        (Some(0), &*changed),
        "{stricter:?}"
    );
    let newest = tried("1", "open");
    assert!(
        newest
            .out
            .starts_with("1 decisions asked again, 1 would change"),
        "{newest:?}"
    );
    let nobody = tried("9", "guarded");
    assert!(
        nobody.out.starts_with("0 decisions asked again"),
        "{nobody:?}"
    );
    floor.edit("../new/pack.toml", "version = \"", "version = 7 # \"");
    floor.edit("../new/federal.toml", "limit = 1", "limit = \"one\"");
    let faulty = tried("9", "open");
    assert_eq!(faulty.code, Some(65), "{faulty:?}");
    assert!(faulty.err.contains("pack.toml:3: version"), "{faulty:?}");
    assert!(faulty.err.contains("federal.toml:"), "{faulty:?}");
    assert_eq!(floor.deep()["status"], "ok");
}

#[test]
fn an_announcement_is_taken_back_when_the_files_are() {
    let floor = told_floor();
    floor.edit(
        "pack.toml",
        "version = \"",
        "effective_from = 2026-05-06\nversion = \"later-",
    );
    let deep = floor.reread();
    assert_eq!(
        deep["rules"]["pending"]["effective_from"],
        "2026-05-06T00:00:00Z"
    );
    floor.edit(
        "pack.toml",
        "effective_from = 2026-05-06\nversion = \"later-",
        "version = \"",
    );
    let deep = floor.reread();
    assert_eq!(deep["rules"]["pending"], Value::Null);
    let rows = floor.rows_like("open", "p");
    assert_eq!(rows.len(), 2);
    assert_eq!(rows[1]["body"]["pack"], Value::Null);
    assert_eq!(floor.rows_like("open", "v").len(), 1);
    floor.verified();
}

#[test]
fn a_pack_for_later_cannot_begin_a_data_directory() {
    let house = House::with_own_rules(&[]);
    let path = house.path("rules/pack.toml");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, format!("effective_from = 2026-06-01\n{text}")).unwrap();
    let (status, lines) = house.spawn(Some(MAY)).ended();
    assert_eq!(status.code(), Some(64), "{lines:?}");
    assert!(lines.concat().contains("2026-06-01T00:00:00Z"), "{lines:?}");
    fs::write(&path, format!("effective_from = 2026-05-01\n{text}")).unwrap();
    let floor = Floor::of(house, "open");
    assert_eq!(floor.call()["allow"], true, "an instant that has passed");
}
