"""Reads JSON as it is written, or says at which line and column it is not (pure).

What Python's reader lets pass in silence is refused: a key twice, NaN, a number that becomes
infinite, thousands of digits, half a character, a byte order mark. The quick way reads; only
when it stumbles does the slow one in `json_faults` look for the place.
"""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Sequence
from itertools import accumulate
from typing import Any, Final, NoReturn

from recordbus.web.json_faults import place_of, place_of_fault
from recordbus.web.problems import Problem

MAX_DEPTH: Final = 32
MAX_NUMBER_CHARACTERS: Final = 64

_ALL_BUT_BRACKETS: Final = bytes(sorted(set(range(256)) - set(b'[]{}"\\')))
_ESCAPES: Final = re.compile(rb"\\.", re.DOTALL)
_HALF: Final = re.compile(r"\\u[dD][89a-fA-F]")
_TEXTS: Final = re.compile(rb'"[^"]*"')
_STEP: Final = [(byte in b"[{") - (byte in b"]}") for byte in range(256)]


class _Stumbled(ValueError):
    """The quick way met what is not allowed; the message is a problem's code."""


def parse(body: bytes) -> Any:
    """Give the value of a JSON document in UTF-8; raises Problem, with line and column."""
    if not body.strip(b" \t\r\n"):
        raise Problem("empty_body", line=1, column=1)
    if body.startswith(codecs.BOM_UTF8):
        raise Problem("byte_order_mark", line=1, column=1)
    _refuse_depth(body)
    text = _decoded(body)
    try:
        value = _DECODER.decode(text)
    except _Stumbled as stumble:
        _refuse(str(stumble), text)
    except json.JSONDecodeError as error:
        raise Problem("bad_json", line=error.lineno, column=error.colno) from None
    except RecursionError:
        raise Problem("too_deep", _DEPTH_DETAIL) from None
    if _HALF.search(text):
        _refuse_half_characters(value, text)
    return value


def depth_exceeds(body: bytes, limit: int) -> bool:
    """Say whether a document is nested deeper than `limit`, without reading it.

    Everything but brackets is dropped, and what is left is counted up and down.
    """
    left = body.translate(None, _ALL_BUT_BRACKETS)
    if b"\\" in left:  # a dropped character may have been what a backslash escaped: do it in full
        left = _ESCAPES.sub(b"", body).translate(None, _ALL_BUT_BRACKETS)
    left = _TEXTS.sub(b"", left)
    return any(depth > limit for depth in accumulate(map(_STEP.__getitem__, left)))


_DEPTH_DETAIL: Final = f"at most {MAX_DEPTH} levels are read"


def _refuse_depth(body: bytes) -> None:
    if depth_exceeds(body, MAX_DEPTH):
        raise Problem("too_deep", _DEPTH_DETAIL)


def _decoded(body: bytes) -> str:
    try:
        return body.decode()
    except UnicodeDecodeError as error:
        before = body[: error.start].decode()
        line, column = place_of(before, len(before))
        raise Problem("bad_utf8", line=line, column=column) from None


def _refuse(code: str, text: str) -> NoReturn:
    line, column = place_of_fault(text, code, MAX_NUMBER_CHARACTERS)
    raise Problem(code, line=line, column=column)


def _refuse_half_characters(value: Any, text: str) -> None:
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        _refuse("lone_surrogate", text)


def _object(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise _Stumbled("duplicate_key")
    return made


def _whole(text: str) -> int:
    if len(text) > MAX_NUMBER_CHARACTERS:
        raise _Stumbled("number_too_long")
    return int(text)


def _real(text: str) -> float:
    if len(text) > MAX_NUMBER_CHARACTERS:
        raise _Stumbled("number_too_long")
    value = float(text)
    if value in (float("inf"), float("-inf")):
        raise _Stumbled("not_finite")
    return value


def _constant(_text: str) -> NoReturn:
    raise _Stumbled("not_finite")


_DECODER: Final = json.JSONDecoder(
    object_pairs_hook=_object, parse_int=_whole, parse_float=_real, parse_constant=_constant
)
