"""What must hold of what a chain of stages said, on a simulated broker and on a real one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import orjson

from streams.runtime.envelope import unpack_version

Tidy = Callable[[str, bytes], bytes | None]


class Violation(Exception):
    """Something that must hold does not."""


class Said(Protocol):
    """A message of a stage."""

    @property
    def key(self) -> bytes | None: ...
    @property
    def value(self) -> bytes | None: ...
    @property
    def headers(self) -> Sequence[tuple[str, bytes]]: ...


@dataclass(frozen=True, slots=True)
class Event:
    """What an outsider writes; the partition follows from the key unless it is given."""

    topic: str
    key: bytes | None
    value: bytes | None
    partition: int | None = None


@dataclass(frozen=True, slots=True)
class Published:
    """An event where it was written."""

    event: Event
    partition: int
    offset: int


@dataclass(frozen=True, slots=True)
class Expected:
    """What an oracle foretells: the content of each public table, and what is set aside."""

    tables: Mapping[str, Mapping[bytes, bytes]]
    quarantined: Mapping[str, str]


@dataclass(slots=True)
class PublicReader:
    """Follows one partition of a table as a subscriber does, and watches what stages promise."""

    topic: str
    partition: int
    position: int = 0
    held: dict[bytes, bytes] = field(default_factory=dict)
    heard: dict[tuple[bytes, bytes], int] = field(default_factory=dict)

    def take(self, message: Said) -> None:
        """Take in a message; it must be newer than what its key and origin said before."""
        headers = dict(message.headers)
        version = unpack_version(headers["version"])
        key = message.key or b""
        if version <= self.heard.get((key, headers["origin"]), -1):
            raise Violation(f"{self.topic}: {key!r} said again or out of order: {version}")
        self.heard[key, headers["origin"]] = version
        if message.value is None:
            self.held.pop(key, None)
        else:
            self.held[key] = message.value


def compare_tables(
    expected: Expected, who: str, readers: Sequence[PublicReader], tidy: Tidy
) -> None:
    """Compare what readers hold with what is expected; raises Violation."""
    for topic, wanted in expected.tables.items():
        held = (reader.held.items() for reader in readers if reader.topic == topic)
        tidied = ((key, tidy(topic, value)) for items in held for key, value in items)
        found = {key: value for key, value in tidied if value is not None}
        differing = {
            key: (found.get(key), wanted.get(key))
            for key in found.keys() | wanted.keys()
            if found.get(key) != wanted.get(key)
        }
        if differing:
            raise Violation(f"{who} of {topic} finds (found, wanted): {differing}")


def compare_quarantine(expected: Expected, messages: Iterable[Said]) -> None:
    """Check that exactly the expected inputs were set aside, each once; raises Violation."""
    found = Counter(
        ((message.key or b"").decode(), orjson.loads(message.value or b"")["reason"])
        for message in messages
    )
    wanted = Counter(expected.quarantined.items())
    if found != wanted:
        raise Violation(f"quarantine: unexpected {found - wanted}, missing {wanted - found}")
