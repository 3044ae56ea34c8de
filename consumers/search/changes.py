"""What a message of each topic that the index reads means for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, Final, cast

import orjson

from consumers.runner import is_tick
from consumers.search.answers import ANSWERS, Answers, answers
from consumers.search.document import Document
from consumers.search.documents import document, microseconds
from consumers.search.ties import (
    DEFAULT_VALUES,
    IDENTITIES,
    JUDGEMENTS,
    TIES,
    DefaultValue,
    Identity,
    Judged,
    Tie,
    tie,
)
from consumers.sink import Change, Removal
from recordbus.errors import Rejected
from recordbus.kafka.message import Message
from recordbus.verification import VERIFICATIONS
from schemas import catalog
from schemas.catalog import CatalogError
from schemas.types import AssociationUpdate, Record, RecordVerifications
from schemas.types import Identity as SaidIdentity

RECORDS_TOPIC: Final = "records.v1"
IDENTITIES_TOPIC: Final = "identities.v1"
ASSOCIATIONS_TOPIC: Final = "associations.v1"
DESIGNATIONS_TOPIC: Final = "designations.v1"
VERDICTS_TOPIC: Final = "verdicts.v1"
TOPICS: Final = tuple(spec.name for spec in catalog.topics().specs if "index" in spec.readers)
"""What the index reads, by the catalogue of topics."""
Payload = Document | Identity | Tie | DefaultValue | Judged | Answers
Decode = Callable[[bytes | None], object]
"""Gives the decoded value of a message; raises Rejected for one that cannot be read."""
_DEFAULT_KEYS: Final = b"value/"
_JUDGEMENT_KEYS: Final = b"judgement/"
_DIGEST_BYTES: Final = 32
_ORIGIN_AND_VERSION: Final = 2
_make = tuple.__new__  # a NamedTuple's own constructor takes three times as long
_FAULTS: Final = (KeyError, TypeError, ValueError, AttributeError, OverflowError)


def is_passed_over(message: Message) -> bool:
    """Tell whether a message says nothing to the index: the time, or evidence on its way."""
    if message.topic != VERDICTS_TOPIC:
        return is_tick(message)
    key = message.key or b""
    return not key.startswith((_DEFAULT_KEYS, _JUDGEMENT_KEYS))


class Changes:
    """Reads the messages of all topics that the index takes, each by its own rules."""

    def __init__(self, decoders: Mapping[str, Decode]) -> None:
        """`decoders` gives how the values of each topic are decoded, by its name."""
        self.records = RecordChanges(decoders[RECORDS_TOPIC])
        self._by_topic = {topic: _READERS[topic](decoders[topic]) for topic in decoders}

    def __call__(self, message: Message) -> Change[Payload]:
        """Give the change a message carries; raises Rejected for one that cannot be used."""
        return self._by_topic[message.topic](message)

    def department_of(self, message: Message) -> str | None:
        """Give the department whose record a message is; None if that cannot be read."""
        return self.records.department_of(message) if message.topic == RECORDS_TOPIC else None


class RecordChanges:
    """Reads messages of `records.v1` as changes of documents."""

    def __init__(self, decode: Decode) -> None:
        """`decode` gives the decoded `Record` of a message's value."""
        self._decode = decode

    def __call__(self, message: Message) -> Change[Document]:
        """Give the change a message carries; raises Rejected for one that cannot be used."""
        key = _digest_key(message, "record")
        origin = _origin(message)
        place = (message.partition, message.offset)
        if message.value is None:
            return Change(key, origin, 0, Removal.TOMBSTONE, None, None)
        record = cast(Record, self._decode(message.value))
        if record["record_key"] != key.hex():
            raise Rejected("key_mismatch", "the message's key is not its record's")
        payload = _document(record) if record["status"] == "live" else Removal.MARKER
        return Change(
            key, origin, record["version"], payload, record["department"],
            microseconds(record["published_at"]), place=place,
        )  # fmt: skip

    def department_of(self, message: Message) -> str | None:
        """Give the department that intake named in a message; None if that cannot be read."""
        try:
            record = cast(Record, self._decode(message.value))
            return catalog.checked_department(record["department"])
        except (Rejected, CatalogError):
            return None


class IdentityChanges:
    """Reads messages of `identities.v1` as changes of who a mention is."""

    def __init__(self, decode: Decode) -> None:
        self._decode = decode

    def __call__(self, message: Message) -> Change[Identity]:
        """Give the change a message carries; raises Rejected for one that cannot be used."""
        key = message.key or b""
        if message.value is None:
            return _ended(message, key, IDENTITIES)
        said = cast(SaidIdentity, self._decode(message.value))
        if said["mention_id"].encode() != key:
            raise Rejected("key_mismatch", "the message's key is not its mention's")
        return _change(message, key, IDENTITIES, _identity(said))


class TieChanges:
    """Reads messages of `associations.v1` and `designations.v1` as changes of ties."""

    def __init__(self, decode: Decode) -> None:
        self._decode = decode

    def __call__(self, message: Message) -> Change[Tie]:
        """Give the change a message carries; raises Rejected for one that cannot be used."""
        key = _digest_key(message, "association")
        if message.value is None:
            return _ended(message, key, TIES)
        update = cast(AssociationUpdate, self._decode(message.value))
        if update["association_id"] != key.hex():
            raise Rejected("key_mismatch", "the message's key is not its association's")
        within = _record_key(update["record_key"])
        return _change(message, key, TIES, _tie(update), within)


class VerdictChanges:
    """Reads the default values and judgements of `verdicts.v1`; what else is there is not asked."""

    def __init__(self, decode: Decode) -> None:
        self._decode = decode

    def __call__(self, message: Message) -> Change[DefaultValue] | Change[Judged]:
        """Give the change a message carries; raises Rejected for one that cannot be used."""
        key = message.key or b""
        is_default = key.startswith(_DEFAULT_KEYS)
        table = DEFAULT_VALUES if is_default else JUDGEMENTS
        name = key.partition(b"/")[2].decode("utf-8", "replace")
        if message.value is None:
            return _ended(message, name.encode(), table)
        _, said = cast(dict[str, Any], self._decode(message.value))["content"]
        if name != (said.get("value") if is_default else f"{said.get('a')}~{said.get('b')}"):
            raise Rejected("key_mismatch", "the message's key is not what it speaks of")
        if is_default:
            told = DefaultValue(name, said["is_default"])
            return _change(message, name.encode(), table, told)
        return _change(message, name.encode(), table, Judged(name, orjson.dumps(said)))


class AnswerChanges:
    """Reads messages of `verifications.v1` as changes of what owners answered (R-34)."""

    def __init__(self, decode: Decode) -> None:
        self._decode = decode

    def __call__(self, message: Message) -> Change[Answers]:
        """Give the change a message carries; raises Rejected for one that cannot be used."""
        key = _digest_key(message, "record").hex()
        if message.value is None:
            return _ended(message, key.encode(), ANSWERS)
        said = cast(RecordVerifications, self._decode(message.value))
        if said["record_key"] != key:
            raise Rejected("key_mismatch", "the message's key is not its record's")
        return _change(message, key.encode(), ANSWERS, answers(said))


_READERS: Final[Mapping[str, Callable[[Decode], Callable[[Message], Change[Any]]]]] = {
    RECORDS_TOPIC: RecordChanges,
    IDENTITIES_TOPIC: IdentityChanges,
    ASSOCIATIONS_TOPIC: TieChanges,
    DESIGNATIONS_TOPIC: TieChanges,
    VERDICTS_TOPIC: VerdictChanges,
    VERIFICATIONS: AnswerChanges,
}


def _identity(said: SaidIdentity) -> Identity | None:
    if said["entity_id"] is None:
        return None
    record_key, _, local_id = said["mention_id"].partition(".")
    key = _record_key(record_key)
    if record_key != said["record_key"] or not key or not local_id:
        raise Rejected("key_mismatch", "the mention is not of the record that is named")
    return Identity(key, local_id, said["kind"], said["entity_id"], tuple(said["verdicts"]))


def _record_key(text: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError:
        return b""


def _tie(update: AssociationUpdate) -> Tie | None:
    try:
        found = tie(update)
    except _FAULTS as error:
        detail = f"{type(error).__name__} while an association was read"
        raise Rejected("unsupported_association", detail) from None
    if found is None and update["status"] != "retracted":
        raise Rejected("unsupported_association", "an association without its content")
    return found


def _change(
    message: Message, key: bytes, table: str, payload: Any, within: bytes = b""
) -> Change[Any]:
    content = Removal.MARKER if payload is None else payload
    place = (message.partition, message.offset)
    origin, version = _said_by(message)
    return _make(Change, (key, origin, version, content, None, None, table, place, within))


def _ended(message: Message, key: bytes, table: str) -> Change[Any]:
    return Change(key, _origin(message), 0, Removal.TOMBSTONE, None, None, table)


def _digest_key(message: Message, what: str) -> bytes:
    try:
        key = bytes.fromhex((message.key or b"").decode("ascii"))
    except ValueError:
        key = b""
    if len(key) != _DIGEST_BYTES:
        raise Rejected("key_mismatch", f"the message's key is no {what} key")
    return key


def _origin(message: Message) -> str:
    return _said_by(message)[0]


def _said_by(message: Message) -> tuple[str, int]:
    """Give the origin and the version that the writer's runtime puts on every message.

    Of a message without them the partition and the offset serve.
    """
    if len(message.headers) == _ORIGIN_AND_VERSION:  # as the runtime writes them, in its order
        (first, said_origin), (second, said_version) = message.headers
        if first == "origin" and second == "version":
            return _text(said_origin), int.from_bytes(said_version, "big")
    origin, version = None, None
    for name, value in message.headers:
        if name == "origin" and origin is None:
            origin = _text(value)
        elif name == "version" and version is None:
            version = int.from_bytes(value, "big")
    if origin is None:
        origin = f"{message.topic}/{message.partition}"
    return origin, message.offset if version is None else version


@lru_cache(maxsize=1024)
def _text(origin: bytes) -> str:
    return origin.decode("ascii", "replace")


def _document(record: Record) -> Document:
    try:
        return document(record)
    except _FAULTS as error:
        detail = f"{type(error).__name__} while the search document was made"
        raise Rejected("decoder_crash", detail) from None
