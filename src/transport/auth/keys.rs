//! The keys in force together, and which of them a token is to be checked with.

use std::collections::HashMap;
use std::sync::Arc;

use super::SECRET_BYTES_MIN;
use super::alg::Alg;
use super::key::{Key, Material};
use super::refusal::AuthError;
use super::sign::TokenKindError;

/// What a newer set of keys changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct KeyChange {
    /// Keys that were not there before.
    pub added: usize,
    /// Keys that are gone, or stand for something else now. Their tokens ended with them.
    pub withdrawn: usize,
}

/// A set of keys. Cloning is cheap enough for a start and a re-reading, not for a request.
#[derive(Debug, Clone)]
pub struct Keys {
    all: Vec<Arc<Key>>,
    by_kid: HashMap<Box<str>, usize>,
    /// A key file is in use: the name in a token's header means something.
    kid_counts: bool,
}

impl Keys {
    /// The configured secret, the keys of a key file, or both.
    ///
    /// # Errors
    /// [`TokenKindError::SecretTooShort`].
    pub fn new(secret: Option<&[u8]>, file: Option<Vec<Key>>) -> Result<Self, TokenKindError> {
        let kid_counts = file.is_some();
        let mut all = Vec::new();
        if let Some(secret) = secret {
            let enough = secret.len() >= SECRET_BYTES_MIN;
            let key = enough.then(|| Key::new(None, Material::Secret(secret.into())));
            all.push(key.flatten().ok_or(TokenKindError::SecretTooShort)?);
        }
        all.extend(file.into_iter().flatten());
        let named = |(at, key): (usize, &Key)| Some((key.kid()?.into(), at));
        Ok(Self {
            by_kid: all.iter().enumerate().filter_map(named).collect(),
            all: all.into_iter().map(Arc::new).collect(),
            kid_counts,
        })
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.all.len()
    }

    #[cfg(test)]
    pub(super) fn all_algs(&self) -> Vec<Alg> {
        self.all.iter().map(|key| key.alg()).collect()
    }

    /// The key a token with this header is to be checked with (AUTH-3).
    pub(super) fn choose(&self, alg: &str, kid: Option<&str>) -> Result<&Arc<Key>, AuthError> {
        let alg = Alg::parse(alg).ok_or(AuthError::WrongAlgorithm)?;
        let key = match kid.filter(|_| self.kid_counts) {
            Some(kid) => {
                let at = self.by_kid.get(kid).ok_or(AuthError::UnknownKey)?;
                self.all.get(*at).ok_or(AuthError::UnknownKey)?
            }
            None => self.only(alg)?,
        };
        if key.alg() == alg {
            Ok(key)
        } else {
            Err(AuthError::WrongAlgorithm)
        }
    }

    /// The only key of an algorithm; with two of them a token must name its own.
    fn only(&self, alg: Alg) -> Result<&Arc<Key>, AuthError> {
        let mut fitting = self.all.iter().filter(|key| key.alg() == alg);
        let first = fitting.next().ok_or(AuthError::WrongAlgorithm)?;
        match fitting.next() {
            None => Ok(first),
            Some(_) => Err(AuthError::UnknownKey),
        }
    }

    /// This set with the keys it shares with `older` taken over from there, so that tokens checked
    /// with them stay known. The older ones it lacks are returned beside it.
    pub(super) fn succeed(mut self, older: &Self) -> (Self, Vec<Arc<Key>>, KeyChange) {
        let mut added = 0;
        for key in &mut self.all {
            match older.all.iter().find(|old| old.is_same(key)) {
                Some(old) => *key = Arc::clone(old),
                None => added += 1,
            }
        }
        let kept = |old: &&Arc<Key>| !self.all.iter().any(|key| Arc::ptr_eq(key, old));
        let gone: Vec<Arc<Key>> = older.all.iter().filter(kept).map(Arc::clone).collect();
        let change = KeyChange {
            added,
            withdrawn: gone.len(),
        };
        (self, gone, change)
    }
}
