//! Reading everything: the list of portfolios, then each portfolio, then each of its accounts.
//!
//! A portfolio's rows tell neither status nor attempts, so they bring names of accounts and no facts. The
//! place is the name of the portfolio: one that is added meanwhile is met in its turn, one that is gone is
//! passed over.

use std::collections::BTreeSet;

use super::Scollect;
use super::envelope::{Rows, rows, verdict};
use super::fields::Fields;
use crate::sor::call::{Heard, Request};
use crate::sor::dialect::{Place, Step, Verdict};
use crate::sor::route::Duty;

/// Places: the list, from the portfolio behind this one on.
const AFTER: &str = "after:";
/// Places: this portfolio.
const WITHIN: &str = "in:";

/// The request of a step.
pub(super) fn request(scollect: &Scollect, place: &Place) -> Option<Request> {
    let Some(portfolio) = place.0.strip_prefix(WITHIN) else {
        return scollect.request(Duty::Portfolios, &[]);
    };
    let body = serde_json::json!({ "portfolio": portfolio });
    let read = scollect.telling(Duty::AllAccounts, &body)?;
    // It reads, whatever its method.
    Some(Request {
        idempotent: true,
        ..read
    })
}

/// What its answer says.
pub(super) fn step(place: &Place, heard: &Heard) -> Option<Step> {
    match place.0.strip_prefix(WITHIN) {
        Some(portfolio) => of_portfolio(portfolio, heard),
        None => of_list(place.0.strip_prefix(AFTER), heard),
    }
}

fn of_list(after: Option<&str>, heard: &Heard) -> Option<Step> {
    let found = match rows(heard) {
        Rows::Found(rows) => rows,
        Rows::Empty => return Some(Step::default()),
        Rows::Unreadable => return None,
    };
    let names = found
        .iter()
        .filter_map(|row| row.get("portfolio")?.as_str());
    let next = names
        .filter(|name| after.is_none_or(|after| *name > after))
        .min();
    Some(Step {
        next: next.map(|name| Place(format!("{WITHIN}{name}"))),
        ..Step::default()
    })
}

fn of_portfolio(portfolio: &str, heard: &Heard) -> Option<Step> {
    let next = Some(Place(format!("{AFTER}{portfolio}")));
    let found = match rows(heard) {
        Rows::Found(rows) => rows,
        Rows::Empty => Vec::new(),
        // Refused within a good answer: this one is not to be had, the others are.
        Rows::Unreadable if heard.status == 200 && verdict(heard) == Verdict::Refused => Vec::new(),
        Rows::Unreadable => return None,
    };
    let accounts: BTreeSet<Box<str>> = found
        .iter()
        .filter_map(|row| Fields::of(row).file_number())
        .collect();
    Some(Step {
        accounts: accounts.into_iter().collect(),
        next,
        ..Step::default()
    })
}
