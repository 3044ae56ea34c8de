"""Messages of a bus, signed, for tests of the receiving side."""

from __future__ import annotations

from typing import Any, Final

import orjson

from consumers.feeds.channels.webhook.signing import HmacKey, SigningKey, signatures
from recordbus.testing.clock import EPOCH

KEY: Final = HmacKey(b"k" * 32)
NOW: Final = int(EPOCH.timestamp())


def body(
    sequence: int = 1, status: str = "asserted", subject: str = "record/ab", **data: Any
) -> bytes:
    """Give an envelope; its id follows from its subject and number."""
    told = {"sequence": sequence, "status": status, "content": {"record_kind": "arrest"}} | data
    return orjson.dumps({"id": message_id(subject, sequence), "subject": subject, "data": told})


def message_id(subject: str = "record/ab", sequence: int = 1) -> str:
    """Give the id of a message."""
    return f"dlv_{subject.replace('/', '_')}_{sequence}"


def signed(
    content: bytes, key: SigningKey = KEY, at: int = NOW, named: str | None = None
) -> dict[str, str]:
    """Give the headers of a message."""
    number = named or orjson.loads(content)["id"]
    return {
        "webhook-id": number,
        "webhook-timestamp": str(at),
        "webhook-signature": signatures([key], number, at, content),
    }
