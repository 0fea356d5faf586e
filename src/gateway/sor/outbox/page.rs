//! How telling systems of record stands: on the health page, and for those who look after it.

use std::sync::Arc;

use serde_json::{Value, json};

use super::Outbox;
use crate::domain::time::UnixSeconds;
use crate::gateway::door::Caller;
use crate::sor::outbox::Figures;
use crate::telemetry::SystemSums;
use crate::wire::outbox::{DeadLetter, OutboxPage};
use crate::wire::scopes::Scope;

/// Given-up letters on one page.
const DEAD_LISTED_MAX: usize = 100;

impl Outbox {
    /// Adds how it stands to what a scrape is told.
    pub(in crate::gateway) fn add_to(&self, sums: &mut SystemSums, now: UnixSeconds) {
        let all = self.figures.lock();
        let all = all.unwrap_or_else(std::sync::PoisonError::into_inner);
        for (figures, dead) in all.values() {
            let letters = [
                figures.confirmed,
                figures.unsure,
                figures.silent,
                figures.erased,
            ];
            for (sum, count) in sums.letters.iter_mut().zip(letters) {
                *sum += count;
            }
            sums.waiting += figures.waiting as u64;
            sums.lag_s = sums.lag_s.max(lag_s(figures, now));
            sums.dead += dead;
            sums.full += u64::from(figures.full);
        }
    }

    /// How it stands: sums for everybody, a caller's own, all with `admin`.
    pub(in crate::gateway) fn health(
        &self,
        caller: Option<&Caller>,
        (now, durable): (UnixSeconds, u64),
    ) -> Value {
        let admin = caller.is_some_and(|caller| caller.scopes.has(Scope::Admin));
        let all = self.figures.lock();
        let all = all.unwrap_or_else(std::sync::PoisonError::into_inner);
        let lag = |figures: &Figures| lag_s(figures, now);
        let mut shown = Vec::new();
        for (name, (figures, dead)) in all.iter() {
            let own = caller.is_some_and(|caller| *caller.tenant_name == **name);
            if !own && !admin {
                continue;
            }
            shown.push(json!({
                "tenant": &**name,
                "waiting": figures.waiting,
                "under_way": figures.under_way,
                "lag_s": lag(figures),
                "lag_frames": lag_frames(figures, durable),
                "confirmed": figures.confirmed,
                "unsure": figures.unsure,
                "silent": figures.silent,
                "erased": figures.erased,
                "dead": dead,
                "full": figures.full,
            }));
        }
        let sums = all.values();
        json!({
            "waiting": sums.clone().map(|(figures, _)| figures.waiting).sum::<usize>(),
            "dead": sums.clone().map(|(_, dead)| dead).sum::<u64>(),
            "full": sums.clone().filter(|(figures, _)| figures.full).count(),
            "lag_s": sums.clone().map(|(figures, _)| lag(figures)).max().unwrap_or(0),
            "tenants": shown,
        })
    }

    /// One tenant's page, with letters that were given up from a row on; `None`: the tenant has no
    /// system, or the database cannot be read. Blocks on the disk.
    pub(in crate::gateway) fn listing(
        &self,
        tenant: &str,
        from: u64,
        (now, durable): (UnixSeconds, u64),
    ) -> Option<OutboxPage> {
        let (figures, _) = self.figures(tenant)?;
        let (dead, count) = self.book.dead(tenant, from, DEAD_LISTED_MAX).ok()?;
        let next = dead.last().filter(|_| dead.len() == DEAD_LISTED_MAX);
        Some(OutboxPage {
            waiting: figures.waiting as u64,
            under_way: figures.under_way,
            calls: figures.calls,
            lag_s: lag_s(&figures, now),
            lag_frames: lag_frames(&figures, durable),
            confirmed: figures.confirmed,
            unsure: figures.unsure,
            silent: figures.silent,
            erased: figures.erased,
            dead: count,
            full: figures.full,
            next_from: next.map(|last| last.id.0 + 1),
            dead_letters: dead
                .iter()
                .map(|one| DeadLetter {
                    row_id: one.id.0,
                    letter: one.id.1.saturating_add(one.confirmed),
                    cause: one.cause.as_str(),
                    tries: one.tries,
                    at: UnixSeconds(one.at).rfc3339().as_str().to_owned(),
                })
                .collect(),
        })
    }

    /// Whether anybody's letters are sent.
    pub fn knows(&self, tenant: &Arc<str>) -> bool {
        self.figures(tenant).is_some()
    }
}

fn lag_s(figures: &Figures, now: UnixSeconds) -> u64 {
    let oldest = figures.oldest_at.map(|at| now.0.saturating_sub(at));
    oldest.and_then(|s| u64::try_from(s).ok()).unwrap_or(0)
}

fn lag_frames(figures: &Figures, durable: u64) -> u64 {
    (durable + 1).saturating_sub(figures.next_frame)
}
