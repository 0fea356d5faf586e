//! Each room's own options, made of the settings, so that no room reads configuration.

use std::time::Duration;

use super::{Auth, Settings, Sor};
use crate::config::secret::Secret;
use crate::config::tenant::TenantFile;
use crate::gateway::dialers::DialerFolder;
use crate::gateway::sor::{Bond, ReadOptions};
use crate::sor::outbox::Pace;
use crate::sor::upstream;
use crate::transport::auth::{Expected, TokenKind};
use crate::{engine, ledger, transport};

impl Settings {
    /// What listeners go by. `cores` stands for `server.threads = 0`.
    pub fn transport(&self, cores: usize) -> transport::Options {
        let server = &self.server;
        let named = usize::from(server.threads);
        transport::Options {
            threads: if named == 0 { cores.max(1) } else { named },
            connections_max: as_usize(server.connections_max),
            header_bytes_max: as_usize(server.header_bytes_max),
            header_timeout: millis(server.header_timeout_ms),
            body_timeout: millis(server.body_timeout_ms),
            idle_timeout: millis(server.idle_timeout_ms),
            write_timeout: millis(server.write_timeout_ms),
            handshake_timeout: millis(self.tls.handshake_timeout_ms),
            handshakes_max: as_usize(self.tls.handshakes_max),
            streams_max: server.streams_max,
            http3: self.quic.http3,
            frames: self.quic.frames,
            ingest_bytes_max: self.ingest.ingest_bytes_max,
            ingest_timeout: millis(self.ingest.ingest_timeout_ms),
        }
    }

    /// What the ledger goes by.
    pub fn ledger(&self) -> ledger::Options {
        ledger::Options {
            segment_bytes: self.ledger.segment_bytes,
            low_water_bytes: self.ledger.low_water_bytes,
            scrub_bytes_per_second: self.ledger.scrub_bytes_per_s,
        }
    }

    /// What an engine keeps, whether it serves or decides again what one that served decided.
    pub fn engine(&self) -> engine::Options {
        engine::Options {
            accounts_expected: as_usize(self.engine.accounts_expected),
            attempts_per_person_max: usize::from(self.engine.attempts_per_person_max),
            idempotency_keys_max: self.engine.idempotency_keys_max,
        }
    }
}

impl Settings {
    /// Where mappings of dialers and the secrets for them lie.
    pub fn dialer_folder(&self) -> DialerFolder {
        DialerFolder {
            dir: self.dialers.dir.clone(),
            secrets_dir: self.dialers.secrets_dir.clone(),
            variable: crate::config::variable,
        }
    }
}

impl Sor {
    /// What systems of record are asked by.
    pub fn upstream(&self) -> upstream::Options {
        upstream::Options {
            connect_timeout: millis(self.connect_timeout_ms),
            timeout: millis(self.timeout_ms),
            upload_timeout: millis(self.upload_timeout_ms),
            calls_max: as_usize(self.calls_max),
            retries_percent: self.retries_percent,
            breaker_failures: self.breaker_failures,
            breaker_open: millis(self.breaker_open_ms),
        }
    }

    /// How accounts are read from them.
    pub fn reading(&self) -> ReadOptions {
        ReadOptions {
            timeout: millis(self.hydrate_timeout_ms),
            per_second: self.hydrate_per_second,
            age: Duration::from_secs(u64::from(self.hydrate_age_s)),
        }
    }

    /// How fast they are told.
    pub fn pace(&self) -> Pace {
        Pace {
            calls_max: self.outbox_calls_max,
            tries_max: self.outbox_tries_max,
            wait_ms_max: u64::from(self.outbox_wait_max_ms),
        }
    }

    /// The bond of a tenant whose file names a system.
    pub fn bond(&self, tenant: &TenantFile) -> Option<Bond> {
        let sor = tenant.sor.as_ref()?;
        let folder = self.secrets_dir.join(&tenant.name);
        let in_folder = |name: &Option<String>| name.as_ref().map(|name| folder.join(name));
        Some(Bond {
            tenant: tenant.name.as_str().into(),
            system: sor.system,
            addresses: sor.addresses.clone(),
            credential: sor.credential,
            key_file: in_folder(&sor.key_file),
            pin_file: in_folder(&sor.pin_file),
            public_host: sor.public_host.as_deref().map(Into::into),
            health_path: sor.health_path.clone(),
        })
    }
}

impl Auth {
    /// What every token must say.
    pub fn expected(&self) -> Expected {
        Expected {
            issuer: self.issuer.as_str().into(),
            audience: self.audience.as_str().into(),
        }
    }

    /// The tokens that are signed for development with the shared secret.
    pub fn token_kind(&self, secret: &Secret) -> TokenKind {
        TokenKind {
            secret: secret.expose().into(),
            issuer: self.issuer.as_str().into(),
            audience: self.audience.as_str().into(),
        }
    }
}

fn millis(ms: u32) -> Duration {
    Duration::from_millis(u64::from(ms))
}

/// Lossless: pointers here have at least 32 bits.
fn as_usize(count: u32) -> usize {
    usize::try_from(count).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two homes of one number would drift apart.
    #[test]
    fn the_defaults_are_the_rooms_own() {
        let settings = Settings::default();
        let own = transport::Options::default();
        assert_eq!(
            format!("{:?}", settings.transport(own.threads)),
            format!("{own:?}")
        );
        assert_eq!(
            format!("{:?}", settings.ledger()),
            format!("{:?}", ledger::Options::default())
        );
    }

    #[test]
    fn no_threads_named_means_one_a_core() {
        let mut settings = Settings::default();
        assert_eq!(settings.transport(6).threads, 6);
        assert_eq!(settings.transport(0).threads, 1);
        settings.server.threads = 3;
        assert_eq!(settings.transport(6).threads, 3);
    }
}
