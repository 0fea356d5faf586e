//! An e-mail address on file.

use super::{At, Consent};
use crate::domain::ids::{PersonNo, Sym};

/// How an earlier collector came by the address (12 CFR 1006.6(d)(4)(iii)).
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Default, rkyv::Archive, rkyv::Serialize, rkyv::Deserialize,
)]
pub struct PriorCollectorUse {
    /// Some earlier collector obtained it under (d)(4)(i) or (ii).
    pub obtained_properly: bool,
    /// The immediately prior collector used it.
    pub immediately_prior_used: bool,
    /// The consumer opted out toward an earlier collector.
    pub opted_out: bool,
}

/// An e-mail address on an account's file.
#[derive(Debug, Clone, PartialEq, Eq, rkyv::Archive, rkyv::Serialize, rkyv::Deserialize)]
pub struct Email {
    /// Lower-cased address in the string arena.
    pub address: Sym,
    /// 39-bit hash of the address, as attempts name it.
    pub hash: u64,
    /// Whose it is.
    pub person: PersonNo,
    /// The consumer wrote to this collector from it (1006.6(d)(4)(i)(A)).
    pub used: At,
    /// Direct consent given to this collector (1006.6(d)(4)(i)(B)).
    pub consent: Consent,
    /// Written consent, as New York asks (23 NYCRR 1.6).
    pub written_consent: Consent,
    /// Direct consent to messages in social networks under this address.
    pub social_consent: Consent,
    /// The consumer gave it and affirmed that it is not the employer's (23 NYCRR 1.6).
    pub from_consumer: bool,
    /// The creditor's notice with an opt-out of at least 35 days went out (1006.6(d)(4)(ii)).
    pub creditor_notice: At,
    /// Earlier collectors' use.
    pub prior: PriorCollectorUse,
    /// Known to be provided by the employer (1006.22(f)(3)).
    pub employer_provided: bool,
    /// Bounced or known wrong.
    pub wrong: bool,
    /// Refused: no e-mail to it for any debt (1006.14(h)(1)).
    pub opted_out: At,
    /// The confirmation of the refusal has gone out.
    pub confirmed: bool,
}

impl Email {
    /// An address, its hash, and whose it is said to be: nothing else is known.
    pub fn of(address: Sym, hash: u64, person: PersonNo) -> Self {
        Self {
            address,
            hash,
            person,
            used: At::NEVER,
            consent: Consent::default(),
            written_consent: Consent::default(),
            social_consent: Consent::default(),
            from_consumer: false,
            creditor_notice: At::NEVER,
            prior: PriorCollectorUse::default(),
            employer_provided: false,
            wrong: false,
            opted_out: At::NEVER,
            confirmed: false,
        }
    }
}
