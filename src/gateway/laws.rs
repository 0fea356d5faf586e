//! The rule packs this process has taken up: which one decides, which one waits, and the texts of
//! those that decided what is being answered.
//!
//! The engine thread says which pack is in force; everybody else reads it here without a lock. An
//! answer names the pack that decided it, so that no rule number is read in another pack.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use arc_swap::ArcSwap;

use crate::domain::rules::RulePack;

/// Packs kept for their texts: the one in force, one that waits, and some whose last answers are
/// still on their way.
pub const PACKS_KEPT_MAX: usize = 8;

/// The packs.
#[derive(Debug)]
pub struct Laws {
    known: ArcSwap<Vec<Arc<RulePack>>>,
    in_force: AtomicU64,
    pending: AtomicU64,
}

impl Laws {
    /// Of a process that has read one pack.
    pub fn new(pack: Arc<RulePack>) -> Self {
        Self {
            in_force: AtomicU64::new(pack.mark()),
            pending: AtomicU64::new(0),
            known: ArcSwap::from_pointee(vec![pack]),
        }
    }

    /// Keeps a pack's texts, before the engine hears of it.
    pub fn know(&self, pack: &Arc<RulePack>) {
        let needed = [
            self.in_force.load(Ordering::Acquire),
            self.pending.load(Ordering::Acquire),
        ];
        self.known.rcu(|known| {
            let mut all = Vec::clone(known);
            if all.iter().all(|one| one.hash() != pack.hash()) {
                let oldest = all.iter().position(|one| !needed.contains(&one.mark()));
                if let Some(oldest) = oldest.filter(|_| all.len() >= PACKS_KEPT_MAX) {
                    all.remove(oldest);
                }
                all.push(Arc::clone(pack));
            }
            all
        });
    }

    /// The engine thread says what decides and what waits.
    pub fn tell(&self, in_force: &RulePack, pending: Option<&RulePack>) {
        self.in_force.store(in_force.mark(), Ordering::Release);
        let pending = pending.map_or(0, RulePack::mark);
        self.pending.store(pending, Ordering::Release);
    }

    /// The pack that decides.
    pub fn in_force(&self) -> Option<Arc<RulePack>> {
        self.find(self.in_force.load(Ordering::Acquire))
    }

    /// The pack that takes force later.
    pub fn pending(&self) -> Option<Arc<RulePack>> {
        self.find(self.pending.load(Ordering::Acquire))
    }

    /// The pack with this mark, if it is still kept.
    pub fn find(&self, mark: u64) -> Option<Arc<RulePack>> {
        let known = self.known.load();
        known
            .iter()
            .find(|pack| pack.mark() == mark)
            .map(Arc::clone)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rulepack::{self, PackFiles};

    fn pack(version: usize) -> Arc<RulePack> {
        let files = PackFiles::embedded();
        let text = include_str!("../../config/rules/pack.toml")
            .replace("version = \"", &format!("version = \"{version}-"));
        Arc::new(rulepack::read(&files.with("pack.toml", &text)).unwrap())
    }

    #[test]
    fn what_decides_and_what_waits_are_never_forgotten() {
        let packs: Vec<_> = (0..PACKS_KEPT_MAX + 3).map(pack).collect();
        let laws = Laws::new(Arc::clone(&packs[0]));
        laws.know(&packs[1]);
        laws.tell(&packs[0], Some(&packs[1]));
        for one in &packs {
            laws.know(one);
        }
        assert_eq!(laws.known.load().len(), PACKS_KEPT_MAX);
        assert_eq!(laws.in_force().unwrap().hash(), packs[0].hash());
        assert_eq!(laws.pending().unwrap().hash(), packs[1].hash());
        assert!(laws.find(packs[2].mark()).is_none());
        let newest = packs.last().unwrap();
        assert!(laws.find(newest.mark()).is_some());
        laws.tell(newest, None);
        assert_eq!(laws.in_force().unwrap().hash(), newest.hash());
        assert!(laws.pending().is_none());
    }
}
