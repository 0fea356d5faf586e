//! What a row of the ledger tells a system of record.

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::domain::facts::Attempt;
use crate::domain::hash::stable_hash;
use crate::domain::outcome::Reported;
use crate::domain::phone::PhoneNumber;
use crate::domain::record::{
    AccountRecord, FactKind, FactRecord, Line, Personal, SYSTEM_SOURCE_MARK,
};
use crate::domain::time::UnixSeconds;
use crate::domain::words::{Action, Channel};
use crate::sor::dialect::Outgoing;
use crate::wire::disposition::{Direction, Disposition};
use crate::wire::record;
use crate::wire::subject::SubjectFields;

/// One thing to be told.
#[derive(Debug, Clone, PartialEq)]
pub struct News {
    /// Which account; none for a number or address.
    pub account: Option<Box<str>>,
    /// News with the same number are told in order.
    pub order: u64,
    /// When it was recorded.
    pub at: UnixSeconds,
    /// What.
    pub what: Outgoing,
}

/// What a row says.
#[derive(Debug, Clone, PartialEq)]
pub enum Says {
    /// Nothing a system of record is told.
    Nothing,
    /// Something whose words are erased.
    Erased,
    /// This.
    News(Vec<News>),
}

/// Reads a row. `subjects` are its words, `None` where they are erased.
pub fn read<'a>(body: &[u8], subjects: impl Iterator<Item = Option<&'a [u8]>>) -> Says {
    let mut subjects = subjects;
    match letter(body) {
        Some(b'o') => outcome(body, subjects.next().flatten()),
        Some(b'f') => facts(body, subjects),
        _ => Says::Nothing,
    }
}

/// The kind of a row: no string that a caller chose can stand before it.
fn letter(body: &[u8]) -> Option<u8> {
    let at = body.windows(5).position(|five| five == b"\"k\":\"")?;
    body.get(at + 5).copied()
}

#[derive(Deserialize)]
struct OutcomeRow<'a> {
    #[serde(default)]
    af: u8,
    at: Option<u32>,
    #[serde(default)]
    ch: u8,
    du: Option<u32>,
    fa: Option<u32>,
    ki: Option<u8>,
    #[serde(default)]
    r: u64,
    t: i64,
    #[serde(borrow)]
    w: &'a str,
}

fn outcome(body: &[u8], subject: Option<&[u8]>) -> Says {
    let Ok(row) = serde_json::from_slice::<OutcomeRow<'_>>(body) else {
        return Says::Nothing;
    };
    let Some(outcome) = Reported::parse(row.w) else {
        return Says::Nothing;
    };
    let Some(fields) = subject.and_then(SubjectFields::decode) else {
        return Says::Erased;
    };
    if fields.source_system.as_deref().is_some_and(is_own) {
        return Says::Nothing;
    }
    let text = |text: &Option<std::borrow::Cow<'_, str>>| text.as_deref().map(Into::into);
    let account: Option<Box<str>> =
        (!fields.account_id.is_empty()).then(|| (&*fields.account_id).into());
    let (of_kind, action) = row.ki.map_or((None, None), |kind| {
        let channel = Channel::from_number(kind & 0x0f);
        (channel, Action::from_number(kind >> 4))
    });
    let told = Channel::from_number(row.ch);
    let inbound = row.af & Attempt::INBOUND != 0;
    let at = row.at.or(row.fa);
    let said = Disposition {
        account_id: account.clone(),
        audit_id: (row.r != 0).then_some(row.r),
        phone: fields
            .phone
            .as_deref()
            .and_then(|text| PhoneNumber::parse(text).ok()),
        email: text(&fields.email),
        channel: of_kind.or(told),
        action,
        direction: if inbound {
            Direction::Inbound
        } else {
            Direction::Outbound
        },
        occurred_at: at.map(|at| UnixSeconds(at.into())),
        duration_s: row.du,
        agent_id: text(&fields.agent_id),
        actor: text(&fields.actor),
        call_id: text(&fields.call_id),
        campaign_id: text(&fields.campaign_id),
        debt_ids: fields.debt_ids.iter().map(|id| (&**id).into()).collect(),
        person_id: text(&fields.person_id),
        source_system: text(&fields.source_system),
        ..Disposition::of(outcome)
    };
    let news = News {
        order: order(account.as_deref(), fields.phone.as_deref()),
        account,
        at: UnixSeconds(row.t),
        what: Outgoing::Outcome(Box::new(said)),
    };
    Says::News(vec![news])
}

#[derive(Deserialize)]
struct FactsRow<'a> {
    #[serde(borrow)]
    r: Vec<LandedRow<'a>>,
    t: i64,
}

#[derive(Deserialize)]
struct LandedRow<'a> {
    a: Option<u32>,
    #[serde(borrow)]
    r: &'a RawValue,
}

fn facts<'a>(body: &[u8], subjects: impl Iterator<Item = Option<&'a [u8]>>) -> Says {
    let Ok(row) = serde_json::from_slice::<FactsRow<'_>>(body) else {
        return Says::Nothing;
    };
    let (mut news, mut erased) = (Vec::new(), false);
    for (landed, subject) in row.r.iter().zip(subjects) {
        let Some(subject) = subject else {
            erased = true;
            continue;
        };
        let bytes = landed.r.get().as_bytes();
        let at = UnixSeconds(row.t);
        if landed.a.is_some() {
            let record = record::restore::<AccountRecord>(bytes, subject);
            news.extend(record.ok().and_then(|record| stated(record, at)));
        } else {
            let fact = record::restore_fact(bytes, subject);
            news.extend(fact.ok().and_then(|fact| bound(fact, at)));
        }
    }
    match (news.is_empty(), erased) {
        (true, true) => Says::Erased,
        (true, false) => Says::Nothing,
        _ => Says::News(news),
    }
}

/// A record that states facts and nothing else: a portfolio's is what the system said itself.
fn stated(mut record: AccountRecord, at: UnixSeconds) -> Option<News> {
    record.facts.retain(|fact| !by_itself(fact));
    let account: Box<str> = record.account_id.as_ref()?.as_str().into();
    let bare = AccountRecord {
        account_id: record.account_id.clone(),
        facts: record.facts.clone(),
        reason: record.reason.clone(),
        ..AccountRecord::default()
    };
    if record.facts.is_empty() || bare != record {
        return None;
    }
    Some(News {
        order: order(Some(&account), None),
        account: Some(account),
        at,
        what: Outgoing::Stated(Box::new(Line::Account(Box::new(record)))),
    })
}

/// A restriction of a number or address.
fn bound(fact: FactRecord, at: UnixSeconds) -> Option<News> {
    if by_itself(&fact) {
        return None;
    }
    let on = fact.lifted != Some(true);
    let phone = fact.phone.as_ref().map(|phone| phone.as_str().to_owned());
    let point = phone
        .as_deref()
        .or_else(|| fact.address.as_ref().map(Personal::as_str));
    let order = order(None, point);
    let what = match (fact.fact, phone) {
        (Some(FactKind::DoNotCall), Some(phone)) => Outgoing::DoNotCall {
            phone: ten_digits(&phone),
            on,
            reason: fact
                .reason
                .as_ref()
                .map(|reason| reason.as_str().to_owned()),
        },
        _ => Outgoing::Stated(Box::new(Line::Contact(Box::new(fact)))),
    };
    Some(News {
        account: None,
        order,
        at,
        what,
    })
}

fn ten_digits(phone: &str) -> String {
    let digits: String = phone.chars().filter(char::is_ascii_digit).collect();
    let ten = digits.len().saturating_sub(10);
    digits.get(ten..).unwrap_or_default().to_owned()
}

/// OUTBOX-5: learnt from the system itself.
fn by_itself(fact: &FactRecord) -> bool {
    fact.source
        .as_ref()
        .is_some_and(|source| is_own(source.as_str()))
}

fn is_own(source: &str) -> bool {
    source.starts_with(SYSTEM_SOURCE_MARK)
}

fn order(account: Option<&str>, point: Option<&str>) -> u64 {
    match (account, point) {
        (Some(account), _) => stable_hash(&[b"account", account.as_bytes()]),
        (None, Some(point)) => stable_hash(&[b"point", point.as_bytes()]),
        (None, None) => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(body: &str, subject: &str) -> Says {
        read(body.as_bytes(), [Some(subject.as_bytes())].into_iter())
    }

    #[test]
    fn an_outcome_is_told_as_it_was_reported() {
        let kind = Attempt::pack_kind(Channel::Phone, Action::Call);
        let body = format!(
            r#"{{"a":3,"af":0,"at":1700000000,"ca":9,"du":31,"k":"o","ki":{kind},"o":"voicemail","p":2,"q":8,"r":5,"t":1700000099,"w":"voicemail"}}"#
        );
        let subject = r#"{"account_id":"R1","agent_id":"jo","call_id":"c-1","phone":"+18185551234","source_system":"five9"}"#;
        let Says::News(news) = one(&body, subject) else {
            panic!("no news");
        };
        let [news] = news.as_slice() else {
            panic!("{news:?}");
        };
        assert_eq!(news.account.as_deref(), Some("R1"));
        let Outgoing::Outcome(said) = &news.what else {
            panic!("{news:?}");
        };
        assert_eq!(said.outcome, Reported::Voicemail);
        assert_eq!(said.occurred_at, Some(UnixSeconds(1_700_000_000)));
        assert_eq!((said.audit_id, said.duration_s), (Some(5), Some(31)));
        assert_eq!(said.channel, Some(Channel::Phone));
        assert_eq!(said.action, Some(Action::Call));
        assert_eq!(said.agent_id.as_deref(), Some("jo"));
        assert!(said.phone.is_some());
    }

    /// OUTBOX-5: neither an outcome nor a fact.
    #[test]
    fn what_the_system_caused_itself_is_not_sent_back() {
        let outcome = r#"{"k":"o","t":5,"w":"voicemail"}"#;
        let subject = r#"{"account_id":"R1","source_system":"sor:whl"}"#;
        assert_eq!(one(outcome, subject), Says::Nothing);
        let fact = r#"{"k":"f","r":[{"a":1,"r":{"account_id":"$0","facts":[{"fact":"cease","source":"$1"}]}}],"t":5}"#;
        assert_eq!(one(fact, r#"["R1","sor:whl:85"]"#), Says::Nothing);
        assert!(matches!(one(fact, r#"["R1","letter"]"#), Says::News(_)));
    }

    #[test]
    fn erased_words_are_told_from_none() {
        let outcome = br#"{"k":"o","t":5,"w":"voicemail"}"#;
        assert_eq!(read(outcome, [None].into_iter()), Says::Erased);
        let decision = br#"{"b":0,"k":"d","t":5}"#;
        assert_eq!(read(decision, [None].into_iter()), Says::Nothing);
    }

    #[test]
    fn a_portfolio_is_not_told_and_a_list_is() {
        let portfolio = r#"{"k":"f","r":[{"a":1,"r":{"account_id":"$0","facts":[{"fact":"cease"}],"status":"open"}}],"t":5}"#;
        assert_eq!(one(portfolio, r#"["R1"]"#), Says::Nothing);
        let list = r#"{"k":"f","r":[{"r":{"fact":"do_not_call","phone":"$0"}}],"t":5}"#;
        let Says::News(news) = one(list, r#"["+18185551234"]"#) else {
            panic!("no news");
        };
        let what = news.first().map(|news| news.what.clone());
        let on = Outgoing::DoNotCall {
            phone: "8185551234".to_owned(),
            on: true,
            reason: None,
        };
        assert_eq!(what, Some(on));
    }
}
