"""Double Metaphone codes of folded names: how a name sounds, not how it is spelled (pure)."""

from __future__ import annotations

from functools import lru_cache

from doublemetaphone import doublemetaphone  # type: ignore[import-untyped]

from recordbus.normalize.text import CACHE_SIZE


@lru_cache(maxsize=CACHE_SIZE)
def codes(folded: str) -> tuple[str, ...]:
    """Give the one or two sound codes of a folded name, primary first; none for no sound.

    The words of a name are read as one word, so that `MC DONALD` sounds as `MCDONALD`.
    """
    primary, secondary = doublemetaphone(folded.replace(" ", ""))
    if not primary:
        return (secondary,) if secondary else ()
    return (primary, secondary) if secondary and secondary != primary else (primary,)
