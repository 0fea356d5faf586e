//! `dialgate token`: signs a credential for development and prints nothing else.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use super::args::TokenArgs;
use super::console;
use super::exit::{Exit, Failure};
use super::secret_file;
use crate::clock::Clock;
use crate::config::tenant::is_tenant_name;
use crate::config::{Auth, Secret, Settings, environment};
use crate::transport::auth::Signer;
use crate::wire::scopes::Scope;

/// A key file is at most this long, bytes.
const KEY_FILE_BYTES_MAX: u64 = 64 * 1024;

/// Prints the token.
pub(super) fn run(args: &TokenArgs) -> Result<Exit, Failure> {
    let auth = match &args.config {
        Some(path) => Settings::load(path, environment())?.auth,
        None => Auth::default(),
    };
    let signer = match &args.key {
        Some(path) => private_key(&auth, path, args.kid.as_deref())?,
        None if args.config.is_some() => shared_secret(&auth, &auth.secret(environment())?)?,
        None => shared_secret(&auth, &secret_file::of_data_dir(&args.data_dir)?)?,
    };
    let scopes = scopes(&args.scope)?;
    console::line(&signed(&signer, &args.tenant, &scopes, args.ttl)?);
    Ok(Exit::Done)
}

/// Signs with the secret that the server checks with.
pub(super) fn shared_secret(auth: &Auth, secret: &Secret) -> Result<Signer, Failure> {
    Signer::secret(&auth.token_kind(secret)).map_err(|error| Failure::new(Exit::Fault, error))
}

/// Signs with a private key whose public half the server checks with.
fn private_key(auth: &Auth, path: &Path, kid: Option<&str>) -> Result<Signer, Failure> {
    let place = path.display();
    let unread =
        |error: std::io::Error| Failure::new(Exit::InputOutput, format_args!("{place}: {error}"));
    let mut pem = Vec::new();
    let file = File::open(path).map_err(unread)?;
    file.take(KEY_FILE_BYTES_MAX)
        .read_to_end(&mut pem)
        .map_err(unread)?;
    Signer::pem(&auth.issuer, &auth.audience, &pem, kid)
        .map_err(|error| Failure::new(Exit::BadInput, format_args!("{place}: {error}")))
}

/// A token that starts now and lives for `ttl_s` seconds of the machine's clock.
pub(super) fn signed(
    signer: &Signer,
    tenant: &str,
    scopes: &str,
    ttl_s: u32,
) -> Result<String, Failure> {
    if !is_tenant_name(tenant) {
        return Err(Failure::new(
            Exit::Usage,
            format_args!("{tenant:?} is no tenant's name"),
        ));
    }
    signer
        .sign(tenant, scopes, Clock::system().wall(), ttl_s)
        .map_err(|error| Failure::new(Exit::BadInput, error))
}

/// Every scope there is, for the demo's own tokens.
pub(super) fn all_scopes() -> String {
    Scope::ALL.map(Scope::as_str).join(" ")
}

/// The scopes asked for, in published order; a word that is none of them is refused.
fn scopes(words: &[String]) -> Result<String, Failure> {
    let asked: Vec<&str> = words
        .iter()
        .flat_map(|words| words.split_whitespace())
        .collect();
    if let Some(unknown) = asked.iter().find(|word| Scope::parse(word).is_none()) {
        let known = Scope::ALL.map(Scope::as_str).join(", ");
        let told = format_args!("--scope: {unknown:?} is none of {known}").to_string();
        return Err(Failure::new(Exit::Usage, told));
    }
    let all = Scope::ALL.map(Scope::as_str);
    Ok(all
        .into_iter()
        .filter(|scope| asked.contains(scope))
        .collect::<Vec<_>>()
        .join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_are_a_closed_set_in_published_order() {
        let read = |words: &[&str]| scopes(&words.iter().map(|w| (*w).into()).collect::<Vec<_>>());
        assert_eq!(
            read(&["admin gate:ask", "admin"]).unwrap(),
            "gate:ask admin"
        );
        assert_eq!(read(&["root"]).unwrap_err().exit, Exit::Usage);
    }

    #[test]
    fn a_token_names_its_tenant_and_scopes() {
        use base64::Engine as _;
        let secret = Secret::new(&[b'k'; 32]).unwrap();
        let signer = shared_secret(&Auth::default(), &secret).unwrap();
        let token = signed(&signer, "demo", "gate:ask", 60).unwrap();
        let claims = token.split('.').nth(1).unwrap();
        let bytes = base64::engine::general_purpose::URL_SAFE_NO_PAD
            .decode(claims)
            .unwrap();
        let claims: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
        assert_eq!(claims["tenant_id"], "demo");
        assert_eq!(claims["scope"], "gate:ask");
        assert_eq!(claims["iss"], "dialgate");
        assert_eq!(claims["aud"], "dialgate");
        let lifetime = claims["exp"].as_i64().unwrap() - claims["nbf"].as_i64().unwrap();
        assert_eq!(lifetime, 60);
        assert!(signed(&signer, "../x", "", 60).is_err());
    }
}
