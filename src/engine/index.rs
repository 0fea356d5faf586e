//! Finding rows by what callers call them: hash tables of row numbers, cut into shards so that a
//! table that outgrows its expectation rehashes one sixty-fourth of itself at a time.

use hashbrown::HashTable;

/// Shards of an index.
const SHARDS: usize = 64;

/// Row numbers by key hash. The key itself lies in the row; `same` compares it.
#[derive(Debug)]
pub(super) struct RowIndex {
    shards: Vec<HashTable<(u32, u32)>>,
}

impl RowIndex {
    /// An index with room for `rows` without a rehash.
    pub(super) fn with_room_for(rows: usize) -> Self {
        let each = rows / SHARDS + rows / SHARDS / 8 + 1;
        Self {
            shards: (0..SHARDS)
                .map(|_| HashTable::with_capacity(each))
                .collect(),
        }
    }

    /// The row that probably has this key: by the hash alone, without looking at the row.
    pub(super) fn guess(&self, hash: u64) -> Option<u32> {
        let tag = tag(hash);
        let shard = self.shards.get(shard(hash))?;
        shard
            .find(spread(tag), |(t, _)| *t == tag)
            .map(|(_, row)| *row)
    }

    /// The row whose key hashes to `hash` and of which `same` says it is the one.
    pub(super) fn find(&self, hash: u64, mut same: impl FnMut(u32) -> bool) -> Option<u32> {
        let tag = tag(hash);
        let shard = self.shards.get(shard(hash))?;
        shard
            .find(spread(tag), |(t, row)| *t == tag && same(*row))
            .map(|(_, row)| *row)
    }

    /// Adds a row whose key is not in the index yet.
    pub(super) fn insert(&mut self, hash: u64, row: u32) {
        if let Some(shard) = self.shards.get_mut(shard(hash)) {
            let tag = tag(hash);
            shard.insert_unique(spread(tag), (tag, row), |(t, _)| spread(*t));
        }
    }

    /// Takes a row out again.
    pub(super) fn remove(&mut self, hash: u64, row: u32) {
        let tag = tag(hash);
        if let Some(shard) = self.shards.get_mut(shard(hash))
            && let Ok(entry) = shard.find_entry(spread(tag), |known| *known == (tag, row))
        {
            entry.remove();
        }
    }
}

fn shard(hash: u64) -> usize {
    (hash >> 32) as usize % SHARDS
}

/// The part of the hash kept beside the row. A rehash must find the same bucket again from the tag
/// alone, so the bucket hash *is* a function of the tag.
fn tag(hash: u64) -> u32 {
    u32::try_from(hash & 0xffff_ffff).unwrap_or_default()
}

fn spread(tag: u32) -> u64 {
    u64::from(tag).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}
