//! Verified tokens, found by their full text. Beside the path, never the truth: losing an entry
//! costs one more verification.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use dashmap::DashMap;
use hashbrown::DefaultHashBuilder;

use super::token::Verified;
use crate::domain::time::UnixSeconds;

/// A bounded map. Only genuine tokens enter, so a caller cannot choose colliding keys.
pub(super) struct TokenCache {
    tokens: DashMap<Box<str>, Arc<Verified>, DefaultHashBuilder>,
    tokens_max: usize,
    /// Entries put in since the last sweep started, at least as many as there are.
    held: AtomicUsize,
}

impl TokenCache {
    pub(super) fn new(tokens_max: usize) -> Self {
        Self {
            tokens: DashMap::with_hasher(DefaultHashBuilder::default()),
            tokens_max: tokens_max.max(1),
            held: AtomicUsize::new(0),
        }
    }

    /// A token seen before whose key is still in force. No lock outlives the call.
    pub(super) fn get(&self, token: &str) -> Option<Arc<Verified>> {
        let entry = self.tokens.get(token)?;
        entry.is_in_force().then(|| Arc::clone(entry.value()))
    }

    /// Remembers a verified token. When full, those that ended go; when that frees less than half,
    /// so do enough others: one sweep pays for many insertions.
    pub(super) fn insert(&self, token: Box<str>, verified: &Arc<Verified>, now: UnixSeconds) {
        if self.held.fetch_add(1, Ordering::Relaxed) >= self.tokens_max {
            self.sweep(now);
        }
        self.tokens.insert(token, Arc::clone(verified));
    }

    fn sweep(&self, now: UnixSeconds) {
        let mut kept = 0;
        self.tokens.retain(|_token, entry| {
            let lives = entry.is_in_force() && entry.check_times(now).is_ok();
            let keep = lives && kept < self.tokens_max / 2;
            kept += usize::from(keep);
            keep
        });
        self.held.store(kept + 1, Ordering::Relaxed);
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.tokens.len()
    }
}
