//! The proof that a contact may be made.

use std::fmt;
use std::time::Instant;

use crate::client::disposition::Disposition;
use crate::client::now::Now;
use crate::domain::outcome::Reported as Outcome;
use crate::domain::time::UnixSeconds;

/// One contact may be made, until [`use_by`](Self::use_by). Nothing but an answer makes one:
///
/// ```compile_fail,E0451
/// use dialgate::client::Permit;
/// let permit = Permit { audit_id: 1, account_id: "A-1".into(), use_by: todo!(), ends: todo!() };
/// ```
///
/// and it is good for one contact:
///
/// ```compile_fail,E0599
/// fn twice(permit: dialgate::client::Permit) {
///     let other = permit.clone();
/// }
/// ```
///
/// ```compile_fail,E0382
/// fn twice(permit: dialgate::client::Permit, now: dialgate::client::Now) {
///     let first = permit.spend(now);
///     let second = permit.spend(now);
/// }
/// ```
#[must_use = "the attempt is reserved: spend the permit, or give it back"]
pub struct Permit {
    audit_id: u64,
    account_id: Box<str>,
    use_by: UnixSeconds,
    /// When the time that the answer left it has run.
    ends: Instant,
}

impl Permit {
    /// CLIENT-1: for `judge` alone.
    pub(super) fn granted(
        audit_id: u64,
        account_id: &str,
        use_by: UnixSeconds,
        ends: Instant,
    ) -> Self {
        Self {
            audit_id,
            account_id: account_id.into(),
            use_by,
            ends,
        }
    }

    /// The row in the tenant's chain.
    pub fn audit_id(&self) -> u64 {
        self.audit_id
    }

    /// The instant from which it is dead, by the gateway's clock.
    pub fn use_by(&self) -> UnixSeconds {
        self.use_by
    }

    /// Whether the contact may be begun at `now`.
    pub fn is_alive(&self, now: Now) -> bool {
        now.wall < self.use_by && now.run < self.ends
    }

    /// Uses it up: begin the contact with the [`Spent`] in hand, and report what came of it.
    ///
    /// # Errors
    /// [`Expired`] past its end: do not contact; it can be given back.
    pub fn spend(self, now: Now) -> Result<Spent, Expired> {
        if self.is_alive(now) {
            Ok(Spent(self))
        } else {
            Err(Expired(self))
        }
    }

    /// The contact will not be made: the report that frees the attempt. Also for a dead one, where
    /// `answers_for_it` is whoever says so.
    #[must_use = "the attempt is free once this is reported"]
    pub fn give_back(self, answers_for_it: &str) -> Disposition {
        let report = Disposition::of_decision(&self.account_id, self.audit_id, Outcome::NotDialed);
        Disposition {
            actor: Some(answers_for_it.to_owned()),
            ..report
        }
    }
}

/// Names nobody.
impl fmt::Debug for Permit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Permit")
            .field("audit_id", &self.audit_id)
            .field("use_by", &self.use_by)
            .finish_non_exhaustive()
    }
}

/// A permit in use: the contact is being made.
#[derive(Debug)]
#[must_use = "an ALLOW whose outcome is never reported counts as a contact that was made"]
pub struct Spent(Permit);

impl Spent {
    /// The row in the tenant's chain.
    pub fn audit_id(&self) -> u64 {
        self.0.audit_id
    }

    /// The report that says what came of it, to be filled in and given to
    /// [`Client::report`](crate::client::Client::report).
    pub fn became(&self, outcome: Outcome) -> Disposition {
        Disposition::of_decision(&self.0.account_id, self.0.audit_id, outcome)
    }
}

/// A permit past its end.
#[derive(Debug, thiserror::Error)]
#[error("the permit's time has run out")]
#[must_use = "the attempt stays counted until the permit is given back"]
pub struct Expired(Permit);

impl Expired {
    /// The permit, to be given back.
    pub fn into_permit(self) -> Permit {
        self.0
    }
}
