//! Calls from outside.
