//! Reading one account against a scripted system.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::time::Duration;

use bytes::Bytes;

use super::read::{Came, account};
use crate::domain::record::{AccountRecord, Line};
use crate::domain::time::{UnixSeconds, ZoneId};
use crate::gateway::sor::ask::{Ask, Unheard};
use crate::sor::call::{Call, Heard, Request};
use crate::sor::dialect::{
    Contacting, Dialect, Hydrated, Outgoing, Place, Step, Tapped, Token, Verdict,
};
use crate::sor::route::System;

/// A system that answers what it was given, in order, and nothing after that.
pub(in crate::gateway::sor) struct Scripted(
    pub(in crate::gateway::sor) RefCell<VecDeque<Result<Heard, Unheard>>>,
);

impl Scripted {
    pub(in crate::gateway::sor) fn of(
        answers: impl IntoIterator<Item = Result<Heard, Unheard>>,
    ) -> Self {
        Self(RefCell::new(answers.into_iter().collect()))
    }
}

impl Ask for Scripted {
    async fn ask(
        &self,
        _request: &Request,
        _key: Option<&str>,
        _timeout: Duration,
    ) -> Result<Heard, Unheard> {
        self.0
            .borrow_mut()
            .pop_front()
            .unwrap_or(Err(Unheard::Lost))
    }
}

pub(in crate::gateway::sor) fn heard(status: u16, body: &str) -> Heard {
    Heard {
        status,
        body: Bytes::copy_from_slice(body.as_bytes()),
    }
}

/// Two reads an account; the first answer names the account, "?" cannot be read. The verdict is the
/// status.
pub(in crate::gateway::sor) struct Plain;

impl Dialect for Plain {
    fn system(&self) -> System {
        System::Whl
    }

    fn verdict(&self, heard: &Heard) -> Verdict {
        match heard.status {
            200..=299 => Verdict::Done,
            400..=499 => Verdict::Refused,
            _ => Verdict::Unsure,
        }
    }

    fn contacts(&self, _call: &Call<'_>) -> Vec<Contacting> {
        Vec::new()
    }

    fn named_in(&self, _asked: &Request, _heard: &Heard) -> Option<Box<str>> {
        None
    }

    fn tapped(&self, _call: &Call<'_>) -> Tapped {
        Tapped::default()
    }

    fn tapped_after(&self, _call: &Call<'_>, _heard: &Heard) -> Tapped {
        Tapped::default()
    }

    fn reads(&self, account: &str) -> Vec<Request> {
        let read = |what: &str| Request::get(format!("/{what}/{account}"));
        vec![read("card"), read("phones")]
    }

    fn account(
        &self,
        _account: &str,
        heard: &[Heard],
        _zone: Option<ZoneId>,
        _now: UnixSeconds,
    ) -> Hydrated {
        let first = heard
            .first()
            .map(|heard| &heard.body[..])
            .unwrap_or_default();
        match std::str::from_utf8(first) {
            Ok("") => Hydrated::NoSuchAccount,
            Ok("?") | Err(_) => Hydrated::Unreadable,
            Ok(name) => Hydrated::Known(Box::new(AccountRecord {
                account_id: Some(name.into()),
                ..AccountRecord::default()
            })),
        }
    }

    fn everything(&self, _place: &Place) -> Option<Request> {
        None
    }

    fn step(
        &self,
        _place: &Place,
        _heard: &Heard,
        _zone: Option<ZoneId>,
        _now: UnixSeconds,
    ) -> Option<Step> {
        None
    }

    fn login(&self, _key: &str, _pin: Option<&str>) -> Option<Request> {
        None
    }

    fn token(&self, _heard: &Heard) -> Option<Token> {
        None
    }

    fn letters(&self, _: Option<&str>, _: &Outgoing, _: UnixSeconds) -> Vec<Request> {
        Vec::new()
    }
}

fn read(answers: Vec<Result<Heard, Unheard>>) -> Came {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let from = Scripted::of(answers);
    let when = (None, UnixSeconds(1_700_000_000));
    runtime.block_on(account(&from, &Plain, "A1", when, Duration::from_secs(1)))
}

#[test]
fn an_account_is_what_its_answers_say() {
    let came = read(vec![Ok(heard(200, "A1")), Ok(heard(200, "[]"))]);
    let Came::Known(Line::Account(record)) = came else {
        panic!("{came:?}");
    };
    assert_eq!(record.account_id, Some("A1".into()));
    let none = read(vec![Ok(heard(200, "")), Ok(heard(404, ""))]);
    assert!(matches!(none, Came::Absent));
}

/// HYDRATE-2.
#[test]
fn what_cannot_be_read_or_is_anothers_is_no_fact() {
    let odd = read(vec![Ok(heard(200, "?")), Ok(heard(200, ""))]);
    assert!(matches!(odd, Came::Unreadable));
    let another = read(vec![Ok(heard(200, "A2")), Ok(heard(200, ""))]);
    assert!(matches!(another, Came::Unreadable));
}

/// HYDRATE-2: half an answer is none.
#[test]
fn half_an_account_is_none() {
    for failed in [
        Err(Unheard::Unsent),
        Err(Unheard::Lost),
        Ok(heard(503, "")),
        Ok(heard(504, "")),
        Ok(heard(429, "")),
    ] {
        let came = read(vec![Ok(heard(200, "A1")), failed]);
        assert!(matches!(came, Came::Unheard), "{came:?}");
    }
}
