"""Random strings planted in every field of records, and the search for them in every file.

Canaries are made of ten rare letters, so that any run of eight of those letters is suspicious
and is looked up; a part of a canary is therefore found as well as the whole, in either case. No
two canaries share a part; an end of its own keeps each apart from what is stored beside it; and
every part has a letter that no phonetic code has, so that no code is taken for one.
"""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from random import Random
from typing import Any, Final

from aiokafka.record.memory_records import MemoryRecords  # type: ignore[import-untyped]

from recordbus.avro.tree import Node
from recordbus.testing import records
from schemas import catalog

LETTERS: Final = "bfjkpqvwxz"
NO_CODE_HAS: Final = frozenset(b"bqvwz")
END: Final = "y"
RANDOM_LENGTH: Final = 18
PART_LENGTH: Final = 8
PART: Final = re.compile(rb"[%s]{%d,}" % (LETTERS.encode(), PART_LENGTH), re.IGNORECASE)
_BATCH_HEADER_BYTES: Final = 61
_LOG_FILE: Final = re.compile(r"\d{20}\.log(\.\w+)*")
_PARTITION: Final = re.compile(r".+-\d+(\..+-(delete|future|stray))?")
"""The directory of a Kafka partition; other logs have files of such names too."""


@dataclass(slots=True)
class Canaries:
    """Every canary made, by each of its parts; a label says in which record it was planted."""

    random: Random
    parts: dict[bytes, str] = field(default_factory=dict)

    def plant(self, label: str) -> str:
        """Make a canary: random letters, some of them capital."""
        while True:
            made = "".join(self.random.choices(LETTERS + LETTERS.upper(), k=RANDOM_LENGTH))
            if all(p not in self.parts and NO_CODE_HAS & set(p) for p in _parts(made.encode())):
                self.note(made, label)
                return f"{END}{made}{END}"

    def note(self, text: str, label: str) -> None:
        """Look for this canary under this label."""
        for run in PART.findall(text.encode()):
            self.parts.update(dict.fromkeys(_parts(run), label))

    def in_bytes(self, data: bytes) -> set[str]:
        """Give the labels of the canaries of which a part is in these bytes."""
        found: set[str] = set()
        for run in PART.findall(data):
            found.update(self.parts[part] for part in _parts(run) if part in self.parts)
        return found

    def in_directory(self, root: Path) -> dict[str, set[str]]:
        """Give, by file, the labels of what is left below a directory, compressed logs included."""
        found: dict[str, set[str]] = {}
        for path in sorted(root.rglob("*")):
            labels = set()
            for data in _contents(path):
                labels |= self.in_bytes(data)
            if labels:
                found[str(path.relative_to(root))] = labels
        return found


def _parts(text: bytes) -> Iterator[bytes]:
    lowered = text.lower()
    return (lowered[at : at + PART_LENGTH] for at in range(len(lowered) - PART_LENGTH + 1))


def _contents(path: Path) -> Iterator[bytes]:
    """Give a file's bytes, also without zero bytes; of a Kafka log what it holds, decompressed."""
    is_log = bool(_LOG_FILE.fullmatch(path.name) and _PARTITION.fullmatch(path.parent.name))
    try:
        data = (path.read_bytes() if is_log else _written(path)) if path.is_file() else b""
    except FileNotFoundError:  # Kafka and SQLite remove files while we look
        return
    if is_log:
        yield from _outside_compression(data)
        yield from _messages(data)
        return
    yield data
    if b"\0" in data:
        yield data.replace(b"\0", b"")


def _written(path: Path) -> bytes:
    """Give a file's bytes; where nothing was ever written there is one zero byte.

    Kafka's indexes are files of ten megabytes that hold a few bytes, and there are hundreds.
    """
    pieces = []
    with path.open("rb") as file:
        end = 0
        while (start := _next_data(file.fileno(), end)) is not None:
            end = os.lseek(file.fileno(), start, os.SEEK_HOLE)
            pieces.append(os.pread(file.fileno(), end - start, start))
    return b"\0".join(pieces)


def _next_data(descriptor: int, offset: int) -> int | None:
    try:
        return os.lseek(descriptor, offset, os.SEEK_DATA)
    except OSError as error:
        if error.errno == errno.ENXIO:  # from here to the end nothing was written
            return None
        raise


def _outside_compression(log: bytes) -> Iterator[bytes]:
    """Give the bytes of a segment but for what is compressed in it.

    Compression breaks texts and puts pieces of several beside each other. With as many canaries as
    there are, some such row of letters is a part of another one by chance, about once in ten runs.
    """
    at = 0
    while (length := _batch_bytes(log, at)) is not None:
        is_compressed = int.from_bytes(log[at + 21 : at + 23], "big") & 0x07
        yield log[at : at + (_BATCH_HEADER_BYTES if is_compressed else length)]
        at += length
    yield log[at:]


def _batch_bytes(log: bytes, at: int) -> int | None:
    """Give the length of the batch at a position; None when no whole one is there."""
    length = 12 + int.from_bytes(log[at + 8 : at + 12], "big", signed=True)
    is_batch = len(log) - at >= length >= _BATCH_HEADER_BYTES and log[at + 16] == 2
    return length if is_batch else None


def _messages(log: bytes) -> Iterator[bytes]:
    """Give all that a segment of a Kafka log holds: keys, values and headers."""
    batches = MemoryRecords(log)
    while batches.has_next():
        batch = batches.next_batch()
        assert batch is not None
        for message in batch:
            headers = b"".join(name.encode() + (value or b"") for name, value in message.headers)
            yield (message.key or b"") + b" " + (message.value or b"") + b" " + headers


# Strings that are no text of the department's: what they may hold is fixed, or they refer to
# another field. A code is left out, and the department's own value beside it is a canary.
_FIXED: Final = {
    ("CodedValue", "code"): None,
    ("DateValue", "value"): "1985-04-12",
    ("RecordReference", "issuer_ori"): None,
    ("Organisation", "designation"): None,
}
_MENTIONS: Final = {
    "people": "person",
    "vehicles": "vehicle",
    "organisations": "organisation",
    "locations": "location",
    "phones": "phone",
}
_ABSENT: Final = frozenset({"about_local_id", "grade", "age_range", "victim_relationships"})


def body(kind: str, canaries: Canaries, label: str, record_id: str = "") -> dict[str, Any]:
    """Give a body of a kind with a canary in every field that takes text.

    A `record_id` is kept, since a new version bears the old one.
    """
    made = _Filler(kind, canaries, label).fill(records.tree("recordbus.v1.RecordBody"), "", "body")
    return {**made, "assertions": [], "record_id": record_id or made["record_id"]}


@dataclass(frozen=True, slots=True)
class _Filler:
    kind: str
    canaries: Canaries
    label: str

    def fill(self, node: Node, name: str, path: str) -> Any:
        """Give a value of a type with everything in it filled in."""
        if node.kind == "record":
            return self._record(node, path)
        if node.kind == "array":
            assert node.items is not None
            return [self.fill(node.items, name, f"{path}[]")]
        if node.kind == "union":
            return self._union(node, name, path)
        if node.kind == "string":
            made = self.canaries.plant(f"{self.label}:{path}")
            return f"{made}@example.org" if name == "emails" else made
        return records.blank(node)

    def _record(self, node: Node, path: str) -> dict[str, Any]:
        made = {each.name: self._field(node, each.name, each.node, path) for each in node.fields}
        if "role" in made:
            made["role"] = records.role(self.kind, _MENTIONS[path[len("body.") : -len("[]")]])
        if "subject_category" in made:
            made["subject_category"] = records.person_role(self.kind, "p")["subject_category"]
        return made

    def _field(self, node: Node, name: str, of: Node, path: str) -> Any:
        inner = f"{path}.{name}"
        if name in _ABSENT or name.endswith(("_local_id", "_local_ids")):
            return [] if of.kind == "array" else None
        fixed = (node.name.rpartition(".")[2], name)
        if fixed in _FIXED:
            return _FIXED[fixed]
        if path == "body" and name in _MENTIONS and not _has_role(self.kind, _MENTIONS[name]):
            return []
        return self.fill(of, name, inner)

    def _union(self, node: Node, name: str, path: str) -> Any:
        if node.names_its_branch:
            wanted = catalog.details_type(self.kind)
            (chosen,) = [branch for branch in node.branches if branch.name == wanted]
            return (wanted, self.fill(chosen, name, path))
        (chosen,) = [branch for branch in node.branches if branch.kind != "null"]
        is_text = chosen.kind in ("string", "record", "array")
        return self.fill(chosen, name, path) if is_text else None


def _has_role(kind: str, mention: str) -> bool:
    return any(
        role.mention_kind == mention for role in catalog.association_rules()[kind].roles.values()
    )


def change_fields(canaries: Canaries, label: str, at: datetime) -> Mapping[str, Any]:
    """Give a dispute and a review of a record, with canaries."""
    dispute = {
        "dispute_id": canaries.plant(f"{label}:dispute_id"),
        "raised_at": at,
        "by": "subject",
        "about_local_id": None,
        "statement_reference": canaries.plant(f"{label}:statement_reference"),
        "resolved_at": None,
    }
    review = {
        "reviewed_at": at,
        "reviewer_role": canaries.plant(f"{label}:reviewer_role"),
        "outcome": canaries.plant(f"{label}:outcome"),
        "next_review_at": None,
    }
    return {"disputes": [dispute], "reviews": [review]}
