"""How much may be on its way: the bound that makes a publisher wait instead of growing."""

from __future__ import annotations

from dataclasses import dataclass

from schemas.limits import RECORD_BYTES


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of a publisher.

    `records` and `bytes` are what may wait for acknowledgement; `message_bytes` is the largest
    encoded record; `patience_seconds` how long publishing may wait for room.
    """

    records: int = 20_000
    bytes: int = 32 * 1024 * 1024
    message_bytes: int = RECORD_BYTES
    patience_seconds: float = 120.0

    def __post_init__(self) -> None:
        if self.bytes < self.message_bytes or self.records < 1:
            raise ValueError("the window must hold at least one record of the largest size")


class Window:
    """What is on its way now; its owner guards it against concurrent use."""

    __slots__ = ("_limits", "bytes", "records")

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self.records = 0
        self.bytes = 0

    def has_room(self, size_bytes: int) -> bool:
        """Say whether one more record of this size may be sent now."""
        limits = self._limits
        return self.records < limits.records and self.bytes + size_bytes <= limits.bytes

    def enter(self, size_bytes: int) -> None:
        """Count a record that is sent."""
        self.records += 1
        self.bytes += size_bytes

    def leave(self, size_bytes: int) -> None:
        """Uncount a record that was acknowledged or failed."""
        self.records -= 1
        self.bytes -= size_bytes
