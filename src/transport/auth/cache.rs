//! Verified tokens, found by their full text. Beside the path, never the truth: losing an entry
//! costs one more verification.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use dashmap::DashMap;
use hashbrown::DefaultHashBuilder;

use super::Credential;
use crate::domain::time::UnixSeconds;

/// A bounded map. Only genuine tokens enter, so a caller cannot choose colliding keys.
pub(super) struct TokenCache {
    tokens: DashMap<Box<str>, Entry, DefaultHashBuilder>,
    tokens_max: usize,
    /// Entries put in since the last sweep started, at least as many as there are.
    held: AtomicUsize,
}

struct Entry {
    credential: Arc<Credential>,
    until: UnixSeconds,
}

impl TokenCache {
    pub(super) fn new(tokens_max: usize) -> Self {
        Self {
            tokens: DashMap::with_hasher(DefaultHashBuilder::default()),
            tokens_max: tokens_max.max(1),
            held: AtomicUsize::new(0),
        }
    }

    /// The credential of a token seen before. No lock outlives the call.
    pub(super) fn get(&self, token: &str) -> Option<Arc<Credential>> {
        self.tokens
            .get(token)
            .map(|entry| Arc::clone(&entry.credential))
    }

    /// Remembers a verified token until `until`. When full, expired ones go; when that frees less
    /// than half, so do enough others: one sweep pays for many insertions.
    pub(super) fn insert(
        &self,
        token: &str,
        credential: &Arc<Credential>,
        until: UnixSeconds,
        now: UnixSeconds,
    ) {
        if self.held.fetch_add(1, Ordering::Relaxed) >= self.tokens_max {
            self.sweep(now);
        }
        let entry = Entry {
            credential: Arc::clone(credential),
            until,
        };
        self.tokens.insert(token.into(), entry);
    }

    fn sweep(&self, now: UnixSeconds) {
        let mut kept = 0;
        self.tokens.retain(|_token, entry| {
            let keep = now < entry.until && kept < self.tokens_max / 2;
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
