//! Facts about numbers, addresses and places.

use dialgate::domain::record::{FactKind, FactRecord, Personal};
use dialgate::domain::words::{ConsentKind, GivenTo, LineType, Medium};

use crate::facts::{Fact, Stated};
use crate::fields::Said;
use crate::file::File;
use crate::words;

/// Translates a fact about a contact point; `None`: it is about something else.
pub(crate) fn translate(fact: &Fact<'_>, file: &mut File) -> Said<Option<Vec<Stated>>> {
    let fields = &fact.fields;
    let stated = match fact.kind {
        "location_evidence" => evidence(fact, file)?,
        "phone_number" | "number" => {
            let label = fields.text(&["number", "phone"])?;
            let owner = fields.text(&["of", "owner", "belongs_to"])?;
            let owner = owner.map(words::party).transpose()?.flatten();
            file.number(label, owner.as_ref());
            if let Some(line) = fields.text(&["line_type"])? {
                file.line(label, owner.as_ref(), words::line(line)?);
            }
            Vec::new()
        }
        "number_found_wrong" | "wrong_number" => {
            vec![of_number(fact, FactKind::WrongNumber, file)?]
        }
        "reassigned_number_check" => number_check(fact, file)?,
        "email_address" => email_address(fact, file)?,
        "email_history" => email_history(fact, file)?,
        "creditor_email_notice"
        | "creditor_notice"
        | "creditor_notice_sent"
        | "email_opt_out_notice_sent"
        | "opt_out_notice_sent" => creditor_notice(fact, file)?,
        "text_consent"
        | "consent_to_texts"
        | "email_consent"
        | "consent_to_emails"
        | "consent"
        | "direct_consent"
        | "autodial_consent"
        | "prerecorded_consent" => consent(fact, file)?,
        "number_opt_out" | "address_opt_out" | "text_opt_out" | "email_opt_out" => {
            vec![opt_out(fact, file)?]
        }
        "do_not_call" | "internal_dnc" | "do_not_call_request" => {
            vec![of_number(fact, FactKind::DoNotCall, file)?]
        }
        _ => return Ok(None),
    };
    Ok(Some(stated))
}

fn evidence(fact: &Fact<'_>, file: &mut File) -> Said<Vec<Stated>> {
    let fields = &fact.fields;
    let zone = fields.text(&["iana_timezone", "time_zone", "timezone", "zone"])?;
    fields.idle(&["number", "phone"]);
    if let Some(zip) = fields.text(&["zip"])? {
        file.residence_zip(zip);
        return Ok(Vec::new());
    }
    let zone = zone.ok_or_else(|| fields.fault("where?"))?;
    match fields.needed(&["evidence"])? {
        "mobile_area_code" | "wireless_area_code" => file.area_code(zone, LineType::Wireless)?,
        "landline_area_code" => file.area_code(zone, LineType::Landline)?,
        "area_code" => file.area_code(zone, LineType::Unknown)?,
        "residential_address" | "mailing_address" | "address" | "current_address" | "zip_code" => {
            file.residence(zone)?;
        }
        "consumer_statement" | "stated" | "consumer_stated" | "time_zone_stated" => {
            let mut record = fact.record(file)?;
            record.fact = Some(FactKind::StatedZone);
            record.zone = Some(crate::moments::zone(zone)?);
            return Ok(vec![Stated::from(record)]);
        }
        other => return Err(fields.fault(&format!("{other:?} is no known evidence"))),
    }
    Ok(Vec::new())
}

fn of_number(fact: &Fact<'_>, kind: FactKind, file: &mut File) -> Said<Stated> {
    let mut record = fact.record(file)?;
    record.fact = Some(kind);
    let label = fact.fields.text(&["number", "phone"])?;
    record.phone = Some(file.number(label, None));
    Ok(Stated::from(record))
}

/// A check counts when its database is complete. `since` is the day of the consumer's own use in
/// every vector and decides nothing here.
fn number_check(fact: &Fact<'_>, file: &mut File) -> Said<Vec<Stated>> {
    let fields = &fact.fields;
    let database = fields.text(&["database"])?.unwrap_or("FCC RND");
    let complete = [
        "FCC",
        "RND",
        "reassigned",
        "commercial",
        "similar",
        "complete",
    ];
    if !complete.iter().any(|word| database.contains(word)) {
        return Err(fields.fault(&format!("{database:?}: is it complete and accurate?")));
    }
    fact.date(&["since"], file)?;
    let reassigned = match fields.needed(&["result"])? {
        "not_reassigned" | "no" | "clean" => false,
        "reassigned" | "yes" => true,
        other => return Err(fields.fault(&format!("{other:?} is no known result"))),
    };
    let mut record = fact.record(file)?;
    record.fact = Some(FactKind::NumberCheck);
    record.reassigned = Some(reassigned);
    record.phone = Some(file.number(fields.text(&["number", "phone"])?, None));
    Ok(vec![Stated::from(record)])
}

fn address_record(fact: &Fact<'_>, kind: FactKind, file: &mut File) -> Said<FactRecord> {
    let mut record = fact.record(file)?;
    record.fact = Some(kind);
    let text = fact.fields.text(&["address", "email"])?;
    record.address = Some(file.address(text, None));
    Ok(record)
}

fn email_address(fact: &Fact<'_>, file: &mut File) -> Said<Vec<Stated>> {
    let fields = &fact.fields;
    let text = fields.text(&["address", "email"])?;
    file.address(text, None);
    if let Some(provided) = fields.flag(&["employer_provided"])? {
        file.employer(text, provided);
    }
    let kind = match fields.text(&["procedure"])? {
        None => return Ok(Vec::new()),
        Some(word) if word.contains("(iii)") || word.contains("prior_collector") => {
            let mut record = address_record(fact, FactKind::EmailProcedure, file)?;
            record.obtained_properly = Some(true);
            record.immediately_prior_used = Some(true);
            return Ok(vec![Stated::from(record)]);
        }
        Some(word) if word.contains("(ii)") || word.contains("creditor") => {
            return creditor_notice(fact, file);
        }
        Some(word) if word.contains("(i)") || word.contains("consumer") || word == "consent" => {
            FactKind::Consent
        }
        Some(word) => return Err(fields.fault(&format!("{word:?} is no known procedure"))),
    };
    let mut record = address_record(fact, kind, file)?;
    record.consent = vec![ConsentKind::Email];
    record.given_to = Some(GivenTo::Collector);
    Ok(vec![Stated::from(record)])
}

fn email_history(fact: &Fact<'_>, file: &mut File) -> Said<Vec<Stated>> {
    let mut record = address_record(fact, FactKind::EmailProcedure, file)?;
    let (mut properly, mut last_used, mut opted_out) = (false, false, false);
    for collector in fact.fields.objects(&["chain"])? {
        collector.idle(&["collector", "name"]);
        properly |= collector.flag(&["obtained_properly"])? == Some(true);
        last_used = collector.flag(&["used"])? == Some(true);
        opted_out |= collector.flag(&["opted_out", "consumer_opted_out"])? == Some(true);
        collector.finish()?;
    }
    record.obtained_properly = Some(properly);
    record.immediately_prior_used = Some(last_used);
    record.opted_out = Some(opted_out);
    Ok(vec![Stated::from(record)])
}

/// The creditor's notice with the opt-out period (1006.6(d)(4)(ii)); what it rested on is told by
/// flags, and one that is false leaves the notice without effect.
fn creditor_notice(fact: &Fact<'_>, file: &mut File) -> Said<Vec<Stated>> {
    let fields = &fact.fields;
    let mut good = true;
    for condition in [
        "creditor_used",
        "creditor_obtained_from_consumer",
        "obtained_from_consumer",
        "domain_public",
        "public_domain",
        "domain_generally_available",
    ] {
        good &= fields.flag(&[condition])? != Some(false);
    }
    let opted_out = fields.flag(&["opted_out", "consumer_opted_out"])?;
    fields.idle(&[
        "opt_out_by",
        "opt_out_deadline",
        "opt_out_period_ends",
        "via",
    ]);
    let mut record = address_record(fact, FactKind::EmailProcedure, file)?;
    record.creditor_notice = if good {
        fact.at.or_else(|| Some(long_ago()))
    } else {
        None
    };
    record.opted_out = opted_out;
    Ok(vec![Stated::from(record)])
}

fn long_ago() -> dialgate::domain::time::UnixSeconds {
    // 2025-06-01: before every vector of 2026 by more than any period of notice.
    dialgate::domain::time::UnixSeconds(1_748_736_000)
}

fn consent(fact: &Fact<'_>, file: &mut File) -> Said<Vec<Stated>> {
    let fields = &fact.fields;
    fields.idle(&["via", "scope"]);
    let medium = fields.text(&["medium", "channel", "for"])?;
    let word = match fact.kind {
        "text_consent" | "consent_to_texts" => "text",
        "email_consent" | "consent_to_emails" => "email",
        "autodial_consent" => "autodialed",
        "prerecorded_consent" => "prerecorded",
        _ => medium.ok_or_else(|| fields.fault("to what?"))?,
    };
    let mut record = fact.record(file)?;
    record.fact = Some(FactKind::Consent);
    record.consent = words::consent_kinds(word)?;
    let to = fields.text(&["given_to"])?.unwrap_or("collector");
    record.given_to = Some(words::given_to(to)?);
    point(fact, &mut record, record_is_email(word), file)?;
    Ok(vec![Stated::from(record)])
}

fn record_is_email(word: &str) -> bool {
    word.contains("mail")
}

/// The number or the address a fact is about.
pub(crate) fn point(
    fact: &Fact<'_>,
    record: &mut FactRecord,
    email: bool,
    file: &mut File,
) -> Said<()> {
    let address = fact.fields.text(&["address", "email"])?;
    let number = fact.fields.text(&["number", "phone"])?;
    if number.is_none() && (email || address.is_some()) {
        record.address = Some(file.address(address, None));
    } else {
        record.phone = Some(file.number(number, None));
    }
    Ok(())
}

fn opt_out(fact: &Fact<'_>, file: &mut File) -> Said<Stated> {
    let fields = &fact.fields;
    fields.idle(&["via", "keyword"]);
    let mut record = fact.record(file)?;
    record.fact = Some(FactKind::ContactOptOut);
    // A refused address or number is refused for any debt.
    record.debts = Vec::new();
    let medium = fields.text(&["medium", "channel"])?;
    let mut medium = medium.map(words::medium).transpose()?;
    if fact.kind == "text_opt_out" {
        medium = medium.or(Some(Medium::Texts));
    }
    let by_kind = fact.kind == "email_opt_out" || fact.kind == "address_opt_out";
    let email = medium == Some(Medium::Email) || (medium.is_none() && by_kind);
    point(fact, &mut record, email, file)?;
    record.medium = medium.filter(|_| record.address.is_none());
    Ok(Stated::from(record))
}

/// The default of `_meta`: the consumer texted or agreed lately, and used the address.
pub(crate) fn current_consent(
    number: Option<Personal>,
    address: Option<Personal>,
    at: dialgate::domain::time::UnixSeconds,
) -> Stated {
    let kind = if number.is_some() {
        ConsentKind::Text
    } else {
        ConsentKind::Email
    };
    Stated::from(FactRecord {
        address,
        at: Some(at),
        consent: vec![kind],
        fact: Some(FactKind::Consent),
        given_to: Some(GivenTo::Collector),
        phone: number,
        ..FactRecord::default()
    })
}
