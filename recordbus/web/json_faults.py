"""Finds where in a JSON text the first fault of a kind stands, once it is known to be there (pure).

Slow, and asked only about a text that the reader has refused already.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Final

_TOKEN: Final = re.compile(
    r'"(?:[^"\\]|\\.)*"|-?Infinity|NaN|-?\d[\d.eE+-]*|[A-Za-z]+|[][{}:,]', re.DOTALL
)


def place_of(text: str, offset: int) -> tuple[int, int]:
    """Give line and column of an offset, both counted from 1."""
    before = text.rfind("\n", 0, offset)
    return text.count("\n", 0, offset) + 1, offset - before


def place_of_fault(text: str, code: str, longest_number: int) -> tuple[int, int]:
    """Give line and column of the first fault that has this problem's code."""
    found = _duplicate(text) if code == "duplicate_key" else _token(text, code, longest_number)
    return place_of(text, found)


def _token(text: str, code: str, longest_number: int) -> int:
    for token in _TOKEN.finditer(text):
        if _is(token[0], code, longest_number):
            return token.start()
    return 0


def _is(token: str, code: str, longest_number: int) -> bool:
    if code == "lone_surrogate":
        return token[0] == '"' and _is_half(token)
    if token in ("NaN", "Infinity", "-Infinity"):
        return code == "not_finite"
    if token[0] not in "-0123456789":
        return False
    if code == "number_too_long":
        return len(token) > longest_number
    return len(token) <= longest_number and abs(float(token)) == float("inf")


def _is_half(token: str) -> bool:
    try:
        str(json.loads(token, strict=False)).encode()
    except UnicodeEncodeError:
        return True
    return False


def _duplicate(text: str) -> int:
    """Give the offset of the first key that its object has already."""
    open_objects: list[set[str] | None] = []
    for word, is_key, start in _keys(text):
        if word in "{[":
            open_objects.append(set() if word == "{" else None)
        elif word in "}]":
            open_objects.pop()
        elif is_key and (keys := open_objects[-1]) is not None:
            key = json.loads(word, strict=False)
            if key in keys:
                return start
            keys.add(key)
    return 0


def _keys(text: str) -> Iterator[tuple[str, bool, int]]:
    """Give brackets, and texts with whether a colon follows, each with its offset."""
    held: tuple[str, int] | None = None
    for token in _TOKEN.finditer(text):
        word = token[0]
        if held is not None:
            yield held[0], word == ":", held[1]
            held = None
        if word[0] == '"':
            held = word, token.start()
        elif word in "{}[]":
            yield word, False, token.start()
