"""Characters that no text of a record may hold: controls, bidirectional overrides (pure).

They hide or reorder what a reader sees. Tab and line ends are white space and allowed. The scan
runs over the record's JSON, where every text has passed through one encoder; only a suspicion
there leads to the slow search for the field.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

import orjson

from recordbus.errors import Rejected

# In JSON, controls below 0x20 are escapes; \t \n \r are the allowed ones and \" \\ are no controls.
_ESCAPED: Final = re.compile(rb"\\[bfu]")
_HIDDEN: Final = re.compile(rb"\xc2[\x80-\x9f]|\xe2\x80[\xaa-\xae]|\xe2\x81[\xa6-\xa9]")
_FORBIDDEN: Final = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)


def refuse_controls(value: Any) -> None:
    """Raise Rejected `control_chars`, naming the field, if a text of the value holds one."""
    json = orjson.dumps(value, default=_is_no_text)
    if not _is_suspicious(json):
        return
    for path, text in _texts(value, ()):
        found = _FORBIDDEN.search(text)
        if found:
            where = ".".join(path) or "the value"
            code = f"U+{ord(found[0]):04X}"
            raise Rejected("control_chars", f"{where} holds {code} at character {found.start()}")


def _is_suspicious(json: bytes) -> bool:
    """Tell whether a text may hold such a character; to look for one byte is the quickest."""
    if b"\x7f" in json or (b"\\" in json and _ESCAPED.search(json)):
        return True
    if json.isascii() or not (b"\xc2" in json or b"\xe2" in json):
        return False
    return _HIDDEN.search(json) is not None


def _is_no_text(_value: Any) -> None:
    """Stand for what JSON has no form of: bytes, of a field that some later schema may have."""


def _texts(value: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict):
        for name, part in value.items():
            yield from _texts(part, (*path, name))
    elif isinstance(value, list | tuple):
        for at, part in enumerate(value):
            yield from _texts(part, (*path, str(at)))
