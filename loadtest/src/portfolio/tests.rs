//! The portfolio is the same for the same seed, valid, and without collisions.

use std::collections::BTreeSet;

use super::{CITIES, EXCHANGES, Portfolio, exchange, write_all};

#[test]
fn the_same_seed_writes_the_same_bytes_and_another_does_not() {
    let written = |seed| {
        let mut out = Vec::new();
        write_all(Portfolio::new(seed, 200), &mut out).unwrap();
        out
    };
    assert_eq!(written(1), written(1));
    assert_ne!(written(1), written(2));
    assert_eq!(
        written(1).split_inclusive(|&byte| byte == b'\n').count(),
        200
    );
}

#[test]
fn a_record_has_the_documented_fields() {
    let mut out = Vec::new();
    Portfolio::new(1, 1_000).write_record(0, &mut out).unwrap();
    let record: serde_json::Value = serde_json::from_slice(&out).unwrap();
    assert_eq!(record["record"], "account");
    assert_eq!(record["account_id"], "ACC-0000001");
    assert_eq!(record["debts"][0]["debt_id"], "D-0000001");
    assert_eq!(record["phones"].as_array().unwrap().len(), 2);
    assert_eq!(record["attempts"].as_array().unwrap().len(), 5);
    assert_eq!(record["attempts"][0]["at"], "2026-05-01T17:59:59Z");
    assert_eq!(record["attempts"][1]["at"], "2026-04-22T17:59:59Z");
    assert_eq!(
        record["attempts"][0]["phone"],
        record["phones"][0]["number"]
    );
}

#[test]
fn phones_are_unique_and_in_the_area_code_of_the_city() {
    let portfolio = Portfolio::new(1, 50_000);
    let mut seen = BTreeSet::new();
    for index in 0..portfolio.accounts() {
        let account = portfolio.account(index);
        for phone in account.phones {
            assert_eq!(phone / 10_000_000, u64::from(account.city.2));
            let exchange = phone / 10_000 % 1_000;
            assert!((200..=999).contains(&exchange) && exchange % 100 != 11 && exchange != 555);
            assert!(seen.insert(phone), "phone given twice");
        }
    }
    assert_eq!(seen.len(), 100_000);
}

#[test]
fn exchanges_run_from_200_to_999_without_the_reserved_ones() {
    let all: Vec<u64> = (0..EXCHANGES).map(exchange).collect();
    assert_eq!((all[0], all[10], all[11]), (200, 210, 212));
    assert_eq!(all[usize::try_from(EXCHANGES).unwrap() - 1], 999);
    assert!(all.windows(2).all(|pair| pair[0] < pair[1]));
    assert!(!all.contains(&555) && !all.iter().any(|code| code % 100 == 11));
}

#[test]
fn every_city_is_used_about_equally() {
    let portfolio = Portfolio::new(1, 48_000);
    let mut counts = vec![0_u32; CITIES.len()];
    for index in 0..portfolio.accounts() {
        let city = portfolio.account(index).city;
        counts[CITIES.iter().position(|&other| other == city).unwrap()] += 1;
    }
    assert!(
        counts.iter().all(|count| (850..1_150).contains(count)),
        "{counts:?}"
    );
}

#[test]
fn ids_widen_beyond_seven_digits() {
    assert_eq!(Portfolio::new(1, 9_999_999).account(0).digits, 7);
    assert_eq!(Portfolio::new(1, 10_000_000).account(0).digits, 8);
}
