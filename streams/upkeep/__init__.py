"""Upkeep of the logs: ticks, the tombstones that erase removals, the truncation of ingest."""
