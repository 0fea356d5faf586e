//! Every way in which a file of keys is refused, by name.

use serde_json::{Value, json};

use super::*;
use crate::transport::auth::alg::Alg;
use crate::wire::limits::KID_BYTES_MAX;

const N: &str = "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ";

fn rsa() -> Value {
    json!({"kty": "RSA", "kid": "r", "n": N, "e": "AQAB"})
}

fn ec() -> Value {
    json!({"kty": "EC", "crv": "P-256", "kid": "e",
        "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
        "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"})
}

fn ed() -> Value {
    json!({"kty": "OKP", "crv": "Ed25519", "kid": "d",
        "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"})
}

fn oct(bytes: usize) -> Value {
    json!({"kty": "oct", "kid": "s", "k": base64url(&vec![7; bytes])})
}

fn base64url(bytes: &[u8]) -> String {
    use base64::Engine;
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes)
}

fn with(mut jwk: Value, member: &str, value: Value) -> Value {
    jwk[member] = value;
    jwk
}

fn without(mut jwk: Value, member: &str) -> Value {
    jwk.as_object_mut().unwrap().remove(member);
    jwk
}

fn read_keys(keys: &[Value]) -> Result<Vec<Key>, Vec<KeyFinding>> {
    read(json!({ "keys": keys }).to_string().as_bytes())
}

/// What is wrong with a file of this one key.
fn faults(jwk: Value) -> Vec<KeyFault> {
    let found = read_keys(&[jwk]).map(drop).err().unwrap_or_default();
    found.into_iter().map(|finding| finding.what).collect()
}

/// A modulus of so many bits, odd.
fn modulus(bits: usize) -> Value {
    let mut n = vec![0xff; bits.div_ceil(8)];
    n[0] >>= (8 - bits % 8) % 8;
    json!(base64url(&n))
}

#[test]
fn good_keys_of_every_kind() {
    let keys = read_keys(&[rsa(), ec(), ed(), oct(32)]).unwrap();
    let algs: Vec<Alg> = keys.iter().map(Key::alg).collect();
    assert_eq!(algs, [Alg::Rs256, Alg::Es256, Alg::EdDsa, Alg::Hs256]);
    let kids: Vec<_> = keys.iter().filter_map(Key::kid).collect();
    assert_eq!(kids, ["r", "e", "d", "s"]);
    assert!(read_keys(&[]).unwrap().is_empty());
    for (member, value) in [
        ("alg", json!("RS256")),
        ("use", json!("sig")),
        ("key_ops", json!(["verify"])),
        ("x5c", json!(["AAAA"])),
        ("kid", json!("k".repeat(KID_BYTES_MAX))),
        ("n", modulus(2048)),
        ("n", modulus(4096)),
        ("n", json!(format!("AAAA{N}"))),
        ("e", json!("AAEAAQ")),
        ("e", json!("_____w")),
    ] {
        assert_eq!(
            faults(with(rsa(), member, value.clone())),
            [],
            "{member} {value}"
        );
    }
    // Two without a name, of two algorithms, can be told apart.
    assert!(read_keys(&[without(rsa(), "kid"), without(ed(), "kid")]).is_ok());
}

#[test]
fn each_fault_of_what_a_key_is_for_by_its_name() {
    for (jwk, fault) in [
        (json!([]), KeyFault::NoKey),
        (json!({}), KeyFault::Missing("kty")),
        (with(rsa(), "kty", json!(7)), KeyFault::NotText("kty")),
        (with(rsa(), "kty", json!("rsa")), KeyFault::UnknownKty),
        (
            with(ec(), "crv", json!("P-384")),
            KeyFault::UnknownCrv("P-256"),
        ),
        (
            with(ec(), "crv", json!("secp256k1")),
            KeyFault::UnknownCrv("P-256"),
        ),
        (
            with(ed(), "crv", json!("Ed448")),
            KeyFault::UnknownCrv("Ed25519"),
        ),
        (
            with(ed(), "crv", json!("X25519")),
            KeyFault::UnknownCrv("Ed25519"),
        ),
        (without(ec(), "crv"), KeyFault::Missing("crv")),
        (with(rsa(), "alg", json!("PS256")), KeyFault::UnknownAlg),
        (with(rsa(), "alg", json!("none")), KeyFault::UnknownAlg),
        (with(rsa(), "alg", json!(["RS256"])), KeyFault::UnknownAlg),
        (
            with(rsa(), "alg", json!("HS256")),
            KeyFault::OtherAlg(Alg::Rs256),
        ),
        (
            with(oct(32), "alg", json!("RS256")),
            KeyFault::OtherAlg(Alg::Hs256),
        ),
        (with(rsa(), "use", json!("enc")), KeyFault::OtherUse),
        (with(rsa(), "key_ops", json!(["sign"])), KeyFault::NoVerify),
        (with(rsa(), "key_ops", json!("verify")), KeyFault::NoVerify),
        (with(rsa(), "kid", json!("")), KeyFault::BadKid),
        (with(rsa(), "kid", json!("a b")), KeyFault::BadKid),
        (with(rsa(), "kid", json!("\u{e9}")), KeyFault::BadKid),
        (with(rsa(), "kid", json!(7)), KeyFault::BadKid),
        (
            with(rsa(), "kid", json!("k".repeat(KID_BYTES_MAX + 1))),
            KeyFault::BadKid,
        ),
    ] {
        assert_eq!(faults(jwk.clone()), [fault], "{jwk}");
    }
}

#[test]
fn each_fault_of_what_a_key_is_made_of_by_its_name() {
    let zero = json!(base64url(&[0; 32]));
    for (jwk, fault) in [
        (without(rsa(), "n"), KeyFault::Missing("n")),
        (without(rsa(), "e"), KeyFault::Missing("e")),
        (without(ec(), "x"), KeyFault::Missing("x")),
        (without(ec(), "y"), KeyFault::Missing("y")),
        (without(ed(), "x"), KeyFault::Missing("x")),
        (without(oct(32), "k"), KeyFault::Missing("k")),
        (
            with(rsa(), "n", json!(format!("{N}="))),
            KeyFault::NotBase64("n"),
        ),
        (with(rsa(), "n", json!("a+/b")), KeyFault::NotBase64("n")),
        (with(rsa(), "n", modulus(2047)), KeyFault::RsaBits(2047)),
        (with(rsa(), "n", modulus(4097)), KeyFault::RsaBits(4097)),
        (with(rsa(), "e", json!("AQ")), KeyFault::RsaExponent),
        (with(rsa(), "e", json!("Aw")), KeyFault::RsaExponent),
        (with(rsa(), "e", json!("AQAA")), KeyFault::RsaExponent),
        (with(rsa(), "e", json!("AQAAAAE")), KeyFault::RsaExponent),
        (with(rsa(), "e", json!("")), KeyFault::RsaExponent),
        (with(ec(), "x", json!("AQAB")), KeyFault::Length("x", 32)),
        (with(ec(), "y", zero.clone()), KeyFault::NoPoint),
        (with(ed(), "x", json!("AQAB")), KeyFault::Length("x", 32)),
        (with(ed(), "x", zero), KeyFault::WeakPoint),
        (oct(31), KeyFault::ShortSecret),
    ] {
        assert_eq!(faults(jwk.clone()), [fault], "{jwk}");
    }
    let mut even = vec![0xff; 256];
    even[255] = 0xfe;
    let even = with(rsa(), "n", json!(base64url(&even)));
    assert_eq!(faults(even), [KeyFault::RsaEven]);
}

#[test]
fn private_parts_are_refused_wherever_they_stand() {
    for part in ["d", "p", "q", "dp", "dq", "qi", "oth", "k"] {
        for jwk in [rsa(), ec(), ed()] {
            let found = faults(with(jwk, part, json!("AQAB")));
            assert_eq!(found, [KeyFault::PrivatePart(part)]);
        }
    }
    assert_eq!(
        faults(with(oct(32), "d", json!(""))),
        [KeyFault::PrivatePart("d")]
    );
}

/// Every encoding of a point of small order, and both signs of each.
#[test]
fn keys_under_which_anybody_can_sign_are_refused() {
    let mut weak: Vec<[u8; 32]> = members::SMALL_ORDER.to_vec();
    for low in 0xed..=0xff {
        let mut y = [0xff; 32];
        (y[0], y[31]) = (low, 0x7f);
        weak.push(y);
    }
    for y in weak {
        for sign in [0, 0x80] {
            let mut point = y;
            point[31] |= sign;
            let jwk = with(ed(), "x", json!(base64url(&point)));
            assert_eq!(faults(jwk), [KeyFault::WeakPoint], "{point:x?}");
        }
    }
}

#[test]
fn every_finding_is_told_at_once_and_names_its_key() {
    let found = read_keys(&[
        rsa(),
        with(with(ec(), "kid", json!("r")), "use", json!("sig")),
        with(rsa(), "kid", json!("again")),
        with(with(ed(), "use", json!("enc")), "d", json!("secret")),
        with(without(ed(), "kid"), "x", json!("!")),
        json!(7),
    ]);
    let lines: Vec<String> = found.unwrap_err().iter().map(ToString::to_string).collect();
    assert_eq!(
        lines,
        [
            "key 2 (\"r\"): has the kid of key 1",
            "key 3 (\"again\"): is the same key as key 1",
            "key 4 (\"d\"): use is not \"sig\"",
            "key 4 (\"d\"): d is a private part, which does not belong in this file",
            "key 5: x is not base64url without padding",
            "key 6: is no JSON object, or states a member twice",
        ]
    );
    let nameless = |x: u8| {
        let k = base64url(&[x; 32]);
        json!({"kty": "oct", "k": k})
    };
    let told = read_keys(&[nameless(1), nameless(2)]).unwrap_err();
    assert_eq!(told[0].what, KeyFault::Nameless(1));
}

#[test]
fn files_that_are_no_set_of_keys() {
    for text in [
        "",
        "[]",
        "{}",
        "{\"keys\":{}}",
        "{\"keys\":[",
        "{\"keys\":[],\"keys\":[]}",
        "\u{feff}{\"keys\":[]}",
    ] {
        let told = read(text.as_bytes()).unwrap_err();
        assert!(matches!(told[0].what, KeyFault::NoSet { .. }), "{text}");
        assert_eq!(told[0].place, KeyPlace::File);
    }
    let doubled = r#"{"keys":[{"kty":"oct","kid":"a","kid":"b","k":"AAAA"}]}"#;
    let told = read(doubled.as_bytes()).unwrap_err();
    assert_eq!(
        told[0].to_string(),
        "key 1: is no JSON object, or states a member twice"
    );
    let whole = json!({ "keys": [rsa(), ec()] }).to_string();
    for end in 0..whole.len() {
        assert!(read(&whole.as_bytes()[..end]).is_err(), "cut at {end}");
    }
}

#[test]
fn a_file_has_bounds() {
    let many = |count: usize| {
        let key = |n: u8| json!({"kty": "oct", "kid": n.to_string(), "k": base64url(&[n; 32])});
        (0..=u8::MAX).take(count).map(key).collect::<Vec<_>>()
    };
    assert_eq!(read_keys(&many(KEYS_MAX)).unwrap().len(), KEYS_MAX);
    let told = read_keys(&many(KEYS_MAX + 1)).unwrap_err();
    assert_eq!(told[0].what, KeyFault::TooMany(KEYS_MAX + 1));
    let padded = |length: usize| {
        let mut text = "{\"keys\":[]}".to_owned();
        text.push_str(&" ".repeat(length - text.len()));
        text
    };
    assert!(read(padded(JWKS_BYTES_MAX).as_bytes()).is_ok());
    let told = read(padded(JWKS_BYTES_MAX + 1).as_bytes()).unwrap_err();
    assert_eq!(told[0].what, KeyFault::FileTooLarge);
}
