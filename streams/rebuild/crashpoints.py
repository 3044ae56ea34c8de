"""The steps of a rebuild between two promises, at which a test may end its process."""

from __future__ import annotations

from typing import Final

NAMES: Final = (
    "rebuild.fenced",
    "rebuild.checked",
    "rebuild.locked",
    "rebuild.emptied",
    "rebuild.made",
    "rebuild.marked",
    "rebuild.restated",
    "rebuild.unlocked",
)
