//! One account as an ingest record, written by hand: a million of them should cost seconds.

use std::io::Write;

use super::{ATTEMPTS_EACH, Account};
use crate::clock::utc;

/// Engine time of a run, 2026-05-05T18:00:00Z: inside 8-21 in every mainland zone.
pub(crate) const START: u64 = 1_778_004_000;
pub(crate) const DAY: u64 = 86_400;

/// Appends the record and a newline. One attempt lies four days back, the others lie outside
/// seven days, so the federal count leaves six more calls before the account blocks.
pub(super) fn write(account: &Account, out: &mut Vec<u8>) -> std::io::Result<()> {
    let Account {
        number,
        digits,
        city: (state, zip, _),
        phones: [home, mobile],
    } = *account;
    write!(
        out,
        "{{\"record\":\"account\",\"account_id\":\"ACC-{number:0digits$}\",\"state\":\"{state}\",\
         \"zip\":\"{zip}\",\"collector_role\":\"third_party\",\"status\":\"open\",\
         \"creditor\":\"CR{}\",\"portfolio\":\"P{}\",\"phones\":[\
         {{\"number\":\"+1{home}\",\"line_type\":\"landline\"}},\
         {{\"number\":\"+1{mobile}\",\"line_type\":\"wireless\"}}],\
         \"debts\":[{{\"debt_id\":\"D-{number:0digits$}\"}}],\"attempts\":[",
        number % 8 + 1,
        number % 16 + 1,
    )?;
    for attempt in 0..ATTEMPTS_EACH {
        let days_back = if attempt == 0 { 4 } else { 7 + attempt * 6 };
        // Spread over an hour, so the records do not all share one instant.
        let at = utc(START - days_back * DAY - number % 3_600);
        let phone = if attempt % 2 == 0 { home } else { mobile };
        let comma = if attempt == 0 { "" } else { "," };
        write!(
            out,
            "{comma}{{\"at\":\"{at}\",\"channel\":\"phone\",\"action_type\":\"call\",\
             \"phone\":\"+1{phone}\",\"outcome\":\"no_answer\"}}"
        )?;
    }
    out.extend_from_slice(b"]}\n");
    Ok(())
}
