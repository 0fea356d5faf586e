//! Credentials, and what is none.
