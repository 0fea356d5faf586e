//! The generated portfolio as the stand-ins take it: a line an account.

use std::io::Write;

use crate::portfolio::{Account, DAY, Portfolio, START};

/// Days back of the one attempt that counts, as in the portfolio dialgate is given.
const ATTEMPT_DAYS_BACK: u64 = 4;

/// Writes `account_id,phone,phone,seconds east of UTC,instant of the attempt that counts`.
pub(super) fn write(portfolio: Portfolio, mut out: impl Write) -> std::io::Result<()> {
    for index in 0..portfolio.accounts() {
        let account = portfolio.account(index);
        let [one, two] = account.phones;
        let (id, offset, at) = (id(&account), account.utc_offset_s(), attempt_at());
        writeln!(out, "{id},{one},{two},{offset},{at}")?;
    }
    out.flush()
}

/// The account's id as requests spell it.
pub(super) fn id(account: &Account) -> String {
    let Account { number, digits, .. } = *account;
    format!("ACC-{number:0digits$}")
}

/// Unix seconds of the attempt that counts.
pub(super) const fn attempt_at() -> u64 {
    START - ATTEMPT_DAYS_BACK * DAY
}

#[cfg(test)]
mod tests {
    use super::write;
    use crate::portfolio::{Portfolio, START};

    #[test]
    fn every_account_is_a_line_and_its_hours_are_open() {
        let mut text = Vec::new();
        write(Portfolio::new(1, 200), &mut text).unwrap();
        let text = String::from_utf8(text).unwrap();
        assert_eq!(text.lines().count(), 200);
        for line in text.lines() {
            let fields: Vec<&str> = line.split(',').collect();
            assert_eq!(
                (fields.len(), fields[1].len(), fields[2].len()),
                (5, 10, 10)
            );
            let offset: i64 = fields[3].parse().unwrap();
            let local = (i64::try_from(START).unwrap() + offset).rem_euclid(86_400);
            assert!((8 * 3_600..21 * 3_600).contains(&local), "{line}");
        }
    }
}
