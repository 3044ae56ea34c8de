"""How text becomes the words of the index, the same way when indexed and when asked for (pure).

Invariant: `fold(text) == recordbus.normalize.text.fold(text).lower()` for every text; plain
ASCII, which nearly all text is, takes a path without the general one's cost per character.
Folding is idempotent, so text that was normalised before may be folded again.
"""

from __future__ import annotations

from recordbus.normalize import text as normalised_text

_DROPPED = "'.`"
_ASCII_TABLE = {
    code: None if chr(code) in _DROPPED else (chr(code).lower() if chr(code).isalnum() else " ")
    for code in range(128)
}


def fold(text: str) -> str:
    """Fold text to lower-case words with one space between them; `O'Brien` becomes `obrien`."""
    if text.isascii():
        return " ".join(text.translate(_ASCII_TABLE).split())
    return normalised_text.fold(text).lower()


def words(text: str) -> list[str]:
    """Give the words of a text in reading order."""
    return fold(text).split()


def compact(text: str) -> str:
    """Give a number, plate or code as its letters and digits alone, in lower case."""
    return fold(text).replace(" ", "")
