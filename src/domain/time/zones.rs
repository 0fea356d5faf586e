//! Every zone of the bundled time-zone database, with its UTC offsets laid out for look-up.
//!
//! Built once at start; afterwards a local time costs one table index and one or two comparisons.
//! Offsets are exact for 1990-01-01 to 2100-01-01 UTC; before and after, the first and the last
//! known offset are taken. No decision lies outside.
//!
//! ZONES-1: a zone's segments are in order of time, the first begins before every instant.
//! ZONES-2: two zones that never differ share one timeline.

use sha2::{Digest, Sha256};

use super::date::{CivilDate, LocalTime};
use super::instant::{SECONDS_PER_DAY, UnixSeconds};

/// 1990-01-01T00:00:00Z, where the tables begin.
pub(super) const COVERED_FROM: i64 = 631_152_000;
/// 2100-01-01T00:00:00Z, where the tables end.
pub(super) const COVERED_TO: i64 = 4_102_444_800;
/// A bucket of the look-up index spans 2^23 seconds, about 97 days: in nearly every zone at most
/// one change of offset falls into one.
const BUCKET_BITS: u32 = 23;
/// More than any offset there ever was, in seconds (the largest is 15:13:42, Manila before 1845).
const OFFSET_BOUND: i64 = 16 * 3_600;

/// A zone's position in [`Zones`], in order of name. Valid for one [`Zones::hash`] only.
#[derive(
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Debug,
    rkyv::Archive,
    rkyv::Serialize,
    rkyv::Deserialize,
)]
pub struct ZoneId(u16);

impl ZoneId {
    /// The id with this number. A number that the table never gave out reads as UTC: ask
    /// [`Zones::contains`] about numbers that come from outside.
    pub const fn from_raw(raw: u16) -> Self {
        Self(raw)
    }

    /// The number.
    pub const fn raw(self) -> u16 {
        self.0
    }
}

/// From `start` on, local time is UTC + `offset` seconds.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(super) struct Segment {
    pub(super) start: i64,
    pub(super) offset: i32,
}

/// The offsets of one or more zones, and an index of the first segment to try per bucket.
#[derive(Clone, Debug)]
struct Timeline {
    segments: Box<[Segment]>,
    first_in_bucket: Box<[u16]>,
}

/// All zones by name.
#[derive(Clone, Debug)]
pub struct Zones {
    names: Box<[Box<str>]>,
    timeline_of: Box<[u16]>,
    timelines: Box<[Timeline]>,
    hash: [u8; 32],
}

impl Zones {
    /// Lays out named timelines; names come sorted, segments non-empty and in order.
    pub(super) fn build(zones: Vec<(String, Vec<Segment>)>) -> Self {
        let mut names = Vec::with_capacity(zones.len());
        let mut timeline_of = Vec::with_capacity(zones.len());
        let mut timelines: Vec<Timeline> = Vec::new();
        let mut known: std::collections::BTreeMap<Vec<Segment>, u16> =
            std::collections::BTreeMap::new();
        let mut hash = Sha256::new();
        for (name, segments) in zones {
            hash_zone(&mut hash, &name, &segments);
            let next = u16::try_from(timelines.len()).unwrap_or(u16::MAX);
            let index = *known.entry(segments).or_insert_with_key(|segments| {
                timelines.push(Timeline::new(segments));
                next
            });
            names.push(name.into_boxed_str());
            timeline_of.push(index);
        }
        Self {
            names: names.into_boxed_slice(),
            timeline_of: timeline_of.into_boxed_slice(),
            timelines: timelines.into_boxed_slice(),
            hash: hash.finalize().into(),
        }
    }

    /// The id of a zone by its IANA name, letter case ignored (`America/New_York`).
    pub fn find(&self, name: &str) -> Option<ZoneId> {
        let position = self
            .names
            .binary_search_by(|known| order(known, name))
            .ok()?;
        u16::try_from(position).ok().map(ZoneId)
    }

    /// The IANA name; `""` for an id of another table.
    pub fn name(&self, zone: ZoneId) -> &str {
        self.names.get(usize::from(zone.0)).map_or("", |name| name)
    }

    /// Whether the id belongs to this table: to be asked of numbers that come from storage.
    pub fn contains(&self, zone: ZoneId) -> bool {
        usize::from(zone.0) < self.names.len()
    }

    /// How many zones there are.
    pub fn len(&self) -> usize {
        self.names.len()
    }

    /// Whether there is none; never so for the bundled table.
    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    /// SHA-256 over all names and offsets: names the time-zone data in the ledger.
    pub const fn hash(&self) -> &[u8; 32] {
        &self.hash
    }

    /// What the clock shows in `zone` at `t`.
    pub fn local(&self, zone: ZoneId, t: UnixSeconds) -> LocalTime {
        let offset = self
            .timeline(zone)
            .map_or(0, |line| line.segment_at(t.0).offset);
        reading(t.0 + i64::from(offset))
    }

    /// What the clock shows in `zone` at `from`, and whether it goes by another offset at `to`.
    pub fn local_until(
        &self,
        zone: ZoneId,
        from: UnixSeconds,
        to: UnixSeconds,
    ) -> (LocalTime, bool) {
        let Some(line) = self.timeline(zone) else {
            return (reading(from.0), false);
        };
        let (offset, end) = line.offset_at(from.0);
        let is_set = end <= to.0 && line.segment_at(to.0).offset != offset;
        (reading(from.0 + i64::from(offset)), is_set)
    }

    /// The local date in `zone` at `t`.
    pub fn local_date(&self, zone: ZoneId, t: UnixSeconds) -> CivilDate {
        self.local(zone, t).date
    }

    /// Seconds east of UTC in `zone` at `t`.
    pub fn offset(&self, zone: ZoneId, t: UnixSeconds) -> i32 {
        self.timeline(zone)
            .map_or(0, |line| line.segment_at(t.0).offset)
    }

    /// The first instant whose local date in `zone` is `date`. If clocks jump over midnight it is
    /// the instant after the jump; if the whole date is jumped over, the first instant of the next.
    pub fn start_of_day(&self, zone: ZoneId, date: CivilDate) -> UnixSeconds {
        self.instant_of(zone, date, 0)
    }

    /// The first instant at which the clock in `zone` shows `second_of_day` on `date` or later.
    ///
    /// Jumped over (spring): the instant after the jump. Shown twice (autumn): the **first** time.
    /// Take this for "closes at": what must be over by then is over the first time the clock says
    /// so. `second_of_day` is at most 86 400 (midnight at the end of the date).
    pub fn instant_of(&self, zone: ZoneId, date: CivilDate, second_of_day: u32) -> UnixSeconds {
        let wanted = local_seconds(date, second_of_day);
        self.timeline(zone)
            .map_or(UnixSeconds(wanted), |line| line.first_showing(wanted))
    }

    /// The instant from which on the clock in `zone` never again shows less than `second_of_day`
    /// on `date`.
    ///
    /// Jumped over: the instant after the jump. Shown twice: the **second** time. Take this for
    /// "opens at": from then on the opening time has been reached for good. Never earlier than
    /// [`Zones::instant_of`].
    pub fn settled_instant_of(
        &self,
        zone: ZoneId,
        date: CivilDate,
        second_of_day: u32,
    ) -> UnixSeconds {
        let wanted = local_seconds(date, second_of_day);
        self.timeline(zone)
            .map_or(UnixSeconds(wanted), |line| line.last_below(wanted))
    }

    fn timeline(&self, zone: ZoneId) -> Option<&Timeline> {
        let index = *self.timeline_of.get(usize::from(zone.0))?;
        self.timelines.get(usize::from(index))
    }
}

impl Timeline {
    fn new(segments: &[Segment]) -> Self {
        let buckets = (COVERED_TO - COVERED_FROM) >> BUCKET_BITS;
        let first_in_bucket = (0..=buckets)
            .map(|bucket| {
                let start = COVERED_FROM + (bucket << BUCKET_BITS);
                let after = segments.partition_point(|segment| segment.start <= start);
                u16::try_from(after.saturating_sub(1)).unwrap_or(u16::MAX)
            })
            .collect();
        Self {
            segments: segments.into(),
            first_in_bucket,
        }
    }

    /// Where in `segments` the one that holds at `t` stands.
    fn position_at(&self, t: i64) -> usize {
        let bucket = (t.max(COVERED_FROM) - COVERED_FROM) >> BUCKET_BITS;
        let last = self.first_in_bucket.len().saturating_sub(1);
        let bucket = usize::try_from(bucket).unwrap_or(last).min(last);
        let mut at = self
            .first_in_bucket
            .get(bucket)
            .map_or(0, |&first| usize::from(first));
        while self
            .segments
            .get(at + 1)
            .is_some_and(|next| next.start <= t)
        {
            at += 1;
        }
        at
    }

    fn segment_at(&self, t: i64) -> Segment {
        self.segments
            .get(self.position_at(t))
            .copied()
            .unwrap_or(Segment {
                start: i64::MIN,
                offset: 0,
            })
    }

    /// The offset that holds at `t`, and the first instant at which another may.
    fn offset_at(&self, t: i64) -> (i32, i64) {
        let at = self.position_at(t);
        let next = self.segments.get(at + 1);
        let end = next.map_or(i64::MAX, |next| next.start);
        (self.segments.get(at).map_or(0, |s| s.offset), end)
    }

    fn first_showing(&self, wanted: i64) -> UnixSeconds {
        let mut at = self.position_at(wanted - OFFSET_BOUND);
        while let Some(segment) = self.segments.get(at) {
            let end = self
                .segments
                .get(at + 1)
                .map_or(i64::MAX, |next| next.start);
            let candidate = segment.start.max(wanted - i64::from(segment.offset));
            if candidate < end {
                return UnixSeconds(candidate);
            }
            at += 1;
        }
        UnixSeconds(wanted)
    }

    fn last_below(&self, wanted: i64) -> UnixSeconds {
        let mut at = self.position_at(wanted + OFFSET_BOUND);
        while let Some(segment) = self.segments.get(at) {
            let end = self
                .segments
                .get(at + 1)
                .map_or(i64::MAX, |next| next.start);
            let candidate = wanted - i64::from(segment.offset);
            if segment.start < candidate {
                return UnixSeconds(candidate.min(end));
            }
            let Some(before) = at.checked_sub(1) else {
                break;
            };
            at = before;
        }
        UnixSeconds(wanted)
    }
}

fn reading(local: i64) -> LocalTime {
    let date = CivilDate::from_days_clamped(local.div_euclid(SECONDS_PER_DAY));
    let second_of_day = u32::try_from(local.rem_euclid(SECONDS_PER_DAY)).unwrap_or(0);
    LocalTime {
        date,
        second_of_day,
        weekday: date.weekday(),
    }
}

fn local_seconds(date: CivilDate, second_of_day: u32) -> i64 {
    i64::from(date.days()) * SECONDS_PER_DAY + i64::from(second_of_day)
}

/// Order of names: bytes, ASCII letter case ignored.
pub(super) fn order(left: &str, right: &str) -> std::cmp::Ordering {
    let lower = |byte: u8| byte.to_ascii_lowercase();
    left.bytes().map(lower).cmp(right.bytes().map(lower))
}

fn hash_zone(hash: &mut Sha256, name: &str, segments: &[Segment]) {
    hash.update(name.as_bytes());
    hash.update([0]);
    hash.update(
        u32::try_from(segments.len())
            .unwrap_or(u32::MAX)
            .to_be_bytes(),
    );
    for segment in segments {
        hash.update(segment.start.to_be_bytes());
        hash.update(segment.offset.to_be_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// ZONES-1, ZONES-2: over the bundled database.
    #[test]
    fn segments_are_in_order_from_before_all_time_and_no_two_timelines_are_alike() {
        let zones = Zones::bundled();
        let mut seen = std::collections::BTreeSet::new();
        for line in &zones.timelines {
            let begins = line.segments.iter().map(|segment| segment.start);
            assert!(begins.is_sorted_by(|one, next| one < next));
            assert_eq!(line.segments.first().unwrap().start, i64::MIN);
            assert!(seen.insert(&line.segments), "two timelines are alike");
        }
        assert!(zones.timelines.len() < zones.names.len());
        let line = |name: &str| zones.timeline_of[usize::from(zones.find(name).unwrap().raw())];
        assert_eq!(line("US/Eastern"), line("America/New_York"));
        assert_ne!(line("US/Eastern"), line("US/Central"));
    }
}
