//! `dialgate token`: signs a credential for development and prints nothing else.

use super::args::TokenArgs;
use super::console;
use super::exit::{Exit, Failure};
use super::secret_file;
use crate::clock::Clock;
use crate::config::tenant::is_tenant_name;
use crate::config::{Auth, Secret, Settings, environment};
use crate::transport::auth::sign;
use crate::wire::scopes::Scope;

/// Prints the token.
pub(super) fn run(args: &TokenArgs) -> Result<Exit, Failure> {
    let (auth, secret) = match &args.config {
        Some(path) => {
            let auth = Settings::load(path, environment())?.auth;
            let secret = auth.secret(environment())?;
            (auth, secret)
        }
        None => (Auth::default(), secret_file::of_data_dir(&args.data_dir)?),
    };
    let scopes = scopes(&args.scope)?;
    console::line(&signed(&auth, &secret, &args.tenant, &scopes, args.ttl)?);
    Ok(Exit::Done)
}

/// A token that starts now and lives for `ttl_s` seconds of the machine's clock.
pub(super) fn signed(
    auth: &Auth,
    secret: &Secret,
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
    let kind = auth.token_kind(secret);
    sign(&kind, tenant, scopes, Clock::system().wall(), ttl_s)
        .map_err(|error| Failure::new(Exit::Fault, error))
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
        let token = signed(&Auth::default(), &secret, "demo", "gate:ask", 60).unwrap();
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
        assert!(signed(&Auth::default(), &secret, "../x", "", 60).is_err());
    }
}
