"""A rehearsal of the bus in one process: what it would say of records, without Kafka.

The kit imports no service: rehearsals are entry points, found by name. A rehearsal needs no
network and leaves nothing behind.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from importlib.metadata import entry_points
from typing import Any, Final, NamedTuple, Protocol, cast

from recordbus.errors import Misconfigured
from recordbus.kafka.registry import SchemaRegistry

GROUP: Final = "recordbus.rehearsals"
STAGES: Final = "stages"


class Heard(NamedTuple):
    """What the bus makes of one message: its flags when accepted, or why it is set aside."""

    accepted: bool
    reason: str | None = None
    detail: str = ""
    flags: Collection[str] = ()


class Rehearsal(Protocol):
    """One department on a bus of its own."""

    registry: SchemaRegistry
    """Holds the schemas of the department's topic and of everything else."""

    def offer(self, key: bytes, value: bytes, moment_ms: int) -> Heard:
        """Let the bus take one message of the department's topic, through all its stages."""

    def associations(self) -> Iterator[Mapping[str, Any]]:
        """Give the latest update of every association."""

    def identities(self) -> Iterator[Mapping[str, Any]]:
        """Give the latest identity of every mention."""

    def troubles(self) -> Mapping[str, int]:
        """Count what stages behind intake set aside, by stage and reason: never expected."""


class OpenRehearsal(Protocol):
    """Opens a rehearsal for a department of this name and ORI."""

    def __call__(self, department: str, ori: str) -> Rehearsal:
        """Open it; takes a second or so."""


def find(name: str = STAGES) -> OpenRehearsal:
    """Give what opens rehearsals; raises Misconfigured when none is installed."""
    for point in entry_points(group=GROUP, name=name):
        return cast(OpenRehearsal, point.load())
    raise Misconfigured(
        f"no rehearsal of the name {name} is installed",
        hint="install recordbus again, with its streams",
    )
