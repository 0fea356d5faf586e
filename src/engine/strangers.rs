//! Reports of accounts nobody knows, as far back as a dialer sends one again.
//!
//! There is no attempt to find such a report by, so the newest are remembered by what names them.
//! Rebuilt from the rows a recovery applies and in no snapshot: what is forgotten costs a row, and no
//! effect that the first did not have.

use std::collections::VecDeque;

use crate::domain::hash::stable_hash;
use crate::domain::phone::PhoneNumber;
use crate::wire::limits::UNMATCHED_KEPT_MAX;

/// What names a report: texts that are absent are empty.
#[derive(Debug, Clone, Copy)]
pub(super) struct Named<'a> {
    pub(super) account: &'a str,
    pub(super) call: &'a str,
    pub(super) phone: Option<PhoneNumber>,
    pub(super) address: &'a str,
    pub(super) word: &'a str,
    pub(super) channel: u8,
    /// When it was, seconds since 1970; only of one without a call's id.
    pub(super) at: u32,
}

impl Named<'_> {
    fn hash(&self) -> u64 {
        let phone = self.phone.map(PhoneNumber::e164);
        let phone = phone.as_ref().map_or("", |text| text.as_str());
        let at = if self.call.is_empty() { self.at } else { 0 };
        stable_hash(&[
            self.account.as_bytes(),
            self.call.as_bytes(),
            phone.as_bytes(),
            self.address.as_bytes(),
            self.word.as_bytes(),
            &[self.channel],
            &at.to_le_bytes(),
        ])
    }
}

/// The newest of a tenant, oldest first; at most [`UNMATCHED_KEPT_MAX`].
#[derive(Debug, Default)]
pub(super) struct Strangers(VecDeque<u64>);

impl Strangers {
    pub(super) fn knows(&self, named: &Named<'_>) -> bool {
        self.has(named.hash())
    }

    pub(super) fn note(&mut self, named: &Named<'_>) {
        self.add(named.hash());
    }

    pub(super) fn has(&self, hash: u64) -> bool {
        self.0.contains(&hash)
    }

    pub(super) fn add(&mut self, hash: u64) {
        if self.0.len() >= UNMATCHED_KEPT_MAX {
            self.0.pop_front();
        }
        self.0.push_back(hash);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(call: &str, at: u32) -> Named<'_> {
        Named {
            account: "ghost",
            call,
            phone: None,
            address: "",
            word: "do_not_call",
            channel: 1,
            at,
        }
    }

    #[test]
    fn a_call_is_known_by_its_id_and_without_one_by_its_instant() {
        let mut known = Strangers::default();
        known.note(&named("c1", 10));
        known.note(&named("", 10));
        assert!(known.knows(&named("c1", 11)));
        assert!(!known.knows(&named("c2", 10)));
        assert!(known.knows(&named("", 10)));
        assert!(!known.knows(&named("", 11)));
        let other = Named {
            word: "no_answer",
            ..named("c1", 10)
        };
        assert!(!known.knows(&other));
    }

    #[test]
    fn the_oldest_is_forgotten_first() {
        let mut known = Strangers::default();
        for at in 0..=u32::try_from(UNMATCHED_KEPT_MAX).unwrap() {
            known.note(&named("", at));
        }
        assert!(!known.knows(&named("", 0)));
        assert!(known.knows(&named("", 1)));
        assert_eq!(known.0.len(), UNMATCHED_KEPT_MAX);
    }
}
