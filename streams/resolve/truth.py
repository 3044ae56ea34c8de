"""Whom records are about in truth, laid beside the entities they were given."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from recordbus.errors import Rejected
from streams.resolve.files import read_truth
from streams.resolve.mention import mention_id


def beside_truth(
    path: Path, names: Sequence[tuple[str, str]], entities: Mapping[str, str]
) -> Iterator[tuple[str, str]]:
    """Give (entity id, true id) of every record that the truth knows.

    Where the truth names no source, the record ids alone must tell the records apart. Raises
    Rejected when no record at all is known: then it is the truth of other files.
    """
    true = {(source, record_id): who for source, record_id, who in read_truth(path)}
    found = 0
    for source, record_id in names:
        who = true.get((source, record_id)) or true.get(("", record_id))
        if who is not None:
            found += 1
            yield entities[mention_id(source, record_id)], who
    if names and not found:
        raise Rejected("missing_required", f"{path} knows none of the records")
