//! Scollect: an API key and a pin for a token, errors inside good answers, and a document with damage.
//!
//! What it does not tell stays strict: no consent, no time zone, no permissions that could be read, no
//! other person who may be spoken to. docs/sor.md lists it.

mod account;
#[cfg(test)]
mod account_tests;
mod attempts;
mod bulk;
mod columns;
mod conditions;
mod contacts;
mod emails;
#[cfg(test)]
mod engine_tests;
mod envelope;
mod fields;
mod letters;
mod login;
mod numbers;
mod permissions;
#[cfg(test)]
mod samples;
mod taps;
#[cfg(test)]
mod taps_tests;
#[cfg(test)]
mod tests;
mod words;

pub use words::{WordFinding, WordProblem};

use std::sync::Arc;

use super::{
    Contacting, Dialect, Hydrated, Outgoing, Place, Step, Tapped, Token, Verdict, requests,
};
use crate::domain::time::{UnixSeconds, ZoneId};
use crate::sor::call::{Call, Heard, Request};
use crate::sor::catalogue::Catalogue;
use crate::sor::route::{Duty, System};

/// The mapping of Scollect.
#[derive(Debug, Clone)]
pub struct Scollect {
    catalogue: Arc<Catalogue>,
    words: words::Words,
}

impl Scollect {
    /// The dialect by a catalogue, which says where its routes are and adds words to those by which a
    /// restriction is known.
    ///
    /// # Errors
    /// Every key of `[words]` or `[fields]` that nobody would read, and every word that is none.
    pub fn new(catalogue: Arc<Catalogue>) -> Result<Self, Vec<WordFinding>> {
        let words = words::Words::of(&catalogue)?;
        Ok(Self { catalogue, words })
    }

    /// A request of the route that does this; `None`: the catalogue has none.
    fn request(&self, duty: Duty, values: &[&str]) -> Option<Request> {
        requests::of(&self.catalogue, duty, values)
    }

    /// The same with a JSON body.
    fn telling(&self, duty: Duty, body: &serde_json::Value) -> Option<Request> {
        let request = self.request(duty, &[])?;
        Some(Request {
            body: Some(body.to_string().into()),
            ..request
        })
    }
}

impl Dialect for Scollect {
    fn system(&self) -> System {
        System::Scollect
    }

    fn verdict(&self, heard: &Heard) -> Verdict {
        envelope::verdict(heard)
    }

    fn contacts(&self, call: &Call<'_>) -> Vec<Contacting> {
        contacts::contacts(call)
    }

    fn named_in(&self, _asked: &Request, heard: &Heard) -> Option<Box<str>> {
        let envelope::Rows::Found(rows) = envelope::rows(heard) else {
            return None;
        };
        let mut names = rows.iter().map(|row| fields::Fields::of(row).file_number());
        let first = names.next()??;
        names
            .all(|name| name.as_ref() == Some(&first))
            .then_some(first)
    }

    fn tapped(&self, call: &Call<'_>) -> Tapped {
        taps::tapped(call, &self.words)
    }

    fn tapped_after(&self, _call: &Call<'_>, _heard: &Heard) -> Tapped {
        // No answer says more than its request did.
        Tapped::default()
    }

    fn reads(&self, account: &str) -> Vec<Request> {
        account::reads(self, account)
    }

    fn account(
        &self,
        account: &str,
        heard: &[Heard],
        zone: Option<ZoneId>,
        now: UnixSeconds,
    ) -> Hydrated {
        account::account(account, heard, &self.words, (zone, now))
    }

    fn everything(&self, place: &Place) -> Option<Request> {
        bulk::request(self, place)
    }

    fn step(
        &self,
        place: &Place,
        heard: &Heard,
        _zone: Option<ZoneId>,
        _now: UnixSeconds,
    ) -> Option<Step> {
        bulk::step(place, heard)
    }

    fn login(&self, key: &str, pin: Option<&str>) -> Option<Request> {
        login::login(self, key, pin?)
    }

    fn token(&self, heard: &Heard) -> Option<Token> {
        login::token(heard)
    }

    fn letters(&self, account: Option<&str>, what: &Outgoing, at: UnixSeconds) -> Vec<Request> {
        letters::letters(self, account, what, at)
    }
}
