"""One byte form for one value, so that equal content has equal hashes everywhere."""

from __future__ import annotations

from typing import Any

import orjson

_OPTIONS = orjson.OPT_SORT_KEYS | orjson.OPT_UTC_Z


def canonical_json(value: Any) -> bytes:
    """Encode a value as JSON with sorted keys and no spaces: equal values give equal bytes."""
    return orjson.dumps(value, option=_OPTIONS)
