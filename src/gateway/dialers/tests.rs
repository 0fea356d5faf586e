//! Folders of mappings, read and changed.
