//! Reading one account: what is asked, and what the answers come to.

use std::time::Duration;

use crate::domain::record::Line;
use crate::domain::time::{UnixSeconds, ZoneId};
use crate::gateway::sor::ask::{Ask, Unheard};
use crate::sor::call::{Heard, Request};
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
    if let Err(came) = answers(from, &reads, timeout, &mut heard).await {
        return came;
    }
    let more = dialect.reads_more(account, &heard);
    if let Err(came) = answers(from, &more, timeout, &mut heard).await {
        return came;
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

/// Asks one after the other. Half of the answers are none.
async fn answers(
    from: &impl Ask,
    requests: &[Request],
    timeout: Duration,
    heard: &mut Vec<Heard>,
) -> Result<(), Came> {
    for request in requests {
        match from.ask(request, None, timeout).await {
            // Not now, it says: what it would tell is not known.
            Ok(answer) if matches!(answer.status, 408 | 425 | 429 | 502..=504) => {
                return Err(Came::Unheard);
            }
            Ok(answer) => heard.push(answer),
            Err(Unheard::Unsent | Unheard::Lost) => return Err(Came::Unheard),
            Err(Unheard::Unsendable) => return Err(Came::Unreadable),
        }
    }
    Ok(())
}
