//! What each column of an account row says.

use super::{Apply, Point, instant, put, word, yes_no};
use crate::domain::place::StateCode;
use crate::domain::record::FactKind;
use crate::domain::time::{CivilDate, Zones};
use crate::domain::words::{
    AccountStatus, AddressStatus, BankruptcyStatus, CollectorRole, ConsentKind, DebtKind,
    EscalationKind, Form, GivenTo, HoldKind, Inbound, LineType, Medium, NoticeKind, PartyRole,
    PlaceKind, Vulnerability,
};
use crate::wire::ingest::cells::truth;
use crate::wire::ingest::limits::{DEBTS_MAX, EMAILS_MAX, PARTIES_MAX, PHONES_MAX};
use crate::wire::ingest::reject::RejectCode as Code;

/// The columns of account rows: the name, the largest number in it, what its cell does.
pub(in crate::wire::ingest) const COLUMNS: &[(&str, usize, Apply)] = &[
    ("account_id", 1, |d, _, c| put(&mut d.record.account_id, c)),
    ("person_id", 1, |d, _, c| put(&mut d.record.person_id, c)),
    ("creditor", 1, |d, _, c| put(&mut d.record.creditor, c)),
    ("portfolio", 1, |d, _, c| put(&mut d.record.portfolio, c)),
    ("reason", 1, |d, _, c| put(&mut d.record.reason, c)),
    ("zip", 1, |d, _, c| put(&mut d.record.zip, c)),
    ("state", 1, |d, _, c| {
        word(&mut d.record.state, StateCode::parse(c))
    }),
    ("collector_role", 1, |d, _, c| {
        word(&mut d.record.collector_role, CollectorRole::parse(c))
    }),
    ("status", 1, |d, _, c| {
        word(&mut d.record.status, AccountStatus::parse(c))
    }),
    ("address", 1, |d, _, c| {
        word(&mut d.record.address, AddressStatus::parse(c))
    }),
    ("phone_N", PHONES_MAX, |d, n, c| {
        put(&mut d.phone(n).number, c)
    }),
    ("phone_N_type", PHONES_MAX, |d, n, c| {
        word(&mut d.phone(n).line_type, LineType::parse(c))
    }),
    ("phone_N_place", PHONES_MAX, |d, n, c| {
        word(&mut d.phone(n).place, PlaceKind::parse(c))
    }),
    ("phone_N_person", PHONES_MAX, |d, n, c| {
        put(&mut d.phone(n).person_id, c)
    }),
    ("phone_N_personal", PHONES_MAX, |d, n, c| {
        yes_no(&mut d.phone(n).personal, c)
    }),
    ("phone_N_wrong", PHONES_MAX, |d, n, c| {
        yes_no(&mut d.phone(n).wrong, c)
    }),
    ("email_N", EMAILS_MAX, |d, n, c| {
        put(&mut d.email(n).address, c)
    }),
    ("email_N_employer", EMAILS_MAX, |d, n, c| {
        yes_no(&mut d.email(n).employer_provided, c)
    }),
    ("email_N_from_consumer", EMAILS_MAX, |d, n, c| {
        yes_no(&mut d.email(n).from_consumer, c)
    }),
    ("email_N_person", EMAILS_MAX, |d, n, c| {
        put(&mut d.email(n).person_id, c)
    }),
    ("email_N_wrong", EMAILS_MAX, |d, n, c| {
        yes_no(&mut d.email(n).wrong, c)
    }),
    ("debt_N", DEBTS_MAX, |d, n, c| {
        put(&mut d.debt(n).debt_id, c)
    }),
    ("debt_N_group", DEBTS_MAX, |d, n, c| {
        put(&mut d.debt(n).group, c)
    }),
    ("debt_N_kind", DEBTS_MAX, |d, n, c| {
        word(&mut d.debt(n).kind, DebtKind::parse(c))
    }),
    ("debt_N_status", DEBTS_MAX, |d, n, c| {
        word(&mut d.debt(n).status, AccountStatus::parse(c))
    }),
    ("party_N", PARTIES_MAX, |d, n, c| {
        put(&mut d.party(n).person_id, c)
    }),
    ("party_N_authorised", PARTIES_MAX, |d, n, c| {
        yes_no(&mut d.party(n).authorised, c)
    }),
    ("party_N_employer", PARTIES_MAX, |d, n, c| {
        yes_no(&mut d.party(n).employer, c)
    }),
    ("party_N_role", PARTIES_MAX, |d, n, c| {
        word(&mut d.party(n).role, PartyRole::parse(c))
    }),
    ("attorney", 1, |d, _, c| d.flag(FactKind::Attorney, c)),
    ("deceased", 1, |d, _, c| d.flag(FactKind::Deceased, c)),
    ("minor", 1, |d, _, c| d.flag(FactKind::Minor, c)),
    ("identity_theft", 1, |d, _, c| {
        d.flag(FactKind::IdentityTheft, c)
    }),
    ("military", 1, |d, _, c| d.flag(FactKind::Military, c)),
    ("employer_prohibits", 1, |d, _, c| {
        d.flag(FactKind::EmployerProhibits, c)
    }),
    ("unreachable_at_home", 1, |d, _, c| {
        d.flag(FactKind::UnreachableAtHome, c)
    }),
    ("judgment", 1, |d, _, c| d.flag(FactKind::Judgment, c)),
    ("complaint", 1, |d, _, c| {
        let stated = truth(c)?;
        let fact = d.fact(FactKind::Escalation, Point::None);
        fact.escalation = Some(EscalationKind::Complaint);
        fact.lifted = (!stated).then_some(true);
        Ok(())
    }),
    ("escalation", 1, |d, _, c| {
        let kind = EscalationKind::parse(c);
        word(
            &mut d.fact(FactKind::Escalation, Point::None).escalation,
            kind,
        )
    }),
    ("hold", 1, |d, _, c| {
        word(
            &mut d.fact(FactKind::Hold, Point::None).hold,
            HoldKind::parse(c),
        )
    }),
    ("cease_at", 1, |d, _, c| {
        let fact = d.fact(FactKind::Cease, Point::None);
        fact.form = Some(Form::Written);
        instant(&mut fact.at, c)
    }),
    ("dispute_at", 1, |d, _, c| {
        let fact = d.fact(FactKind::Dispute, Point::None);
        fact.form = Some(Form::Written);
        instant(&mut fact.at, c)
    }),
    ("notice_sent_at", 1, |d, _, c| {
        d.notice(NoticeKind::Validation, c)
    }),
    ("nv_medical_notice_at", 1, |d, _, c| {
        d.notice(NoticeKind::NvMedical, c)
    }),
    ("dc_written_notice_at", 1, |d, _, c| {
        d.notice(NoticeKind::DcWritten, c)
    }),
    ("ny_disclosure_at", 1, |d, _, c| {
        d.notice(NoticeKind::NyDisclosure, c)
    }),
    ("itemised_statement_at", 1, |d, _, c| {
        d.notice(NoticeKind::ItemisedStatement, c)
    }),
    ("bankruptcy_chapter", 1, |d, _, c| {
        let chapter = c.parse().map_err(|_kind| Code::WrongType)?;
        d.same_fact(FactKind::Bankruptcy).chapter = Some(chapter);
        Ok(())
    }),
    ("bankruptcy_status", 1, |d, _, c| {
        word(
            &mut d.same_fact(FactKind::Bankruptcy).status,
            BankruptcyStatus::parse(c),
        )
    }),
    ("promise_until", 1, |d, _, c| {
        let date = CivilDate::parse(c).ok_or(Code::InvalidDate)?;
        d.same_fact(FactKind::Promise).until_date = Some(date);
        Ok(())
    }),
    ("promise_reminder", 1, |d, _, c| {
        yes_no(&mut d.same_fact(FactKind::Promise).reminder, c)
    }),
    ("stated_zone", 1, |d, _, c| {
        let zone = Zones::bundled().find(c);
        word(&mut d.fact(FactKind::StatedZone, Point::None).zone, zone)
    }),
    ("inconvenient_place", 1, |d, _, c| {
        c.split('|').try_for_each(|c| {
            let place = PlaceKind::parse(c.trim_ascii());
            word(
                &mut d.fact(FactKind::InconvenientPlace, Point::None).place,
                place,
            )
        })
    }),
    ("refused", 1, |d, _, c| {
        c.split('|').try_for_each(|c| {
            let medium = Medium::parse(c.trim_ascii());
            word(
                &mut d.fact(FactKind::MediumOptOut, Point::None).medium,
                medium,
            )
        })
    }),
    ("vulnerability", 1, |d, _, c| {
        c.split('|').try_for_each(|c| {
            let kind = Vulnerability::parse(c.trim_ascii());
            word(
                &mut d.fact(FactKind::Vulnerability, Point::None).vulnerability,
                kind,
            )
        })
    }),
    ("do_not_call_N", PHONES_MAX, |d, n, c| {
        d.flag_of(FactKind::DoNotCall, Point::Phone(n), c)
    }),
    ("opt_out_N", PHONES_MAX, |d, n, c| {
        c.split('|').try_for_each(|c| {
            let medium = Medium::parse(c.trim_ascii());
            word(
                &mut d.fact(FactKind::ContactOptOut, Point::Phone(n)).medium,
                medium,
            )
        })
    }),
    ("email_opt_out_N", EMAILS_MAX, |d, n, c| {
        d.flag_of(FactKind::ContactOptOut, Point::Email(n), c)
    }),
    ("consent_N_at", PHONES_MAX, |d, n, c| {
        d.consent(Point::Phone(n), ConsentKind::Autodialed, None, c)
    }),
    ("prerecorded_consent_N_at", PHONES_MAX, |d, n, c| {
        d.consent(Point::Phone(n), ConsentKind::Prerecorded, None, c)
    }),
    ("text_consent_N_at", PHONES_MAX, |d, n, c| {
        d.consent(
            Point::Phone(n),
            ConsentKind::Text,
            Some(GivenTo::Collector),
            c,
        )
    }),
    ("email_consent_N_at", EMAILS_MAX, |d, n, c| {
        d.consent(
            Point::Email(n),
            ConsentKind::Email,
            Some(GivenTo::Collector),
            c,
        )
    }),
    ("email_written_consent_N_at", EMAILS_MAX, |d, n, c| {
        let to = Some(GivenTo::Collector);
        d.consent(Point::Email(n), ConsentKind::Email, to, c)?;
        d.last().written = Some(true);
        Ok(())
    }),
    ("number_check_N_at", PHONES_MAX, |d, n, c| {
        let fact = d.fact(FactKind::NumberCheck, Point::Phone(n));
        fact.reassigned = Some(false);
        instant(&mut fact.at, c)
    }),
    ("inbound_text_N_at", PHONES_MAX, |d, n, c| {
        let fact = d.fact(FactKind::Inbound, Point::Phone(n));
        fact.inbound = Some(Inbound::Text);
        instant(&mut fact.at, c)
    }),
    ("inbound_email_N_at", EMAILS_MAX, |d, n, c| {
        let fact = d.fact(FactKind::Inbound, Point::Email(n));
        fact.inbound = Some(Inbound::Email);
        instant(&mut fact.at, c)
    }),
];
