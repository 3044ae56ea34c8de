"""Dates of birth as people write them in files: ISO, eight digits, or one declared form (pure).

Invariant: a date is never guessed. `03/04/1981` means something only when its form was declared;
otherwise it counts as unreadable, which is told, and as no date.
"""

from __future__ import annotations

import re
from datetime import datetime
from functools import lru_cache

from recordbus.normalize import dates
from recordbus.normalize.text import CACHE_SIZE

_DIGITS = re.compile(r"(\d{4})(\d\d)(\d\d)", re.ASCII)


@lru_cache(maxsize=CACHE_SIZE)
def iso_date(text: str, form: str | None) -> str | None:
    """Give a written date as ISO, or None when it cannot be read.

    `form` is a strptime form such as `%m/%d/%Y`; ISO (also `YYYY-MM` and `YYYY`) and `YYYYMMDD` are
    always understood.
    """
    if dates.is_iso(text):
        return text
    digits = _DIGITS.fullmatch(text)
    if digits:
        iso = "-".join(digits.groups())
        return iso if dates.is_iso(iso) else None
    return _declared(text, form) if form else None


def _declared(text: str, form: str) -> str | None:
    try:
        return datetime.strptime(text, form).date().isoformat()  # noqa: DTZ007 - a day, no moment
    except ValueError:
        return None
