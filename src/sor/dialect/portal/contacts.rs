//! Whom a correspondence reaches: one contact a number or address, by the type it is of.

use super::{Portal, client};
use crate::domain::intent::ContactPoint;
use crate::domain::words::{Action, Channel, Purpose};
use crate::sor::call::Call;
use crate::sor::dialect::field_map::{Asked, Found, Tree, named, number};
use crate::sor::dialect::{Contacting, Points, Whose, requests};
use crate::sor::route::Duty;
use crate::wire::email;

/// The contacts of a call.
pub(super) fn of(portal: &Portal, call: &Call<'_>) -> Vec<Contacting> {
    if !matches!(
        call.duty,
        Duty::CreateCorrespondence | Duty::SendCorrespondence
    ) {
        return Vec::new();
    }
    let asked = Asked::of(call);
    let body = match asked.tree.items() {
        // A query names nothing here; beside a body it is not looked at by anybody.
        Some([body]) if asked.is_whole && !call.body.is_empty() => body,
        _ => return Vec::new(),
    };
    let kind = client::only_text(body, "type").unwrap_or_default();
    let (channel, action, points) = match kind {
        "email" => (Channel::Email, Action::Email, addresses(body)),
        "sms" => (Channel::Sms, Action::Text, numbers(body, "sms", "number")),
        "letter" => (Channel::Mail, Action::Letter, vec![ContactPoint::Absent]),
        "fax" => {
            let part = if call.duty == Duty::SendCorrespondence {
                "fax"
            } else {
                "attributes"
            };
            (Channel::Fax, Action::Fax, numbers(body, part, "faxnumber"))
        }
        _ => return Vec::new(),
    };
    let of_point = |point| Contacting {
        whose: whose(portal, body, &point),
        channel,
        action,
        purpose: Purpose::Collection,
        points: Points::One(point),
    };
    points.into_iter().map(of_point).collect()
}

/// The client that is named; else the one whose number or address it is, if the portal finds one.
fn whose(portal: &Portal, body: &Tree, point: &ContactPoint) -> Whose {
    let ids = client::values(body, "clientid");
    if !ids.is_empty() {
        let named = client::only_text(body, "clientid").and_then(named);
        return named.map_or(Whose::Unknown, Whose::Account);
    }
    let wanted = match point {
        ContactPoint::Phone(number) => number.digits().to_string(),
        ContactPoint::Email(address) => address.to_string(),
        ContactPoint::BadPhone | ContactPoint::BadEmail | ContactPoint::Absent => {
            return Whose::Unknown;
        }
    };
    let list = portal.request(Duty::AllAccounts, &[]);
    let search = list.map(|list| requests::with_query(list, &[("search", &wanted)]));
    search.map_or(Whose::Unknown, Whose::AskFirst)
}

/// The addresses of `email.to`: a text of one or several, or a list.
fn addresses(body: &Tree) -> Vec<ContactPoint> {
    let mut texts = Vec::new();
    for part in client::values(body, "email") {
        for name in ["to", "cc", "bcc"] {
            for value in client::values(part, name) {
                texts.extend(each(value));
            }
        }
    }
    let parts = texts.iter().flat_map(|text| text.split([',', ';']));
    let read = parts.map(|part| {
        let address = email::normalise(part.trim());
        address.map_or(ContactPoint::BadEmail, |address| {
            ContactPoint::Email((&*address).into())
        })
    });
    or_bad(read, ContactPoint::BadEmail)
}

/// The number under a name of the part that is used.
fn numbers(body: &Tree, part: &str, name: &str) -> Vec<ContactPoint> {
    let parts = client::values(body, part).into_iter();
    let texts = parts
        .flat_map(|part| client::values(part, name))
        .flat_map(each);
    let read = texts.map(|text| number(text).map_or(ContactPoint::BadPhone, ContactPoint::Phone));
    or_bad(read, ContactPoint::BadPhone)
}

fn each(value: &Tree) -> Vec<&str> {
    match value.items() {
        Some(items) => items.iter().filter_map(Tree::text).collect(),
        None => value.text().into_iter().collect(),
    }
}

/// A correspondence that names no point names one nobody knows.
fn or_bad(points: impl Iterator<Item = ContactPoint>, bad: ContactPoint) -> Vec<ContactPoint> {
    let points = Found::of(points).all();
    if points.is_empty() { vec![bad] } else { points }
}
