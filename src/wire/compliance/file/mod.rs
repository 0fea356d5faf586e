//! `GET /api/facts/{account_id}`: what the gate holds of an account, and which rows brought it.

use serde::Serialize;

use super::instant;
use crate::domain::facts::{
    AccountExtras, AccountFile, At, Consent, DebtScope, Email, NumberFacts, Phone,
};
use crate::domain::ids::{PersonNo, Sym};
use crate::domain::phone::PhoneNumber;
use crate::domain::place::{Jurisdiction, JurisdictionSet, StateCode};
use crate::domain::time::Zones;
use crate::domain::words::{Channel, CollectorRole};
use crate::wire::audit::TrailItem;

mod person;

pub use person::{InboundFacts, InconvenientFacts, PeriodFacts, PersonFacts};

/// The answer.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct FactsOf {
    /// The account.
    pub account_id: String,
    /// The caller's tenant.
    pub tenant_id: String,
    /// Engine time.
    pub as_of: String,
    /// When the facts were last confirmed.
    pub facts_at: Option<String>,
    /// Whether it may be worked.
    pub status: &'static str,
    /// Who collects; null: third party.
    pub collector_role: Option<&'static str>,
    /// The creditor's name.
    pub creditor: Option<String>,
    /// The portfolio's name.
    pub portfolio: Option<String>,
    /// State of residence.
    pub state: Option<&'static str>,
    /// Five-digit ZIP.
    pub zip: Option<String>,
    /// Whether mail reaches the consumer.
    pub address: &'static str,
    /// Where all of this suggests the consumer is.
    pub places: PlacesFacts,
    /// Numbers on file.
    pub phones: Vec<PhoneFacts>,
    /// Addresses on file.
    pub emails: Vec<EmailFacts>,
    /// Debts.
    pub debts: Vec<DebtFacts>,
    /// The consumer, then the parties.
    pub persons: Vec<PersonFacts>,
    /// What lies on the account.
    pub standing: Vec<Fact>,
    /// Promise to pay or plan.
    pub promise: Option<PromiseFacts>,
    /// Reservations that live now.
    pub reservations: Vec<Reservation>,
    /// The newest row that touched the account; null: none.
    pub touched_by: Option<u64>,
    /// The newest that restricted it.
    pub restricted_by: Option<u64>,
    /// Rows that brought facts or outcomes of the account, newest first, as the trail tells them.
    pub rows: Vec<TrailItem>,
    /// There are more of them; the trail has them all.
    pub rows_truncated: bool,
}

/// Places.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct PlacesFacts {
    /// Zones; all of them bind.
    pub zones: Vec<String>,
    /// States and cities whose rules bind.
    pub jurisdictions: Vec<&'static str>,
    /// Those of the address alone.
    pub residence: Vec<&'static str>,
}

/// A number on file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct PhoneFacts {
    /// E.164.
    pub number: String,
    /// Whose: the position among `persons`.
    pub person: Option<usize>,
    /// Kind of line.
    pub line_type: &'static str,
    /// What is known of it on this file.
    pub flags: Vec<&'static str>,
    /// What binds it for the whole tenant.
    pub tenant_flags: Vec<&'static str>,
    /// When its do-not-call entry ends; null: never, or there is none.
    pub do_not_call_until: Option<String>,
    /// Consent to autodialled calls.
    pub autodial_consent: Option<String>,
    /// Consent to texts.
    pub text_consent: Option<String>,
    /// The consumer's newest text from it.
    pub inbound_text: Option<String>,
    /// The newest check of the number.
    pub checked: Option<String>,
    /// The consumer agreed in writing to be called or texted automatically.
    pub written_consent: bool,
}

/// An address on file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct EmailFacts {
    /// The address.
    pub address: String,
    /// Whose: the position among `persons`.
    pub person: Option<usize>,
    /// What is known of it.
    pub flags: Vec<&'static str>,
    /// What binds it for the whole tenant.
    pub tenant_flags: Vec<&'static str>,
    /// The consumer wrote from it.
    pub used: Option<String>,
    /// Consent.
    pub consent: Option<String>,
    /// Consent in writing.
    pub written_consent: Option<String>,
    /// Consent to messages in social networks.
    pub social_consent: Option<String>,
    /// The creditor's notice with an opt-out.
    pub creditor_notice: Option<String>,
    /// Refused.
    pub opted_out: Option<String>,
}

/// A debt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct DebtFacts {
    /// Its name.
    pub id: String,
    /// Whether it may be collected.
    pub status: &'static str,
    /// Kind.
    pub kind: &'static str,
}

/// Something that lies on the account or binds a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Default, utoipa::ToSchema)]
pub struct Fact {
    /// What: `dispute`, `notice`, `hold`, `escalation`, `approval`, `override`, `identity_theft`,
    /// `judgment`, `cease`, `attorney`, `bankruptcy`, `prior_consent`, `call_consent`.
    pub fact: &'static str,
    /// Which kind of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// Since when, or received.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<String>,
    /// Until when; absent: without end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
    /// Where it stands.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<&'static str>,
    /// Debts it is about; absent where it is about none in particular.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub debts: Option<Scope>,
    /// Who decided it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub actor: Option<String>,
    /// The document it rests on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub document_id: Option<String>,
}

/// Debts a fact is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(untagged)]
pub enum Scope {
    /// `all` of the person, or all of the `account`.
    Word(&'static str),
    /// These of the account. Others of the person are not named here.
    Named(Vec<String>),
}

/// A promise or a plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct PromiseFacts {
    /// Current through this date.
    pub until: String,
    /// A reminder was asked for.
    pub reminder: bool,
    /// It was sent.
    pub reminder_used: bool,
}

/// A live reservation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Reservation {
    /// The decision.
    pub audit_id: Option<u64>,
    /// Whose: the position among `persons`.
    pub person: usize,
    /// Channel.
    pub channel: Option<&'static str>,
    /// When it was made.
    pub at: Option<String>,
    /// Until when it may be used.
    pub use_by: Option<String>,
}

impl FactsOf {
    /// Of an account's file, and its rows in the ledger: those told, and whether there are more.
    pub fn of(
        tenant: &str,
        file: &AccountFile,
        (rows, rows_truncated): (Vec<TrailItem>, bool),
    ) -> Self {
        let account = &file.account;
        let name = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        let extras = account.extras.as_deref();
        let debts = account.debts.iter().map(|debt| DebtFacts {
            id: file.debt(debt.no).unwrap_or_default().to_owned(),
            status: debt.status.as_str(),
            kind: debt.kind.as_str(),
        });
        let emails = extras.map_or(&[][..], |extras| &extras.emails);
        let promise = extras.and_then(|extras| extras.promise.as_ref());
        let persons = file.persons.iter();
        Self {
            account_id: file.id.to_string(),
            tenant_id: tenant.to_owned(),
            as_of: instant(file.at),
            facts_at: when(account.facts_at),
            status: account.status.as_str(),
            collector_role: account.role.map(CollectorRole::as_str),
            creditor: name(&file.creditor),
            portfolio: name(&file.portfolio),
            state: account.state.map(StateCode::as_str),
            zip: (account.zip != 0).then(|| format!("{:05}", account.zip)),
            address: account.address.as_str(),
            places: places(file),
            phones: account.phones.iter().map(|p| phone(file, p)).collect(),
            emails: emails.iter().map(|e| email(file, e)).collect(),
            debts: debts.collect(),
            persons: persons.map(|one| PersonFacts::of(file, one)).collect(),
            standing: extras
                .map(|extras| standing(file, extras))
                .unwrap_or_default(),
            promise: promise.map(|promise| PromiseFacts {
                until: promise.until.to_string(),
                reminder: promise.reminder,
                reminder_used: promise.reminder_used,
            }),
            reservations: reservations(file),
            touched_by: file.row(account.touched),
            restricted_by: file.row(account.restricted),
            rows,
            rows_truncated,
        }
    }
}

fn when(at: At) -> Option<String> {
    at.get().map(instant)
}

/// When it was given, unless it was taken back.
fn given(consent: Consent) -> Option<String> {
    when(consent.at).filter(|_| !consent.revoked)
}

fn places(file: &AccountFile) -> PlacesFacts {
    let zones = file.places.zones().iter();
    let names = |set: JurisdictionSet| set.iter().map(Jurisdiction::as_str);
    PlacesFacts {
        zones: zones
            .map(|zone| Zones::bundled().name(*zone).to_owned())
            .collect(),
        jurisdictions: names(file.places.jurisdictions()).collect(),
        residence: names(file.places.residence()).collect(),
    }
}

fn owner(file: &AccountFile, person: PersonNo) -> Option<usize> {
    file.persons.iter().position(|one| one.no == person)
}

fn named(pairs: &[(bool, &'static str)]) -> Vec<&'static str> {
    let set = pairs.iter().filter(|(set, _)| *set);
    set.map(|(_, name)| *name).collect()
}

fn of_tenant(known: Option<&NumberFacts>) -> Vec<&'static str> {
    let flags = known.map_or(0, |known| known.flags);
    let has = |flag| flags & flag != 0;
    named(&[
        (has(NumberFacts::NO_CALLS), "no_calls"),
        (has(NumberFacts::NO_TEXTS), "no_texts"),
        (has(NumberFacts::DO_NOT_CALL), "do_not_call"),
        (has(NumberFacts::NO_FAX), "no_fax"),
        (has(NumberFacts::NO_EMAIL), "no_email"),
    ])
}

fn phone(file: &AccountFile, phone: &Phone) -> PhoneFacts {
    let known = file.numbers.iter().find(|(no, _)| *no == phone.number);
    let known = known.map(|(_, known)| known);
    let extras = file.account.extras.as_deref();
    let written = |number: &PhoneNumber| {
        let known = extras.map_or(&[][..], |extras| &extras.written_consents);
        let mut known = known.iter().filter(|written| written.number == *number);
        known.any(|written| written.consent.at.is_set() && !written.consent.revoked)
    };
    let dates = phone.dates();
    PhoneFacts {
        number: phone.number.e164().as_str().to_owned(),
        person: owner(file, phone.person),
        line_type: phone.line_type.as_str(),
        flags: named(&[
            (phone.has(Phone::WRONG), "wrong"),
            (phone.has(Phone::REASSIGNED), "reassigned"),
            (phone.has(Phone::WORK), "work"),
            (phone.has(Phone::HOME), "home"),
            (phone.has(Phone::PERSONAL), "personal"),
            (
                dates.recorded_consent.is_set() && !phone.has(Phone::RECORDED_REVOKED),
                "prerecorded_consent",
            ),
            (phone.has(Phone::TEXT_REVOKED), "text_revoked"),
            (phone.has(Phone::CALL_REVOKED), "call_revoked"),
        ]),
        tenant_flags: of_tenant(known),
        do_not_call_until: known.and_then(|known| when(known.do_not_call_until)),
        autodial_consent: when(dates.autodial_consent),
        text_consent: when(dates.text_consent),
        inbound_text: when(dates.inbound_text),
        checked: when(dates.checked),
        written_consent: written(&phone.number),
    }
}

fn email(file: &AccountFile, email: &Email) -> EmailFacts {
    let known = file.addresses.iter().find(|(at, _)| *at == email.address);
    EmailFacts {
        address: file.text(email.address).to_owned(),
        person: owner(file, email.person),
        flags: named(&[
            (email.from_consumer, "from_consumer"),
            (email.employer_provided, "employer_provided"),
            (email.wrong, "wrong"),
            (email.prior.obtained_properly, "prior_obtained_properly"),
            (email.prior.immediately_prior_used, "prior_immediately_used"),
            (email.prior.opted_out, "prior_opted_out"),
            (email.confirmed, "opt_out_confirmed"),
        ]),
        tenant_flags: of_tenant(known.map(|(_, known)| known)),
        used: when(email.used),
        consent: given(email.consent),
        written_consent: given(email.written_consent),
        social_consent: given(email.social_consent),
        creditor_notice: when(email.creditor_notice),
        opted_out: when(email.opted_out),
    }
}

fn scope(file: &AccountFile, debts: &DebtScope) -> Scope {
    match debts {
        DebtScope::Everything => Scope::Word("all"),
        DebtScope::Account(_) => Scope::Word("account"),
        DebtScope::Debts(named) => {
            let own = named.iter().filter_map(|no| file.debt(*no));
            Scope::Named(own.map(str::to_owned).collect())
        }
    }
}

fn text(file: &AccountFile, name: Sym) -> Option<String> {
    let text = file.text(name);
    (!text.is_empty()).then(|| text.to_owned())
}

fn standing(file: &AccountFile, extras: &AccountExtras) -> Vec<Fact> {
    let mut all = Vec::new();
    all.extend(extras.disputes.iter().map(|one| Fact {
        fact: "dispute",
        kind: Some(one.form.as_str().to_owned()),
        since: when(one.received),
        until: when(one.answered),
        state: Some(if one.answered.is_set() {
            "answered"
        } else {
            "open"
        }),
        debts: Some(scope(file, &one.debts)),
        ..Fact::default()
    }));
    all.extend(extras.notices.iter().map(|one| Fact {
        fact: "notice",
        kind: Some(one.kind.as_str().to_owned()),
        since: when(one.sent),
        until: when(one.returned),
        state: Some(if one.returned.is_set() {
            "returned"
        } else {
            "sent"
        }),
        ..Fact::default()
    }));
    all.extend(extras.holds.iter().map(|one| Fact {
        fact: "hold",
        kind: Some(one.kind.as_str().to_owned()),
        since: when(one.since),
        until: when(one.until),
        ..Fact::default()
    }));
    all.extend(extras.escalations.iter().map(|one| Fact {
        fact: "escalation",
        kind: Some(one.kind.as_str().to_owned()),
        since: when(one.since),
        ..Fact::default()
    }));
    all.extend(extras.approvals.iter().map(|one| Fact {
        fact: "approval",
        until: when(one.until),
        state: Some(if one.used { "used" } else { one.state.as_str() }),
        document_id: text(file, one.document),
        ..Fact::default()
    }));
    all.extend(extras.overrides.iter().map(|one| Fact {
        fact: "override",
        kind: Some(one.kind.as_str().to_owned()),
        since: when(one.since),
        until: when(one.until),
        actor: text(file, one.actor),
        document_id: text(file, one.document),
        ..Fact::default()
    }));
    all.extend(extras.identity_theft.iter().map(|debts| Fact {
        fact: "identity_theft",
        debts: Some(scope(file, debts)),
        ..Fact::default()
    }));
    all.extend(extras.judgments.iter().map(|debts| Fact {
        fact: "judgment",
        debts: Some(scope(file, debts)),
        ..Fact::default()
    }));
    all
}

fn reservations(file: &AccountFile) -> Vec<Reservation> {
    let people = file.persons.iter().enumerate();
    let live = people.flat_map(|(at, person)| {
        let attempts = person.person.attempts.iter();
        let live = attempts.filter(|attempt| attempt.is_live(file.at));
        live.map(move |attempt| (at, attempt))
    });
    let told = live.map(|(person, attempt)| Reservation {
        audit_id: file.row(attempt.audit),
        person,
        channel: attempt.channel().map(Channel::as_str),
        at: when(attempt.at),
        use_by: when(At(attempt.call)),
    });
    told.collect()
}
