"""Upkeep of the logs: the ticks, the tombstones that erase removals, and the truncation of ingest."""
