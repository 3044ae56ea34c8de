"""What of a record or a tie a decision depends on, as text that the index can keep (pure).

Invariant: two texts are equal only when the same is decided about both, whoever asks, so an index
keeps each once and a search decides about each once.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Final

import orjson

from recordbus.policy.decision import Item

NOTHING: Final = ""
"""Of what nobody said what it is: no decision is possible, so nobody is shown it."""
_FIELDS: Final = (
    "owner", "record_kind", "evidence_kind", "basis", "juvenile", "designation", "derived",
    "disputed", "sealed", "dissemination",
)  # fmt: skip


def written(items: Iterable[Item]) -> str:
    """Give items as text; their order and repetitions do not count."""
    return _written(tuple(dict.fromkeys(items)))


@lru_cache(maxsize=8192)
def _written(items: tuple[Item, ...]) -> str:
    rows = [[getattr(item, name) for name in _FIELDS] for item in items]
    return orjson.dumps(sorted(rows, key=orjson.dumps)).decode()


@lru_cache(maxsize=8192)
def items_in(text: str) -> tuple[Item, ...]:
    """Give the items of a text; none for the text that says nothing."""
    if text == NOTHING:
        return ()
    return tuple(Item(**dict(zip(_FIELDS, row, strict=True))) for row in orjson.loads(text))
