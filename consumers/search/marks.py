"""Scars, marks and tattoos as they are asked for: a code, or what people call it (pure)."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

from consumers.search.words import compact, words
from recordbus.normalize import marks
from schemas.catalog import code_list

_SIDES = {"left": "l", "right": "r"}
_CATEGORY_WORDS = {"tattoos": "tat", "tattooed": "tat", "scars": "sc", "birthmark": "disc"}


class MarkAsked(NamedTuple):
    """Parts of one mark, empty where not said, and the words that are left to its description."""

    category: str
    side: str
    place: str
    words: tuple[str, ...]


def mark_asked(text: str) -> MarkAsked:
    """Read `TAT L ARM`, `tattoo left arm dragon` or `dragon`."""
    if " ".join(text.upper().split()) in code_list("mark").codes:
        parts = marks.parts(text)
        category, side, place = parts.category or "", parts.side or "", parts.place or ""
        return MarkAsked(compact(category), compact(side), compact(place), ())
    category, side, place = "", "", ""
    rest: list[str] = []
    for word in words(text):
        if not category and word in _categories():
            category = _categories()[word]
        elif not side and word in _SIDES:
            side = _SIDES[word]
        elif not place and word in _places():
            place = _places()[word]
        else:
            rest.append(word)
    return MarkAsked(category, side, place, tuple(rest))


def mark_words(category: str, side: str, place: str) -> list[str]:
    """Give the words that people use for a mark's parts, for a search over the whole record."""
    of_category, of_place = _said()
    parts = (compact(category), compact(place))
    found = [of_category.get(parts[0], ""), of_place.get(parts[1], "")]
    found += [word for word, code in _SIDES.items() if code == side.lower()]
    return [word for word in found if word]


@cache
def _categories() -> dict[str, str]:
    return {word: code for code, word in _said()[0].items()} | _CATEGORY_WORDS


@cache
def _places() -> dict[str, str]:
    return {word: code for code, word in _said()[1].items()}


@cache
def _said() -> tuple[dict[str, str], dict[str, str]]:
    """Give category and place codes with their usual word, as the code list labels them."""
    categories: dict[str, str] = {}
    places: dict[str, str] = {}
    for code, label in code_list("mark").codes.items():
        parts = marks.parts(code)
        kind, _, place = label.partition(",")
        place_words = [word for word in words(place) if word not in _SIDES]
        if len(words(kind)) == 1:
            categories.setdefault(compact(parts.category or ""), words(kind)[0])
        if len(place_words) == 1:
            places.setdefault(compact(parts.place or ""), place_words[0])
    return categories, places
