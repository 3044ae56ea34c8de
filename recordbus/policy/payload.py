"""What a decision leaves of a record or an association (pure).

Invariant: nothing that a mask names reaches what is given, nor anything that was worked out from
it: whatever the value was, what is given is the same. A pointer says whom to ask and nothing else.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from recordbus.policy.decision import Decision
from recordbus.policy.fields import ASSOCIATION, RECORD

FOLLOWS_FROM_BODY = ("normalised", "content_hash", "flags")
"""Fields of a record that were worked out from all of its body: gone once any of it is masked."""
_PART_DEPTH = 2
_NO_PART = frozenset({f"{RECORD}.narrative", f"{RECORD}.record_id"})


def apply_to_record(decision: Decision, record: Mapping[str, Any]) -> dict[str, Any] | None:
    """Give what the recipient gets of a value of `records.v1`; None when nothing."""
    if decision.level != "full":
        return _pointer(decision, record, record)
    masked = {path for path in decision.masked if path.startswith(f"{RECORD}.")}
    given = without(record, masked)
    if masked:
        for name in FOLLOWS_FROM_BODY:
            given.pop(name, None)
    if any(_is_part(path) for path in masked):
        given.pop("relations", None)
    return given


def apply_to_association(decision: Decision, update: Mapping[str, Any]) -> dict[str, Any] | None:
    """Give what the recipient gets of a value of `associations.v1`; None when nothing.

    An update without content is given as it is where anything is, so that a copy can be corrected.
    """
    said = update["association"]
    if decision.level != "full":
        return None if said is None else _pointer(decision, said["source"], said)
    masked = {path for path in decision.masked if path.startswith(f"{ASSOCIATION}.")}
    given = without(update, masked)
    if said is not None and decision.masked:
        source = dict(given[ASSOCIATION]["source"])
        source.pop("content_hash", None)
        given[ASSOCIATION] = {**given[ASSOCIATION], "source": source}
    return given


def usable_fields(decision: Decision, paths: Iterable[str]) -> frozenset[str]:
    """Give the paths that a filter, a count or a sort may use; none unless all is shown in full."""
    if decision.level != "full":
        return frozenset()
    return frozenset(path for path in paths if not is_masked(path, decision.masked))


def is_masked(path: str, masked: Collection[str]) -> bool:
    """Say whether a mask names a path, something it is part of, or a part of it."""
    return any(_is_within(path, mask) or _is_within(mask, path) for mask in masked)


def without(value: Mapping[str, Any], paths: Collection[str]) -> dict[str, Any]:
    """Give a copy of a value in which the fields of these paths are absent."""
    steps = tuple(tuple(path.split(".")) for path in paths)
    copied: dict[str, Any] = _without(value, steps)
    return copied


def _without(value: Any, paths: tuple[tuple[str, ...], ...]) -> Any:
    if not paths:
        return dict(value) if isinstance(value, Mapping) else value
    if isinstance(value, Mapping):
        gone = {path[0] for path in paths if len(path) == 1}
        return {
            name: _without(part, tuple(p[1:] for p in paths if p[0] == name))
            for name, part in value.items()
            if name not in gone
        }
    if isinstance(value, list):
        return [_without(part, paths) for part in value]
    if isinstance(value, tuple):  # a branch of a union with its name, as the fast writers take it
        return (value[0], _without(value[1], paths))
    return value


def _pointer(
    decision: Decision, owner: Mapping[str, Any], contact: Mapping[str, Any]
) -> dict[str, Any] | None:
    """Give whom to ask; None where even that is hidden."""
    if not decision.shows:
        return None
    return {
        "level": "pointer",
        "department": owner["department"],
        "owner_ori": owner["owner_ori"],
        "contact": dict(contact["contact"]),
    }


def _is_part(path: str) -> bool:
    """Say whether a mask takes away roles, offences or the like as a whole."""
    return path.count(".") + 1 <= _PART_DEPTH and path not in _NO_PART


def _is_within(path: str, of: str) -> bool:
    return path == of or path.startswith(f"{of}.")
