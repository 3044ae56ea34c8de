"""Folding of free text: case, accents, punctuation and look-alike letters (pure).

The invariant: `fold(fold(x)) == fold(x)`, and two spellings that a reader cannot tell apart
fold to the same text, so that neither an index nor a query can be dodged with them.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

CACHE_SIZE = 32_768
"""Entries per cached function; a bound on memory, not a limit on input."""

# Letters that NFKD leaves whole although readers and other systems spell them in plain letters.
_SPELLED = str.maketrans(
    {
        "Æ": "AE",
        "Œ": "OE",
        "Ø": "O",
        "Đ": "D",
        "Ð": "D",
        "Ł": "L",
        "Þ": "TH",
        "ẞ": "SS",
        "Ħ": "H",
        "Ŋ": "NG",
        "Ə": "A",
    }
)
# Capitals of other scripts that look like Latin ones; used only in words that mix scripts.
_LOOK_ALIKE = str.maketrans(
    "\u0410\u0412\u0421\u0415\u041d\u0406\u0408\u041a\u041c\u041e"
    "\u0420\u0405\u0422\u0423\u0425\u04ae"  # Cyrillic
    "\u0391\u0392\u0395\u0396\u0397\u0399\u039a\u039c\u039d\u039f\u03a1\u03a4\u03a5\u03a7",  # Greek
    "ABCEHIJKMOPSTYXYABEZHIKMNOPTYX",
)
_DROPPED = re.compile("['.`\u2018\u2019\u02bc\u00b4]")
_NOT_WORD = re.compile(r"[\W_]+")
_LATIN = re.compile(r"[A-Z]")
_DROPPED_ASCII = b"'.`"
_ASCII = bytes(
    ord(chr(code).upper()) if code < 128 and chr(code).isalnum() else ord(" ")
    for code in range(256)
)
_GAPS_ASCII = bytes(code for code in range(128) if not chr(code).isalnum())


def _decompose(text: str) -> str:
    """Spell text in capitals without accents and without invisible characters."""
    upper = unicodedata.normalize("NFKD", text.upper()).upper()
    kept = "".join(c for c in upper if unicodedata.category(c) not in ("Mn", "Me", "Cf"))
    return unicodedata.normalize("NFKD", kept.translate(_SPELLED))


def _unmask(word: str) -> str:
    """Give a word that mixes scripts its Latin letters; leave a word of one script alone."""
    return word.translate(_LOOK_ALIKE) if not word.isascii() and _LATIN.search(word) else word


def _fold_once(text: str) -> str:
    spelled = _DROPPED.sub("", _decompose(text))
    return " ".join(_unmask(word) for word in _NOT_WORD.sub(" ", spelled).split())


@lru_cache(maxsize=CACHE_SIZE)
def fold(text: str) -> str:
    """Fold text to capitals, digits and single spaces; apostrophes and full stops leave no gap.

    `O'Brien-Núñez Jr.` becomes `OBRIEN NUNEZ JR`. Empty when nothing is left.
    """
    if text.isascii():
        return b" ".join(text.encode().translate(_ASCII, _DROPPED_ASCII).split()).decode()
    once = _fold_once(text)
    return once if once.isascii() else _fold_once(once)


def compact(text: str) -> str:
    """Fold text and close its gaps: `AB-12 34` and `ab 1234` both become `AB1234`."""
    if text.isascii():
        return text.encode().translate(_ASCII, _GAPS_ASCII).decode()
    return fold(text).replace(" ", "")
