//! The portfolio a sandbox begins with: the same people in all three systems (SANDBOX-3).
//!
//! Numbers are of the 555-01xx that are given to nobody, addresses of `example.com`.

use serde_json::{Value, json};

use super::reply::Refusal;
use super::store::Books;
use super::{portal, scollect, whl};
use crate::domain::time::UnixSeconds;

/// How many there are.
pub(super) const PEOPLE: usize = 24;

const FIRST: [&str; 12] = [
    "Ana", "Ben", "Cleo", "Dov", "Ela", "Finn", "Gwen", "Hugo", "Ida", "Jon", "Kaya", "Leo",
];
const LAST: [&str; 8] = [
    "Archer", "Baker", "Carter", "Dyer", "Fisher", "Glover", "Hooper", "Mason",
];
/// State, city, ZIP code, area code.
const PLACES: [(&str, &str, &str, &str); 8] = [
    ("NY", "New York", "10001", "212"),
    ("TX", "Houston", "77002", "713"),
    ("CA", "Sacramento", "95814", "916"),
    ("FL", "Miami", "33128", "305"),
    ("IL", "Chicago", "60602", "312"),
    ("OH", "Columbus", "43215", "614"),
    ("AZ", "Phoenix", "85003", "602"),
    ("CO", "Denver", "80202", "303"),
];

/// One of them.
#[derive(Debug, Clone)]
pub(super) struct Person {
    /// From 0.
    pub(super) n: usize,
    pub(super) first: &'static str,
    pub(super) last: &'static str,
    pub(super) state: &'static str,
    pub(super) city: &'static str,
    pub(super) zip: &'static str,
    /// Ten digits each.
    pub(super) phones: Vec<String>,
    pub(super) email: String,
    /// Cents.
    pub(super) balance: i64,
    /// What stands in the way, if anything.
    pub(super) sign: Option<Sign>,
}

/// What stands in the way of the last four.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sign {
    Disputed,
    Bankrupt,
    Deceased,
    Closed,
}

/// Person number `n`.
fn person(n: usize) -> Person {
    let (state, city, zip, area) = pick(&PLACES, n).copied().unwrap_or_default();
    let first = pick(&FIRST, n).copied().unwrap_or_default();
    let last = pick(&LAST, n / 3).copied().unwrap_or_default();
    let mut phones = vec![format!("{area}55501{n:02}")];
    if n.is_multiple_of(3) {
        phones.push(format!("{area}55501{:02}", n + 50));
    }
    let sign = match n {
        20 => Some(Sign::Disputed),
        21 => Some(Sign::Bankrupt),
        22 => Some(Sign::Deceased),
        23 => Some(Sign::Closed),
        _ => None,
    };
    Person {
        n,
        first,
        last,
        state,
        city,
        zip,
        phones,
        email: format!(
            "{}.{}{n}@example.com",
            first.to_lowercase(),
            last.to_lowercase()
        ),
        balance: 45_000 + 13_700 * i64::try_from(n).unwrap_or(0),
        sign,
    }
}

fn pick<T>(list: &[T], n: usize) -> Option<&T> {
    list.get(n % list.len().max(1))
}

/// Brings everybody, unless somebody was brought before.
pub(super) fn portfolio(books: &mut Books, now: UnixSeconds) -> Result<(), super::SandboxError> {
    let brought = brought(books, now);
    brought.map_err(|refusal| match refusal {
        Refusal::Store(error) => super::SandboxError::Store(error),
        _ => super::SandboxError::Portfolio,
    })
}

fn brought(books: &mut Books, now: UnixSeconds) -> Result<(), Refusal> {
    if books.is_begun("portfolio")? {
        return Ok(());
    }
    books.number("portfolio")?;
    for person in (0..PEOPLE).map(person) {
        whl::seed(books, &person, now)?;
        scollect::seed(books, &person, now)?;
        portal::seed(books, &person)?;
    }
    Ok(())
}

impl Person {
    /// `212-555-0100`.
    pub(super) fn dashed(number: &str) -> String {
        let part = |from, to| number.get(from..to).unwrap_or_default();
        format!("{}-{}-{}", part(0, 3), part(3, 6), part(6, 10))
    }

    /// The numbers as WHL has them.
    pub(super) fn phone_documents(&self) -> Value {
        let kinds = ["mobile", "landline"];
        let each = self.phones.iter().zip(kinds);
        each.map(|(number, kind)| json!({ "number": number, "type": kind, "status": "good" }))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// SANDBOX-3: numbers are of those that are given to nobody, each once; addresses are nobody's.
    #[test]
    fn nobody_can_be_reached() {
        let mut numbers = BTreeSet::new();
        for person in (0..PEOPLE).map(person) {
            for number in &person.phones {
                assert_eq!((number.len(), number.get(3..8)), (10, Some("55501")));
                assert!(number.bytes().all(|byte| byte.is_ascii_digit()));
                assert!(numbers.insert(number.clone()), "{number} twice");
            }
            assert!(person.email.ends_with("@example.com"), "{}", person.email);
        }
        assert!(numbers.len() > PEOPLE);
    }
}
