//! Reads the time-zone database compiled into the program: the host's is never asked.

use std::sync::LazyLock;

use jiff::Timestamp;
use jiff::tz::{TimeZone, TimeZoneDatabase};

use super::zones::{COVERED_FROM, COVERED_TO, Segment, Zones, order};

static BUNDLED: LazyLock<Zones> = LazyLock::new(read);

impl Zones {
    /// The zones of the bundled database, laid out on first use (call it once at start, so that
    /// no decision pays for it).
    pub fn bundled() -> &'static Self {
        &BUNDLED
    }
}

fn read() -> Zones {
    let database = TimeZoneDatabase::bundled();
    let mut names: Vec<String> = database
        .available()
        .map(|name| name.as_str().to_owned())
        .collect();
    names.sort_unstable_by(|left, right| order(left, right));
    names.dedup();
    let zones = names
        .into_iter()
        .filter_map(|name| {
            let zone = database.get(&name).ok()?;
            Some((name, segments(&zone)))
        })
        .collect();
    Zones::build(zones)
}

/// The offset at the start of the covered span, then each change within it.
fn segments(zone: &TimeZone) -> Vec<Segment> {
    let first = Timestamp::from_second(COVERED_FROM).unwrap_or(Timestamp::UNIX_EPOCH);
    let mut offset = zone.to_offset(first).seconds();
    let mut found = vec![Segment {
        start: i64::MIN,
        offset,
    }];
    for change in zone.following(first) {
        let start = change.timestamp().as_second();
        if start >= COVERED_TO {
            break;
        }
        // Transitions that alter only the name or the daylight-saving flag move no clock.
        if change.offset().seconds() != offset {
            offset = change.offset().seconds();
            found.push(Segment { start, offset });
        }
    }
    found
}
