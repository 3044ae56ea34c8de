"""What must be left of a talk: a small plain program that knows the rules and no code of intake.

Only messages of a record's own department count, in the order in which its topic has them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.simulator.intake.office import Said
from tests.simulator.judge import Published


@dataclass(slots=True)
class Held:
    """What is last accepted of a record, and the texts that its removal takes away.

    `first_day` is the one on which its first live state was recorded; an expunge forgets it.
    """

    newest: Said
    source_seq: int
    first_day: str = ""
    taken_away: set[str] = field(default_factory=set)


@dataclass(slots=True)
class Ending:
    """How a world must end: `reasons` by position, `texts` in `records.v1`, `kept` in quarantine.

    `echoes` are another department's copies: kept while nobody knows whose the key is, which no
    order between two topics decides, and gone with the first removal.
    """

    held: dict[bytes, Held] = field(default_factory=dict)
    reasons: dict[str, str] = field(default_factory=dict)
    texts: dict[bytes, str] = field(default_factory=dict)
    kept: set[str] = field(default_factory=set)
    echoes: dict[bytes, set[str]] = field(default_factory=dict)
    removed: set[bytes] = field(default_factory=set)
    judgements: dict[bytes, Mapping[str, Any]] = field(default_factory=dict)

    @property
    def first_days(self) -> dict[bytes, str]:
        """Give the first day of each record that is live at the end."""
        return {key: self.held[key].first_day for key in self.texts}

    def may_be_kept(self) -> set[str]:
        """Give what quarantine may hold or not."""
        return set().union(*(t for key, t in self.echoes.items() if key not in self.removed))


def ending(history: Sequence[Published], meaning: Mapping[int, Said]) -> Ending:
    """Say how it ends; `meaning` is what each event means, by the identity of the event."""
    end = Ending()
    for event, partition, offset in ((p.event, p.partition, p.offset) for p in history):
        said = meaning.get(id(event))
        if said is None:
            continue
        if said.judgement is not None and not said.fault:
            end.judgements[b"judgement/" + (event.key or b"")] = said.judgement
        if not (said.is_change or said.fault):
            continue
        reason = said.fault or _hear(end, said)
        if reason:
            end.reasons[f"{event.topic}/{partition}/{offset}"] = reason
            _set_aside(end, said, reason)
    for key, held in end.held.items():
        if held.newest.status == "live":
            end.texts[key] = held.newest.text
    return end


def _hear(end: Ending, said: Said) -> str:
    """Take a sound change in; gives why it is refused, if it is."""
    key = said.event.key or b""
    held = end.held.get(key)
    if held is not None and held.newest.status == "expunged":
        return "" if said.status == "expunged" else "resurrection_attempt"
    if held is None or said.status == "expunged" or said.source_seq > held.source_seq:
        _accept(end, key, said, held)
        return ""
    if said.source_seq < held.source_seq or said.event.value == held.newest.event.value:
        return ""
    return "conflicting_duplicate"


def _accept(end: Ending, key: bytes, said: Said, held: Held | None) -> None:
    sequence = max(said.source_seq, held.source_seq if held else -1)
    taken_away = held.taken_away if held else set()
    first_day = held.first_day if held else ""
    if said.status == "live":
        first_day = first_day or said.day
    elif said.status == "expunged":
        first_day = ""
    end.held[key] = Held(said, sequence, first_day, taken_away)
    if said.status != "live":
        end.kept -= taken_away
        taken_away.clear()
        end.removed.add(key)


def _set_aside(end: Ending, said: Said, reason: str) -> None:
    """Note a text that stays in quarantine until its record is removed."""
    key = said.event.key or b""
    if reason == "origin_mismatch":
        end.echoes.setdefault(key, set()).add(said.text)
    if not said.text or reason in ("key_mismatch", "origin_mismatch"):
        return
    held = end.held.setdefault(key, Held(Said(said.event), -1))
    if held.newest.status not in ("sealed", "expunged"):
        end.kept.add(said.text)
        held.taken_away.add(said.text)
