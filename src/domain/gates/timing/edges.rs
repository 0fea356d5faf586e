//! The instants at which a condition that passes may cease to.
//!
//! All of TIMING changes at local times of day (hours, stated periods, midnight for dates and counts)
//! and at the ends of what lifts something. An allowed contact lives 300 s, so nearly always there is
//! none of them and `use_by` costs a few comparisons.

use super::inconvenient;
use super::local::zones;
use crate::domain::case::Case;
use crate::domain::facts::At;
use crate::domain::rules::{CallHours, DayWindow, HoursZone, RuleKind, WeeklyHours};
use crate::domain::time::{LocalTime, UnixSeconds, ZoneId};

/// Seconds of a day by the clock.
const DAY_S: u32 = 86_400;

/// The first instant in `(from, latest]` at which a condition may change.
pub(super) fn after(
    case: &Case<'_>,
    from: UnixSeconds,
    latest: UnixSeconds,
) -> Option<UnixSeconds> {
    let mut edges = Edges {
        from,
        latest,
        first: None,
    };
    for zone in zones(case) {
        edges.in_zone(case, *zone, &[Some(case.world.pack.federal().hours)]);
        edges.stated(case, *zone);
    }
    edges.of_states(case);
    edges.of_lifts(case);
    edges.first
}

/// Keeps the first of the edges it is shown.
struct Edges {
    from: UnixSeconds,
    latest: UnixSeconds,
    first: Option<UnixSeconds>,
}

impl Edges {
    fn see(&mut self, instant: UnixSeconds) {
        if self.from < instant && instant <= self.latest {
            self.first = Some(self.first.map_or(instant, |known| known.min(instant)));
        }
    }

    fn at(&mut self, at: At) {
        if let Some(instant) = at.get() {
            self.see(instant);
        }
    }

    /// Midnight and the ends of windows by the clock of a zone. When the clock is set in the
    /// meantime, every second is looked at.
    fn in_zone(&mut self, case: &Case<'_>, zone: ZoneId, windows: &[Option<DayWindow>]) {
        let clock = case.world.zones;
        let (local, is_set) = clock.local_until(zone, self.from, self.latest);
        if is_set {
            self.see(self.from.plus(1));
        }
        self.at_second(local, 0);
        for window in windows.iter().flatten() {
            self.at_second(local, window.open);
            self.at_second(local, window.close);
        }
    }

    /// The next instant at which the clock shows this second of the day.
    fn at_second(&mut self, local: LocalTime, second: u32) {
        let (second, shown) = (second % DAY_S, local.second_of_day);
        let ahead = if second < shown {
            second + DAY_S - shown
        } else {
            second - shown
        };
        self.see(self.from.plus(i64::from(ahead)));
    }

    fn stated(&mut self, case: &Case<'_>, zone: ZoneId) {
        let stated = inconvenient::stated(case);
        if stated.is_empty() {
            return;
        }
        let local = case.world.zones.local(zone, self.from);
        for time in stated {
            self.at(time.since);
            for period in &time.periods {
                self.at_second(local, period.from);
                self.at_second(local, period.to);
            }
        }
    }

    fn of_states(&mut self, case: &Case<'_>) {
        let rules = case.rules.enforced_in(case.places.jurisdictions());
        for rule in rules {
            match &rule.kind {
                RuleKind::CallHours(CallHours::Weekly(hours)) => self.of_week(case, hours),
                RuleKind::HolidayBan(ban) => {
                    for zone in zones(case) {
                        self.in_zone(case, *zone, &[ban.hours]);
                    }
                }
                _ => {}
            }
        }
    }

    fn of_week(&mut self, case: &Case<'_>, hours: &WeeklyHours) {
        match &hours.zone {
            HoursZone::ConsumerLocal => {
                for zone in zones(case) {
                    self.in_zone(case, *zone, &hours.days);
                }
            }
            HoursZone::Named(zone) => self.in_zone(case, *zone, &hours.days),
        }
    }

    /// Ends of consents, of overrides and of the time in which a reply may be given.
    fn of_lifts(&mut self, case: &Case<'_>) {
        if let Some(extras) = case.person_extras() {
            for consent in &extras.prior_consents {
                self.at(consent.until);
            }
            for consent in &extras.call_consents {
                self.at(consent.revoked);
            }
            for inbound in &extras.last_inbound {
                if let Some(at) = inbound.at.get() {
                    let age_max = i64::from(case.policy.reply_age_max_s);
                    self.see(at.plus(age_max));
                    self.see(at.plus(age_max + 1));
                }
            }
        }
        if let Some(extras) = case.extras() {
            for lift in &extras.overrides {
                self.at(lift.until);
            }
        }
    }
}
