//! What a bad configuration is told, exactly.

use std::path::PathBuf;

use super::*;
use crate::config::ConfigErrors;

fn none() -> std::iter::Empty<(String, String)> {
    std::iter::empty()
}

fn env(pairs: &[(&str, &str)]) -> impl Iterator<Item = (String, String)> {
    let owned: Vec<_> = pairs
        .iter()
        .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
        .collect();
    owned.into_iter()
}

fn parse(
    text: &str,
    env: impl Iterator<Item = (String, String)>,
) -> Result<Settings, ConfigErrors> {
    let mut errors = ConfigErrors::default();
    let read = Settings::parse("f.toml", text, env, &mut errors);
    errors.none_or(())?;
    Ok(read.unwrap())
}

const LEAST: &str = "[auth]\nsecret_env = \"KEY\"\n";

fn told(text: &str, pairs: &[(&str, &str)]) -> String {
    parse(text, env(pairs)).unwrap_err().to_string()
}

#[test]
fn a_file_that_says_the_least_gives_the_defaults() {
    let mut expected = Settings::default();
    expected.auth.secret_env = Some("KEY".to_owned());
    assert_eq!(parse(LEAST, none()).unwrap(), expected);
}

/// CONFIG-1: unknown keys, sections and variables.
#[test]
fn every_finding_is_told_at_once_with_file_and_key() {
    let text = "[server]\nlisten = 7\nlissten = 1\nthreads = -1\n[auth]\n[engine]\ndeadline_ms = 0\n\
                inbox_tenant_max = 9000\n[surver]\n";
    let got = told(
        text,
        &[
            ("DIALGATE_LEDGER__SEGMENT_BYTES", "65535"),
            ("DIALGATE_X", "1"),
        ],
    );
    let lines: Vec<&str> = got.lines().collect();
    assert_eq!(
        lines,
        [
            "environment: DIALGATE_X: stands for no key",
            "f.toml: server.listen: invalid type: integer `7`, expected socket address",
            "f.toml: server.threads: invalid value: integer `-1`, expected u16",
            "f.toml: server.lissten: unknown key",
            "f.toml: engine.deadline_ms: 0 is outside 1..=60000",
            "environment: DIALGATE_LEDGER__SEGMENT_BYTES: 65535 is outside 1048576..=1073741824",
            "f.toml: surver: unknown key",
            "f.toml: engine.inbox_tenant_max: is above engine.inbox_max",
            "f.toml: auth.secret_file: give this, auth.secret_env or auth.jwks_file",
        ]
    );
}

/// CONFIG-1: nothing, where something is to stand, and a log nobody would read.
#[test]
fn what_says_nothing_is_told() {
    let text =
        format!("{LEAST}issuer = \"\"\n[ledger]\ndata_dir = \"\"\n[log]\nlevel = \"inof\"\n");
    let got = told(&text, &[("DIALGATE_RULES__DIR", "")]);
    let lines: Vec<&str> = got.lines().collect();
    assert_eq!(
        lines,
        [
            "f.toml: auth.issuer: is empty",
            "f.toml: ledger.data_dir: is empty",
            "environment: DIALGATE_RULES__DIR: is empty",
            "f.toml: log.level: is no filter: `inof` is no level",
        ]
    );
}

#[test]
fn bounds_hold_on_both_sides() {
    let with = |ms: u32| format!("{LEAST}[engine]\ndeadline_ms = {ms}\n");
    let read = |ms| parse(&with(ms), none()).map(|s| s.engine.deadline_ms);
    assert_eq!(read(1).unwrap(), 1);
    assert_eq!(read(60_000).unwrap(), 60_000);
    assert!(read(0).is_err());
    assert!(read(60_001).is_err());
}

#[test]
fn the_environment_overrides_every_type() {
    let pairs = [
        ("DIALGATE_SERVER__LISTEN", "0.0.0.0:80"),
        ("DIALGATE_ENGINE__DEADLINE_MS", "75"),
        ("DIALGATE_LEDGER__DATA_DIR", "/var/lib/dialgate"),
        ("DIALGATE_LEDGER__DURABILITY", "relaxed"),
        ("DIALGATE_DEV__ALLOW_CLOCK", "true"),
        ("DIALGATE_AUTH__ISSUER", "123"),
        ("PATH", "/bin"),
    ];
    let got = parse(LEAST, env(&pairs)).unwrap();
    assert_eq!(got.server.listen.to_string(), "0.0.0.0:80");
    assert_eq!(got.engine.deadline_ms, 75);
    assert_eq!(got.ledger.data_dir, PathBuf::from("/var/lib/dialgate"));
    assert_eq!(got.ledger.durability, Durability::Relaxed);
    assert!(got.dev.allow_clock);
    assert_eq!(got.auth.issuer, "123");
}

#[test]
fn a_variable_that_holds_the_secret_is_no_unknown_key() {
    let text = "[auth]\nsecret_env = \"DIALGATE_JWT\"\n";
    assert!(parse(text, env(&[("DIALGATE_JWT", "s")])).is_ok());
    let over = [
        ("DIALGATE_AUTH__SECRET_ENV", "DIALGATE_K"),
        ("DIALGATE_K", "s"),
    ];
    assert!(parse("", env(&over)).is_ok());
    assert_eq!(
        told(LEAST, &[("DIALGATE_JWT", "s")]),
        "environment: DIALGATE_JWT: stands for no key"
    );
}

/// CONFIG-3: nor is one that is too short told.
#[test]
fn the_secret_is_fetched_or_its_absence_told_without_bytes() {
    let auth = Auth {
        secret_env: Some("KEY".to_owned()),
        ..Auth::default()
    };
    let long = "0123456789abcdef0123456789abcdef";
    assert_eq!(
        auth.secret(env(&[("KEY", long)])).unwrap().expose(),
        long.as_bytes()
    );
    let told = |pairs: &[(&str, &str)]| auth.secret(env(pairs)).unwrap_err().to_string();
    assert_eq!(
        told(&[("KEY", "tooshort")]),
        "environment: auth.secret_env: needs 32 bytes"
    );
    assert_eq!(told(&[]), "environment: auth.secret_env: KEY is not set");
}

#[test]
fn broken_toml_is_told_with_its_line() {
    assert!(told("[server\n", &[]).starts_with("f.toml: TOML parse error at line 1, column 8"));
}

#[test]
fn certificate_and_key_go_together_and_not_with_an_offload() {
    let tls = |keys: &str| format!("{LEAST}[tls]\n{keys}\n");
    let (cert, key) = ("cert_file = \"c\"\n", "key_file = \"k\"\n");
    let both = format!("{cert}{key}");
    assert!(parse(&tls(&both), none()).is_ok());
    assert!(parse(&tls("offloaded = true"), none()).is_ok());
    for (keys, expected) in [
        (
            cert.to_owned(),
            "tls.key_file: is needed beside tls.cert_file",
        ),
        (
            key.to_owned(),
            "tls.cert_file: is needed beside tls.key_file",
        ),
        (
            format!("{both}offloaded = true"),
            "tls.offloaded: is true beside tls.cert_file",
        ),
    ] {
        assert_eq!(told(&tls(&keys), &[]), format!("f.toml: {expected}"));
    }
}

#[test]
fn cleartext_stays_on_loopback_unless_tls_ends_elsewhere() {
    let refused = |listen: &str, keys: &str| {
        let text = format!("{LEAST}[server]\nlisten = \"{listen}\"\n[tls]\n{keys}\n");
        let mut errors = ConfigErrors::default();
        let settings = Settings::parse("f.toml", &text, none(), &mut errors).unwrap();
        settings.refuse_cleartext("f.toml", &mut errors);
        let keys: Vec<_> = errors.0.into_iter().map(|error| error.key).collect();
        assert!(keys.is_empty() || keys == ["server.listen"], "{keys:?}");
        !keys.is_empty()
    };
    for listen in [
        "127.0.0.1:1",
        "127.9.9.9:1",
        "[::1]:1",
        "[::ffff:127.0.0.1]:1",
    ] {
        assert!(!refused(listen, ""), "{listen}");
    }
    for listen in [
        "0.0.0.0:1",
        "[::]:1",
        "10.0.0.1:1",
        "[fe80::1]:1",
        "[::ffff:10.0.0.1]:1",
    ] {
        assert!(refused(listen, ""), "{listen}");
        assert!(!refused(listen, "offloaded = true"), "{listen}");
        assert!(
            !refused(listen, "cert_file = \"c\"\nkey_file = \"k\""),
            "{listen}"
        );
    }
}
