"""All stages of the bus in random worlds, beside the batch program of `tests/oracle`."""
