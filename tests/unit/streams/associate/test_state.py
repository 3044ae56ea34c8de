"""What is remembered of a record comes back as it was, and its expiry dates in any order."""

from __future__ import annotations

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from streams.associate.expiries import Expiries
from streams.associate.state import (
    NOTHING,
    Pair,
    RecordState,
    Said,
    Side,
    decode,
    dues_of,
    expiring,
)

VERSIONS = st.integers(0, 2**62)
IDS = st.binary(min_size=32, max_size=32).map(bytes.hex)
BYTES = st.one_of(st.just(b""), st.binary(max_size=40), st.just(b"a crowd " * 1000))
SAID = st.builds(
    Said,
    sequence=st.integers(1, 2**32 - 1),
    is_live=st.booleans(),
    is_asserted=st.booleans(),
    digest=st.binary(min_size=12, max_size=12),
    expires_at=st.none() | st.integers(0, 50),
    sensitive=st.booleans(),
)
SIDES = st.builds(Side, VERSIONS, BYTES)


@st.composite
def states(draw: st.DrawFn) -> RecordState:
    relations, identities = draw(SIDES), draw(SIDES)
    old = st.builds(Pair, VERSIONS, st.binary(min_size=1), st.binary(min_size=1))
    both = bool(relations.value and identities.value)
    new = st.just(Pair(relations.version, relations.value, identities.value))
    matched = draw(st.none() | old | (new if both else old))
    said = draw(st.dictionaries(IDS, SAID, max_size=4))
    return RecordState(relations, identities, matched, said, draw(VERSIONS))


@given(states())
def test_a_state_comes_back_as_it_was(state: RecordState) -> None:
    assert decode(state.encode()) == state


def test_nothing_is_known_of_a_record_that_never_spoke() -> None:
    assert decode(None) == NOTHING
    assert list(dues_of(expiring(NOTHING.encode()))) == []


def test_a_crowd_that_repeats_itself_takes_little_room() -> None:
    assert len(RecordState(Side(1, b"a crowd " * 1000)).encode()) < 200


@given(st.lists(st.tuples(st.sampled_from([b"a", b"b", b"c"]), states()), max_size=8), st.data())
def test_what_expires_follows_from_the_values_in_whatever_order_they_came(
    changes: list[tuple[bytes, RecordState]], data: st.DataObject
) -> None:
    index, values, now = Expiries(), {}, 0
    for key, state in changes:
        values[key] = state.encode()
        index.follow(key, values[key])
        if data.draw(st.booleans()):
            now = data.draw(st.integers(now, 50))
            wanted = sorted(
                (key, due.association_id)
                for key, value in values.items()
                for due in dues_of(expiring(value))
                if index.now < due.expires_at <= now
            )
            assert sorted((key, due.association_id) for key, due in index.due(now)) == wanted
            index.advance(now)
    rebuilt = Expiries()
    order = list(values.items())
    Random(len(changes)).shuffle(order)
    for key, value in order:
        rebuilt.follow(key, value)
    rebuilt.advance(now)
    assert rebuilt.content == index.content
