//! The demo's system of record: a sandbox beside the gateway, and the tenant that is bound to it.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::cli::exit::{Exit, Failure};
use crate::cli::sandbox::told;
use crate::cli::secret_file;
use crate::clock::Clock;
use crate::config::TenantFile;
use crate::config::tenant::Sor;
use crate::gateway::sor::BondKind;
use crate::sor::catalogue::Catalogues;
use crate::sor::route::System;
use crate::sor::sandbox::{Options, Sandbox};

/// The tenant with a system of record.
pub(super) const BOUND: &str = "demo-sor";
/// Where in the data directory the sandbox keeps its documents: what a restarted gateway remembers of
/// them is there again, too.
const PLACE: &str = "sandbox";
/// Where in the data directory secrets of systems of record lie.
const SECRETS: &str = "secrets/sor";
/// What the gateway shows the sandbox when it reads accounts of its own accord.
const KEY_FILE: &str = "sandbox.key";

/// Starts the sandbox on a free port of the loopback.
pub(super) fn start(data_dir: &Path, clock: Clock) -> Result<Sandbox, Failure> {
    let catalogues = Catalogues::read(None).map_err(|error| Failure::new(Exit::Config, error))?;
    Sandbox::start(Options {
        listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
        data_dir: Some(data_dir.join(PLACE)),
        catalogues: Arc::new(catalogues),
        clock,
    })
    .map_err(|error| told(&error))
}

/// The folder of secrets, with the one of [`BOUND`] in it.
pub(super) fn secrets(data_dir: &Path) -> Result<PathBuf, Failure> {
    let folder = data_dir.join(SECRETS);
    secret_file::at(&folder.join(BOUND).join(KEY_FILE))?;
    Ok(folder)
}

/// Binds [`BOUND`] to a sandbox as WHL. The others stay without a system of record: what they are
/// shown with is the gateway's own.
pub(super) fn bind(tenants: &mut [TenantFile], sandbox: SocketAddr) -> Result<(), Failure> {
    let address = format!("http://{sandbox}");
    let address = address
        .parse()
        .map_err(|error| Failure::new(Exit::Fault, error))?;
    let bound = tenants.iter_mut().find(|tenant| tenant.name == BOUND);
    let no_tenant = || Failure::new(Exit::Fault, "the demo has no tenant to bind");
    bound.ok_or_else(no_tenant)?.sor = Some(Sor {
        system: System::Whl,
        addresses: vec![address],
        credential: BondKind::Pass,
        key_file: Some(KEY_FILE.to_owned()),
        pin_file: None,
        public_host: None,
        health_path: None,
    });
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::demo_tenants;

    #[test]
    fn one_tenant_is_bound_and_the_others_are_not() {
        let mut tenants = demo_tenants().unwrap();
        bind(&mut tenants, "127.0.0.1:9133".parse().unwrap()).unwrap();
        let bound: Vec<_> = tenants
            .iter()
            .filter(|tenant| tenant.sor.is_some())
            .map(|tenant| &*tenant.name)
            .collect();
        assert_eq!(bound, [BOUND]);
        tenants.pop();
        assert!(bind(&mut tenants, "127.0.0.1:9133".parse().unwrap()).is_err());
    }
}
