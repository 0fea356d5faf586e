//! What a tenant's calls carry so that its system believes them.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use arc_swap::ArcSwapOption;
use http::HeaderValue;
use zeroize::Zeroizing;

use crate::domain::time::UnixSeconds;
use crate::sor::dialect::Token;
use crate::wire::limits::{SOR_LOGIN_PAUSE_MS, SOR_TOKEN_AGE_MAX_S, SOR_TOKEN_EARLY_S};

/// How calls of a tenant are believed by its system.
pub enum Credential {
    /// By the caller's own bearer token; the gateway's own calls by this one, if there is one.
    Pass(Option<HeaderValue>),
    /// By a token.
    Exchange(Exchange),
    /// By a key of the tenant beside a bearer token: this one, else the caller's own.
    Key(HeaderValue, Option<HeaderValue>),
}

/// What is exchanged for a token.
pub struct Exchange {
    /// The tenant's key.
    pub key: Zeroizing<String>,
    /// Its pin, if it has one.
    pub pin: Option<Zeroizing<String>>,
    /// The key as it goes with every call, that of logging in too, where the system wants it there.
    pub beside: Option<HeaderValue>,
}

impl fmt::Debug for Exchange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Exchange").finish_non_exhaustive()
    }
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Pass(_) => "Pass",
            Self::Exchange(..) => "Exchange",
            Self::Key(..) => "Key",
        })
    }
}

impl Credential {
    /// Whether the system takes a caller's change for the tenant's own: then the caller needs a scope
    /// for it.
    pub fn is_the_tenants(&self) -> bool {
        !matches!(self, Self::Pass(_))
    }
}

/// `Bearer TOKEN` as a header that no log shows; `None` when it is no visible ASCII.
pub fn bearer(token: &str) -> Option<HeaderValue> {
    let token = token.trim();
    if token.is_empty() || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
        return None;
    }
    secret(&format!("Bearer {token}"))
}

/// A header that no log shows.
pub fn secret(text: &str) -> Option<HeaderValue> {
    let mut value = HeaderValue::from_str(text).ok()?;
    value.set_sensitive(true);
    Some(value)
}

/// A token in use.
#[derive(Debug)]
pub(super) struct Held {
    pub(super) header: HeaderValue,
    /// From when on it is exchanged anew.
    until: UnixSeconds,
}

/// The exchanged token: read without a lock, exchanged by one call at a time.
#[derive(Debug, Default)]
pub(super) struct TokenCell {
    held: ArcSwapOption<Held>,
    /// Held by the call that logs in.
    pub(super) exchanging: tokio::sync::Mutex<()>,
    /// No exchange before, milliseconds of the upstream's own time.
    not_before_ms: AtomicU64,
}

impl TokenCell {
    /// The token, while it is fresh.
    pub(super) fn fresh(&self, now: UnixSeconds) -> Option<Arc<Held>> {
        self.held.load_full().filter(|held| now < held.until)
    }

    /// Takes a token into use.
    pub(super) fn hold(&self, token: &Token, now: UnixSeconds) -> Option<Arc<Held>> {
        let oldest = now.plus(SOR_TOKEN_AGE_MAX_S);
        let ends = token.ends.map(|ends| ends.plus(-SOR_TOKEN_EARLY_S));
        let held = Arc::new(Held {
            header: bearer(&token.bearer)?,
            until: ends.map_or(oldest, |ends| ends.min(oldest)),
        });
        self.held.store(Some(Arc::clone(&held)));
        Some(held)
    }

    /// The system does not take this token any more.
    pub(super) fn refused(&self, header: &HeaderValue) {
        let held = self.held.load_full();
        if held.is_some_and(|held| held.header == *header) {
            self.held.store(None);
        }
    }

    /// An exchange failed: the next is not at once.
    pub(super) fn pause(&self, now_ms: u64) {
        let then = now_ms.saturating_add(SOR_LOGIN_PAUSE_MS);
        self.not_before_ms.store(then, Ordering::Relaxed);
    }

    /// Whether an exchange may be tried.
    pub(super) fn may_exchange(&self, now_ms: u64) -> bool {
        now_ms >= self.not_before_ms.load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: UnixSeconds = UnixSeconds(1_790_000_000);

    fn token(ends: Option<UnixSeconds>) -> Token {
        Token {
            bearer: "t0k3n".to_owned(),
            ends,
        }
    }

    #[test]
    fn a_token_is_exchanged_before_it_ends_and_when_refused() {
        let cell = TokenCell::default();
        assert!(cell.fresh(NOW).is_none());
        cell.hold(&token(Some(NOW.plus(600))), NOW).unwrap();
        let last = NOW.plus(600 - SOR_TOKEN_EARLY_S);
        assert!(cell.fresh(last.plus(-1)).is_some());
        assert!(cell.fresh(last).is_none());
        let held = cell.fresh(NOW).unwrap();
        assert_eq!(held.header, "Bearer t0k3n");
        assert!(held.header.is_sensitive());
        cell.refused(&HeaderValue::from_static("Bearer other"));
        assert!(cell.fresh(NOW).is_some());
        cell.refused(&held.header);
        assert!(cell.fresh(NOW).is_none());
        // One that does not say when it ends is not held for ever, nor one that ends in a year.
        for ends in [None, Some(NOW.plus(31_536_000))] {
            cell.hold(&token(ends), NOW).unwrap();
            assert!(cell.fresh(NOW.plus(SOR_TOKEN_AGE_MAX_S - 1)).is_some());
            assert!(cell.fresh(NOW.plus(SOR_TOKEN_AGE_MAX_S)).is_none());
        }
    }

    #[test]
    fn no_token_smuggles_a_header() {
        for text in ["", " ", "a b", "a\r\nx: y", "caf\u{e9}"] {
            assert_eq!(bearer(text), None, "{text:?}");
        }
        assert_eq!(bearer("abc\n").unwrap(), "Bearer abc");
    }

    /// UPSTREAM-4: nor is a credential printed.
    #[test]
    fn nothing_shows_a_secret() {
        let key = secret("0123456789").unwrap();
        let all = [
            Credential::Pass(bearer("0123456789")),
            Credential::Exchange(Exchange {
                key: "0123456789".to_owned().into(),
                pin: Some("0123".to_owned().into()),
                beside: secret("0123456789"),
            }),
            Credential::Key(key, None),
        ];
        for one in all {
            assert!(!format!("{one:?}").contains("0123"));
        }
    }
}
