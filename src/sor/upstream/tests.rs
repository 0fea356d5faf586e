//! The upstream against scripted systems.
