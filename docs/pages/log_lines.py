"""The page of log lines, from the list of keys they may have."""

from __future__ import annotations

from docs.pages.markdown import code, page, table
from recordbus.redaction import ALLOWED_KEYS

INTRODUCTION = """\
Every process writes lines about itself to standard error: JSON, one object a line, unless that is
a terminal (setting [`log.form`](settings.md#log)). A line has an event, which is a fixed text, and
values under the keys below, each a number, a truth value or one word. Anything else is replaced
by `[redacted]` before it is written, and of an exception that is not one of
[ours](errors.md) only the type and the place are kept. So no personal data gets into a log."""


def log_lines() -> str:
    """Give the page."""
    return page(
        "Log lines",
        "recordbus/redaction.py",
        INTRODUCTION,
        table(("key", "meaning"), ((code(key), says) for key, says in ALLOWED_KEYS.items())),
    )
