//! What the engine makes of the records: each is taken, and the same reading again says nothing new.

use std::sync::Arc;

use super::samples::{
    ATTEMPTS, BANKRUPT, EMAILS, NOTES, NOTHING, PAYMENTS, PHONES, call, now, result, scollect,
};
use super::*;
use crate::domain::ids::TenantNo;
use crate::domain::policy::TenantPolicy;
use crate::domain::record::Line;
use crate::domain::time::Zones;
use crate::engine::commands::{FactsPage, Item, PageResult, RowSink, SealedSubject, Stated};
use crate::engine::{Engine, Options};
use crate::sor::route::Duty;

struct Nowhere;

impl RowSink for Nowhere {
    fn row(&mut self, _: TenantNo, _: u64, _: &[u8], _: &[&SealedSubject], _: [u64; 2]) {}
}

struct House {
    engine: Engine,
    tenant: TenantNo,
}

impl House {
    fn new() -> Self {
        let pack = Arc::new(crate::rulepack::embedded().unwrap());
        let options = Options {
            accounts_expected: 8,
            ..Options::default()
        };
        let mut engine = Engine::new(options, pack, Zones::bundled());
        let tenant = engine.declare("agency", TenantPolicy::defaults("agency"));
        Self { engine, tenant }
    }

    fn take(&mut self, line: &Line, now: UnixSeconds) -> PageResult {
        let Line::Account(record) = line else {
            panic!("an account");
        };
        let page = FactsPage {
            tenant: self.tenant,
            items: vec![Item {
                line: 1,
                what: Stated::Account(record.clone()),
                body: b"{}".to_vec(),
                subject: SealedSubject::default(),
            }],
        };
        self.engine.apply_page(&page, now, &mut Nowhere)
    }
}

fn counts(result: &PageResult) -> (u32, u32) {
    assert_eq!(result.rejected, []);
    (result.applied, result.unchanged)
}

fn reading(attempts: &str, now: UnixSeconds) -> Line {
    let zone = Zones::bundled().find("America/Chicago");
    let heard = [BANKRUPT, PHONES, attempts, EMAILS, NOTES, PAYMENTS].map(result);
    match scollect().account("R1001", &heard, zone, now) {
        Hydrated::Known(record) => Line::Account(record),
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_same_reading_later_changes_nothing() {
    let today = ATTEMPTS.replace("Tue, 23 Jan", "Wed, 24 Jan");
    for attempts in [ATTEMPTS, &today, NOTHING] {
        let mut house = House::new();
        assert_eq!(
            counts(&house.take(&reading(attempts, now()), now())),
            (1, 0)
        );
        for hours in [1, 20, 24 * 20] {
            let later = now().plus(hours * 3_600);
            let again = house.take(&reading(attempts, later), later);
            assert_eq!(counts(&again), (0, 1), "{hours}");
        }
    }
}

#[test]
fn an_attempt_inserted_here_and_read_later_is_one() {
    let row = r#"[{"date": "Wed, 24 Jan 2024 00:00:00 GMT", "time": "12:30", "agent": "agent",
        "dispo": "SPOKE TO DEBTOR", "phonenumber": "716-628-9899", "type": "MANUAL"}]"#;
    let body = r#"{"phonenumber": "(716) 628-9899", "dispo": "Spoke to debtor", "agent": "agent",
        "type": "MANUAL", "filenumber": "R1001"}"#;
    let mut house = House::new();
    house.take(&reading(NOTHING, now()), now());
    let inserted = scollect().tapped(&call(Duty::InsertAttempt, body));
    assert_eq!(
        counts(&house.take(&inserted.restrict[0].apply, now())),
        (1, 0)
    );
    let later = now().plus(7_200);
    assert_eq!(counts(&house.take(&reading(row, later), later)), (0, 1));
    // A minute beside it, it is another.
    let other = row.replace("12:30", "12:31");
    assert_eq!(counts(&house.take(&reading(&other, later), later)), (1, 0));
}

#[test]
fn every_tap_is_taken_and_what_undoes_it_undoes_it() {
    let set = |duty, field: &str, value: &str| {
        let body = serde_json::json!({
            "filenumber": "R1", "fieldname": field, "fieldvalue": value,
            "phonenumber": "716-628-9899", "phonestatus": value,
        });
        scollect().tapped(&call(duty, &body.to_string()))
    };
    for (duty, field, value) in [
        (Duty::UpdatePermissions, "donottext", "1"),
        (Duty::UpdatePermissions, "callwork", "no"),
        (Duty::UpdatePermissions, "cont_debtor", "0"),
        (Duty::UpdateAccount, "deceased", "YES"),
        (Duty::UpdateAccount, "bankruptcytype", "7"),
        (
            Duty::UpdateAccount,
            "statusname",
            "DISPUTE / FRAUD / MINOR / SCRA / LAWSUIT / CFPB",
        ),
        (Duty::UpdatePhone, "", "Disconnected"),
        (Duty::UpdatePhone, "", "DO NOT CALL"),
        (Duty::UpdatePhone, "", "WRONG NUMBER"),
    ] {
        let mut house = House::new();
        // On file with the number before.
        let plain = set(Duty::InsertPhone, "", "Good Number").permit;
        assert_eq!(counts(&house.take(&plain[0], now())), (1, 0));
        let told = set(duty, field, value);
        assert!(!told.restrict.is_empty());
        for change in &told.restrict {
            let undo = change.undo.as_ref().unwrap();
            assert_eq!(counts(&house.take(&change.apply, now())), (1, 0), "{value}");
            assert_eq!(counts(&house.take(&change.apply, now())), (0, 1), "{value}");
            assert_eq!(counts(&house.take(undo, now())), (1, 0), "{value}");
            // Undone: it can be said anew.
            assert_eq!(counts(&house.take(&change.apply, now())), (1, 0), "{value}");
        }
    }
}
