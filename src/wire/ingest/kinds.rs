//! Which fields belong to which fact.
//!
//! A fact with a field that is not its own is refused rather than half understood: a misplaced
//! field may be the restriction somebody meant.

use crate::domain::record::{FactKind, FactRecord};

/// A set of fields of [`FactRecord`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Fields(u64);

macro_rules! fields {
    ($($constant:ident $name:literal $present:expr;)+) => {
        #[expect(non_camel_case_types, reason = "positions are named as their constants")]
        #[expect(clippy::upper_case_acronyms, reason = "positions are named as their constants")]
        enum Position { $($constant),+ }

        impl Fields {
            $(const $constant: Self = Self(1 << Position::$constant as u64);)+

            /// The fields a fact has.
            pub(super) fn of(fact: &FactRecord) -> Self {
                let mut set = Self(0);
                $(
                    let present: fn(&FactRecord) -> bool = $present;
                    if present(fact) {
                        set = set.and(Self::$constant);
                    }
                )+
                set
            }

            /// The published name of the first field of the set.
            pub(super) fn first_name(self) -> Option<&'static str> {
                [$((Self::$constant, $name)),+]
                    .into_iter()
                    .find(|(field, _)| self.0 & field.0 != 0)
                    .map(|(_, name)| name)
            }
        }
    };
}

fields! {
    ACTION "action" |f| f.action.is_some();
    ACTOR "actor" |f| f.actor.is_some();
    ADDRESS "address" |f| f.address.is_some();
    ALL_DEBTS "all_debts" |f| f.all_debts.is_some();
    APPROVAL "approval" |f| f.approval.is_some();
    AT "at" |f| f.at.is_some();
    CHAPTER "chapter" |f| f.chapter.is_some();
    CONSENT "consent" |f| !f.consent.is_empty();
    CONTACT_KNOWN "contact_known" |f| f.contact_known.is_some();
    CREDITOR_NOTICE "creditor_notice" |f| f.creditor_notice.is_some();
    DEBTS "debts" |f| !f.debts.is_empty();
    DOCUMENT "document_id" |f| f.document_id.is_some();
    ESCALATION "escalation" |f| f.escalation.is_some();
    FACT "fact" |f| f.fact.is_some();
    FORM "form" |f| f.form.is_some();
    FROM_DATE "from_date" |f| f.from_date.is_some();
    GATES "gates" |f| !f.gates.is_empty();
    GIVEN_TO "given_to" |f| f.given_to.is_some();
    HOLD "hold" |f| f.hold.is_some();
    PRIOR_USED "immediately_prior_used" |f| f.immediately_prior_used.is_some();
    IN_PERIOD "in_period" |f| f.in_period.is_some();
    INBOUND "inbound" |f| f.inbound.is_some();
    LIFTED "lifted" |f| f.lifted.is_some();
    MEDIUM "medium" |f| f.medium.is_some();
    NOTICE "notice" |f| f.notice.is_some();
    PROPERLY "obtained_properly" |f| f.obtained_properly.is_some();
    OPTED_OUT "opted_out" |f| f.opted_out.is_some();
    OVERRIDE "override" |f| f.override_kind.is_some();
    PERIODS "periods" |f| !f.periods.is_empty();
    PERSON "person_id" |f| f.person_id.is_some();
    PHONE "phone" |f| f.phone.is_some();
    PLACE "place" |f| f.place.is_some();
    PLACES "places" |f| f.places.is_some();
    PURPOSE "purpose" |f| f.purpose.is_some();
    REASON "reason" |f| f.reason.is_some();
    REASSIGNED "reassigned" |f| f.reassigned.is_some();
    REMINDER "reminder" |f| f.reminder.is_some();
    SOURCE "source" |f| f.source.is_some();
    STATUS "status" |f| f.status.is_some();
    TIMES "times" |f| f.times.is_some();
    UNTIL "until" |f| f.until.is_some();
    UNTIL_DATE "until_date" |f| f.until_date.is_some();
    VULNERABILITY "vulnerability" |f| f.vulnerability.is_some();
    WRITTEN "written" |f| f.written.is_some();
    ZONE "zone" |f| f.zone.is_some();
}

impl Fields {
    const NONE: Self = Self(0);
    /// What every fact may say.
    const EVERY: Self = Self::FACT
        .and(Self::AT)
        .and(Self::ACTOR)
        .and(Self::DOCUMENT)
        .and(Self::SOURCE);
    /// A number or an address.
    const POINT: Self = Self::PHONE.and(Self::ADDRESS);
    /// What turns a restriction off.
    const LIFT: Self = Self::LIFTED.and(Self::REASON);

    const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// The fields of `self` that are not in `other`.
    #[must_use]
    pub(super) const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// Whether the sets share a field.
    pub(super) const fn meets(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }
}

/// What a kind of fact needs and allows.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shape {
    /// Needed to know what is meant, also when lifting.
    pub(super) needed: Fields,
    /// Needed unless it lifts.
    pub(super) stated: Fields,
    /// At least one of these, unless it lifts; empty: no such demand.
    pub(super) some_of: Fields,
    /// Everything it may have.
    pub(super) allowed: Fields,
}

const fn shape(needed: Fields, stated: Fields, some_of: Fields, optional: Fields) -> Shape {
    Shape {
        needed,
        stated,
        some_of,
        allowed: Fields::EVERY
            .and(needed)
            .and(stated)
            .and(some_of)
            .and(optional),
    }
}

impl Shape {
    /// A restriction that `lifted` turns off again.
    const fn liftable(self) -> Self {
        Self {
            allowed: self.allowed.and(Fields::LIFT),
            ..self
        }
    }
}

/// The shape of a kind.
pub(super) const fn of(kind: FactKind) -> Shape {
    use FactKind as K;
    use Fields as F;
    const NONE: Fields = Fields::NONE;
    match kind {
        K::StatedZone => shape(NONE, F::ZONE, NONE, F::PERSON).liftable(),
        K::InconvenientTime => {
            let dates = F::FROM_DATE.and(F::UNTIL_DATE);
            shape(NONE, NONE, F::PERIODS.and(dates), F::PERSON).liftable()
        }
        K::InconvenientPlace => shape(F::PLACE, NONE, NONE, F::FORM.and(F::PERSON)).liftable(),
        K::EmployerProhibits | K::UnreachableAtHome | K::Deceased | K::Minor => {
            shape(NONE, NONE, NONE, F::PERSON).liftable()
        }
        K::Attorney => {
            let scope = F::DEBTS.and(F::ALL_DEBTS);
            let known = F::FORM.and(F::CONTACT_KNOWN);
            shape(NONE, NONE, NONE, scope.and(known).and(F::PERSON)).liftable()
        }
        K::Cease => shape(NONE, NONE, NONE, F::DEBTS.and(F::FORM).and(F::PERSON)).liftable(),
        K::Bankruptcy => {
            let case = F::CHAPTER.and(F::STATUS);
            shape(NONE, NONE, NONE, case.and(F::DEBTS).and(F::PERSON)).liftable()
        }
        K::IdentityTheft | K::Judgment => shape(NONE, NONE, NONE, F::DEBTS).liftable(),
        K::Military => shape(NONE, NONE, NONE, F::UNTIL_DATE.and(F::PERSON)).liftable(),
        K::Vulnerability => shape(F::VULNERABILITY, NONE, NONE, F::PERSON).liftable(),
        K::MediumOptOut => shape(F::MEDIUM, NONE, NONE, F::PERSON).liftable(),
        K::ContactOptOut => shape(NONE, NONE, NONE, F::POINT.and(F::MEDIUM)).liftable(),
        K::DoNotCall => shape(F::PHONE, NONE, NONE, F::UNTIL).liftable(),
        K::Consent => {
            let how = F::GIVEN_TO.and(F::WRITTEN);
            shape(F::CONSENT, NONE, NONE, F::POINT.and(how))
        }
        K::Revocation => shape(NONE, NONE, NONE, F::POINT.and(F::CONSENT)),
        K::PriorConsent => {
            let covers = F::TIMES.and(F::PLACES);
            shape(F::GIVEN_TO, NONE, covers, F::UNTIL.and(F::PERSON))
        }
        K::CallConsent => {
            let bounds = F::UNTIL_DATE.and(F::PHONE);
            shape(NONE, NONE, NONE, bounds.and(F::DEBTS).and(F::PERSON))
        }
        K::ConsentRevoked => shape(NONE, NONE, NONE, F::DEBTS.and(F::PERSON)),
        K::Inbound => shape(F::INBOUND, NONE, NONE, F::POINT.and(F::PERSON)),
        K::NumberCheck => shape(F::PHONE.and(F::REASSIGNED), NONE, NONE, NONE),
        K::WrongNumber => shape(F::PHONE, NONE, NONE, F::PERSON).liftable(),
        K::EmailProcedure => {
            let prior = F::PROPERLY.and(F::PRIOR_USED).and(F::OPTED_OUT);
            shape(F::ADDRESS, NONE, F::CREDITOR_NOTICE.and(prior), NONE)
        }
        K::Dispute => shape(NONE, NONE, NONE, F::DEBTS.and(F::FORM).and(F::IN_PERIOD)).liftable(),
        K::Verification => shape(NONE, NONE, NONE, F::DEBTS),
        K::NoticeSent | K::NoticeReturned => shape(F::NOTICE, NONE, NONE, NONE),
        K::Escalation => shape(F::ESCALATION, NONE, NONE, NONE).liftable(),
        K::Hold => shape(F::HOLD, NONE, NONE, F::UNTIL).liftable(),
        K::Approval => shape(F::APPROVAL, NONE, F::ACTION.and(F::PURPOSE), F::UNTIL),
        K::Override => {
            let which = F::OVERRIDE.and(F::DOCUMENT);
            let reach = F::GATES.and(F::UNTIL).and(F::ACTOR);
            shape(which, reach, NONE, NONE).liftable()
        }
        K::Promise => shape(NONE, F::UNTIL_DATE, NONE, F::REMINDER).liftable(),
        K::LocationAnswered => shape(F::PERSON, NONE, NONE, NONE).liftable(),
    }
}
