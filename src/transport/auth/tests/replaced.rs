//! Keys that are replaced while tokens are known, and tokens that wait for their turn.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use super::{NOW, Pair, check_at, declared, expected, file, kind, with_file};
use crate::gateway::door::TokenCheck;
use crate::transport::auth::token::Unproved;
use crate::transport::auth::verifiers::Verifiers;
use crate::transport::auth::{Auth, AuthError, KeyChange, Keys, sign};
use crate::wire::limits::VERIFICATIONS_WAITING_MAX;

fn keys(file_keys: &[Value]) -> Keys {
    Keys::new(None, Some(file(file_keys))).unwrap()
}

fn how(auth: &Auth, token: &str) -> Result<TokenCheck, AuthError> {
    check_at(auth, token, NOW).map(|credential| credential.check)
}

/// AUTH-4: a token that is known ends with its key.
#[test]
fn auth_4_a_removed_key_ends_its_tokens_and_no_others() {
    let (stays, goes) = (Pair::ed25519(), Pair::p256());
    let auth = with_file(&[stays.named("a"), goes.named("b")]);
    let (a, b) = (stays.token(Some("a")), goes.token(Some("b")));
    assert_eq!(how(&auth, &a), Ok(TokenCheck::Verified));
    assert_eq!(how(&auth, &b), Ok(TokenCheck::Verified));
    let change = auth.replace(keys(&[stays.named("a")]));
    assert_eq!((change.added, change.withdrawn), (0, 1));
    assert_eq!(how(&auth, &b), Err(AuthError::UnknownKey));
    assert_eq!(how(&auth, &a), Ok(TokenCheck::Cached));
    // Back again, it is checked anew.
    auth.replace(keys(&[goes.named("b"), stays.named("a")]));
    assert_eq!(how(&auth, &b), Ok(TokenCheck::Verified));
    assert_eq!(how(&auth, &a), Ok(TokenCheck::Cached));
    assert_eq!(
        auth.replace(keys(&[stays.named("a"), goes.named("b")])),
        KeyChange::default()
    );
    auth.replace(keys(&[]));
    assert_eq!(how(&auth, &a), Err(AuthError::UnknownKey));
    assert_eq!(
        how(&auth, &stays.token(None)),
        Err(AuthError::WrongAlgorithm)
    );
}

#[test]
fn auth_4_a_name_that_stands_for_another_key_ends_the_first_ones_tokens() {
    let (old, new) = (Pair::ed25519(), Pair::ed25519());
    let auth = with_file(&[old.named("a")]);
    let token = old.token(Some("a"));
    assert!(how(&auth, &token).is_ok());
    let change = auth.replace(keys(&[new.named("a")]));
    assert_eq!((change.added, change.withdrawn), (1, 1));
    assert_eq!(how(&auth, &token), Err(AuthError::Forged));
    assert!(how(&auth, &new.token(Some("a"))).is_ok());
}

#[test]
fn auth_4_a_rotated_secret_ends_its_tokens() {
    let auth = Auth::new(&kind()).unwrap();
    let token = sign(&kind(), "demo", "", NOW, 60).unwrap();
    assert!(how(&auth, &token).is_ok());
    let mut rotated = kind();
    rotated.secret = [b'n'; 32].into();
    auth.replace(Keys::new(Some(&rotated.secret), None).unwrap());
    assert_eq!(how(&auth, &token), Err(AuthError::Forged));
    assert!(how(&auth, &sign(&rotated, "demo", "", NOW, 60).unwrap()).is_ok());
}

/// A key withdrawn between choosing it and checking with it.
/// AUTH-4.
#[test]
fn auth_4_a_token_under_way_is_not_let_through() {
    let pair = Pair::ed25519();
    let auth = with_file(&[pair.named("a")]);
    let token = pair.token(Some("a"));
    let under_way = Unproved::read(&token, &expected(), &auth.keys(), NOW).unwrap();
    auth.replace(keys(&[]));
    assert_eq!(under_way.prove().err(), Some(AuthError::UnknownKey));
}

fn polled<T>(future: std::pin::Pin<&mut impl Future<Output = T>>) -> Poll<T> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

/// AUTH-5: one more than may wait is refused before anything is computed.
#[test]
fn auth_5_more_than_may_wait_are_refused_at_once() {
    let pair = Pair::ed25519();
    let auth = with_file(&[pair.named("a")]);
    let token = pair.token(Some("a"));
    let read = || Unproved::read(&token, &expected(), &auth.keys(), NOW).unwrap();
    let (verifiers, queue) = Verifiers::idle();
    let mut waiting: Vec<_> = (0..VERIFICATIONS_WAITING_MAX)
        .map(|_| Box::pin(verifiers.prove(read(), NOW)))
        .collect();
    for one in &mut waiting {
        assert!(polled(one.as_mut()).is_pending());
    }
    let mut refused = pin!(verifiers.prove(read(), NOW));
    assert!(matches!(
        polled(refused.as_mut()),
        Poll::Ready(Err(AuthError::Busy))
    ));
    // A thread takes them up: those that gave up meanwhile cost nothing.
    waiting.truncate(1);
    let cache = Arc::clone(&auth.verified);
    let worker = std::thread::spawn(move || queue.work_off(&cache));
    drop(verifiers);
    worker.join().unwrap();
    let Poll::Ready(Ok(verified)) = polled(waiting[0].as_mut()) else {
        panic!("not answered");
    };
    assert_eq!(&*verified.tenant_name, "demo");
    assert_eq!(auth.verified.len(), 1);
}

/// AUTH-1 where threads verify: of four tokens the three genuine ones are known.
#[test]
fn verifying_threads_answer_as_the_asking_one_does() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let pairs = [Pair::rsa(), Pair::p256(), Pair::ed25519()];
    let named = pairs.each_ref().map(|pair| pair.jwk.clone());
    let auth = Auth::with_verifiers(expected(), keys(&named), 2).unwrap();
    let mut good: Vec<String> = pairs.iter().map(|pair| pair.token(None)).collect();
    let forged = Pair::ed25519().token(None);
    let ask = |token: &str| {
        let header = format!("Bearer {token}");
        let admitted = auth.admit(Some(header.as_bytes()), NOW, declared);
        runtime
            .block_on(admitted)
            .map(|credential| credential.check)
    };
    good.sort();
    for token in &good {
        assert_eq!(ask(token), Ok(TokenCheck::Verified));
        assert_eq!(ask(token), Ok(TokenCheck::Cached));
    }
    assert_eq!(ask(&forged), Err(AuthError::Forged));
    assert_eq!(ask("a.b.c"), Err(AuthError::Malformed));
    assert_eq!(auth.verified.len(), 3);
}

#[test]
fn private_keys_of_other_kinds_sign_nothing() {
    let pem = |label: &str, der: &[u8]| {
        format!(
            "-----BEGIN {label}-----\n{}\n-----END {label}-----\n",
            STANDARD.encode(der)
        )
    };
    let public = Pair::ed25519().pem.replace("PRIVATE", "PUBLIC");
    for text in [
        String::new(),
        "secret".to_owned(),
        pem("PRIVATE KEY", b"x"),
        public,
    ] {
        let signer = super::Signer::pem("i", "a", text.as_bytes(), None);
        let token = signer.and_then(|signer| signer.sign("demo", "", NOW, 60));
        assert!(token.is_err(), "{text}");
    }
}
