"""Two sides that hold the same have the same digest, and each difference is found (pure)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consumers.feeds.difference import Message
from consumers.feeds.digest import (
    Holding,
    bucket_of,
    compared,
    digest_of,
    holdings_of,
    in_bucket,
    leaves_of,
    summary_of,
)
from consumers.feeds.envelope import delivery
from consumers.feeds.view import view_of
from recordbus.canonical import canonical_json
from tests.unit.consumers.feeds import bus as made

SALT = "salt-for-tests"
NAMES = st.text("abc/é", min_size=1, max_size=6)
WORDS = ["a", "b", "version", "sequence"]
HOLDINGS = st.dictionaries(
    NAMES, st.tuples(st.integers(1, 99), st.binary(min_size=32, max_size=32)), max_size=30
)


def held(found: dict[str, tuple[int, bytes]]) -> list[Holding]:
    return [Holding(subject, *said) for subject, said in found.items()]


@given(found=HOLDINGS, order=st.randoms())
def test_the_digest_is_of_what_is_held_and_not_of_its_order(found, order) -> None:  # type: ignore[no-untyped-def]
    shuffled = held(found)
    order.shuffle(shuffled)
    assert summary_of(leaves_of(SALT, shuffled)) == summary_of(leaves_of(SALT, held(found)))


@given(found=HOLDINGS)
def test_the_buckets_are_all_of_it(found: dict[str, tuple[int, bytes]]) -> None:
    leaves = leaves_of(SALT, held(found))
    summary = summary_of(leaves)
    assert summary.subjects == len(found)
    assert summary.digest == digest_of(leaves.values())
    assert summary.buckets.keys() == {bucket_of(each) for each in found}
    parts = {each: in_bucket(leaves, each) for each in summary.buckets}
    assert {subject for part in parts.values() for subject in part} == leaves.keys()
    assert all(digest_of(part.values()) == summary.buckets[each] for each, part in parts.items())


@given(ours=HOLDINGS, theirs=HOLDINGS, unsettled=st.frozensets(NAMES))
def test_every_difference_is_found_and_nothing_else(
    ours: dict[str, tuple[int, bytes]],
    theirs: dict[str, tuple[int, bytes]],
    unsettled: frozenset[str],
) -> None:
    found = compared(leaves_of(SALT, held(ours)), leaves_of(SALT, held(theirs)), unsettled)
    assert found.missing == sorted(ours.keys() - theirs.keys() - unsettled)
    assert found.unexpected == sorted(theirs.keys() - ours.keys() - unsettled)
    both = ours.keys() & theirs.keys() - unsettled
    assert found.different == sorted(each for each in both if ours[each] != theirs[each])
    assert found.is_equal == (not (found.missing or found.unexpected or found.different))


@given(found=HOLDINGS.filter(bool), other=st.from_regex(r"\A[A-Za-z0-9_-]{8,64}\Z"))
def test_another_salt_makes_another_digest(found: dict[str, tuple[int, bytes]], other: str) -> None:
    one, two = leaves_of(SALT, held(found)), leaves_of(other, held(found))
    assert (summary_of(one) == summary_of(two)) == (other == SALT)


@given(
    said=st.lists(
        st.tuples(NAMES, st.none() | st.dictionaries(st.sampled_from(WORDS), st.integers(0, 9)))
    ),
    order=st.randoms(),
)
def test_what_messages_leave_is_what_the_bus_says_must_be_held(said, order) -> None:  # type: ignore[no-untyped-def]
    """The subscriber works from envelopes, the bus from its views: both come to the same."""
    expected: dict[str, Holding] = {}
    numbers: dict[str, int] = {}
    envelopes = []
    for subject, content in said:
        numbers[subject] = numbers.get(subject, 0) + 1
        view = None if content is None else view_of(subject, "full", (), content)
        status = "retracted" if view is None else "asserted"
        message = Message(subject, numbers[subject], status, None, False, view)  # type: ignore[arg-type]
        envelopes.append(message)
        expected.pop(subject, None)
        if view is not None:
            expected[subject] = Holding(subject, numbers[subject], view.digest)
    bodies = [_sent(each) for each in envelopes]
    order.shuffle(bodies)
    assert holdings_of(bodies * 2) == [expected[each] for each in sorted(expected)]


def _sent(message: Message):  # type: ignore[no-untyped-def]
    import json

    return json.loads(delivery(made.subscription(), "urn:recordbus:test", message).body)


@pytest.mark.parametrize("salt", ["", "short", "x" * 65, "with space", "ümlaut-salt"])
def test_a_salt_that_is_none_is_refused(salt: str) -> None:
    with pytest.raises(ValueError, match="salt"):
        leaves_of(salt, [])


def test_a_leaf_can_be_made_by_anybody_who_reads_the_page() -> None:
    """The way it is written down: any language can follow it."""
    import hashlib
    import hmac

    content = {"b": 1, "a": "ü", "version": 7, "sequence": 3}
    digest = hashlib.sha256(canonical_json({"a": "ü", "b": 1})).hexdigest()
    text = f'["record/1",2,"{digest}"]'.encode()
    expected = hmac.new(SALT.encode(), text, hashlib.sha256).hexdigest()
    data = {
        "level": "full", "content": content, "sequence": 2, "verification": "unverified",
        "verification_at": None,
    }  # fmt: skip
    leaves = leaves_of(SALT, holdings_of([{"subject": "record/1", "data": data}]))
    assert leaves == {"record/1": expected}
