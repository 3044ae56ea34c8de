"""What a message says of itself: enough to keep the newest of each subject (pure)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

import orjson

RETRACTED: Final = "retracted"
_SUBSCRIPTION: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,59}")
_STATUSES: Final = frozenset({"asserted", "changed", RETRACTED})


class Unreadable(Exception):
    """A body that is no message of a feed, though its signature holds."""


class Message(NamedTuple):
    """A message that was checked: `data` is that of its envelope, `body` its bytes."""

    message_id: str
    subject: str
    sequence: int
    status: str
    data: Mapping[str, Any]
    body: bytes

    @property
    def is_retraction(self) -> bool:
        """Whether what is held of its subject must go."""
        return self.status == RETRACTED

    @property
    def subscription_id(self) -> str | None:
        """Give whose message it is; None for one that does not say so."""
        said = self.data.get("subscription_id")
        return said if isinstance(said, str) and _SUBSCRIPTION.fullmatch(said) else None

    @property
    def receipt_within_hours(self) -> int | None:
        """Give how soon a receipt is due; None where none is asked for."""
        hours = self.data.get("receipt_within_hours")
        return hours if isinstance(hours, int) else None


def read_message(message_id: str, body: bytes) -> Message:
    """Read a CloudEvents envelope; raises Unreadable. `message_id` is the one that was signed."""
    try:
        envelope = orjson.loads(body)
        data, subject = envelope["data"], envelope["subject"]
        sequence, status = data["sequence"], data["status"]
    except (orjson.JSONDecodeError, KeyError, TypeError) as error:
        raise Unreadable("it is no envelope of a feed") from error
    if envelope.get("id") != message_id:
        raise Unreadable("its id is not the one that was signed")
    if not isinstance(subject, str) or type(sequence) is not int or status not in _STATUSES:
        raise Unreadable("its subject, number or status is of no kind that is known")
    return Message(message_id, subject, sequence, status, data, body)
