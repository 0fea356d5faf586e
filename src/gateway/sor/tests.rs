//! Bindings, passages and what callers are told.
