"""Names of organisations as sets of telling words (pure)."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from recordbus.normalize import placeholders
from recordbus.normalize.text import CACHE_SIZE, fold

# Legal forms and filler: two firms that differ only here are written, not founded, differently.
_FILLER = frozenset(
    {
        "A", "AN", "AND", "ASSOCIATION", "CO", "COMPANY", "CORP", "CORPORATION", "DBA",
        "INC", "INCORPORATED", "LIMITED", "LLC", "LLP", "LP", "LTD", "OF", "PC",
        "PLC", "THE",
    }
)  # fmt: skip


class OrganisationName(NamedTuple):
    """A folded name and its telling words in order, each once."""

    name: str | None
    tokens: tuple[str, ...]
    placeholder: bool


@lru_cache(maxsize=CACHE_SIZE)
def normalise(text: str) -> OrganisationName:
    """Read an organisation's name; when all its words are filler they are kept."""
    folded = fold(text.replace("&", " and "))
    if placeholders.is_name(folded):
        return OrganisationName(None, (), placeholder=True)
    words = tuple(dict.fromkeys(folded.split()))
    telling = tuple(word for word in words if word not in _FILLER)
    return OrganisationName(folded, telling or words, placeholder=False)
