//! Idempotency keys: at most `idempotency_keys_max`, the oldest making room for the newest.
//!
//! A key that had to make room is decided anew, which can only count more, never allow more.

use super::commands::{Decision, Key};
use super::index::RowIndex;
use super::persist::Pages;
use super::table::Table;
use crate::domain::facts::ContactKey;
use crate::domain::ids::{AccountNo, PersonNo, TenantNo};
use crate::domain::rules::RuleNo;
use crate::domain::time::UnixSeconds;
use crate::domain::verdict::{Code, Finding, Findings};

/// One stored decision.
#[derive(Debug, Clone, PartialEq, Eq, rkyv::Archive, rkyv::Serialize, rkyv::Deserialize)]
pub struct KeyRow {
    pub(super) tenant: TenantNo,
    pub(super) key: u128,
    pub(super) body: u128,
    pub(super) account: Option<AccountNo>,
    pub(super) person: Option<PersonNo>,
    pub(super) contact: ContactKey,
    pub(super) audit: u64,
    evaluation: u64,
    decided: i64,
    next: Option<i64>,
    use_by: i64,
    dry_run: bool,
    blocked: u16,
    evaluated: u16,
    codes: Vec<(u16, u16)>,
    flags: Vec<u16>,
}

impl KeyRow {
    /// Seconds a BLOCK or dry run is repeated, and an ALLOW after its `use_by` (semantics 7).
    pub const LIFE_S: i64 = 60;

    /// Stores a decision under a key.
    pub fn of(tenant: TenantNo, key: Key, decision: &Decision) -> Self {
        let f = &decision.findings;
        Self {
            tenant,
            key: key.key,
            body: key.body,
            account: None,
            person: None,
            contact: ContactKey::NONE,
            audit: decision.audit_id,
            evaluation: decision.evaluation_id,
            decided: decision.decided_at.0,
            next: decision.next_allowed_at.map(|t| t.0),
            use_by: decision.use_by.0,
            dry_run: decision.dry_run,
            blocked: f.blocked_bits(),
            evaluated: f.evaluated_bits(),
            codes: f
                .list()
                .iter()
                .map(|f| (f.code.number(), f.rule.0))
                .collect(),
            flags: f.flags().iter().map(|rule| rule.0).collect(),
        }
    }

    /// The stored decision.
    pub fn decision(&self) -> Decision {
        let codes = self.codes.iter().filter_map(|(code, rule)| {
            Some(Finding {
                code: Code::from_number(*code)?,
                rule: RuleNo(*rule),
            })
        });
        Decision {
            findings: Findings::restore(
                (self.blocked, self.evaluated),
                codes,
                self.flags.iter().map(|rule| RuleNo(*rule)),
            ),
            audit_id: self.audit,
            evaluation_id: self.evaluation,
            decided_at: UnixSeconds(self.decided),
            next_allowed_at: self.next.map(UnixSeconds),
            use_by: UnixSeconds(self.use_by),
            dry_run: self.dry_run,
            law: 0,
        }
    }

    /// Whether it reserved something.
    pub fn reserved(&self) -> bool {
        self.blocked == 0 && !self.dry_run
    }

    /// Whether the key still means this decision at `now`.
    pub fn alive(&self, now: UnixSeconds) -> bool {
        let end = if self.reserved() {
            self.use_by
        } else {
            self.decided
        };
        now.0 < end + Self::LIFE_S
    }
}

/// The keys in use.
#[derive(Debug)]
pub struct Keys {
    pub(super) rows: Table<KeyRow>,
    pub(super) next: u32,
    max: u32,
    /// By [`hash`]. In shards, so that growing never holds decisions up for long.
    index: RowIndex,
}

impl Keys {
    /// Room for `max` keys.
    pub fn new(max: u32) -> Self {
        Self {
            rows: Table::default(),
            next: 0,
            max: max.max(1),
            index: RowIndex::with_room_for(0),
        }
    }

    /// The stored decision of a key, alive or not.
    pub fn find(&self, tenant: TenantNo, key: u128) -> Option<&KeyRow> {
        self.rows.get(self.place(tenant, key)?)
    }

    fn place(&self, tenant: TenantNo, key: u128) -> Option<u32> {
        let same = |at| {
            let row = self.rows.get(at);
            row.is_some_and(|row: &KeyRow| row.tenant == tenant && row.key == key)
        };
        self.index.find(hash(tenant, key), same)
    }

    /// Touches what looking a key up, and making room for it as the `ahead`th from now, will read.
    pub fn touch(&self, tenant: TenantNo, key: u128, ahead: u32) -> u64 {
        let found = self.index.guess(hash(tenant, key));
        let leaves = self.rows.get((self.next.wrapping_add(ahead)) % self.max);
        let leaves = leaves.and_then(|row| self.index.guess(hash(row.tenant, row.key)));
        u64::from(found.unwrap_or(0)) ^ u64::from(leaves.unwrap_or(0))
    }

    /// Stores a decision, replacing the one under the same key.
    pub fn store(&mut self, row: KeyRow, pages: &mut Pages) {
        let (tenant, key) = (row.tenant, row.key);
        if let Some(at) = self.place(tenant, key) {
            if let Some(slot) = self.rows.get_mut(at, pages) {
                *slot = row;
            }
            return;
        }
        let at = self.next;
        if (at as usize) < self.rows.len() {
            if let Some(slot) = self.rows.get_mut(at, pages) {
                self.index.remove(hash(slot.tenant, slot.key), at);
                *slot = row;
            }
        } else {
            self.rows.push(row, pages);
        }
        self.index.insert(hash(tenant, key), at);
        self.next = (at + 1) % self.max;
    }

    /// Rebuilds the look-up after a restore.
    pub fn reindex(&mut self) {
        self.index = RowIndex::with_room_for(self.rows.len());
        for (at, row) in self.rows.iter() {
            self.index.insert(hash(row.tenant, row.key), at);
        }
    }
}

/// A key is a hash already; its halves and the tenant are mixed so that every bit counts.
fn hash(tenant: TenantNo, key: u128) -> u64 {
    let half = |part: u128| u64::try_from(part & u128::from(u64::MAX)).unwrap_or_default();
    let name = half(key >> 64) ^ half(key) ^ u64::from(tenant.0) << 48;
    (name ^ name >> 32).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

#[cfg(test)]
mod tests {
    use super::{ContactKey, KeyRow, Keys, Pages, TenantNo};

    fn row(tenant: u16, key: u128, audit: u64) -> KeyRow {
        KeyRow {
            tenant: TenantNo(tenant),
            key,
            body: 0,
            account: None,
            person: None,
            contact: ContactKey::NONE,
            audit,
            evaluation: 0,
            decided: 0,
            next: None,
            use_by: 0,
            dry_run: false,
            blocked: 0,
            evaluated: 0,
            codes: Vec::new(),
            flags: Vec::new(),
        }
    }

    #[test]
    fn the_oldest_makes_room_and_no_tenant_finds_anothers_key() {
        let (mut keys, mut pages) = (Keys::new(3), Pages::default());
        let found =
            |keys: &Keys, tenant, key| keys.find(TenantNo(tenant), key).map(|row| row.audit);
        // The halves of the second are those of the first the other way round: the same hash.
        let (one, other) = (7_u128 << 64 | 9, 9_u128 << 64 | 7);
        for (audit, (tenant, key)) in [(1, one), (1, other), (2, one)].into_iter().enumerate() {
            keys.store(row(tenant, key, audit as u64), &mut pages);
        }
        let all = |keys: &Keys| {
            [(1, one), (1, other), (2, one), (2, other)].map(|(t, k)| found(keys, t, k))
        };
        assert_eq!(all(&keys), [Some(0), Some(1), Some(2), None]);
        keys.store(row(1, one, 8), &mut pages);
        assert_eq!(
            all(&keys),
            [Some(8), Some(1), Some(2), None],
            "stored again where it was"
        );
        keys.store(row(2, other, 9), &mut pages);
        assert_eq!(
            all(&keys),
            [None, Some(1), Some(2), Some(9)],
            "the oldest made room"
        );
        keys.reindex();
        assert_eq!(all(&keys), [None, Some(1), Some(2), Some(9)]);
        // What is touched beforehand is only read.
        for ahead in 0..5 {
            std::hint::black_box(keys.touch(TenantNo(1), one, ahead));
        }
        assert_eq!(all(&keys), [None, Some(1), Some(2), Some(9)]);
    }
}
