"""What people type for an entity or a mention: an id, or as much of it as says which is meant."""

from __future__ import annotations

import re
from typing import Final

from consumers.search.refusals import BadQuery, Fault
from consumers.search.statements import Graph

FEWEST_CHARACTERS: Final = 8
LONGEST: Final = 200
_START = re.compile(r"[0-9A-Za-z:_-]+")
_HINT: Final = "recordbus search --entities shows the ids of entities and mentions"


def one_entity(graph: Graph, start: str) -> str:
    """Give the one entity whose id begins so; raises BadQuery when there is none, or several."""
    typed = _checked(start.strip().lower(), Fault.ENTITY)
    found = graph.entities_like(typed, 2)
    if typed in found:
        return typed
    if not found:
        raise BadQuery(Fault.ENTITY, f"there is no entity {typed}", hint=_HINT)
    if len(found) > 1:
        raise BadQuery(Fault.ENTITY, f"several entities begin with {typed}", hint="type more of it")
    return found[0]


def one_mention(graph: Graph, start: str) -> str:
    """Give the one mention meant by `beginning of the record's key.local id`; raises BadQuery."""
    record, point, local_id = start.strip().partition(".")
    if not point or not local_id or len(local_id) > LONGEST:
        raise BadQuery(Fault.MENTION, "a mention is written <record key>.<local id>", hint=_HINT)
    found = graph.mentions_like(_checked(record.lower(), Fault.MENTION), local_id, 2)
    if not found:
        raise BadQuery(Fault.MENTION, f"there is no mention {start.strip()}", hint=_HINT)
    if len(found) > 1:
        raise BadQuery(Fault.MENTION, f"several mentions begin with {record}",
                       hint="type more of it")  # fmt: skip
    return found[0]


def _checked(start: str, fault: Fault) -> str:
    if not FEWEST_CHARACTERS <= len(start) <= LONGEST or not _START.fullmatch(start):
        raise BadQuery(
            fault, f"an id is at least {FEWEST_CHARACTERS} of its characters, and nothing else",
            hint=_HINT,
        )  # fmt: skip
    return start
