//! Idempotency keys: at most `idempotency_keys_max`, the oldest making room for the newest.
//!
//! A key that had to make room is decided anew, which can only count more, never allow more.

use std::collections::HashMap;

use super::commands::{Decision, Key};
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
    by_key: HashMap<(TenantNo, u128), u32>,
}

impl Keys {
    /// Room for `max` keys.
    pub fn new(max: u32) -> Self {
        Self {
            rows: Table::default(),
            next: 0,
            max: max.max(1),
            by_key: HashMap::new(),
        }
    }

    /// The stored decision of a key, alive or not.
    pub fn find(&self, tenant: TenantNo, key: u128) -> Option<&KeyRow> {
        let row = self.rows.get(*self.by_key.get(&(tenant, key))?)?;
        (row.tenant == tenant && row.key == key).then_some(row)
    }

    /// Stores a decision, replacing the one under the same key.
    pub fn store(&mut self, row: KeyRow, pages: &mut Pages) {
        let name = (row.tenant, row.key);
        if let Some(at) = self.by_key.get(&name) {
            if let Some(slot) = self.rows.get_mut(*at, pages) {
                *slot = row;
            }
            return;
        }
        let at = self.next;
        if (at as usize) < self.rows.len() {
            if let Some(slot) = self.rows.get_mut(at, pages) {
                self.by_key.remove(&(slot.tenant, slot.key));
                *slot = row;
            }
        } else {
            self.rows.push(row, pages);
        }
        self.by_key.insert(name, at);
        self.next = (at + 1) % self.max;
    }

    /// Rebuilds the look-up after a restore.
    pub fn reindex(&mut self) {
        self.by_key = self
            .rows
            .iter()
            .map(|(n, row)| ((row.tenant, row.key), n))
            .collect();
    }
}
