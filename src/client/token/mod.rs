//! The credential to ask with: where it comes from, and when it is fetched again.

use std::fmt;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use zeroize::Zeroizing;

use super::limits::{TOKEN_AGE_MS, TOKEN_EARLY_S, TOKEN_FILE_BYTES_MAX, TOKEN_MS_MAX};
use super::now::Now;
use crate::domain::time::UnixSeconds;
use crate::wire::limits::TOKEN_BYTES_MAX;

/// There is no token now; the next call asks for one again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("there is no token")]
pub struct NoToken;

type Given = dyn Fn() -> Result<String, NoToken> + Send + Sync;

/// Where tokens come from. Asked at most every five seconds, before a token's own end, and at once
/// when the gateway refuses one.
#[derive(Clone)]
pub struct TokenSource(Kind);

#[derive(Clone)]
enum Kind {
    Fixed(Arc<Zeroizing<String>>),
    File(PathBuf),
    Given(Arc<Given>),
}

impl TokenSource {
    /// One token, for as long as it lives.
    pub fn fixed(token: &str) -> Self {
        let token = Zeroizing::new(token.trim().to_owned());
        Self(Kind::Fixed(Arc::new(token)))
    }

    /// A file whose first line is the token. It is read again, so that whoever renews the token
    /// only replaces the file.
    pub fn file(path: impl Into<PathBuf>) -> Self {
        Self(Kind::File(path.into()))
    }

    /// A function. It runs on a thread where it may block, for two seconds at most.
    pub fn given_by(give: impl Fn() -> Result<String, NoToken> + Send + Sync + 'static) -> Self {
        Self(Kind::Given(Arc::new(give)))
    }

    fn give(&self) -> Result<Zeroizing<String>, NoToken> {
        let text = match &self.0 {
            Kind::Fixed(token) => Zeroizing::new(token.as_str().to_owned()),
            Kind::File(path) => read(path)?,
            Kind::Given(give) => Zeroizing::new(give()?),
        };
        let token = text.trim();
        let usable = (1..=TOKEN_BYTES_MAX).contains(&token.len());
        if !usable || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(NoToken);
        }
        Ok(Zeroizing::new(token.to_owned()))
    }
}

fn read(path: &Path) -> Result<Zeroizing<String>, NoToken> {
    let file = std::fs::File::open(path).map_err(|_error| NoToken)?;
    let mut text = Zeroizing::new(String::new());
    file.take(TOKEN_FILE_BYTES_MAX)
        .read_to_string(&mut text)
        .map_err(|_error| NoToken)?;
    let first = text.lines().next().ok_or(NoToken)?;
    Ok(Zeroizing::new(first.to_owned()))
}

/// Shows where it comes from, never the token.
impl fmt::Debug for TokenSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            Kind::Fixed(_) => "TokenSource::fixed",
            Kind::File(_) => "TokenSource::file",
            Kind::Given(_) => "TokenSource::given_by",
        })
    }
}

/// A token in hand.
#[derive(Clone)]
pub(super) struct Token {
    text: Arc<Zeroizing<String>>,
    /// When it says that it ends, if it says so to whoever holds it.
    ends: Option<UnixSeconds>,
    fetched: Instant,
}

impl Token {
    fn new(text: Zeroizing<String>, now: Now) -> Self {
        let ends = end_of(&text);
        Self {
            text: Arc::new(text),
            ends,
            fetched: now.run,
        }
    }

    /// The token.
    pub(super) fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether it is the same token.
    pub(super) fn is(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }

    /// Whether the source should be asked again.
    fn is_old(&self, now: Now) -> bool {
        let age = now.run.saturating_duration_since(self.fetched);
        let ending = self
            .ends
            .is_some_and(|end| end.since(now.wall) <= TOKEN_EARLY_S);
        // One that is about to end is asked about at every look, but not more often than this.
        age >= Duration::from_millis(TOKEN_AGE_MS)
            || (ending && age >= Duration::from_millis(TOKEN_AGE_MS / 10))
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token")
    }
}

/// The instant in `exp`. The signature is the gateway's business.
fn end_of(token: &str) -> Option<UnixSeconds> {
    #[derive(serde::Deserialize)]
    struct Claims {
        exp: i64,
    }
    let claims = token.split('.').nth(1)?;
    let claims = URL_SAFE_NO_PAD.decode(claims).ok()?;
    let claims: Claims = serde_json::from_slice(&claims).ok()?;
    Some(UnixSeconds(claims.exp))
}

/// The token in use, shared by all calls.
#[derive(Debug)]
pub(super) struct Tokens {
    source: TokenSource,
    held: Mutex<Option<Token>>,
}

impl Tokens {
    pub(super) fn new(source: TokenSource) -> Self {
        Self {
            source,
            held: Mutex::new(None),
        }
    }

    /// The token to ask with at `now`.
    ///
    /// Cancellation safe. A source that fails leaves the old token in use until it ends.
    pub(super) async fn current(&self, now: Now) -> Result<Token, NoToken> {
        let held = self.held();
        if let Some(token) = held.as_ref().filter(|token| !token.is_old(now)) {
            return Ok(token.clone());
        }
        let Ok(text) = self.ask().await else {
            let alive = |token: &Token| token.ends.is_none_or(|end| now.wall < end);
            return held.filter(alive).ok_or(NoToken);
        };
        let fresh = Token::new(text, now);
        self.hold(Some(fresh.clone()));
        Ok(fresh)
    }

    /// The gateway refused this one: the source is asked again before the next question.
    pub(super) fn refuse(&self, refused: &Token) {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        if held.as_ref().is_some_and(|token| token.is(refused)) {
            *held = None;
        }
    }

    async fn ask(&self) -> Result<Zeroizing<String>, NoToken> {
        let source = self.source.clone();
        let give = tokio::task::spawn_blocking(move || source.give());
        let given = tokio::time::timeout(Duration::from_millis(TOKEN_MS_MAX), give).await;
        given.map_err(|_late| NoToken)?.map_err(|_panic| NoToken)?
    }

    fn held(&self) -> Option<Token> {
        let held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        held.clone()
    }

    fn hold(&self, token: Option<Token>) {
        *self.held.lock().unwrap_or_else(PoisonError::into_inner) = token;
    }
}

#[cfg(test)]
mod tests;
