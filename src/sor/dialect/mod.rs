//! What the bodies of a system of record mean: one file a system, pure mapping.
//!
//! A dialect turns calls and answers into facts, and facts into calls. It opens no socket, keeps no
//! state and reads no clock. What a system does not tell stays unknown here, and the gate takes the
//! unknown strictly.

mod bearer;
pub mod field_map;
#[cfg(test)]
mod fixture;
pub mod formats;
#[cfg(test)]
mod intake_tests;
mod portal;
mod requests;
mod scollect;
mod status;
mod whereabouts;
mod whl;

pub use field_map::{FieldFinding, FieldProblem};
pub use portal::Portal;
pub use scollect::{Scollect, WordFinding, WordProblem};
pub(crate) use whereabouts::{held as held_for_system, is_held};
pub use whl::Whl;

use std::sync::Arc;

use super::call::{Call, Heard, Request};
use super::catalogue::Catalogue;
use super::route::System;
use crate::domain::intent::ContactPoint;
use crate::domain::record::{AccountRecord, Line};
use crate::domain::time::{UnixSeconds, ZoneId};
use crate::domain::words::{Action, Channel, Purpose};
use crate::wire::disposition::Disposition;

/// What an answer says about a change that was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It was made.
    Done,
    /// It was definitely not made.
    Refused,
    /// Nobody can tell: an error of the system's own, an answer that cannot be read.
    Unsure,
}

/// The account a call is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Whose {
    /// It is named.
    Account(Box<str>),
    /// The answer to this read names it ([`Dialect::named_in`]).
    AskFirst(Request),
    /// It is named, and the answer to this read has to name the same.
    Both(Request, Box<str>),
    /// Nothing says.
    Unknown,
}

/// One contact a guarded call would make.
#[derive(Debug, Clone, PartialEq)]
pub struct Contacting {
    /// Whom.
    pub whose: Whose,
    /// Through what.
    pub channel: Channel,
    /// By what.
    pub action: Action,
    /// What for; a one-time code the consumer asked for is [`Purpose::Reply`].
    pub purpose: Purpose,
    /// The number or address. [`Points::OfAccount`]: the system chooses, so that every one the gate
    /// holds for this channel has to be allowed.
    pub points: Points,
}

/// Which contact points a call reaches.
#[derive(Debug, Clone, PartialEq)]
pub enum Points {
    /// This one; [`ContactPoint::Absent`] for a channel that needs none.
    One(ContactPoint),
    /// All the account has for the channel; the system reaches one of them.
    OfAccount,
    /// The same, and the system reaches each.
    AllOfAccount,
}

/// Facts that follow from a call.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Tapped {
    /// Restrictions: applied when the call is forwarded.
    pub restrict: Vec<Change>,
    /// What lifts, or only tells: applied once the system has confirmed, never from a public route.
    pub permit: Vec<Line>,
    /// What has to be read again, once the call is over.
    pub again: Again,
    /// What the call changes cannot be read: it must not be sent.
    pub is_unreadable: bool,
}

/// A restriction and what takes it back when the system definitely refused.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// The restriction.
    pub apply: Line,
    /// What undoes it; `None`: it stays (an attempt that was counted, an erasure). It takes back all of
    /// its kind, so it is for the gateway to apply it only where the account had none of it before.
    pub undo: Option<Line>,
}

/// What has to be read again.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Again {
    /// Nothing.
    #[default]
    Nothing,
    /// This account.
    Account(Box<str>),
    /// The account named in the answer to this read.
    AskFirst(Request),
    /// The account its answer names: the call itself names none. Where the answer names none either,
    /// everything.
    AsAnswered,
    /// Everything.
    All,
}

/// What reading an account came to.
#[derive(Debug, Clone, PartialEq)]
pub enum Hydrated {
    /// What the system holds.
    Known(Box<AccountRecord>),
    /// The system has no such account.
    NoSuchAccount,
    /// The answers cannot be read: the state stays as it is.
    Unreadable,
}

/// How far reading everything has come: opaque to the gateway, kept so that a start goes on where the
/// last one stopped.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Place(pub String);

/// One step of reading everything.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Step {
    /// Facts the answer held already.
    pub lines: Vec<Line>,
    /// Accounts that have to be read one by one.
    pub accounts: Vec<Box<str>>,
    /// Where the next step begins; `None`: that was all.
    pub next: Option<Place>,
}

/// A credential that was exchanged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// The bearer token. Not to be shown.
    pub bearer: String,
    /// When it ends, if that can be told.
    pub ends: Option<UnixSeconds>,
}

/// What is to be told a system of record, by one row of the ledger.
#[derive(Debug, Clone, PartialEq)]
pub enum Outgoing {
    /// An outcome.
    Outcome(Box<Disposition>),
    /// A number on the do-not-call list, or off it.
    DoNotCall {
        /// The number, ten digits.
        phone: String,
        /// On, or off.
        on: bool,
        /// Why.
        reason: Option<String>,
    },
    /// Facts an officer stated.
    Stated(Box<Line>),
}

/// How a system's bodies are read.
///
/// # Errors
/// Every fault of the catalogue's `[fields]` and `[words]`, each naming its key.
pub fn of(catalogue: &Catalogue) -> Result<Arc<dyn Dialect>, Vec<String>> {
    fn told(found: &[impl ToString]) -> Vec<String> {
        found.iter().map(ToString::to_string).collect()
    }
    let own = || Arc::new(catalogue.clone());
    Ok(match catalogue.system {
        System::Whl => Arc::new(Whl::new(own()).map_err(|found| told(&found))?),
        System::Scollect => Arc::new(Scollect::new(own()).map_err(|found| told(&found))?),
        System::Portal => Arc::new(Portal::new(own())),
    })
}

/// The mapping of one system of record. Every function is pure.
pub trait Dialect: Send + Sync {
    /// Which.
    fn system(&self) -> System;

    /// What an answer says about the change that was asked for.
    fn verdict(&self, heard: &Heard) -> Verdict;

    /// The contacts a guarded call would make; none: it cannot be told, which blocks.
    fn contacts(&self, call: &Call<'_>) -> Vec<Contacting>;

    /// The account an answer names; `None`: none, or several.
    fn named_in(&self, asked: &Request, heard: &Heard) -> Option<Box<str>>;

    /// What follows from a call by its request alone. What it permits waits for the answer.
    fn tapped(&self, call: &Call<'_>) -> Tapped;

    /// What follows in addition once it was answered and done.
    fn tapped_after(&self, call: &Call<'_>, heard: &Heard) -> Tapped;

    /// The reads that tell what the system holds of an account.
    fn reads(&self, account: &str) -> Vec<Request>;

    /// What has to be read besides, now that [`Dialect::reads`] are answered: of each number of an
    /// account, whether it is on the system's do-not-call list.
    fn reads_more(&self, _account: &str, _heard: &[Heard]) -> Vec<Request> {
        Vec::new()
    }

    /// What their answers say, in the order of [`Dialect::reads`] and [`Dialect::reads_more`] behind
    /// them. `zone` is the agency's, for times without one.
    fn account(
        &self,
        account: &str,
        heard: &[Heard],
        zone: Option<ZoneId>,
        now: UnixSeconds,
    ) -> Hydrated;

    /// The request of one step of reading everything; `None`: the system has no bulk read.
    fn everything(&self, place: &Place) -> Option<Request>;

    /// What its answer says; `None`: it cannot be read, and the step is tried again later.
    fn step(
        &self,
        place: &Place,
        heard: &Heard,
        zone: Option<ZoneId>,
        now: UnixSeconds,
    ) -> Option<Step>;

    /// The request that exchanges the tenant's secret (an API key and, where there is one, a pin) for
    /// a token; `None`: there is nothing to exchange.
    fn login(&self, key: &str, pin: Option<&str>) -> Option<Request>;

    /// The token in its answer.
    fn token(&self, heard: &Heard) -> Option<Token>;

    /// How the system is told; none: it has no place for it. Each is sent in order and has to be
    /// confirmed ([`Dialect::verdict`]) before the next.
    fn letters(&self, account: Option<&str>, what: &Outgoing, at: UnixSeconds) -> Vec<Request>;
}
