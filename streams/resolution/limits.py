"""Limits that keep resolution safe and bounded (pure)."""

from __future__ import annotations

from typing import Final, NamedTuple


class Limits(NamedTuple):
    """How much may come together before it counts nothing.

    `block_members`: a larger block of one meeting key is suspended, never truncated.
    `value_names`: a phone, e-mail or address that more surnames (names of firms) hold belongs to a
    shelter, a switchboard or a form; it weighs nothing and is no key.
    `component_mentions`: a larger component is joined by judgements only, and alarmed.
    """

    block_members: int = 100
    value_names: int = 8
    component_mentions: int = 50


LIMITS: Final = Limits()
