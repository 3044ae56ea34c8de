"""What a record lays before meetings: every key where it lives, and no value in plain (R-10)."""

from __future__ import annotations

import re
from importlib import resources
from itertools import combinations
from random import Random
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recordbus.testing import records
from recordbus.testing.registry import MemoryRegistry
from schemas.types import Bundle, Record
from streams.intake.testing import Desk as Intake
from streams.intake.testing import record_of
from streams.meet.digests import KINDS, Digests, keys_in, kind_of, partition_of, text_of
from streams.meet.entries import EntryReader, Head
from streams.meet.mentions import KIND_OF, local_id_of
from streams.meet.offer import bundles_of_record, removal
from streams.meet.testing import Desk
from streams.resolution.from_records import mentions_of
from streams.resolution.keys import keys_of
from streams.resolution.kinds import KINDS as MENTION_KINDS
from streams.resolution.mentions import Mention, PersonMention
from streams.shipped_models import shipped
from tests.simulator.meet.people import record as random_record

DIGESTS = Digests(b"identifier secret of the bus 32b")
DESK = Desk()
READER: EntryReader = DESK.machine._reader
HOME = 3


def a_record(seed: int, version: int = 1) -> Record:
    key = f"{seed:064x}"
    return cast(Record, random_record(Random(seed), key, version))


def rebuilt(bundle: Bundle) -> dict[str, Mention]:
    """Give the mentions that come out of a bundle's bytes, by id."""
    head = READER.read(DESK.writer.bundle(bundle))
    assert isinstance(head, Head)
    return {mention.mention_id: mention for mention in READER.mentions(head)}


def compared(a: Mention, b: Mention) -> tuple[Any, ...]:
    """Give all that a comparison says, with the digests of the values that both share."""
    kind = KIND_OF[type(a)]
    evidence = MENTION_KINDS[kind].compare(a, b, shipped(kind).terms)
    is_apart = MENTION_KINDS[kind].are_told_apart(a, b)
    return evidence.levels, evidence.frequencies, evidence.shared, is_apart


def with_digests(found: tuple[Any, ...], kind: str) -> tuple[Any, ...]:
    levels, frequencies, shared, is_apart = found
    told = {text_of(DIGESTS.key(kind, key)): level for key, level in shared}
    return levels, frequencies, told, is_apart


@settings(max_examples=60)
@given(seeds=st.lists(st.integers(0, 10_000), min_size=2, max_size=4, unique=True),
       partitions=st.sampled_from([1, 4]))  # fmt: skip
def test_mentions_out_of_bundles_compare_as_they_did(seeds: list[int], partitions: int) -> None:
    originals: dict[str, Mention] = {}
    again: list[dict[str, Mention]] = []
    for record in map(a_record, seeds):
        originals |= {mention.mention_id: mention for mention in mentions_of(record)}
        again += map(rebuilt, bundles_of_record(record, HOME, DIGESTS, partitions).values())
    for first, second in combinations(again, 2):
        for a, b in ((a, b) for a in first.values() for b in second.values()):
            plain_a, plain_b = originals[a.mention_id], originals[b.mention_id]
            if type(a) is type(b) and a.mention_id != b.mention_id:
                levels, frequencies, shared, is_apart = compared(a, b)
                wanted = with_digests(compared(plain_a, plain_b), KIND_OF[type(a)])
                assert (levels, frequencies, dict(shared), is_apart) == wanted


@settings(max_examples=60)
@given(seed=st.integers(0, 10_000), partitions=st.sampled_from([1, 2, 4, 7]))
def test_every_key_lives_in_one_partition_and_home_has_all_mentions(
    seed: int, partitions: int
) -> None:
    record = a_record(seed)
    bundles = bundles_of_record(record, HOME, DIGESTS, partitions)
    wanted = {}
    for mention in mentions_of(record):
        kind, keys = KIND_OF[type(mention)], keys_of(mention)
        values = MENTION_KINDS[kind].values(mention)
        wanted[mention.mention_id] = (
            {DIGESTS.key(kind, text) for text in keys.own | keys.values},
            {DIGESTS.key(kind, text) for text in values},
        )
    found: dict[str, tuple[set[bytes], set[bytes]]] = {name: (set(), set()) for name in wanted}
    for part, bundle in bundles.items():
        assert bundle["parts"] == list(bundles)
        for name, member in zip(rebuilt(bundle), bundle["members"], strict=True):
            for place, told in enumerate((member["keys"], member["values"])):
                keys_here = list(keys_in(told))
                assert all(partition_of(key, partitions) == part for key in keys_here)
                assert found[name][place].isdisjoint(keys_here)
                found[name][place].update(keys_here)
    assert found == wanted
    home = bundles[partition_of(record["record_key"].encode(), partitions)]
    assert home["is_home"]
    assert sum(bundle["is_home"] for bundle in bundles.values()) == 1
    assert set(rebuilt(home)) == set(wanted)


@settings(max_examples=30)
@given(seed=st.integers(0, 10_000))
def test_members_out_of_a_bundle_say_what_entities_may_not_have_two_of(seed: int) -> None:
    record = a_record(seed)
    bundle = bundles_of_record(record, HOME, DIGESTS, 1)[0]
    for mention in mentions_of(record):
        kind = MENTION_KINDS[KIND_OF[type(mention)]]
        assert kind.member(rebuilt(bundle)[mention.mention_id]) == kind.member(mention)


@pytest.fixture
def intake() -> Intake:
    """Give an intake that publishes records."""
    return Intake(MemoryRegistry())


def published(intake: Intake, kind: str = "field_contact", **fields: Any) -> Record:
    """Give the record that intake makes of a change."""
    said = records.change(kind, body=records.body(kind) | fields)
    return cast(Record, record_of(intake.say(said)))


def test_nothing_that_many_may_hold_is_in_a_bundle_in_plain(intake: Intake) -> None:
    person = records.person(emails=["maria@example.org"])
    record = published(intake, people=[records.person_role("field_contact", "p1", person=person)])
    mention = next(iter(mentions_of(record)))
    assert isinstance(mention, PersonMention)
    assert mention.phones
    assert mention.emails
    assert mention.addresses[0].key
    value = DESK.writer.bundle(bundles_of_record(record, HOME, DIGESTS, 1)[0])
    hidden = [*mention.phones, *mention.emails, *(each.key for each in mention.addresses)]
    hidden += keys_of(mention).own
    for text in hidden:
        assert text.encode() not in value
    assert mention.names[0].surname.encode() in value


def test_where_people_come_from_is_in_no_bundle(intake: Intake) -> None:
    """R-10: race, ethnicity and complexion change nothing of what is laid before meetings."""
    plain = published(intake)
    person = records.person(
        race=records.coded("B", "Black"),
        ethnicity=records.coded("H", "Hispanic"),
        complexion=records.coded("DRK", "Dark"),
    )
    people = [records.person_role("field_contact", "p1", person=person)]
    described = published(Intake(MemoryRegistry()), people=[*people, *_others(plain)])
    bare = bundles_of_record(plain, HOME, DIGESTS, 1)
    assert bundles_of_record(described, HOME, DIGESTS, 1) == bare


def _others(record: Record) -> list[Any]:
    assert record["body"] is not None
    return list(record["body"]["people"][1:])


def test_people_who_are_only_described_are_nobody_elses(intake: Intake) -> None:
    role = records.person_role("field_contact", "p1", description_only=True, age_years=40)
    bundle = bundles_of_record(published(intake, people=[role]), HOME, DIGESTS, 1)[0]
    assert bundle["people"] == []
    assert bundle["others"] == [{"local_id": "p1", "kind": "person", "age_years": 40}]


def test_a_courts_record_says_what_it_decides_about_whom(intake: Intake) -> None:
    """R-26: a decision is about defendants, never about victims or witnesses."""
    kind = "court_disposition"
    people = records.people(kind, "defendant", "victim", "defendant")
    bundle = bundles_of_record(published(intake, kind, people=people), HOME, DIGESTS, 1)[0]
    assert bundle["decision"] is not None
    assert bundle["decision"]["people"] == ["p1", "p3"]
    assert bundle["matters"]


@pytest.mark.parametrize(("kind", "is_reached"), [("arrest", True), ("field_contact", False)])
def test_only_what_a_court_may_end_is_reached_by_courts(
    intake: Intake, kind: str, is_reached: bool
) -> None:
    """R-26: other records do not fill the blocks of the matters that they name."""
    bundle = bundles_of_record(published(intake, kind), HOME, DIGESTS, 1)[0]
    assert bundle["decision"] is None
    assert bundle["reached_by_courts"] is is_reached
    assert bool(bundle["matters"]) is is_reached


def test_the_other_partitions_get_a_matter_only_where_it_lives(intake: Intake) -> None:
    record = published(intake, "arrest")
    bundles = bundles_of_record(record, HOME, DIGESTS, 16)
    there = [(part, m) for part, b in bundles.items() for m in b["matters"] if m["key"]]
    assert {m["local_id"] for _, m in there} == {
        m["local_id"] for b in bundles.values() if b["is_home"] for m in b["matters"]
    }
    assert all(partition_of(m["key"], 16) == part for part, m in there)


def test_a_removal_has_no_content() -> None:
    said = removal("a" * 64, 7, HOME, [], "expunged")
    assert said == {
        "record_key": "a" * 64,
        "version": 7,
        "home_partition": HOME,
        "parts": [],
        "reason": "expunged",
    }


def test_one_text_of_two_kinds_of_mention_has_two_digests() -> None:
    phone = "phone:+16175550142"
    assert DIGESTS.key("person", phone) != DIGESTS.key("organisation", phone)
    assert kind_of(DIGESTS.key("person", phone)) == "phone"


@given(kind=st.sampled_from(KINDS), one=st.text(), other=st.text())
def test_keys_and_their_texts_are_equal_together(kind: str, one: str, other: str) -> None:
    first, second = (DIGESTS.key("person", f"{kind}:{rest}") for rest in (one, other))
    assert (text_of(first) == text_of(second)) == (first == second) == (one == other)
    assert text_of(first).startswith(f"{kind}:")
    assert len(text_of(first)) == len(kind) + 12


def test_every_kind_of_key_that_resolution_knows_has_a_place() -> None:
    """A kind that is not listed would stop a record."""
    source = resources.files("streams.resolution").joinpath("keys.py").read_text(encoding="utf-8")
    named = set(re.findall(r'f?"([a-z+]+):', source))
    assert {"id", "door+year", "plate", "words"} <= named
    assert named | {"phone", "email", "address", "matter"} <= set(KINDS)


def test_the_local_id_is_what_follows_the_record_key() -> None:
    record = a_record(4)
    ids = {local_id_of(mention) for mention in mentions_of(record)}
    assert ids <= {"p0", "p1", "v1", "o1"}
