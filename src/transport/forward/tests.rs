//! What of a request goes on, and what comes back.
