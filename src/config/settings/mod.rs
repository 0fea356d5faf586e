//! `dialgate.toml`: sections, keys, defaults and bounds.
//!
//! Each key is documented, with unit and default, in `config/dialgate.toml`. Relative paths are
//! taken from the working directory.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use serde::Deserialize;

use super::read::{self, section};
use crate::telemetry::LogFormat;

mod keys;
mod load;
mod options;
#[cfg(test)]
mod tests;
mod tls;

pub(in crate::config) use load::read_text;

/// Where demo and the shipped file listen.
const LISTEN: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 9033);

/// When an answer is released (DESIGN, law 2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Durability {
    /// Once its row is on stable storage.
    Commit,
    /// Once its row is chained; a crash may lose what was not yet synced.
    Relaxed,
}

section! {
    /// `[server]`: sockets and what a client may cost.
    Server {
        /// Address to listen on.
        listen: SocketAddr = LISTEN;
        /// Runtimes, one thread each; 0 = one a core.
        threads: u16 = 0, in 0..=1_024;
        /// Open connections at most.
        connections_max: u32 = 4_096, in 1..=1_000_000;
        /// Streams open on one connection of HTTP/2 or QUIC at most.
        streams_max: u32 = 128, in 1..=4_096;
        /// Request line and headers together, bytes.
        header_bytes_max: u32 = 16_384, in 8_192..=1_048_576;
        /// From the first byte of a request to the end of its headers, milliseconds.
        header_timeout_ms: u32 = 10_000, in 1..=600_000;
        /// For a body; for an upload between two of its pieces, milliseconds.
        body_timeout_ms: u32 = 10_000, in 1..=600_000;
        /// Between two requests on a connection, milliseconds.
        idle_timeout_ms: u32 = 75_000, in 1..=3_600_000;
        /// For a client to take its answer, milliseconds.
        write_timeout_ms: u32 = 30_000, in 1..=600_000;
    }
}

section! {
    /// `[tls]`: who is spoken to, and that nobody listens in.
    Tls {
        /// File of the certificate and its chain, PEM.
        cert_file: Option<PathBuf> = None;
        /// File of its private key, PEM.
        key_file: Option<PathBuf> = None;
        /// Something before us ends TLS: cleartext is permitted off loopback, too.
        offloaded: bool = false;
        /// Between two looks at the files for a new certificate, seconds; 0 = only on SIGHUP.
        reload_interval_s: u32 = 10, in 0..=86_400;
        /// From accepting a connection to the end of its handshake, milliseconds.
        handshake_timeout_ms: u32 = 5_000, in 1..=600_000;
        /// Handshakes under way at once.
        handshakes_max: u32 = 256, in 1..=1_000_000;
    }
}

section! {
    /// `[quic]`: what is spoken over UDP, on the port of `server.listen`, wherever there is a certificate.
    Quic {
        /// HTTP/3, every route.
        http3: bool = true;
        /// Frames, `dialgate/1`.
        frames: bool = true;
    }
}

section! {
    /// `[auth]`: whose tokens are believed.
    Auth {
        /// `iss` a token must carry.
        issuer: String = "dialgate".to_owned();
        /// `aud` a token must carry.
        audience: String = "dialgate".to_owned();
        /// File that holds the signing secret.
        secret_file: Option<PathBuf> = None;
        /// Variable that holds the signing secret.
        secret_env: Option<String> = None;
        /// File of public keys, a JSON Web Key set.
        jwks_file: Option<PathBuf> = None;
        /// Between two looks at secret file and key file, seconds; 0 = on SIGHUP only.
        reload_interval_s: u32 = 5, in 0..=86_400;
    }
}

section! {
    /// `[engine]`: queues and tables of the one writer.
    Engine {
        /// Commands waiting at most, over all tenants.
        inbox_max: u32 = 8_192, in 1..=1_048_576;
        /// Commands of one tenant waiting at most.
        inbox_tenant_max: u32 = 4_096, in 1..=1_048_576;
        /// An intent that waited longer is not decided any more, milliseconds.
        deadline_ms: u32 = 50, in 1..=60_000;
        /// A decision not durable within this time is answered as a fault, milliseconds.
        commit_wait_max_ms: u32 = 2_000, in 1..=600_000;
        /// Accounts room is made for at start.
        accounts_expected: u32 = 100_000, in 1..=100_000_000;
        /// Idempotency keys kept at most.
        idempotency_keys_max: u32 = 1_000_000, in 1..=100_000_000;
        /// Attempts kept a person at most; a person with more counts as at every cap.
        attempts_per_person_max: u16 = 256, in 16..=4_096;
    }
}

section! {
    /// `[ledger]`: where rows go and when snapshots are taken.
    Ledger {
        /// The data directory, locked by one process.
        data_dir: PathBuf = PathBuf::from("data/dialgate");
        /// Size of a segment file, bytes.
        segment_bytes: u32 = 268_435_456, in 1_048_576..=1_073_741_824;
        /// When answers are released.
        durability: Durability = Durability::Commit;
        /// Rows after the last snapshot that force the next one.
        suffix_rows_max: u64 = 1_000_000, in 1_000..=1_000_000_000;
        /// Between two snapshots, seconds.
        snapshot_interval_s: u32 = 300, in 1..=86_400;
        /// Free space below which health and log warn, bytes.
        low_water_bytes: u64 = 2_147_483_648, in 0..=1_125_899_906_842_624;
        /// How fast sealed segments are read again in the background, bytes a second.
        scrub_bytes_per_s: u64 = 8_388_608, in 4_096..=1_073_741_824;
    }
}

section! {
    /// `[rules]`: the rule pack.
    Rules {
        /// Its directory.
        dir: PathBuf = PathBuf::from("config/rules");
        /// Between two looks at pack and tenant files, seconds; 0 = on SIGHUP only.
        reload_interval_s: u32 = 5, in 0..=86_400;
    }
}

section! {
    /// `[tenants]`: who may ask, and their policies.
    Tenants {
        /// Directory of one file a tenant.
        dir: PathBuf = PathBuf::from("config/tenants");
    }
}

section! {
    /// `[dialers]`: who reports by itself, and how their bodies are read.
    Dialers {
        /// Directory of one file a dialer.
        dir: PathBuf = PathBuf::from("config/dialers");
        /// Directory of a folder a tenant, with the secrets of its dialers.
        secrets_dir: PathBuf = PathBuf::from("data/dialgate/secrets/dialers");
        /// Between two looks at both, seconds; 0 = on SIGHUP only.
        reload_interval_s: u32 = 5, in 0..=86_400;
    }
}

section! {
    /// `[sor]`: how systems of record are asked. Which tenant has which is in the tenant's file.
    Sor {
        /// Directory of catalogues that take the place of those in the program.
        dir: Option<PathBuf> = None;
        /// Directory of a folder a tenant, with the keys for its system.
        secrets_dir: PathBuf = PathBuf::from("data/dialgate/secrets/sor");
        /// File of certificates that systems spoken to by TLS may have, PEM; none: those the machine
        /// trusts.
        ca_file: Option<PathBuf> = None;
        /// For a connection to be there, milliseconds.
        connect_timeout_ms: u32 = 2_000, in 1..=60_000;
        /// For the head of an answer, and between two pieces of it, milliseconds.
        timeout_ms: u32 = 30_000, in 1..=600_000;
        /// For the head of the answer to an upload, milliseconds.
        upload_timeout_ms: u32 = 3_600_000, in 1..=86_400_000;
        /// Calls of one tenant under way at once.
        calls_max: u32 = 1_024, in 1..=1_000_000;
        /// Calls that may be tried again, of a hundred.
        retries_percent: u32 = 10, in 0..=100;
        /// Failures in a row after which an address is left alone.
        breaker_failures: u32 = 5, in 1..=1_000_000;
        /// For how long, milliseconds.
        breaker_open_ms: u32 = 5_000, in 1..=3_600_000;
        /// Between two looks whether addresses answer, seconds; 0 = none.
        health_interval_s: u32 = 5, in 0..=86_400;
        /// How long an intent of an unknown account waits for it to be read, milliseconds; 0 = not at
        /// all.
        hydrate_timeout_ms: u32 = 1_500, in 0..=60_000;
        /// Requests a second of reading everything, a tenant; 0 = it is not read, only what is asked for.
        hydrate_per_second: u32 = 50, in 0..=10_000;
        /// Age at which everything is read again, seconds; 0 = never.
        hydrate_age_s: u32 = 21_600, in 0..=31_536_000;
        /// Letters to one system under way at once.
        outbox_calls_max: u32 = 8, in 1..=1_000;
        /// Tries after which a letter is given up that a system takes others beside.
        outbox_tries_max: u32 = 8, in 1..=1_000;
        /// The longest wait between two tries, milliseconds.
        outbox_wait_max_ms: u32 = 60_000, in 1_000..=3_600_000;
    }
}

section! {
    /// `[ingest]`: how much may arrive at once.
    Ingest {
        /// One upload, bytes.
        ingest_bytes_max: u64 = 1_073_741_824, in 16_384..=1_099_511_627_776;
        /// One upload from its first byte to its last, milliseconds.
        ingest_timeout_ms: u32 = 3_600_000, in 1..=86_400_000;
    }
}

section! {
    /// `[drain]`: a graceful stop.
    Drain {
        /// Until requests in flight are finished and the last snapshot is written, milliseconds.
        drain_timeout_ms: u32 = 10_000, in 0..=600_000;
    }
}

section! {
    /// `[log]`: what is written to standard error.
    Log {
        /// A filter as `tracing` reads it: `info`, `warn,dialgate::ledger=debug`.
        level: String = "info".to_owned();
        /// JSON or text.
        format: LogFormat = LogFormat::Json;
    }
}

section! {
    /// `[dev]`: what production must not have.
    Dev {
        /// `serve --clock` is permitted.
        allow_clock: bool = false;
    }
}

macro_rules! settings {
    ($($(#[$doc:meta])* $field:ident : $section:ident),+ $(,)?) => {
        /// The whole of `dialgate.toml`, checked.
        #[derive(Debug, Clone, PartialEq, Eq, Default)]
        pub struct Settings { $($(#[$doc])* pub $field: $section,)+ }

        impl Settings {
            /// Sections and their keys, in the order of the shipped file.
            pub const SECTIONS: &'static [(&'static str, &'static [&'static str])] =
                &[$((stringify!($field), $section::KEYS)),+];

            fn read(from: &mut read::Reader<'_>) -> Self {
                Self { $($field: from.section(stringify!($field), $section::read),)+ }
            }
        }
    };
}

settings! {
    /// Sockets.
    server: Server,
    /// Certificates.
    tls: Tls,
    /// UDP.
    quic: Quic,
    /// Tokens.
    auth: Auth,
    /// The writer.
    engine: Engine,
    /// Rows and snapshots.
    ledger: Ledger,
    /// The rule pack.
    rules: Rules,
    /// Tenants.
    tenants: Tenants,
    /// Dialers that report by themselves.
    dialers: Dialers,
    /// Systems of record.
    sor: Sor,
    /// Uploads.
    ingest: Ingest,
    /// Stopping.
    drain: Drain,
    /// Log lines.
    log: Log,
    /// Development.
    dev: Dev,
}
