//! One key's members, and the key they make.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde_json::Value;

use super::fault::KeyFault;
use crate::transport::auth::SECRET_BYTES_MIN;
use crate::transport::auth::alg::Alg;
use crate::transport::auth::key::{Key, Material};
use crate::wire::limits::{KID_BYTES_MAX, RSA_BITS_MAX, RSA_BITS_MIN, RSA_EXPONENT_MIN};

/// The members that mean something here (RFC 7517, 4; RFC 7518, 6; RFC 8037, 2). Stated twice, one
/// of them is an error; others are passed over.
#[derive(Deserialize)]
pub(super) struct Members {
    kty: Option<Value>,
    crv: Option<Value>,
    alg: Option<Value>,
    kid: Option<Value>,
    #[serde(rename = "use")]
    usage: Option<Value>,
    key_ops: Option<Value>,
    n: Option<Value>,
    e: Option<Value>,
    x: Option<Value>,
    y: Option<Value>,
    k: Option<Value>,
    d: Option<Value>,
    p: Option<Value>,
    q: Option<Value>,
    dp: Option<Value>,
    dq: Option<Value>,
    qi: Option<Value>,
    oth: Option<Value>,
}

impl Members {
    /// The key's name if it is a good one, and the key or everything that is wrong with it.
    pub(super) fn key(&self) -> (Option<Arc<str>>, Result<Key, Vec<KeyFault>>) {
        let mut faults = Vec::new();
        let kid = match self.kid.as_ref().map(good_kid) {
            None => None,
            Some(Some(kid)) => Some(kid),
            Some(None) => {
                faults.push(KeyFault::BadKid);
                None
            }
        };
        self.check_purpose(&mut faults);
        self.check_public(&mut faults);
        let material = self.material(&mut faults);
        if let Some(material) = &material {
            self.check_alg(material.alg(), &mut faults);
        }
        let made = match material.filter(|_| faults.is_empty()) {
            None => Err(faults),
            Some(material) => {
                let alg = material.alg();
                let key = Key::new(kid.as_deref().map(Into::into), material);
                key.ok_or_else(|| vec![no_key(alg)])
            }
        };
        (kid, made)
    }

    /// `use` and `key_ops`, where they are stated.
    fn check_purpose(&self, faults: &mut Vec<KeyFault>) {
        if self.usage.as_ref().is_some_and(|usage| usage != "sig") {
            faults.push(KeyFault::OtherUse);
        }
        let verifies = |ops: &Value| {
            ops.as_array()
                .is_some_and(|ops| ops.iter().any(|op| op == "verify"))
        };
        if self.key_ops.as_ref().is_some_and(|ops| !verifies(ops)) {
            faults.push(KeyFault::NoVerify);
        }
    }

    fn check_public(&self, faults: &mut Vec<KeyFault>) {
        let private = [
            ("d", &self.d),
            ("p", &self.p),
            ("q", &self.q),
            ("dp", &self.dp),
            ("dq", &self.dq),
            ("qi", &self.qi),
            ("oth", &self.oth),
        ];
        let stated = private.iter().filter(|(_, member)| member.is_some());
        faults.extend(stated.map(|(name, _)| KeyFault::PrivatePart(name)));
        let shared = self.kty.as_ref().is_some_and(|kty| kty == "oct");
        if self.k.is_some() && !shared {
            faults.push(KeyFault::PrivatePart("k"));
        }
    }

    /// `alg` may be absent: each kind of key has one algorithm here.
    fn check_alg(&self, implied: Alg, faults: &mut Vec<KeyFault>) {
        let Some(stated) = &self.alg else {
            return;
        };
        match stated.as_str().and_then(Alg::parse) {
            None => faults.push(KeyFault::UnknownAlg),
            Some(alg) if alg != implied => faults.push(KeyFault::OtherAlg(implied)),
            Some(_) => {}
        }
    }

    fn material(&self, faults: &mut Vec<KeyFault>) -> Option<Material> {
        let kty = noted(text("kty", self.kty.as_ref()), faults)?;
        match kty {
            "RSA" => self.rsa(faults),
            "EC" => {
                self.check_crv("P-256", faults);
                let x = noted(sized("x", self.x.as_ref()), faults);
                let y = noted(sized("y", self.y.as_ref()), faults);
                Some(Material::P256(uncompressed(x?, y?)))
            }
            "OKP" => {
                self.check_crv("Ed25519", faults);
                let x = noted(sized("x", self.x.as_ref()), faults)?;
                if is_weak(&x) {
                    faults.push(KeyFault::WeakPoint);
                }
                Some(Material::Ed25519(x))
            }
            "oct" => {
                let secret = noted(bytes("k", self.k.as_ref()), faults)?;
                if secret.len() < SECRET_BYTES_MIN {
                    faults.push(KeyFault::ShortSecret);
                }
                Some(Material::Secret(secret.into()))
            }
            _ => {
                faults.push(KeyFault::UnknownKty);
                None
            }
        }
    }

    fn rsa(&self, faults: &mut Vec<KeyFault>) -> Option<Material> {
        let n = noted(bytes("n", self.n.as_ref()), faults);
        let e = noted(bytes("e", self.e.as_ref()), faults);
        let (n, e) = (shortest(n?), shortest(e?));
        let bits = bits(&n);
        if !(RSA_BITS_MIN..=RSA_BITS_MAX).contains(&bits) {
            faults.push(KeyFault::RsaBits(bits));
        }
        if !is_odd(&n) {
            faults.push(KeyFault::RsaEven);
        }
        let value = |bytes: &[u8]| {
            bytes
                .iter()
                .fold(0, |value, byte| value << 8 | u64::from(*byte))
        };
        if e.len() > 4 || !is_odd(&e) || value(&e) < RSA_EXPONENT_MIN {
            faults.push(KeyFault::RsaExponent);
        }
        Some(Material::Rsa { n, e })
    }

    fn check_crv(&self, curve: &'static str, faults: &mut Vec<KeyFault>) {
        match noted(text("crv", self.crv.as_ref()), faults) {
            Some(stated) if stated != curve => faults.push(KeyFault::UnknownCrv(curve)),
            _ => {}
        }
    }
}

fn noted<T>(read: Result<T, KeyFault>, faults: &mut Vec<KeyFault>) -> Option<T> {
    read.map_err(|fault| faults.push(fault)).ok()
}

fn good_kid(kid: &Value) -> Option<Arc<str>> {
    let kid = kid.as_str()?;
    let good =
        (1..=KID_BYTES_MAX).contains(&kid.len()) && kid.bytes().all(|b| b.is_ascii_graphic());
    good.then(|| kid.into())
}

fn text<'a>(name: &'static str, member: Option<&'a Value>) -> Result<&'a str, KeyFault> {
    let member = member.ok_or(KeyFault::Missing(name))?;
    member.as_str().ok_or(KeyFault::NotText(name))
}

fn bytes(name: &'static str, member: Option<&Value>) -> Result<Vec<u8>, KeyFault> {
    URL_SAFE_NO_PAD
        .decode(text(name, member)?)
        .map_err(|_why| KeyFault::NotBase64(name))
}

fn sized(name: &'static str, member: Option<&Value>) -> Result<[u8; 32], KeyFault> {
    let bytes = bytes(name, member)?;
    bytes
        .try_into()
        .map_err(|_other| KeyFault::Length(name, 32))
}

/// SEC 1, 2.3.3.
fn uncompressed(x: [u8; 32], y: [u8; 32]) -> [u8; 65] {
    let mut point = [4; 65];
    point[1..33].copy_from_slice(&x);
    point[33..].copy_from_slice(&y);
    point
}

/// Without leading zeros, which some issuers write.
fn shortest(number: Vec<u8>) -> Box<[u8]> {
    let zeros = number.iter().take_while(|byte| **byte == 0).count();
    number.into_iter().skip(zeros).collect()
}

fn bits(number: &[u8]) -> usize {
    let first = number.first().map_or(0, |byte| byte.leading_zeros());
    number.len() * 8 - first as usize
}

fn is_odd(number: &[u8]) -> bool {
    number.last().is_some_and(|last| last & 1 == 1)
}

/// What a key is that the library finds none in.
fn no_key(alg: Alg) -> KeyFault {
    match alg {
        Alg::Hs256 => KeyFault::ShortSecret,
        Alg::Rs256 => KeyFault::NotBase64("n"),
        Alg::Es256 => KeyFault::NoPoint,
        Alg::EdDsa => KeyFault::WeakPoint,
    }
}

/// y coordinates of the eight points of small order on edwards25519, little-endian: 0, 1, -1 and
/// those of order eight. Under such a key one signature fits many messages.
pub(super) const SMALL_ORDER: [[u8; 32]; 5] = [
    [0; 32],
    {
        let mut one = [0; 32];
        one[0] = 1;
        one
    },
    {
        let mut minus_one = [0xff; 32];
        minus_one[0] = 0xec;
        minus_one[31] = 0x7f;
        minus_one
    },
    [
        0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98,
        0xf0, 0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53,
        0xfc, 0x05,
    ],
    [
        0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67,
        0x0f, 0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac,
        0x03, 0x7a,
    ],
];

/// Of small order, or with a y that is not the least of its kind (RFC 8032, 5.1.3).
fn is_weak(point: &[u8; 32]) -> bool {
    let mut y = *point;
    y[31] &= 0x7f;
    let not_least = y[31] == 0x7f && y[1..31].iter().all(|byte| *byte == 0xff) && y[0] >= 0xed;
    not_least || SMALL_ORDER.contains(&y)
}
