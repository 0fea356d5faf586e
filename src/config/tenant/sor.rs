//! `[sor]` of a tenant file: which system of record it has, where, and how it is believed there.

use http::uri::PathAndQuery;

use crate::config::read::{Reader, section};
use crate::domain::words::words;
use crate::sor::route::System;
use crate::sor::upstream::{ADDRESSES_MAX, Address};

words!(
    /// How the tenant's calls are believed by its system.
    CredentialKind {
        /// The caller's own token goes through.
        Pass = "pass",
        /// The tenant's key is exchanged for a token.
        Exchange = "exchange",
        /// The tenant's key goes with every call.
        Key = "key",
    }
);

/// A tenant's system of record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sor {
    /// Which.
    pub system: System,
    /// Where it listens, one to [`ADDRESSES_MAX`].
    pub addresses: Vec<Address>,
    /// How the tenant is believed.
    pub credential: CredentialKind,
    /// File of the key, in the tenant's folder of secrets.
    pub key_file: Option<String>,
    /// File of the pin, or of the bearer token that goes beside a key.
    pub pin_file: Option<String>,
    /// The name under which the gateway serves this tenant's public routes, lower case, without port.
    pub public_host: Option<String>,
    /// What is asked to find out whether an address answers; none: a connection is enough.
    pub health_path: Option<PathAndQuery>,
}

section! {
    /// The keys as they are spelt.
    Keys {
        /// A word of [`System`].
        system: Option<String> = None;
        /// Each `http(s)://host:port`.
        addresses: Vec<String> = Vec::new();
        /// A word of [`CredentialKind`].
        credential: Option<String> = None;
        /// A file name.
        key_file: Option<String> = None;
        /// A file name.
        pin_file: Option<String> = None;
        /// A host name.
        public_host: Option<String> = None;
        /// A path.
        health_path: Option<String> = None;
    }
}

impl Sor {
    /// The section, if the file has it.
    pub(super) fn read(from: &mut Reader<'_>) -> Option<Self> {
        from.left.get("sor")?;
        from.section("sor", |from| {
            let keys = Keys::read(from);
            Self::checked(from, keys)
        })
    }

    fn checked(from: &mut Reader<'_>, keys: Keys) -> Option<Self> {
        let system = keys.system.as_deref().and_then(System::parse);
        if system.is_none() {
            from.refuse("system", "has to be whl, scollect or portal");
        }
        if keys.addresses.is_empty() || keys.addresses.len() > ADDRESSES_MAX {
            from.refuse("addresses", format_args!("needs 1 to {ADDRESSES_MAX}"));
        }
        let mut addresses = Vec::new();
        for text in &keys.addresses {
            match text.parse::<Address>() {
                Ok(address) => addresses.push(address),
                Err(what) => from.refuse("addresses", what),
            }
        }
        let credential = match (keys.credential.as_deref(), system) {
            (Some(word), _) => CredentialKind::parse(word),
            (None, Some(System::Scollect)) => Some(CredentialKind::Exchange),
            (None, Some(System::Portal)) => Some(CredentialKind::Key),
            (None, _) => Some(CredentialKind::Pass),
        };
        if credential.is_none() {
            from.refuse("credential", "has to be pass, exchange or key");
        }
        let needs_key = credential.is_some_and(|kind| kind != CredentialKind::Pass);
        if needs_key && keys.key_file.is_none() {
            from.refuse("key_file", "is needed for this credential");
        }
        if !needs_key && keys.pin_file.is_some() {
            from.refuse("pin_file", "has no effect with credential = \"pass\"");
        }
        for (key, name) in [("key_file", &keys.key_file), ("pin_file", &keys.pin_file)] {
            if name.as_deref().is_some_and(|name| !is_file_name(name)) {
                from.refuse(key, "has to be the name of a file in the tenant's folder");
            }
        }
        if keys.public_host.as_deref().is_some_and(|host| !is_host(host)) {
            from.refuse("public_host", "has to be a host name in lower case, without port");
        }
        let health_path = keys.health_path.map(|text| {
            let path = text.starts_with('/').then(|| text.parse::<PathAndQuery>().ok());
            path.flatten()
        });
        if health_path == Some(None) {
            from.refuse("health_path", "has to be a path");
        }
        Some(Self {
            system: system?,
            addresses,
            credential: credential?,
            key_file: keys.key_file,
            pin_file: keys.pin_file,
            public_host: keys.public_host,
            health_path: health_path.flatten(),
        })
    }
}

/// A name that leads nowhere but into its folder.
fn is_file_name(name: &str) -> bool {
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_');
    (1..=64).contains(&name.len()) && !name.starts_with('.') && name.bytes().all(plain)
}

fn is_host(host: &str) -> bool {
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'.' | b'-');
    (1..=253).contains(&host.len()) && host.bytes().all(plain)
}
