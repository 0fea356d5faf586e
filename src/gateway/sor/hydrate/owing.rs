//! What was read of accounts, together with what they are owed.

use crate::domain::record::{AccountRecord, Line, Personal};
use crate::wire::ingest::limits::FACTS_MAX;

/// Lines to be taken in.
#[derive(Debug, Default, PartialEq)]
pub(super) struct WithOwed {
    /// An account's facts in its own record, so that it never stands there without them.
    pub(super) lines: Vec<Line>,
    /// The same, each owed line by itself behind what was read.
    pub(super) apart: Vec<Line>,
    /// What was owed, by account.
    pub(super) owed: Vec<(Box<str>, Vec<Line>)>,
}

/// Puts to what was read what its accounts are owed.
pub(super) fn with_owed(read: Vec<Line>, owed: impl Fn(&str) -> Vec<Line>) -> WithOwed {
    let mut with = WithOwed::default();
    let mut behind = Vec::new();
    for line in read {
        let Line::Account(record) = &line else {
            with.lines.push(line);
            continue;
        };
        let account = record.account_id.as_ref().map(Personal::as_str);
        let lines = account.map(&owed).unwrap_or_default();
        let Some(account) = account.filter(|_| !lines.is_empty()) else {
            with.lines.push(line);
            continue;
        };
        with.owed.push((account.into(), lines.clone()));
        let mut whole = record.clone();
        for line in lines {
            match line {
                Line::Account(owed) if says_facts_only(&owed) && fits(&whole, &owed) => {
                    whole.facts.extend(owed.facts);
                }
                line => behind.push(line),
            }
        }
        with.apart.push(line);
        with.lines.push(Line::Account(whole));
    }
    if !with.owed.is_empty() {
        let owed = with
            .owed
            .iter()
            .flat_map(|(_, lines)| lines.iter().cloned());
        with.apart.extend(owed);
    }
    with.lines.extend(behind);
    with
}

fn fits(whole: &AccountRecord, owed: &AccountRecord) -> bool {
    whole.facts.len() + owed.facts.len() <= FACTS_MAX
}

fn says_facts_only(record: &AccountRecord) -> bool {
    let rest = AccountRecord {
        account_id: record.account_id.clone(),
        facts: record.facts.clone(),
        ..AccountRecord::default()
    };
    *record == rest
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::record::{FactKind, FactRecord};
    use crate::domain::words::AccountStatus;

    fn record(account: &str, kinds: &[FactKind]) -> AccountRecord {
        let fact = |kind: &FactKind| FactRecord {
            fact: Some(*kind),
            ..FactRecord::default()
        };
        AccountRecord {
            account_id: Some(Personal::from(account)),
            facts: kinds.iter().map(fact).collect(),
            ..AccountRecord::default()
        }
    }

    fn line(record: AccountRecord) -> Line {
        Line::Account(Box::new(record))
    }

    #[test]
    fn owed_facts_are_in_the_record_that_brings_the_account() {
        let dispute = line(record("A", &[FactKind::Dispute]));
        let closed = line(AccountRecord {
            status: Some(AccountStatus::Closed),
            ..record("A", &[])
        });
        let owed = vec![dispute.clone(), closed.clone()];
        let of = |account: &str| if account == "A" { owed.clone() } else { vec![] };
        let (a, b) = (record("A", &[FactKind::Cease]), record("B", &[]));
        let with = with_owed(vec![line(a.clone()), line(b.clone())], of);
        let whole = record("A", &[FactKind::Cease, FactKind::Dispute]);
        assert_eq!(with.lines, [line(whole), line(b), closed.clone()]);
        assert_eq!(with.apart, [line(a), dispute, closed]);
        assert_eq!(with.owed, [("A".into(), owed)]);
    }

    #[test]
    fn more_facts_than_a_record_may_have_come_behind_it() {
        let dispute = line(record("A", &[FactKind::Dispute]));
        let full = record("A", &[FactKind::Cease; FACTS_MAX]);
        let with = with_owed(vec![line(full.clone())], |_| vec![dispute.clone()]);
        assert_eq!(with.lines, [line(full), dispute]);
    }
}
