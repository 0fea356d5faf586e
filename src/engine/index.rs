//! Finding rows by what callers call them: tables of row numbers by key hash, in shards.
//!
//! Each shard is one array, kept in order of the hash: a row's place is at its hash's share of the
//! array or a little behind, so a look-up reads one line of memory or two, and one in vain ends as
//! soon. A shard that is full grows by a seventh to a quarter, in one pass from its front to its back
//! and without looking at rows: tables that double are half empty after each growth, all at once.

/// Shards of an index: growing moves one of them.
const SHARDS: usize = 2_048;
/// Slots a shard has behind the last place of any hash.
const TAIL: usize = 8;
/// Of this many slots ...
const SLOTS: usize = 20;
/// ... so many are taken before a shard grows.
const TAKEN: usize = 17;

/// Row numbers by key hash. The key itself lies in the row; `same` compares it.
#[derive(Debug)]
pub(super) struct RowIndex {
    shards: Vec<Shard>,
}

/// Slots in order of tags, empty ones between them.
#[derive(Debug)]
struct Shard {
    slots: Vec<Slot>,
    /// Slots that tags are shared out over; behind them are what the last places push on.
    homes: usize,
    rows: usize,
}

/// A row and the part of its key's hash that its place depends on: six bytes.
#[derive(Debug, Clone, Copy)]
struct Slot {
    tag: u16,
    row: [u16; 2],
}

impl Slot {
    /// Stands where no row is; no row has this number.
    const EMPTY: Self = Self {
        tag: 0,
        row: [u16::MAX; 2],
    };

    fn of(hash: u64, row: u32) -> Self {
        let [high, low] = [row >> 16, row & 0xffff];
        Self {
            tag: tag(hash),
            row: [high, low].map(|half| u16::try_from(half).unwrap_or_default()),
        }
    }

    fn row(self) -> u32 {
        let [high, low] = self.row;
        u32::from(high) << 16 | u32::from(low)
    }

    fn is_taken(self) -> bool {
        self.row != Self::EMPTY.row
    }
}

impl RowIndex {
    /// An index with room for `rows`; by chance a shard may have to grow for the last of them.
    pub(super) fn with_room_for(rows: usize) -> Self {
        let each = rows.div_ceil(SHARDS);
        Self {
            shards: (0..SHARDS).map(|_| Shard::with_room_for(each)).collect(),
        }
    }

    /// The row that probably has this key: by the hash alone, without looking at the row.
    pub(super) fn guess(&self, hash: u64) -> Option<u32> {
        self.find(hash, |_| true)
    }

    /// The row whose key hashes to `hash` and of which `same` says it is the one.
    pub(super) fn find(&self, hash: u64, mut same: impl FnMut(u32) -> bool) -> Option<u32> {
        let mut alike = self.shards.get(shard(hash))?.alike(tag(hash));
        alike.find_map(|(_, row)| same(row).then_some(row))
    }

    /// Adds a row whose key is not in the index yet.
    pub(super) fn insert(&mut self, hash: u64, row: u32) {
        let slot = Slot::of(hash, row);
        if let Some(shard) = self.shards.get_mut(shard(hash))
            && slot.is_taken()
        {
            shard.insert(slot);
        }
    }

    /// Takes a row out again.
    pub(super) fn remove(&mut self, hash: u64, row: u32) {
        if let Some(shard) = self.shards.get_mut(shard(hash)) {
            let at = shard.alike(tag(hash)).find(|(_, known)| *known == row);
            if let Some((at, _)) = at {
                shard.clear(at);
            }
        }
    }
}

impl Shard {
    fn with_room_for(rows: usize) -> Self {
        Self::of(rows * SLOTS / TAKEN + 1 + TAIL)
    }

    /// At least so many slots, all empty: as many as fit where they lie. Allocators have blocks of
    /// four sizes from each power of two to the next.
    fn of(slots: usize) -> Self {
        let bytes = slots * size_of::<Slot>();
        let step = (bytes.next_power_of_two() / 8).max(16);
        let fitting = bytes.next_multiple_of(step) / size_of::<Slot>();
        Self {
            slots: vec![Slot::EMPTY; fitting],
            homes: fitting - TAIL,
            rows: 0,
        }
    }

    /// Where a tag's search begins: the tag's share of the array, so that places are in order of tags.
    fn home(&self, tag: u16) -> usize {
        (usize::from(tag) * self.homes) >> 16
    }

    /// Places and rows of this tag.
    fn alike(&self, tag: u16) -> impl Iterator<Item = (usize, u32)> {
        let home = self.home(tag);
        let behind = self.slots.get(home..).unwrap_or_default();
        let run = (home..).zip(behind);
        run.take_while(move |(_, slot)| slot.is_taken() && slot.tag <= tag)
            .filter(move |(_, slot)| slot.tag == tag)
            .map(|(at, slot)| (at, slot.row()))
    }

    fn insert(&mut self, new: Slot) {
        if (self.rows + 1) * SLOTS > self.homes * TAKEN {
            self.grow();
        }
        let home = self.home(new.tag);
        let behind = self.slots.get(home..).unwrap_or_default();
        let taken = behind.iter().take_while(|slot| slot.is_taken());
        let end = home + taken.clone().count();
        let at = home + taken.take_while(|slot| slot.tag <= new.tag).count();
        if end == self.slots.len() {
            self.lengthen();
        }
        // Those of greater tags move on, into the empty slot behind them.
        if let Some(moved) = self.slots.get_mut(at..=end) {
            moved.rotate_right(1);
            if let Some(slot) = moved.first_mut() {
                *slot = new;
            }
            self.rows += 1;
        }
    }

    /// Adds empty slots behind the last one.
    fn lengthen(&mut self) {
        self.slots.reserve_exact(TAIL);
        self.slots.resize(self.slots.len() + TAIL, Slot::EMPTY);
    }

    /// Empties a slot, and moves back those behind it that are not where their search begins.
    fn clear(&mut self, at: usize) {
        let moves = self.slots.iter().enumerate().skip(at + 1);
        let moves = moves.take_while(|(n, slot)| slot.is_taken() && self.home(slot.tag) < *n);
        let end = at + 1 + moves.count();
        if let Some(run) = self.slots.get_mut(at..end) {
            run.rotate_left(1);
            if let Some(last) = run.last_mut() {
                *last = Slot::EMPTY;
            }
            self.rows -= 1;
        }
    }

    /// The next greater size, everything in it again.
    fn grow(&mut self) {
        let bigger = Self::of(self.slots.len() + 3);
        let old = std::mem::replace(self, bigger);
        let mut next = 0;
        for slot in old.slots.into_iter().filter(|slot| slot.is_taken()) {
            // In order of tags, so each goes behind the one before.
            let at = self.home(slot.tag).max(next);
            next = at + 1;
            if at == self.slots.len() {
                self.lengthen();
            }
            if let Some(free) = self.slots.get_mut(at) {
                *free = slot;
                self.rows += 1;
            }
        }
    }
}

fn shard(hash: u64) -> usize {
    (hash >> 32) as usize % SHARDS
}

/// The part of the hash kept beside the row: a shard grows without looking at rows.
fn tag(hash: u64) -> u16 {
    u16::try_from(hash & 0xffff).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;
    use crate::domain::hash::stable_hash;

    /// The bits of a hash that an index looks at.
    const SEEN: u64 = 0x7ff_0000_ffff;

    fn found(index: &RowIndex, hash: u64) -> Vec<u32> {
        let mut rows = Vec::new();
        let none = index.find(hash, |row| {
            rows.push(row);
            false
        });
        assert_eq!(none, None);
        rows.sort_unstable();
        rows
    }

    /// Few hashes, so that many rows have the same one; in one shard or spread over all; some with the
    /// greatest tags there are.
    #[test]
    fn what_was_added_and_not_removed_is_found() {
        for (seed, spread) in [(1_u64, 0xff_u64), (2, SEEN), (3, 0xffff)] {
            let mut index = RowIndex::with_room_for(40);
            let mut model: BTreeMap<u64, Vec<u32>> = BTreeMap::new();
            for row in 0..4_000_u32 {
                let chance = stable_hash(&[&seed.to_le_bytes(), &row.to_le_bytes()]);
                let greatest = if chance.is_multiple_of(7) { 0xfff0 } else { 0 };
                let hash = stable_hash(&[&(chance % 600).to_le_bytes()]) & spread | greatest;
                let rows = model.entry(hash).or_default();
                if chance.is_multiple_of(5) && !rows.is_empty() {
                    let at = usize::try_from(chance >> 40).unwrap() % rows.len();
                    index.remove(hash, rows.swap_remove(at));
                } else {
                    rows.push(row);
                    index.insert(hash, row);
                }
                index.remove(hash, u32::MAX - 1);
            }
            let known: BTreeSet<u64> = model.keys().copied().collect();
            for (hash, rows) in &mut model {
                rows.sort_unstable();
                assert_eq!(found(&index, *hash), *rows, "seed {seed}");
                let other = hash ^ (1 << 42);
                if !known.contains(&other) {
                    assert!(found(&index, other).is_empty(), "seed {seed}");
                }
                let guess = index.guess(*hash);
                assert_eq!(guess.is_some(), !rows.is_empty(), "seed {seed}");
            }
        }
    }

    #[test]
    fn an_index_is_never_a_third_empty() {
        assert_eq!(size_of::<Slot>(), 6);
        let mut index = RowIndex::with_room_for(0);
        for row in 0..300_000_u32 {
            index.insert(stable_hash(&[&row.to_le_bytes()]), row);
            if row > 100_000 && row.is_multiple_of(20_000) {
                let slots: usize = index.shards.iter().map(|shard| shard.slots.len()).sum();
                let rows: usize = index.shards.iter().map(|shard| shard.rows).sum();
                assert_eq!(u32::try_from(rows), Ok(row + 1));
                assert!(rows * 3 > slots * 2, "{rows} {slots}");
            }
        }
    }
}
