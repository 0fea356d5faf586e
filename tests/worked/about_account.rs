//! Facts about the account and its debts, and those that change nothing for any gate of law.

use dialgate::domain::record::{DebtRecord, FactKind, FactRecord, Personal};
use dialgate::domain::words::{
    AccountStatus, ApprovalState, Form, HoldKind, NoticeKind, OverrideKind, Purpose,
};

use crate::facts::{Fact, Stated};
use crate::fields::Said;
use crate::file::File;
use crate::words;

/// Facts no gate of law asks for, or whose gate is configured open.
const IDLE: [&str; 22] = [
    "payment_failed",
    "payment_made",
    "payment_received",
    "partial_payment",
    "consumer_statement",
    "consumer_requested_information",
    "settlement_discussion",
    "settlement_offer",
    "active_litigation",
    "litigation",
    "consumer_session_started",
    "consumer_session_ended",
    "consumer_session",
    "website_visit",
    "promise_to_pay",
    "promise",
    "payment_plan",
    "complaint",
    "vulnerability",
    "supervisor_review",
    "debt_placed",
    "account_placed",
];

/// Translates a fact about the account; `None`: nobody knows such a fact.
pub(crate) fn translate(fact: &Fact<'_>, file: &mut File) -> Said<Option<Vec<Stated>>> {
    let record = match fact.kind {
        "debt_group" => {
            file.group(&fact.fields.texts(&["debts"])?);
            return Ok(Some(Vec::new()));
        }
        "validation_notice_sent" | "validation_information_sent" | "validation_notice_provided" => {
            notice(fact, FactKind::NoticeSent, file)?
        }
        "notice_returned_undeliverable"
        | "validation_notice_returned"
        | "validation_notice_returned_undeliverable" => {
            notice(fact, FactKind::NoticeReturned, file)?
        }
        "written_dispute_received"
        | "dispute_received"
        | "oral_dispute_received"
        | "original_creditor_request_received"
        | "duplicative_dispute_received"
        | "duplicative_dispute" => return dispute(fact, file).map(Some),
        "verification_sent"
        | "judgment_copy_sent"
        | "judgment_sent"
        | "duplicative_dispute_notice"
        | "duplicative_dispute_notice_sent"
        | "duplicative_notice_sent"
        | "original_creditor_information_sent"
        | "original_creditor_name_sent" => {
            fact.fields.idle(&["via", "medium"]);
            of(fact, FactKind::Verification, file)?
        }
        "identity_theft"
        | "identity_theft_claimed"
        | "identity_theft_report"
        | "identity_theft_report_received" => of(fact, FactKind::IdentityTheft, file)?,
        "court_hold" | "litigation_hold" => {
            let mut record = of(fact, FactKind::Hold, file)?;
            record.hold = Some(if fact.kind == "court_hold" {
                HoldKind::Court
            } else {
                HoldKind::Litigation
            });
            record
        }
        "court_permission" => {
            fact.fields.idle(&["court", "scope"]);
            let mut record = of(fact, FactKind::Override, file)?;
            record.override_kind = Some(OverrideKind::CourtPermission);
            record.gates = vec![1, 3, 7, 9];
            record.actor = Some(Personal::from("court"));
            record.document_id = Some(Personal::from("order"));
            let until = fact.end(&["until"], file)?;
            // 2030-01-01: beyond every vector.
            record.until = until.or(Some(dialgate::domain::time::UnixSeconds(1_893_456_000)));
            record
        }
        "approval" => approval(fact, file)?,
        kind if kind.starts_with("debt_") || kind.starts_with("account_") => {
            if let Some(stated) = status(fact, file)? {
                return Ok(Some(vec![stated]));
            }
            return idle(fact, file);
        }
        _ => return idle(fact, file),
    };
    Ok(Some(vec![Stated::from(record)]))
}

fn of(fact: &Fact<'_>, kind: FactKind, file: &mut File) -> Said<FactRecord> {
    let mut record = fact.record(file)?;
    record.fact = Some(kind);
    Ok(record)
}

fn notice(fact: &Fact<'_>, kind: FactKind, file: &mut File) -> Said<FactRecord> {
    fact.fields
        .idle(&["via", "medium", "channel", "address", "delivery"]);
    let mut record = of(fact, kind, file)?;
    record.notice = Some(NoticeKind::Validation);
    Ok(record)
}

/// A dispute. One that is said to have come after the period follows a period that ended; where the
/// vector tells of no notice, a notice of a hundred days before stands for it.
fn dispute(fact: &Fact<'_>, file: &mut File) -> Said<Vec<Stated>> {
    let fields = &fact.fields;
    fields.idle(&["duplicative", "same_as", "new_information", "reason_given"]);
    let form = fields.text(&["form", "via", "medium"])?;
    let mut form = form.map(words::form).transpose()?.unwrap_or(Form::Written);
    if fact.kind == "oral_dispute_received"
        || fields.flag(&["written", "in_writing"])? == Some(false)
    {
        form = Form::Oral;
    }
    let within = fields.flag(&["within_validation_period"])?;
    let mut record = of(fact, FactKind::Dispute, file)?;
    record.form = Some(form);
    record.in_period = within;
    let mut stated = vec![Stated::from(record)];
    if within == Some(false) && !file.tells_of_notice {
        let sent = fact.at.map(|at| at.minus(100 * 86_400));
        let notice = FactRecord {
            at: sent,
            fact: Some(FactKind::NoticeSent),
            notice: Some(NoticeKind::Validation),
            ..FactRecord::default()
        };
        stated.insert(0, Stated::from(notice));
    }
    Ok(stated)
}

fn approval(fact: &Fact<'_>, file: &mut File) -> Said<FactRecord> {
    let fields = &fact.fields;
    let purpose = fields.text(&["purpose"])?.and_then(Purpose::parse);
    let document = fields.text(&["document_id", "document"])?;
    let mut record = of(fact, FactKind::Approval, file)?;
    record.approval = Some(ApprovalState::Approved);
    record.purpose = purpose;
    record.document_id = document.map(Personal::from);
    Ok(record)
}

fn status(fact: &Fact<'_>, file: &mut File) -> Said<Option<Stated>> {
    let (what, word) = fact.kind.split_once('_').unwrap_or_default();
    let status = match word {
        "paid" | "paid_in_full" => AccountStatus::Paid,
        "settled" => AccountStatus::Settled,
        "sold" | "transferred" => AccountStatus::Sold,
        "recalled" => AccountStatus::Recalled,
        "closed" => AccountStatus::Closed,
        _ => return Ok(None),
    };
    let record = fact.record(file)?;
    let Some(debt_id) = record.debts.into_iter().next().filter(|_| what == "debt") else {
        return Ok(Some(Stated::Status(status)));
    };
    Ok(Some(Stated::Debt(DebtRecord {
        debt_id: Some(debt_id),
        status: Some(status),
        ..DebtRecord::default()
    })))
}

fn idle(fact: &Fact<'_>, file: &mut File) -> Said<Option<Vec<Stated>>> {
    if !IDLE.contains(&fact.kind) {
        return Ok(None);
    }
    fact.record(file)?;
    fact.fields.idle(&[
        "grace_period_ends",
        "late_fee_controlled_by",
        "via",
        "amount",
        "text",
        "says",
        "until",
        "court",
    ]);
    Ok(Some(Vec::new()))
}
