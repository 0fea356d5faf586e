//! Local time, by `jiff` alone: what every clock of a zone shows, as a list of its changes.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::places;

/// Seconds of a day whose clocks do not change.
pub(crate) const DAY: i64 = 86_400;

/// Before and after all that any story tells.
const FROM: i64 = 1_735_689_600;
const TO: i64 = 1_861_920_000;

/// A zone: from which instant on it is how many seconds ahead of UTC.
#[derive(Debug)]
pub(crate) struct Zone {
    /// Oldest first.
    pub changes: Vec<(i64, i64)>,
}

/// What a clock and a calendar on the wall show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Local {
    /// Days since 1970-01-01, a Thursday.
    pub day: i64,
    /// Seconds since the clock showed midnight.
    pub second: i64,
}

static ZONES: LazyLock<BTreeMap<String, Zone>> = LazyLock::new(|| {
    let named = places::zone_names();
    named
        .into_iter()
        .map(|name| (name.clone(), Zone::read(&name)))
        .collect()
});

/// The zone of that name, one of those the pack's tables name.
pub(crate) fn zone(name: &str) -> &'static Zone {
    ZONES.get(name).expect("a zone of the tables")
}

/// Where nothing suggests a place, days are counted by this calendar.
pub(crate) fn utc() -> &'static Zone {
    static UTC: LazyLock<Zone> = LazyLock::new(|| Zone {
        changes: vec![(FROM, 0)],
    });
    &UTC
}

impl Zone {
    fn read(name: &str) -> Self {
        let zone = TimeZone::get(name).expect("a bundled zone");
        let instant = |at| Timestamp::from_second(at).expect("an instant of this century");
        let first = (FROM, i64::from(zone.to_offset(instant(FROM)).seconds()));
        let later = zone
            .following(instant(FROM))
            .map(|change| {
                let offset = i64::from(change.offset().seconds());
                (change.timestamp().as_second(), offset)
            })
            .take_while(|(at, _)| *at < TO);
        let changes = std::iter::once(first).chain(later).collect();
        Self { changes }
    }

    /// What its clocks show.
    pub(crate) fn local(&self, at: i64) -> Local {
        let since = self.changes.iter().rev().find(|(from, _)| *from <= at);
        let (_, ahead) = since.expect("an instant of the stories");
        let shown = at + ahead;
        Local {
            day: shown.div_euclid(DAY),
            second: shown.rem_euclid(DAY),
        }
    }

    /// The calendar day there.
    pub(crate) fn day(&self, at: i64) -> i64 {
        self.local(at).day
    }

    /// Every instant at which its clocks may show this second of this day: too many rather than
    /// too few.
    pub(crate) fn instants(&self, day: i64, second: i64) -> impl Iterator<Item = i64> {
        let shown = day * DAY + second;
        self.changes.iter().map(move |(_, ahead)| shown - ahead)
    }
}

/// Day of the week, Monday = 1.
pub(crate) fn weekday(day: i64) -> i64 {
    (day + 3).rem_euclid(7) + 1
}

/// Days since 1970-01-01 of a date.
pub(crate) fn day_of(year: i64, month: i64, day: i64) -> i64 {
    let small = |n: i64| i8::try_from(n).expect("a month or day");
    let year = i16::try_from(year).expect("a year");
    let date = jiff::civil::date(year, small(month), small(day));
    let zero = jiff::civil::date(1970, 1, 1);
    i64::from((date - zero).get_days())
}

/// The date of a number of days since 1970-01-01: year, month, day.
pub(crate) fn date_of(day: i64) -> (i64, i64, i64) {
    let zero = jiff::civil::date(1970, 1, 1);
    let date = zero.saturating_add(jiff::Span::new().days(day));
    (
        i64::from(date.year()),
        i64::from(date.month()),
        i64::from(date.day()),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clocks_go_forward_and_back() {
        let east = zone("America/New_York");
        // 2026-03-08T06:59:59Z and the second after it.
        let before = east.local(1_772_953_199);
        let after = east.local(1_772_953_200);
        assert_eq!((before.second, after.second), (7_199, 10_800));
        assert_eq!(before.day, day_of(2026, 3, 8));
        assert_eq!((weekday(before.day), date_of(after.day)), (7, (2026, 3, 8)));
    }
}
