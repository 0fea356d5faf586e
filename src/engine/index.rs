//! Finding rows by what callers call them: tables of row numbers by key hash, in shards.
//!
//! Each shard is one array, kept in order of the hash: a row's place is at its hash's share of the
//! array or a little behind, so a look-up reads one line of memory or two, and one in vain ends as
//! soon. A shard that is full grows by a quarter, in one pass from its front to its back: tables that
//! double are half empty after each growth, all of them at once.

/// Shards of an index: growing moves one of them.
const SHARDS: usize = 256;
/// Slots a shard has behind the last place of any hash.
const TAIL: usize = 32;
/// Of this many slots ...
const SLOTS: usize = 20;
/// ... so many are taken before a shard grows.
const TAKEN: usize = 17;
/// Stands where no row is.
const EMPTY: (u32, u32) = (0, u32::MAX);

/// Row numbers by key hash. The key itself lies in the row; `same` compares it.
#[derive(Debug)]
pub(super) struct RowIndex {
    shards: Vec<Shard>,
}

/// Tags and rows in order of tags, empty slots between them.
#[derive(Debug)]
struct Shard {
    slots: Vec<(u32, u32)>,
    /// Slots that tags are shared out over; behind them are what the last places push on.
    homes: usize,
    rows: usize,
}

impl RowIndex {
    /// An index with room for `rows` without growing.
    pub(super) fn with_room_for(rows: usize) -> Self {
        // Shares of the shards differ by the root of what they hold, four times that at most.
        let share = rows / SHARDS;
        let each = share + 4 * share.isqrt();
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
        if let Some(shard) = self.shards.get_mut(shard(hash)) {
            shard.insert((tag(hash), row));
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
        let homes = rows * SLOTS / TAKEN + 1;
        Self {
            slots: vec![EMPTY; homes + TAIL],
            homes,
            rows: 0,
        }
    }

    /// Where a tag's search begins: the tag's share of the array, so that places are in order of tags.
    fn home(&self, tag: u32) -> usize {
        usize::try_from((u64::from(tag) * self.homes as u64) >> 32).unwrap_or(0)
    }

    /// Places and rows of this tag.
    fn alike(&self, tag: u32) -> impl Iterator<Item = (usize, u32)> {
        let home = self.home(tag);
        let behind = self.slots.get(home..).unwrap_or_default();
        let run = (home..).zip(behind);
        run.take_while(move |(_, slot)| is_taken(slot) && slot.0 <= tag)
            .filter(move |(_, slot)| slot.0 == tag)
            .map(|(at, slot)| (at, slot.1))
    }

    fn insert(&mut self, entry: (u32, u32)) {
        if (self.rows + 1) * SLOTS > self.homes * TAKEN {
            self.grow();
        }
        let home = self.home(entry.0);
        let behind = self.slots.get(home..).unwrap_or_default();
        let taken = behind.iter().take_while(|slot| is_taken(slot));
        let run = home..=home + taken.clone().count();
        let at = home + taken.take_while(|slot| slot.0 <= entry.0).count();
        if *run.end() == self.slots.len() {
            self.lengthen();
        }
        // Those of greater tags move on, into the empty slot behind the run.
        if let Some(moved) = self.slots.get_mut(at..=*run.end()) {
            moved.rotate_right(1);
            if let Some(slot) = moved.first_mut() {
                *slot = entry;
            }
            self.rows += 1;
        }
    }

    /// Adds empty slots behind the last one.
    fn lengthen(&mut self) {
        self.slots.reserve_exact(TAIL);
        self.slots.resize(self.slots.len() + TAIL, EMPTY);
    }

    /// Empties a slot, and moves back those behind it that are not where their search begins.
    fn clear(&mut self, at: usize) {
        let moves = self.slots.iter().enumerate().skip(at + 1);
        let moves = moves.take_while(|(n, slot)| is_taken(slot) && self.home(slot.0) < *n);
        let end = at + 1 + moves.count();
        if let Some(run) = self.slots.get_mut(at..end) {
            run.rotate_left(1);
            if let Some(last) = run.last_mut() {
                *last = EMPTY;
            }
            self.rows -= 1;
        }
    }

    fn grow(&mut self) {
        let bigger = Self::with_room_for(self.rows + self.rows / 4 + 4);
        let old = std::mem::replace(self, bigger);
        let mut next = 0;
        for entry in old.slots.iter().filter(|slot| is_taken(slot)) {
            // In order of tags, so each goes behind the one before.
            let at = self.home(entry.0).max(next);
            next = at + 1;
            if at == self.slots.len() {
                self.lengthen();
            }
            if let Some(slot) = self.slots.get_mut(at) {
                *slot = *entry;
                self.rows += 1;
            }
        }
    }
}

fn is_taken(slot: &(u32, u32)) -> bool {
    slot.1 != EMPTY.1
}

fn shard(hash: u64) -> usize {
    (hash >> 32) as usize % SHARDS
}

/// The part of the hash kept beside the row: a shard grows without looking at rows.
fn tag(hash: u64) -> u32 {
    u32::try_from(hash & 0xffff_ffff).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::domain::hash::stable_hash;

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
        for (seed, spread) in [(1_u64, 0xff_u64), (2, 0xff_ffff_ffff), (3, 0xffff_ffff)] {
            let mut index = RowIndex::with_room_for(40);
            let mut model: BTreeMap<u64, Vec<u32>> = BTreeMap::new();
            for row in 0..4_000_u32 {
                let chance = stable_hash(&[&seed.to_le_bytes(), &row.to_le_bytes()]);
                let hash = stable_hash(&[&(chance % 600).to_le_bytes()]) & spread;
                let hash = if chance % 7 == 0 {
                    hash | 0xffff_fff0
                } else {
                    hash
                };
                let rows = model.entry(hash).or_default();
                if chance % 5 == 0 && !rows.is_empty() {
                    let gone =
                        rows.swap_remove(usize::try_from(chance >> 40).unwrap() % rows.len());
                    index.remove(hash, gone);
                } else {
                    rows.push(row);
                    index.insert(hash, row);
                }
                index.remove(hash, u32::MAX - 1);
            }
            for (hash, rows) in &mut model {
                rows.sort_unstable();
                assert_eq!(found(&index, *hash), *rows, "seed {seed}");
                assert!(found(&index, hash ^ (1 << 20)).is_empty(), "seed {seed}");
                let guess = index.guess(*hash);
                assert_eq!(guess.is_some(), !rows.is_empty(), "seed {seed}");
            }
        }
    }

    #[test]
    fn no_shard_is_more_than_a_third_empty_or_has_less_room_than_was_asked_for() {
        let mut grown = RowIndex::with_room_for(0);
        let mut asked = RowIndex::with_room_for(200_000);
        let room: Vec<usize> = asked.shards.iter().map(|shard| shard.slots.len()).collect();
        for row in 0..200_000_u32 {
            let hash = stable_hash(&[&row.to_le_bytes()]);
            grown.insert(hash, row);
            asked.insert(hash, row);
        }
        for shard in &grown.shards {
            assert!(shard.rows * 3 > (shard.slots.len() - 3 * TAIL) * 2);
        }
        let lengths = asked.shards.iter().map(|shard| shard.slots.len());
        assert!(lengths.zip(room).all(|(is, was)| is <= was + 2 * TAIL));
    }
}
