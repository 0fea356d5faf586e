//! Business days and the periods of Regulation F that are counted in them.

use super::date::CivilDate;
use super::holidays::Holidays;

/// Which holidays a count of business days leaves out, besides Saturdays and Sundays.
///
/// Each deadline takes the reading that protects the consumer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum BusinessDays {
    /// Leaves out statutory **and** observed holidays: lengthens a period that protects the
    /// consumer (assumed receipt of a validation notice).
    SkipHolidays,
    /// Counts holidays as business days: shortens the time a collector has (opt-outs).
    CountHolidays,
}

impl BusinessDays {
    /// Whether `date` counts.
    pub fn counts(self, date: CivilDate, holidays: &Holidays) -> bool {
        date.weekday() <= 5 && (self == Self::CountHolidays || !holidays.is_either(date))
    }

    /// The `n`-th business day after `from` (`from` itself is day 0 and need not be one).
    pub fn after(self, from: CivilDate, n: u16, holidays: &Holidays) -> CivilDate {
        let mut date = from;
        let mut left = n;
        while left > 0 && date < CivilDate::MAX {
            date = date.plus_days(1);
            if self.counts(date, holidays) {
                left -= 1;
            }
        }
        date
    }
}

/// The validation period of one notice, 12 CFR 1006.34(b)(5).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ValidationPeriod {
    /// The date on which the consumer may be assumed to have the notice.
    pub received: CivilDate,
    /// The last date of the period; it belongs to the period.
    pub last: CivilDate,
}

impl ValidationPeriod {
    /// The period of a notice sent on the local date `sent`: assumed received
    /// `receipt_days` business days later, over `period_days` calendar days after that.
    pub fn of_notice(
        sent: CivilDate,
        receipt_days: u16,
        period_days: u16,
        holidays: &Holidays,
    ) -> Self {
        let received = BusinessDays::SkipHolidays.after(sent, receipt_days, holidays);
        Self {
            received,
            last: received.plus_days(i32::from(period_days)),
        }
    }

    /// Whether the period is still running on `date`.
    pub fn is_open(self, date: CivilDate) -> bool {
        date <= self.last
    }
}
