//! The portal: a credit-repair CRM whose bodies are documented and whose paths are not.
//!
//! An account is a client. The portal knows no consent, no state as such, no time zone, no deceased,
//! bankrupt or represented clients and no attempts with an instant; what it calls a dispute is one with
//! a credit bureau and stops nobody from writing to the client. What it does not tell stays unknown.

mod account;
mod client;
mod contacts;
mod letters;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use super::status::{told, verdict};
use super::{
    Again, Contacting, Dialect, Hydrated, Outgoing, Place, Step, Tapped, Token, Verdict, bearer,
    requests,
};
use crate::domain::record::Line;
use crate::domain::time::{UnixSeconds, ZoneId};
use crate::sor::call::{Call, Heard, Request};
use crate::sor::catalogue::Catalogue;
use crate::sor::route::{Duty, System};

/// Clients of one page of the list, and letters of one read.
const PAGE_ITEMS: u32 = 100;

/// The dialect of the portal.
#[derive(Debug, Clone)]
pub struct Portal {
    catalogue: Arc<Catalogue>,
}

impl Portal {
    /// The dialect by a catalogue, which says where its operations are.
    pub fn new(catalogue: Arc<Catalogue>) -> Self {
        Self { catalogue }
    }

    fn request(&self, duty: Duty, values: &[&str]) -> Option<Request> {
        requests::of(&self.catalogue, duty, values)
    }

    /// The reads of a client, each with what it is.
    fn reads_of(&self, account: &str) -> Vec<(Duty, Request)> {
        let card = self.request(Duty::ClientCard, &[account]);
        let sent = self.request(Duty::Attempts, &[]).map(|list| {
            let page = PAGE_ITEMS.to_string();
            let query = [
                ("client_id", account),
                ("sort_by", "created_at"),
                ("sort_direction", "desc"),
                ("per_page", &page),
            ];
            requests::with_query(list, &query)
        });
        let reads = [(Duty::ClientCard, card), (Duty::Attempts, sent)].into_iter();
        reads
            .filter_map(|(duty, read)| Some((duty, read?)))
            .collect()
    }
}

impl Dialect for Portal {
    fn system(&self) -> System {
        System::Portal
    }

    fn verdict(&self, heard: &Heard) -> Verdict {
        verdict(heard.status)
    }

    fn contacts(&self, call: &Call<'_>) -> Vec<Contacting> {
        contacts::of(self, call)
    }

    fn named_in(&self, asked: &Request, heard: &Heard) -> Option<Box<str>> {
        let tree = told(heard)?;
        client::holder(&tree, &client::searched(&asked.path)?)
    }

    fn tapped(&self, call: &Call<'_>) -> Tapped {
        let again = match call.duty {
            Duty::UpdateClient => client::in_path(call).map_or(Again::Nothing, Again::Account),
            Duty::ReadAllAgain => Again::All,
            _ => Again::Nothing,
        };
        Tapped {
            again,
            ..Tapped::default()
        }
    }

    fn tapped_after(&self, call: &Call<'_>, _heard: &Heard) -> Tapped {
        let tapped = self.tapped(call);
        let changed = || {
            let id = client::in_path(call).filter(|_| call.duty == Duty::UpdateClient)?;
            let mut line = Line::Account(Box::new(account::changed(&id, call)?));
            crate::wire::ingest::check(&mut line).ok()?;
            Some(line)
        };
        let permit = if call.public { None } else { changed() };
        Tapped {
            permit: permit.into_iter().collect(),
            ..tapped
        }
    }

    fn reads(&self, account: &str) -> Vec<Request> {
        let reads = self.reads_of(account);
        reads.into_iter().map(|(_, request)| request).collect()
    }

    fn account(
        &self,
        account: &str,
        heard: &[Heard],
        zone: Option<ZoneId>,
        now: UnixSeconds,
    ) -> Hydrated {
        account::of(self, account, heard, (zone, now))
    }

    fn everything(&self, place: &Place) -> Option<Request> {
        let list = self.request(Duty::AllAccounts, &[])?;
        let (page, items) = (page_at(place)?.to_string(), PAGE_ITEMS.to_string());
        let query = [
            ("sort_by", "id"),
            ("sort_direction", "asc"),
            ("page", &*page),
            ("per_page", &*items),
        ];
        Some(requests::with_query(list, &query))
    }

    fn step(
        &self,
        place: &Place,
        heard: &Heard,
        _zone: Option<ZoneId>,
        _now: UnixSeconds,
    ) -> Option<Step> {
        let tree = told(heard)?;
        let page = page_at(place)?;
        let accounts = client::listed(&tree)?;
        let last = client::last_page(&tree);
        let more = last.map_or(!accounts.is_empty(), |last| page < last);
        Some(Step {
            lines: Vec::new(),
            next: more.then(|| Place((page + 1).to_string())),
            accounts,
        })
    }

    fn login(&self, _key: &str, pin: Option<&str>) -> Option<Request> {
        let (email, password) = pin?.split_once(':')?;
        let login = self.catalogue.of(Duty::Login)?;
        let request = requests::filled(login, &[])?;
        let fields = [
            ("email", Some(email.into())),
            ("password", Some(password.into())),
        ];
        Some(requests::with_body(request, fields))
    }

    fn token(&self, heard: &Heard) -> Option<Token> {
        let tree = told(heard)?;
        bearer::token(client::only_text(&tree, "token")?)
    }

    fn letters(&self, account: Option<&str>, what: &Outgoing, at: UnixSeconds) -> Vec<Request> {
        letters::of(self, account, what, at)
    }
}

/// The page a place stands for, from 1.
fn page_at(place: &Place) -> Option<u32> {
    match place.0.as_str() {
        "" => Some(1),
        page => page
            .parse()
            .ok()
            .filter(|page| *page > 0 && *page < u32::MAX),
    }
}
