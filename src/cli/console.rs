//! The two streams of a terminal. A reader that went away is no reason to fail.

use std::io::Write as _;

/// A line of the answer.
pub(super) fn line(text: &str) {
    let _unread = writeln!(std::io::stdout().lock(), "{text}");
}

/// A line about what went wrong.
pub(super) fn error(text: &str) {
    let _unread = writeln!(std::io::stderr().lock(), "dialgate: {text}");
}
