//! Tokens: renewed, kept, refused, never shown.

use std::sync::atomic::{AtomicU32, Ordering};

use super::*;
use crate::clock::Clock;

const START: UnixSeconds = UnixSeconds(1_800_000_000);

fn run<T>(work: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(work)
}

fn ending(at: UnixSeconds) -> String {
    let claims = URL_SAFE_NO_PAD.encode(format!("{{\"exp\":{}}}", at.0));
    format!("e30.{claims}.sig")
}

#[test]
fn a_file_is_read_again_and_its_first_line_counts() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("token");
    let clock = Clock::manual(START);
    let tokens = Tokens::new(TokenSource::file(&path));
    let told = || {
        let token = run(tokens.current(Now::read(&clock)));
        token.map(|token| token.as_str().to_owned())
    };
    assert_eq!(told(), Err(NoToken));
    std::fs::write(&path, " one \nsecond line\n").unwrap();
    assert_eq!(told().as_deref(), Ok("one"));
    std::fs::write(&path, "two\n").unwrap();
    assert_eq!(told().as_deref(), Ok("one"), "not looked at yet");
    clock.advance(Duration::from_millis(TOKEN_AGE_MS));
    assert_eq!(told().as_deref(), Ok("two"));
    std::fs::remove_file(&path).unwrap();
    clock.advance(Duration::from_millis(TOKEN_AGE_MS));
    assert_eq!(told().as_deref(), Ok("two"), "a file being replaced");
    for unusable in ["", "\n", "two words", &"x".repeat(TOKEN_BYTES_MAX + 1)] {
        std::fs::write(&path, unusable).unwrap();
        assert_eq!(
            TokenSource::file(&path).give(),
            Err(NoToken),
            "{unusable:.9}"
        );
    }
}

#[test]
fn a_refused_token_is_asked_for_again_at_once() {
    let clock = Clock::manual(START);
    let count = Arc::new(AtomicU32::new(0));
    let counted = Arc::clone(&count);
    let source =
        TokenSource::given_by(move || Ok(format!("t{}", counted.fetch_add(1, Ordering::Relaxed))));
    let tokens = Tokens::new(source);
    let first = run(tokens.current(Now::read(&clock))).unwrap();
    tokens.refuse(&first);
    let second = run(tokens.current(Now::read(&clock))).unwrap();
    assert_eq!((first.as_str(), second.as_str()), ("t0", "t1"));
    tokens.refuse(&first);
    assert!(run(tokens.current(Now::read(&clock))).unwrap().is(&second));
    assert_eq!(count.load(Ordering::Relaxed), 2);
}

#[test]
fn a_token_is_renewed_before_its_end_and_none_outlives_it() {
    let clock = Clock::manual(START);
    let end = START.plus(TOKEN_EARLY_S + 2);
    let fails = Arc::new(AtomicU32::new(0));
    let given = Arc::clone(&fails);
    let source = TokenSource::given_by(move || match given.fetch_add(1, Ordering::Relaxed) {
        0 => Ok(ending(end)),
        _ => Err(NoToken),
    });
    let tokens = Tokens::new(source);
    let now = || Now::read(&clock);
    let first = run(tokens.current(now())).unwrap();
    assert_eq!(first.ends, Some(end));
    clock.advance(Duration::from_secs(1));
    assert!(!first.is_old(now()));
    clock.advance(Duration::from_secs(1));
    assert!(first.is_old(now()), "half a minute before its end");
    assert!(
        run(tokens.current(now())).is_ok(),
        "the old one still lives"
    );
    clock.advance(Duration::from_secs(30));
    assert_eq!(run(tokens.current(now())).unwrap_err(), NoToken);
}

/// CLIENT-6.
#[test]
fn nothing_shows_a_token() {
    let source = TokenSource::fixed("secret");
    let token = Token::new(source.give().unwrap(), Now::read(&Clock::manual(START)));
    assert!(!format!("{source:?} {token:?} {:?}", Tokens::new(source.clone())).contains("secret"));
}
