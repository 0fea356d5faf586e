//! Exit codes, after sysexits.h where it has one.

use std::process::ExitCode;

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// Done.
    Done = 0,
    /// Done, and something was found: a broken link, a rejected row, a faulty rule.
    Finding = 1,
    /// The command line is wrong.
    Usage = 2,
    /// The configuration is wrong.
    Config = 64,
    /// What was sent is not acceptable.
    BadInput = 65,
    /// The server cannot be reached.
    Unreachable = 69,
    /// A fault of dialgate's own.
    Fault = 70,
    /// Something cannot be created, locked or bound.
    CannotCreate = 73,
    /// Reading or writing failed.
    InputOutput = 74,
    /// Not now: sealed, draining took too long, the server is busy. Trying again may help.
    TemporaryFailure = 75,
    /// The credential does not permit it.
    NoPermission = 77,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// Why a command failed: a line for standard error and an exit code. Holds no personal data.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Failure {
    /// The code.
    pub exit: Exit,
    /// The line.
    pub message: String,
}

impl Failure {
    /// A failure that ends with `exit`.
    pub fn new(exit: Exit, message: impl std::fmt::Display) -> Self {
        Self {
            exit,
            message: message.to_string(),
        }
    }
}

impl From<crate::config::ConfigErrors> for Failure {
    fn from(errors: crate::config::ConfigErrors) -> Self {
        Self::new(Exit::Config, errors)
    }
}
