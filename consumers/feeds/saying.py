"""What a message of each topic that feeds read says, and of which record (pure).

Invariant: a value stays in the bytes that its writer said it in, until somebody is told of it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from enum import IntEnum
from functools import lru_cache
from typing import Final, NamedTuple, cast

from consumers.search.changes import (
    ASSOCIATIONS_TOPIC,
    DESIGNATIONS_TOPIC,
    IDENTITIES_TOPIC,
    RECORDS_TOPIC,
)
from consumers.sink import Change, Removal
from recordbus.errors import Rejected
from recordbus.kafka.message import Message
from recordbus.verification import VERIFICATIONS
from schemas.types import AssociationUpdate, Identity, Record, RecordVerifications

Decode = Callable[[bytes | None], object]
_MOST_REMEMBERED: Final = 2000


class Part(IntEnum):
    """What a value says something about: the record, or something within it."""

    RECORD = 0
    ASSOCIATION = 1
    IDENTITY = 2
    VERIFICATION = 3


class Said(NamedTuple):
    """A value of one key. `name` tells it from others of the record; empty for the record itself.

    `entity` is whom a mention stands for, None where it is gone.
    """

    record_key: str
    part: Part
    name: str
    value: bytes
    department: str | None = None
    record_kind: str | None = None
    entity: str | None = None


def remembering(decoders: Mapping[str, Decode]) -> dict[str, Decode]:
    """Give decoders that know the last values of records and associations.

    A value is read when it comes and again when somebody is told of it, mostly soon after. It is
    known by its bytes, so none is given that is not asked for; nobody may change what is given.
    """
    return {
        topic: decode if topic == IDENTITIES_TOPIC else lru_cache(_MOST_REMEMBERED)(decode)
        for topic, decode in decoders.items()
    }


def topics(*, designations: bool) -> tuple[str, ...]:
    """Give the topics that feeds read; that of designations only where the bus has any (R-13)."""
    always = (RECORDS_TOPIC, ASSOCIATIONS_TOPIC, IDENTITIES_TOPIC, VERIFICATIONS)
    return (*always, DESIGNATIONS_TOPIC) if designations else always


def reader(decoders: Mapping[str, Decode]) -> Callable[[Message], Change[Said]]:
    """Give what reads messages of `topics` as changes; it raises Rejected for what is unusable."""

    def read(message: Message) -> Change[Said]:
        part, said_of = _READERS[message.topic]
        origin, version = _written_by(message)
        key = message.key or b""
        place = (message.partition, message.offset)
        if message.value is None:
            table = part.name.lower()
            return Change(key, origin, 0, Removal.TOMBSTONE, None, None, table, place)
        said, published_us, department = said_of(
            key, decoders[message.topic](message.value), message.value
        )
        return Change(
            key, origin, version, said, department, published_us, part.name.lower(), place,
            said.record_key.encode(),
        )  # fmt: skip

    return read


def _record(key: bytes, decoded: object, value: bytes) -> tuple[Said, int | None, str | None]:
    record = cast(Record, decoded)
    if record["record_key"].encode() != key or len(key) != 2 * hashlib.sha256().digest_size:
        raise Rejected("key_mismatch", "the message's key is not its record's")
    published_us = int(record["published_at"].timestamp() * 1_000_000)
    said = Said(
        record["record_key"], Part.RECORD, "", value, record["department"], record["record_kind"]
    )
    return said, published_us, record["department"]


def _association(key: bytes, decoded: object, value: bytes) -> tuple[Said, int | None, str | None]:
    update = cast(AssociationUpdate, decoded)
    if update["association_id"].encode() != key:
        raise Rejected("key_mismatch", "the message's key is not its association's")
    said = Said(update["record_key"], Part.ASSOCIATION, update["association_id"], value)
    return said, None, None


def _identity(key: bytes, decoded: object, value: bytes) -> tuple[Said, int | None, str | None]:
    identity = cast(Identity, decoded)
    if identity["mention_id"].encode() != key:
        raise Rejected("key_mismatch", "the message's key is not its mention's")
    record_key, _, local_id = identity["mention_id"].partition(".")
    if record_key != identity["record_key"] or not local_id:
        raise Rejected("key_mismatch", "the mention is not of the record that is named")
    entity = identity["entity_id"]
    return Said(record_key, Part.IDENTITY, local_id, value, entity=entity), None, None


def _verification(key: bytes, decoded: object, value: bytes) -> tuple[Said, int | None, str | None]:
    said = cast(RecordVerifications, decoded)
    if said["record_key"].encode() != key:
        raise Rejected("key_mismatch", "the message's key is not its record's")
    return Said(said["record_key"], Part.VERIFICATION, "", value), None, said["department"]


_READERS: Final = {
    RECORDS_TOPIC: (Part.RECORD, _record),
    ASSOCIATIONS_TOPIC: (Part.ASSOCIATION, _association),
    DESIGNATIONS_TOPIC: (Part.ASSOCIATION, _association),
    IDENTITIES_TOPIC: (Part.IDENTITY, _identity),
    VERIFICATIONS: (Part.VERIFICATION, _verification),
}
PARTS: Final = {topic: part for topic, (part, _) in _READERS.items()}
"""What values of each topic say something about."""


class Decoders:
    """Reads stored values of one part, which may have come from several topics."""

    def __init__(self, decoders: Sequence[Decode]) -> None:
        """`decoders` are those of the topics, the one that most values come from first."""
        self._decoders = decoders

    def decode(self, value: bytes | None) -> object:
        """Give a value; raises Rejected when it is of none of the topics."""
        *others, last = self._decoders
        for decode in others:
            try:
                return decode(value)
            except Rejected as refused:
                if refused.reason != "schema_not_for_topic":
                    raise
        return last(value)


def decoders_of(decoders: Mapping[str, Decode]) -> dict[Part, Decode]:
    """Give what reads stored values of each part, by the decoders of the topics that are read."""
    return {
        part: Decoders([each for topic, each in decoders.items() if PARTS[topic] is part]).decode
        for part in Part
    }


def _written_by(message: Message) -> tuple[str, int]:
    """Give origin and version as the writer's runtime put them; else partition and offset serve."""
    headers = dict(message.headers)
    origin, version = headers.get("origin"), headers.get("version")
    if origin is None or version is None:
        return f"{message.topic}/{message.partition}", message.offset
    return origin.decode("ascii", "replace"), int.from_bytes(version, "big")
