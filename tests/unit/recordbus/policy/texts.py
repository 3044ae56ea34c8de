"""An agreement that reads well, and ways to spoil it."""

from __future__ import annotations

SOUND = """\
agreement: harbor-to-metro
version: 3
title: Facts for investigations
legal_authority: Interlocal Act, section 7
owners: [harbor-city-pd]
recipient: metro-task-force
start: 2026-01-01
end: 2026-12-31
rules:
  facts:
    level: full
    purposes: [criminal_investigation]
    record_kinds: [arrest, booking]
    bases: [arrest, charge]
    evidence_kinds: [fact]
    masks: [body.narrative]
"""


def with_line(old: str, new: str) -> bytes:
    """Give the sound agreement with one piece replaced, which must be there."""
    assert SOUND.count(old) == 1, old
    return SOUND.replace(old, new).encode()
