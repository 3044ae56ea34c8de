"""The SQLite engine: one file, full-text tables of FTS5, bytes erased when a record goes."""
