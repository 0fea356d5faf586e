//! What a client is told before it begins, checked all at once.

mod address;

use std::path::PathBuf;
use std::time::Duration;

pub(super) use address::Address;
pub use address::{NotAnAddress, Protocol};

use super::limits::{
    CONNECTIONS_DEFAULT, CONNECTIONS_MAX, DEADLINE_MS_DEFAULT, DEADLINE_MS_MAX, DEADLINE_MS_MIN,
    RETRY_PERCENT_DEFAULT, RETRY_PERCENT_MAX, TRIES_DEFAULT, TRIES_MAX, WINDOW_DEFAULT, WINDOW_MAX,
};
use super::token::TokenSource;
use super::trust::over_quic;
use crate::clock::Clock;
use crate::trust::{self, TrustFault};

/// What a client is told.
///
/// ```no_run
/// use std::time::Duration;
/// use dialgate::client::{Client, Settings, TokenSource};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let settings = Settings::new("https://gate.example:9033", TokenSource::file("token"))
///     .ca_file("ca.pem")
///     .deadline(Duration::from_millis(250));
/// let client = Client::new(settings)?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
#[must_use]
pub struct Settings {
    url: String,
    protocol: Option<Protocol>,
    token: TokenSource,
    ca_file: Option<PathBuf>,
    connections: usize,
    window: usize,
    deadline: Duration,
    tries: u32,
    retry_percent: u32,
    clock: Clock,
}

/// Settings that were found in order.
#[derive(Debug)]
pub(super) struct Checked {
    pub(super) address: Address,
    pub(super) token: TokenSource,
    pub(super) trust: rustls::ClientConfig,
    pub(super) quic: Option<quinn::ClientConfig>,
    pub(super) connections: usize,
    pub(super) window: usize,
    pub(super) deadline: Duration,
    pub(super) tries: u32,
    pub(super) retry_percent: u32,
    pub(super) clock: Clock,
}

/// One thing wrong with [`Settings`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SettingsError {
    /// The URL.
    #[error("url: {0}")]
    Address(#[from] NotAnAddress),
    /// A number outside its bounds.
    #[error("{setting}: {least} to {most}")]
    Range {
        /// Which.
        setting: &'static str,
        /// The least.
        least: u64,
        /// The most.
        most: u64,
    },
    /// A token in cleartext, to another machine.
    #[error("url: http to another machine would show the token to everybody between: use https")]
    Cleartext,
    /// Whom to believe.
    #[error("ca_file: {0}")]
    Trust(#[from] TrustFault),
}

/// Everything wrong with [`Settings`], never nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", lines(.0))]
pub struct SettingsErrors(pub Vec<SettingsError>);

fn lines(errors: &[SettingsError]) -> String {
    let lines: Vec<String> = errors.iter().map(ToString::to_string).collect();
    lines.join("\n")
}

impl Settings {
    /// A gateway by its URL, as in `https://gate.example:9033` (HTTP/2), `quic://gate.example:9033`
    /// (frames) or `http://127.0.0.1:9033` (HTTP/1.1, this machine only), and where tokens come from.
    pub fn new(url: &str, token: TokenSource) -> Self {
        Self {
            url: url.to_owned(),
            protocol: None,
            token,
            ca_file: None,
            connections: CONNECTIONS_DEFAULT,
            window: WINDOW_DEFAULT,
            deadline: Duration::from_millis(DEADLINE_MS_DEFAULT),
            tries: TRIES_DEFAULT,
            retry_percent: RETRY_PERCENT_DEFAULT,
            clock: Clock::system(),
        }
    }

    /// Another protocol than the scheme's own: HTTP/1.1 under TLS, or HTTP/2 in cleartext.
    pub fn protocol(mut self, protocol: Protocol) -> Self {
        self.protocol = Some(protocol);
        self
    }

    /// Certificates to believe instead of the system's: a PEM file.
    pub fn ca_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.ca_file = Some(path.into());
        self
    }

    /// Connections kept; 1 to [`CONNECTIONS_MAX`].
    pub fn connections(mut self, connections: usize) -> Self {
        self.connections = connections;
        self
    }

    /// Questions under way on each connection; 1 to [`WINDOW_MAX`]. HTTP/1.1 has one, whatever is
    /// said here.
    pub fn window(mut self, window: usize) -> Self {
        self.window = window;
        self
    }

    /// The time for one call, its repeats, pauses and waits included.
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }

    /// How often one call is put to the gateway at most, the first time included.
    pub fn tries(mut self, tries: u32) -> Self {
        self.tries = tries;
        self
    }

    /// How many repeats a hundred calls may cause; 0: none.
    pub fn retry_percent(mut self, percent: u32) -> Self {
        self.retry_percent = percent;
        self
    }

    /// The clock to go by; a test moves it by hand.
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// Checks everything. Reads the file of certificates.
    pub(super) fn check(self) -> Result<Checked, SettingsErrors> {
        let mut errors = Vec::new();
        let address = Address::read(&self.url, self.protocol);
        let address = address.map_err(|error| errors.push(error.into())).ok();
        if address.as_ref().is_some_and(|at| !at.tls && !is_here(at)) {
            errors.push(SettingsError::Cleartext);
        }
        let millis = u64::try_from(self.deadline.as_millis()).unwrap_or(u64::MAX);
        let whole = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
        let ranges = [
            (
                "connections",
                whole(self.connections),
                1,
                whole(CONNECTIONS_MAX),
            ),
            ("window", whole(self.window), 1, whole(WINDOW_MAX)),
            ("deadline, ms", millis, DEADLINE_MS_MIN, DEADLINE_MS_MAX),
            ("tries", u64::from(self.tries), 1, u64::from(TRIES_MAX)),
            (
                "retry_percent",
                u64::from(self.retry_percent),
                0,
                u64::from(RETRY_PERCENT_MAX),
            ),
        ];
        for (setting, number, least, most) in ranges {
            if !(least..=most).contains(&number) {
                errors.push(SettingsError::Range {
                    setting,
                    least,
                    most,
                });
            }
        }
        let tls = address.as_ref().is_some_and(|address| address.tls);
        let trust = trust::configured(tls, self.ca_file.as_deref());
        let trust = trust.map_err(|fault| errors.push(fault.into())).ok();
        let frames = address.as_ref();
        let frames = frames.is_some_and(|address| address.protocol == Protocol::Frames);
        let quic = trust.as_ref().filter(|_| frames).map(over_quic);
        let quic = quic.transpose();
        let quic = quic.unwrap_or_else(|fault| {
            errors.push(fault.into());
            None
        });
        match (address, trust) {
            (Some(address), Some(trust)) if errors.is_empty() => Ok(Checked {
                address,
                token: self.token,
                trust,
                quic,
                connections: self.connections,
                window: self.window,
                deadline: self.deadline,
                tries: self.tries,
                retry_percent: self.retry_percent,
                clock: self.clock,
            }),
            _ => Err(SettingsErrors(errors)),
        }
    }
}

/// Whether an address is this machine's own.
fn is_here(address: &Address) -> bool {
    let parsed = address.name().parse::<std::net::IpAddr>();
    address.name() == "localhost" || parsed.is_ok_and(|ip| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_wrong_is_told_at_once() {
        let settings = Settings::new("ftp://x", TokenSource::fixed("t"))
            .connections(0)
            .window(WINDOW_MAX + 1)
            .deadline(Duration::from_hours(1))
            .tries(0)
            .retry_percent(RETRY_PERCENT_MAX + 1)
            .ca_file("/nowhere/ca.pem");
        let SettingsErrors(errors) = settings.check().unwrap_err();
        assert_eq!(errors.len(), 7, "{errors:?}");
        assert!(matches!(errors[0], SettingsError::Address(_)));
        assert!(matches!(errors[6], SettingsError::Trust(_)));
    }

    #[test]
    fn each_bound_from_both_sides() {
        let with = |change: fn(Settings) -> Settings| {
            let settings = Settings::new("http://127.0.0.1:9", TokenSource::fixed("t"));
            change(settings)
                .check()
                .map(|_| ())
                .map_err(|all| all.0.len())
        };
        assert_eq!(with(|s| s.connections(1).window(1).tries(1)), Ok(()));
        assert_eq!(with(|s| s.connections(CONNECTIONS_MAX)), Ok(()));
        assert_eq!(with(|s| s.connections(CONNECTIONS_MAX + 1)), Err(1));
        assert_eq!(with(|s| s.window(WINDOW_MAX).tries(TRIES_MAX)), Ok(()));
        assert_eq!(with(|s| s.tries(TRIES_MAX + 1)), Err(1));
        assert_eq!(with(|s| s.deadline(Duration::from_mins(1))), Ok(()));
        assert_eq!(with(|s| s.deadline(Duration::from_micros(999))), Err(1));
        assert_eq!(with(|s| s.retry_percent(0)), Ok(()));
    }

    #[test]
    fn a_token_goes_in_cleartext_to_this_machine_only() {
        let told = |url: &str| {
            let checked = Settings::new(url, TokenSource::fixed("t")).check();
            checked.map(|_| ()).map_err(|all| all.0)
        };
        for here in ["http://127.0.0.1", "http://localhost:1", "http://[::1]:1"] {
            assert_eq!(told(here), Ok(()), "{here}");
        }
        for there in ["http://10.0.0.1", "http://gate.example"] {
            assert_eq!(told(there), Err(vec![SettingsError::Cleartext]), "{there}");
        }
    }
}
