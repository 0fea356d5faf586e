//! Reading one account: what is asked, and what the answers come to.

use std::time::Duration;

use crate::domain::record::Line;
use crate::domain::time::{UnixSeconds, ZoneId};
use crate::gateway::sor::ask::{Ask, Unheard};
use crate::sor::dialect::{Dialect, Hydrated};

/// What reading an account came to.
#[derive(Debug)]
pub(super) enum Came {
    /// What the system holds of it.
    Known(Line),
    /// The system has none such.
    Absent,
    /// The answers cannot be read.
    Unreadable,
    /// There were no answers.
    Unheard,
}

/// Reads an account. `timeout` is for each question.
pub(super) async fn account(
    from: &impl Ask,
    dialect: &dyn Dialect,
    account: &str,
    (zone, now): (Option<ZoneId>, UnixSeconds),
    timeout: Duration,
) -> Came {
    let reads = dialect.reads(account);
    if reads.is_empty() {
        return Came::Absent;
    }
    let mut heard = Vec::with_capacity(reads.len());
    for request in &reads {
        match from.ask(request, None, timeout).await {
            // Not now, it says: what it would tell is not known.
            Ok(answer) if matches!(answer.status, 408 | 425 | 429 | 502..=504) => {
                return Came::Unheard;
            }
            Ok(answer) => heard.push(answer),
            Err(Unheard::Unsent | Unheard::Lost) => return Came::Unheard,
            Err(Unheard::Unsendable) => return Came::Unreadable,
        }
    }
    match dialect.account(account, &heard, zone, now) {
        Hydrated::Known(record) => {
            // Whatever it calls itself: another's facts are not this account's.
            let named = record
                .account_id
                .as_ref()
                .map(crate::domain::record::Personal::as_str);
            if named == Some(account) {
                Came::Known(Line::Account(record))
            } else {
                Came::Unreadable
            }
        }
        Hydrated::NoSuchAccount => Came::Absent,
        Hydrated::Unreadable => Came::Unreadable,
    }
}
