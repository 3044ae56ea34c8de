"""What the relay needs of an outbox, whatever database it is in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from importlib import resources
from typing import Final, Literal, NamedTuple, Protocol

from producers.connectors.outbox.row import Row

Engine = Literal["sqlite", "postgres"]
BATCH_BYTES: Final = 16 * 1024 * 1024
"""Payload that one batch may hold, unless its first row alone holds more."""


class Refusal(NamedTuple):
    """A row set aside: why, and where in it; never what it says."""

    id: int
    record_kind: str
    verb: str
    reason: str
    detail: str


class Backlog(NamedTuple):
    """What an outbox holds back: rows that wait, since when the first does, and rows refused."""

    waiting: int
    oldest: datetime | None
    refused: int


@dataclass(slots=True)
class Settled:
    """What became of the rows of one batch, by their ids."""

    published: list[int] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)
    expunged: list[tuple[str, str]] = field(default_factory=list)


class Outbox(Protocol):
    """One department's outbox table; used by one thread.

    Every method raises Retryable when the database is away or busy, and the next call connects
    anew; Misconfigured when the table is not there or not ours to change.
    """

    wakes: bool
    """Whether `wait` returns when rows are written, and need not be asked often."""

    def lease(self) -> bool:
        """Be the one relay of this table; False while another one is."""

    def read(self, rows: int) -> Sequence[Row]:
        """Give waiting rows by rising id, at most this many and about `BATCH_BYTES` of payload.

        Content that follows a refused removal of its record is left out.
        """

    def settle(self, settled: Settled, at: datetime) -> None:
        """Mark rows, all or none; payloads of published rows and expunged records are erased."""

    def backlog(self) -> Backlog:
        """Count what waits."""

    def trim(self, before: datetime, rows: int) -> int:
        """Delete at most this many published rows settled before an instant; gives how many."""

    def refusals(self, rows: int) -> Sequence[Refusal]:
        """Give refused rows, oldest first."""

    def retry(self, ids: Sequence[int]) -> int:
        """Let refused rows wait again; all of them when no id is given. Gives how many."""

    def wait(self, seconds: float) -> None:
        """Return when rows may have been written, and after this time at the latest."""

    def close(self) -> None:
        """Let the table and the connection go."""


def ddl(engine: Engine) -> str:
    """Give the statements that make the table."""
    folder = resources.files("producers.connectors.outbox").joinpath("ddl")
    return folder.joinpath(f"{engine}.sql").read_text(encoding="utf-8")
