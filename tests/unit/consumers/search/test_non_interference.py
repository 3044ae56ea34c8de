"""Whole answers are the same whatever stands behind a mask, and whether a hidden record is there.

R-31 and the threat "inference through masks": no count, order, facet, reason, pointer or
audit entry tells one world from the other. On the index in memory thousands of times, and on the
real one some.
"""

from __future__ import annotations

import random
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache, partial
from pathlib import Path
from typing import Any, NamedTuple

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consumers.search import sights
from consumers.search.access import Access, Agency
from consumers.search.classes import items_in
from consumers.search.criteria import Context, Criteria, IdentifierAsked
from consumers.search.document import Document, Span
from consumers.search.engines.interface import SearchEngine
from consumers.search.engines.sqlite.reader import SqliteSearch
from consumers.search.engines.sqlite.writer import SqliteIndex
from consumers.search.inquiry.as_json import (
    entity_as_json,
    network_as_json,
    page_as_json,
    ways_as_json,
)
from consumers.search.inquiry.service import Inquiries
from consumers.search.plan import Sort
from consumers.search.refusals import BadQuery
from consumers.search.service import Search
from consumers.search.show import as_json
from consumers.search.sights import Sights
from consumers.sink import Change, Progress
from consumers.testing import MemoryIndex, change_of, decoded
from recordbus.errors import Refused
from recordbus.ids import record_key
from recordbus.policy import Policies
from recordbus.policy.testing import policies_of
from recordbus.testing import records
from recordbus.testing.audit import MemoryAudit
from recordbus.testing.clock import ManualClock
from recordbus.testing.ids import SequenceIds
from recordbus.testing.records import (
    coded,
    location_role,
    organisation_role,
    part,
    person,
    person_role,
    vehicle_role,
)
from recordbus.testing.registry import MemoryRegistry
from streams.intake.testing import SECRET, Desk
from streams.intake.topics import RECORDS
from tests.unit.consumers.conftest import EVERYTHING, METRO
from tests.unit.consumers.told import answer, association, entity_id, identity, stands

KIND = "field_contact"
WHO = Context("det. Alvarez", "criminal_investigation", "2026-00117")
ANN, BO, CAR = (entity_id(name) for name in ("ann", "bo", "car"))
DISPUTED = part("Dispute", dispute_id="d1", raised_at=records.MOMENT, statement_reference="s")


class Field(NamedTuple):
    """A field that a mask can name, and two values that it may have."""

    path: str
    x: Any
    y: Any


PERSON, CAR_PATH = "body.people.person", "body.vehicles.vehicle"
FIELDS = [
    Field("body.narrative", "They sold rare coins to Zoe Quist", "Nothing was seen on Elm Street"),
    Field(f"{PERSON}.names", [("Ann", "Leigh")], [("Zoe", "Quist")]),
    Field(f"{PERSON}.date_of_birth", "1990-01-02", "1971-12-30"),
    Field(f"{PERSON}.sex", "F", "M"),
    Field(f"{PERSON}.race", "W", "B"),
    Field(f"{PERSON}.hair_colour", "RED", "BLK"),
    Field(f"{PERSON}.height_inches", 62, 74),
    Field(f"{PERSON}.weight_pounds", 120, 210),
    Field(f"{PERSON}.phones", ["617-555-0142"], []),
    Field(f"{PERSON}.emails", ["zoe@example.org"], ["ann@example.org"]),
    Field(f"{PERSON}.identifiers", "219-09-9999", "219-09-8888"),
    Field(f"{CAR_PATH}.plate", "8OB-123", "4XY-777"),
    Field(f"{CAR_PATH}.colour", "RED", "BLU"),
    Field(f"{CAR_PATH}.year", 2010, 2019),
    Field("body.organisations.organisation.name", "Alder Marine", "Elm Books"),
    Field("body.locations.location.address", "400 Tremont Street", "9 Elm Street"),
    Field("body.record_id", "F-1", "F-77"),
]  # fmt: skip
ALL_X = {field.path: field.x for field in FIELDS}


HIDDEN = "  not-disputed:\n    level: hidden\n    only: [disputed]\n"
POINTED = f"""    disputed: false
  of-disputed:
    level: pointer
    purposes: [criminal_investigation]
    record_kinds: [{KIND}]
    bases: [field_contact]
    evidence_kinds: [fact]
    disputed: true
"""


@cache
def policies(masks: tuple[str, ...], disputed: str = "hidden") -> Policies:
    """Give the agreement that masks fields and hides, or points at, what is disputed."""
    masked = f"    masks: [{', '.join(masks)}]\n" if masks else ""
    return policies_of(EVERYTHING + masked + (HIDDEN if disputed == "hidden" else POINTED))


@cache
def _desk() -> Desk:
    """Give the one intake of all records; it forgets each before the next."""
    return Desk(MemoryRegistry())


@cache
def change(number: int, values: tuple[bytes, ...], *, disputed: bool) -> Change[Any]:
    """Give what the index gets of a record with these values, under a key that is only its own."""
    said = dict(orjson.loads(value) for value in values)
    kept = person(
        *said[f"{PERSON}.names"][0],
        date_of_birth=part("DateValue", value=said[f"{PERSON}.date_of_birth"]),
        sex=coded(said[f"{PERSON}.sex"]), race=coded(said[f"{PERSON}.race"]),
        hair_colour=coded(said[f"{PERSON}.hair_colour"]),
        height_inches=said[f"{PERSON}.height_inches"],
        weight_pounds=said[f"{PERSON}.weight_pounds"], phones=said[f"{PERSON}.phones"],
        emails=said[f"{PERSON}.emails"],
        identifiers=[part("Identifier", type="ssn", value=said[f"{PERSON}.identifiers"])],
    )  # fmt: skip
    address = part("Address", full=said["body.locations.location.address"])
    firm = organisation_role(KIND, "o1")
    firm["organisation"]["name"] = said["body.organisations.organisation.name"]
    body = records.body(
        KIND, record_id=said["body.record_id"], narrative=said["body.narrative"],
        people=[person_role(KIND, "p1", person=kept)],
        vehicles=[vehicle_role(KIND, "v1", plate=said[f"{CAR_PATH}.plate"],
                               colour=coded(said[f"{CAR_PATH}.colour"]),
                               year=said[f"{CAR_PATH}.year"])],
        organisations=[firm],
        locations=[location_role(KIND, "l1", address=address)],
    )  # fmt: skip
    told = records.change(
        KIND, record_key=record_key(records.SECRET, KIND, str(number)), body=body,
        disputes=[DISPUTED] if disputed else [],
    )  # fmt: skip
    desk = _desk()
    desk.states.clear()
    desk.offset = number
    handled = desk.say(told)
    assert handled.quarantined is None, handled.quarantined
    (output,) = [each for each in handled.outputs if each.topic == RECORDS]
    return change_of(decoded(output.value))._replace(place=(0, number))


def made(number: int, values: dict[str, Any], *, disputed: bool = False) -> Change[Any]:
    written = tuple(orjson.dumps([name, value]) for name, value in sorted(values.items()))
    return change(number, written, disputed=disputed)


VALUES = st.fixed_dictionaries(
    {field.path: st.sampled_from([field.x, field.x, field.y]) for field in FIELDS}
)
ASKED: dict[str, Sequence[Any]] = {
    "name": ["ann leigh", "zoe quist", "leigh", "qu*", "quest", "lee"],
    "date_of_birth": ["1990-01-02", "1971", "1990", "1971-12-30"],
    "sex": [("F",), ("M",)],
    "hair": [("RED",), ("BLK",)],
    "height": [Span(60, 64), Span(70, 76)],
    "weight": [Span(115, 125), Span(200, 220)],
    "age": [Span(30, 40), Span(40, 60)],
    "phone": ["617-555-0142", "555-0142"],
    "email": ["zoe@example.org", "ann@example.org"],
    "identifiers": [(IdentifierAsked("ssn", n),) for n in ("219-09-9999", "219-09-8888")],
    "plate": ["8OB123", "4XY*", "8OB", "4XY777"],
    "colour": [("RED",), ("BLU",)],
    "vehicle_year": [Span(2009, 2011), Span(2018, 2020)],
    "organisation": ["alder marine", "elm books"],
    "address": ["400 Tremont", "9 elm street"],
    "number": ["F-1", "F-77"],
    "text": ["coins", "zoe", "elm", '"rare coins"', "ann 8ob123", "quis*",
             "tremont", "219-09-9999", "617-555-0142", "f77"],
    "text_any": ["coins elm", "quist leigh"],
    "text_none": ["coins", "quist", "elm", "leigh", "tremont"],
    "bases": [("field_contact",)],
    "evidence": [("fact",)],
    "record_kinds": [(KIND,)],
    "sort": list(Sort),
    "page": (1, 2),
    "page_size": (1, 2, 3),
}  # fmt: skip
"""What may be asked, by criterion."""
QUESTIONS = st.fixed_dictionaries(
    {}, optional={name: st.sampled_from(choices) for name, choices in ASKED.items()}
)


def narrowed(asked: dict[str, Any], keep: list[int]) -> Criteria:
    """Give criteria of a few of the drawn fields, for asking everything at once finds nothing."""
    names = sorted(asked)
    chosen = {names[at % len(names)] for at in keep} if names else set()
    return Criteria(**{name: asked[name] for name in chosen} or {"text": "ann"})


CRITERIA = st.builds(narrowed, QUESTIONS, st.lists(st.integers(0, 30), min_size=1, max_size=4))


def graph_of(numbers: Sequence[int]) -> list[Change[Any]]:
    """Give who the mentions are, the same people in every record, and a tie in each record."""
    said: list[Change[Any]] = []
    for number in numbers:
        key = record_key(records.SECRET, KIND, str(number))
        is_odd = number % 2
        said += [
            identity(f"{key}.p1", ANN if is_odd else BO),
            identity(f"{key}.v1", CAR, "vehicle"),
            stands(association(ANN if is_odd else BO, CAR, "used_vehicle", "field_contact",
                               record=key, locals_=("p1", "v1"), contact_basis="encounter",
                               from_kind="person", to_kind="vehicle",
                               disputes=_disputes_of(number))),
        ]  # fmt: skip
    return said


HIDDEN_NUMBER = 9


def _disputes_of(number: int) -> list[Any]:
    open_ = part("AssociationDispute", dispute_id="D-7", by="subject")
    return [open_] if number == HIDDEN_NUMBER else []


@contextmanager
def engine_of(changes: Sequence[Change[Any]], *, real: bool) -> Iterator[SearchEngine]:
    progress = {("records.v1", 0): Progress(99, 0)}
    if not real:
        index = MemoryIndex()
        index.apply(changes, progress)
        yield index
        return
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "i.sqlite"
        written = SqliteIndex(path)
        written.apply(changes, progress)
        reader = SqliteSearch(path)
        try:
            yield reader
        finally:
            reader.close()
            written.close()


def answers(
    changes: Sequence[Change[Any]], masks: tuple[str, ...], *criteria: Criteria, real: bool,
    disputed: str = "hidden",
) -> Any:  # fmt: skip
    """Give all that leaves: the answers of every question as programs get them, and the audit."""
    audit, told, said = MemoryAudit(), [], policies(masks, disputed)
    with engine_of(changes, real=real) as engine:
        access = Access(engine, Sights(engine, lambda: said), Agency(METRO, "MA0130000"))
        search = Search(access, audit, ManualClock(), SequenceIds(), SECRET)
        asked = Inquiries(access, audit, ManualClock(), SequenceIds())
        questions: list[Any] = [
            *(partial(_searched, search, each) for each in criteria),
            lambda: page_as_json(asked.show(WHO, ANN)),
            lambda: page_as_json(asked.show(WHO, CAR)),
            lambda: ways_as_json(asked.path(WHO, ANN, BO)),
            lambda: network_as_json(asked.network(WHO, CAR, 2, with_assessments=True)),
        ]
        for question in questions:
            try:
                told.append(question())
            except (BadQuery, Refused) as error:
                told.append([str(error), str(error.hint), str(error.reason)])
    return orjson.loads(orjson.dumps([told, [repr(entry) for entry in audit.entries]]))


def _searched(search: Search, criteria: Criteria) -> Any:
    answer = search.search(WHO, criteria, with_entities=True)
    return as_json(answer) | {"entities": [entity_as_json(each) for each in answer.entities or ()]}


class Masked(NamedTuple):
    """Masks, and fields whose values nobody may learn anything of by them."""

    masks: tuple[str, ...]
    fields: list[Field]


def _of(*fields: Field) -> Masked:
    return Masked(tuple(sorted(field.path for field in fields)), list(fields))


def _within(mask: str) -> Masked:
    return Masked((mask,), [field for field in FIELDS if field.path.startswith(f"{mask}.")])


POOL = [
    *(_of(each) for each in FIELDS),
    *(_of(*FIELDS[at : at + 4]) for at in range(0, len(FIELDS), 2)),
    *(_within(mask) for mask in ("body.people", PERSON, "body.vehicles", CAR_PATH,
                                 "body.locations", "body.organisations")),
]  # fmt: skip
"""Each field by itself, some together, and whole parts; every set is a policy to compile."""
MASKED = st.sampled_from(POOL)
OTHERS = st.lists(VALUES, max_size=3)
WORLDS, ASKED_OF_EACH = 250, 8
"""Of every kind of pair there are WORLDS, and so many searches of each besides the four looks at
the graph: 2,000 pairs of answers, told apart by their seed."""
VARIANTS = 40


@cache
def variant(number: int) -> dict[str, Any]:
    """Give the values of a record out of a pool, for it takes long to make one."""
    chance = random.Random(number)
    return {field.path: chance.choice((field.x, field.x, field.y)) for field in FIELDS}


def drawn(chance: random.Random) -> tuple[dict[str, Any], list[dict[str, Any]], list[Criteria]]:
    """Draw a record's values, those of others, and what is asked."""
    mine, *others = (variant(chance.randrange(VARIANTS)) for _ in range(chance.randint(1, 4)))
    names = [chance.sample(sorted(ASKED), chance.randint(1, 4)) for _ in range(ASKED_OF_EACH)]
    criteria = [Criteria(**{name: chance.choice(ASKED[name]) for name in some}) for some in names]
    return mine, others, criteria


def check_masks(
    masked: Masked, values: dict[str, Any], others: list[dict[str, Any]], *criteria: Criteria,
    real: bool,
) -> None:  # fmt: skip
    """Compare two worlds that differ in masked fields only."""
    worlds = [
        [made(1, values | {field.path: getattr(field, which) for field in masked.fields}),
         *(made(n, each) for n, each in enumerate(others, 2)),
         *graph_of(range(1, len(others) + 2))]
        for which in ("x", "y")
    ]  # fmt: skip
    x, y = (answers(world, masked.masks, *criteria, real=real) for world in worlds)
    assert x == y


def check_drawn_masks(worlds: int) -> None:
    for seed in range(worlds):
        chance = random.Random(seed)
        masked = chance.choice(POOL)
        mine, others, criteria = drawn(chance)
        check_masks(masked, mine, others, *criteria, real=False)


def test_no_answer_tells_what_stands_behind_a_mask() -> None:
    check_drawn_masks(WORLDS)


def test_a_mask_that_is_forgotten_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sights, "_of_records", lambda _: frozenset())
    with pytest.raises(AssertionError):
        check_drawn_masks(10)


@settings(max_examples=40, deadline=None)
@given(MASKED, VALUES, OTHERS, CRITERIA)
def test_the_real_index_tells_no_more_of_a_mask(
    masked: Masked, values: dict[str, Any], others: list[dict[str, Any]], criteria: Criteria
) -> None:
    check_masks(masked, values, others, criteria, real=True)


def check_hidden(
    masks: tuple[str, ...], hidden: dict[str, Any], others: list[dict[str, Any]],
    *criteria: Criteria, real: bool,
) -> None:  # fmt: skip
    """Compare a world with a record that is hidden and the same world without it."""
    known = [made(n, each) for n, each in enumerate(others, 1)]
    without = [*known, *graph_of(range(1, len(others) + 1))]
    key = record_key(records.SECRET, KIND, str(HIDDEN_NUMBER))
    secret = [
        made(HIDDEN_NUMBER, hidden, disputed=True), *graph_of([HIDDEN_NUMBER]),
        answer(key, source_seq=1),
    ]  # fmt: skip
    assert answers(without, masks, *criteria, real=real) == answers(
        [secret[0], *without, *secret[1:]], masks, *criteria, real=real
    )


MASK_SETS: list[tuple[str, ...]] = [
    (), ("body.narrative",), (f"{PERSON}.names", f"{CAR_PATH}.plate"),
]  # fmt: skip
MASKS = st.sampled_from(MASK_SETS)


def test_no_answer_tells_whether_a_hidden_record_is_there() -> None:
    for seed in range(WORLDS):
        chance = random.Random(seed)
        masks = chance.choice(MASK_SETS)
        hidden, others, criteria = drawn(chance)
        check_hidden(masks, hidden, others, *criteria, real=False)


LOOKS = [field for field in FIELDS if field.path in {
    "body.narrative", f"{PERSON}.sex", f"{PERSON}.race", f"{PERSON}.hair_colour",
    f"{PERSON}.height_inches", f"{PERSON}.weight_pounds", f"{CAR_PATH}.colour",
    f"{CAR_PATH}.year", "body.locations.location.address",
}]  # fmt: skip
"""What a record says that is not whom or what it is about."""


def test_a_pointer_tells_nothing_of_how_somebody_looks_or_where_it_was() -> None:
    for seed in range(WORLDS):
        chance = random.Random(seed)
        mine, others, criteria = drawn(chance)
        known = [made(n, each) for n, each in enumerate(others, 1)]
        ties = graph_of([*range(1, len(others) + 1), HIDDEN_NUMBER])
        x, y = (
            answers([made(HIDDEN_NUMBER, mine | looks, disputed=True), *known, *ties], (),
                    *criteria, real=False, disputed="pointer")
            for looks in ({field.path: field.x for field in LOOKS},
                          {field.path: field.y for field in LOOKS})
        )  # fmt: skip
        assert x == y


@settings(max_examples=40, deadline=None)
@given(MASKS, VALUES, OTHERS, CRITERIA)
def test_the_real_index_tells_no_more_of_a_hidden_record(
    masks: tuple[str, ...], hidden: dict[str, Any], others: list[dict[str, Any]], criteria: Criteria
) -> None:
    check_hidden(masks, hidden, others, criteria, real=True)


@pytest.mark.parametrize("real", [False, True])
def test_the_two_kinds_of_index_agree_and_something_is_found(real: bool) -> None:
    """The tests above would hold of an index that finds nothing: this one would not."""
    world = [made(1, ALL_X), made(2, ALL_X, disputed=False), *graph_of([1, 2])]
    pointed = answers(
        [made(1, ALL_X, disputed=True)], (), Criteria(name="ann leigh"), real=real,
        disputed="pointer",
    )  # fmt: skip
    assert [each["department"] for each in pointed[0][0]["pointers"]] == [records.DEPARTMENT]
    for criteria, total in (
        (Criteria(name="ann leigh"), 2), (Criteria(text="coins"), 2), (Criteria(plate="8OB*"), 2),
        (Criteria(address="400 tremont"), 2), (Criteria(name="zoe"), 0),
    ):  # fmt: skip
        found = answers(world, (f"{PERSON}.race",), criteria, real=real)
        assert found[0][0]["total"] == total
    without_names = answers(world, (f"{PERSON}.names",), Criteria(name="ann leigh"), real=real)
    by_plate = answers(world, (f"{PERSON}.names",), Criteria(plate="8OB123"), real=real)
    assert without_names[0][0]["total"] == 0
    assert by_plate[0][0]["total"] == 2
    assert "Leigh" not in repr(by_plate)
    assert {each["masked"][0] for each in by_plate[0][0]["results"]} == {f"{PERSON}.names"}


def test_a_disputed_record_is_another_class() -> None:
    hidden, plain = made(HIDDEN_NUMBER, ALL_X, disputed=True), made(1, ALL_X)
    assert {item.disputed for item in items_in(_items(hidden))} == {True}
    assert {item.disputed for item in items_in(_items(plain))} == {False}


def _items(said: Change[Any]) -> str:
    assert isinstance(said.payload, Document)
    return said.payload.items
