"""What stands on an owner's topic: its own uses, nothing that was asked, the same at every time."""

from __future__ import annotations

import hashlib
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from recordbus.audit.encoding import encoded
from recordbus.audit.entry import Private
from recordbus.audit.merkle import leaf_hash
from recordbus.audit.reader import decoded
from recordbus.audit.use_messages import MOST_RECORDS, Addressed, messages_of, topic_of, use_of
from recordbus.audit.uses import Use, uses_of
from recordbus.kafka.codec import Decoder, Encoder
from recordbus.testing.registry import MemoryRegistry
from schemas import catalog
from tests.unit.recordbus.audit.conftest import ORIGIN, entry

HARBOR, MILLBROOK = "harbor-city-pd", "millbrook-pd"
LIMIT = int(catalog.topics().spec(topic_of(HARBOR)).config["max.message.bytes"])


def messages(**fields: Any) -> list[Addressed]:
    leaf = encoded(entry(0, **fields), 7, lambda: bytes(16)).data
    uses = uses_of(decoded(leaf))
    return [each for use in uses for each in messages_of(use, ORIGIN, leaf_hash(leaf))]


def codec(department: str) -> tuple[Encoder, Decoder]:
    registry = MemoryRegistry()
    registry.add_topic(topic_of(department))
    subject = f"{topic_of(department)}-value"
    return Encoder(registry, subject), Decoder(registry, subject)  # type: ignore[arg-type]


def framed(message: Addressed) -> bytes:
    return codec(message.department)[0].encode(message.value)


def test_an_owner_reads_back_what_the_entry_says_of_its_records() -> None:
    leaf = encoded(
        entry(0, records=("h1@3", "m1@1"), owners=(HARBOR, MILLBROOK), levels=("full", "pointer"),
              agency_ori="ZZ0010100", on_behalf_of="Metro", case_checked=True,
              policy_version="v3"),
        7, lambda: bytes(16),
    ).data  # fmt: skip
    harbor, _ = uses_of(decoded(leaf))
    (message,) = messages_of(harbor, ORIGIN, leaf_hash(leaf))
    value = codec(HARBOR)[1].decode(framed(message))

    assert use_of(HARBOR, value) == harbor
    assert value["entry_hash"] == leaf_hash(leaf).hex()
    assert (value["log"], value["part"], value["parts"]) == (ORIGIN, 1, 1)


def test_nothing_that_was_asked_and_nothing_of_others_is_on_a_topic() -> None:
    """R-27, R-41: also not the commitments, which only an auditor may open."""
    harbor, millbrook = messages(
        records=("harbor-key@1", "millbrook-key@1"), owners=(HARBOR, MILLBROOK),
        asked={"name": Private("Jane Canary"), "sex": ["F"]}, reasons=("millbrook-rule/1",),
        entities=("entity-1",), associations=("association-1",),
    )  # fmt: skip

    for message, other in ((harbor, b"millbrook"), (millbrook, b"harbor")):
        told = message.key + framed(message)
        for secret in (b"Jane", b"Canary", b"committed:", b"sex", b"entity-1", b"association-1"):
            assert secret not in told
        assert other not in told


def test_a_message_is_the_same_whenever_it_is_published() -> None:
    once, again = messages(owners=(HARBOR,)), messages(owners=(HARBOR,))

    assert once == again
    assert [framed(each) for each in once] == [framed(each) for each in again]
    assert once[0].key == once[0].value["use_id"].encode()
    assert len(once[0].key) == 2 * hashlib.sha256().digest_size


@given(st.integers(0, 2 * MOST_RECORDS + 1))
def test_a_use_of_many_records_comes_in_parts_that_fit(count: int) -> None:
    records = tuple(f"{number:064x}@1" for number in range(count))
    found = messages(records=records, owners=(HARBOR,), levels=("full",) if records else ())

    assert [each.value["part"] for each in found] == list(range(1, len(found) + 1))
    assert {each.value["parts"] for each in found} == {len(found)}
    assert len({each.key for each in found}) == len(found)
    keys = [used["record_key"] for each in found for used in each.value["records"]]
    assert keys == [each.removesuffix("@1") for each in records]


def test_the_largest_message_fits_the_topic() -> None:
    longest = "k" * 300
    found = messages(
        records=(longest,) * MOST_RECORDS, owners=(HARBOR,), levels=("pointer",),
        reasons=("r" * 300,) * 20_000, requester="é" * 200,
    )  # fmt: skip

    assert len(found) == 1
    assert len(framed(found[0])) < LIMIT


def test_owners_have_keys_of_their_own_for_one_entry() -> None:
    harbor, millbrook = messages(records=("a", "b"), owners=(HARBOR, MILLBROOK))

    assert harbor.key != millbrook.key
    assert (harbor.department, millbrook.department) == (HARBOR, MILLBROOK)


def test_a_use_is_shown_with_its_department() -> None:
    (message,) = messages(owners=(HARBOR,))
    use = use_of(HARBOR, message.value)

    assert isinstance(use, Use)
    assert (use.department, use.sequence, use.at[-1]) == (HARBOR, 7, "Z")
