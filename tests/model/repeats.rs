//! A stored answer given again: never an ALLOW that something known since has taken away.
//!
//! A repeat is right when the same question, without what it was allowed itself and without what was
//! allowed after it, would be allowed now. Where time alone has closed it since, the permission lasts
//! until its `use_by` all the same; so a refusal counts only if the world as it was would still allow.

use std::collections::BTreeMap;

use dialgate::domain::hash::stable_hash_128;
use dialgate::domain::words::Outcome;
use dialgate::engine::commands::{Decision, Key};

use super::next;
use super::story::Question;
use super::world::World;

/// What a key stands for.
#[derive(Debug)]
struct Stored {
    audit: u64,
    reserved: bool,
    /// As it was before the decision.
    world: World,
}

/// The newest decision under each key.
#[derive(Debug, Default)]
pub(crate) struct Repeats {
    stored: BTreeMap<u64, Stored>,
}

/// The key of a question, as a dialer sends it.
pub(crate) fn key(q: &Question) -> Option<Key> {
    Some(Key {
        key: u128::from(q.key?),
        body: stable_hash_128(&[format!("{q:?}").as_bytes()]),
    })
}

impl Repeats {
    /// The question is decided anew: what it was allowed before under its key is given back.
    pub(crate) fn decided_anew(&self, world: &mut World, q: &Question) {
        let stored = q.key.and_then(|key| self.stored.get(&key));
        let Some(audit) = stored.map(|stored| stored.audit) else {
            return;
        };
        let now = world.now;
        let lives = world.attempts.iter_mut();
        let live = lives.filter(|a| a.audit == audit && a.live(now));
        for attempt in live {
            attempt.outcome = Outcome::NotDialed;
            attempt.use_by = None;
        }
    }

    /// It was decided.
    pub(crate) fn decided(&mut self, world: &World, q: &Question, decision: &Decision) {
        let Some(key) = q.key else { return };
        let stored = Stored {
            audit: decision.audit_id,
            reserved: decision.allow() && !decision.dry_run,
            world: world.clone(),
        };
        self.stored.insert(key, stored);
    }

    /// A stored decision came again: what is wrong with that, if anything.
    pub(crate) fn wrong(&self, world: &World, q: &Question, told: &Decision) -> Option<String> {
        let stored = q.key.and_then(|key| self.stored.get(&key));
        let Some(stored) = stored.filter(|stored| stored.audit == told.audit_id) else {
            return Some("a repeat of what was never decided".to_owned());
        };
        if !told.allow() {
            return None;
        }
        let mut now = world.clone();
        if stored.reserved {
            let own = |a: &super::world::Attempt| a.audit == stored.audit && a.live(world.now);
            if !now.attempts.iter().any(own) {
                return Some("a repeat of a permission that is gone".to_owned());
            }
            let waits = |a: &super::world::Attempt| a.outcome == Outcome::Pending;
            now.attempts.retain(|a| a.audit < stored.audit || !waits(a));
        }
        let found = next::codes(&now, q);
        let mut then = stored.world.clone();
        then.now = world.now;
        then.clock_trusted = world.clock_trusted;
        let stale = !found.is_empty() && next::codes(&then, q).is_empty();
        stale.then(|| {
            let codes: Vec<&str> = found.iter().map(|code| code.as_str()).collect();
            format!("a repeated ALLOW that would be refused now: {codes:?}")
        })
    }
}
