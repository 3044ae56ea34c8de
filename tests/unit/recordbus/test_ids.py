"""Identifiers: the same facts give the same id, other facts another, and none shows a fact."""

from __future__ import annotations

import re
import uuid

from hypothesis import given
from hypothesis import strategies as st

from recordbus.ids import UuidSource, association_id, event_id, mention_id, record_key
from recordbus.testing.ids import SequenceIds

SECRET = b"s" * 32
words = st.text(min_size=1, max_size=20)


@given(words, words)
def test_a_record_key_is_64_hex_digits_that_do_not_show_the_record_id(kind: str, rid: str) -> None:
    key = record_key(SECRET, kind, rid)

    assert re.fullmatch("[0-9a-f]{64}", key)
    assert key == record_key(SECRET, kind, rid)
    assert key != record_key(b"t" * 32, kind, rid)


def test_a_record_key_has_not_changed_since_it_was_first_used() -> None:
    assert record_key(SECRET, "arrest", "A-1") == (
        "cab16f7ee6070a1a4fa42949dddf331f30e24fc6b5e3dce04391e957a4b10ce1"
    )


@given(words, words)
def test_a_symmetric_association_has_one_id_whichever_mention_comes_first(a: str, b: str) -> None:
    one = association_id("k", a, b, "seen_with", "field_contact", symmetric=True)
    other = association_id("k", b, a, "seen_with", "field_contact", symmetric=True)

    assert one == other


def test_a_directed_association_has_another_id_the_other_way_round() -> None:
    one = association_id("k", "a", "b", "drives", "citation", symmetric=False)
    other = association_id("k", "b", "a", "drives", "citation", symmetric=False)

    assert one != other


def test_an_association_of_another_basis_has_another_id() -> None:
    """R-06: one edge per pair, type, basis and source record."""
    ids = {
        association_id(key, "a", "b", relation, basis, symmetric=True)
        for key in ("k", "l")
        for relation in ("co_arrested", "seen_with")
        for basis in ("arrest", "field_contact")
    }

    assert len(ids) == 8


def test_a_mention_id_is_the_record_key_and_the_local_id() -> None:
    assert mention_id("abc", "person-1") == "abc.person-1"


@given(words, st.integers(0, 2**62), words, words)
def test_publishing_the_same_state_again_gives_the_same_event_id(
    key: str, seq: int, status: str, content: str
) -> None:
    given_id = event_id(key, seq, status, content)

    assert given_id == event_id(key, seq, status, content)
    assert given_id != event_id(key, seq + 1, status, content)
    namespace = uuid.UUID("5f0d7a52-5c63-4d5e-9a63-0f6a3c1d6a10")
    assert given_id == str(uuid.uuid5(namespace, f"{key}|{seq}|{status}|{content}"))


def test_sources_never_give_an_id_twice() -> None:
    assert [SequenceIds("x").next() for _ in range(2)] == ["x-1", "x-1"]
    numbered, random = SequenceIds(), UuidSource()
    assert [numbered.next(), numbered.next()] == ["id-1", "id-2"]
    assert random.next() != random.next()
