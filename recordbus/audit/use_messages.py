"""A use as its owner's topic has it: the same message at every publication (pure; R-41).

Invariant: a message follows from the entry alone, so that one that is published again is known by
its id and has the same bytes. Its key is that id, a hash: no key tells of a person.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

from recordbus.audit.entry import hundredths
from recordbus.audit.uses import Use, Used
from schemas.types import Use as UseMessage

TOPIC: Final = "uses.{department}.v1"
MOST_RECORDS: Final = 2000
"""So many records of at most 300 bytes fit into one message; a use of more comes in parts."""
MOST_REASONS: Final = 100
_DOMAIN: Final = b"recordbus use\x00"


class Addressed(NamedTuple):
    """A message, and the department whose topic it is for."""

    department: str
    value: UseMessage

    @property
    def key(self) -> bytes:
        """Give its key in the topic."""
        return self.value["use_id"].encode()


def topic_of(department: str) -> str:
    """Give the topic of the uses of a department's records."""
    return TOPIC.replace("{department}", department)


def messages_of(use: Use, log: str, entry_hash: bytes) -> Iterator[Addressed]:
    """Give the messages of a use; `log` is the log's name, the hash that of the entry's leaf."""
    parts = _parts(use.records)
    for part, records in enumerate(parts, start=1):
        yield Addressed(use.department, _message(use, log, entry_hash, part, len(parts), records))


def use_of(department: str, value: Mapping[str, Any]) -> Use:
    """Give the use that a message of a department's topic tells of."""
    same = {name: value[name] for name in Use._fields if name in value}
    records = tuple(Used(**each) for each in value["records"])
    own = {"department": department, "at": hundredths(value["at"])}
    return Use(**(same | own | {"records": records, "reasons": tuple(value["reasons"])}))


def _parts(records: Sequence[Used]) -> list[Sequence[Used]]:
    found = [records[at : at + MOST_RECORDS] for at in range(0, len(records), MOST_RECORDS)]
    return found or [()]


def _message(
    use: Use, log: str, entry_hash: bytes, part: int, parts: int, records: Sequence[Used]
) -> UseMessage:
    owned = f"{use.department}\x00{part}".encode()
    return {
        "use_id": hashlib.sha256(_DOMAIN + entry_hash + owned).hexdigest(),
        "log": log,
        "sequence": use.sequence,
        "entry_hash": entry_hash.hex(),
        "part": part,
        "parts": parts,
        "entry_id": use.entry_id,
        "at": datetime.fromisoformat(use.at),
        "operation": use.operation,
        "command": use.command,
        "outcome": use.outcome,
        "requester": use.requester,
        "on_behalf_of": use.on_behalf_of,
        "agency_ori": use.agency_ori,
        "purpose": use.purpose,
        "case_number": use.case_number,
        "case_checked": use.case_checked,
        "records": [{"record_key": r.record_key, "version": r.version, "level": r.level}
                    for r in records],
        "reasons": list(use.reasons[:MOST_REASONS]),
        "policy_version": use.policy_version,
    }  # fmt: skip
