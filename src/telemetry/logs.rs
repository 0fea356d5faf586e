//! Log lines on standard error, as JSON or text, filtered by configuration only.
//!
//! Lines carry route templates, numbers and places in the code; never a path, query, phone, address
//! or anything a caller wrote.

use serde::Deserialize;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::util::SubscriberInitExt as _;

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// One JSON object a line.
    Json,
    /// For a person at a terminal.
    Text,
}

/// Why logging could not start.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// What was to be a filter is none.
    #[error("is no filter: {0}")]
    Filter(String),
    /// Something else already receives this process's lines.
    #[error("a log is already set up")]
    AlreadySet,
}

/// Whether a text is a filter: levels, or `module=level`, with commas between.
///
/// # Errors
/// [`LogError::Filter`]: it does not parse, or a word alone is no level. `tracing` takes such a word for
/// a module, and a misspelt `info` would then be silence.
pub fn check_filter(text: &str) -> Result<(), LogError> {
    for word in text.split(',').filter(|word| !word.contains(['=', '['])) {
        // `tracing` takes nothing for `error`.
        if word.trim().is_empty() || word.trim().parse::<LevelFilter>().is_err() {
            return Err(LogError::Filter(format!("`{word}` is no level")));
        }
    }
    let filter = EnvFilter::try_new(text);
    filter
        .map(drop)
        .map_err(|e| LogError::Filter(e.to_string()))
}

/// Starts the log of this process and reports panics through it.
///
/// # Errors
/// The filter does not parse, or a log is set up already.
pub fn start_logs(level: &str, format: LogFormat) -> Result<(), LogError> {
    let filter = EnvFilter::try_new(level).map_err(|e| LogError::Filter(e.to_string()))?;
    let lines = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    let set = match format {
        LogFormat::Json => lines.json().flatten_event(true).finish().try_init(),
        LogFormat::Text => lines.finish().try_init(),
    };
    set.map_err(|_already| LogError::AlreadySet)?;
    std::panic::set_hook(Box::new(|panic| report_panic(panic.location())));
    Ok(())
}

/// A panic's message may quote what was being read, so only its place and thread are told.
fn report_panic(place: Option<&std::panic::Location<'_>>) {
    let thread = std::thread::current();
    tracing::error!(
        file = place.map_or("", |place| place.file()),
        line = place.map_or(0, std::panic::Location::line),
        thread = thread.name().unwrap_or(""),
        "panic"
    );
}

/// The last row of one tenant's chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// The tenant.
    pub tenant: String,
    /// Position of the row.
    pub seq: u64,
    /// Its hash.
    pub hash: [u8; 32],
}

/// Tells every chain's head in one line, once a minute, so that somebody outside can hold them.
pub fn log_heads(heads: &[Head]) {
    tracing::info!(target: "dialgate::heads", heads = %heads_text(heads), "heads");
}

fn heads_text(heads: &[Head]) -> String {
    use std::fmt::Write as _;
    let mut text = String::with_capacity(heads.len() * 96);
    for head in heads {
        let space = if text.is_empty() { "" } else { " " };
        // Writing to a string cannot fail.
        let _ = write!(text, "{space}{}:{}:", head.tenant, head.seq);
        for byte in head.hash {
            let _ = write!(text, "{byte:02x}");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads_stand_in_one_line() {
        let head = |tenant: &str, seq, byte| Head {
            tenant: tenant.into(),
            seq,
            hash: [byte; 32],
        };
        assert_eq!(
            heads_text(&[head("a", 7, 0), head("b", 1, 0xfe)]),
            format!("a:7:{} b:1:{}", "00".repeat(32), "fe".repeat(32))
        );
    }

    /// TELEMETRY-1, in a process of its own: a hook is the whole process's.
    #[test]
    fn a_panic_is_told_by_its_place_and_never_by_its_message() {
        const CHILD: &str = "A_PANIC_IS_LOGGED";
        const SAID: &str = "4045550100 of Ann";
        if std::env::var_os(CHILD).is_some() {
            start_logs("info", LogFormat::Json).unwrap();
            panic!("{SAID}");
        }
        let name = "telemetry::logs::tests::a_panic_is_told_by_its_place_and_never_by_its_message";
        let child = std::process::Command::new(std::env::current_exe().unwrap())
            .args(["--exact", name, "--nocapture"])
            .env(CHILD, "1")
            .output()
            .unwrap();
        let told = String::from_utf8(child.stderr).unwrap();
        let told = told + std::str::from_utf8(&child.stdout).unwrap();
        let place = format!("\"file\":\"{}\"", file!());
        assert!(!child.status.success() && told.contains(&place), "{told}");
        assert!(told.contains("\"panic\"") && !told.contains(SAID), "{told}");
    }

    #[test]
    fn a_filter_that_does_not_parse_is_told() {
        for text in ["info", "warn,dialgate::ledger=debug", "off", "2", "a=warn"] {
            assert!(check_filter(text).is_ok(), "{text}");
        }
        for text in [
            "info,==",
            "inof",
            "dialgate",
            "warn,inof",
            "dialgate=inof",
            "info,",
            "",
        ] {
            let told = check_filter(text).unwrap_err();
            assert!(matches!(told, LogError::Filter(_)), "{text}");
        }
        let told = start_logs("info,==", LogFormat::Json).unwrap_err();
        assert!(matches!(told, LogError::Filter(_)));
    }
}
