"""Records as intake makes them, for engines to find."""

from __future__ import annotations

from tests.unit.consumers.conftest import desk, make_record

__all__ = ["desk", "make_record"]
