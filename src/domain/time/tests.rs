//! Checks of the zone tables against the calendar library, and of holidays against fixed dates.
//!
//! Random cases come from a fixed seed that every failure message names.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::{AmbiguousOffset, TimeZone, TimeZoneDatabase};

use super::zones::{COVERED_FROM, COVERED_TO};
use super::*;

const SEED: u64 = 0x5eed_0001;
const ODD: [&str; 14] = [
    "America/New_York",
    "America/Denver",
    "America/Phoenix",
    "America/Adak",
    "America/St_Johns",
    "America/Nuuk",
    "Australia/Lord_Howe",
    "Africa/Casablanca",
    "Asia/Gaza",
    "Pacific/Apia",
    "Antarctica/Troll",
    "Europe/Dublin",
    "Asia/Tehran",
    "Pacific/Kwajalein",
];

/// xorshift64*: the same numbers everywhere.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    fn within(&mut self, from: i64, to: i64) -> i64 {
        let span = (to - from).unsigned_abs();
        from + i64::try_from(self.next() % span).unwrap()
    }
}

fn library_zone(name: &str) -> TimeZone {
    TimeZoneDatabase::bundled().get(name).unwrap()
}

fn library_local(zone: &TimeZone, t: i64) -> LocalTime {
    let shown = zone.to_datetime(Timestamp::from_second(t).unwrap());
    LocalTime {
        date: CivilDate::parse(&shown.date().to_string()).unwrap(),
        second_of_day: u32::try_from(
            i32::from(shown.hour()) * 3_600
                + i32::from(shown.minute()) * 60
                + i32::from(shown.second()),
        )
        .unwrap(),
        weekday: shown.weekday().to_monday_one_offset().unsigned_abs(),
    }
}

fn shown(zones: &Zones, zone: ZoneId, t: UnixSeconds) -> (CivilDate, u32) {
    let local = zones.local(zone, t);
    (local.date, local.second_of_day)
}

#[test]
fn the_table_has_every_zone_and_finds_it() {
    let zones = Zones::bundled();
    let database = TimeZoneDatabase::bundled();
    let library: Vec<_> = database.available().collect();
    assert_eq!(zones.len(), library.len());
    for name in library {
        let zone = zones.find(name.as_str()).unwrap();
        assert_eq!(zones.name(zone), name.as_str());
        assert_eq!(zones.find(&name.as_str().to_uppercase()), Some(zone));
        assert!(zones.contains(ZoneId::from_raw(zone.raw())));
    }
    assert_eq!(zones.find("America/Nowhere"), None);
    assert_eq!(zones.find(""), None);
    let outside = ZoneId::from_raw(u16::MAX);
    assert!(!zones.contains(outside));
    assert_eq!(
        (zones.name(outside), zones.offset(outside, UnixSeconds(0))),
        ("", 0)
    );
}

#[test]
fn local_time_agrees_in_every_zone() {
    let zones = Zones::bundled();
    let mut random = Random(SEED);
    for name in TimeZoneDatabase::bundled().available() {
        let zone = zones.find(name.as_str()).unwrap();
        let library = library_zone(name.as_str());
        for _ in 0..40 {
            let t = random.within(COVERED_FROM, COVERED_TO);
            let found = zones.local(zone, UnixSeconds(t));
            assert_eq!(
                found,
                library_local(&library, t),
                "{name} at {t}, seed {SEED:#x}"
            );
        }
    }
}

#[test]
fn local_time_agrees_at_every_change_of_offset() {
    let zones = Zones::bundled();
    for name in ODD {
        let zone = zones.find(name).unwrap();
        let library = library_zone(name);
        let start = Timestamp::from_second(COVERED_FROM).unwrap();
        for change in library.following(start) {
            let at = change.timestamp().as_second();
            if at >= COVERED_TO {
                break;
            }
            for t in [at - 1, at, at + 1] {
                assert_eq!(
                    zones.local(zone, UnixSeconds(t)),
                    library_local(&library, t),
                    "{name} {t}"
                );
            }
        }
    }
}

#[test]
fn both_instants_keep_their_promise() {
    let zones = Zones::bundled();
    let mut random = Random(SEED);
    for name in ODD {
        let zone = zones.find(name).unwrap();
        let library = library_zone(name);
        let mut cases = Vec::new();
        for change in library
            .following(Timestamp::from_second(COVERED_FROM).unwrap())
            .take(240)
        {
            let at = change.timestamp().as_second();
            cases.extend([-7_300, -3_600, -1_800, -1, 0, 1, 1_800, 3_600].map(|off| at + off));
        }
        cases.extend((0..400).map(|_| random.within(COVERED_FROM + 86_400, COVERED_TO - 86_400)));
        for t in cases {
            let (date, second) = shown(zones, zone, UnixSeconds(t));
            let context = format!("{name} {date} {second} from {t}, seed {SEED:#x}");
            let first = zones.instant_of(zone, date, second);
            let settled = zones.settled_instant_of(zone, date, second);
            assert!(first <= UnixSeconds(t) && first <= settled, "{context}");
            assert!(shown(zones, zone, first) >= (date, second), "{context}");
            assert!(
                shown(zones, zone, first.minus(1)) < (date, second),
                "{context}"
            );
            assert!(shown(zones, zone, settled) >= (date, second), "{context}");
            assert!(
                shown(zones, zone, settled.minus(1)) < (date, second),
                "{context}"
            );
            for later in (0..172_800).step_by(900) {
                assert!(
                    shown(zones, zone, settled.plus(later)) >= (date, second),
                    "{context}"
                );
            }
        }
    }
}

#[test]
fn instants_agree_where_a_reading_occurs_once_or_twice() {
    let zones = Zones::bundled();
    let mut random = Random(SEED);
    for name in ODD {
        let (zone, library) = (zones.find(name).unwrap(), library_zone(name));
        for _ in 0..400 {
            let t = random.within(COVERED_FROM + 86_400, COVERED_TO - 86_400);
            let date = UnixSeconds(t).utc_date();
            let second = u32::try_from(random.within(0, 96)).unwrap() * 900;
            let civil: DateTime =
                format!("{date}T{:02}:{:02}:00", second / 3_600, second / 60 % 60)
                    .parse()
                    .unwrap();
            let ambiguous = library.to_ambiguous_timestamp(civil);
            let (early, late) = match ambiguous.offset() {
                AmbiguousOffset::Gap { .. } => continue,
                _ => (ambiguous.earlier().unwrap(), ambiguous.later().unwrap()),
            };
            let context = format!("{name} {civil}, seed {SEED:#x}");
            assert_eq!(
                zones.instant_of(zone, date, second).0,
                early.as_second(),
                "{context}"
            );
            assert_eq!(
                zones.settled_instant_of(zone, date, second).0,
                late.as_second(),
                "{context}"
            );
        }
    }
}

#[test]
fn daylight_saving_days_by_hand() {
    let zones = Zones::bundled();
    let new_york = zones.find("America/New_York").unwrap();
    let date = |text| CivilDate::parse(text).unwrap();
    let at = |text| UnixSeconds::parse(text).unwrap();
    // Clocks jump from 02:00 to 03:00.
    let spring = date("2026-03-08");
    for second in [7_200, 9_000, 10_800] {
        assert_eq!(
            zones.instant_of(new_york, spring, second),
            at("2026-03-08T07:00:00Z")
        );
        assert_eq!(
            zones.settled_instant_of(new_york, spring, second),
            at("2026-03-08T07:00:00Z")
        );
    }
    assert_eq!(
        zones.instant_of(new_york, spring, 8 * 3_600),
        at("2026-03-08T12:00:00Z")
    );
    // Clocks fall back from 02:00 to 01:00.
    let autumn = date("2026-11-01");
    assert_eq!(
        zones.instant_of(new_york, autumn, 5_400),
        at("2026-11-01T05:30:00Z")
    );
    assert_eq!(
        zones.settled_instant_of(new_york, autumn, 5_400),
        at("2026-11-01T06:30:00Z")
    );
    assert_eq!(
        zones.start_of_day(new_york, autumn),
        at("2026-11-01T04:00:00Z")
    );
    assert_eq!(
        zones.start_of_day(new_york, date("2026-11-02")),
        at("2026-11-02T05:00:00Z")
    );
    assert_eq!(
        zones.instant_of(new_york, autumn, 86_400),
        at("2026-11-02T05:00:00Z")
    );
    // Samoa left out 30 December 2011.
    let apia = zones.find("Pacific/Apia").unwrap();
    assert_eq!(
        zones.start_of_day(apia, date("2011-12-30")),
        at("2011-12-30T10:00:00Z")
    );
    assert_eq!(
        zones.start_of_day(apia, date("2011-12-31")),
        at("2011-12-30T10:00:00Z")
    );
    assert_eq!(
        zones.local_date(apia, at("2011-12-30T09:59:59Z")),
        date("2011-12-29")
    );
}

#[test]
fn far_instants_take_the_nearest_known_offset() {
    let zones = Zones::bundled();
    let new_york = zones.find("America/New_York").unwrap();
    for t in [
        UnixSeconds::MIN,
        UnixSeconds(COVERED_FROM - 1),
        UnixSeconds(COVERED_TO),
        UnixSeconds::MAX,
    ] {
        assert_eq!(zones.offset(new_york, t), -18_000, "{t}");
    }
}

#[test]
fn a_clock_is_set_between_two_instants_when_their_offsets_differ() {
    let zones = Zones::bundled();
    for name in ["America/New_York", "Pacific/Apia", "America/Phoenix"] {
        let zone = zones.find(name).unwrap();
        for around in ["2026-03-08T07:00:00Z", "2011-12-30T10:00:00Z"] {
            for before in [-1, 0, 1, 299, 300, 301] {
                let from = UnixSeconds::parse(around).unwrap().minus(before);
                let to = from.plus(300);
                let is_set = zones.offset(zone, from) != zones.offset(zone, to);
                let told = zones.local_until(zone, from, to);
                assert_eq!(told, (zones.local(zone, from), is_set), "{name} {from}");
            }
        }
    }
}

#[test]
fn the_hash_names_the_data() {
    let zones = Zones::bundled();
    assert_eq!(zones.hash(), Zones::bundled().hash());
    let other = Zones::build(vec![(
        "UTC".to_owned(),
        vec![zones::Segment {
            start: i64::MIN,
            offset: 0,
        }],
    )]);
    assert_ne!(zones.hash(), other.hash());
}

#[test]
fn the_zone_data_knows_the_law_of_2026() {
    // British Columbia stays on daylight-saving time from 2026 on.
    let zones = Zones::bundled();
    let vancouver = zones.find("America/Vancouver").unwrap();
    let winter = UnixSeconds::parse("2026-12-15T12:00:00Z").unwrap();
    assert_eq!(zones.offset(vancouver, winter), -7 * 3_600);
}
