"""What every search engine promises, held against an engine that looks at every row."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consumers.search.classes import written
from consumers.search.document import Document, Mention, MentionType, Span
from consumers.search.engines.interface import Found, SearchEngine, Seen, TooSlow
from consumers.search.engines.sqlite.reader import SqliteSearch
from consumers.search.engines.sqlite.writer import SqliteIndex
from consumers.search.plan import (
    Atom,
    Clause,
    Column,
    Group,
    Level,
    Plan,
    Range,
    Sort,
    TextAtom,
    TextClause,
)
from consumers.search.sight import Sight, View
from consumers.sink import Change, Progress, Removal
from consumers.testing import MemoryIndex, change_of, clause, seen_whole
from recordbus.policy import Item
from recordbus.testing.records import coded, part, person, person_role, vehicle_role

KIND = "field_contact"
AT = ("records.v1", 0)


class Pair:
    """A sink to fill and the engine that answers from it."""

    def __init__(self, name: str, path: Path) -> None:
        self.sink: SqliteIndex | MemoryIndex
        self.sink = SqliteIndex(path) if name == "sqlite" else MemoryIndex()
        self.engine: SearchEngine
        self.engine = self.sink if isinstance(self.sink, MemoryIndex) else SqliteSearch(path)

    def add(self, *changes: Change[Document]) -> None:
        self.sink.apply(changes, {AT: Progress(len(changes), 0)})

    @property
    def seen(self) -> Seen:
        return seen_whole(self.engine)

    def close(self) -> None:
        self.engine.close()
        self.sink.close()


@pytest.fixture(params=["sqlite", "memory"])
def pair(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Pair]:
    made = Pair(request.param, tmp_path / "records.sqlite")
    yield made
    made.close()


def named(number: str, given: str, surname: str, make_record: Any, **looks: Any) -> Any:
    someone = person_role(KIND, "p1", person=person(given, surname, **looks))
    return change_of(make_record(number, people=[someone]))


def kinds(found: Found) -> list[tuple[str, Level]]:
    return [(hit.record_key, hit.level) for hit in found.hits]


def test_an_empty_index_finds_nothing(pair: Pair) -> None:
    found = pair.seen.search(Plan(groups=(Group((clause("n:ann"),)),)), 2.0)

    assert (found.total, found.total_is_exact, found.hits) == (0, True, ())
    assert pair.engine.count() == 0
    assert pair.engine.freshness().complete_to_us is None


def test_records_are_counted_by_department(pair: Pair, make_record: Any) -> None:
    assert pair.engine.count_by_department() == {}
    pair.add(change_of(make_record("A-1")))
    pair.add(change_of(make_record("A-2")))
    (count,) = pair.engine.count_by_department().values()
    assert count == pair.engine.count() == 2


def test_all_of_a_group_must_be_true_of_one_person(pair: Pair, make_record: Any) -> None:
    ann = person("Ann", "Lee", hair_colour=coded("RED"))
    bo = person("Bo", "Day", hair_colour=coded("BLK"))
    two = [person_role(KIND, "p1", person=ann), person_role(KIND, "p2", person=bo)]
    pair.add(change_of(make_record(people=two)))

    def hits(*tokens: str) -> int:
        group = Group(tuple(clause(token) for token in tokens))
        return pair.seen.search(Plan(groups=(group,)), 2.0).total

    assert hits("n:ann", "ha:red") == 1
    assert hits("n:ann", "ha:blk") == 0
    assert hits("n:ann", "vm:ford") == 0


def test_groups_may_be_answered_by_different_mentions(pair: Pair, make_record: Any) -> None:
    pair.add(change_of(make_record()))
    groups = (Group((clause("n:maria"),)), Group((clause("vm:ford"),)))

    (hit,) = pair.seen.search(Plan(groups=groups), 2.0).hits

    assert {mention.type for mention in hit.mentions if mention.is_match} == {
        MentionType.PERSON, MentionType.VEHICLE,
    }  # fmt: skip


def test_names_have_typing_errors_nicknames_and_sounds(pair: Pair, make_record: Any) -> None:
    pair.add(
        named("1", "William", "Smith", make_record), named("2", "Bill", "Smyth", make_record),
        named("3", "Jon", "Schmidt", make_record),
    )  # fmt: skip

    def level(word: str, other: str) -> Level | None:
        return dict(pair.seen.similar_names(word)).get(other)

    assert level("smith", "smith") is Level.EXACT
    assert level("william", "bill") is Level.NICKNAME
    assert level("smith", "smyth") is Level.SPELLING
    assert level("smith", "schmidt") is Level.SOUND
    assert level("wiliam", "william") is Level.SPELLING
    assert level("smith", "jon") is None
    assert pair.seen.similar_names("nobody")[0].word == "nobody"


def test_a_word_of_a_name_leaves_with_its_last_record(pair: Pair, make_record: Any) -> None:
    pair.add(named("1", "Ann", "Quill", make_record), named("2", "Ann", "Reed", make_record))
    pair.add(change_of(make_record("1", status="withdrawn", source_seq=2)))

    assert pair.seen.names_like("qu*") == []
    assert pair.seen.names_like("an?") == ["ann"]


@pytest.mark.parametrize(
    ("pattern", "found"),
    [("4gh*", ["4gh172"]), ("*h17*", ["4gh172"]), ("4gh1?2", ["4gh172"]), ("4gh1?", []),
     ("*zzz*", [])],
)  # fmt: skip
def test_plates_are_found_by_a_part(
    pair: Pair, make_record: Any, pattern: str, found: list[str]
) -> None:
    pair.add(change_of(make_record(vehicles=[vehicle_role(KIND, "v1")])))

    assert list(pair.seen.plates_like(pattern)) == found


def test_a_described_person_is_known_by_the_records_number(pair: Pair, make_record: Any) -> None:
    stranger = person_role(KIND, "p1", person=person(names=[]), description_only=True)
    pair.add(change_of(make_record("D-1", people=[stranger])), change_of(make_record("D-2")))

    assert pair.seen.has_described_person("d1")
    assert not pair.seen.has_described_person("d2")
    assert not pair.seen.has_described_person("d3")


def test_words_of_the_narrative_are_found_alone_in_a_row_and_by_their_beginning(
    pair: Pair, make_record: Any
) -> None:
    pair.add(change_of(make_record("1", narrative="He dropped a red back-pack, then fled.")))

    def hits(*atoms: TextAtom) -> int:
        return pair.seen.search(Plan(text=(TextClause(atoms),)), 2.0).total

    assert hits(TextAtom(("red",))) == 1
    assert hits(TextAtom(("red", "back", "pack"))) == 1
    assert hits(TextAtom(("back", "red"))) == 0
    assert hits(TextAtom(("drop",), is_prefix=True)) == 1
    assert hits(TextAtom(("drop",))) == 0
    assert hits(TextAtom(("nothing",)), TextAtom(("fled",))) == 1


def test_references_and_bases_narrow_a_text_search(pair: Pair, make_record: Any) -> None:
    number = part("RecordReference", type="case", number="C-7")
    pair.add(change_of(make_record("1", references=[number])), change_of(make_record("2")))
    text = (TextClause((TextAtom(("parked",)),)),)
    group = Group((clause("xr:1"), clause("no:c7"), clause("bs:field_contact", "bs:arrest")))

    assert pair.seen.search(Plan(text=text), 2.0).total == 2
    assert pair.seen.search(Plan(text=text, groups=(group,)), 2.0).total == 1


# --- plans that nobody thought of ---------------------------------------------------------
WORDS = ["ann", "bo", "cy", "di"]
TOKENS = [f"n:{word}" for word in WORDS] + ["ha:red", "ha:blk", "bs:arrest", "vm:ford"]
DEPARTMENTS = ["north", "south-side"]
KINDS = ["arrest", "citation"]
ITEMS = [written([Item("a-pd", kind, "fact")]) for kind in KINDS]
SPANS = st.none() | st.tuples(st.integers(0, 9), st.integers(0, 3)).map(
    lambda each: Span(each[0], each[0] + each[1])
)


@st.composite
def documents(draw: st.DrawFn, number: int) -> Document:
    department, kind = draw(st.sampled_from(DEPARTMENTS)), draw(st.sampled_from(KINDS))
    common = f"dp:{department} kd:{kind}"
    own = Mention(MentionType.RECORD, f"{common} xr:1 no:{number}", b"{}")
    others = [
        Mention(
            MentionType.PERSON, " ".join([common, *draw(st.lists(st.sampled_from(TOKENS)))]),
            b"{}", draw(SPANS), draw(SPANS),
        )
        for _ in range(draw(st.integers(0, 2)))
    ]  # fmt: skip
    names = {token[2:] for each in others for token in each.tokens.split() if token[:2] == "n:"}
    texts = st.lists(st.sampled_from(WORDS), max_size=5).map(" ".join)
    evidence = draw(st.sampled_from(["", "fact", "assessment fact"]))
    return Document(
        bytes([number]) * 32, kind, department, "MA0130100", draw(st.integers(0, 5)), 0,
        draw(st.sampled_from(["", "arrest", "arrest charge"])), evidence,
        draw(st.sampled_from(ITEMS)), draw(texts), draw(texts), (own, *others),
        tuple(sorted(names)),
    )  # fmt: skip


LEVELS = st.sampled_from(list(Level))
CLAUSES = st.lists(st.builds(Atom, st.sampled_from([*TOKENS, "no:1"]), LEVELS), max_size=4).map(
    lambda atoms: Clause(tuple(atoms))
)
RANGES = st.builds(
    Range, st.sampled_from([Column.BORN, Column.AGE]), st.integers(0, 4), st.integers(4, 12)
)
GROUPS = st.builds(
    Group,
    st.lists(CLAUSES | st.just(clause("xr:1")), min_size=1, max_size=3).map(tuple),
    st.lists(RANGES, max_size=1).map(tuple),
)
ATOMS = st.builds(
    TextAtom,
    st.lists(st.sampled_from([*WORDS, "an", "zz"]), min_size=1, max_size=2).map(tuple),
    st.booleans(),
    LEVELS,
    st.sampled_from([(), ("n:",), ("n:", "ac:")]),
)
TEXTS = st.lists(ATOMS, min_size=1, max_size=3).map(lambda atoms: TextClause(tuple(atoms)))
PLANS = st.builds(
    Plan,
    groups=st.lists(GROUPS, max_size=2).map(tuple),
    text=st.lists(TEXTS, max_size=2).map(tuple),
    without=st.lists(ATOMS, max_size=1).map(tuple),
    departments=st.lists(st.sampled_from(DEPARTMENTS), max_size=1).map(tuple),
    record_kinds=st.lists(st.sampled_from(KINDS), max_size=1).map(tuple),
    from_us=st.none() | st.integers(0, 3),
    until_us=st.none() | st.integers(2, 6),
    sort=st.sampled_from(list(Sort)),
    offset=st.integers(0, 2),
    limit=st.integers(1, 4),
).filter(lambda plan: bool(plan.groups or plan.text))


MASKED = ("body.people.person.race", "body.narrative", "body.people.person.hair_colour")


def seen_without(masked: str, engine: SearchEngine) -> Seen:
    return engine.seen(Sight((View(frozenset(engine.classes()), frozenset({masked})),)))


@st.composite
def histories(draw: st.DrawFn) -> list[list[Change[Document]]]:
    """Some batches of changes to a few keys, later ones replacing and removing earlier ones."""
    batches: list[list[Change[Document]]] = []
    version = 0
    for _ in range(draw(st.integers(1, 3))):
        batch: list[Change[Document]] = []
        for _ in range(draw(st.integers(1, 4))):
            version += 1
            number = draw(st.integers(1, 5))
            is_gone = draw(st.integers(0, 4)) == 0
            payload = Removal.MARKER if is_gone else draw(documents(number))
            batch.append(Change(bytes([number]) * 32, "o", version, payload, "d", version))
        batches.append(batch)
    return batches


@settings(max_examples=60)
@given(histories(), st.lists(PLANS, min_size=1, max_size=6))
def test_any_plan_finds_what_looking_at_everything_finds(
    tmp_path_factory: pytest.TempPathFactory,
    history: list[list[Change[Document]]],
    plans: list[Plan],
) -> None:
    path = tmp_path_factory.mktemp("any") / "records.sqlite"
    index, memory = SqliteIndex(path), MemoryIndex()
    engine = SqliteSearch(path)
    try:
        for batch in history:
            assert index.apply(batch, {AT: Progress(1, 0)}) == memory.apply(
                batch, {AT: Progress(1, 0)}
            )
            assert index.settle() in (True, False)
        for plan in plans:
            assert seen_whole(engine).search(plan, 5.0) == seen_whole(memory).search(plan, 5.0)
            for masked in MASKED:
                found = (seen_without(masked, e).search(plan, 5.0) for e in (engine, memory))
                assert next(found) == next(found)
        for word in WORDS:
            similar = (set(seen_whole(e).similar_names(word)) for e in (engine, memory))
            assert next(similar) == next(similar)
        assert engine.problems() == []
    finally:
        engine.close()
        index.close()


def test_a_search_that_takes_too_long_is_stopped(tmp_path: Path, make_record: Any) -> None:
    index = SqliteIndex(tmp_path / "records.sqlite")
    index.apply([change_of(make_record(str(n))) for n in range(400)], {AT: Progress(1, 0)})
    ticking = iter(range(1_000_000))
    engine = SqliteSearch(tmp_path / "records.sqlite", monotonic=lambda: float(next(ticking)))

    with pytest.raises(TooSlow):
        seen_whole(engine).search(
            Plan(groups=(Group((clause("n:maria"),)), Group((clause("vm:ford"),)))), 0.5
        )

    engine.close()
    index.close()
