"""The forms in which a message may reach a subscriber, each made from its envelope (pure).

Invariant: a form is a function of the envelope alone, so what an agreement has taken out of it is
in no form, and nothing is said twice in two ways that could disagree.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, Literal

from consumers.feeds.formats.json_ld import to_json_ld

FormatName = Literal["json", "json_ld"]
Format = Callable[[bytes], bytes]
"""Gives the bytes that a subscriber gets for those of an envelope; equal ones for equal ones."""


def format_of(name: FormatName) -> Format:
    """Give the form of this name."""
    return _FORMATS[name]


def _as_it_is(envelope: bytes) -> bytes:
    return envelope


_FORMATS: Final[Mapping[FormatName, Format]] = {"json": _as_it_is, "json_ld": to_json_ld}
