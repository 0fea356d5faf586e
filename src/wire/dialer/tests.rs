//! Whole mappings and whole bodies.
