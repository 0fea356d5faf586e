//! WHL: everything by HTTP status and by names nobody documented.
//!
//! Its gate alone has a documented body, so what a body means is looked up in the catalogue's
//! `[fields]` and `[words]`. An account is named by the path, else by the request, else by the answer;
//! where none of them does, what the call changes is read from the system, and a contact is blocked.

mod account;
mod attempts;
mod contacts;
mod disputes;
mod export;
mod letters;
mod tapped;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use super::field_map::{FieldFinding, FieldMap};
use super::status::{told, verdict};
use super::{
    Contacting, Dialect, Hydrated, Outgoing, Place, Step, Tapped, Token, Verdict, bearer, requests,
};
use crate::domain::time::{UnixSeconds, ZoneId};
use crate::sor::call::{Call, Heard, Request};
use crate::sor::catalogue::Catalogue;
use crate::sor::route::{Duty, System};

/// What an account is read by, in this order; what the catalogue does not have is passed over.
const READS: [Duty; 5] = [
    Duty::AccountCard,
    Duty::Alerts,
    Duty::Compliance,
    Duty::Disputes,
    Duty::Attempts,
];

/// The dialect of WHL.
#[derive(Debug, Clone)]
pub struct Whl {
    catalogue: Arc<Catalogue>,
    map: FieldMap,
}

impl Whl {
    /// The dialect by a catalogue, which says where its routes are and what its bodies call things.
    ///
    /// # Errors
    /// Every fault of `[fields]` and `[words]`.
    pub fn new(catalogue: Arc<Catalogue>) -> Result<Self, Vec<FieldFinding>> {
        let map = FieldMap::of(&catalogue)?;
        Ok(Self { catalogue, map })
    }

    fn request(&self, duty: Duty, values: &[&str]) -> Option<Request> {
        requests::of(&self.catalogue, duty, values)
    }

    /// The reads of an account, each with what it is.
    fn reads_of(&self, account: &str) -> Vec<(Duty, Request)> {
        let read = |duty: &Duty| {
            let request = match duty {
                Duty::Disputes | Duty::Attempts => {
                    let list = self.request(*duty, &[])?;
                    requests::with_query(list, &[("account_id", account)])
                }
                _ => self.request(*duty, &[account])?,
            };
            Some((*duty, request))
        };
        READS.iter().filter_map(read).collect()
    }
}

impl Dialect for Whl {
    fn system(&self) -> System {
        System::Whl
    }

    fn verdict(&self, heard: &Heard) -> Verdict {
        verdict(heard.status)
    }

    fn contacts(&self, call: &Call<'_>) -> Vec<Contacting> {
        contacts::of(self, call)
    }

    fn named_in(&self, _asked: &Request, heard: &Heard) -> Option<Box<str>> {
        let tree = told(heard)?;
        self.map.accounts(&tree).one()
    }

    fn tapped(&self, call: &Call<'_>) -> Tapped {
        tapped::before(self, call)
    }

    fn tapped_after(&self, call: &Call<'_>, heard: &Heard) -> Tapped {
        tapped::after(self, call, heard)
    }

    fn reads(&self, account: &str) -> Vec<Request> {
        let reads = self.reads_of(account);
        reads.into_iter().map(|(_, request)| request).collect()
    }

    fn reads_more(&self, account: &str, heard: &[Heard]) -> Vec<Request> {
        let lists = account::lists(self, account, heard).into_iter();
        lists.map(|(_, request)| request).collect()
    }

    fn account(
        &self,
        account: &str,
        heard: &[Heard],
        zone: Option<ZoneId>,
        now: UnixSeconds,
    ) -> Hydrated {
        account::of(self, account, heard, zone, now)
    }

    fn everything(&self, place: &Place) -> Option<Request> {
        export::request(self, place)
    }

    fn step(
        &self,
        _place: &Place,
        heard: &Heard,
        _zone: Option<ZoneId>,
        _now: UnixSeconds,
    ) -> Option<Step> {
        export::step(self, heard)
    }

    fn login(&self, key: &str, pin: Option<&str>) -> Option<Request> {
        let login = self.catalogue.of(Duty::Login)?;
        let request = requests::filled(login, &[])?;
        let fields = [("api_key", Some(key.into())), ("pin", pin.map(Into::into))];
        Some(requests::with_body(request, fields))
    }

    fn token(&self, heard: &Heard) -> Option<Token> {
        let answer = Some(heard).filter(|heard| verdict(heard.status) == Verdict::Done)?;
        let answer: serde_json::Value = serde_json::from_slice(&answer.body).ok()?;
        let text = |name| answer.get(name).and_then(serde_json::Value::as_str);
        bearer::token(text("access_token").or_else(|| text("token"))?)
    }

    fn letters(&self, account: Option<&str>, what: &Outgoing, at: UnixSeconds) -> Vec<Request> {
        letters::of(self, account, what, at)
    }
}
