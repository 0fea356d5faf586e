//! Which key, which algorithm: both sides of AUTH-3.

use jsonwebtoken::{Algorithm, EncodingKey, Header};
use proptest::prelude::*;
use serde_json::json;

use super::{NOW, Pair, base64url, check_at, claims, expected, file, kind, with_file};
use crate::transport::auth::{Auth, AuthError, Keys, jwks, sign};
use crate::wire::limits::{KID_BYTES_MAX, TOKEN_BYTES_MAX};

/// A token whose header says what it likes, under an HMAC of `secret`.
fn hmac(header: &serde_json::Value, secret: &[u8]) -> String {
    let message = format!(
        "{}.{}",
        base64url(header.to_string()),
        base64url(claims().to_string())
    );
    let key = EncodingKey::from_secret(secret);
    let signature = jsonwebtoken::crypto::sign(message.as_bytes(), &key, Algorithm::HS256).unwrap();
    format!("{message}.{signature}")
}

#[test]
fn every_algorithm_is_verified_by_its_own_key() {
    let pairs = [Pair::rsa(), Pair::p256(), Pair::ed25519()];
    let kids = ["r", "e", "d"];
    let named: Vec<_> = pairs
        .iter()
        .zip(kids)
        .map(|(pair, kid)| pair.named(kid))
        .collect();
    let auth = with_file(&named);
    for (at, (pair, kid)) in pairs.iter().zip(kids).enumerate() {
        let tenant = check_at(&auth, &pair.token(Some(kid)), NOW)
            .unwrap()
            .caller
            .tenant_name;
        assert_eq!(&*tenant, "demo");
        // The only key of its algorithm needs no name.
        assert!(check_at(&auth, &pair.token(None), NOW).is_ok());
        for (other, wrong) in kids.iter().enumerate().filter(|(other, _)| *other != at) {
            let told = check_at(&auth, &pair.token(Some(wrong)), NOW).unwrap_err();
            assert_eq!(
                told,
                AuthError::WrongAlgorithm,
                "{kid} as {wrong} ({other})"
            );
        }
    }
    assert_eq!(auth.verified.len(), 6);
    let shared = sign(&kind(), "demo", "", NOW, 60).unwrap();
    assert_eq!(
        check_at(&auth, &shared, NOW),
        Err(AuthError::WrongAlgorithm)
    );
}

#[test]
fn auth_3_with_two_keys_of_an_algorithm_a_token_must_name_its_own() {
    let (one, two) = (Pair::ed25519(), Pair::ed25519());
    let auth = with_file(&[one.named("one"), two.named("two")]);
    assert!(check_at(&auth, &one.token(Some("one")), NOW).is_ok());
    assert!(check_at(&auth, &two.token(Some("two")), NOW).is_ok());
    assert_eq!(
        check_at(&auth, &one.token(Some("two")), NOW),
        Err(AuthError::Forged)
    );
    assert_eq!(
        check_at(&auth, &one.token(None), NOW),
        Err(AuthError::UnknownKey)
    );
}

#[test]
fn names_are_looked_up_and_nothing_else_is_done_with_them() {
    let pair = Pair::ed25519();
    let auth = with_file(&[pair.named("one")]);
    let long = "k".repeat(KID_BYTES_MAX + 1);
    for kid in [
        "",
        "One",
        "one ",
        "../one",
        "/dev/null",
        "one\0",
        "' OR 1=1",
        "http://a/",
        &*long,
    ] {
        let told = check_at(&auth, &pair.token(Some(kid)), NOW).unwrap_err();
        assert_eq!(told, AuthError::UnknownKey, "{kid:?}");
    }
    // Without a key file there is nothing to choose, and issuers that name their secret are heard.
    let only_secret = Auth::new(&kind()).unwrap();
    let named = hmac(&json!({"alg": "HS256", "kid": "any"}), &kind().secret);
    assert!(check_at(&only_secret, &named, NOW).is_ok());
}

#[test]
fn secret_and_file_stand_beside_each_other() {
    let pair = Pair::p256();
    let keys = Keys::new(Some(&kind().secret), Some(file(&[pair.named("one")]))).unwrap();
    assert_eq!(keys.count(), 2);
    let auth = Auth::inline(expected(), keys);
    assert!(check_at(&auth, &pair.token(Some("one")), NOW).is_ok());
    assert!(check_at(&auth, &sign(&kind(), "demo", "", NOW, 60).unwrap(), NOW).is_ok());
    let named = hmac(&json!({"alg": "HS256", "kid": "one"}), &kind().secret);
    assert_eq!(check_at(&auth, &named, NOW), Err(AuthError::WrongAlgorithm));
    let unknown = hmac(&json!({"alg": "HS256", "kid": "two"}), &kind().secret);
    assert_eq!(check_at(&auth, &unknown, NOW), Err(AuthError::UnknownKey));
    // A shared secret may have a name, in the file.
    let oct = json!({"kty": "oct", "k": base64url(&kind().secret), "kid": "s"});
    let named = hmac(&json!({"alg": "HS256", "kid": "s"}), &kind().secret);
    assert!(check_at(&with_file(&[oct]), &named, NOW).is_ok());
}

/// What is public must be no secret.
#[test]
fn a_public_key_is_no_shared_secret() {
    for pair in [Pair::rsa(), Pair::p256(), Pair::ed25519()] {
        let jwk = pair.named("one");
        let auth = with_file(std::slice::from_ref(&jwk));
        let coordinates = ["n", "x"].map(|name| jwk[name].as_str().unwrap_or_default().to_owned());
        let public_pem = pair.pem.replace("PRIVATE", "PUBLIC");
        let [n, x] = coordinates.each_ref().map(String::as_bytes);
        for secret in [n, x, jwk.to_string().as_bytes(), public_pem.as_bytes(), b""] {
            for kid in [json!("one"), json!(null)] {
                let token = hmac(&json!({"alg": "HS256", "kid": kid}), secret);
                assert_eq!(check_at(&auth, &token, NOW), Err(AuthError::WrongAlgorithm));
            }
            let alg = auth.keys().all_algs()[0].as_str();
            let token = hmac(&json!({"alg": alg, "kid": "one"}), secret);
            assert_eq!(check_at(&auth, &token, NOW), Err(AuthError::Forged));
        }
    }
}

/// A header may bring a key along, or say where one lies: neither is looked at.
#[test]
fn a_token_brings_no_key_of_its_own() {
    let (ours, theirs) = (Pair::ed25519(), Pair::ed25519());
    let auth = with_file(&[ours.named("one")]);
    let mut header = Header::new(Algorithm::EdDSA);
    header.kid = Some("one".to_owned());
    header.jwk = Some(serde_json::from_value(theirs.named("one")).unwrap());
    header.jku = Some("http://127.0.0.1:9/jwks.json".to_owned());
    let key = EncodingKey::from_ed_pem(theirs.pem.as_bytes()).unwrap();
    let token = jsonwebtoken::encode(&header, &claims(), &key).unwrap();
    assert_eq!(check_at(&auth, &token, NOW), Err(AuthError::Forged));
}

#[test]
fn what_is_stated_twice_or_must_be_understood_is_malformed() {
    let auth = Auth::new(&kind()).unwrap();
    let claims = claims().to_string();
    let twice = |more: &str| claims.replacen('{', &format!("{{{more},"), 1);
    let plain = r#"{"alg":"HS256"}"#.to_owned();
    for (header, claims, good) in [
        (plain.clone(), claims.clone(), true),
        (plain.clone(), twice(r#""other":1,"other":2"#), true),
        (plain.clone(), twice(r#""tenant_id":"demo-b""#), false),
        (plain.clone(), twice(r#""exp":9999999999"#), false),
        (plain.clone(), twice(r#""aud":"x""#), false),
        (plain, twice(r#""scope":"admin""#), false),
        (
            r#"{"alg":"HS256","kid":"a","kid":"b"}"#.to_owned(),
            claims.clone(),
            false,
        ),
        (
            r#"{"alg":"HS256","crit":["b64"],"b64":false}"#.to_owned(),
            claims.clone(),
            false,
        ),
        (
            r#"{"alg":"HS256","crit":[]}"#.to_owned(),
            claims.clone(),
            false,
        ),
        (
            r#"{"alg":"HS256","crit":null}"#.to_owned(),
            claims.clone(),
            false,
        ),
        (
            r#"{"alg":"HS256","kid":7}"#.to_owned(),
            claims.clone(),
            false,
        ),
    ] {
        let message = format!("{}.{}", base64url(&header), base64url(&claims));
        let key = EncodingKey::from_secret(&kind().secret);
        let signature = jsonwebtoken::crypto::sign(message.as_bytes(), &key, Algorithm::HS256);
        let token = format!("{message}.{}", signature.unwrap());
        let told = check_at(&auth, &token, NOW).map(drop);
        let expected = if good {
            Ok(())
        } else {
            Err(AuthError::Malformed)
        };
        assert_eq!(told, expected, "{header} {claims}");
    }
}

#[test]
fn a_token_has_one_spelling_and_a_bound() {
    let auth = Auth::new(&kind()).unwrap();
    let good = sign(&kind(), "demo", "", NOW, 60).unwrap();
    for bad in [
        format!("{good}="),
        format!("{good}."),
        format!(".{good}"),
        format!("{good}.{good}"),
        good.replace('.', ".."),
        good.replacen('.', "", 1),
    ] {
        assert_eq!(
            check_at(&auth, &bad, NOW),
            Err(AuthError::Malformed),
            "{bad}"
        );
    }
    let scope = |length: usize| sign(&kind(), "demo", &"s".repeat(length), NOW, 60).unwrap();
    let bare = scope(0).len();
    let fits = (TOKEN_BYTES_MAX - bare) * 3 / 4;
    assert!(check_at(&auth, &scope(fits - 3), NOW).is_ok());
    assert_eq!(
        check_at(&auth, &scope(fits + 3), NOW),
        Err(AuthError::Malformed)
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// Whatever is done to a good token, it passes only unchanged.
    #[test]
    fn auth_3_what_no_key_signed_never_passes(
        which in 0..3_usize, at in any::<prop::sample::Index>(), byte in 0x21..0x7f_u8,
    ) {
        thread_local! {
            static PAIRS: (Auth, [String; 3]) = {
                let pairs = [Pair::rsa(), Pair::p256(), Pair::ed25519()];
                let keys = pairs.each_ref().map(|pair| pair.jwk.clone());
                let tokens = pairs.each_ref().map(|pair| pair.token(None));
                (with_file(&keys), tokens)
            };
        }
        PAIRS.with(|(auth, tokens)| {
            let good = &tokens[which];
            let mut bytes = good.clone().into_bytes();
            let at = at.index(bytes.len());
            bytes[at] = byte;
            let token = String::from_utf8(bytes).unwrap();
            prop_assert_eq!(check_at(auth, &token, NOW).is_ok(), token == *good);
            let (head, _) = token.rsplit_once('.').unwrap_or_default();
            let (_, other) = tokens[(which + 1) % 3].rsplit_once('.').unwrap();
            let crossed = format!("{head}.{other}");
            prop_assert!(check_at(auth, &crossed, NOW).is_err());
            Ok(())
        })?;
    }

    /// No bytes make the reader panic, and what it takes verifies nothing by itself.
    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        if let Ok(keys) = jwks::read(&bytes) {
            prop_assert!(keys.iter().all(|key| !key.is_genuine(b"", b"")));
        }
    }
}
