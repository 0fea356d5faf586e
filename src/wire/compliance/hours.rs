//! `GET /api/compliance/time-check`: whether the hours let a call be made to a place.

use serde::Serialize;

use super::{Reason, instant};
use crate::domain::place::{Jurisdiction, JurisdictionSet};
use crate::domain::rules::RuleText;
use crate::domain::time::{LocalTime, UnixSeconds};
use crate::domain::verdict::Findings;

/// The answer.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct TimeCheck {
    /// Engine time.
    pub as_of: String,
    /// Whether the hours of every suggested place are open. The other gates were not asked.
    pub open: bool,
    /// When they all are, if they are not now and time cures it.
    pub next_open_at: Option<String>,
    /// What closes them.
    pub closed_by: Vec<Reason>,
    /// States and cities whose rules bind.
    pub jurisdictions: Vec<&'static str>,
    /// Every zone suggested; all of them bind.
    pub places: Vec<PlaceTime>,
}

/// One zone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct PlaceTime {
    /// Its name in the time-zone database.
    pub zone: String,
    /// What its clocks show, with their offset.
    pub local_time: String,
    /// ISO weekday, 1 = Monday.
    pub weekday: u8,
    /// Whether its hours are open.
    pub open: bool,
    /// When they are, if they are not now.
    pub next_open_at: Option<String>,
    /// What closes them.
    pub closed_by: Vec<Reason>,
}

/// What closes hours, and when they open.
pub type Opening<'f> = (&'f Findings, Option<UnixSeconds>);

impl TimeCheck {
    /// Of what TIMING found in all places at once.
    pub fn of(
        at: UnixSeconds,
        (findings, next): Opening<'_>,
        jurisdictions: JurisdictionSet,
        places: Vec<PlaceTime>,
        texts: &[RuleText],
    ) -> Self {
        Self {
            as_of: instant(at),
            open: findings.allow(),
            next_open_at: next.map(instant),
            closed_by: Reason::all(findings, texts),
            jurisdictions: jurisdictions.iter().map(Jurisdiction::as_str).collect(),
            places,
        }
    }
}

impl PlaceTime {
    /// Of one zone alone.
    pub fn of(
        zone: &str,
        local: LocalTime,
        offset_s: i32,
        (findings, next): Opening<'_>,
        texts: &[RuleText],
    ) -> Self {
        Self {
            zone: zone.to_owned(),
            local_time: local_text(local, offset_s),
            weekday: local.weekday,
            open: findings.allow(),
            next_open_at: next.map(instant),
            closed_by: Reason::all(findings, texts),
        }
    }
}

/// RFC 3339 with the zone's own offset.
fn local_text(local: LocalTime, offset_s: i32) -> String {
    let (year, month, day) = local.date.ymd();
    let second = local.second_of_day;
    let (hour, minute) = (second / 3_600, second / 60 % 60);
    let sign = if offset_s < 0 { '-' } else { '+' };
    let ahead = offset_s.unsigned_abs() / 60;
    format!(
        "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{:02}{sign}{:02}:{:02}",
        second % 60,
        ahead / 60,
        ahead % 60
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::time::CivilDate;

    #[test]
    fn local_times_carry_their_offset() {
        let date = CivilDate::parse("2026-05-05").unwrap();
        let local = LocalTime {
            date,
            second_of_day: 11 * 3_600 + 62,
            weekday: date.weekday(),
        };
        assert_eq!(local_text(local, -25_200), "2026-05-05T11:01:02-07:00");
        assert_eq!(local_text(local, 34_200), "2026-05-05T11:01:02+09:30");
    }
}
