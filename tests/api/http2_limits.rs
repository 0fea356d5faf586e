//! HTTP/2 clients that are slow, silent, endless or too many: each ends at a named limit.
