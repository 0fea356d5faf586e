//! A consent to one medium: given, taken back, given again.
//!
//! What is dated ahead of now has not happened yet: it permits nothing, lifts no revocation, gives way
//! to what has come, and no revocation leaves it standing. A consent nobody dated was given some time
//! before it was told: any revocation ends it, and only a dated one restores
//! (47 CFR 64.1200(a)(10)).
//!
//! Invariant CONSENT-1: whatever is told again, in whatever order, a consent that is not dated after
//! every revocation that was told does not stand.

use super::At;
use crate::domain::time::UnixSeconds;

/// A consent to one medium.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Default, rkyv::Archive, rkyv::Serialize, rkyv::Deserialize,
)]
pub struct Consent {
    /// When it was given or, revoked, when that was; never = nobody spoke of it.
    pub at: At,
    /// Taken back; only a consent dated later restores it.
    pub revoked: bool,
    /// Nobody said when it was given: `at` is when it was told.
    pub undated: bool,
}

impl Consent {
    /// When it was given, if it stands.
    pub fn given(&self, now: UnixSeconds) -> Option<At> {
        let come = self.at.get().is_some_and(|at| at <= now);
        (come && !self.revoked).then_some(self.at)
    }

    /// One given then.
    pub fn dated(at: At) -> Self {
        let (revoked, undated) = (false, false);
        Self {
            at,
            revoked,
            undated,
        }
    }

    /// When it was given, if it stands and is known to have come after a refusal (never = there was
    /// none).
    pub fn given_after(&self, refused: At, now: UnixSeconds) -> Option<At> {
        let known = !refused.is_set() || !self.undated;
        self.given(now).filter(|given| *given > refused && known)
    }

    /// From when on it will stand, if that is still to come.
    pub fn given_later(&self, now: UnixSeconds) -> Option<UnixSeconds> {
        self.at.get().filter(|at| *at > now && !self.revoked)
    }

    /// Takes a statement that it was given at `said` (now, when nobody said).
    pub fn give(&mut self, said: At, dated: bool, now: At) {
        let rank = |at: At, dated: bool| (at <= now, dated, at);
        let takes = if self.revoked {
            dated && said <= now && said > self.at
        } else {
            let renews = dated || self.at > now;
            !self.at.is_set() || (renews && rank(said, dated) > rank(self.at, !self.undated))
        };
        if takes {
            *self = Self {
                at: said,
                revoked: false,
                undated: !dated,
            };
        }
    }

    /// Takes a statement that it was taken back at `said`.
    pub fn revoke(&mut self, said: At, dated: bool, now: At) {
        if self.revoked {
            // Said again without an instant it says nothing new.
            self.at = if dated { self.at.max(said) } else { self.at };
            return;
        }
        let later = self.at > said && self.at <= now && !self.undated;
        if !later {
            *self = Self {
                at: said,
                revoked: true,
                undated: false,
            };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: At = At(100);

    fn told(steps: &[(&str, u32)]) -> Consent {
        let mut consent = Consent::default();
        for (what, at) in steps {
            match (*what, *at) {
                ("given", 0) => consent.give(NOW, false, NOW),
                ("given", at) => consent.give(At(at), true, NOW),
                (_, 0) => consent.revoke(NOW, false, NOW),
                (_, at) => consent.revoke(At(at), true, NOW),
            }
        }
        consent
    }

    fn stands(steps: &[(&str, u32)]) -> bool {
        told(steps).given(UnixSeconds(100)).is_some()
    }

    #[test]
    fn only_a_consent_dated_after_every_revocation_stands() {
        assert!(stands(&[("given", 10)]));
        assert!(stands(&[("given", 0)]));
        for given in [0, 10, 50, 200] {
            let (one, two) = (("given", given), ("revoked", 50));
            assert!(!stands(&[one, two]), "{given}");
            assert!(!stands(&[two, one]), "{given}");
            assert!(!stands(&[one, two, one]), "{given}");
        }
        assert!(stands(&[("given", 60), ("revoked", 50)]));
        assert!(stands(&[("revoked", 50), ("given", 60)]));
        assert!(!stands(&[("given", 60), ("revoked", 0)]));
        assert!(!stands(&[
            ("revoked", 50),
            ("given", 60),
            ("revoked", 70),
            ("given", 60)
        ]));
    }

    #[test]
    fn what_is_dated_ahead_permits_nothing_and_displaces_nothing() {
        assert!(!stands(&[("given", 101)]));
        assert_eq!(
            told(&[("given", 101)]).given_later(UnixSeconds(100)),
            Some(UnixSeconds(101))
        );
        assert_eq!(told(&[("given", 10), ("given", 101)]).at, At(10));
        assert_eq!(told(&[("given", 101), ("given", 10)]).at, At(10));
        assert!(stands(&[("given", 101), ("given", 0)]));
        assert!(!stands(&[("given", 101), ("revoked", 50), ("given", 40)]));
    }

    #[test]
    fn said_again_without_an_instant_it_is_not_renewed() {
        assert_eq!(told(&[("given", 10), ("given", 0)]).at, At(10));
        assert_eq!(told(&[("given", 0), ("given", 10)]).at, At(10));
        assert_eq!(told(&[("revoked", 50), ("revoked", 0)]).at, At(50));
        assert_eq!(told(&[("given", 20), ("given", 10)]).at, At(20));
    }
}
