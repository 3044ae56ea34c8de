"""Connectors: how the changes of a department's own system reach its publisher."""
