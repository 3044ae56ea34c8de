"""The pure parts of identify: what a list names, who names it, time, and how groups grow."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recordbus.errors import Rejected
from recordbus.kafka.wire import frame
from schemas import catalog
from streams.identify import testing
from streams.identify.entries import EntryReader, Told, digest_in, mentioned, start_of
from streams.identify.growth import Plain, grown
from streams.identify.judged import Decided, Judged
from streams.identify.lists import UNHEARD, Crossing, Standing, with_told
from streams.intake.decode import GuardedDecoder
from streams.resolution.joints import Age, Joint, ends_of, joint, spanning
from streams.resolution.judgements import Judgement
from streams.resolution.kinds import KINDS
from streams.resolution.mentions import Identifier
from streams.resolution.person.facts import PersonFacts

RULES = KINDS["person"].rules

local_ids = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_:-]{0,63}", fullmatch=True)
digests = st.text("abcXYZ019_-", min_size=11, max_size=11)
values = st.builds(
    lambda kind, digest: f"{kind}:{digest}", st.sampled_from(["phone", "email", "address"]), digests
)


@st.composite
def lists(draw: st.DrawFn) -> dict[str, Any]:
    """Give a list with pairs and courts, of whatever local ids may be."""
    others = st.integers(2, 9).map(testing.record_key)
    pairs = [
        testing.pair(
            f"{draw(others)}.{draw(local_ids)}",
            version=draw(st.integers(1, 2**60)),
            local_id=draw(local_ids),
            shared=[each for value in draw(st.lists(values)) for each in testing.shared(value)],
        )
        for _ in range(draw(st.integers(0, 4)))
    ]
    courts = [testing.court(draw(st.integers(1, 9)), 1) for _ in range(draw(st.integers(0, 2)))]
    members = [testing.member(draw(local_ids), births=["1980-01-01"])]
    return testing.evidence(pairs=pairs, courts=courts, members=members)


def reader() -> EntryReader:
    registry = testing.registry()
    schema = catalog.avro_schema(testing.ENTRY)
    return EntryReader(registry.id_of("verdicts.v1-value"), GuardedDecoder(registry, schema, ""))


@given(lists())
def test_a_glance_at_a_list_finds_all_that_reading_it_does(said: dict[str, Any]) -> None:
    value = testing.framed("RecordEvidence", said)
    read = reader().evidence(value)
    named = {start_of(each.other) for each in read.pairs}
    named |= {start_of(key) for each in read.courts for key in (each.arrest_key, each.court_key)}
    shared = {digest_in(key) for each in read.pairs for key, _ in each.evidence.shared}
    glance = mentioned(value)
    assert glance.records == named | {start_of(said["record_key"])}
    assert glance.digests >= shared


@given(lists())
def test_what_another_version_of_the_schema_wrote_is_read_as_ours(said: dict[str, Any]) -> None:
    value = testing.framed("RecordEvidence", said)
    registry = testing.registry()
    decoder = GuardedDecoder(registry, catalog.avro_schema(testing.ENTRY), "")
    newer = EntryReader(9_999, decoder)
    canonical = newer.canonical(value)
    assert canonical == frame(9_999, value[5:])
    assert newer.evidence(canonical) == reader().evidence(value)


def test_what_is_cut_short_is_refused_and_changes_nothing() -> None:
    said = testing.evidence(2, pairs=[testing.pair(testing.mention(1))])
    key, value = testing.key_of("RecordEvidence", said), testing.framed("RecordEvidence", said)
    desk = testing.Desk()
    desk.evidence(1)
    before = desk.machine.index
    for size in range(5, len(value)):
        with pytest.raises(Rejected, match="not_decodable"):
            desk.send(key, value[:size])
    assert desk.machine.index == before


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sets(st.sampled_from([b"1", b"2", b"3"])))))
def test_who_names_what_follows_every_change(changes: list[tuple[str, set[bytes]]]) -> None:
    crossing, naming = Crossing(), dict[str, set[bytes]]()
    for record, things in changes:
        before = naming.get(record, set())
        crossing.drop(before - things, record)
        crossing.add(things - before, record)
        naming[record] = things
    wanted: dict[bytes, set[str]] = {}
    for record, things in naming.items():
        for each in things:
            wanted.setdefault(each, set()).add(record)
    assert crossing.content() == wanted


def told(partition: int, version: int, parts: tuple[int, ...], *, gone: bool = False) -> Told:
    return Told("k", partition, version, 0, parts, None if gone else b"v", None)


@given(
    st.lists(
        st.tuples(st.integers(0, 2), st.integers(1, 3), st.booleans()), min_size=1, max_size=8
    ),
    st.lists(st.sets(st.integers(0, 2)), min_size=3, max_size=3),
)
def test_a_version_counts_once_all_its_parts_have_spoken(
    said: list[tuple[int, int, bool]], parts_of: list[set[int]]
) -> None:
    spoken, last = UNHEARD, dict[int, Told]()
    for partition, version, gone in said:
        parts = tuple(sorted(parts_of[version - 1]))
        last[partition] = told(partition, version, parts, gone=gone or partition not in parts)
        spoken = with_told(spoken, last[partition])
    newest = max(each.version for each in last.values())
    parts = tuple(sorted(parts_of[newest - 1]))
    has = {p for p, each in last.items() if each.version == newest and each.value is not None}
    assert spoken.version == newest
    if not parts:
        assert spoken.standing is Standing.GONE
    else:
        assert spoken.is_live == has.issuperset(parts)


@given(
    st.lists(
        st.tuples(
            st.sampled_from([("a", "b"), ("a", "c"), ("b", "c")]),
            st.one_of(st.none(), st.tuples(st.booleans(), st.one_of(st.none(), st.integers(1, 5)))),
        )
    ),
    st.integers(0, 6),
)
def test_judgements_count_until_they_are_revoked_or_over(
    said: list[tuple[tuple[str, str], tuple[bool, int | None] | None]], now: int
) -> None:
    judged, wanted = Judged(), dict[tuple[str, str], Decided]()
    for ends, what in said:
        decided = None if what is None else Decided(Judgement(*ends, what[0], "r", "jo"), what[1])
        judged.put(ends, decided)
        if decided is None:
            wanted.pop(ends, None)
        else:
            wanted[ends] = decided
    lapsing = set(judged.lapsing(now))
    standing = {ends for ends in wanted if judged.in_force(ends)}
    judged.now = now
    later = {ends for ends in wanted if judged.in_force(ends)}
    assert standing - later == lapsing
    assert later == {e for e, d in wanted.items() if d.until is None or d.until > now}
    assert judged.count == len(later)
    assert judged.content()[1].keys() == {end for ends in wanted for end in ends}


def age(name: str) -> Age:
    """Give the age of a mention of one letter: a comes first."""
    return (ord(name), name)


ends = st.tuples(st.sampled_from("abcdef"), st.sampled_from("abcdef")).filter(
    lambda pair: pair[0] < pair[1]
)
links = st.dictionaries(ends, st.integers(1, 9).map(float)).map(
    lambda weighed: [joint(age(a), age(b), bits) for (a, b), bits in weighed.items()]
)


def plain(joints: Mapping[str, Joint], names: Collection[str]) -> Plain:
    """Give a part of whom nothing is known that tells persons apart."""
    nothing = PersonFacts((), (), (), ())
    return Plain(nothing, age(min(names)), age(max(names)), frozenset(), False, joints)


@given(links, st.permutations("abcdef"), st.integers(1, 5))
def test_what_holds_a_grown_group_is_what_would_hold_it_from_the_start(
    found: list[Joint], order: list[str], cut: int
) -> None:
    """A part keeps only what holds it; no link that it let go can hold the whole."""
    first = set(order[:cut])
    inner = [each for each in found if first.issuperset(ends_of(each))]
    outer = [each for each in found if not first.issuperset(ends_of(each))]
    held = spanning(inner)
    if len(held) < len(first) - 1:
        return
    parts = [plain(held, first), *(plain({}, each) for each in order[cut:])]
    whole = grown(parts, outer, RULES)
    wanted = spanning(found)
    assert (whole.joints if whole else None) == (wanted if len(wanted) == 5 else None)


@given(st.lists(st.integers(1, 9), min_size=3, max_size=3))
def test_who_comes_last_joins_by_the_strongest_link_and_leaves_the_others_theirs(
    bits: list[int],
) -> None:
    part = plain(spanning([joint(age("a"), age("b"), 9), joint(age("b"), age("c"), 9)]), "abc")
    new = [joint(age(each), age("d"), weight) for each, weight in zip("abc", bits, strict=True)]
    whole = grown([part, plain({}, "d")], new, RULES)
    assert whole is not None
    assert whole.joints == {**part.joints, "d": min(new)}
    assert ends_of(whole.joints["d"]) == ("abc"[bits.index(max(bits))], "d")


def test_mentions_of_which_each_has_two_numbers_are_not_plainly_one() -> None:
    """What is found step by step is what is found from the start, however odd the mentions."""
    numbers = tuple(Identifier("ssn", "", each, each) for each in ("111223333", "999887777"))
    single = plain({}, "a")._replace(facts=PersonFacts(numbers, (), (), ()))
    other = single._replace(earliest=age("b"), latest=age("b"))
    assert grown([single, other], [joint(age("a"), age("b"), 9)], RULES) is None


def test_the_header_of_our_own_schema_is_not_decoded_twice() -> None:
    value = testing.framed("DefaultValue", {"value": "phone:AAAAAAAAAAA", "is_default": True})
    assert reader().canonical(value) is value
