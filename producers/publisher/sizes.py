"""Names a record that is too large before it is sent, and says what makes it so (pure)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from recordbus.canonical import canonical_json
from recordbus.errors import Rejected

_PARTS_NAMED = 3


class Oversize(Rejected):
    """A record larger than a message may be; nothing was sent."""

    def __init__(self, record_key: str, size_bytes: int, limit_bytes: int, parts: str) -> None:
        super().__init__(
            "oversize",
            f"record {record_key} is {size_bytes} bytes, the limit is {limit_bytes}; "
            f"its largest parts: {parts}",
        )
        self.record_key = record_key
        self.size_bytes = size_bytes
        self.limit_bytes = limit_bytes
        self.hint = "shorten the narrative, or split the record and tie the parts by a reference"


def oversize(change: Mapping[str, Any], size_bytes: int, limit_bytes: int) -> Oversize:
    """Give the error for a change that is too large; it names the largest parts, not content."""
    sizes = {
        name: len(canonical_json(value)) for name, value in (change["body"] or {}).items() if value
    }
    largest = sorted(sizes.items(), key=lambda part: part[1], reverse=True)[:_PARTS_NAMED]
    parts = ", ".join(f"{name} {size} bytes" for name, size in largest) or "none in the body"
    return Oversize(str(change["record_key"]), size_bytes, limit_bytes, parts)
