//! Disputes and the validation period: 12 CFR 1006.34(b)(5), 1006.38(c), (d).
//!
//! A written dispute, or a request for the original creditor, received within the validation period
//! stops collection until it is answered. The newest notice that did not come back opens the period
//! (comment 34(b)(5)-2); without one every written dispute counts as received in time.

use crate::domain::case::Case;
use crate::domain::facts::Dispute;
use crate::domain::rules::FederalId;
use crate::domain::time::ValidationPeriod;
use crate::domain::verdict::{Code, Findings};
use crate::domain::words::{Form, NoticeKind};

/// Asks for open disputes about the debts.
pub(super) fn ask(case: &Case<'_>, found: &mut Findings) {
    let Some(extras) = case.extras() else { return };
    let pending = extras.disputes.iter().any(|dispute| {
        dispute.form == Form::Written
            && dispute.answered.get().is_none_or(|at| at > case.now)
            && dispute.debts.touches(case.account_no, case.debts)
            && in_period(case, dispute)
    });
    if pending {
        let rule = case.world.pack.federal_no(FederalId::DisputePending);
        found.block_by(Code::DisputePending, rule);
    }
}

/// Whether the validation period is running. False when no notice is on file.
pub fn validation_period_open(case: &Case<'_>) -> bool {
    let (today, _) = case.local_dates();
    period(case).is_some_and(|period| period.is_open(today))
}

/// Dates that depend on the place are taken so that the period is longer and the dispute earlier.
fn in_period(case: &Case<'_>, dispute: &Dispute) -> bool {
    let received = dispute.received.get().map(|at| case.dates_at(at).0);
    dispute.said_in_period
        || period(case)
            .zip(received)
            .is_none_or(|(period, received)| period.is_open(received))
}

fn period(case: &Case<'_>) -> Option<ValidationPeriod> {
    let sent = case
        .extras()?
        .notices
        .iter()
        .filter(|notice| notice.kind == NoticeKind::Validation && !notice.returned.is_set())
        .filter_map(|notice| notice.sent.get())
        .max()?;
    let federal = case.world.pack.federal();
    Some(ValidationPeriod::of_notice(
        case.dates_at(sent).1,
        federal.receipt_business_days,
        federal.validation_days,
        case.world.pack.holidays(),
    ))
}

#[cfg(test)]
mod tests;
