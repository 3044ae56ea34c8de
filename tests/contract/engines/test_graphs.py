"""What every reader of the graph promises, held against one that looks at everything."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from consumers.search.engines.sqlite.reader import SqliteSearch
from consumers.search.engines.sqlite.writer import SqliteIndex
from consumers.search.statements import Graph
from consumers.sink import Change, Progress, Removal
from consumers.testing import MemoryIndex, change_of, seen_whole
from tests.unit.consumers.told import (
    association,
    bare,
    default,
    entity_id,
    identity,
    no_identity,
    record_key,
    stands,
    taken_back,
)

NAMES = ["a", "b", "c", "d"]
ENTITIES = [*map(entity_id, NAMES), "not hexadecimal", "0f"]
KEYS = [record_key(number) for number in range(4)]
LOCALS = ("p1", "p2", "p3")


def _identity(draw: st.DrawFn, version: int) -> Change[Any]:
    mention = f"{draw(st.sampled_from(KEYS))}.{draw(st.sampled_from(LOCALS))}"
    if draw(st.integers(0, 4)) == 0:
        return no_identity(mention, version)
    return identity(mention, draw(st.sampled_from(ENTITIES)), version=version)


def _tie(draw: st.DrawFn, version: int) -> Change[Any]:
    ends = draw(st.sampled_from(ENTITIES)), draw(st.sampled_from(ENTITIES))
    locals_ = draw(st.sampled_from([("p1", "p2"), ("p2", "p3"), ("p1", "p3")]))
    said = association(*ends, record=draw(st.sampled_from(KEYS)), locals_=locals_)
    how = draw(st.sampled_from(["stands", "stands", "corrected", "dispute", "tombstone"]))
    if how == "stands":
        return stands(said, version)
    if how == "tombstone":
        ended = stands(said, version)
        return ended._replace(payload=Removal.TOMBSTONE, version=0, within=b"")
    return taken_back(said, how, version)


@st.composite
def changes(draw: st.DrawFn) -> list[Change[Any]]:
    made: list[Change[Any]] = [bare(key) for key in KEYS if draw(st.integers(0, 3))]
    for version in range(1, draw(st.integers(1, 25))):
        kind = draw(st.integers(0, 6))
        if kind == 0:
            made.append(default("phone:a", version, is_default=draw(st.booleans())))
        else:
            made.append(_identity(draw, version) if kind % 2 else _tie(draw, version))
    return made


def told(graph: Graph) -> dict[str, Any]:
    """Give everything a reader can be asked of this small world."""
    mentions = [f"{key}.{local_id}" for key in KEYS for local_id in LOCALS]
    starts = ["0", "0f", "not", *(each[:9] for each in ENTITIES)]
    return {
        "entities": dict(graph.entities_of(mentions)),
        "ties": {each: list(graph.ties(each, 50)) for each in ENTITIES},
        "statements": {each: list(graph.statements(each, 50)) for each in ENTITIES},
        "counts": {each: graph.mentions_count(each) for each in ENTITIES},
        "like": {each: list(graph.entities_like(each, 50)) for each in starts},
        "mentions": {(k[:9], m): list(graph.mentions_like(k[:9], m, 9))
                     for k in KEYS for m in LOCALS},
        "defaults": graph.default_values(),
    }  # fmt: skip


def answers(said: Sequence[Change[Any]], cut: int) -> tuple[dict[str, Any], dict[str, Any]]:
    """Give the answers of both readers after the same changes in two batches."""
    memory = MemoryIndex()
    with tempfile.TemporaryDirectory() as directory:
        index = SqliteIndex(Path(directory) / "i.sqlite")
        for batch in (said[:cut], said[cut:]):
            for sink in (memory, index):
                sink.apply(batch, {("associations.v1", 0): Progress(1, 0)})
        reader = SqliteSearch(Path(directory) / "i.sqlite")
        found = told(seen_whole(reader).graph)
        reader.close()
        index.close()
    return told(seen_whole(memory).graph), found


@settings(max_examples=150, deadline=None)
@given(changes(), st.integers(0, 25))
def test_both_readers_give_the_same(said: list[Change[Any]], cut: int) -> None:
    wanted, found = answers(said, cut)

    assert found == wanted


def test_statements_come_with_their_records(make_record: Any, tmp_path: Path) -> None:
    one, two = make_record("A-1"), make_record("B-2", dissemination_level="restricted")
    said: list[Change[Any]] = [
        change_of(one)._replace(place=(0, 7)), change_of(two)._replace(place=(0, 9)),
        *(identity(f"{each['record_key']}.p1", entity_id("a")) for each in (one, two)),
        identity(f"{KEYS[0]}.p1", entity_id("a")),
    ]  # fmt: skip
    wanted, found = answers(said, 3)
    assert found == wanted

    statements = wanted["statements"][entity_id("a")]
    by_number = {each.record.number: each for each in statements}
    assert set(by_number) == {"A-1", "B-2"}, "of a record that is not there nothing is stated"
    assert by_number["A-1"].shown["caption"] == "Delgado, Maria"
    assert "gated" not in by_number["A-1"].shown
