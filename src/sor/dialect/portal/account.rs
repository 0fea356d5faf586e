//! A client as an account: who it is, where it lives as far as that is told, what went out to it.

use super::{Portal, client};
use crate::domain::record::{
    AccountRecord, AttemptRecord, EmailRecord, Line, Personal, PhoneRecord,
};
use crate::domain::time::{UnixSeconds, ZoneId};
use crate::domain::words::{Channel, Outcome};
use crate::sor::call::{Call, Heard};
use crate::sor::dialect::field_map::{Asked, Sign, Tree, named, restrict};
use crate::sor::dialect::status::verdict;
use crate::sor::dialect::whereabouts::Whereabouts;
use crate::sor::dialect::{Hydrated, Verdict, formats};
use crate::sor::route::Duty;

/// Attempts of one client that are taken in.
const ATTEMPTS_MAX: usize = 64;

/// Attributes that refuse something, as such CRMs name them. Attributes are free: others may be there
/// and are not known.
const REFUSALS: [(&str, Sign); 14] = [
    ("donotcall", Sign::DoNotCall),
    ("donotcallc", Sign::DoNotCall),
    ("hasoptedoutofcalls", Sign::DoNotCall),
    ("hasoptedoutofemail", Sign::NoEmail),
    ("emailoptout", Sign::NoEmail),
    ("unsubscribed", Sign::NoEmail),
    ("hasoptedoutofmobile", Sign::NoTexts),
    ("hasoptedoutofsms", Sign::NoTexts),
    ("smsoptout", Sign::NoTexts),
    ("smsoptoutc", Sign::NoTexts),
    ("donotmail", Sign::NoMail),
    ("donotcontact", Sign::Cease),
    ("donotcontactc", Sign::Cease),
    ("deceased", Sign::Deceased),
];

/// The client, once every read was answered.
pub(super) fn of(
    portal: &Portal,
    account: &str,
    heard: &[Heard],
    when: (Option<ZoneId>, UnixSeconds),
) -> Hydrated {
    let reads = portal.reads_of(account);
    if reads.len() != heard.len() {
        return Hydrated::Unreadable;
    }
    let mut record = None;
    let mut attempts = Vec::new();
    for ((duty, _), heard) in reads.iter().zip(heard) {
        let tree = match (heard.status, verdict(heard.status)) {
            (404, _) if *duty == Duty::ClientCard => return Hydrated::NoSuchAccount,
            (404, _) => continue,
            (_, Verdict::Done) => Tree::of_json(&heard.body),
            _ => None,
        };
        let Some(tree) = tree else {
            return Hydrated::Unreadable;
        };
        if *duty == Duty::ClientCard {
            let card = client::card(&tree);
            let same = |card: &&Tree| client::only_text(card, "id") == Some(account);
            record = card.filter(same).map(|card| told(account, card));
        } else {
            let Some(sent) = sent(account, &tree, when) else {
                return Hydrated::Unreadable;
            };
            attempts = sent;
        }
    }
    let Some(mut record) = record else {
        return Hydrated::Unreadable;
    };
    record.attempts = attempts;
    let mut line = Line::Account(Box::new(record));
    match (crate::wire::ingest::check(&mut line), line) {
        (Ok(()), Line::Account(record)) => Hydrated::Known(record),
        _ => Hydrated::Unreadable,
    }
}

/// What a client's own update says; `None`: nothing that is kept here.
pub(super) fn changed(account: &str, call: &Call<'_>) -> Option<AccountRecord> {
    let asked = Asked::of(call);
    let body = asked
        .tree
        .items()
        .and_then(<[Tree]>::last)
        .filter(|_| asked.is_whole)?;
    let record = told(account, body);
    let empty = AccountRecord {
        account_id: record.account_id.clone(),
        ..AccountRecord::default()
    };
    (record != empty).then_some(record)
}

/// What a client's fields tell.
fn told(account: &str, card: &Tree) -> AccountRecord {
    let attributes = client::values(card, "attributes");
    let among = |names: &[&str]| -> Vec<&str> {
        let each = attributes
            .iter()
            .flat_map(|held| names.iter().flat_map(|name| client::texts(held, name)));
        each.collect()
    };
    let mut places = Whereabouts::default();
    for text in among(&["mailingstate", "state", "mailingstatecode"]) {
        places.state(text);
    }
    for text in among(&["mailingpostalcode", "postalcode", "zip", "zipcode"]) {
        places.zip(text);
    }
    let mut record = AccountRecord {
        account_id: named(account).map(Personal),
        emails: client::addresses(card).into_iter().map(email).collect(),
        phones: client::numbers(card)
            .into_iter()
            .map(|number| PhoneRecord {
                number: Some(Personal::from(number.e164().as_str())),
                ..PhoneRecord::default()
            })
            .collect(),
        ..AccountRecord::default()
    };
    places.put(&mut record);
    for held in attributes.iter().copied().chain([card]) {
        for (name, sign) in REFUSALS {
            if client::values(held, name).into_iter().any(says_yes) {
                restrict(&mut record, sign);
            }
        }
    }
    record
}

fn email(address: Box<str>) -> EmailRecord {
    EmailRecord {
        address: Some(Personal(address)),
        ..EmailRecord::default()
    }
}

fn says_yes(value: &Tree) -> bool {
    match value {
        Tree::Flag(flag) => *flag,
        _ => value
            .text()
            .is_some_and(|text| formats::flag(text) != formats::Said::This(false)),
    }
}

/// What went out, where the portal says when: an attempt without an instant cannot be counted. None: it
/// is no list.
fn sent(
    account: &str,
    list: &Tree,
    (zone, now): (Option<ZoneId>, UnixSeconds),
) -> Option<Vec<AttemptRecord>> {
    let data = client::values(list, "data");
    let lists: Option<Vec<&[Tree]>> = match list.items() {
        Some(items) => Some(vec![items]),
        None => data.into_iter().map(Tree::items).collect(),
    };
    let lists = lists.filter(|lists| !lists.is_empty())?;
    let rows = lists.into_iter().flatten();
    let rows = rows.filter(|row| client::only_text(row, "clientid").is_none_or(|id| id == account));
    let attempt = |row: &Tree| {
        let channel = match client::only_text(row, "type")? {
            "email" => Channel::Email,
            "sms" => Channel::Sms,
            "letter" => Channel::Mail,
            "fax" => Channel::Fax,
            _ => return None,
        };
        let created = client::only_text(row, "createdat")?;
        let exact = UnixSeconds::parse(created).ok();
        let stamp = || formats::stamp(created).known();
        let at = exact.or_else(|| stamp().map(|stamp| formats::latest(stamp, zone)))?;
        let id = client::only_text(row, "id")?;
        Some(AttemptRecord {
            at: Some(at.min(now)),
            call_id: named(&format!("correspondence {id}")).map(Personal),
            channel: Some(channel),
            outcome: Some(Outcome::Sent),
            ..AttemptRecord::default()
        })
    };
    Some(rows.filter_map(attempt).take(ATTEMPTS_MAX).collect())
}
