//! Calls that contact a consumer: whom, and through what.

use super::fields::{Body, Fields};
use crate::domain::words::{Action, Channel, Purpose};
use crate::sor::call::Call;
use crate::sor::dialect::{Contacting, Points, Whose};
use crate::sor::route::Duty;

/// Accounts one call may name: the document speaks of one.
const REFERENCES_MAX: usize = 32;

/// The contacts of a guarded call; none: it cannot be told.
pub(super) fn contacts(call: &Call<'_>) -> Vec<Contacting> {
    // The one type the system documents: another it may read in another way, or in this one. Nor does it
    // document a query.
    // A query may name somebody else.
    if !is_json(call) || !call.query.is_empty() {
        return Vec::new();
    }
    let Some(body) = Body::read(call.body) else {
        return Vec::new();
    };
    let fields = body.fields();
    match call.duty {
        Duty::SendTemplateText => {
            let account = fields.file_number().map_or(Whose::Unknown, Whose::Account);
            // To every number at once.
            vec![Contacting {
                points: Points::AllOfAccount,
                ..contact(account, Channel::Sms, Action::Text)
            }]
        }
        Duty::SendTemplateEmail if is_email(&fields) => match references(&fields) {
            Some(accounts) => accounts
                .into_iter()
                .map(|account| contact(Whose::Account(account), Channel::Email, Action::Email))
                .collect(),
            None => vec![contact(Whose::Unknown, Channel::Email, Action::Email)],
        },
        _ => Vec::new(),
    }
}

/// Whether a call says what it says in a JSON body.
pub(super) fn is_json(call: &Call<'_>) -> bool {
    let kind = call
        .content_type
        .split(';')
        .next()
        .unwrap_or_default()
        .trim();
    kind.is_empty() || kind.eq_ignore_ascii_case("application/json")
}

/// The numbers and addresses are the system's choice.
fn contact(whose: Whose, channel: Channel, action: Action) -> Contacting {
    Contacting {
        whose,
        channel,
        action,
        purpose: Purpose::Collection,
        points: Points::OfAccount,
    }
}

/// Another kind of sending is none that is known.
fn is_email(fields: &Fields<'_>) -> bool {
    let kind = fields.said(&["sendType"]);
    kind.known()
        .is_some_and(|kind| kind.eq_ignore_ascii_case("email"))
}

/// `referenceNumbers`: a list of file numbers, or one.
fn references(fields: &Fields<'_>) -> Option<Vec<Box<str>>> {
    let value = fields.value(&["referenceNumbers", "referenceNumber"])?;
    let one = std::slice::from_ref(value);
    let all = value.as_array().map_or(one, Vec::as_slice);
    if all.is_empty() || all.len() > REFERENCES_MAX {
        return None;
    }
    let mut accounts = Vec::with_capacity(all.len());
    for item in all {
        let raw = crate::sor::dialect::formats::scalar(item)?;
        let account = super::fields::canonical(&raw)?;
        if !accounts.contains(&account) {
            accounts.push(account);
        }
    }
    Some(accounts)
}
