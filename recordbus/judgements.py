"""What makes a judgement about two mentions a sound one, for those who send and who take it (pure).

Invariant: a pair of mentions has one key, whoever names them in whichever order.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from recordbus.errors import Rejected

TOPIC: Final = "ingest.judgements.v1"
REASON_LIMIT: Final = 500
AUTHOR_LIMIT: Final = 100
BETWEEN: Final = "~"
"""Stands between the two mention ids of a pair's key; no mention id holds it."""

_MENTION: Final = re.compile(r"([0-9a-f]{64})\.[A-Za-z0-9][\w:-]{0,63}")


def record_of(mention: str) -> str:
    """Give the key of a mention's record; empty when the text is no mention id of a role.

    Matters have mention ids too, but they are what their number says and are never judged.
    """
    found = _MENTION.fullmatch(mention)
    return found[1] if found else ""


def key_of(judgement: Mapping[str, Any]) -> str:
    """Give the key of a judgement's pair."""
    return f"{judgement['a']}{BETWEEN}{judgement['b']}"


def check(judgement: Mapping[str, Any]) -> None:
    """Check a `recordbus.v1.Judgement`; raises Rejected with a reason of `schemas/reasons.yaml`."""
    _check_pair(judgement["a"], judgement["b"])
    for name in ("a_version", "b_version"):
        if judgement[name] < 0:
            raise Rejected("bad_value", f"{name} is negative")
    for name, limit in (("reason", REASON_LIMIT), ("author", AUTHOR_LIMIT)):
        _check_text(name, judgement[name], limit)
    _check_expiry(judgement["decided_at"], judgement["expires_at"])


def _check_pair(a: str, b: str) -> None:
    records = record_of(a), record_of(b)
    if not all(records) or b <= a:
        raise Rejected("bad_pair", "a and b are not two mention ids in their order")
    if records[0] == records[1]:
        raise Rejected("judged_within_record", "both mentions stand in one record")


def _check_text(name: str, text: str, limit: int) -> None:
    if not text.strip():
        raise Rejected("unexplained_judgement", f"{name} is blank")
    if len(text) > limit or not text.isprintable():
        raise Rejected(
            "unexplained_judgement", f"{name} is not one line of at most {limit} characters"
        )


def _check_expiry(decided_at: datetime, expires_at: datetime | None) -> None:
    if expires_at is not None and expires_at <= decided_at:
        raise Rejected("judgement_expired", "expires_at is not after decided_at")
