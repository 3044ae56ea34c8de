"""Names of people as comparable parts: given, middle, surname, suffix, sounds (pure).

The department's own spelling stays in the record's body; these parts exist only to compare.
A suffix is parsed to its own field because father and son differ by nothing else.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from recordbus.normalize import given_names, phonetic, placeholders
from recordbus.normalize.text import CACHE_SIZE, fold

_SUFFIXES = {
    "JR": "JR", "JNR": "JR", "JUNIOR": "JR", "SR": "SR", "SNR": "SR", "SENIOR": "SR",
    "II": "II", "2ND": "II", "III": "III", "3RD": "III", "IV": "IV", "4TH": "IV",
}  # fmt: skip
# Alone in a suffix field these are suffixes; at the end of a name they may be an initial.
_SUFFIX_FIELD_ONLY = {"I": "I", "1ST": "I", "V": "V", "5TH": "V"}
_PARTICLES = frozenset(
    {
        "AL", "BEN", "BIN", "D", "DA", "DAL", "DE", "DEL", "DELA", "DELLA", "DEN",
        "DER", "DES", "DI", "DO", "DOS", "DU", "EL", "LA", "LAS", "LE", "LO",
        "LOS", "MAC", "MC", "SAN", "SANTA", "ST", "STE", "TEN", "TER", "VAN", "VANDEN",
        "VANDER", "VON", "ZU",
    }
)  # fmt: skip


class NameParts(NamedTuple):
    """A folded name; a part that is missing or a placeholder is empty."""

    given: str
    middle: str
    surname: str
    suffix: str
    given_canonical: str
    given_codes: tuple[str, ...]
    surname_codes: tuple[str, ...]
    placeholder: bool


class _Words(NamedTuple):
    given: str = ""
    middle: str = ""
    surname: str = ""
    suffix: str = ""


def suffix(text: str | None) -> str:
    """Give a suffix field in its short form (JR, SR, I to V), or empty when it is none."""
    folded = fold(text) if text else ""
    return _SUFFIXES.get(folded) or _SUFFIX_FIELD_ONLY.get(folded, "")


def _split_suffix(words: list[str]) -> str:
    """Take a trailing suffix off the words, if one follows at least one other word."""
    if len(words) > 1 and words[-1] in _SUFFIXES:
        return _SUFFIXES[words.pop()]
    return ""


def _surname_start(words: list[str]) -> int:
    """Give where the surname begins in `given [middle...] [particles] surname`."""
    start = len(words) - 1
    while start > 1 and words[start - 1] in _PARTICLES:
        start -= 1
    return start


def _parse_ordered(words: list[str]) -> _Words:
    tail = _split_suffix(words)
    if len(words) < 2:
        return _Words(surname=" ".join(words), suffix=tail)
    start = _surname_start(words)
    return _Words(words[0], " ".join(words[1:start]), " ".join(words[start:]), tail)


def _parse_inverted(before: str, after: str) -> _Words:
    surname, rest = fold(before).split(), fold(after).split()
    if rest and all(word in _SUFFIXES for word in rest):
        parsed = _parse_ordered(surname)
        return parsed._replace(suffix=parsed.suffix or _SUFFIXES[rest[0]])
    tail = _split_suffix(surname) or _split_suffix(rest)
    if surname and rest and rest[0] in _SUFFIXES:
        tail = tail or _SUFFIXES[rest.pop(0)]
    return _Words(rest[0] if rest else "", " ".join(rest[1:]), " ".join(surname), tail)


@lru_cache(maxsize=CACHE_SIZE)
def _parse_full(full: str) -> _Words:
    before, comma, after = full.partition(",")
    return _parse_inverted(before, after) if comma else _parse_ordered(fold(full).split())


@lru_cache(maxsize=CACHE_SIZE)
def _surname_and_suffix(text: str) -> tuple[str, str]:
    words = fold(text).split()
    tail = _split_suffix(words)
    return " ".join(words), tail


def _from_parts(given: str, middle: str, surname: str, tail: str) -> _Words:
    last, last_suffix = _surname_and_suffix(surname)
    first, first_suffix = _surname_and_suffix(given)
    return _Words(first, fold(middle), last, suffix(tail) or last_suffix or first_suffix)


def parse(
    full: str | None, given: str | None, middle: str | None, surname: str | None, tail: str | None
) -> NameParts:
    """Give the comparable parts of a name; separate parts win over the full form.

    `full` is read as `SURNAME, GIVEN MIDDLE SUFFIX` when it has a comma, else in speaking order.
    """
    if given or surname:
        words = _from_parts(given or "", middle or "", surname or "", tail or "")
    else:
        words = _parse_full(full or "")
        if tail:
            words = words._replace(suffix=suffix(tail) or words.suffix)
    return _finish(words)


@lru_cache(maxsize=CACHE_SIZE)
def _finish(words: _Words) -> NameParts:
    first, middle, last, tail = words
    nobody = placeholders.is_unnamed_pair(first, last) or placeholders.is_name(f"{first} {last}")
    drop_first = nobody or (first != "" and placeholders.is_name(first)) or first == "BABY"
    drop_last = nobody or (last != "" and placeholders.is_name(last))
    flagged = (drop_first and first != "") or (drop_last and last != "")
    first, last = "" if drop_first else first, "" if drop_last else last
    return NameParts(
        first, "" if drop_first else middle, last, tail,
        given_names.canonical(first), phonetic.codes(first), phonetic.codes(last), flagged,
    )  # fmt: skip
