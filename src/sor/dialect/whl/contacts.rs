//! Whom a guarded call reaches.

use super::Whl;
use crate::domain::intent::ContactPoint;
use crate::domain::words::{Action, Channel, Purpose};
use crate::sor::call::Call;
use crate::sor::dialect::field_map::{Asked, Field, Found, number};
use crate::sor::dialect::{Contacting, Points, Whose};
use crate::sor::route::Duty;
use crate::wire::email;

/// The contacts of a call; none for a call that makes none.
pub(super) fn of(whl: &Whl, call: &Call<'_>) -> Vec<Contacting> {
    let asked = Asked::of(call);
    match call.duty {
        Duty::SendEmail => emails(whl, call, &asked, Purpose::Collection),
        Duty::SendCode => codes(whl, call, &asked),
        Duty::SendLetter => vec![letter(whose_letter(whl, call))],
        Duty::MailLetter => vec![letter(mailed_to(whl, call, &asked))],
        _ => Vec::new(),
    }
}

/// The account a call names; what it says in a form that cannot be read may name another.
fn whose(whl: &Whl, call: &Call<'_>, asked: &Asked) -> Whose {
    let named = whl.map.accounts_of(call, asked).one();
    named
        .filter(|_| asked.is_whole)
        .map_or(Whose::Unknown, Whose::Account)
}

/// A letter that exists is its account's, whatever the caller says besides.
fn whose_letter(whl: &Whl, call: &Call<'_>) -> Whose {
    let id = call.params.first().and_then(|(name, _)| call.param(name));
    let read = id.and_then(|id| whl.request(Duty::Letter, &[&id]));
    read.map_or(Whose::Unknown, Whose::AskFirst)
}

/// A letter that is named decides; else the account is.
fn mailed_to(whl: &Whl, call: &Call<'_>, asked: &Asked) -> Whose {
    let letters = whl.map.texts(&asked.tree, Field::LetterId);
    match Found::of(letters) {
        Found::Nothing => whose(whl, call, asked),
        Found::One(id) if asked.is_whole => {
            let Some(read) = whl.request(Duty::Letter, &[id]) else {
                return Whose::Unknown;
            };
            // Which of the two the system goes by nobody knows.
            match whl.map.accounts_of(call, asked) {
                Found::Nothing => Whose::AskFirst(read),
                Found::One(account) => Whose::Both(read, account),
                Found::Several(_) => Whose::Unknown,
            }
        }
        Found::One(_) | Found::Several(_) => Whose::Unknown,
    }
}

fn letter(whose: Whose) -> Contacting {
    Contacting {
        whose,
        channel: Channel::Mail,
        action: Action::Letter,
        purpose: Purpose::Collection,
        points: Points::One(ContactPoint::Absent),
    }
}

/// One contact for each address, copies among them; where none of them is the recipient's the system
/// chooses that one.
fn emails(whl: &Whl, call: &Call<'_>, asked: &Asked, purpose: Purpose) -> Vec<Contacting> {
    let whose = whose(whl, call, asked);
    let mut points = addresses(whl, asked);
    if points.is_empty() || !whl.map.names_recipient(&asked.tree) {
        points.push(Points::OfAccount);
    }
    let by_email = |points| Contacting {
        whose: whose.clone(),
        channel: Channel::Email,
        action: Action::Email,
        purpose,
        points,
    };
    points.into_iter().map(by_email).collect()
}

fn addresses(whl: &Whl, asked: &Asked) -> Vec<Points> {
    let found = whl.map.addresses(&asked.tree);
    let email = |address| Points::One(ContactPoint::Email(address));
    let mut points: Vec<Points> = found.into_iter().map(email).collect();
    // What stands where an address stands and is none: nobody knows whom it reaches.
    let named = whl.map.point_texts(&asked.tree, Field::Email);
    let unread = named.iter().any(|text| {
        let parts = text.split([',', ';']);
        parts
            .map(bracketed)
            .any(|part| !part.is_empty() && email::normalise(part).is_none())
    });
    if unread {
        points.push(Points::One(ContactPoint::BadEmail));
    }
    points
}

/// The address in `Name <address>`.
fn bracketed(part: &str) -> &str {
    let part = part.trim();
    let inner = part
        .strip_suffix('>')
        .and_then(|part| part.rsplit_once('<'));
    inner.map_or(part, |(_, address)| address.trim())
}

/// A one-time code that the consumer asked for: by e-mail, and by text where a number is named. Nobody
/// documents that a number keeps the e-mail from going.
fn codes(whl: &Whl, call: &Call<'_>, asked: &Asked) -> Vec<Contacting> {
    let numbers = whl.map.point_texts(&asked.tree, Field::Phone);
    let whose = whose(whl, call, asked);
    let by_text = |text: &str| Contacting {
        whose: whose.clone(),
        channel: Channel::Sms,
        action: Action::Text,
        purpose: Purpose::Reply,
        points: Points::One(number(text).map_or(ContactPoint::BadPhone, ContactPoint::Phone)),
    };
    let mut all: Vec<Contacting> = numbers.into_iter().map(by_text).collect();
    all.extend(emails(whl, call, asked, Purpose::Reply));
    all
}
