//! `dialgate serve`, and what every command that opens a data directory reads first.

use std::path::Path;
use std::sync::Arc;

use super::args::ServeArgs;
use super::exit::{Exit, Failure};
use crate::app::law::{Law, LawPlaces};
use crate::app::parts::{Parts, bound_systems};
use crate::app::{self, HouseError, Start};
use crate::clock::Clock;
use crate::config::{ConfigErrors, Settings, demo_tenants, environment};
use crate::domain::rules::RulePack;
use crate::domain::time::UnixSeconds;
use crate::gateway::dialers::{DialerFolder, DialerSet};
use crate::rulepack::{self, PackFiles};
use crate::telemetry::{Metrics, start_logs};

/// Serves until a signal.
pub(super) fn run(args: &ServeArgs) -> Result<Exit, Failure> {
    let start = read(args)?;
    start_logs(&start.settings.log.level, start.settings.log.format)
        .map_err(|error| Failure::new(Exit::Config, error))?;
    app::run::<Parts, Failure, _>(&start, app::stop_signal, |_, _| Ok(()))?;
    Ok(Exit::Done)
}

/// Reads everything a server needs; all findings of all files together.
fn read(args: &ServeArgs) -> Result<Start, Failure> {
    let mut errors = ConfigErrors::default();
    let read = Settings::load_noting(&args.config, environment(), &mut errors);
    let Some(mut settings) = read else {
        return Err(errors.into());
    };
    if let Some(listen) = args.listen {
        settings.server.listen = listen;
    }
    let file = args.config.display().to_string();
    settings.refuse_cleartext(&file, &mut errors);
    if args.clock.is_some() && !settings.dev.allow_clock {
        errors.add(
            &file,
            "dev.allow_clock",
            "is false, so --clock is not permitted",
        );
    }
    // What names no keys, or two secrets, was noted with the rest of the configuration.
    let auth = &settings.auth;
    let both = auth.secret_file.is_some() && auth.secret_env.is_some();
    let keys = (!both && (auth.has_secret() || auth.jwks_file.is_some()))
        .then(|| keep(&mut errors, auth.keys(environment())))
        .flatten();
    let certificate = keep(&mut errors, settings.tls.certificate());
    let folder = settings.dialer_folder();
    let dialers = keep(&mut errors, dialers(&folder));
    let places = LawPlaces::of(&settings);
    let law = keep(&mut errors, places.look().read());
    let clock = clock(args.clock);
    let tenants = law.as_ref().map_or(&[][..], |law| &law.tenants);
    if let Err(error) = bound_systems(&settings.sor, tenants, &clock) {
        errors.add(&file, "sor", error);
    }
    let (Some(keys), Some(law), Some(dialers)) = (keys, law, dialers) else {
        return Err(errors.into());
    };
    errors
        .none_or(Start {
            settings,
            tenants: law.tenants,
            pack: law.pack,
            pack_archive: law.archive,
            places: Some(places),
            keys: Some(keys),
            dialers: Some((folder, dialers)),
            certificate: certificate.flatten().map(Arc::new),
            clock,
            clock_accepted: false,
            metrics: Arc::new(Metrics::new()),
        })
        .map_err(Failure::from)
}

/// What a command reads that opens a stopped server's data directory itself. Without a
/// configuration the directory is taken for the demo's.
pub(super) fn offline(data_dir: &Path, config: Option<&Path>) -> Result<Start, Failure> {
    let (mut settings, law) = if let Some(path) = config {
        let settings = Settings::load(path, environment())?;
        let law = LawPlaces::of(&settings).look().read()?;
        (settings, law)
    } else {
        let (pack, archive) = embedded_pack()?;
        let tenants = demo_tenants()?;
        (
            Settings::default(),
            Law {
                pack,
                archive,
                tenants,
            },
        )
    };
    data_dir.clone_into(&mut settings.ledger.data_dir);
    let metrics = Arc::new(Metrics::new());
    let clock = clock(None);
    Ok(Start {
        settings,
        tenants: law.tenants,
        pack: law.pack,
        pack_archive: law.archive,
        places: None,
        keys: None,
        dialers: None,
        certificate: None,
        clock,
        clock_accepted: false,
        metrics,
    })
}

/// The rules compiled into the program.
pub(super) fn embedded_pack() -> Result<(Arc<RulePack>, Vec<u8>), Failure> {
    let told = |faults: Vec<rulepack::RuleError>| {
        let lines: Vec<String> = faults.iter().map(ToString::to_string).collect();
        Failure::new(Exit::Config, lines.join("\n"))
    };
    let files = PackFiles::embedded();
    let pack = rulepack::read(&files).map_err(told)?;
    Ok((Arc::new(pack), files.archive()))
}

/// The machine's clock, or one that starts where it is told.
pub(super) fn clock(start: Option<UnixSeconds>) -> Clock {
    start.map_or_else(Clock::system, Clock::starting_at)
}

/// The dialers that report by themselves.
fn dialers(folder: &DialerFolder) -> Result<DialerSet, ConfigErrors> {
    folder.look().read.map_err(|findings| {
        let mut errors = ConfigErrors::default();
        for found in findings {
            errors.add(&found.file, &found.key, found.what);
        }
        errors
    })
}

/// The value, or nothing and its findings kept.
fn keep<T>(errors: &mut ConfigErrors, read: Result<T, ConfigErrors>) -> Option<T> {
    read.map_err(|found| errors.0.extend(found.0)).ok()
}

impl From<HouseError> for Failure {
    fn from(error: HouseError) -> Self {
        let exit = match &error {
            HouseError::Locked(_) | HouseError::CannotCreate { .. } | HouseError::Bind { .. } => {
                Exit::CannotCreate
            }
            HouseError::NoLaw(_) | HouseError::Systems(_) => Exit::Config,
            HouseError::Start(_) => Exit::Fault,
            HouseError::DrainTimeout(_) => Exit::TemporaryFailure,
            HouseError::Close(_) => Exit::InputOutput,
        };
        Self::new(exit, error)
    }
}
