"""E-mail addresses as comparable values (pure)."""

from __future__ import annotations

import re
import unicodedata

_SHAPE = re.compile(r"[^@\s]{1,64}@[^@\s.]+(?:\.[^@\s.]+)+")


def normalise(text: str) -> str | None:
    """Give an e-mail address in lower case, or None when the text has not the shape of one."""
    folded = unicodedata.normalize("NFKC", text).strip().casefold()
    return folded if _SHAPE.fullmatch(folded) and len(folded) <= 254 else None
