//! `[sor]` of a tenant file: which system of record it has, where, and how it is believed there.

use http::uri::PathAndQuery;

use crate::config::read::Reader;
use crate::gateway::sor::BondKind;
use crate::sor::route::System;
use crate::sor::upstream::{ADDRESSES_MAX, Address};

/// A tenant's system of record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sor {
    /// Which.
    pub system: System,
    /// Where it listens, one to [`ADDRESSES_MAX`].
    pub addresses: Vec<Address>,
    /// How the tenant is believed.
    pub credential: BondKind,
    /// File of the key, in the tenant's folder of secrets.
    pub key_file: Option<String>,
    /// File of the pin, or of the bearer token that goes beside a key.
    pub pin_file: Option<String>,
    /// The name under which the gateway serves this tenant's public routes, lower case, without port.
    pub public_host: Option<String>,
    /// What is asked to find out whether an address answers; none: a connection is enough.
    pub health_path: Option<PathAndQuery>,
}

impl Sor {
    /// The section, if the file has it.
    pub(super) fn read(from: &mut Reader<'_>) -> Option<Self> {
        from.left.get("sor")?;
        from.section("sor", |from| {
            let place = Self::place(from);
            let credential = Self::credential(from, place.as_ref().map(|(system, _)| *system));
            let names = Self::names(from);
            let (system, addresses) = place?;
            let (credential, key_file, pin_file) = credential?;
            Some(Self {
                system,
                addresses,
                credential,
                key_file,
                pin_file,
                public_host: names.0,
                health_path: names.1,
            })
        })
    }

    /// Which system, and where.
    fn place(from: &mut Reader<'_>) -> Option<(System, Vec<Address>)> {
        let system: Option<String> = from.take("system", None);
        let system = system.as_deref().and_then(System::parse);
        if system.is_none() {
            from.refuse("system", "has to be whl, scollect or portal");
        }
        let texts: Vec<String> = from.take("addresses", Vec::new());
        if texts.is_empty() || texts.len() > ADDRESSES_MAX {
            from.refuse("addresses", format_args!("needs 1 to {ADDRESSES_MAX}"));
        }
        let mut addresses = Vec::new();
        for text in &texts {
            match text.parse::<Address>() {
                Ok(address) => addresses.push(address),
                Err(what) => from.refuse("addresses", what),
            }
        }
        Some((system?, addresses))
    }

    /// How the tenant is believed, and the files of its key and its pin.
    fn credential(
        from: &mut Reader<'_>,
        system: Option<System>,
    ) -> Option<(BondKind, Option<String>, Option<String>)> {
        let word: Option<String> = from.take("credential", None);
        let kind = match (word.as_deref(), system) {
            (Some("pass"), _) | (None, Some(System::Whl) | None) => Some(BondKind::Pass),
            (Some("exchange"), _) | (None, Some(System::Scollect)) => Some(BondKind::Exchange),
            (Some("key"), _) | (None, Some(System::Portal)) => Some(BondKind::Key),
            _ => None,
        };
        if kind.is_none() {
            from.refuse("credential", "has to be pass, exchange or key");
        }
        let file = |from: &mut Reader<'_>, key| {
            let name: Option<String> = from.take(key, None);
            if name.as_deref().is_some_and(|name| !is_file_name(name)) {
                from.refuse(key, "has to be the name of a file in the tenant's folder");
            }
            name
        };
        let (key_file, pin_file) = (file(from, "key_file"), file(from, "pin_file"));
        if kind == Some(BondKind::Pass) && pin_file.is_some() {
            from.refuse("pin_file", "has no effect with credential = \"pass\"");
        }
        if kind.is_some_and(|kind| kind != BondKind::Pass) && key_file.is_none() {
            from.refuse("key_file", "is needed for this credential");
        }
        Some((kind?, key_file, pin_file))
    }

    /// The name it is served under, and what a probe asks for.
    fn names(from: &mut Reader<'_>) -> (Option<String>, Option<PathAndQuery>) {
        let host: Option<String> = from.take("public_host", None);
        if host.as_deref().is_some_and(|host| !is_host(host)) {
            from.refuse(
                "public_host",
                "has to be a host name in lower case, without port",
            );
        }
        let text: Option<String> = from.take("health_path", None);
        let text = text.as_deref();
        let path = text.filter(|text| text.starts_with('/'));
        let path = path.and_then(|text| text.parse::<PathAndQuery>().ok());
        if text.is_some() && path.is_none() {
            from.refuse("health_path", "has to be a path");
        }
        (host, path)
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
