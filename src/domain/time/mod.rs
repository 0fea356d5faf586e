//! Time as the law counts it: instants, local clocks, calendar days, holidays.
//!
//! Knows no clock: "now" is always an argument. Windows are half-open: `[start, end)`.

mod bundled;
mod business;
mod date;
mod holidays;
mod instant;
#[cfg(test)]
mod tests;
mod zones;

pub use business::{BusinessDays, ValidationPeriod};
pub use date::{CivilDate, LocalTime, days_in_month};
pub use holidays::{Holiday, HolidayRule, Holidays, YEAR_MAX, YEAR_MIN};
pub use instant::{InstantError, Rfc3339, SECONDS_PER_DAY, UnixSeconds};
pub use zones::{ZoneId, Zones};
