"""What a message is made of, as an Avro type: the forms of it follow from this (pure).

It has no file of its own in `schemas/`, for it follows from the types there and from what
agreements may mask. What it comes to is in docs/reference/feeds.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from consumers.feeds.formats.given import RECORD, UPDATE
from schemas import catalog

NAMESPACE: Final = "recordbus.feed.v1"
MESSAGE: Final = f"{NAMESPACE}.Message"
POINTER: Final = f"{NAMESPACE}.Pointer"
ENVELOPE: Final[Mapping[str, str]] = {
    "delivery_id": "id", "source": "source", "subject": "subject",
}  # fmt: skip
"""The fields that stand in the CloudEvents envelope, and their names there."""
CONTENT: Final = "content"
WITHHELD: Final = "withheld"
_TEXT: Final = ["null", "string"]
_INSTANT: Final[Mapping[str, str]] = {"type": "long", "logicalType": "timestamp-micros"}


def _field(name: str, kind: Any, doc: str) -> dict[str, Any]:
    optional = isinstance(kind, list)
    return {"name": name, "type": kind, **({"default": None} if optional else {}), "doc": doc}


_POINTER: Final[Mapping[str, Any]] = {
    "type": "record", "name": "Pointer", "namespace": NAMESPACE,
    "doc": "Whom to ask, and nothing else.",
    "fields": [
        _field("level", "string", "That it is only a pointer: `pointer`."),
        _field("department", "string", "Name of the department that owns it."),
        _field("owner_ori", "string", "ORI of the owner."),
        _field("contact", f"{catalog.NAMESPACE}.Contact", "Whom to ask."),
    ],
}  # fmt: skip
_MESSAGE: Final[Mapping[str, Any]] = {
    "type": "record", "name": "Message", "namespace": NAMESPACE,
    "doc": "One message of a feed: what a subscriber now holds of one subject.",
    "fields": [
        _field("delivery_id", "string", "Id of the message, the same whenever it comes again."),
        _field("source", "string", "URI of the bus that sends it."),
        _field("subject", "string", "`record/<record key>` or `association/<association id>`."),
        _field("subscription_id", "string", "Subscription under which it is told."),
        _field("agency", "string", "Agency that it is told to."),
        _field("on_behalf_of", _TEXT, "Agency for which it is held; null when it is the same."),
        _field("purpose", "string", "Purpose that it is held for (R-28)."),
        _field("case_number", "string", "Case that it is held for (R-28)."),
        _field("sequence", "long", "Number of this message among those of its subject."),
        _field("status", f"{catalog.NAMESPACE}.AssociationStatus", "What the message does."),
        _field("reason", _TEXT, "Code of why it changed or was taken back; null when it is new."),
        _field("because", _TEXT, "The same in words."),
        _field("receipt_within_hours", ["null", "int"], "How soon a receipt is due, if at all."),
        _field("verification", "string", "What its owner says of relying on it (R-34)."),
        _field("verification_at", ["null", _INSTANT], "When its owner said so."),
        _field("level", _TEXT, "`full` or `pointer`; null when it is retracted."),
        _field(CONTENT, ["null", POINTER, RECORD, UPDATE],
               "All that is now given of the subject; null once it is retracted."),
    ],
}  # fmt: skip
_WITHHELD: Final[Mapping[str, Any]] = {
    "name": WITHHELD, "type": {"type": "array", "items": "string"}, "default": [],
    "doc": "Paths in the content that the agreement withholds: what stands there says nothing.",
}  # fmt: skip


def fields() -> list[Mapping[str, Any]]:
    """Give the fields of a message, those of its envelope first."""
    return list(_MESSAGE["fields"])


def data_fields() -> list[Mapping[str, Any]]:
    """Give the fields that stand in the data of an envelope."""
    return [each for each in fields() if each["name"] not in ENVELOPE]


def in_avro() -> Mapping[str, Any]:
    """Give the message as it is written in Avro, where nothing can be left out, only said so."""
    return {**_MESSAGE, "fields": [*fields(), _WITHHELD]}


def definitions() -> Mapping[str, Mapping[str, Any]]:
    """Give the types that are only here, by full name."""
    return {MESSAGE: _MESSAGE, POINTER: _POINTER}
