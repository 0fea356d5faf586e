//! Pairs that are in order and pairs that are not; the two instants of a certificate.

use std::path::Path;

use rcgen::{CertificateParams, KeyPair, date_time_ymd};

use super::*;

/// Certificate and key in PEM.
fn pair() -> (String, String) {
    let made = rcgen::generate_simple_self_signed(["gate.test".to_owned()]).unwrap();
    (made.cert.pem(), made.signing_key.serialize_pem())
}

fn open(dir: &Path, cert: &str, key: &str) -> Result<Certificate, TlsFault> {
    let files = PemFiles {
        cert: dir.join("cert.pem"),
        key: dir.join("key.pem"),
    };
    std::fs::write(&files.cert, cert).unwrap();
    std::fs::write(&files.key, key).unwrap();
    Certificate::open(files)
}

/// TLS-1: what is wrong is named by file and reason, and is taken by halves never.
#[test]
fn a_faulty_pair_is_refused_by_file_and_reason() {
    let dir = tempfile::tempdir().unwrap();
    let ((cert, key), (_, other)) = (pair(), pair());
    assert!(open(dir.path(), &cert, &key).is_ok());
    let encrypted = key.replace("PRIVATE KEY", "ENCRYPTED PRIVATE KEY");
    let cut = key.replace("-----END PRIVATE KEY-----", "");
    let no_cert = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    let no_key = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n";
    let (long, many) = ("x".repeat(256 * 1024 + 1), cert.repeat(17));
    for (cert, key, expected) in [
        (
            &*cert,
            &*other,
            "tls.key_file: is not the key of the certificate in tls.cert_file",
        ),
        ("", &key, "tls.cert_file: holds no CERTIFICATE section"),
        (&key, &key, "tls.cert_file: holds no CERTIFICATE section"),
        (
            no_cert,
            &key,
            "tls.cert_file: the first certificate cannot be read",
        ),
        (
            &many,
            &key,
            "tls.cert_file: holds more than 16 certificates",
        ),
        (&long, &key, "tls.cert_file: has more than 262144 bytes"),
        (
            &cert,
            "",
            "tls.key_file: holds no PRIVATE KEY section that is not encrypted",
        ),
        (
            &cert,
            &cert,
            "tls.key_file: holds no PRIVATE KEY section that is not encrypted",
        ),
        (
            &cert,
            &encrypted,
            "tls.key_file: holds no PRIVATE KEY section that is not encrypted",
        ),
        (&cert, &cut, "tls.key_file: holds a broken PEM section"),
        (
            &cert,
            no_key,
            "tls.key_file: the key is of no supported kind",
        ),
        (
            &cert,
            &[&*key, &*key].concat(),
            "tls.key_file: holds more than one private key",
        ),
        (&cert, &long, "tls.key_file: has more than 262144 bytes"),
    ] {
        let fault = open(dir.path(), cert, key).unwrap_err();
        assert_eq!(fault.to_string(), expected);
    }
    std::fs::remove_file(dir.path().join("key.pem")).unwrap();
    let files = PemFiles {
        cert: dir.path().join("key.pem"),
        key: dir.path().join("key.pem"),
    };
    let fault = Certificate::open(files).unwrap_err();
    assert_eq!(
        fault.to_string(),
        "tls.cert_file: cannot be read: entity not found"
    );
}

#[test]
fn a_file_of_the_greatest_length_is_read() {
    let dir = tempfile::tempdir().unwrap();
    let (mut cert, key) = pair();
    cert.push_str(&"\n".repeat(256 * 1024 - cert.len()));
    assert!(open(dir.path(), &cert, &key).is_ok());
}

/// TLS-2.
#[test]
fn nothing_shows_the_key() {
    let dir = tempfile::tempdir().unwrap();
    let (cert, key) = pair();
    let shown = format!("{:?}", open(dir.path(), &cert, &key).unwrap());
    let secret: Vec<&str> = key.lines().filter(|line| !line.starts_with('-')).collect();
    assert!(secret.len() > 1);
    assert!(secret.iter().all(|line| !shown.contains(line)), "{shown}");
}

#[test]
fn nothing_is_sent_early_and_both_protocols_are_offered() {
    let dir = tempfile::tempdir().unwrap();
    let (cert, key) = pair();
    let setup = open(dir.path(), &cert, &key).unwrap().setup();
    assert_eq!(setup.max_early_data_size, 0);
    assert!(!setup.send_half_rtt_data);
    assert_eq!(setup.alpn_protocols, [H2, HTTP_1_1]);
}

fn valid(from: (i32, u8, u8), to: (i32, u8, u8)) -> Vec<u8> {
    let mut params = CertificateParams::new(["gate.test".to_owned()]).unwrap();
    params.not_before = date_time_ymd(from.0, from.1, from.2);
    params.not_after = date_time_ymd(to.0, to.1, to.2);
    let key = KeyPair::generate().unwrap();
    params.self_signed(&key).unwrap().der().to_vec()
}

#[test]
fn both_instants_are_read_in_both_of_their_forms() {
    // Up to 2049 a certificate has two digits of a year, from 2050 on four.
    for (from, to, expected) in [
        ((1950, 1, 1), (2049, 12, 31), ["1950-01-01", "2049-12-31"]),
        ((2026, 5, 5), (2050, 1, 1), ["2026-05-05", "2050-01-01"]),
        ((2050, 2, 28), (4096, 2, 29), ["2050-02-28", "4096-02-29"]),
    ] {
        let at = |day: &str| UnixSeconds::parse(&format!("{day}T00:00:00Z")).unwrap();
        let validity = Validity::of(&valid(from, to)).unwrap();
        let [not_before, not_after] = expected.map(at);
        assert_eq!(
            (validity.not_before, validity.not_after),
            (not_before, not_after)
        );
        assert!(validity.holds(not_before) && validity.holds(not_after));
        assert!(!validity.holds(not_before.minus(1)) && !validity.holds(not_after.plus(1)));
    }
}

#[test]
fn a_certificate_cut_or_bent_anywhere_is_none_or_has_some_validity() {
    let whole = valid((2026, 1, 1), (2027, 1, 1));
    let expected = Validity::of(&whole);
    assert!(expected.is_some());
    for length in 0..whole.len() {
        assert_eq!(Validity::of(&whole[..length]), None, "{length}");
    }
    for at in 0..whole.len() {
        for bit in 0..8 {
            let mut bent = whole.clone();
            bent[at] ^= 1 << bit;
            // Not to panic is all that is asked.
            let _read = Validity::of(&bent);
        }
    }
}
